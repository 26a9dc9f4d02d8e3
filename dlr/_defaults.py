"""What a run takes where nothing is given: algorithm, step size, margin."""

import math
from dataclasses import dataclass, fields, is_dataclass, replace
from types import SimpleNamespace
from typing import Any, cast

import numpy as np

from dlr._norms import margins, relative_margins, spectral_norms
from dlr.algorithms import (
    Algorithm,
    GradientDescent,
    NoMarginError,
    PowerProjection,
    ReducibleAlgorithm,
    penalty_strength,
)
from dlr.arguments import InputError, number
from dlr.rounding import ROUNDING
from dlr.types import Matrix


@dataclass(frozen=True)
class Defaults:
    """What runs to a stack of n targets take, one after the other.

    Attributes
    ----------
    algorithm : Algorithm
        As it was given.
    step_sizes : ndarray, shape (n,)
    source : str
        Of the step sizes: ``"given"`` or ``"default"``.
    margins : ndarray, shape (n,), or None
        Of power projection.
    """

    algorithm: Algorithm
    step_sizes: Matrix
    source: str
    margins: Matrix | None

    def of(self, i: int) -> Algorithm:
        """The algorithm of run i, with step size and margin filled in."""
        algorithm = self.algorithm
        if self.margins is not None:
            algorithm = replace(cast(PowerProjection, algorithm), margin=float(self.margins[i]))
        own, size = algorithm.step_size, float(self.step_sizes[i])
        return algorithm if own is not None and float(own) == size else with_step_size(algorithm, size)


def defaults(algorithm: Algorithm | None, targets: Matrix, depth: int, step_sizes: Matrix | None = None) -> Defaults:
    """The defaults of runs to targets (n, d, d); ``step_sizes`` (n,) are taken in place of the algorithm's.

    Raises
    ------
    InputError
        If the margin is above a target's.
    NoMarginError
        If ``algorithm`` is power projection and a target has no positive margin.
    """
    algorithm = GradientDescent() if algorithm is None else algorithm
    margins = _margins(algorithm, targets) if isinstance(algorithm, PowerProjection) else None
    if step_sizes is not None:
        return Defaults(algorithm, step_sizes, "given", margins)
    if algorithm.step_size is not None:
        return Defaults(algorithm, np.full(len(targets), float(algorithm.step_size)), "given", margins)
    return Defaults(algorithm, step_sizes_for(targets, depth, algorithm), "default", margins)


def settled(algorithm: Algorithm | None, target: Matrix, depth: int) -> tuple[Algorithm, str]:
    """The algorithm with step size and margin filled in, and the step size's source; raises as `defaults`."""
    found = defaults(algorithm, target[None], depth)
    return found.of(0), found.source


def step_sizes_for(targets: Matrix, depth: int, algorithm: Algorithm) -> Matrix:
    """`dlr.solver.default_step_size` for targets (n, d, d)."""
    b = np.maximum(1.0, spectral_norms(targets))
    powers = np.array([_power(base, 2 - 2 / depth) for base in b.tolist()])
    return np.maximum(1 / (2 * depth * powers + penalty_strength(algorithm)), 5e-324)


def _power(base: float, exponent: float) -> float:
    """`dlr.rounding.power` of a base of at least 1, which needs no check."""
    try:
        return math.pow(base, exponent)
    except OverflowError:
        return math.inf


def _margins(algorithm: PowerProjection, targets: Matrix) -> Matrix:
    """The margins that power projection keeps: the targets' own, at most 1, or the given one."""
    own, relative = margins(targets), relative_margins(targets)
    positive = relative > ROUNDING
    if not positive.all():
        first = own[np.argmin(positive)]
        raise NoMarginError(
            f"target must have a positive margin for power projection, got {first:.3g}: use another algorithm"
        )
    if algorithm.margin is None:
        return np.minimum(1.0, own)
    given = number("margin", algorithm.margin, above=0, maximum=1)
    kept = given <= own * (1 + ROUNDING)
    if not kept.all():
        first = own[np.argmin(kept)]
        raise InputError(f"margin must be at most the target's own {first:.6g}, got {given:g}: lower it")
    return np.full(len(targets), given)


def with_step_size(algorithm: Algorithm, step_size: float | None) -> Algorithm:
    """`dlr.solver.at_step_size`."""
    own: Any = algorithm
    if is_dataclass(own) and any(field.init and field.name == "step_size" for field in fields(own)):
        return cast(Algorithm, replace(cast(Any, own), step_size=step_size))
    reduced = {"reduced_step": algorithm.reduced_step} if isinstance(algorithm, ReducibleAlgorithm) else {}
    return cast(Algorithm, SimpleNamespace(name=algorithm.name, step_size=step_size, step=algorithm.step, **reduced))
