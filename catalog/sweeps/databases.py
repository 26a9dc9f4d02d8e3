"""Files of SQLite: where one may be, how it keeps a log, and what is wrong with it, in one line."""

import os
import sqlite3
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dlr.arguments import InputError, brief

__all__: list[str] = []

PATIENCE = 60.0
"""Seconds to wait for another process that is writing."""

ELSEWHERE = "choose another name"
"""What to do where a sweep can't go into a file that is no store."""


def in_a_line(name: object) -> str:
    """A file's name on one line."""
    return brief(str(name), 300)[1:-1]


def checked_path(name: object) -> Path:
    """The absolute path of a store that there is, or of one that may be made there."""
    if not isinstance(name, str | os.PathLike) or not str(name):
        raise InputError(f"store must be a file's name, got {brief(name)}: pass results.sqlite, for one")
    path, shown = Path(os.path.abspath(name)), in_a_line(name)
    try:
        if "\0" in str(path):
            raise ValueError("a null character in it")
        if not path.parent.is_dir():
            raise InputError(f"store {shown} can't be made, there is no folder {in_a_line(path.parent)}: make it first")
        if path.exists():
            status = path.stat()
            if not stat.S_ISREG(status.st_mode):
                raise InputError(f"store {shown} is no file: add a file's name, results.sqlite, for one")
            if not (os.access(path, os.W_OK) and status.st_mode & 0o222):
                raise InputError(f"store {shown} is read-only: copy it, or make it writable")
        if not (os.access(path.parent, os.W_OK) and path.parent.stat().st_mode & 0o222):
            raise InputError(f"store {shown} can't be written, its folder is read-only: choose a writable folder")
    except InputError:
        raise
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise InputError(f"store {shown} can't be opened ({reason}): choose another name") from None
    return path


def write_ahead(connection: sqlite3.Connection) -> None:
    """Keep a write-ahead log from now on; others may be about to do the same, for which SQLite does not wait."""
    late = time.monotonic() + PATIENCE
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if not str(error).endswith("locked") or time.monotonic() > late:
                raise
            time.sleep(0.05)


@contextmanager
def told(name: str, fix: str = ELSEWHERE) -> Iterator[None]:
    """Turn an error of SQLite into one line, which says how to mend that a file is no store."""
    try:
        yield
    except sqlite3.ProgrammingError:
        raise
    except sqlite3.DatabaseError as error:
        code = getattr(error, "sqlite_errorname", "")
        if code == "SQLITE_NOTADB":
            raise InputError(f"store {name} is no SQLite file: {fix}") from None
        if code.startswith("SQLITE_CORRUPT"):
            raise InputError(f"store {name} is damaged ({error}): restore it, or sweep into a new one") from None
        if code.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
            raise InputError(
                f"store {name} is locked by another program ({error}): close that, and start again"
            ) from None
        if code.startswith("SQLITE_CANTOPEN"):
            raise InputError(f"store {name} can't be opened ({error}): check its permissions") from None
        raise InputError(
            f"store {name} can't be written ({error}): see to its disk and start again, what is stored stays"
        ) from None
