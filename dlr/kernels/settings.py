"""Compiler settings, status codes and rule codes that the loops share."""

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba

from dlr.kernels.cache import LoopCache

CONVERGED, STALLED, DIVERGED, RUNNING = range(4)
"""Status: loss at most the tolerance; a step changed nothing; next loss not finite; no room for more steps."""

PULL, CLIP, POWER = range(3)
"""What a rule adds to the gradient step: a pull to the identity (none at strength 0), clipping, power projection."""

SETTINGS: dict[str, Any] = {"nogil": True, "error_model": "numpy", "no_cfunc_wrapper": True}
INSIDE: dict[str, Any] = {**SETTINGS, "no_cpython_wrapper": True}

F = TypeVar("F", bound=Callable[..., Any])


def entry(function: F) -> F:
    """Compile a function that Python calls, and keep it (the cast gives it a type, which Numba's decorator does not).

    What it calls becomes part of it and need not be kept.
    """
    dispatcher = numba.njit(**SETTINGS, fastmath={"contract"})(function)
    dispatcher._cache = LoopCache(function.__name__)
    return cast(F, dispatcher)


def compiled(function: F) -> F:
    """Compile a function that only compiled functions call; leaving out the wrapper for Python saves compile time."""
    return cast(F, numba.njit(**INSIDE, fastmath={"contract"})(function))


def summing(function: F) -> F:
    """The same as `compiled`, but sums may be reordered."""
    return cast(F, numba.njit(**INSIDE, fastmath={"contract", "reassoc"})(function))
