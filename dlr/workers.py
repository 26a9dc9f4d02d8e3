"""Work on other threads, so that the main thread sees an interrupt at once.

Python delivers an interrupt to the main thread, and only between two of its own instructions. Long compiled work is
therefore done on other threads, while the main thread waits. These threads are daemons: one that does not stop in time
keeps neither the caller nor the end of the program waiting.
"""

import os
import threading
import time
from collections.abc import Callable, Sequence

import numpy as np

from dlr.types import Flag

__all__: list[str] = []

GRACE = 0.25
"""Seconds that running jobs get to stop before an interrupt is passed on."""


class StoppedError(Exception):
    """A job ended without a result, because its flag was set."""


def lowered() -> Flag:
    """A flag that is not set."""
    return np.zeros((), dtype=np.bool_)


def check(stop: Flag) -> None:
    """Raise `StoppedError` if the flag is set."""
    if stop[()]:
        raise StoppedError


def run_jobs(jobs: Sequence[Callable[[], object]], threads: int, stop: Flag) -> None:
    """Run every job, on at most this many threads.

    After an error no further job is begun, those that are running are awaited, and of all errors that of the first job
    is raised. On an interrupt ``stop`` is set, for running jobs to see, and awaited for at most `GRACE` seconds.
    """
    numbered, turn = iter(enumerate(jobs)), threading.Lock()
    errors: dict[int, BaseException] = {}

    def work() -> None:
        while not errors and not stop[()]:
            with turn:
                following = next(numbered, None)
            if following is None:
                return
            i, job = following
            try:
                job()
            except BaseException as error:
                errors[i] = error

    workers = [threading.Thread(target=work, daemon=True) for _ in range(min(threads, len(jobs)))]
    try:
        for worker in workers:
            worker.start()
        for worker in workers:
            while worker.is_alive():
                worker.join(0.1)  # a wait without a limit can't be interrupted on Windows
    except BaseException:
        stop[()] = True
        late = time.monotonic() + GRACE
        for worker in workers:
            if worker.ident is not None:
                worker.join(max(0.0, late - time.monotonic()))
        raise
    if errors:
        raise errors[min(errors)]


def on_main_thread() -> bool:
    """Whether an interrupt would be delivered to the thread that asks."""
    return threading.current_thread() is threading.main_thread()


def processors() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
