"""Hypotheses on a whole problem that several claims share."""

import math
from collections.abc import Callable

import numpy as np

from catalog.claim import Condition, Contraction
from dlr import GradientDescent, Penalized, PowerProjection, Problem, StepAndProject, network
from dlr._arrays import LARGEST_DEPTH
from dlr.arguments import function, instance, integer, number

__all__ = [
    "STEP_BUDGET",
    "above_rounding",
    "depth_at_least",
    "exact_arithmetic",
    "identity_start",
    "plain_gradient_descent",
    "power_projection",
    "raised",
    "regularized_descent",
    "step_size_at_most",
    "within_budget",
    "zero_asymmetric_start",
]

STEP_BUDGET = 20_000
"""Largest number of steps of a single check."""

identity_start = Condition("identity start", lambda problem: problem.initial_layers is None)

zero_asymmetric_start = Condition(
    "zero-asymmetric start",
    lambda problem: (
        problem.initial_layers is not None
        and np.array_equal(problem.initial_layers, network.zero_asymmetric_layers(problem.target, problem.depth))
    ),
)

plain_gradient_descent = Condition("plain gradient descent", lambda problem: type(problem.algorithm) is GradientDescent)

regularized_descent = Condition(
    "gradient descent, step-and-project or penalized",
    lambda problem: type(problem.algorithm) in (GradientDescent, StepAndProject, Penalized),
)

power_projection = Condition(
    "power projection",
    lambda problem: type(problem.algorithm) is PowerProjection and problem.algorithm.margin is not None,
)

exact_arithmetic = Condition(
    "exact arithmetic (engine auto or spectral)", lambda problem: problem.engine in ("auto", "spectral")
)


def depth_at_least(minimum: int) -> Condition:
    """``L >= minimum``."""
    integer("minimum", minimum, maximum=LARGEST_DEPTH)
    return Condition(f"L >= {minimum}", lambda problem: problem.depth >= minimum)


def step_size_at_most(name: str, largest: Callable[[Problem], float]) -> Condition:
    """Step size at most that of the theorem, which ``largest`` computes; ``name`` is the inequality."""
    function("largest", largest)
    return Condition(name, lambda problem: problem.step_size <= largest(problem))


def above_rounding(contraction: Callable[[Problem], Contraction]) -> Condition:
    """Tolerance large enough to be reached in floating point."""
    function("contraction", contraction)
    return Condition("sqrt(2 tol) >= 10 rounding errors", lambda problem: contraction(problem).resolves(problem.tol))


def raised(tol: float, contraction: Contraction) -> float:
    """``tol``, or the least tolerance that `above_rounding` admits where that is larger and finite."""
    instance("contraction", contraction, Contraction)
    tol = number("tol", tol, minimum=0)
    least = 51 * contraction.rounding * contraction.rounding
    return max(tol, least) if least < math.inf else tol


def within_budget(contraction: Callable[[Problem], Contraction], budget: int = STEP_BUDGET) -> Condition:
    """At most ``budget`` proved steps: no hypothesis of the theorem, only a limit that keeps the check short."""
    function("contraction", contraction)
    integer("budget", budget, maximum=LARGEST_DEPTH)
    return Condition(
        f"at most {budget:,} steps",
        lambda problem: contraction(problem).steps_to(problem.tol) <= budget,
        practical=True,
    )
