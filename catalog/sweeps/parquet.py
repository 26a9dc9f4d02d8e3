"""A store as Parquet, by DuckDB."""

import tempfile
from collections.abc import Sequence
from pathlib import Path

from catalog.extras import require
from catalog.sweeps.store import Store
from catalog.sweeps.table import csv_pieces

__all__: list[str] = []

TYPES = {"TEXT": "VARCHAR", "INTEGER": "BIGINT", "REAL": "DOUBLE"}
"""DuckDB's names of the types that a store has."""


def require_library() -> None:
    """Raise before the work starts where the library is missing.

    Raises
    ------
    InputError
        If DuckDB is not installed.
    """
    require("parquet", "parquet", "duckdb")


def parquet_bytes(store: Store, condition: str = "TRUE", given: Sequence[object] = ()) -> bytes:
    """The rows that fulfil a condition, in the order of the CSV, with the types of the store.

    Raises
    ------
    InputError
        If DuckDB is not installed.
    """
    require_library()
    import duckdb

    kinds = store.kinds
    types = ", ".join(f"{_literal(name)}: '{TYPES[kinds[name]]}'" for name in store.header())
    with tempfile.TemporaryDirectory() as folder, duckdb.connect() as connection:
        source, made = Path(folder, "runs.csv"), Path(folder, "runs.parquet")
        with source.open("wb") as file:
            file.writelines(piece.encode() for piece in csv_pieces(store, condition, given))
        rows = f"FROM read_csv({_literal(source)}, header = true, columns = {{{types}}})"
        connection.execute("SET threads = 1")  # keeps the order
        connection.execute(f"COPY ({rows}) TO {_literal(made)} (FORMAT parquet)")
        return made.read_bytes()


def _literal(text: object) -> str:
    """A text in SQL."""
    return "'" + str(text).replace("'", "''") + "'"
