"""The store of a sweep: an SQLite file with one row a cell.

Any SQLite tool reads it: the table ``cells`` has a column for every axis and every result, and one for every parameter
of a family that a sweep has met. Rows come in whole batches or not at all (write-ahead log), and the key is primary, so
that a process killed at any moment leaves neither half a batch nor a cell twice. A cell that is there already stays.
"""

import json
import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from catalog.sweeps.databases import ELSEWHERE, PATIENCE, checked_path, in_a_line, told, write_ahead
from dlr.arguments import InputError

__all__: list[str] = []

APPLICATION = int.from_bytes(b"dlrS", "big")
"""SQLite's ``application_id`` of a store."""

VERSION = 2
"""SQLite's ``user_version`` of a store: raised when a column changes its meaning. Older ones can be read: keys of the
first began with no place (`catalog.sweeps.blocks`), so that a run stored there would be made again."""

CACHE, LOG = 65_536, 16_384
"""KiB of pages in memory, and pages of 4 KiB in the write-ahead log that are moved into the file at once."""

IMAGE, PACKS = "image", hasattr(sqlite3.Connection, "serialize")
"""The schema into which a worker's rows come as a database, and whether this Python's SQLite makes bytes of one."""

WRITTEN = "pass the one that dlr sweep wrote"
"""What to do where there are no runs to be read in it."""

COLUMNS = {
    "key": ("TEXT PRIMARY KEY", "where the run lies among others, and start of the SHA-256 of all that determines it"),
    "target": ("TEXT", "the target's name, which `catalog.target` takes, or the file's"),
    "family": ("TEXT", "its family, none for a matrix of yours"),
    "revision": ("INTEGER", "of the family"),
    "digest": ("TEXT", "of a matrix of yours"),
    "dimension": ("INTEGER", "d"),
    "depth": ("INTEGER", "number of layers L"),
    "algorithm": ("TEXT", "its name"),
    "algorithm_radius": ("REAL", "of step-and-project"),
    "algorithm_strength": ("REAL", "of penalized"),
    "algorithm_margin": ("REAL", "of power-projection, where the spec gives one"),
    "step_rule": ("TEXT", "the step size as the spec has it"),
    "step_factor": ("REAL", "how many times `default`, `proved` or `cap` that is"),
    "tol": ("REAL", "excess loss to reach"),
    "max_steps": ("INTEGER", "most steps"),
    "asked_engine": ("TEXT", "the engine as the spec has it"),
    "seed": ("INTEGER", "the number from the spec's `seeds`, or the family's own seed"),
    "version": ("TEXT", "of this package"),
    "outcome": ("TEXT", "CONVERGED, STALLED, DIVERGED, STEP_LIMIT, or REFUSED for a run that can't be made"),
    "converged": ("INTEGER", "1 where the tolerance is reached, else 0"),
    "steps": ("INTEGER", "steps taken"),
    "start_loss": ("REAL", "excess loss at the start"),
    "loss": ("REAL", "excess loss at the end"),
    "lowest_loss": ("REAL", "least excess loss on the way"),
    "step_size": ("REAL", "eta as it was used"),
    "engine": ("TEXT", "the engine that ran"),
    "refusal": ("TEXT", "why the run can't be made"),
}
"""Type and meaning of each column that every store has."""

ORDER = (
    *("family", "digest", "dimension", "algorithm", "algorithm_radius", "algorithm_strength", "algorithm_margin"),
    *("asked_engine", "max_steps", "tol", "depth"),
)
"""Columns by which rows are sorted first; then by those of parameters, seed and step size."""


@dataclass(frozen=True)
class Store:
    """An open store.

    Attributes
    ----------
    name : str
        The file, for messages.
    connection : sqlite3.Connection
        For queries; `opened` closes it.
    version : int, optional
        SQLite's ``data_version`` at first: another one tells that others have written.
    """

    name: str
    connection: sqlite3.Connection
    version: int | None = None

    @property
    def alone(self) -> bool:
        """Whether nobody else has written since the store was opened."""
        with told(self.name):
            return _data_version(self.connection) == self.version

    def __len__(self) -> int:
        with told(self.name):
            (count,) = self.connection.execute("SELECT count(*) FROM cells").fetchone()
        return int(count)

    def known(self, keys: Sequence[str]) -> set[str]:
        """Which of these keys have a row."""
        with told(self.name):
            found = self.connection.execute(
                "SELECT key FROM cells WHERE key IN (SELECT value FROM json_each(?))", [json.dumps(keys)]
            )
            return {key for (key,) in found}

    def add(self, tables: Sequence[tuple[Sequence[str], Sequence[Sequence[Any]]]]) -> int:
        """Add rows, given with the names of their columns, all or none; returns how many were not there.

        Raises
        ------
        InputError
            If the file can't be written.
        """
        before = self.connection.total_changes
        with self._transaction():
            for names, rows in tables:
                self._widen(names, partial(_kind, names, rows))
                columns = listed(names)
                places = ", ".join("?" * len(names))
                self.connection.executemany(f"INSERT OR IGNORE INTO cells ({columns}) VALUES ({places})", rows)
        return self.connection.total_changes - before

    def copy(self, image: bytes) -> int:
        """Add the rows of a store that `packed` made, all or none; returns how many were not there.

        Raises
        ------
        InputError
            If the file can't be written.
        """
        before = self.connection.total_changes
        self.connection.deserialize(image, name=IMAGE)
        kinds = self._kinds(IMAGE)
        columns = listed(kinds)
        with self._transaction():
            self._widen(kinds, kinds.__getitem__)
            self.connection.execute(f"INSERT OR IGNORE INTO cells ({columns}) SELECT {columns} FROM {IMAGE}.cells")
        return self.connection.total_changes - before

    def settle(self) -> None:
        """Move the log into the file, as far as that can be done at once; closing the store does the rest."""
        with suppress(sqlite3.Error):
            self.connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with told(self.name):
            self.connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                self.connection.execute("COMMIT")
            except BaseException:
                if self.connection.in_transaction:
                    self.connection.execute("ROLLBACK")
                raise

    def found(self, query: str, given: Sequence[object] = ()) -> Iterator[tuple[Any, ...]]:
        """The rows of a query."""
        with told(self.name):
            yield from self.connection.execute(query, given)

    @property
    def columns(self) -> list[str]:
        """The columns, those of parameters last."""
        return list(self.kinds)

    @property
    def kinds(self) -> dict[str, str]:
        """The type of each column: TEXT, INTEGER or REAL."""
        return self._kinds("main")

    def _kinds(self, schema: str) -> dict[str, str]:
        return {name: kind for _, name, kind, *_ in self.connection.execute(f"PRAGMA {schema}.table_info(cells)")}

    @property
    def parameters(self) -> list[str]:
        """The columns of families' parameters, by name."""
        return sorted(set(self.columns) - set(COLUMNS))

    def rows(self, condition: str = "TRUE", given: Sequence[object] = ()) -> Iterator[tuple[Any, ...]]:
        """The rows that fulfil a condition of SQL, with the columns of `header`, in an order of their own."""
        order = [*ORDER, *self.parameters, "seed", "step_factor", "step_rule", "key"]
        return self.found(
            f"SELECT {listed(self.header())} FROM cells WHERE {condition} ORDER BY {listed(order)}", given
        )

    def header(self) -> list[str]:
        """The names of columns, in an order that does not depend on that of the sweeps."""
        return [*COLUMNS, *self.parameters]

    def _widen(self, names: Iterable[str], kind: Callable[[str], str]) -> None:
        """Add the columns that are not there yet, of the type that ``kind`` tells."""
        there = {name.lower(): name for name in self.columns}
        for name in names:
            if name in there.values():
                continue
            if name.lower() in there:
                raise InputError(
                    f"parameter {name} differs from {there[name.lower()]} in case alone, which SQLite can't: rename it"
                )
            self.connection.execute(f"ALTER TABLE cells ADD COLUMN {quoted(name)} {kind(name)}")


def packed(tables: Sequence[tuple[Sequence[str], Sequence[Sequence[Any]]]]) -> bytes:
    """Rows, given as to `Store.add`, as a database, for `Store.copy`."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        _make_table(connection)
        Store("of a worker", connection).add(tables)
        return connection.serialize()


def _kind(names: Sequence[str], rows: Sequence[Sequence[Any]], name: str) -> str:
    """The type of the column of a family's parameter."""
    place = names.index(name)
    return "INTEGER" if all(isinstance(row[place], int | None) for row in rows) else "REAL"


def quoted(name: str) -> str:
    """A column's name in SQL."""
    return '"' + name.replace('"', '""') + '"'


def listed(names: Iterable[str]) -> str:
    """Columns' names in SQL."""
    return ", ".join(quoted(name) for name in names)


@contextmanager
def opened(name: str | os.PathLike[str]) -> Iterator[Store]:
    """A store, made where there is no file, open for the block.

    Raises
    ------
    InputError
        If it can't be written to, or is no store, or one of another version of this package.
    """
    path, shown = checked_path(name), in_a_line(name)
    with told(shown):
        connection = sqlite3.connect(path, timeout=PATIENCE, isolation_level=None)
    with closing(connection):
        with told(shown):
            _prepare(connection, shown)
            version = _data_version(connection)
            connection.execute(f"ATTACH ':memory:' AS {IMAGE}")
        yield Store(shown, connection, version)


@contextmanager
def reading(name: str | os.PathLike[str]) -> Iterator[Store]:
    """A store that there is, open for the block; nothing is written to it, and a sweep may go on meanwhile.

    Raises
    ------
    InputError
        If there is none, or it can't be read, or is no store, or holds nothing.
    """
    shown = in_a_line(name)
    try:
        path = Path(os.path.abspath(name))
        if not path.exists():
            raise InputError(f"store {shown} does not exist: check the path")
        if not path.is_file():
            raise InputError(f"store {shown} is no file: {WRITTEN}")
        shut = not os.access(path.parent, os.W_OK) and not Path(f"{path}-wal").exists()
    except InputError:
        raise
    except (OSError, ValueError) as error:
        raise InputError(f"store {shown} can't be opened ({error}): check the path") from None
    mode = "mode=ro&immutable=1" if shut else "mode=rw"  # where no log can be made; rw reads what is read-only, too
    with told(shown):
        connection = sqlite3.connect(f"{path.as_uri()}?{mode}", uri=True, timeout=PATIENCE, isolation_level=None)
    with closing(connection):
        with told(shown, WRITTEN):
            connection.execute("PRAGMA query_only = ON")
            empty = _is_empty(connection, shown, WRITTEN, oldest=1)
        store = Store(shown, connection)
        if empty or not len(store):
            raise InputError(f"store {shown} holds no runs: sweep into it first")
        yield store


def _is_empty(connection: sqlite3.Connection, name: str, fix: str = ELSEWHERE, oldest: int = VERSION) -> bool:
    """Whether a file is an empty database; refuse what is no store or too old a one, and tell how to mend that."""
    connection.execute("BEGIN")  # one look, while another process may be making the table
    (own,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    empty = connection.execute("SELECT 1 FROM sqlite_master").fetchone() is None
    connection.execute("COMMIT")
    if not (own == APPLICATION or (empty and own == 0)):
        raise InputError(f"store {name} is another program's database: {fix}")
    if version > VERSION:
        raise InputError(
            f"store {name} is of a newer version, got schema {version}, this package knows {VERSION}: upgrade it"
        )
    if not empty and version < oldest:
        raise InputError(
            f"store {name} is of an older version, got schema {version}, this package writes {VERSION}: {fix}"
        )
    return empty


def _prepare(connection: sqlite3.Connection, name: str) -> None:
    """Make the table where the file is empty; refuse what is no store."""
    empty = _is_empty(connection, name)
    write_ahead(connection)
    connection.execute("PRAGMA synchronous = NORMAL")  # a power cut may take the last batches, and damages nothing
    connection.execute(f"PRAGMA cache_size = -{CACHE}")
    connection.execute(f"PRAGMA wal_autocheckpoint = {LOG}")
    if empty:
        connection.execute("BEGIN IMMEDIATE")
        _make_table(connection)
        connection.execute(f"PRAGMA application_id = {APPLICATION}")
        connection.execute(f"PRAGMA user_version = {VERSION}")
        connection.execute("COMMIT")


def _make_table(connection: sqlite3.Connection) -> None:
    columns = ", ".join(f"{quoted(column)} {kind}" for column, (kind, _) in COLUMNS.items())
    connection.execute(f"CREATE TABLE IF NOT EXISTS cells ({columns})")


def _data_version(connection: sqlite3.Connection) -> int:
    """A number that is another one where another connection has written meanwhile."""
    (version,) = connection.execute("PRAGMA data_version").fetchone()
    return int(version)
