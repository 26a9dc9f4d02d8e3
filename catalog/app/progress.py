"""Progress with the time left, on stderr: one changing line on a terminal, a line every ten seconds elsewhere."""

import shutil
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import TypeVar

Item = TypeVar("Item")

OFTEN, SELDOM = 0.2, 10.0
"""Seconds between two lines on a terminal and elsewhere."""


class Progress:
    """What a line of progress says; change the fields as the work goes on.

    Attributes
    ----------
    what : str
        What is being done.
    total, done : int
        How much there is to do, in any unit, and how much of it is done.
    line : callable
        Returns the line. By default it counts, and takes the units left to last as long as those done; without a total
        it says how long it has taken.
    """

    def __init__(self, what: str, total: int = 0) -> None:
        self.what, self.total, self.done = what, total, 0
        self.line: Callable[[], str] = self._count
        self._start = time.monotonic()

    def over(self, items: Iterable[Item]) -> Iterator[Item]:
        """Yield ``items``, and count each when the next is asked for."""
        for item in items:
            yield item
            self.done += 1

    def _count(self) -> str:
        seconds = time.monotonic() - self._start
        if not self.total:
            return f"{self.what}, {duration(seconds)} so far"
        left = f", about {duration(seconds / self.done * (self.total - self.done))} left" if self.done else ""
        return f"{self.what} {self.done:,} of {self.total:,}{left}"


def duration(seconds: float) -> str:
    """Seconds for people: ``7 s``, ``12 min`` or ``3.5 h``."""
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 6000 else f"{seconds / 3600:,.1f} h"


@contextmanager
def shown(what: str, total: int = 0) -> Iterator[Progress]:
    """Show progress until the end of the block."""
    progress, over, stream = Progress(what, total), threading.Event(), sys.stderr
    terminal = stream.isatty()

    def tell(text: str) -> None:
        with suppress(OSError, ValueError):  # a stream that takes nothing stops nothing
            stream.write(text)
            stream.flush()

    def tick() -> None:
        while not over.wait(OFTEN if terminal else SELDOM):
            width = shutil.get_terminal_size().columns - 1
            tell(f"\r\x1b[K{progress.line()[:width]}" if terminal else f"dlr: {progress.line()}\n")

    ticker = threading.Thread(target=tick, daemon=True)
    ticker.start()
    try:
        yield progress
    finally:
        over.set()
        ticker.join()
        if terminal:
            tell("\r\x1b[K")
