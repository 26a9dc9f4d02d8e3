r"""Small steps bring the loss of a symmetric target down to its floor: the floor is exact, not only a bound.

Statement
---------
Let Phi be symmetric, L >= 2, ``b = max(1, |Phi|)``, ``eta <= 1 / (L b^{2 - 2/L})`` and, if an eigenvalue is negative,
``eta (1 + |lambda_min|) <= 1``. Gradient descent from the identity has for all t

    ``l_t <= 1/2 sum over lambda_j < 0 of lambda_j^2  +  sum over all j of r_j(t)``,

where every ``r_j(t)`` tends to 0:

* ``lambda >= 0`` positive: ``r = 1/2 (max(lambda ln lambda, ln(1/lambda)) (1 - eta L min(1, lambda)^{2 - 2/L})^t)^2``;
* ``lambda = 0``: ``r = 1/2 u^{2L}`` with ``u^{2L-2} = 1 / (1 + (2L - 2) eta t)``;
* ``lambda = -s < 0``: ``r = s u^L + 1/2 u^{2L}`` with ``u = (1 - eta s)^t`` for L = 2 and
  ``u^{L-2} = 1 / (1 + (L - 2) eta s t)`` for L >= 3.

With negative-eigenvalue-fails the infimum of the loss is the floor, to the last digit.

Proof
-----
Each eigenvalue has a recursion of its own, ``theta+ = theta - eta theta^{L-1} (theta^L - lambda)`` from ``theta_0 =
1``. For ``lambda > 0`` it is that of positive-definite-converges, with its own contraction. For ``lambda = -s <= 0``
theta stays in [0, 1] (negative-eigenvalue-fails; at even L too, as ``eta (1 + s) <= 1``). If s > 0, ``theta+ <= theta
(1 - eta s theta^{L-2})``. L = 2: that is the factor ``1 - eta s``. L >= 3: with ``v = theta^{-(L-2)}``, ``v+ >= v (1
- eta s / v)^{-(L-2)} >= v + (L - 2) eta s``, as ``(1 - x)^{-k} >= 1 + k x``. If s = 0, ``theta+ = theta (1 - eta
theta^{2L-2})`` and the same with 2L - 2. Last, ``1/2 (theta^L + s)^2 - s^2/2`` is ``s theta^L + theta^{2L}/2``.

In floating point an eigenvalue of the product may be off by rho: the stalling error of positive-definite-converges
where lambda > 0, and ``2 L + 8 + d`` operations on numbers of at most ``max(b, |lambda_min|)``, d of them for the
eigenvalues of the target. The loss is off by ``|E|_F sqrt(d) rho + d rho^2`` at most.

Link: https://arxiv.org/abs/1802.06093, theorems on symmetric targets.
"""

import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from hypothesis import strategies as st

from catalog import conditions, ingredients, strategies
from catalog.artefact import Artefact
from catalog.claim import Claim, Control, Evidence, Kind
from catalog.claims import positive_definite_path
from catalog.claims._points import UNIT_STEP
from catalog.claims.negative_eigenvalue_targets import deep, floor
from catalog.claims.positive_definite_targets import eigenvalue_decay, stalling_error
from catalog.sources import bhl
from catalog.traits import symmetric
from dlr import Problem, run
from dlr.matrices import symmetric_part
from dlr.rounding import EPSILON, matrix_rounding
from dlr.types import Matrix

HORIZON = 3_000

largest_step_size = positive_definite_path.largest_symmetric_step
small_step = positive_definite_path.symmetric_step


def remainder(value: float, depth: int, eta: float, t: int) -> float:
    """``r(t)`` of one eigenvalue."""
    if value > 0:
        start, rate = eigenvalue_decay(min(1.0, value), value, depth, eta)
        return (start * (1 - rate) ** t) ** 2 / 2
    s = -value
    if s == 0:
        if depth == 1:
            return math.exp(-2 * eta * t) / 2
        return math.pow(1 + (2 * depth - 2) * eta * t, -depth / (depth - 1)) / 2
    if depth <= 2:
        u = math.pow(1 - eta * s, depth * t)
    else:
        u = math.pow(1 + (depth - 2) * eta * s * t, -depth / (depth - 2))
    return s * u + u * u / 2


def instance(target: Matrix, depth: int, fraction: float = 1.0) -> Problem:
    """Gradient descent at a fraction of the largest step size, for `HORIZON` steps."""
    problem = Problem(target, depth, UNIT_STEP, tol=0.0, max_steps=HORIZON)
    eta = fraction * largest_step_size(problem)
    return ingredients.with_step_size(problem, eta) if eta > 0 else problem


def problems(target: Matrix, depth: int) -> Iterator[Problem]:
    """On a named symmetric target: the largest step size."""
    if symmetric.holds(target):
        yield instance(target, depth)


def draws() -> st.SearchStrategy[Problem]:
    """Indefinite, singular and definite targets, depths to 64."""
    targets = st.one_of(
        strategies.negative_eigenvalue(),
        strategies.negative_eigenvalue(max_magnitude=2.0, max_dimension=4),
        strategies.symmetric(),
    )
    return st.builds(instance, targets, st.sampled_from([*range(2, 9), *range(2, 65)]), ingredients.FRACTIONS)


def some() -> st.SearchStrategy[Problem]:
    """A negative eigenvalue beside 2 at small depths: the run has far to go."""
    return st.builds(lambda s, depth: instance(np.diag([-s, 2.0]), depth), st.floats(0.5, 2.0), st.integers(2, 5))


def turned() -> st.SearchStrategy[Problem]:
    """``[[a, -k], [k, a]]`` after ten steps: the bound sees the symmetric part ``a I`` alone."""
    return st.builds(
        lambda a, k, depth: replace(instance(np.array([[a, -k], [k, a]]), depth), max_steps=10),
        st.floats(-3, 3),
        st.floats(5, 15),
        st.integers(2, 8),
    )


@Claim.define(
    "P4b",
    source=bhl("symmetric targets with a negative eigenvalue"),
    kind=Kind.UPPER_BOUND,
    hypotheses=(
        symmetric,
        deep,
        conditions.plain_gradient_descent,
        conditions.identity_start,
        small_step,
    ),
    quantity="excess loss at the end",
    problems=problems,
    confined=("margin",),
    draws=draws,
    controls=(
        Control("turned", drops=symmetric, draws=turned),
        Control("longer steps", drops=small_step, draws=lambda: ingredients.with_longer_steps(some(), 4, 16)),
        Control("a penalty", drops=conditions.plain_gradient_descent, draws=lambda: ingredients.with_penalty(some())),
        Control("zero start", drops=conditions.identity_start, draws=lambda: ingredients.from_zero(some())),
    ),
    proof_only=(
        Artefact(
            deep,
            lambda: draws().map(lambda problem: instance(problem.target, 1)),
            because="one layer learns every target, and its loss falls below the floor",
            tries=7_263,
            seconds=40,
            seed=1,
        ),
    ),
)
def floor_is_reached(problem: Problem) -> Evidence:
    """Small steps bring the excess loss of a symmetric target down to half the sum of its squared negative eigenvalues.

    Observed is the excess loss after ``max_steps`` steps.
    """
    solution = run(replace(problem, tol=0.0, engine="auto"))
    values: Matrix = np.asarray(np.linalg.eigvalsh(symmetric_part(problem.target)), dtype=np.float64)
    depth, eta = problem.depth, problem.step_size
    bound = floor(problem) + sum(remainder(float(value), depth, eta, problem.max_steps) for value in values)
    return Evidence(solution.loss, bound, slack(values, depth, eta, bound), solution.steps, solution.engine)


def slack(values: Matrix, depth: int, eta: float, bound: float) -> float:
    """What rounding may add to the loss: an error in each eigenvalue of the product, times the error there."""
    d, b = len(values), max(1.0, float(values[-1]))
    least = np.min(values[values > 0], initial=1.0)
    size = max(b, -float(values[0]))
    each = (
        stalling_error(float(least), b, depth, eta)
        + (2 * depth + 8 + d) * EPSILON * size
        + matrix_rounding(d, depth + 4) * size
    )
    return float(math.sqrt(2 * bound * d) * each + d * each * each)
