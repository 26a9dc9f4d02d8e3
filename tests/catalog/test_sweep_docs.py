"""The page about sweeps: its spec, commands and snippets run and print what it shows, and it names every column."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from catalog.app import cli
from catalog.sweeps.store import COLUMNS

PAGE = (Path(__file__).parents[2] / "docs" / "sweeps.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def test_the_page_runs_as_written(tmp_path, monkeypatch, capsys: pytest.CaptureFixture[str]):
    monkeypatch.chdir(tmp_path)
    output = ""
    for language, text in BLOCK.findall(PAGE):
        if language == "toml":
            Path("margins.toml").write_text(text, encoding="utf-8")
        elif language == "text":
            assert output == text
        elif language == "python":
            command = [sys.executable, "-W", "error", "-c", text]
            output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        elif not text.startswith("dask "):  # test_sweep_cluster.py
            assert cli.main([*text.split()[1:], "--workers", "1"]) == 0
            output = capsys.readouterr().out
    rows = [line.split() for line in output.splitlines()]
    assert [row[0] for row in rows] == ["2", "2", "4", "4", "8", "8"]
    assert all(float(row[-2]) == 1 and float(row[-1]) > 1 for row in rows)


def test_the_page_names_every_column():
    rows = re.findall(r"^\| `(\w+)` \| (\w+) \| (.+) \|$", PAGE, re.MULTILINE)
    assert rows == [(name, kind.split()[0].lower(), meaning) for name, (kind, meaning) in COLUMNS.items()]
