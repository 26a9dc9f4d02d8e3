"""The limit on memory: no array is made that would take more than `SHARE` of what the computer has.

A function that is asked for more refuses before it allocates anything, and names the size that it would need.
"""

import math
import os
from functools import cache
from pathlib import Path

SHARE = 0.5
"""Share of the computer's memory that one call may take."""

UNKNOWN = 8 * 2**30
"""What a computer counts as having where it does not say: 8 GiB."""

_CONTAINER = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")


@cache
def limit() -> int:
    """Largest number of bytes for one call: `SHARE` of what the computer has, or of what its container may use."""
    sizes = [_physical(), *(_written(path) for path in _CONTAINER)]
    return int(SHARE * min((size for size in sizes if size is not None), default=UNKNOWN))


def readable(size: int) -> str:
    """A number of bytes in gigabytes, for messages."""
    return f"{size / 1e9:.3g} GB" if size.bit_length() < 1000 else f"about 1e{math.floor(math.log10(size)) - 9} GB"


def _physical() -> int | None:
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, OSError, ValueError):
        return None


def _written(path: str) -> int | None:
    """The limit of a control group; None where there is none."""
    try:
        return int(Path(path).read_text(encoding="ascii"))
    except (OSError, ValueError):
        return None
