"""An interrupt ends every run within half a second, and no thread goes on behind it."""

import os
import signal
import threading
import time
from functools import partial

import numpy as np
import pytest
from engine_runs import InPython

import dlr
from dlr import workers
from dlr.kernels import blas

pytestmark = pytest.mark.skipif(os.name == "nt", reason="sends a POSIX signal")

ENDLESS = {"tol": 0.0, "max_steps": 10**9}


def near_identity(dimension: int) -> np.ndarray:
    return np.eye(dimension) + np.random.default_rng(0).uniform(-0.3, 0.3, (dimension, dimension)) / dimension


def stack(count: int, dimension: int) -> np.ndarray:
    return np.tile(near_identity(dimension), (count, 1, 1))


SLOW = dlr.GradientDescent(1e-9)

RUNS = {
    "small": partial(dlr.solve, near_identity(3), 4, SLOW, **ENDLESS),
    "dense": partial(dlr.solve, near_identity(100), 8, SLOW, **ENDLESS),
    "a long step": partial(dlr.solve, near_identity(200), 60, SLOW, **ENDLESS),
    "step-and-project": partial(dlr.solve, near_identity(60), 8, dlr.StepAndProject(1e-4, 1e-9), **ENDLESS),
    "power projection": partial(dlr.solve, near_identity(60), 8, dlr.PowerProjection(None, 1e-9), **ENDLESS),
    "spectral": partial(dlr.solve, np.diag(np.linspace(0.5, 1.5, 100)), 8, SLOW, **ENDLESS),
    "reference": partial(dlr.solve, near_identity(40), 4, InPython(SLOW), **ENDLESS),
    "many small": partial(dlr.solve_batch, stack(10_000, 3), 4, SLOW, threads=2, **ENDLESS),
    "many dense": partial(dlr.solve_batch, stack(20, 100), 8, SLOW, threads=2, **ENDLESS),
    "many on reference": partial(dlr.solve_batch, stack(20, 40), 4, InPython(SLOW), threads=2, **ENDLESS),
}


def interrupted(run, after: float) -> float:
    """Seconds from an interrupt to its arrival, where the interrupt comes this long after the start of a run."""
    sent = []

    def send() -> None:
        sent.append(time.monotonic())
        os.kill(os.getpid(), signal.SIGINT)

    timer = threading.Timer(after, send)
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        run()
    arrived = time.monotonic()
    timer.join()
    return arrived - sent[0]


@pytest.fixture
def _python_sees_signals():
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("_python_sees_signals")
@pytest.mark.parametrize("name", list(RUNS))
def test_an_interrupt_ends_a_run(name):
    RUNS[name](max_steps=1)  # loads the loops
    threads = threading.active_count()
    waits = []
    while not waits or (waits[-1] > 0.5 and len(waits) < 3):  # a busy machine may be late
        waits.append(interrupted(RUNS[name], after=0.2))
    assert min(waits) <= 0.5
    late = time.monotonic() + 10
    while threading.active_count() > threads and time.monotonic() < late:
        time.sleep(0.01)
    assert threading.active_count() == threads


@pytest.mark.parametrize("stopped", [True, False])
def test_a_step_breaks_off_between_two_products(monkeypatch, stopped):
    products = []
    monkeypatch.setattr(blas, "multiply", lambda *arguments: products.append(arguments))
    for name in ("loss_and_error", "pull"):  # compiled, they have no wrapper for Python
        monkeypatch.setattr(blas, name, getattr(blas, name).py_func)
    layers, buffers, stop = np.tile(np.eye(3), (5, 1, 1)), np.zeros((7, 3, 3)), np.array([stopped])
    blas.forward.py_func(layers, np.eye(3), buffers, stop)
    blas.descend.py_func(layers, buffers, 0.0, 0.1, layers.copy(), stop)
    assert len(products) == (0 if stopped else 12)


def test_what_does_not_stop_is_left_behind():
    """A job that never looks at the flag delays an interrupt by no more than the time it is given."""
    ended = threading.Event()
    waited = interrupted(lambda: workers.run_jobs([lambda: ended.wait(20)], 1, workers.lowered()), after=0.05)
    ended.set()
    assert waited < 10


def test_jobs_run_once_and_the_first_error_is_raised():
    ran = []

    def job(i: int) -> None:
        ran.append(i)
        if i in (3, 4):
            time.sleep(0.1 if i == 3 else 0.0)
            raise ValueError(i)

    workers.run_jobs([partial(job, i) for i in (0, 1, 2)], 2, workers.lowered())
    assert sorted(ran) == [0, 1, 2]
    with pytest.raises(ValueError, match="3"):
        workers.run_jobs([partial(job, i) for i in range(1000)], 2, workers.lowered())
    assert len(ran) < 100
