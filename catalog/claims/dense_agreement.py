r"""Floating point follows the exact run, to a saddle too, for a while that grows like log(1/precision).

Statement
---------
Let Phi be symmetric, ``s = max(1, lambda_max)``, ``e = |Phi - I|``, ``n = max(L - 1, 1)``, ``eta L s^{2 - 2/L} <= 1``
and ``eta (1 + |lambda_min|) <= 1`` (the latter if lambda_min < 0). Compare gradient descent in float64 from layers at
distance p (Frobenius norm of all layers together) of the identity with the exact run from the identity.

With ``G = 1 + 1.011 eta n s^{1 - 2/L} (e + s/99)``, ``a = 1/(100 L)`` and rho a step's rounding, the layers of both
runs differ by at most ``G^t (p + rho / (G - 1))`` as long as that is at most a, that is up to the step

    ``T = ln(a / (p + rho / (G - 1))) / ln G``, which grows like log(1/precision).

Proof
-----
The exact layers are equal, with eigenvalues theta between 1 and ``lambda^{1/L}`` (positive-definite-converges) or in
[0, 1] (negative-eigenvalue-fails); so their norms are at most ``s^{1/L}`` and ``|W - Phi| <= e`` at all times. Let V be
layers within a of them: norms at most ``y = s^{1/L} + a``, ``y^k <= 1.0101 s^{k/L}`` for k <= L and ``|W(V) - Phi| <= e
+ s/99``. The derivative of the step at V is ``I - eta (J^T J + C)``: J, the derivative of the product, has ``|J^T J| <=
L y^{2L-2}``, so ``|I - eta J^T J| <= 1`` as ``eta |J^T J| <= 1.021``; C has zero diagonal blocks and others of norm at
most ``|W(V) - Phi| y^{L-2}``, hence norm at most ``(L-1) 1.011 s^{1 - 2/L} (e + s/99)``. So a step spreads the two runs
by at most G, and adds rho: storing L layers, ``sqrt(L) epsilon sqrt(d) s^{1/L}``, and gradients of 2 L operations
(`dlr.rounding.matrix_rounding` r) on numbers of at most ``B = max(s, |Phi|)``, ``2 sqrt(L) eta r(2 L) B^{2 - 1/L}``;
twice, once for each run. Sum.

For L = 1, C = 0 and the runs spread by t rho at most, which is less. Beyond the horizon the dense run may leave a
saddle: see the controls of negative-eigenvalue-fails.

Link: https://arxiv.org/abs/1802.06093 for the exact run; the horizon is this project's.
"""

import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from hypothesis import strategies as st

from catalog import conditions, ingredients, strategies
from catalog.claim import Claim, Condition, Control, Evidence, Kind
from catalog.claims._points import UNIT_STEP
from catalog.claims.negative_eigenvalue_targets import odd_step_size
from catalog.enclosures import exp, log1p_over
from catalog.proofs import Step
from catalog.sources import here
from catalog.traits import symmetric
from dlr import GradientDescent, Penalized, Problem, network, run
from dlr.matrices import symmetric_part
from dlr.rounding import EPSILON, matrix_rounding, power
from dlr.types import Matrix

BUDGET = 8_000
"""Longest run, in steps times layers."""

RADIUS, COUPLING, MISS = 100, 1.011, 99
"""``1 / (a L)``, and in G."""

CONSTANTS = {"radius": RADIUS, "norm": 1.0101, "miss": MISS, "curvature": 1.021, "coupling": COUPLING}

PROOF = (
    Step(
        "y^L <= {norm} s, u = 1/L",
        lambda c, u: (exp(log1p_over(u / c.radius) / c.radius), c.norm),
        CONSTANTS,
        {"u": (0, 1)},
    ),
    Step("|W(V) - W| <= s/{miss}", lambda c: (c.norm - 1, 1 / c.miss), CONSTANTS),
    Step("eta |J^T J| <= {curvature}", lambda c: (c.norm**2, c.curvature), CONSTANTS),
    Step("C has blocks of norm at most {coupling} s^(1-2/L) (e + s/{miss})", lambda c: (c.norm, c.coupling), CONSTANTS),
)


def largest_step(problem: Problem) -> float:
    """``min(1 / (L s^{2 - 2/L}), 1 / (1 + |lambda_min|))``, the latter if lambda_min < 0."""
    values = np.linalg.eigvalsh(symmetric_part(problem.target))
    s = max(1.0, float(values[-1]))
    first = 1 / (problem.depth * power(s, 2 - 2 / problem.depth))
    return min(first, odd_step_size(float(values[0]), 0.0))


small_step = conditions.step_size_at_most(
    "eta <= min(1 / (L max(1, lambda_max)^(2 - 2/L)), 1 / (1 + |lambda_min|))", largest_step
)


def instance(target: Matrix, depth: int, fraction: float = 1.0, steps: int = 0, offset: float = 0.0) -> Problem:
    """Gradient descent from the identity, or from ``offset`` away of it: a seeded direction of norm 1."""
    problem = Problem(target, depth, UNIT_STEP, tol=0.0, max_steps=steps)
    problem = replace(problem, algorithm=GradientDescent(max(fraction * largest_step(problem), 5e-324)))
    if offset == 0:
        return problem
    direction = np.random.default_rng(0).standard_normal((depth, *target.shape))
    layers = network.identity_layers(target, depth) + offset * direction / np.linalg.norm(direction)
    return replace(problem, initial_layers=layers)


def spread(problem: Problem) -> tuple[float, float]:
    """``p + rho / (G - 1)`` and G."""
    d, depth, eta = len(problem.target), problem.depth, problem.step_size
    identity = network.identity_layers(problem.target, depth)
    offset = 0.0 if problem.initial_layers is None else float(np.linalg.norm(problem.initial_layers - identity))
    values = np.linalg.eigvalsh(symmetric_part(problem.target))
    s = max(1.0, float(values[-1]))
    e, size = float(np.max(np.abs(values - 1))), max(s, -float(values[0]))
    growth = COUPLING * eta * max(depth - 1, 1) * power(s, 1 - 2 / depth) * (e + s / MISS)
    gradient = 2 * eta * matrix_rounding(d, 2 * depth) * power(size, 2 - 1 / depth)
    rounding = 2 * math.sqrt(depth) * (EPSILON * math.sqrt(d) * power(s, 1 / depth) + gradient)
    return offset + (rounding / growth if growth > 0 else math.inf), 1 + growth


def horizon(problem: Problem) -> int:
    """Steps for which both runs stay within ``1/(100 L)``."""
    start, growth = spread(problem)
    if not (start < math.inf and 1 < growth < math.inf):
        return -1
    return math.floor(math.log(1 / (RADIUS * problem.depth) / start) / math.log(growth))


within_horizon = Condition("t <= T", lambda problem: problem.max_steps <= horizon(problem))


def followed(target: Matrix, depth: int, fraction: float, share: float, offset: float) -> Problem:
    """The comparison at a share of the horizon."""
    problem = instance(target, depth, fraction, offset=offset)
    return replace(problem, max_steps=max(0, min(int(share * horizon(problem)), BUDGET // depth)))


def follow_problems(target: Matrix, depth: int) -> Iterator[Problem]:
    """On a named target: the whole horizon, from the identity and from 1e-8 away."""
    for offset in (0.0, 1e-8):
        yield followed(target, depth, 1.0, 1.0, offset)


def follow_draws() -> st.SearchStrategy[Problem]:
    """Symmetric targets, most with negative eigenvalues, at every precision from rounding to 1e-6."""
    sizes = st.one_of(
        strategies.negative_eigenvalue(),
        strategies.positive_definite(min_eigenvalue=0.1, max_eigenvalue=2.0),
        strategies.symmetric(),
        strategies.symmetric(min_dimension=9, max_dimension=16, max_eigenvalue=1.0),
    )
    return st.builds(
        followed,
        sizes,
        st.integers(1, 64),
        st.sampled_from([1.0, 0.5, 0.1]),
        st.sampled_from([1.0, 0.1, 0.5]),
        st.sampled_from([0.0, 1e-14, 1e-12, 1e-10, 1e-8, 1e-6]),
    )


def sheared() -> st.SearchStrategy[Problem]:
    """``[[1, k], [0, 1]]``, held against the exact run on its symmetric part."""
    return st.builds(
        lambda k, depth: followed(np.array([[1.0, k], [0.0, 1.0]]), depth, 1.0, 1.0, 0.0),
        st.floats(0.5, 2),
        st.integers(2, 8),
    )


def beyond() -> st.SearchStrategy[Problem]:
    """Runs of 1,500 steps to a saddle."""
    return st.builds(
        lambda seed, depth: instance(ingredients.saddle(3, seed, 2.0, 0.5), depth, steps=1_500),
        st.integers(0, 99),
        st.integers(3, 4),
    )


def overshooting() -> st.SearchStrategy[Problem]:
    """Positive multiples of the identity from 1e-10 away, with steps that oscillate: growth where G has none."""

    def build(scale: float, d: int, depth: int, factor: float) -> Problem:
        problem = instance(scale * np.eye(d), depth, fraction=factor, offset=1e-10)
        return replace(problem, max_steps=min(horizon(problem), BUDGET // depth))

    return st.builds(build, st.floats(0.99, 1.01), st.integers(1, 3), st.integers(2, 5), st.floats(2.5, 4))


def strongly_pulled() -> st.SearchStrategy[Problem]:
    """Penalties with ``eta kappa`` from 2.2 to 3, whose pull throws the layers to the other side of the identity."""

    def build(target: Matrix, depth: int, pull: float) -> Problem:
        problem = followed(target, depth, 1.0, 1.0, 1e-8)
        return replace(problem, algorithm=Penalized(pull / problem.step_size, problem.step_size))

    return st.builds(build, strategies.symmetric(min_dimension=2), st.integers(2, 5), st.floats(2.2, 3))


@Claim.define(
    "N5a",
    source=here("horizon of the dense iteration"),
    kind=Kind.UPPER_BOUND,
    partner="P3b",
    hypotheses=(symmetric, conditions.plain_gradient_descent, small_step, within_horizon),
    quantity="distance of dense and exact layers",
    symbols=(("T", "horizon: the step up to which rounding is proved to stay small"),),
    problems=follow_problems,
    draws=follow_draws,
    proof=PROOF,
    controls=(
        Control("sheared", drops=symmetric, draws=sheared),
        Control("oscillating steps", drops=small_step, draws=overshooting),
        Control("beyond the horizon", drops=within_horizon, draws=beyond),
        Control("a strong penalty", drops=conditions.plain_gradient_descent, draws=strongly_pulled),
    ),
)
def dense_agrees_until_horizon(problem: Problem) -> Evidence:
    """The dense iteration stays near the exact one up to a horizon that grows like log(1/precision).

    Observed is the Frobenius distance of all layers together after ``max_steps`` steps; the bound is the one of the
    statement, or ``1/(100 L)`` beyond the horizon.
    """
    reduced = replace(problem, target=symmetric_part(problem.target), initial_layers=None, engine="spectral")
    exact = run(replace(reduced, tol=0.0))
    dense = run(replace(problem, tol=0.0, engine="reference"))
    start, growth = spread(problem)
    bound = min(1 / (RADIUS * problem.depth), start * power(growth, problem.max_steps))
    return Evidence(float(np.linalg.norm(dense.layers - exact.layers)), bound, steps=dense.steps, engine=dense.engine)
