"""Step sizes of a sweep: a number, or a multiple of one that depends on target and depth."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dlr import Problem
from dlr._defaults import step_sizes_for
from dlr.algorithms import Algorithm
from dlr.arguments import InputError, brief, number, one_of
from dlr.solver import at_step_size, problem_for
from dlr.types import Matrix

__all__: list[str] = []

UNITS = ("default", "proved", "cap")
"""What a step size can be a multiple of: the algorithm's own or the default one; the largest at which a claim proves
something of the run; and ``2 / (L |Phi|^(2 - 2/L))``, beyond which claim N9c lets no minimum be stable."""


@dataclass(frozen=True)
class StepRule:
    """``factor`` times a unit, one of `UNITS`; without a unit, the step size itself."""

    factor: float
    unit: str = ""

    def __str__(self) -> str:
        if not self.unit:
            return repr(self.factor)
        return self.unit if self.factor == 1 else f"{self.factor!r} {self.unit}"


def step_rule(name: str, value: object) -> StepRule:
    """A rule as it is written: ``0.01``, ``"default"``, ``"0.5 cap"``."""
    if isinstance(value, StepRule):
        return value
    if not isinstance(value, str):
        return StepRule(number(name, value, above=0))
    match = re.fullmatch(r"(?:(\S+)\s+)?([A-Za-z]+)", value.strip())
    if match is None:
        raise InputError(
            f'{name} must be a number, {", ".join(UNITS)} or a multiple of these, got {brief(value)}: write "0.5 cap"'
        )
    try:
        factor = 1.0 if match[1] is None else float(match[1])
    except ValueError:
        raise InputError(f'{name} must start with a number, got {brief(value)}: write "0.5 cap", for one') from None
    return StepRule(number(name, factor, above=0), one_of(name, match[2], UNITS))


def sizes_for(
    rules: Sequence[StepRule],
    targets: Matrix,
    depth: int,
    algorithm: Algorithm,
    *,
    tol: float,
    max_steps: int,
    engine: str,
) -> Matrix:
    """The step sizes, shape (n,), that n rules mean for targets (n, d, d).

    Raises
    ------
    InputError
        If a step size is to be a proved one, and no claim covers the run.
    """
    sizes = np.array([rule.factor for rule in rules])
    units = np.array([rule.unit for rule in rules])
    usual = np.flatnonzero(units == "default")
    if len(usual) and algorithm.step_size is not None:
        sizes[usual] *= number("step_size of the algorithm", algorithm.step_size, above=0)
    elif len(usual):
        sizes[usual] *= step_sizes_for(targets[usual], depth, algorithm)
    for i in np.flatnonzero(units == "cap"):
        sizes[i] *= _cap(targets[i], depth)
    for i in np.flatnonzero(units == "proved"):
        problem = problem_for(
            targets[i], depth, at_step_size(algorithm, None), tol=tol, max_steps=max_steps, engine=engine
        )
        sizes[i] *= _proved(problem)
    return sizes


def _cap(target: Matrix, depth: int) -> float:
    from catalog.claims.sharpness import least_sharpness  # loaded where it is used, with Hypothesis: 0.5 s

    sharpness = least_sharpness(target, depth)
    if sharpness == 0:
        raise InputError("step_size must be a number for a target of zeros, got 'cap': it has none there")
    return 2 / sharpness


def _proved(problem: Problem) -> float:
    from catalog.guarantees import proved_step_size  # loaded where it is used, as above

    return proved_step_size(problem)
