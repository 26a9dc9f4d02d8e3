r"""Floating point keeps to the mirrored layers of a reflection, and to its floor, for a while like log(1/precision).

Statement
---------
Let ``Phi = Q A`` with A symmetric positive definite and Q orthogonal and symmetric (reflections-fail), and run gradient
descent in floating point at any depth, from any layers. Call layers mirrored if ``Theta_i = Q Theta_{L+1-i}^T Q`` for
all i, and let delta be the distance (Frobenius norm of all layers together) of the run's layers to the nearest mirrored
ones. In every step

    ``delta' <= K delta + rho``, ``K = max(1, eta L y^{2L-2} - 1) + eta (L-1) y^{L-2} (e + sqrt(L) y^{L-1} delta)``,

with y the largest norm of a layer, at least 1, ``e = |W - Phi|`` and rho the rounding of the step.

N6b. So delta is at most what equality gives from its value at the start on.

N6c. For even L ``sqrt(2 l_t) >= f - sqrt(L) y^{L-1} delta_t`` for all t, with that bound for delta_t and ``f^2`` the
sum of the m smallest sigma_i(Phi)^2, m the number of eigenvalues -1 of Q. What is taken from f grows by K in each step:
the horizon, up to which it is less than f / 100 and ``l_t >= 0.98 f^2 / 2``, grows like log(1/precision).

Proof
-----
The mirror image M, ``(M Theta)_i = Q Theta_{L+1-i}^T Q``, is a linear isometry and its own inverse. So the nearest
mirrored layers to V are ``(V + M V) / 2``, and ``delta = |V - M V| / 2``. A step S of exact gradient descent commutes
with M (reflections-fail), hence with c the rounding, ``V' - M V' = S(V) - S(M V) + c - M c``, and ``delta' <= K delta +
|c|`` where K bounds the derivative of S between V and M V. There all layers have norm at most y, and as ``W(M V) = Q
W(V)^T Q`` is as far from Phi as W(V), and the nearer end no more than delta away, ``|W - Phi| <= e + sqrt(L) y^{L-1}
delta``. The derivative is ``I - eta (J^T J + C)``: J, the derivative of the product, has ``|J^T J| <= L y^{2L-2}``; C
has zero diagonal blocks, and others of norm at most ``y^{L-2} |W - Phi|``.

A gradient takes 2 L + 2 operations (`dlr.rounding.matrix_rounding` r) on numbers of size ``y^{L-1} (y^L + |Phi|)``, and
a step rounds once more: ``rho = sqrt(L) eta r(2L + 2) y^{L-1} (y^L + |Phi|) + 2 epsilon (|V|_F + |V'|_F)``.

N6c. The product of the nearest mirrored layers, whose distance to Phi is at least f (reflections-fail), is at most
``sqrt(L) y^{L-1} delta`` away.

Measured: from the identity, on 24 random targets of dimension 2 to 4 at L = 2, 4, 8 and 16, delta stayed below 1/200 of
its bound up to that horizon, was 0 at L = 2, and no run went below 98% of the floor within 3,000 steps.

Link: https://arxiv.org/abs/1802.06093, theorems on symmetric targets; the extension is this project's.
"""

import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from hypothesis import strategies as st

from catalog import _work, conditions, ingredients
from catalog.claim import Claim, Control, Evidence, Kind
from catalog.claims import reflections
from catalog.claims._paths import seen_along
from catalog.claims._points import norm
from catalog.sharing import shared
from catalog.sources import here
from dlr import GradientDescent, Problem, matrices
from dlr._norms import spectral_norms
from dlr._passes import product
from dlr.rounding import EPSILON, floor_rounding, matrix_rounding, power
from dlr.types import Matrix

SOURCE = here("horizon of the dense iteration, at reflections")

STEPS = 100
"""Longest run."""


@shared
def path(problem: Problem) -> Matrix:
    """Excess loss, delta, its bound, ``sqrt(L) y^{L-1}`` times that, and ``y^L``, shape (n + 1, 5), step by step."""
    target, depth, eta = problem.target, problem.depth, problem.step_size
    size, signs = norm(target), reflections.signs_of(target)

    def look(layers: Matrix) -> Matrix:
        images = signs[:, None] * layers[:, ::-1].mT * signs
        deltas, roundings = norms_of_all(layers - images) / 2, 2 * EPSILON * norms_of_all(layers)
        largest = np.maximum(1.0, np.max(spectral_norms(layers), axis=-1))
        return np.column_stack([deltas, roundings, largest, spectral_norms(product(layers) - target)])

    losses, seen = seen_along(problem, look)
    of_gradient = math.sqrt(depth) * eta * matrix_rounding(len(target), 2 * depth + 2)
    found: list[tuple[float, ...]] = []
    allowed = 0.0
    for t, (loss, (delta, rounded, y, error)) in enumerate(zip(losses.tolist(), seen.tolist(), strict=True)):
        bound = allowed + rounded if t > 0 else delta
        if not math.isfinite(bound):
            break
        below, moved = power(y, depth - 1), math.sqrt(depth) * power(y, depth - 1) * bound
        kept = max(1.0, eta * depth * below * below - 1)
        growth = kept + eta * (depth - 1) * power(y, depth - 2) * (error + moved)
        allowed = growth * bound + of_gradient * below * (below * y + size) + rounded
        found.append((loss, delta, bound, moved, below * y))
    if len(found) <= problem.max_steps:  # the run, or the bound, has overflowed
        found.append((math.inf, 0.0, math.inf, math.inf, math.inf))
    return np.array(found)


def norms_of_all(layers: Matrix) -> Matrix:
    """Frobenius norms of all layers together, of stacks (n, L, d, d)."""
    return np.asarray(np.linalg.norm(np.linalg.norm(layers, axis=(-2, -1)), axis=-1))


def instance(target: Matrix, depth: int, fraction: float, offset: float) -> Problem:
    """Gradient descent from the identity, or from ``offset`` away of it: a seeded direction of norm 1."""
    problem = reflections.instance(target, depth, GradientDescent(), fraction)
    problem = replace(problem, max_steps=_work.horizon(STEPS, target, depth, cost=5))
    if offset == 0:
        return problem
    direction = np.random.default_rng(0).standard_normal((depth, *target.shape))
    return replace(problem, initial_layers=problem.start + offset * direction / np.linalg.norm(direction))


def problems(target: Matrix, depth: int) -> Iterator[Problem]:
    """On a named target with a reflection as its polar factor: from the identity and from 1e-8 away."""
    own = reflections.in_eigenbasis(target)
    if own is not None:
        for offset in (0.0, 1e-8):
            yield instance(own, depth, 1.0, offset)


def draws(depths: st.SearchStrategy[int]) -> st.SearchStrategy[Problem]:
    """Every precision from rounding to 1e-6."""
    offsets = st.sampled_from([0.0, 1e-14, 1e-12, 1e-10, 1e-8, 1e-6])
    return st.builds(instance, reflections.reflected_targets(), depths, ingredients.FRACTIONS, offsets)


def turned(depths: tuple[int, ...]) -> st.SearchStrategy[Problem]:
    """``[[-a, k], [0, -a]]``, k > 0: only negative eigenvalues, but the polar factor is a rotation below pi."""
    return st.builds(
        lambda a, k, depth: instance(np.array([[-a, k], [0.0, -a]]), depth, 0.5, 0.0),
        st.floats(0.5, 1),
        st.floats(1, 3),
        st.sampled_from(depths),
    )


def faster(depths: tuple[int, ...]) -> st.SearchStrategy[Problem]:
    """The first layer faster than the others."""
    problems = st.builds(
        instance, reflections.reflected_targets(3, 0.5), st.sampled_from(depths), st.just(0.5), st.just(0.0)
    )
    return ingredients.with_the_first_layer_faster(problems)


def odd() -> st.SearchStrategy[Problem]:
    """Three layers and long steps, which pass the floor while rounding is small."""

    def build(low: float, high: float, angle: float) -> Problem:
        basis = matrices.plane_rotations(np.array([angle]), 2)
        A = matrices.symmetric_part((basis * np.array([low, high])) @ basis.T)
        return instance(np.array([[-1.0], [1.0]]) * A, 3, 2.0, 0.0)

    return st.builds(build, st.floats(0.6, 0.9), st.floats(0.9, 1), st.floats(0.75, 0.95))


@Claim.define(
    "N6b",
    source=SOURCE,
    kind=Kind.UPPER_BOUND,
    partner="P4b",
    hypotheses=(reflections.reflected, conditions.plain_gradient_descent),
    quantity="distance to mirrored layers over its bound",
    problems=problems,
    draws=lambda: draws(st.one_of(st.integers(2, 4), st.integers(1, 64))),
    confined=("margin",),
    controls=(
        Control("a rotation below pi", drops=reflections.reflected, draws=lambda: turned((2, 3, 4))),
        Control("the first layer faster", drops=conditions.plain_gradient_descent, draws=lambda: faster((2, 3, 4))),
    ),
)
def dense_layers_stay_mirrored(problem: Problem) -> Evidence:
    """In floating point the layers leave the mirrored ones no faster than rounding grows.

    Observed is the largest ratio after the start of their distance to the nearest mirrored layers to its bound.
    """
    _, delta, bound, _, _ = path(problem)[1:].T
    return Evidence(float(np.max(delta / bound, initial=0.0)), 1.0, matrix_rounding(len(problem.target), 2), len(delta))


@Claim.define(
    "N6c",
    source=SOURCE,
    kind=Kind.LOWER_BOUND,
    partner="P4b",
    hypotheses=(reflections.reflected, reflections.even, conditions.plain_gradient_descent),
    quantity="excess loss of the dense iteration where nearest to its bound",
    problems=problems,
    draws=lambda: draws(st.sampled_from([2, 4, 6, *range(2, 65, 2)])),
    depths=(2, 4, 8),
    confined=("margin",),
    controls=(
        Control("a rotation below pi", drops=reflections.reflected, draws=lambda: turned((2, 4))),
        Control("odd depth", drops=reflections.even, draws=odd),
        Control("the first layer faster", drops=conditions.plain_gradient_descent, draws=lambda: faster((2, 4))),
    ),
)
def dense_reflections_fail(problem: Problem) -> Evidence:
    """At even depth floating point, too, does not learn a target whose polar factor is a reflection, for a while.

    Observed is the excess loss at the step where it is nearest to the floor less what rounding may have grown to.
    """
    losses, _, _, moved, reached = path(problem).T
    root = reflections.left_out(problem.target)
    left = np.maximum(root - moved, 0.0)
    nearest = int(np.argmin(np.sqrt(2 * losses) - left))
    bound = float(left[nearest]) * float(left[nearest]) / 2
    evaluated = matrix_rounding(len(problem.target), problem.depth) * float(reached[nearest])
    slack = floor_rounding(problem.target, bound) + evaluated * (float(left[nearest]) + evaluated)
    return Evidence(float(losses[nearest]), bound, slack, len(losses) - 1, "reference")
