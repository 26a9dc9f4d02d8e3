r"""Targets near the identity are learned, at a rate that no depth slows.

Statement
---------
If ``D = |Phi - I|_F <= 1/12`` and ``eta L <= 1/2``, gradient descent from the identity has for all t

    ``|E_{t+1}|_F <= (1 - 0.73 eta L) |E_t|_F`` and ``|Theta_i - I| <= 1.55 D / L`` for every layer,

so that excess loss eps takes at most ``ln(D / sqrt(2 eps)) / (0.73 eta L)`` steps, and no layer leaves the ball of
radius ``0.13 / L``.

Proof
-----
Induct with a = 0.13: while ``|Theta_i - I| <= a / L``, the products ``A_i`` above and ``B_i`` below layer i have L - 1
factors in all, so their norms multiply to at most ``(1 + a/L)^{L-1} <= e^a`` and their least singular values to at
least ``(1 - a/L)^{L-1} >= e^{-a}``, as ``ln(1 - x) >= -x / (1 - x)`` and ``(L - 1) / (L - a) <= 1``. The part of the
step linear in eta is ``-eta M(E)`` with ``M(E) = sum_i A_i A_i^T E B_i^T B_i``, self-adjoint with spectrum in ``[L
e^{-2a}, L e^{2a}]``; as ``eta L e^{2a} <= 0.65``, it contracts by at least ``1 - 0.771 eta L``. The terms that move k
>= 2 layers add up to ``|R|_F <= sum_k C(L, k) eta^k (1 + a/L)^{L-k} (e^a |E|)^k <= e^a (e^x - 1 - x)`` with ``x = eta L
e^a |E|_F <= 0.0475``, where ``e^x - 1 - x <= 0.509 x^2``: at most ``0.032 eta L |E|_F``. Together: a factor of at most
``1 - 0.739 eta L``. The drift of a layer adds up to at most ``eta e^a D / (0.739 eta L) <= 1.55 D / L``, and ``1.55 /
12 <= 0.13``, so the induction goes on.

In floating point the error may be off by `dlr.rounding.contraction_rounding` with the layers' norms multiplying to at
most ``e^a <= 1.14``, and a layer, whose errors add up, by what its steps so far have rounded.

Link: https://arxiv.org/abs/1802.06093, theorem on targets near the identity.
"""

import math
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

import numpy as np
from hypothesis import strategies as st

from catalog import conditions, decay, ingredients, strategies, trajectories
from catalog.claim import Claim, Contraction, Control, Evidence, Kind
from catalog.enclosures import exp, remainder_over
from catalog.proofs import Step
from catalog.sources import bhl
from catalog.traits import near_identity
from dlr import GradientDescent, Penalized, Problem
from dlr._norms import spectral_norms
from dlr.matrices import distance_to_identity
from dlr.rounding import EPSILON, contraction_rounding, matrix_rounding
from dlr.types import Matrix

A, SPEED, RATE, DRIFT = 0.13, 0.5, 0.73, 1.55
"""a, and the bounds on ``eta L``, on the rate and on the drift."""

REACH = 1.14
"""``e^a``, rounded up."""

CONSTANTS: dict[str, float | Fraction] = {
    "a": A,
    "distance": Fraction(1, 12),
    "speed": SPEED,
    "top": 0.65,
    "bottom": 0.771,
    "x": 0.0475,
    "curvature": 0.509,
    "remainder": 0.032,
    "together": 0.739,
    "rate": RATE,
    "drift": DRIFT,
    "reach": REACH,
}

PROOF = (
    Step("eta L e^(2a) <= {top}", lambda c: (c.speed * exp(2 * c.a), c.top), CONSTANTS),
    Step("the linear part contracts by {bottom} eta L", lambda c: (c.bottom, exp(-2 * c.a)), CONSTANTS),
    Step("x = eta L e^a |E| <= {x}", lambda c: (c.speed * exp(c.a) * c.distance, c.x), CONSTANTS),
    Step(
        "e^x - 1 - x <= {curvature} x^2",
        lambda c, x: (remainder_over(x), c.curvature),
        CONSTANTS,
        {"x": (0, "x")},
    ),
    Step(
        "the remainder is at most {remainder} eta L |E|",
        lambda c: (c.curvature * exp(2 * c.a) * c.x, c.remainder),
        CONSTANTS,
    ),
    Step("together {together} eta L", lambda c: (c.together, exp(-2 * c.a) - c.remainder), CONSTANTS),
    Step("the rate {rate} is less", lambda c: (c.rate, c.together), CONSTANTS),
    Step("the drift adds up to {drift} D / L", lambda c: (exp(c.a) / c.together, c.drift), CONSTANTS),
    Step("which is at most a / L", lambda c: (c.drift * c.distance, c.a), CONSTANTS),
    Step("e^a <= {reach}", lambda c: (exp(c.a), c.reach), CONSTANTS),
)

HORIZON = 100
SOURCE = bhl("targets near the identity")


def largest_step_size(problem: Problem) -> float:
    """``1 / (2 L)``."""
    return SPEED / problem.depth


def contraction(problem: Problem) -> Contraction:
    """``|E_t|_F <= (1 - 0.73 eta L)^t D``."""
    rate = RATE * problem.step_size * problem.depth
    rounding = contraction_rounding(len(problem.target), problem.depth, REACH, problem.step_size, rate)
    return Contraction(distance_to_identity(problem.target), rate, rounding)


def largest_drift(problem: Problem) -> float:
    """``1.55 D / L``."""
    return DRIFT * distance_to_identity(problem.target) / problem.depth


small_step = conditions.step_size_at_most("eta L <= 1/2", largest_step_size)
above_rounding = conditions.above_rounding(contraction)


def instance(target: Matrix, depth: int, fraction: float = 1.0, tol: float = 1e-9) -> Problem:
    """The problem at a fraction of the largest step size; the tolerance is raised above rounding."""
    problem = Problem(target, depth, GradientDescent(fraction * SPEED / depth), tol, HORIZON)
    return replace(problem, tol=conditions.raised(tol, contraction(problem)))


def problems(target: Matrix, depth: int) -> Iterator[Problem]:
    """On a named target: the largest step size."""
    yield instance(target, depth)


def draws() -> st.SearchStrategy[Problem]:
    """All distances to 1/12, in any direction, and depths to 64."""
    return st.builds(
        instance,
        st.one_of(
            strategies.near_the_identity(min_distance=1 / 24, min_dimension=3),
            strategies.near_the_identity(min_distance=1e-3),
        ),
        st.integers(1, 64),
        st.sampled_from([1.0, 0.5, 0.25]),
        st.sampled_from([1e-9, 1e-6, 1e-12]),
    )


def some() -> st.SearchStrategy[Problem]:
    """Distances of 1/20 and more at the largest step size and small depths: every step counts."""
    return st.builds(instance, strategies.near_the_identity(min_distance=0.05), st.integers(2, 8))


def far_targets() -> st.SearchStrategy[Problem]:
    """Targets at distance 1.5 to 4: some have a negative determinant, and some rotate far."""
    return st.builds(
        instance, strategies.near_the_identity(min_distance=1.5, max_distance=4.0, max_dimension=3), st.integers(2, 8)
    )


def strongly_pulled() -> st.SearchStrategy[Problem]:
    """Penalties with ``eta kappa`` of 1.6 to 1.9: the pull to the identity throws the layers past it."""
    return st.builds(
        lambda problem, pull: replace(problem, algorithm=Penalized(pull / problem.step_size, problem.step_size)),
        some(),
        st.floats(1.6, 1.9),
    )


def ahead() -> st.SearchStrategy[Problem]:
    """The first layer 1.5 shares of the way ahead of the others: inside the bound, and pushed on."""

    def build(problem: Problem) -> Problem:
        layers = problem.start
        layers[0] += 1.5 * (problem.target - np.eye(len(problem.target))) / problem.depth
        return replace(problem, initial_layers=layers)

    return some().map(build)


THEOREM = (near_identity, conditions.plain_gradient_descent, small_step, conditions.identity_start)
FAR = Control("far targets", drops=near_identity, draws=far_targets)
LONG = Control("longer steps", drops=small_step, draws=lambda: ingredients.with_longer_steps(some(), 4.4, 16))
PULLED = Control("a penalty", drops=conditions.plain_gradient_descent, draws=lambda: ingredients.with_penalty(some()))
ZERO = Control("zero start", drops=conditions.identity_start, draws=lambda: ingredients.from_zero(some()))


@Claim.define(
    "P1",
    source=SOURCE,
    kind=Kind.UPPER_BOUND,
    hypotheses=(*THEOREM, above_rounding, conditions.within_budget(contraction)),
    quantity="steps to tolerance",
    problems=problems,
    confined=("condition", "margin"),
    draws=draws,
    largest_step_size=largest_step_size,
    contraction=contraction,
    proof=PROOF,
    controls=(
        FAR,
        LONG,
        PULLED,
        ZERO,
        Control(
            "tolerance below rounding",
            drops=above_rounding,
            draws=lambda: some().map(lambda problem: replace(problem, tol=1e-300)),
        ),
    ),
)
def near_identity_converges(problem: Problem) -> Evidence:
    """Gradient descent learns every target within 1/12 of the identity within the iteration bound.

    Observed is the number of steps, or one more than the bound where the tolerance is not reached within it.
    """
    return decay.steps_within(problem, contraction(problem).steps_to(problem.tol))


@Claim.define(
    "P1b",
    source=SOURCE,
    kind=Kind.UPPER_BOUND,
    hypotheses=THEOREM,
    quantity=decay.STEP_DECAY,
    problems=problems,
    confined=("condition", "margin"),
    draws=draws,
    proof=PROOF,
    controls=(FAR, LONG, PULLED, ZERO),
)
def near_identity_error_shrinks(problem: Problem) -> Evidence:
    """Near the identity the error shrinks by a factor of at most ``1 - 0.73 eta L`` in every step."""
    return decay.decay_in_each_step(replace(problem, engine="reference"), contraction(problem))


@Claim.define(
    "P1c",
    source=SOURCE,
    kind=Kind.UPPER_BOUND,
    partner="P1b",
    hypotheses=THEOREM,
    quantity="largest |Theta_i - I| over all steps",
    problems=problems,
    confined=("condition", "margin"),
    draws=draws,
    proof=PROOF,
    controls=(
        FAR,
        LONG,
        Control("a strong penalty", drops=conditions.plain_gradient_descent, draws=strongly_pulled),
        Control("one layer ahead", drops=conditions.identity_start, draws=ahead),
    ),
)
def near_identity_layers_stay_close(problem: Problem) -> Evidence:
    """Near the identity every layer stays within ``1.55 |Phi - I|_F / L`` of the identity."""
    identity, bound, steps = np.eye(len(problem.target)), largest_drift(problem), problem.max_steps
    drift = 0.0
    for _, layers in trajectories.layer_iterates(problem, steps):
        if not np.all(np.isfinite(layers)):
            return Evidence(np.inf, bound, steps=steps, engine="reference")
        drift = max(drift, float(np.max(spectral_norms(layers - identity))))
    d, depth = len(problem.target), problem.depth
    gradient = problem.step_size * matrix_rounding(d, 2 * depth) * REACH**2 * 2
    slack = steps * (EPSILON * math.sqrt(d) * REACH + gradient)
    return Evidence(drift, bound, slack, steps, "reference")
