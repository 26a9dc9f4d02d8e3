"""How many threads there are to work on, and that every job is done by as many of them."""

import os
import threading

import numpy as np
import pytest

from dlr.workers import StoppedError, check, lowered, on_main_thread, processors, run_jobs


def test_processors_are_those_that_the_process_may_use(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda process: {1, 4, 6}, raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: 8)
    assert processors() == 3
    monkeypatch.delattr(os, "sched_getaffinity")
    assert processors() == 8
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    assert processors() == 1


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_every_job_is_done_once_on_other_threads(threads: int) -> None:
    done, on = [], set()

    def job(i: int) -> None:
        done.append(i)
        on.add(on_main_thread())

    run_jobs([lambda i=i: job(i) for i in range(12)], threads, lowered())
    assert sorted(done) == list(range(12))
    assert on == {False}
    assert on_main_thread()
    assert threading.active_count() < 12


def test_the_error_of_the_first_job_is_raised_and_no_further_job_begun() -> None:
    done = []

    def fail(i: int) -> None:
        done.append(i)
        raise ValueError(i)

    with pytest.raises(ValueError, match="0"):
        run_jobs([lambda i=i: fail(i) for i in range(5)], 1, lowered())
    assert done == [0]


def test_a_flag_that_is_set_stops() -> None:
    stop = lowered()
    assert stop.dtype == np.bool_  # for which the loops are compiled
    check(stop)
    stop[()] = True
    with pytest.raises(StoppedError):
        check(stop)
    run_jobs([lambda: pytest.fail("begun after the stop")], 1, stop)
