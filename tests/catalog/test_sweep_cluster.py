"""A sweep on a Dask cluster, where Dask is installed: a killed worker costs a retry, a lost scheduler one line."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import catalog
import dlr
from catalog.sweeps import executors, store, table

distributed = pytest.importorskip("distributed")

SPEC = {"target": "cayley", "depth": {"from": 1, "to": 40}, "step_size": ["0.0005 cap", "0.001 cap"], "seeds": 4}
CELLS = 320
PAGE = Path(__file__).parents[2] / "docs" / "sweeps.md"


@pytest.fixture
def cluster() -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    """Address of a scheduler with two workers, and its processes: the scheduler, and a nanny for both workers."""
    line = re.search(r"^dask scheduler .* dask worker .*(?= & dlr)", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert line is not None
    processes = [
        subprocess.Popen(
            [sys.executable, "-m", "dask", *command.split()[1:], "--no-dashboard"], stderr=subprocess.DEVNULL
        )
        for command in line[0].split(" & ")
    ]
    yield "localhost:8786", processes
    for process in processes:
        process.terminate()
    for process in processes:
        process.wait(30)


def csv_of(file: Path) -> str:
    with store.opened(file) as kept:
        return "".join(table.csv_pieces(kept))


def test_a_killed_worker_costs_a_retry_and_a_lost_scheduler_one_line(cluster, tmp_path: Path) -> None:
    address, (scheduler, _) = cluster
    killed: list[int] = []
    with executors.cluster(address) as executor:
        client = executor._client
        client.wait_for_workers(2, timeout=60)

        def kill(tally: catalog.Tally) -> None:
            if tally.computed > CELLS // 8 and not killed:
                killed.extend(client.run(os.getpid).values())
                os.kill(killed[0], signal.SIGKILL)

        tally = catalog.sweep(catalog.Spec(**SPEC), tmp_path / "cluster.sqlite", executor, progress=kill)
    assert len(killed) == 2
    assert (tally.computed, tally.known) == (CELLS, 0)
    catalog.sweep(catalog.Spec(**SPEC), tmp_path / "local.sqlite", workers=1)
    assert csv_of(tmp_path / "cluster.sqlite") == csv_of(tmp_path / "local.sqlite")

    (tmp_path / "spec.toml").write_text(
        'target = "cayley"\ndepth = 40\nstep_size = 1e-7\nseeds = 500\n', encoding="utf-8"
    )
    command = [
        sys.executable,
        "-m",
        "catalog.app.cli",
        "sweep",
        "spec.toml",
        "--store",
        "lost.sqlite",
        "--dask",
        address,
    ]
    sweep = subprocess.Popen(command, cwd=tmp_path, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    time.sleep(4)
    scheduler.kill()
    out, err = sweep.communicate(timeout=60)
    assert (sweep.returncode, out) == (2, "")
    assert re.fullmatch(r"dlr: error: executor lost a worker, or its scheduler \(.*\): start again to go on, .*\n", err)


def test_no_scheduler_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(executors, "SECONDS_TO_CONNECT", 1)
    reached, host = r"dask '.*' can't be reached \(.*\): start dask", r"dask must be a scheduler's host and port, got '"
    for address, message in {"localhost:1": reached, "nonsense": host, "": host, "a b:3": reached}.items():
        with (
            pytest.raises(dlr.InputError, match=message) as told,
            executors.cluster(address),
        ):
            pass
        assert "\n" not in str(told.value)
