"""``dlr sweep`` as a process: killed at any moment, interrupted, with a killed worker, on a full disk."""

import os
import random
import re
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import settings

import catalog
from catalog.app import cli
from catalog.app.commands import sweep_targets
from catalog.app.progress import Progress

THOROUGH = settings.default.max_examples >= 1000

SPEC = """
target = "cayley"
depth = { from = 1, to = 100 }
step_size = [0.0002, 0.0003]
seeds = 3
tol = 1e-3
"""
CELLS = 600


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "spec.toml").write_text(SPEC, encoding="utf-8")
    return tmp_path


def begin(folder: Path, *options: str, name: str = "store.sqlite", **more: object) -> subprocess.Popen[str]:
    """The command, started."""
    command = [sys.executable, "-m", "catalog.app.cli", "sweep", "spec.toml", "--store", name, *options]
    return subprocess.Popen(command, cwd=folder, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **more)


def stored(file: Path) -> int:
    """How many cells there are; 0 where there is no table yet."""
    try:
        with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=10)) as connection:
            return int(connection.execute("SELECT count(*) FROM cells").fetchone()[0])
    except sqlite3.OperationalError:
        return 0


def until_some(file: Path, least: int = 1, seconds: float = 60) -> None:
    late = time.monotonic() + seconds
    while stored(file) < least:
        assert time.monotonic() < late, "nothing was stored"
        time.sleep(0.02)


def children(process: subprocess.Popen[str]) -> list[int]:
    """The worker processes."""
    text = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text(encoding="utf-8")
    found = [int(number) for number in text.split()]
    return [number for number in found if b"spawn_main" in Path(f"/proc/{number}/cmdline").read_bytes()]


def finished(folder: Path) -> None:
    """Finish the sweep in this process: every cell is there once."""
    file = folder / "store.sqlite"
    there = stored(file)
    tally = catalog.sweep(folder / "spec.toml", file, workers=1)
    assert (tally.computed, tally.known) == (CELLS - there, there)
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        rows = connection.execute("SELECT count(*), count(DISTINCT key), min(converged) FROM cells").fetchone()
    assert rows == (CELLS, CELLS, 1)


def gone(workers: list[int]) -> None:
    """Wait until these processes have ended."""
    late = time.monotonic() + 20
    while any(Path(f"/proc/{number}").exists() for number in workers):
        assert time.monotonic() < late, "a worker goes on"
        time.sleep(0.05)


def test_killed_at_random_moments_every_cell_comes_once(folder: Path) -> None:
    """With its workers, at once or after something more was stored."""
    generator, there = random.Random(16), 0
    for number in range(50 if THOROUGH else 2):
        process = begin(folder, "--workers", "2" if number % 3 else "1")
        if number % 2:
            until_some(folder / "store.sqlite", min(there + 1, CELLS))
        time.sleep(generator.uniform(0.0, 0.3))
        workers = children(process)
        process.kill()
        process.communicate(timeout=60)
        gone(workers)
        assert stored(folder / "store.sqlite") >= there, "what was stored is gone"
        there = stored(folder / "store.sqlite")
    assert there > 0
    finished(folder)


def test_an_interrupt_keeps_what_is_computed(folder: Path) -> None:
    file = folder / "store.sqlite"
    catalog.sweep(catalog.Spec("cayley", depth=[1, 2], step_size=2e-4, seeds=3, tol=1e-3), file, workers=1)
    there = stored(file)
    process = begin(folder, "--workers", "2", start_new_session=True)
    until_some(file, there + 1)
    workers = children(process)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does, to the workers too
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (130, "")
    found = re.fullmatch(
        r"dlr: interrupted, (\d+) cells: (\d+) computed, (\d+) known, (\d+) left; the same command goes on from there",
        err.splitlines()[-1],
    )
    assert found is not None, err
    total, computed, known, left = (int(number) for number in found.groups())
    assert (total, known, computed + known + left) == (CELLS, there, CELLS)
    assert stored(file) == known + computed > known
    gone(workers)
    finished(folder)


def test_progress_tells_the_rate_and_the_time_left_of_what_is_computed(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: clock[0])
    told = sweep_targets._Told(Progress("looking"))
    told(catalog.Tally(5000, known=1000))
    assert told.shown.line() == "computed 0 of 4,000 cells"
    clock[0] = 110.0
    told(catalog.Tally(5000, known=1000, computed=3000))
    assert told.shown.line() == "computed 3,000 of 4,000 cells, 300 a second, about 3 s left"
    told(catalog.Tally(5000, known=1000, computed=5))
    assert told.shown.line() == "computed 5 of 4,000 cells, 0.5 a second, about 2.2 h left"


def test_bad_options_are_one_line(capsys: pytest.CaptureFixture[str], folder: Path, monkeypatch) -> None:
    monkeypatch.chdir(folder)
    lines = {
        ("absent.toml", "--store", "s.sqlite"): "dlr: error: spec absent.toml does not exist: check the path",
        ("spec.toml", "--store", "spec.toml"): "dlr: error: store spec.toml is no SQLite file: choose another name",
        (
            "spec.toml",
            "--store",
            "s.sqlite",
            "--workers",
            "0",
        ): "dlr: error: workers must be at least 1, got 0: pass an int >= 1",
        ("spec.toml", "--store", "s.sqlite", "--workers", "2", "--dask", "localhost:1"): (
            "dlr: error: workers must be left out beside --dask, got 2: Dask has its own"
        ),
    }
    for options, line in lines.items():
        assert cli.main(["sweep", *options]) == 2
        assert capsys.readouterr().err == f"{line}\n"
    assert cli.main(["sweep", "spec.toml"]) == 2
