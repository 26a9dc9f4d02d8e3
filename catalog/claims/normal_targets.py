r"""The normal dichotomy: a normal target is learned unless an eigenvalue lies on the negative real axis.

Statement
---------
Let Phi be normal and start at the identity.

N2a. For an eigenvalue lambda let m be the distance from 0 to the segment ``[1, lambda]``, ``h = m/2``,
``q = |lambda - 1|`` and ``M = max(1, |lambda|) + h``. If m > 0 and

    ``eta L <= min( M^{-(2 - 2/L)}, 0.35 / (M^{1 - 2/L} q), 1.4 h / (M^{1 - 2/L} q^2) )``

for every eigenvalue (for L = 1, if ``eta <= 1``), the eigenvalues w of the product satisfy
``|w_t - lambda| <= q (1 - (4/5) eta L h^{2 - 2/L})^t`` for all t; so with the least h of all,
``|E_t|_F <= |Phi - I|_F (1 - (4/5) eta L h^{2 - 2/L})^t``.

N2b. If Phi has negative real eigenvalues ``-s_j`` and L >= 2, gradient descent, step-and-project (any radius) and
penalized gradient descent (any kappa >= 0) keep the excess loss at ``1/2 sum s_j^2`` or above: for every step size
if L is even, for ``eta (1 + max s_j) <= 1`` and ``eta kappa <= 1`` if L is odd.

Proof of N2a
------------
By the exact reduction, ``z+ = z - eta g`` from ``z_0 = 1`` with ``g = conj(z)^{L-1} e``, ``e = z^L - lambda``. Expand
``w+ = (z - eta g)^L``: as ``z^{L-1} g = |w|^{2 - 2/L} e``,

    ``e+ = (1 - a) e + R``,  ``a = eta L |w|^{2 - 2/L}``,  ``|R| <= |w| phi(x)``,  ``x = eta L |w|^{1 - 2/L} |e|``,

with ``phi(x) = exp(x) - 1 - x >= (1 + x/L)^L - 1 - x``. Suppose ``h <= |w| <= M`` and ``|e| <= q`` up to step t. Then
``a <= 1`` and, for L >= 2, ``x <= 0.35``, where ``phi(x) <= x/5`` and ``phi(x) <= 0.564 x^2``. First,
``|R| <= |w| x / 5 = a |e| / 5``, so ``|e+| <= (1 - (4/5) a) |e|``: that is the rate, as ``|w| >= h``. Second,
unrolling, ``w_t = lambda + c_t (1 - lambda) + n_t`` with c_t in [0, 1] and ``|n_t| <= sum |R_s|``; and since
``|e_s| - |e_{s+1}| >= (4/5) a_s |e_s|``,

    ``|R_s| <= 0.564 a_s eta L |w_s|^{1 - 2/L} |e_s|^2 <= 0.705 eta L M^{1 - 2/L} q (|e_s| - |e_{s+1}|)``,

which sums to at most ``0.705 eta L M^{1 - 2/L} q^2 <= h``. So w_t stays within h of the segment, which gives
``m - h <= |w_t| <= M`` for the next step. For L = 1, R = 0 and ``eta <= 1`` suffices. ``|E|_F^2`` is the sum of the
``|e|^2``.

Dividing R by the ``|w|`` at hand, not by its bounds, and summing it by telescoping makes the second and third limit
on the step size ``(M/h)^{2 - 2/L}`` times as large as bounding each factor by itself would.

Proof of N2b
------------
A real eigenvalue keeps a real z, with the recursion of the symmetric theorem, negative-eigenvalue-fails; its proof
holds word for word. The check runs on the exact reduction; an eigenvalue counts if it is real to the last bit.

Link: https://arxiv.org/abs/1802.06093 for the symmetric half; the dichotomy is this project's.
"""

import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from hypothesis import strategies as st

from catalog import conditions, decay, ingredients, strategies
from catalog.claim import Claim, Condition, Contraction, Control, Evidence, Kind
from catalog.claims import negative_eigenvalue_targets
from catalog.claims._points import UNIT_STEP, norm_or_one
from catalog.enclosures import remainder_over
from catalog.ingredients import Regularized
from catalog.proofs import Step
from catalog.sharing import of_matrix
from catalog.sources import here
from catalog.traits import path_clearances, schur_form
from dlr import GradientDescent, Problem, matrices, spectral
from dlr.algorithms import penalty_strength
from dlr.rounding import power
from dlr.types import Complex, Matrix

HORIZON = 2_000
X, DRIFT, RATE = 0.35, 1.4, 0.8
"""In the second and third limit on the step size, and in the rate."""

CONSTANTS = {"x": X, "share": 0.2, "curvature": 0.564, "sum": 0.705, "drift": DRIFT, "rate": RATE}
RANGE = {"x": (0, "x")}

PROOF = (
    Step("phi(x) <= {share} x", lambda c, x: (x * remainder_over(x), c.share), CONSTANTS, RANGE),
    Step("phi(x) <= {curvature} x^2", lambda c, x: (remainder_over(x), c.curvature), CONSTANTS, RANGE),
    Step("the rate is {rate} a", lambda c, x: (c.rate, 1 - x * remainder_over(x)), CONSTANTS, RANGE),
    Step(
        "phi(x) <= {sum} * {rate} x^2, which telescopes",
        lambda c, x: (remainder_over(x) / c.rate, c.sum),
        CONSTANTS,
        RANGE,
    ),
    Step("the sum is at most {sum} * {drift} h <= h", lambda c: (c.sum * c.drift, 1), CONSTANTS),
)


@of_matrix
def eigenvalues(target: Matrix) -> Complex:
    """One of each pair; of a target that is not normal, those of its Schur blocks."""
    return spectral.nearest_normal(target).eigenvalues


def half_clearances(target: Matrix) -> Matrix:
    """Half clearance h of every eigenvalue; half the way to the nearer end where the segment runs through 0."""
    values = eigenvalues(target)
    clearances = path_clearances(values)
    return np.where(clearances > 0, clearances, np.minimum(1, np.abs(values))) / 2


def largest_step_size(problem: Problem) -> float:
    """``eta L = min(M^{2/L - 2}, 0.35 M^{2/L - 1} / q, 1.4 h M^{2/L - 1} / q^2)``, the least over the eigenvalues."""
    values, h, depth = eigenvalues(problem.target), half_clearances(problem.target), problem.depth
    distance = np.abs(values - 1)
    with np.errstate(all="ignore"):
        reach = np.maximum(1, np.abs(values)) + h
        drift = np.minimum(X / distance, DRIFT * h / distance**2) / reach ** (1 - 2 / depth)
        return float(np.min(np.minimum(reach ** (2 / depth - 2), drift))) / depth if depth > 1 else 1.0


def contraction(problem: Problem) -> Contraction:
    """``|E_t|_F <= q (1 - (4/5) eta L h^{2 - 2/L})^t`` with the least h of all eigenvalues."""
    least = float(np.min(half_clearances(problem.target)))
    rate = RATE * problem.step_size * problem.depth * power(least, 2 - 2 / problem.depth)
    reach = norm_or_one(problem.target) + 0.5
    start = matrices.distance_to_identity(problem.target)
    return Contraction(start, rate, decay.rounding_of(problem, reach, rate))


clear = Condition(
    "no eigenvalue on the closed negative real axis",
    lambda problem: bool(np.min(path_clearances(eigenvalues(problem.target))) > 0),
)
small_step = conditions.step_size_at_most(
    "eta L <= min(M^(2/L - 2), 0.35 M^(2/L - 1) / q, 1.4 h M^(2/L - 1) / q^2)", largest_step_size
)


def instance(target: Matrix, depth: int, fraction: float = 1.0) -> Problem:
    """Gradient descent at a fraction of the dichotomy's step size."""
    problem = Problem(target, depth, UNIT_STEP, max_steps=HORIZON)
    eta = fraction * largest_step_size(problem)
    return ingredients.with_step_size(problem, eta) if 0 < eta < math.inf else problem


def problems(target: Matrix, depth: int) -> Iterator[Problem]:
    """On a named target of exact form: the largest step size."""
    if schur_form.holds(target):
        yield instance(target, depth)


DEPTHS = [*range(1, 9), *range(1, 65)]
"""Shallow networks as often as deep ones."""


def blocks_clear_of_the_axis() -> st.SearchStrategy[Matrix]:
    """Real Schur blocks with eigenvalues up to 20 degrees from the negative axis, d to 16."""
    return st.one_of(
        *(
            strategies.normal(
                min_dimension=low, max_dimension=high, min_modulus=0.2, max_modulus=5.0, max_angle=np.pi - 0.35
            ).map(ingredients.schur_blocks)
            for low, high in ((1, 8), (1, 8), (9, 16))
        )
    )


def draws() -> st.SearchStrategy[Problem]:
    """Any direction, depths to 64."""
    return st.builds(instance, blocks_clear_of_the_axis(), st.sampled_from(DEPTHS), ingredients.FRACTIONS)


def turned() -> st.SearchStrategy[Problem]:
    """Normal, not near the identity: every step and every layer counts."""
    angles = st.floats(0.5, 2.5).map(lambda angle: matrices.plane_rotations(np.array([angle]), 2))
    return st.builds(instance, angles, st.integers(2, 16))


def across_the_axis() -> st.SearchStrategy[Problem]:
    """``diag(-s, 1, ..., 1)``: the straight path from 1 to -s runs through 0."""
    return st.builds(instance, ingredients.flipped_axes(), st.integers(2, 8))


def sheared() -> st.SearchStrategy[Problem]:
    """``[[1, k], [0, 1]]``: eigenvalues that say nothing of the shear, and a step size that ignores it."""
    return st.builds(instance, ingredients.shears(2, 20), st.integers(2, 8))


@Claim.define(
    "N2a",
    source=here("normal dichotomy, clear of the negative axis"),
    kind=Kind.UPPER_BOUND,
    hypotheses=(schur_form, clear, conditions.plain_gradient_descent, conditions.identity_start, small_step),
    quantity=decay.DECAY,
    symbols=(
        ("h", "half the distance from 0 to the segment ``[1, lambda]``"),
        ("q", "``|lambda - 1|``"),
        ("M", "``max(1, |lambda|) + h``"),
    ),
    problems=problems,
    draws=draws,
    depths=(1, 2, 8, 64),
    largest_step_size=largest_step_size,
    contraction=contraction,
    proof=PROOF,
    controls=(
        Control("across the axis", drops=clear, draws=across_the_axis),
        Control("shears", drops=schur_form, draws=sheared),
        Control(
            "penalty",
            drops=conditions.plain_gradient_descent,
            draws=lambda: ingredients.with_penalty(turned()),
        ),
        Control("zero start", drops=conditions.identity_start, draws=lambda: ingredients.from_zero(turned())),
        Control("longer steps", drops=small_step, draws=lambda: ingredients.with_longer_steps(turned(), 4, 64)),
    ),
)
def normal_dichotomy(problem: Problem) -> Evidence:
    """Gradient descent learns every normal target without eigenvalues on the closed negative real axis.

    Observed compares ``|Phi - I|_F (1 - (4/5) eta L h^{2 - 2/L})^t`` with the error at every step.
    """
    return decay.decay_over_run(problem, contraction(problem))


# On the axis.


@of_matrix
def negative_axis_eigenvalues(target: Matrix) -> Matrix:
    """Negative real eigenvalues, ascending: those of 1 x 1 blocks."""
    found = spectral.nearest_normal(target)
    real = found.eigenvalues.real[found.weights == 1]
    return np.sort(real[real < 0])


def largest_axis_step_size(problem: Problem) -> float:
    """The step size of the symmetric theorem for the negative real eigenvalues; infinite at even depth."""
    if problem.depth % 2 == 0:
        return math.inf
    least = float(np.min(negative_axis_eigenvalues(problem.target), initial=math.inf))
    return negative_eigenvalue_targets.odd_step_size(least, penalty_strength(problem.algorithm))


def axis_floor(problem: Problem) -> float:
    """Half the sum of the squared negative real eigenvalues; of the least squared modulus where there are none."""
    negative = negative_axis_eigenvalues(problem.target)
    return float(np.sum(negative**2) if len(negative) else np.min(np.abs(eigenvalues(problem.target))) ** 2) / 2


axis_step = Condition(
    "L even, or eta (1 + max s) <= 1 and eta kappa <= 1",
    lambda problem: problem.step_size <= largest_axis_step_size(problem),
)
on_axis = Condition("a negative real eigenvalue", lambda problem: len(negative_axis_eigenvalues(problem.target)) > 0)


def stuck(target: Matrix, depth: int, algorithm: Regularized, fraction: float) -> Problem:
    """The algorithm at a fraction of the largest step size of odd depths."""
    least = float(np.min(negative_axis_eigenvalues(target), initial=math.inf))
    eta = fraction * negative_eigenvalue_targets.odd_step_size(least, penalty_strength(algorithm))
    return Problem(target, depth, replace(algorithm, step_size=eta), tol=0.0, max_steps=HORIZON)


def stuck_problems(target: Matrix, depth: int) -> Iterator[Problem]:
    """On a named target of exact form: the three algorithms at the largest step size of odd depths."""
    if schur_form.holds(target):
        for algorithm in ingredients.regularized():
            yield stuck(target, depth, algorithm, 1.0)


@st.composite
def stuck_draws(draw: st.DrawFn) -> Problem:
    """A negative eigenvalue beside Schur blocks clear of the axis; or a symmetric target."""
    if draw(st.booleans()):
        block = draw(blocks_clear_of_the_axis())
        target = np.zeros((len(block) + 1, len(block) + 1))
        target[0, 0], target[1:, 1:] = -draw(st.sampled_from([1.0, 0.1, 0.5, 2.0, 5.0])), block
    else:
        target = draw(strategies.negative_eigenvalue())
    depth = draw(st.integers(2, 64))
    algorithm = draw(ingredients.regularized_draws())
    return stuck(target, depth, algorithm, draw(negative_eigenvalue_targets.fractions(depth)))


def triangular() -> st.SearchStrategy[Problem]:
    """``[[-s, k], [0, -s/2]]``: real negative eigenvalues, but no invariant axis that the layers must share."""
    return st.builds(
        lambda s, k, depth: stuck(np.array([[-s, k], [0.0, -s / 2]]), depth, GradientDescent(), 0.5 / depth),
        st.floats(0.25, 1),
        st.floats(0.5, 4),
        st.integers(2, 4),
    )


@Claim.define(
    "N2b",
    source=here("normal dichotomy, on the negative axis"),
    kind=Kind.LOWER_BOUND,
    partner="P4b",
    hypotheses=(schur_form, on_axis, *negative_eigenvalue_targets.ON_THE_REDUCTION, axis_step),
    quantity="lowest excess loss",
    symbols=(("s", "minus a negative real eigenvalue"),),
    problems=stuck_problems,
    confined=("margin",),
    draws=stuck_draws,
    depths=(2, 3, 8),
    largest_step_size=largest_axis_step_size,
    floor=axis_floor,
    controls=(
        Control("triangular", drops=schur_form, draws=triangular),
        Control("positive spectrum", drops=on_axis, draws=negative_eigenvalue_targets.positive_spectrum),
        Control("one layer", drops=negative_eigenvalue_targets.deep, draws=negative_eigenvalue_targets.one_layer),
        Control("longer steps at odd depth", drops=axis_step, draws=negative_eigenvalue_targets.long_steps),
        Control(
            "zero-asymmetric start",
            drops=conditions.identity_start,
            draws=negative_eigenvalue_targets.zero_asymmetric_start,
        ),
        negative_eigenvalue_targets.UNEQUAL,
        negative_eigenvalue_targets.DENSE,
    ),
)
def negative_axis_fails(problem: Problem) -> Evidence:
    """A normal target is never learned to below half the sum of its squared negative real eigenvalues.

    Observed is the lowest excess loss over the horizon.
    """
    return negative_eigenvalue_targets.lowest_loss(problem, axis_floor(problem))
