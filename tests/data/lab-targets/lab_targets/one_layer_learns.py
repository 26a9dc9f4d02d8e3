r"""One layer learns every target at a fixed rate.

Statement
---------
Let L = 1 and ``eta < 1``. Gradient descent from the identity has ``|E_t|_F = (1 - eta)^t |Phi - I|_F``, so that excess
loss eps takes at most ``ln(|Phi - I|_F / sqrt(2 eps)) / eta`` steps.

Proof
-----
With one layer ``W+ = W - eta (W - Phi)``, so ``E+ = (1 - eta) E``. Last, ``-ln(1 - x) >= x``.

In floating point the error may be off by `dlr.rounding.contraction_rounding`, with the layer's norm at most
``1 + |Phi - I|``.

Link: https://arxiv.org/abs/1802.06093, the case of one layer.
"""

import math
from collections.abc import Iterator
from dataclasses import replace

from hypothesis import strategies as st

from catalog import conditions, decay, ingredients, strategies
from catalog.claim import Claim, Condition, Contraction, Control, Evidence, Kind
from catalog.sources import here
from dlr import GradientDescent, Problem
from dlr.matrices import distance_to_identity
from dlr.rounding import contraction_rounding
from dlr.types import Matrix


def largest_step_size(problem: Problem) -> float:
    """The largest number below 1."""
    return math.nextafter(1.0, 0.0)


def contraction(problem: Problem) -> Contraction:
    """``|E_t|_F = (1 - eta)^t |Phi - I|_F``."""
    distance, rate = distance_to_identity(problem.target), problem.step_size
    rounding = contraction_rounding(len(problem.target), 1, 1 + distance, problem.step_size, rate)
    return Contraction(distance, rate, rounding)


one_layer = Condition("L = 1", lambda problem: problem.depth == 1)
small_step = conditions.step_size_at_most("eta < 1", largest_step_size)
above_rounding = conditions.above_rounding(contraction)


def problems(target: Matrix, depth: int) -> Iterator[Problem]:
    """On a named target."""
    yield instance(target, depth)


def instance(target: Matrix, depth: int = 1, step_size: float = 0.5) -> Problem:
    """The problem at a step size."""
    problem = Problem(target, depth, GradientDescent(step_size))
    return replace(problem, tol=conditions.raised(1e-9, contraction(problem)))


def draws() -> st.SearchStrategy[Problem]:
    """Any matrix, at step sizes up to 1."""
    return st.builds(instance, strategies.general(), st.just(1), st.sampled_from([0.5, 0.01, 0.1, 0.99]))


def away() -> st.SearchStrategy[Problem]:
    """Targets away from the identity: every step counts."""
    targets = strategies.negative_eigenvalue(max_magnitude=3.0)
    return st.builds(instance, targets, st.just(1), st.sampled_from([0.5, 0.1]))


def far_start() -> st.SearchStrategy[Problem]:
    """A layer a thousand times as far away as the identity."""

    def build(problem: Problem) -> Problem:
        return replace(problem, initial_layers=problem.start + 1e3 * (problem.start - problem.target))

    return away().map(build)


def below_rounding() -> st.SearchStrategy[Problem]:
    """A tolerance below what floating point resolves."""
    return away().map(lambda problem: replace(problem, tol=1e-300))


def more_layers() -> st.SearchStrategy[Problem]:
    """From two layers on a negative eigenvalue is never learned."""
    return st.builds(instance, strategies.negative_eigenvalue(), st.integers(2, 8), st.sampled_from([0.01, 0.001]))


def long_steps() -> st.SearchStrategy[Problem]:
    """Beyond 2 the error grows."""
    return st.builds(instance, strategies.negative_eigenvalue(), st.just(1), st.floats(2.1, 4.0))


@Claim.define(
    "N1",
    source=here("one layer"),
    kind=Kind.UPPER_BOUND,
    hypotheses=(
        one_layer,
        small_step,
        conditions.plain_gradient_descent,
        conditions.identity_start,
        above_rounding,
    ),
    quantity="steps to tolerance",
    problems=problems,
    draws=draws,
    depths=(1,),
    controls=(
        Control("more layers", drops=one_layer, draws=more_layers),
        Control("longer steps", drops=small_step, draws=long_steps),
        Control("a penalty", drops=conditions.plain_gradient_descent, draws=lambda: ingredients.with_penalty(away())),
        Control("far start", drops=conditions.identity_start, draws=far_start),
        Control("tolerance below rounding", drops=above_rounding, draws=below_rounding),
    ),
)
def one_layer_learns(problem: Problem) -> Evidence:
    """One layer learns every target within the iteration bound.

    Observed is the number of steps, or one more than the bound where the tolerance is not reached within it.
    """
    return decay.steps_within(problem, contraction(problem).steps_to(problem.tol))
