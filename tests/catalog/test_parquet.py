"""What DuckDB is asked for: the rows of the CSV, in order, with the types of the store."""

import re
import sys
import tempfile
from pathlib import Path
from types import SimpleNamespace

import pytest

from catalog.sweeps import parquet, store, table


class Connection:
    """Notes what it is asked for, and copies a file as it is."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __enter__(self) -> "Connection":
        return self

    def __exit__(self, *_: object) -> None:
        self.asked.append("closed")

    def execute(self, query: str) -> None:
        folder, _ = re.subn(r"'[^ ]*/(runs\.\w+)'", r"'\1'", query)
        self.asked.append(folder)
        files = [name.replace("''", "'") for name in re.findall(r"'((?:[^']|'')*/runs\.\w+)'", query)]
        if files:
            Path(files[1]).write_bytes(Path(files[0]).read_bytes())


def test_the_rows_of_the_csv_with_the_types_of_the_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, connection = tmp_path / "it's", Connection()
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    monkeypatch.setattr("importlib.util.find_spec", lambda name: True)
    monkeypatch.setitem(sys.modules, "duckdb", SimpleNamespace(connect=lambda: connection))
    with store.opened(tmp_path / "runs.sqlite") as kept:
        kept.add([(("key", "depth", "it's"), [("b", 2, 0.5), ("a", 1, 1.5), ("c", 3, 2.5)])])
        picked = parquet.parquet_bytes(kept, "depth < ?", [3])
        assert picked.decode() == "".join(table.csv_pieces(kept, "depth < ?", [3]))
        assert picked.count(b"\n") == 3
        kinds = {"TEXT": "VARCHAR", "INTEGER": "BIGINT", "REAL": "DOUBLE"}
        columns = [f"'{name.replace(chr(39), 2 * chr(39))}': '{kinds[kept.kinds[name]]}'" for name in kept.header()]
    assert connection.asked == [
        "SET threads = 1",
        f"COPY (FROM read_csv('runs.csv', header = true, columns = {{{', '.join(columns)}}})) "
        "TO 'runs.parquet' (FORMAT parquet)",
        "closed",
    ]
    assert list(folder.iterdir()) == []
