"""The page about sweeps: its spec, commands and snippets run and print what it shows, and it names every column."""

import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from catalog.app import cli
from catalog.sweeps.maps import VALUES
from catalog.sweeps.store import COLUMNS

PAGE = (Path(__file__).parents[2] / "docs" / "sweeps.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def test_the_page_runs_as_written(tmp_path, monkeypatch, capsys: pytest.CaptureFixture[str]):
    monkeypatch.chdir(tmp_path)
    output, looked_at = "", False
    for language, text in BLOCK.findall(PAGE):
        if language == "toml":
            Path("margins.toml").write_text(text, encoding="utf-8")
        elif language == "text":
            assert output.startswith(text)
        elif language == "python":
            if any(f"import {name}\n" in text and find_spec(name) is None for name in ("pandas", "duckdb")):
                continue
            command = [sys.executable, "-W", "error", "-c", text]
            output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
            if "import sqlite3\n\nquery" in text:
                rows = [line.split() for line in output.splitlines()]
                assert [row[0] for row in rows] == ["2", "2", "4", "4", "8", "8"]
                assert all(float(row[-2]) == 1 and float(row[-1]) > 1 for row in rows)
                looked_at = True
        elif not text.startswith("dask "):  # test_sweep_cluster.py
            words = text.split()[1:]
            if "--parquet" in words and find_spec("duckdb") is None:
                del words[words.index("--parquet") :]
            assert cli.main(words if "show" in words or "--list" in words else [*words, "--workers", "1"]) == 0
            output = capsys.readouterr().out
    assert looked_at


def test_the_page_names_every_column():
    rows = re.findall(r"^\| `(\w+)` \| (text|integer|real) \| (.+) \|$", PAGE, re.MULTILINE)
    assert rows == [(name, kind.split()[0].lower(), meaning) for name, (kind, meaning) in COLUMNS.items()]


def test_the_page_names_every_value_that_can_be_shown():
    section = PAGE[PAGE.index("`--value` chooses:") : PAGE.index("`--plot FILE.svg`")]
    assert set(re.findall(r"`(\w+)`(?=[^|]*\|[^|]*\|[^|]*\|$)", section, re.MULTILINE)) == set(VALUES)
