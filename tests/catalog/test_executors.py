"""Processes of a sweep: they run BLAS on one thread, are deaf to interrupts, and end with the block however it ends."""

import logging
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import Executor
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace

import pytest
from test_sweep_store import csv_of

import catalog
from catalog.sweeps import executors
from dlr.arguments import InputError


def test_two_processes_write_the_same_bytes_and_end_at_once_with_a_block_that_fails(tmp_path: Path) -> None:
    spec = catalog.Spec("definite-plus-skew", depth=[1, 2], seeds=24, tol=1e-4)
    one, two = tmp_path / "one.sqlite", tmp_path / "two.sqlite"
    catalog.sweep(spec, one, workers=1)
    before = {name: os.environ.get(name) for name in executors.THREADS}
    begun = []

    def work(pool: Executor) -> None:
        assert {name: os.environ.get(name) for name in executors.THREADS} == before
        assert catalog.sweep(spec, two, pool).computed == len(spec)
        workers = multiprocessing.active_children()
        assert len(workers) == 2
        for process in workers:
            os.kill(process.pid, signal.SIGINT)
        assert pool.submit(os.getenv, "OPENBLAS_NUM_THREADS").result() == "1"
        for _ in range(5):
            pool.submit(time.sleep, 15)
        begun.append(time.monotonic())
        raise ArithmeticError

    with pytest.raises(ArithmeticError), executors.local(2) as pool:
        work(pool)
    assert time.monotonic() - begun[0] < 10
    assert multiprocessing.active_children() == []
    assert csv_of(two) == csv_of(one)


def test_what_a_killed_process_leaves_is_cleaned_up_without_a_word() -> None:
    code = "import os; from catalog.sweeps.executors import local\nwith local(2): os._exit(3)"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert (ended.returncode, ended.stdout, ended.stderr) == (3, b"", b"")
    before = list(sys.warnoptions)
    with executors._for_workers():
        assert sys.warnoptions == [*before, executors.CLEANED_UP]
    assert sys.warnoptions == before


COPIES = """
import os, signal
from catalog.sweeps.executors import processes, quickest
assert quickest() == "fork"
with processes(2, quickest()) as pool:
    assert pool.submit(os.getppid).result() == os.getpid()
    assert pool.submit(signal.getsignal, signal.SIGINT).result() == signal.SIG_IGN
    assert pool.submit(signal.getsignal, signal.SIGTERM).result() == signal.SIG_DFL
    print(*pool._processes, flush=True)
    os._exit(3)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="copies are safe on Linux alone")
def test_copies_end_with_the_process_that_is_copied() -> None:
    set_up = "import signal; signal.signal(signal.SIGTERM, lambda *_: print('ended'))"
    ended = subprocess.run([sys.executable, "-c", set_up + COPIES], capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stderr) == (3, "")
    ids = [int(number) for number in ended.stdout.split()]
    assert len(ids) == 2
    late = time.monotonic() + 10
    while any(map(runs, ids)):
        assert time.monotonic() < late
        time.sleep(0.01)


def runs(number: int) -> bool:
    """Whether the process runs; one that has ended may be listed until it is waited for."""
    with suppress(FileNotFoundError, ProcessLookupError):
        return Path(f"/proc/{number}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] not in "ZX"
    return False


def test_a_process_with_several_threads_is_not_copied() -> None:
    over = threading.Event()
    thread = threading.Thread(target=over.wait)
    thread.start()
    try:
        assert executors.quickest() == "spawn"
    finally:
        over.set()
        thread.join()


def test_a_process_is_copied_only_where_its_threads_are_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "listdir", lambda path: ["1"])
    assert executors.quickest() == "fork"

    def missing(path: str) -> list[str]:
        raise FileNotFoundError(path)

    monkeypatch.setattr(os, "listdir", missing)
    assert executors.quickest() == "spawn"


class Client:
    """Stands for Dask's, of which it keeps what it is asked for."""

    def __init__(self, address: str, **options: object) -> None:
        if address.startswith("nowhere"):
            raise OSError("no answer\nat all")
        self.asked = [(address, options, logging.getLogger("distributed.client").level)]

    def get_executor(self, **options: object) -> "Client":
        self.asked.append(options)
        return self

    def close(self, **options: object) -> None:
        self.asked.append(options)


def test_a_cluster_is_asked_in_time_and_logs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "dask.distributed", SimpleNamespace(Client=Client))
    own, other = logging.getLogger("distributed.client"), logging.getLogger("distributedly")
    own.setLevel(logging.INFO)
    before = other.level
    with executors.cluster("localhost:8786") as client:
        assert other.level == before
    limits = {"timeout": executors.SECONDS_TO_CONNECT, "set_as_default": False}
    opened = ("localhost:8786", limits, logging.CRITICAL + 1)
    assert client.asked == [opened, {"pure": False}, {"timeout": executors.SECONDS_TO_CLOSE}]
    assert own.level == logging.INFO
    refused = r"^dask 'nowhere:1' can't be reached \(no answer\): start dask scheduler there$"
    for address, told in (("nowhere:1", refused), ("localhost", "dask must be a scheduler's host and port")):
        with pytest.raises(InputError, match=told), executors.cluster(address):
            pass
    assert own.level == logging.INFO


def test_one_process_is_this_one() -> None:
    with executors.local(1) as executor:
        assert executor.submit(os.getpid).result() == os.getpid()
        failed = executor.submit(int, "none")
    assert isinstance(failed.exception(), ValueError)
