"""Compiled loops kept on disk between runs.

Numba's own cache compiles a loop anew when the file that defines it changes, but not when the file of a function that
it calls does; it stops the program where no folder can be written, and where one of its files is damaged. Here a file's
name holds a digest of all that the machine code depends on, so no file is ever out of date. A file is written whole or
not at all, and read only if its checksum is right. Whatever goes wrong, the loop is compiled and runs.
"""

import hashlib
import os
import pickle
import sys
import uuid
from collections.abc import Iterator
from contextlib import suppress
from importlib import resources
from pathlib import Path
from typing import Any

import llvmlite
import numba
import numpy as np
from numba.core.compiler import CompileResult
from numba.core.serialize import dumps
from numba.misc.appdirs import AppDirs

CHECKSUM = hashlib.sha256().digest_size
"""Length of the checksum with which each file begins."""


def digest(*parts: bytes) -> str:
    """Short hexadecimal digest."""
    return hashlib.sha256(b"".join(hashlib.sha256(part).digest() for part in parts)).hexdigest()[:20]


def digest_of_sources() -> str:
    """Digest of every module of this package: any of them may end up in the machine code of any loop."""
    folder = resources.files(__package__)
    modules = sorted(file.name for file in folder.iterdir() if file.name.endswith((".py", ".pyc")))
    return digest(*(part for name in modules for part in (name.encode(), folder.joinpath(name).read_bytes())))


SOURCES = digest_of_sources()
"""Taken when the package is loaded: what is compiled later is what was loaded, even if the files change meanwhile."""

VERSIONS = (sys.implementation.cache_tag, numba.__version__, llvmlite.__version__, np.__version__)


def folders() -> Iterator[Path]:
    """Where the files may be, in order of preference: ``NUMBA_CACHE_DIR``, beside the modules, the user's caches."""
    package = Path(__file__).resolve().parent
    own = f"dlr-{digest(os.fsencode(package))}"  # other copies of the package keep theirs apart
    if numba.config.CACHE_DIR:
        yield Path(numba.config.CACHE_DIR).absolute() / own
    yield package / "__pycache__"
    user = Path(AppDirs(appname="numba", appauthor=False).user_cache_dir)
    if user.is_absolute():  # without a home it is not
        yield user / own


class LoopCache:
    """What Numba asks a function's cache, for one loop.

    Parameters
    ----------
    name : str
        Name of the loop.
    """

    cache_path = None

    def __init__(self, name: str) -> None:
        self.name = name

    def load_overload(self, signature: Any, context: Any) -> Any:
        """The loop compiled for ``signature``, or None."""
        context.refresh()
        for folder in folders():
            with suppress(Exception):  # no such file, or one that can't be read: compile
                stored = (folder / self._file(signature, context.codegen())).read_bytes()
                if hashlib.sha256(stored[CHECKSUM:]).digest() == stored[:CHECKSUM]:
                    return CompileResult._rebuild(context, *pickle.loads(stored[CHECKSUM:]))
        return None

    def save_overload(self, signature: Any, compiled: Any) -> None:
        """Keep a compiled loop in the first folder that takes it, in place of its earlier versions."""
        if compiled.library.has_dynamic_globals:  # addresses of this process
            return
        with suppress(Exception):  # the loop runs without
            data = dumps(compiled._reduce())
            file = self._file(signature, compiled.library.codegen)
            for folder in folders():
                with suppress(OSError):
                    _write(folder / file, hashlib.sha256(data).digest() + data)
                    for other in folder.glob(f"{file.removesuffix(f'{SOURCES}.nbc')}*.nbc"):
                        if other.name != file:
                            other.unlink(missing_ok=True)
                    return

    def _file(self, signature: Any, codegen: Any) -> str:
        made_for = digest(repr(VERSIONS).encode(), repr(codegen.magic_tuple()).encode(), repr(signature).encode())
        return f"{self.name}-{made_for}-{SOURCES}.nbc"

    def flush(self) -> None:
        """Nothing: no file is ever out of date."""


def _write(path: Path, data: bytes) -> None:
    """Write a file whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f"{path.name}.{uuid.uuid4().hex}")
    try:
        beside.write_bytes(data)
        os.replace(beside, path)
    finally:
        beside.unlink(missing_ok=True)
