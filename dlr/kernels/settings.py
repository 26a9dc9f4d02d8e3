"""What the loops share: compiler settings, status and rule codes."""

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba

CONVERGED, STALLED, DIVERGED, RUNNING = range(4)
"""Status: the loss is at most the tolerance; a step changed nothing; the next loss is not finite; steps ran out."""

PULL, CLIP, POWER = range(3)
"""A step beside the gradient: pull to the identity (strength 0: nothing), clip to a ball, power projection."""

SETTINGS: dict[str, Any] = {"cache": True, "nogil": True, "error_model": "numpy", "no_cfunc_wrapper": True}
INSIDE: dict[str, Any] = {**SETTINGS, "no_cpython_wrapper": True}

F = TypeVar("F", bound=Callable[..., Any])


def entry(function: F) -> F:
    """Compile what Python calls (numba's decorators have no types of their own)."""
    return cast(F, numba.njit(**SETTINGS, fastmath={"contract"})(function))


def compiled(function: F) -> F:
    """Compile what only compiled functions call: without a wrapper for Python, which takes a tenth of the time."""
    return cast(F, numba.njit(**INSIDE, fastmath={"contract"})(function))


def summing(function: F) -> F:
    """`compiled`, with sums in any order."""
    return cast(F, numba.njit(**INSIDE, fastmath={"contract", "reassoc"})(function))
