"""What the loops share: compiler settings, status and rule codes."""

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba

CONVERGED, STALLED, DIVERGED, RUNNING = range(4)
"""Status: the loss is at most the tolerance; a step changed nothing; the next loss is not finite; steps ran out."""

PULL, CLIP, POWER = range(3)
"""A step beside the gradient: pull to the identity (strength 0: nothing), clip to a ball, power projection."""

F = TypeVar("F", bound=Callable[..., Any])


def compiled(function: F) -> F:
    """`numba.njit` with this module's settings (numba's decorators have no types of their own)."""
    return cast(F, numba.njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract"})(function))


def summing(function: F) -> F:
    """`compiled`, with sums in any order."""
    return cast(F, numba.njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract", "reassoc"})(function))
