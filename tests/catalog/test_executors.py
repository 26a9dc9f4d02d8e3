"""Processes of a sweep: they run BLAS on one thread, are deaf to interrupts, and end with the block however it ends."""

import multiprocessing
import os
import signal
import time
from concurrent.futures import Executor
from pathlib import Path

import pytest
from test_sweep_store import csv_of

import catalog
from catalog.sweeps import executors


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


def test_one_process_is_this_one() -> None:
    with executors.local(1) as executor:
        assert executor.submit(os.getpid).result() == os.getpid()
        failed = executor.submit(int, "none")
    assert isinstance(failed.exception(), ValueError)
