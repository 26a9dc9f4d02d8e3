r"""Power projection learns every target with a positive margin, symmetric or not.

Statement
---------
Let Phi be gamma-positive with gamma <= 1, ``D = |Phi - I|_F``, ``M = |Phi| + D`` and
``eta <= min(1 / (L M^{2 - 2/L}), gamma^{2 - 2/L} / (3 L M^{3 - 4/L} D))``. Then power projection from I keeps every
product W_t gamma-positive and the layers balanced (equal singular values), and for all t

    ``|E_t|_F <= (1 - (4/5) eta L gamma^{2 - 2/L})^t D``.

Proof
-----
W_0 = I is gamma-positive. Suppose W_t is, with ``|E_t|_F <= D``; so ``sigma_min(W_t) >= gamma`` and
``|W_t| <= M``. The layers are balanced: with ``W = R P``, ``Theta_i ... Theta_1 = R^{i/L} P^{i/L}``, so the product
``A_i`` above layer i has singular values ``sigma_j^{1 - i/L}`` and ``B_i`` below it ``sigma_j^{(i-1)/L}``. The part
of the step linear in eta, ``-eta sum_i A_i A_i^T E B_i^T B_i``, is then self-adjoint in E with spectrum between
``eta L gamma^{2 - 2/L}`` and ``eta L M^{2 - 2/L} <= 1``: it contracts by ``1 - eta L gamma^{2 - 2/L}``. The terms that
move k >= 2 layers add up to at most ``sum_k C(L, k) eta^k M^{(L-k)/L} (M^{(L-1)/L} |E|)^k <= M (e^x - 1 - x)``,
``x = eta L M^{1 - 2/L} |E|_F``; as ``x <= (gamma/M)^{2 - 2/L} / 3 <= 1/3`` this is at most
``0.561 M x^2 <= 0.19 eta L gamma^{2 - 2/L} |E|_F``. Together a factor of ``1 - (4/5) eta L gamma^{2 - 2/L}``. The
projection onto the gamma-positive matrices, a closed convex set that holds Phi, moves the product no farther away.

In floating point a step errs by a few SVDs and products of size M: the balanced factorization and its L products
cost at most ``(6 + 2 L) d^2 epsilon M`` (`dlr.rounding.matrix_rounding`), which contraction sums to that over
``(4/5) eta L gamma^{2 - 2/L}``.

Link: https://arxiv.org/abs/1802.06093, power projection theorem.
"""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from hypothesis import strategies as st

from catalog import conditions, strategies, trajectories
from catalog.claim import Condition, Control, Evidence, Kind, Problem, claim
from catalog.sources import bhl
from catalog.traits import margin_positive
from dlr import PowerProjection, matrices, network, theory
from dlr.rounding import matrix_rounding
from dlr.types import Matrix

HORIZON = 60
BUDGET = 2_000
SOURCE = bhl("power projection")
EPSILON = float(np.finfo(np.float64).eps)


def gamma(problem: Problem) -> float:
    """The algorithm's margin."""
    assert isinstance(problem.algorithm, PowerProjection)
    assert problem.algorithm.margin is not None
    return problem.algorithm.margin


def bound(problem: Problem) -> int:
    """Steps the theorem allows."""
    return theory.margin_iteration_bound(problem.target, problem.depth, problem.tol, gamma(problem), problem.step_size)


def step_rounding(problem: Problem) -> float:
    """Error that one step's rounding makes in the product."""
    reach = float(np.linalg.norm(problem.target, 2)) + matrices.distance_to_identity(problem.target)
    return matrix_rounding(len(problem.target), 6 + 2 * problem.depth) * reach


def rate(problem: Problem) -> float:
    """Promised share of the error that a step takes away."""
    return 0.8 * problem.step_size * problem.depth * theory.power(gamma(problem), 2 - 2 / problem.depth)


small_step = conditions.step_size_at_most(
    "eta <= min(1 / (L M^(2 - 2/L)), gamma^(2 - 2/L) / (3 L M^(3 - 4/L) D))",
    lambda problem: theory.margin_step_size(problem.target, problem.depth, gamma(problem)),
)
inside_margin = Condition(
    "gamma <= margin of Phi",
    lambda problem: gamma(problem) <= matrices.margin(problem.target) * (1 + theory.ROUNDING),
)
feasible_start = Condition("gamma <= 1", lambda problem: gamma(problem) <= 1)


def instance(target: Matrix, depth: int, step_fraction: float = 1.0, gamma: float | None = None) -> Problem:
    """The problem at a fraction of the largest step size; gamma is the target's margin, at most 1, if not given."""
    gamma = min(1.0, matrices.margin(target)) if gamma is None else gamma
    step_size = step_fraction * theory.margin_step_size(target, depth, gamma)
    return Problem(target, depth, PowerProjection(gamma, step_size), tol=1e-9, max_steps=HORIZON)


def problems(target: Matrix, depth: int) -> Iterator[Problem]:
    """On a named target with a positive margin: that margin, the largest step size."""
    if margin_positive.holds(target):
        yield instance(target, depth)


def draws() -> st.SearchStrategy[Problem]:
    """Margins from 0.05, skew parts up to 10, depths to 64."""
    targets = st.one_of(
        strategies.margin_positive(min_margin=0.3, max_eigenvalue=3.0, max_skew=1.0),
        strategies.margin_positive(min_margin=0.05, max_eigenvalue=10.0, max_skew=10.0),
        strategies.near_identity(max_distance=0.5),
    )
    return st.builds(instance, targets, st.integers(1, 64), st.sampled_from([1.0, 0.5, 0.1]))


def mild_draws() -> st.SearchStrategy[Problem]:
    """Targets near enough to the identity for the run to end within the budget."""
    return st.builds(
        instance, strategies.near_identity(max_distance=0.5), st.integers(1, 64), st.sampled_from([1.0, 0.5])
    )


DEPTHS = st.integers(2, 8)
"""Of the negative controls."""


def margins_above_the_targets() -> st.SearchStrategy[Problem]:
    """Half the target's margin is missing: the projection keeps the product away from Phi."""
    return st.builds(
        lambda scale, d, depth: instance(scale * np.eye(d), depth, gamma=min(1.0, 2 * scale)),
        st.sampled_from([0.5, 0.3]),
        st.integers(1, 4),
        st.integers(1, 8),
    )


def margins_above_one() -> st.SearchStrategy[Problem]:
    """Margin 2, on targets that have it."""
    return st.builds(
        lambda target, depth: instance(target, depth, gamma=2.0),
        strategies.margin_positive(min_margin=2.5, max_eigenvalue=4.0, max_skew=1.0, max_dimension=4),
        st.integers(1, 8),
    )


def long_steps() -> st.SearchStrategy[Problem]:
    """Steps 5 to 100 times the theorem's."""
    return st.builds(instance, strategies.near_identity(min_distance=0.2, max_distance=0.4), DEPTHS, st.floats(5, 100))


def other_start(scale: float) -> st.SearchStrategy[Problem]:
    """First layer ``scale I``, the others I: not balanced, and the wrong side of 0 if ``scale < 0``."""

    def build(target: Matrix, depth: int) -> Problem:
        layers = network.identity_layers(target, depth)
        layers[0] *= scale
        return replace(instance(target, depth, step_fraction=0.1), layers=layers)

    return st.builds(build, strategies.near_identity(max_distance=1e-3), DEPTHS)


THEOREM = (inside_margin, feasible_start, small_step, conditions.identity_start)
ABOVE_MARGIN = Control("margin above the target's", drops=inside_margin, draws=margins_above_the_targets)
ABOVE_ONE = Control("margin above 1", drops=feasible_start, draws=margins_above_one)
LONG_STEPS = Control("longer steps", drops=small_step, draws=long_steps)
UNBALANCED = Control("unbalanced start", drops=conditions.identity_start, draws=lambda: other_start(2.0))
NEGATIVE = Control("negative start", drops=conditions.identity_start, draws=lambda: other_start(-2.0))


@claim(
    "P5",
    source=SOURCE,
    kind=Kind.UPPER_BOUND,
    hypotheses=(*THEOREM, conditions.within_budget(bound, BUDGET)),
    quantity="steps to tolerance",
    problems=problems,
    confined=("condition",),
    draws=mild_draws,
    controls=(ABOVE_MARGIN, LONG_STEPS, UNBALANCED),
    artefacts={"gamma <= 1": "only makes the start feasible: at gamma = 2, 500 drawn targets kept the bound"},
)
def margin_converges(problem: Problem) -> Evidence:
    """Power projection learns every target with margin gamma, symmetric or not, within the iteration bound.

    Observed is the number of steps, or one more than the bound where the tolerance is not reached within it.
    """
    allowed = bound(problem)
    for steps, (loss, _) in enumerate(trajectories.dense(problem, min(allowed, BUDGET))):
        if loss <= problem.tol:
            return Evidence(steps, allowed, steps=steps, engine="reference")
    return Evidence(allowed + 1, allowed, steps=allowed, engine="reference")


@claim(
    "P5b",
    source=SOURCE,
    kind=Kind.UPPER_BOUND,
    hypotheses=THEOREM,
    quantity=trajectories.DECAY,
    problems=problems,
    draws=draws,
    controls=(ABOVE_MARGIN, LONG_STEPS, UNBALANCED),
    artefacts={"gamma <= 1": "only makes the start feasible: at gamma = 2, 500 drawn targets kept the bound"},
)
def margin_error_shrinks(problem: Problem) -> Evidence:
    """Power projection shrinks the error by a factor of at most ``1 - (4/5) eta L gamma^{2 - 2/L}`` in every step."""
    losses = np.array([loss for loss, _ in trajectories.dense(problem, problem.max_steps)])
    ratio = trajectories.slowness(
        losses,
        problem.max_steps,
        start=matrices.distance_to_identity(problem.target),
        rate=rate(problem),
        floor=step_rounding(problem) / rate(problem),
    )
    return Evidence(ratio, 1.0, steps=problem.max_steps, engine="reference")


@claim(
    "P5c",
    source=SOURCE,
    kind=Kind.INVARIANT,
    hypotheses=THEOREM,
    quantity="gamma - margin of the product, largest over all steps",
    problems=problems,
    draws=draws,
    controls=(ABOVE_ONE, NEGATIVE),
    artefacts={
        "gamma <= margin of Phi": "the projection keeps the margin whatever the target",
        small_step.name: "the projection keeps the margin whatever the step",
    },
)
def margin_is_kept(problem: Problem) -> Evidence:
    """Power projection keeps every product gamma-positive."""
    products = (network.product(layers) for _, layers in trajectories.dense(problem, problem.max_steps))
    shortfall = max(gamma(problem) - matrices.margin(product) for product in products)
    return Evidence(shortfall, step_rounding(problem), steps=problem.max_steps, engine="reference")


@claim(
    "P5d",
    source=SOURCE,
    kind=Kind.INVARIANT,
    hypotheses=THEOREM,
    quantity="spread of singular values between layers, largest over all steps",
    problems=problems,
    draws=draws,
    controls=(UNBALANCED,),
    artefacts={
        "gamma <= margin of Phi": "the factorization balances the layers whatever the target",
        "gamma <= 1": "the factorization balances the layers whatever the margin",
        small_step.name: "the factorization balances the layers whatever the step",
    },
)
def layers_stay_balanced(problem: Problem) -> Evidence:
    """Power projection keeps the layers balanced: all have the same singular values.

    A layer is three products of rotations and a root of norm at most ``M^{1/L}``, after an SVD and a Schur form.
    """
    spread = 0.0
    for _, layers in trajectories.dense(problem, problem.max_steps):
        values = np.linalg.svd(layers, compute_uv=False)
        spread = max(spread, float(np.max(np.ptp(values, axis=0))))
    reach = float(np.linalg.norm(problem.target, 2)) + matrices.distance_to_identity(problem.target)
    allowance = matrix_rounding(len(problem.target), 8) * reach ** (1 / problem.depth)
    return Evidence(spread, allowance, steps=problem.max_steps, engine="reference")
