"""A progress line on stderr, where stderr is a terminal."""

import sys
from collections.abc import Iterable, Iterator
from typing import TypeVar

from rich.console import Console
from rich.progress import track

Item = TypeVar("Item")


def tracked(items: Iterable[Item], total: int) -> Iterator[Item]:
    """Yield ``items`` while a line on stderr shows how many of ``total`` are done; silent off a terminal."""
    if sys.stderr.isatty():
        items = track(items, description="checking", total=total, console=Console(stderr=True), transient=True)
    yield from items
