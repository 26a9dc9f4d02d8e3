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

In floating point a step errs by a few factorizations and products of size M: each layer of the balanced factorization
is made of two powers of the rotation, a root and their products, 10 operations, and the projection of 8 more; that is
``(10 L + 8) d^2 epsilon M`` (`dlr.rounding.matrix_rounding`), which contraction sums to that over
``(4/5) eta L gamma^{2 - 2/L}``.

Link: https://arxiv.org/abs/1802.06093, power projection theorem.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
from hypothesis import strategies as st

from catalog import _work, conditions, decay, ingredients, strategies
from catalog.artefact import Artefact
from catalog.claim import Claim, Condition, Contraction, Control, Evidence, Kind
from catalog.enclosures import remainder_over
from catalog.ingredients import gamma, largest_product
from catalog.proofs import Step
from catalog.sources import bhl
from catalog.traits import margin_positive
from dlr import PowerProjection, Problem, matrices, run
from dlr.rounding import matrix_rounding, power
from dlr.types import Array, Matrix

HORIZON = 60
BUDGET = 2_000
SOURCE = bhl("power projection")
PARTS, RATE = 3, 0.8
"""In the step size, and in the rate."""

CONSTANTS = {"parts": PARTS, "curvature": 0.561, "remainder": 0.19, "rate": RATE}

PROOF = (
    Step(
        "e^x - 1 - x <= {curvature} x^2 for x = q / {parts}, q = (gamma / M)^(2 - 2/L)",
        lambda c, q: (remainder_over(q / c.parts), c.curvature),
        CONSTANTS,
        {"q": (0, 1)},
    ),
    Step(
        "the remainder is at most {remainder} eta L gamma^(2 - 2/L) |E|",
        lambda c: (c.curvature / c.parts, c.remainder),
        CONSTANTS,
    ),
    Step("together {rate} eta L gamma^(2 - 2/L)", lambda c: (c.rate, 1 - c.remainder), CONSTANTS),
)


def margin_power(problem: Problem) -> float:
    """``gamma^{2 - 2/L}``, 0 where there is no positive gamma."""
    return power(gamma(problem), 2 - 2 / problem.depth) if gamma(problem) > 0 else 0.0


def largest_step_size(problem: Problem) -> float:
    """``min(1 / (L M^{2 - 2/L}), gamma^{2 - 2/L} / (3 L M^{3 - 4/L} D))``."""
    depth, M, distance = problem.depth, largest_product(problem.target), matrices.distance_to_identity(problem.target)
    first = 1 / (depth * power(M, 2 - 2 / depth))
    if distance == 0:
        return first
    return min(first, margin_power(problem) / (PARTS * depth * power(M, 3 - 4 / depth) * distance))


def contraction(problem: Problem) -> Contraction:
    """``|E_t|_F <= (1 - (4/5) eta L gamma^{2 - 2/L})^t D``."""
    rate = RATE * problem.step_size * problem.depth * margin_power(problem)
    rounding = step_rounding(problem) / rate if rate > 0 else np.inf
    return Contraction(matrices.distance_to_identity(problem.target), rate, rounding)


def step_rounding(problem: Problem) -> float:
    """Error that one step's rounding makes in the product."""
    return matrix_rounding(len(problem.target), 10 * problem.depth + 8) * largest_product(problem.target)


small_step = conditions.step_size_at_most(
    "eta <= min(1 / (L M^(2 - 2/L)), gamma^(2 - 2/L) / (3 L M^(3 - 4/L) D))", largest_step_size
)
inside_margin = Condition(
    "gamma <= margin of Phi",
    lambda problem: bool(gamma(problem) <= matrices.margin(problem.target)),
)
above_rounding = conditions.above_rounding(contraction)
feasible_start = Condition("gamma <= 1", lambda problem: bool(gamma(problem) <= 1))


def instance(target: Matrix, depth: int, fraction: float = 1.0, gamma: float | None = None) -> Problem:
    """The problem at a fraction of the largest step size; gamma is the target's margin, at most 1, if not given."""
    gamma = min(1.0, matrices.margin(target)) if gamma is None else gamma
    problem = Problem(
        target, depth, PowerProjection(gamma, 1.0), max_steps=_work.horizon(HORIZON, target, depth, cost=5)
    )
    eta = fraction * largest_step_size(problem)
    problem = ingredients.with_step_size(problem, eta) if eta > 0 else problem
    return replace(problem, tol=conditions.raised(1e-9, contraction(problem)))


def problems(target: Matrix, depth: int) -> Iterator[Problem]:
    """On a named target with a positive margin: that margin, the largest step size."""
    if margin_positive.holds(target):
        yield instance(target, depth)


def on_the_boundary() -> st.SearchStrategy[Matrix]:
    """``I`` plus a skew part of size 1/10 to 1/2, of margin 1: the path there leaves the margin, and is projected."""

    def build(drawn: Matrix, size: float) -> Matrix:
        skew = np.triu(drawn + 1.0, 1) - np.triu(drawn + 1.0, 1).T
        largest = float(np.max(np.abs(skew)))
        return np.asarray(np.eye(len(drawn)) + (size / largest * skew if largest > 0 else skew))

    return st.builds(build, strategies.general(min_dimension=2, max_dimension=4), st.floats(0.1, 0.5))


def draws() -> st.SearchStrategy[Problem]:
    """Margins from 0.05, skew parts up to 10, depths to 64."""
    targets = st.one_of(
        strategies.margin_positive(min_margin=0.3, max_eigenvalue=3.0, max_skew=1.0),
        strategies.margin_positive(min_margin=0.05, max_eigenvalue=10.0, max_skew=10.0),
        strategies.near_the_identity(min_distance=0.01, max_distance=0.5),
        on_the_boundary(),
    )
    return st.builds(instance, targets, st.integers(1, 64), ingredients.FRACTIONS)


def mild_draws() -> st.SearchStrategy[Problem]:
    """Targets near enough to the identity for the run to end within the budget."""
    return st.builds(
        instance,
        st.one_of(strategies.near_the_identity(min_distance=0.01, max_distance=0.5), on_the_boundary()),
        st.integers(1, 64),
        st.sampled_from([1.0, 0.5]),
    )


DEPTHS = st.integers(2, 8)
"""Depths of the negative controls."""


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
    return st.builds(
        instance, strategies.near_the_identity(min_distance=0.2, max_distance=0.4), DEPTHS, st.floats(5, 100)
    )


def near() -> st.SearchStrategy[Problem]:
    """Distances up to 1/10 at the largest step size."""
    return st.builds(instance, strategies.near_the_identity(min_distance=1e-3, max_distance=0.1), DEPTHS)


def unbalanced() -> st.SearchStrategy[Problem]:
    """``(30 I, I/30, I, ...)``: a product of I, but layers that are not balanced and a first step too long."""

    def build(problem: Problem) -> Problem:
        layers = problem.start
        layers[0] *= 30
        layers[1] /= 30
        return replace(problem, initial_layers=layers)

    return near().map(build)


def negative_start() -> st.SearchStrategy[Problem]:
    """First layer ``-2 I``, on the wrong side of 0."""

    def build(problem: Problem) -> Problem:
        layers = problem.start
        layers[0] *= -2
        return replace(problem, initial_layers=layers)

    return near().map(build)


@dataclass(frozen=True)
class FirstLayerProjection:
    """Power projection that takes the gradient step of the first layer alone."""

    margin: float
    step_size: float | None = None
    name: ClassVar[str] = "first-layer-projection"

    def step(self, layers: Array, gradients: Array, step_size: float) -> Array:
        """Next layers."""
        first = np.arange(layers.shape[0])[:, None, None] == 0
        return PowerProjection(self.margin).step(layers, np.where(first, gradients, 0.0), step_size)


@dataclass(frozen=True)
class Unprojected:
    """Gradient descent that is given a margin and ignores it."""

    margin: float
    step_size: float | None = None
    name: ClassVar[str] = "unprojected"

    def step(self, layers: Array, gradients: Array, step_size: float) -> Array:
        """Next layers."""
        return layers - step_size * gradients


def first_layer_only() -> st.SearchStrategy[Problem]:
    """`FirstLayerProjection`, which goes an L-th of the way."""
    return near().map(
        lambda problem: replace(problem, algorithm=FirstLayerProjection(gamma(problem), problem.step_size))
    )


def unprojected() -> st.SearchStrategy[Problem]:
    """`Unprojected` on targets with a large skew part, on the way to which the product loses its margin."""

    def build(gap: float, skew: float, depth: int) -> Problem:
        problem = instance(np.array([[2.0, -skew], [skew, gap]]), depth)
        return replace(problem, algorithm=Unprojected(gamma(problem), problem.step_size), max_steps=60)

    return st.builds(build, st.floats(0.5, 1.0), st.floats(5.0, 20.0), DEPTHS)


THEOREM = (conditions.power_projection, inside_margin, feasible_start, small_step, conditions.identity_start)
ABOVE_MARGIN = Control("margin above the target's", drops=inside_margin, draws=margins_above_the_targets)
ABOVE_ONE = Control("margin above 1", drops=feasible_start, draws=margins_above_one)
LONG_STEPS = Control("longer steps", drops=small_step, draws=long_steps)
UNBALANCED = Control("unbalanced start", drops=conditions.identity_start, draws=unbalanced)
NEGATIVE = Control("negative start", drops=conditions.identity_start, draws=negative_start)
FIRST_LAYER = Control("the first layer only", drops=conditions.power_projection, draws=first_layer_only)
UNPROJECTED = Control("without projection", drops=conditions.power_projection, draws=unprojected)
BELOW_ROUNDING = Control(
    "tolerance below rounding",
    drops=above_rounding,
    draws=lambda: near().map(lambda problem: replace(problem, tol=1e-300)),
)


@Claim.define(
    "P5",
    source=SOURCE,
    kind=Kind.UPPER_BOUND,
    hypotheses=(*THEOREM, above_rounding, conditions.within_budget(contraction, BUDGET)),
    quantity="steps to tolerance",
    symbols=(("M", "``|Phi| + D``"),),
    problems=problems,
    confined=("condition",),
    draws=mild_draws,
    largest_step_size=largest_step_size,
    contraction=contraction,
    proof=PROOF,
    controls=(ABOVE_MARGIN, LONG_STEPS, UNBALANCED, FIRST_LAYER, BELOW_ROUNDING),
    proof_only=(
        Artefact(
            feasible_start, margins_above_one, because="it only makes the start feasible", tries=314, seconds=50, seed=1
        ),
    ),
)
def margin_converges(problem: Problem) -> Evidence:
    """Power projection learns every target with margin gamma, symmetric or not, within the iteration bound.

    Observed is the number of steps, or one more than the bound where the tolerance is not reached within it.
    """
    allowed = contraction(problem).steps_to(problem.tol)
    solution = run(replace(problem, max_steps=min(allowed, BUDGET)))
    observed = solution.steps if solution.converged else allowed + 1
    return Evidence(observed, allowed, steps=solution.steps, engine=solution.engine)


@Claim.define(
    "P5b",
    source=SOURCE,
    kind=Kind.UPPER_BOUND,
    hypotheses=THEOREM,
    quantity=decay.STEP_DECAY,
    symbols=(("M", "``|Phi| + D``"),),
    problems=problems,
    draws=draws,
    proof=PROOF,
    controls=(ABOVE_MARGIN, LONG_STEPS, UNBALANCED, FIRST_LAYER),
    proof_only=(
        Artefact(
            feasible_start,
            margins_above_one,
            because="it only makes the start feasible",
            tries=9_682,
            seconds=50,
            seed=1,
        ),
    ),
)
def margin_error_shrinks(problem: Problem) -> Evidence:
    """Power projection shrinks the error by a factor of at most ``1 - (4/5) eta L gamma^{2 - 2/L}`` in every step."""
    return decay.decay_in_each_step(problem, contraction(problem))
