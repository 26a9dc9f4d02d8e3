"""Executors for a sweep: processes on this machine, this process itself, or a Dask cluster."""

import importlib
import logging
import multiprocessing
import os
import re
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, CancelledError, Executor, Future, ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing.connection import Connection
from typing import Any, TypeVar

from catalog._blas import THREADS
from dlr.arguments import InputError, brief

__all__: list[str] = []

Result = TypeVar("Result")

MOST_WORKERS = 61 if os.name == "nt" else 1000
"""Most processes; Windows can't wait for more."""

CLEANED_UP = "ignore:resource_tracker:UserWarning"
"""Warning of Python that it removes the semaphores of a process that was killed."""

SECONDS_TO_CONNECT, SECONDS_TO_CLOSE = 10, 2


class ThisProcess(Executor):
    """Runs each call at once, in the thread that submits it."""

    def submit(self, function: Callable[..., Result], /, *arguments: Any, **options: Any) -> Future[Result]:
        """The finished call."""
        future: Future[Result] = Future()
        future.set_running_or_notify_cancel()
        try:
            future.set_result(function(*arguments, **options))
        except Exception as error:
            future.set_exception(error)
        return future


@contextmanager
def local(workers: int) -> Iterator[Executor]:
    """So many processes, or this one instead of a single other."""
    if workers == 1:
        yield ThisProcess()
    else:
        with processes(workers, "spawn") as pool:
            yield pool


def quickest() -> str:
    """How to start processes: as copies of this one (fork) where that is safe, since it has one thread, else anew."""
    try:
        alone = len(os.listdir("/proc/self/task")) == 1
    except OSError:  # on Linux alone it is there
        alone = False
    return "fork" if alone else "spawn"


@contextmanager
def processes(workers: int, start: str) -> Iterator[Executor]:
    """So many processes beside this one, which start anew (spawn) or as copies of it (fork).

    They run BLAS on one thread, leave interrupts to this process, and end with the block, at once where that ends by an
    error, or with this process, even one that is killed. A copy has BLAS threads and all else as this process.
    """
    context = multiprocessing.get_context(start)
    alive, end = context.Pipe(duplex=False)
    with _for_workers():
        pool = ProcessPoolExecutor(
            workers, context, initializer=_begin, initargs=(alive, end if start == "fork" else None)
        )
    try:
        with _for_workers():
            for _ in range(workers):
                pool.submit(os.getpid)  # starts one more, for as long as none has finished
        yield pool
        pool.shutdown()
    finally:
        end.close()
        pool.shutdown()
        alive.close()


@contextmanager
def _for_workers() -> Iterator[None]:
    """Let processes that are started in the block run BLAS on one thread, and be deaf to interrupts from the start.

    The one that Python starts to clean up after killed processes does so without a word.
    """
    before = {name: os.environ.get(name) for name in THREADS}
    os.environ.update(dict.fromkeys(THREADS, "1"))
    masks = hasattr(signal, "pthread_sigmask")
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT}) if masks else set()
    sys.warnoptions.append(CLEANED_UP)
    try:
        yield
    finally:
        sys.warnoptions.remove(CLEANED_UP)
        if masks:
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _begin(alive: Connection, end: Connection | None) -> None:
    """Prepare a worker process; a copy has the other end of the pipe, too."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    if end is not None:
        end.close()
    threading.Thread(target=_end_with, args=(alive,), daemon=True).start()


def _end_with(alive: Connection) -> None:
    """End this process once the other end of the pipe is closed, by that process or by its end."""
    try:
        alive.recv_bytes()
    except (EOFError, OSError):
        os._exit(0)


@contextmanager
def cluster(address: str) -> Iterator[Executor]:
    """The workers of a Dask scheduler.

    Raises
    ------
    InputError
        If Dask is not installed, or no scheduler answers at the address.
    """
    try:
        distributed: Any = importlib.import_module("dask.distributed")
    except ImportError:
        raise InputError("dask must be installed for a cluster: pip install 'deep-linear-residual[cluster]'") from None
    if not re.search(r".:.", address):
        raise InputError(
            f"dask must be a scheduler's host and port, got {brief(address)}: pass localhost:8786, for one"
        )
    with _quiet("distributed"):
        try:
            client = distributed.Client(address, timeout=SECONDS_TO_CONNECT, set_as_default=False)
        except (OSError, ValueError, TypeError) as error:
            reason = brief(str(error).split("\n")[0])[1:-1]
            raise InputError(f"dask {brief(address)} can't be reached ({reason}): start dask scheduler there") from None
        try:
            yield client.get_executor(pure=False)
        finally:
            client.close(timeout=SECONDS_TO_CLOSE)


@contextmanager
def _quiet(package: str) -> Iterator[None]:
    """Let a package log nothing in the block: a lost connection is told in one line, by who asked for it."""
    loggers = [
        logging.getLogger(name) for name in logging.root.manager.loggerDict if f"{name}.".startswith(f"{package}.")
    ]
    before = [(logger, logger.level) for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        for logger, level in before:
            logger.setLevel(level)


def lost(error: BaseException) -> bool:
    """Whether an error of a call says that its worker or scheduler is gone, and nothing about the call itself."""
    module = type(error).__module__.partition(".")[0]
    return isinstance(error, BrokenExecutor | CancelledError) or module in ("distributed", "dask")
