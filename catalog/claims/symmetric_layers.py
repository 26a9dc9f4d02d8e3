r"""Symmetric targets keep the layers equal, symmetric and commuting: in floating point too, for a derived while.

Statement
---------
Let Phi be symmetric and start gradient descent, step-and-project or penalized gradient descent at the identity. In
exact arithmetic all layers stay equal, symmetric and commute with Phi, for every t. In floating point they do up
to ``2 delta_t``, where delta_t is what rounding has grown to by the recursion below, derived from dtype, step size,
depth and norms. Its growth sets a horizon: the claim looks while ``delta_t <= 1e-6``.

Proof
-----
Exact. Induct: with ``Theta_i = f(Phi)`` for all i, every gradient is ``f(Phi)^{L-1} (f(Phi)^L - Phi)``, and step,
projection and penalty take functions of Phi to functions of Phi.

Floating point. Let ``delta_t`` bound the Frobenius distance, all layers together, from the computed layers to the
exact ones, and ``N >= 1`` the layers' norms on the segment between. The Hessian of the loss is ``J^T J + S``:

* ``|J V| <= N^{L-1} sum_i |V_i| <= sqrt(L) N^{L-1} |V|``, so ``J^T J`` lies between 0 and ``L N^{2L-2}``;
* ``<V, S V> = 2 sum_{i<j} <E, A V_i B V_j C> <= |E| N^{L-2} 2 sum_{i<j} |V_i| |V_j| <= (L-1) N^{L-2} |E| |V|^2``.

A step ``I - eta (J^T J + kappa I) - eta S`` thus stretches delta_t by at most

    ``max(1, eta (L N^{2L-2} + kappa) - 1) + eta (L-1) N^{L-2} |E|``,

the projection by nothing, being non-expansive. Rounding adds, in each layer, ``2 L + 4`` operations on the gradient
and 4 on the update (subtract, or SVD and rebuild), each `dlr.rounding.matrix_rounding`, hence ``sqrt(L)`` times that
to delta_t. Equal, symmetric and commuting layers at distance delta_t: ``|Theta_i - Theta_1|_F <= sqrt(2) delta_t``,
``|Theta_i - Theta_i^T|_F <= 2 delta_t`` and ``|Theta_i Phi - Phi Theta_i|_F <= 2 |Phi| delta_t``, the last computed
in 2 operations.

Where E tends to 0 the growth stays bounded and the horizon open; at a saddle (a negative eigenvalue) it is
exponential, which is how the dense iteration comes to leave saddles that exact arithmetic never leaves.

Link: https://arxiv.org/abs/1802.06093, proofs on symmetric targets.
"""

import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from hypothesis import strategies as st

from catalog import _work, conditions, ingredients, strategies
from catalog.claim import Claim, Control, Evidence, Kind
from catalog.claims._paths import seen_along
from catalog.claims._points import layers as layers_near_identity
from catalog.claims._points import norm
from catalog.sources import bhl
from catalog.traits import symmetric
from dlr import GradientDescent, Penalized, Problem, StepAndProject
from dlr._norms import spectral_norms
from dlr._passes import product
from dlr.algorithms import penalty_strength
from dlr.rounding import matrix_rounding, power
from dlr.solver import default_step_size
from dlr.types import Matrix

LAYERS = 320
"""Largest number of steps times layers: 5 steps at depth 64. There are at most 100 steps."""

RESOLUTION = 1e-6
"""Largest delta_t at which the statement is checked."""


def deviations(layers: Matrix, target: Matrix, size: float) -> Matrix:
    """How far layers (n, L, d, d) are from equal, symmetric and commuting with the target.

    Of each iterate the worst in Frobenius norm, shape (n,); ``size`` is the target's norm.
    """
    unequal = layers - layers[:, :1]
    skew = layers - layers.mT
    commutator = (layers @ target - target @ layers) / (size or 1.0)
    return np.asarray(np.max(np.linalg.norm(np.stack([unequal, skew, commutator]), axis=(-2, -1)), axis=(0, 2)))


def drifts(problem: Problem, largest: Matrix, errors: Matrix, size: float) -> Matrix:
    """``delta_t`` at each of n iterates, from the largest norms of their layers and those of ``W - Phi``, shape (n,).

    ``size`` is the target's norm.
    """
    depth, eta, d = problem.depth, problem.step_size, len(problem.target)
    kappa = penalty_strength(problem.algorithm)
    of_gradient, of_update = matrix_rounding(d, 2 * depth + 4) * eta, matrix_rounding(d, 4)
    delta, found = 0.0, []
    for y, e in zip(largest.tolist(), errors.tolist(), strict=True):
        found.append(delta)
        N = max(1.0, y) + delta
        below = power(N, depth - 1)
        error = e + depth * below * delta
        stretch = max(1.0, eta * (depth * below * below + kappa) - 1) + eta * (depth - 1) * power(N, depth - 2) * error
        slope = below * (below * N + size) + kappa * (N + 1)
        delta = stretch * delta + math.sqrt(depth) * (of_gradient * slope + of_update * (N + 1))
    return np.array(found)


def instance(
    target: Matrix, depth: int, algorithm: GradientDescent | StepAndProject | Penalized, fraction: float
) -> Problem:
    """The problem at a fraction of twice the solver's default step size."""
    eta = fraction * 2 * default_step_size(target, depth, algorithm)
    steps = _work.horizon(min(100, LAYERS // depth), target, depth, cost=5)
    return Problem(target, depth, replace(algorithm, step_size=eta), tol=0.0, max_steps=steps)


def problems(target: Matrix, depth: int) -> Iterator[Problem]:
    """On a named target: the three algorithms."""
    for algorithm in ingredients.regularized():
        yield instance(target, depth, algorithm, 1.0)


@st.composite
def draws(draw: st.DrawFn) -> Problem:
    """Symmetric targets of any signature, d to 16, depths to 64, step sizes up to the theorems'."""
    target = draw(
        st.one_of(
            strategies.symmetric(),
            strategies.positive_definite(),
            strategies.positive_definite(min_dimension=9, max_dimension=16),
            strategies.negative_eigenvalue(),
        )
    )
    algorithm = draw(
        st.one_of(
            st.just(GradientDescent()),
            st.builds(StepAndProject, radius=st.sampled_from([0.5, 0.1, 1.0])),
            st.builds(Penalized, strength=st.sampled_from([0.1, 1.0])),
        )
    )
    return instance(target, draw(st.integers(1, 64)), algorithm, draw(st.sampled_from([1.0, 0.3, 0.1])))


def asymmetric() -> st.SearchStrategy[Problem]:
    """Shears ``[[1, s], [0, 1]]``, which don't commute with their own transposes."""
    return st.builds(
        lambda s, depth: instance(np.array([[1.0, s], [0.0, 1.0]]), depth, GradientDescent(), 1.0),
        st.sampled_from([1.0, 0.1, 2.0]),
        st.integers(1, 64),
    )


@st.composite
def other_starts(draw: st.DrawFn) -> Problem:
    """Layers near the identity, not all of them functions of the target."""
    target, depth = draw(strategies.positive_definite(min_dimension=2)), draw(st.integers(1, 64))
    start = draw(layers_near_identity(len(target), depth))
    return replace(instance(target, depth, GradientDescent(), 1.0), initial_layers=start)


def unequal() -> st.SearchStrategy[Problem]:
    """Positive definite targets with the first layer faster than the others."""
    return ingredients.with_the_first_layer_faster(
        st.builds(
            lambda target, depth: instance(target, depth, GradientDescent(), 1.0),
            strategies.positive_definite(min_eigenvalue=2.0),
            st.integers(2, 64),
        )
    )


@Claim.define(
    "I4",
    source=bhl("symmetric targets, proofs"),
    kind=Kind.INVARIANT,
    partner="P4b",
    hypotheses=(symmetric, conditions.regularized_descent, conditions.identity_start),
    quantity="deviation over its rounding allowance",
    problems=problems,
    draws=draws,
    controls=(
        Control("shears", drops=symmetric, draws=asymmetric),
        Control("other starts", drops=conditions.identity_start, draws=other_starts),
        Control("the first layer faster", drops=conditions.regularized_descent, draws=unequal),
    ),
)
def symmetric_layers_stay_equal(problem: Problem) -> Evidence:
    """Training to a symmetric target from the identity keeps the layers equal, symmetric and commuting with it.

    Observed is the largest deviation over the steps within the horizon, in units of ``2 delta_t``.
    """
    target, size = problem.target, norm(problem.target)

    def look(layers: Matrix) -> Matrix:
        errors = spectral_norms(product(layers) - target)
        return np.column_stack([np.max(spectral_norms(layers), axis=-1), errors, deviations(layers, target, size)])

    largest, errors, found = seen_along(problem, look)[1].T
    delta = drifts(problem, largest, errors, size)
    within = np.sum(delta <= RESOLUTION)
    allowed = 2 * delta + matrix_rounding(len(target), 2) * largest
    ratios = (found / allowed)[1:within]
    return Evidence(float(np.max(ratios, initial=0.0)), 1.0, steps=len(ratios), engine="reference")
