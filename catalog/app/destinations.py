"""Writes results: to files completely or not at all, to devices and pipes as they are."""

import json
import os
import re
import stat
import tempfile
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from catalog.app import process
from dlr.arguments import InputError

_DESCRIPTOR = re.compile(r"(?:/proc/(\d+)(?:/task/\d+)?|/dev)/fd/(\d+)")
"""An open descriptor: of a process on Linux, of this one elsewhere."""


def checked_destination(name: str | None) -> str | None:
    """Check that an output can be written, before the work starts; returns its name, ``-`` for stdout however written.

    Devices and FIFOs are only looked at. A symbolic link counts as what it points to. Of permissions the mode bits
    count, which the superuser could ignore.

    Raises
    ------
    InputError
        If the folder does not exist or can't be written to, or the file is a folder, a socket or read-only.
    """
    if name in (None, "-"):
        return name
    try:
        if str(name).endswith(os.sep):
            raise InputError(f"file {name} can't be written, it is a folder: add a file's name")
        path = _followed(Path(str(name)))
        if _descriptor(path) == 1:
            return "-"
        if _is_stream(path):
            if _descriptor(path) is not None or (_writable(path) and not path.is_socket()):
                return name
            raise InputError(f"file {name} can't be written: choose another, or a file")
        if path.is_dir():
            raise InputError(f"file {name} can't be written, it is a folder: add a file's name")
        if not path.parent.is_dir():
            raise InputError(f"file {name} can't be written, there is no folder {path.parent}: make it first")
        if path.exists() and not _writable(path):
            raise InputError(f"file {name} can't be written, it is read-only: choose another")
        if not _writable(path.parent):
            raise InputError(f"file {name} can't be written, its folder is read-only: choose a writable folder")
        with tempfile.TemporaryFile(dir=path.parent):  # some folders say that they take files, and don't
            pass
        if hasattr(os, "pathconf") and len(os.fsencode(path.name)) > os.pathconf(path.parent, "PC_NAME_MAX"):
            raise InputError(f"file {name} can't be written, its name is too long: choose a shorter one")
    except InputError:
        raise
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise InputError(f"file {name} can't be written ({reason}): choose a path in a writable folder") from None
    return name


def is_part_of_store(name: str, store: str) -> bool:
    """Whether a file is an SQLite database or one of those that SQLite keeps beside it, however written or linked."""
    try:
        whole = os.path.realpath(store)
        parts = [whole, *(f"{whole}{ending}" for ending in ("-wal", "-shm", "-journal"))]
        path = os.path.realpath(name)
        there = [part for part in parts if os.path.exists(part) and os.path.exists(path)]
        return path in parts or any(os.path.samefile(path, part) for part in there)
    except (OSError, ValueError):
        return False


def write_text(name: str, text: str | bytes) -> None:
    """Write text, or an image, to a file, completely or not at all, or to a device or FIFO.

    The target of a symbolic link is written; a file that exists keeps its owner and permissions.

    Raises
    ------
    InputError
        If the file can't be written.
    """
    content = encoded(text)
    try:
        path = _followed(Path(name))
        if _is_stream(path):
            number = _descriptor(path)
            with open(path if number is None else os.dup(number), "wb") as stream:
                stream.write(content)
        else:
            with process.Interrupts() as interrupts:  # nothing is left beside the file
                _replace(path, content)
            interrupts.check()
    except BrokenPipeError:
        raise
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise InputError(f"file {name} can't be written ({reason}): choose a writable path") from None


def write_records(file: Path, records: Iterable[Mapping[str, Any]]) -> None:
    """Write what is on record as JSON, one record a line; what JSON can't hold, such as an infinite number, raises."""
    lines = ",\n".join(json.dumps(record, allow_nan=False) for record in records)
    write_text(str(file), f"[\n{lines}\n]\n")


def encoded(text: str | bytes) -> bytes:
    """The bytes of a file."""
    return text if isinstance(text, bytes) else text.encode("utf-8", "backslashreplace")


def keep(text: str | bytes, suffix: str) -> str | None:
    """Write to a new file in the folder for temporary files; returns its name, None where that fails too."""
    try:
        handle, name = tempfile.mkstemp(prefix="dlr-", suffix=suffix)
    except OSError:
        return None
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(encoded(text))
    except OSError:
        Path(name).unlink(missing_ok=True)
        return None
    return name


def _replace(path: Path, content: bytes) -> None:
    """Put ``content`` in the place of a file, by way of a new one beside it."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".dlr-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if path.exists():
            old = path.stat()
            if hasattr(os, "chown") and (old.st_uid, old.st_gid) != (os.geteuid(), os.getegid()):
                _own(temporary, old)
            Path(temporary).chmod(stat.S_IMODE(old.st_mode))
        else:
            mask = os.umask(0)
            os.umask(mask)
            Path(temporary).chmod(0o666 & ~mask)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _own(name: str, old: os.stat_result) -> None:
    """Give a file the owner and group of another, as far as that is allowed."""
    for owner, group in ((-1, old.st_gid), (old.st_uid, -1)):
        with suppress(PermissionError):
            os.chown(name, owner, group)


def _followed(path: Path) -> Path:
    """The path that symbolic links lead to, up to an open descriptor of a process, such as /proc/self/fd/1."""
    for _ in range(40):
        path = Path(os.path.realpath(path.parent)) / path.name
        if _DESCRIPTOR.fullmatch(str(path)) or not path.is_symlink():
            return path
        path = path.parent / os.readlink(path)
    raise OSError(40, "Too many levels of symbolic links")


def _descriptor(path: Path) -> int | None:
    """The number of an open descriptor of this process, None for any other path."""
    match = _DESCRIPTOR.fullmatch(str(path))
    if match is None or match[1] not in (None, str(os.getpid())):
        return None
    number = int(match[2])
    os.fstat(number)  # an error where it is closed
    return number


def _is_stream(path: Path) -> bool:
    """Whether a path is written to as it is: a descriptor, device, FIFO or socket."""
    if _DESCRIPTOR.fullmatch(str(path)):
        return True
    try:
        return not stat.S_ISREG(mode := path.stat().st_mode) and not stat.S_ISDIR(mode)
    except FileNotFoundError:
        return False


def _writable(path: Path) -> bool:
    return os.access(path, os.W_OK) and bool(path.stat().st_mode & 0o222)
