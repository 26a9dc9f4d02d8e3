"""What a run takes where nothing is given: algorithm, step size, margin."""

from dataclasses import fields, is_dataclass, replace
from types import SimpleNamespace
from typing import Any, cast

import numpy as np

from dlr.algorithms import (
    Algorithm,
    GradientDescent,
    NoMarginError,
    PowerProjection,
    ReducibleAlgorithm,
    penalty_strength,
)
from dlr.arguments import InputError, number
from dlr.matrices import margin, relative_margin
from dlr.rounding import ROUNDING, power
from dlr.types import Matrix


def settled(algorithm: Algorithm | None, target: Matrix, depth: int) -> tuple[Algorithm, str]:
    """The algorithm with step size and margin filled in, and the step size's source: ``"given"`` or ``"default"``.

    Raises
    ------
    InputError
        If the margin is above the target's.
    NoMarginError
        If ``algorithm`` is power projection and the target has no positive margin.
    """
    algorithm = with_margin(GradientDescent() if algorithm is None else algorithm, target)
    if algorithm.step_size is not None:
        return algorithm, "given"
    return with_step_size(algorithm, step_size_for(target, depth, algorithm)), "default"


def step_size_for(target: Matrix, depth: int, algorithm: Algorithm) -> float:
    """`dlr.solver.default_step_size`."""
    b = max(1.0, float(np.linalg.norm(target, 2)))
    return max(1 / (2 * depth * power(b, 2 - 2 / depth) + penalty_strength(algorithm)), 5e-324)


def with_margin(algorithm: Algorithm, target: Matrix) -> Algorithm:
    """``algorithm`` with the margin of power projection filled in or checked; raises as `settled`."""
    if not isinstance(algorithm, PowerProjection):
        return algorithm
    own = margin(target)
    if relative_margin(target) <= ROUNDING:
        raise NoMarginError(
            f"target must have a positive margin for power projection, got {own:.3g}: use another algorithm"
        )
    if algorithm.margin is None:
        return replace(algorithm, margin=min(1.0, own))
    if number("margin", algorithm.margin, above=0, maximum=1) > own * (1 + ROUNDING):
        raise InputError(f"margin must be at most the target's own {own:.6g}, got {algorithm.margin:g}: lower it")
    return algorithm


def with_step_size(algorithm: Algorithm, step_size: float | None) -> Algorithm:
    """`dlr.solver.at_step_size`."""
    own: Any = algorithm
    if is_dataclass(own) and any(field.init and field.name == "step_size" for field in fields(own)):
        return cast(Algorithm, replace(cast(Any, own), step_size=step_size))
    reduced = {"reduced_step": algorithm.reduced_step} if isinstance(algorithm, ReducibleAlgorithm) else {}
    return cast(Algorithm, SimpleNamespace(name=algorithm.name, step_size=step_size, step=algorithm.step, **reduced))
