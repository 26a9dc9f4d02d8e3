"""A progress line on stderr, where stderr is a terminal."""

import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from rich.console import Console
from rich.progress import track

Item = TypeVar("Item")

OFTEN = 0.1
"""Seconds between two changes of a line."""


def tracked(items: Iterable[Item], total: int) -> Iterator[Item]:
    """Yield ``items`` while a line on stderr shows how many of ``total`` are done; silent off a terminal."""
    if sys.stderr.isatty():
        items = track(items, description="checking", total=total, console=Console(stderr=True), transient=True)
    yield from items


@contextmanager
def watching() -> Iterator[Callable[[Callable[[], str]], None]]:
    """What shows a line, made when it is time for another, on stderr until the end; silent off a terminal."""
    if not sys.stderr.isatty():
        yield lambda line: None
        return
    with Console(stderr=True).status("searching") as status:
        shown = time.monotonic()

        def show(line: Callable[[], str]) -> None:
            nonlocal shown
            if time.monotonic() - shown > OFTEN:
                shown = time.monotonic()
                status.update(line())

        yield show
