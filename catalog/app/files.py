"""Reads matrices from files, with errors on one line, and writes files completely or not at all."""

import json
import os
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dlr._arrays import square_matrix
from dlr.arguments import InputError
from dlr.types import ArrayInput, Matrix

SUFFIXES = (".npy", ".csv", ".mtx", ".json")

MOST_ROWS = 10_000
"""Largest number of rows of a sparse matrix; as a dense one it takes 800 MB."""


def is_matrix_file(name: str) -> bool:
    """Whether ``name`` means a file rather than a target."""
    return Path(name).suffix in SUFFIXES


def read_matrix(name: str) -> Matrix:
    """A square matrix from a file.

    The suffix says how to read it: ``.npy``, ``.csv`` (commas, no header), ``.mtx`` (Matrix Market, sparse or
    dense) or ``.json`` (nested lists).

    Raises
    ------
    InputError
        If the file is missing, can't be read as its kind, or does not hold a finite real square matrix.
    """
    path = Path(name)
    if path.suffix not in SUFFIXES:
        raise InputError(f"file {name} has no known kind: name it *{', *'.join(SUFFIXES)}")
    try:
        if path.suffix == ".npy":
            content: ArrayInput = np.load(path, allow_pickle=False)
        elif path.suffix == ".csv":
            text = path.read_text(encoding="utf-8")
            content = [[float(cell) for cell in line.split(",")] for line in text.splitlines() if line.strip()]
        elif path.suffix == ".mtx":
            content = _matrix_market(path)
        else:
            content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise InputError(f"file {name} does not exist: check the path") from None
    except OSError as error:
        raise InputError(f"file {name} can't be read ({error.strerror}): check the path and its permissions") from None
    except (ValueError, EOFError, OverflowError) as error:
        reason = str(error).split("\n")[0]
        raise InputError(f"file {name} is not a valid {path.suffix} matrix ({reason}): write it again") from None
    return square_matrix(f"matrix in {name}", content)


def _matrix_market(path: Path) -> NDArray[Any]:
    from scipy.io import mminfo, mmread  # loaded where it is used: 0.1 s

    with path.open("rb"):  # SciPy reports a file it can't open as malformed
        rows, columns, *_ = mminfo(path)
    if max(rows, columns) > MOST_ROWS:
        raise ValueError(f"{rows} x {columns} entries, at most {MOST_ROWS} rows fit in memory as a dense matrix")
    content = mmread(path)
    dense: NDArray[Any] = content.toarray() if hasattr(content, "toarray") else content
    return dense


def check_destination(name: str | None) -> None:
    """Check that a file can be written, before the work starts; None and ``-`` (stdout) always pass.

    Raises
    ------
    InputError
        If the folder does not exist or can't be written to, or ``name`` is a folder.
    """
    if name in (None, "-"):
        return
    path = Path(str(name))
    if path.is_dir() or not path.parent.is_dir() or not os.access(path.parent, os.W_OK):
        raise InputError(f"file {name} can't be written: choose a path in a writable folder")


def write_text(name: str, text: str) -> None:
    """Write ``text`` to a file, completely or not at all.

    Raises
    ------
    InputError
        If the file can't be written.
    """
    path = Path(name)
    try:
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text)
            mask = os.umask(0)
            os.umask(mask)
            Path(temporary).chmod(0o666 & ~mask)
            Path(temporary).replace(path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise InputError(f"file {name} can't be written ({error.strerror}): choose a writable path") from None


def to_json(value: object) -> str:
    """``value`` as JSON text; numbers that JSON lacks (NaN, infinities) become null."""
    return json.dumps(_finite(value), indent=2, allow_nan=False) + "\n"


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    if isinstance(value, float) and not np.isfinite(value):
        return None
    return value
