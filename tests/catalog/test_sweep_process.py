"""``dlr sweep`` as a process: killed at any moment, interrupted, with a killed worker, on a full disk."""

import os
import random
import re
import resource
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import settings

from catalog.sweeps import store, table

THOROUGH = settings.default.max_examples >= 1000

SLOW = (
    'target = "cayley"\ndepth = { from = 1, to = 60 }\nstep_size = ["0.002 cap", "0.003 cap"]\nseeds = 10\ntol = 1e-9\n'
)
CELLS = 1200


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "spec.toml").write_text(SLOW, encoding="utf-8")
    return tmp_path


def begin(folder: Path, *options: str, name: str = "store.sqlite", **more: object) -> subprocess.Popen[str]:
    """The command, started."""
    command = [sys.executable, "-m", "catalog.app.cli", "sweep", "spec.toml", "--store", name, *options]
    return subprocess.Popen(command, cwd=folder, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **more)


def stored(file: Path) -> int:
    """How many cells there are; 0 where there is no table yet."""
    try:
        with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=10)) as connection, connection:
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


def csv_of(file: Path) -> str:
    with store.opened(file) as kept:
        assert kept.connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        return "".join(table.csv_pieces(kept))


def test_killed_at_random_moments_every_cell_comes_once(folder: Path) -> None:
    generator, kills, there = random.Random(16), 50 if THOROUGH else 2, 0
    file = folder / "store.sqlite"
    for number in range(kills):
        process = begin(folder, "--workers", "2" if number % 2 else "1")
        if number % 5 != 4:
            until_some(file, min(there + 1, CELLS))
        time.sleep(generator.uniform(0.0, 0.3))
        process.kill()
        process.communicate()
        assert stored(file) >= there, "what was stored is gone"
        there = stored(file)
    assert csv_of(file).count("\n") == there + 1
    process = begin(folder, "--workers", "1")
    out, err = process.communicate()
    assert process.returncode == 0, err
    assert out == f"1,200 cells: {CELLS - there:,} computed, {there:,} known\n"
    with closing(sqlite3.connect(file)) as connection, connection:
        rows = connection.execute("SELECT count(*), count(DISTINCT key), min(converged) FROM cells").fetchone()
    assert rows == (CELLS, CELLS, 1)


def test_an_interrupt_keeps_what_is_computed(folder: Path) -> None:
    file = folder / "store.sqlite"
    process = begin(folder, "--workers", "2", start_new_session=True)
    until_some(file)
    workers = children(process)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does, to the workers too
    out, err = process.communicate(timeout=30)
    assert (process.returncode, out) == (130, "")
    found = re.fullmatch(
        r"dlr: interrupted, 1,200 cells: ([\d,]+) computed, 0 known, ([\d,]+) left; .*goes on from there",
        err.splitlines()[-1],
    )
    assert found is not None, err
    computed, left = (int(number.replace(",", "")) for number in found.groups())
    assert stored(file) == computed > 0
    assert computed + left == CELLS
    late = time.monotonic() + 10
    while any(Path(f"/proc/{number}").exists() for number in workers):
        assert time.monotonic() < late, "a worker goes on"
        time.sleep(0.05)


def test_a_killed_worker_is_one_line_and_loses_nothing(folder: Path) -> None:
    file = folder / "store.sqlite"
    process = begin(folder, "--workers", "2")
    until_some(file)
    os.kill(children(process)[0], signal.SIGKILL)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (2, ""), err
    found = re.fullmatch(
        r"dlr: error: executor .*: start again to go on, ([\d,]+) cells more are stored", err.splitlines()[-1]
    )
    assert found is not None, err
    assert stored(file) == int(found[1].replace(",", ""))


def test_workers_end_with_a_sweep_that_is_killed(folder: Path) -> None:
    process = begin(folder, "--workers", "2")
    until_some(folder / "store.sqlite")
    workers = children(process)
    assert len(workers) == 2
    process.kill()
    process.communicate()
    late = time.monotonic() + 10
    while any(Path(f"/proc/{number}").exists() for number in workers):
        assert time.monotonic() < late, "a worker goes on"
        time.sleep(0.05)


def test_a_file_that_can_not_grow_is_one_line(folder: Path) -> None:
    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))

    process = begin(folder, "--workers", "1", preexec_fn=limited)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (2, "")
    lines = [line for line in err.splitlines() if not line.startswith("dlr: computed")]
    assert len(lines) == 1, err
    assert re.fullmatch(r"dlr: error: store store.sqlite can't be written \(.*\): see to its disk .*", lines[0])
    there = stored(folder / "store.sqlite")
    process = begin(folder, "--workers", "1")
    assert process.communicate()[0] == f"1,200 cells: {CELLS - there:,} computed, {there:,} known\n"
