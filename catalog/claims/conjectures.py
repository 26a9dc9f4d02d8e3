r"""Open questions, each sharpened until it can fail: a rate, not only a limit.

Statement
---------
Let ``D = |Phi - I|_F``, ``b = max(1, |Phi|)`` and run plain gradient descent from the identity.

C1. If Phi has margin g > 0, ``gamma = min(1, g)`` and ``eta L b^{2 - 2/L} <= 1/2``, then for all t
``|E_t|_F <= (1 - (4/5) eta L gamma^{2 - 2/L})^t D``: the rate of power projection (margin-converges) without
projecting, with a larger step. In particular every target with a margin is learned.

C2. If ``D < 1`` and ``eta L b^{2 - 2/L} <= 1/2``, then ``|E_t|_F <= (1 - (4/5) eta L (1 - D)^{2 - 2/L})^t D``. In
particular every target at distance below 1 is learned. It follows from C1, as the margin is at least 1 - D; it may be
true alone.

C3. The near-identity theorem holds with ``D_L = 1 - (2/5)^{L / (2L - 2)}`` (1 for L = 1, where any will do) in place
of 1/12: if ``D <= D_L`` and ``eta L <= 1/2``, then ``|E_t|_F <= (1 - (2/5) eta L)^t D``. D_L falls from 0.6 at L = 2
to 0.3675 for L to infinity.

Proof
-----
None known. What is: two-layers-learn-a-margin is C1 at L = 2 for shorter steps, at the same order of the rate;
near-identity-converges is C3 with 1/12. No constant above D_L can do for C3: at
``Phi = (1 - D) I`` the error shrinks in the end by the factor ``1 - eta L (1 - D)^{2 - 2/L}`` exactly, which is above
``1 - (2/5) eta L`` once ``D > D_L``; the control "beyond the constant" looks there. No distance above 1 can do for C2
(distance-one-fails). Symmetric targets obey C1 and C2 by positive-definite-converges, up to its constant in front.
Hill climbing on the ratio from two layers on (``dlr falsify``, seed 301) ended at 0.80 after 12,318 tries (C1), at 0.80
after 6,475 (C2) and at 0.97 after 3,271 (C3).

Link: https://arxiv.org/abs/1802.06093, theorems on margins and on targets near the identity.
"""

from collections.abc import Iterator

import numpy as np
from hypothesis import strategies as st

from catalog import _work, conditions, decay, ingredients, strategies
from catalog.claim import Claim, Condition, Contraction, Control, Evidence, Kind
from catalog.claims._points import UNIT_STEP
from catalog.claims.near_identity import largest_step_size as near_identity_step_size
from catalog.sources import here
from catalog.traits import margin_positive, within_unit_distance
from dlr import GradientDescent, Problem, matrices
from dlr._norms import spectral_norms
from dlr.matrices import distance_to_identity
from dlr.rounding import contraction_rounding, power
from dlr.solver import default_step_size
from dlr.types import Matrix

HORIZON = 1_000

DEPTHS = st.integers(2, 8)
"""Depths of the negative controls."""


def half_step(problem: Problem) -> float:
    """``1 / (2 L b^{2 - 2/L})``, the solver's default."""
    return default_step_size(problem.target, problem.depth, GradientDescent())


small_step = conditions.step_size_at_most("eta L b^(2 - 2/L) <= 1/2", half_step)
COMMON = (conditions.plain_gradient_descent, conditions.identity_start)


def instance(target: Matrix, depth: int, fraction: float = 1.0) -> Problem:
    """Gradient descent at a fraction of the largest step size."""
    problem = Problem(target, depth, UNIT_STEP, max_steps=_work.horizon(HORIZON, target, depth))
    eta = fraction * half_step(problem)
    return ingredients.with_step_size(problem, eta) if eta > 0 else problem


def problems(target: Matrix, depth: int) -> Iterator[Problem]:
    """On a named target: the largest step size."""
    yield instance(target, depth)


def margin_targets() -> st.SearchStrategy[Matrix]:
    """Margins from 0.02, skew parts up to 10."""
    return st.one_of(
        strategies.margin_positive(min_margin=0.1, max_eigenvalue=3.0, max_skew=1.0),
        strategies.margin_positive(min_margin=0.02, max_eigenvalue=1.0, max_skew=3.0),
        strategies.margin_positive(min_margin=0.3, max_eigenvalue=10.0, max_skew=10.0, max_dimension=12),
    )


def with_margin() -> st.SearchStrategy[Problem]:
    """Depths to 64."""
    return st.builds(instance, margin_targets(), st.integers(1, 64), ingredients.FRACTIONS)


def within_distance() -> st.SearchStrategy[Problem]:
    """Distances up to 0.98 in all directions, depths to 64."""
    targets = st.one_of(
        strategies.near_the_identity(max_distance=0.98),
        strategies.near_the_identity(min_distance=0.5, max_distance=0.98, min_dimension=2),
        strategies.near_the_identity(min_distance=0.2, max_distance=0.9, min_dimension=9, max_dimension=12),
    )
    return st.builds(instance, targets, st.integers(1, 64), ingredients.FRACTIONS)


def flipped() -> st.SearchStrategy[Problem]:
    """``diag(-s, 1, ..., 1)``, at distance 1 + s and never learned."""
    return st.builds(instance, ingredients.flipped_axes(), DEPTHS)


def moderate() -> st.SearchStrategy[Problem]:
    """Distance 0.5: every step counts."""
    return st.builds(instance, strategies.near_the_identity(min_distance=0.5, max_distance=0.5), DEPTHS)


def controls(*others: Control) -> tuple[Control, ...]:
    """The controls that C1 and C2 share."""
    return (
        *others,
        Control(
            "a penalty", drops=conditions.plain_gradient_descent, draws=lambda: ingredients.with_penalty(moderate())
        ),
        Control("zero start", drops=conditions.identity_start, draws=lambda: ingredients.from_zero(moderate())),
        Control("longer steps", drops=small_step, draws=lambda: ingredients.with_longer_steps(moderate(), 4, 16)),
    )


def evidence(problem: Problem, rate: float) -> Evidence:
    """Decay from ``|Phi - I|_F`` against a conjectured rate."""
    distance = distance_to_identity(problem.target)
    reach = float(spectral_norms(problem.target)) + distance
    rounding = contraction_rounding(len(problem.target), problem.depth, reach, problem.step_size, rate)
    return decay.decay_over_run(problem, Contraction(distance, rate, rounding))


@Claim.define(
    "C1",
    source=here("conjecture on margins"),
    kind=Kind.CONJECTURE,
    hypotheses=(margin_positive, *COMMON, small_step),
    quantity=decay.DECAY,
    problems=problems,
    draws=with_margin,
    controls=controls(Control("flipped axis", drops=margin_positive, draws=flipped)),
)
def margin_suffices(problem: Problem) -> Evidence:
    """Plain gradient descent learns every target with a margin, at the rate of power projection.

    Observed compares ``(1 - (4/5) eta L gamma^{2 - 2/L})^t |Phi - I|_F`` with the error at every step; a negative
    margin counts with its magnitude.
    """
    gamma = min(1.0, abs(matrices.margin(problem.target)))
    return evidence(problem, 0.8 * problem.step_size * problem.depth * power(gamma, 2 - 2 / problem.depth))


@Claim.define(
    "C2",
    source=here("conjecture on distance 1"),
    kind=Kind.CONJECTURE,
    hypotheses=(within_unit_distance, *COMMON, small_step),
    quantity=decay.DECAY,
    problems=problems,
    draws=within_distance,
    controls=controls(Control("flipped axis", drops=within_unit_distance, draws=flipped)),
)
def unit_distance_suffices(problem: Problem) -> Evidence:
    """Plain gradient descent learns every target at distance below 1 from the identity.

    Observed compares ``(1 - (4/5) eta L (1 - D)^{2 - 2/L})^t D`` with the error at every step; beyond distance 1,
    D - 1 stands in for 1 - D.
    """
    gap = min(1.0, abs(1 - distance_to_identity(problem.target)))
    return evidence(problem, 0.8 * problem.step_size * problem.depth * power(gap, 2 - 2 / problem.depth))


def largest_distance(depth: int) -> float:
    """``D_L``."""
    return 1 - power(0.4, depth / (2 * depth - 2)) if depth > 1 else 1.0


within_constant = Condition(
    "|Phi - I|_F <= 1 - (2/5)^(L / (2 L - 2))",
    lambda problem: distance_to_identity(problem.target) <= largest_distance(problem.depth),
)
near_step = conditions.step_size_at_most("eta L <= 1/2", near_identity_step_size)


def near(target: Matrix, depth: int, fraction: float = 1.0) -> Problem:
    """Gradient descent at a fraction of the near-identity theorem's step size."""
    problem = Problem(target, depth, UNIT_STEP, max_steps=_work.horizon(HORIZON, target, depth))
    return ingredients.with_step_size(problem, fraction * near_identity_step_size(problem))


def near_problems(target: Matrix, depth: int) -> Iterator[Problem]:
    """On a named target: the largest step size."""
    yield near(target, depth)


@st.composite
def within_reach(draw: st.DrawFn) -> Problem:
    """Up to the conjectured constant of the drawn depth, in all directions and in the worst known one."""
    depth = draw(st.integers(1, 64))
    limit = largest_distance(depth) * (1 - 2.0**-40)
    shrunk = st.builds(lambda d, share: np.diag([1 - share * limit] + [1.0] * (d - 1)), st.integers(1, 8), SHARES)
    anywhere = strategies.near_the_identity(min_distance=limit / 2, max_distance=limit)
    target = draw(st.one_of(anywhere, strategies.near_the_identity(max_distance=limit, max_dimension=12), shrunk))
    return near(target, depth, draw(ingredients.FRACTIONS))


SHARES = st.sampled_from([1.0, 0.9, 0.5])


def beyond_the_constant() -> st.SearchStrategy[Problem]:
    """``(1 - D) I`` in one dimension, with D above the constant and below 1."""
    return st.builds(
        lambda depth, share: near(np.array([[(1 - largest_distance(depth)) * share]]), depth),
        DEPTHS,
        st.floats(0.3, 0.9),
    )


def halfway() -> st.SearchStrategy[Problem]:
    """Distance 0.3, which every depth allows."""
    return st.builds(near, strategies.near_the_identity(min_distance=0.3, max_distance=0.3), DEPTHS)


@Claim.define(
    "C3",
    source=here("conjecture on the constant of the near-identity theorem"),
    kind=Kind.CONJECTURE,
    hypotheses=(within_constant, *COMMON, near_step),
    quantity=decay.DECAY,
    problems=near_problems,
    draws=within_reach,
    confined=("condition",),
    controls=(
        Control("beyond the constant", drops=within_constant, draws=beyond_the_constant),
        Control(
            "a penalty", drops=conditions.plain_gradient_descent, draws=lambda: ingredients.with_penalty(halfway())
        ),
        Control("zero start", drops=conditions.identity_start, draws=lambda: ingredients.from_zero(halfway())),
        Control("longer steps", drops=near_step, draws=lambda: ingredients.with_longer_steps(halfway(), 4, 16)),
    ),
)
def near_identity_constant(problem: Problem) -> Evidence:
    """The near-identity rate holds up to distance ``1 - (2/5)^{L / (2L - 2)}``, and no further.

    Observed compares ``(1 - (2/5) eta L)^t |Phi - I|_F`` with the error at every step.
    """
    return evidence(problem, 0.4 * problem.step_size * problem.depth)
