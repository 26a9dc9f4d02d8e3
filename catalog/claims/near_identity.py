r"""Targets near the identity are learned, at a rate that no depth slows.

Statement
---------
If ``D = |Phi - I|_F <= 1/12`` and ``eta L <= 1/2``, gradient descent from the identity has for all t

    ``|E_t|_F <= (1 - (2/5) eta L)^t D`` and ``|Theta_i - I| <= 0.3 / L`` for every layer,

so that excess loss eps takes at most ``(5 / (2 eta L)) ln(D / sqrt(2 eps))`` steps.

Proof
-----
Induct with a = 0.3: while ``|Theta_i - I| <= a / L``, the products ``A_i`` above and ``B_i`` below layer i have L - 1
factors in all, so their norms multiply to at most ``(1 + a/L)^{L-1} <= e^a`` and their least singular values to at
least ``(1 - a/L)^{L-1} >= 1 - a``. The part of the step linear in eta is ``-eta M(E)`` with
``M(E) = sum_i A_i A_i^T E B_i^T B_i``, self-adjoint with spectrum in ``[L (1-a)^2, L e^{2a}]``; as
``eta L e^{2a} <= 0.92``, it contracts by at least ``1 - 0.49 eta L``. The terms that move k >= 2 layers add up to
``|R|_F <= sum_k C(L, k) eta^k (1 + a/L)^{L-k} (e^a |E|)^k <= e^a (e^x - 1 - x)``, ``x = eta L e^a |E|_F <= 0.057``,
which is at most ``0.053 eta L |E|_F``. Together: a factor of at most ``1 - 0.43 eta L``. The drift of a layer adds
up to at most ``eta e^a D / (0.4 eta L) <= 0.29 / L``, so the induction goes on.

In floating point each step rounds the layers, which moves the product by at most ``L d (epsilon/2) e^a``; contraction
sums that to ``1.7 d epsilon / eta``, and evaluating the product errs by at most ``2 L d^{3/2} epsilon``. So the error
stays below the promise plus ``d epsilon (2 / eta + 2 L sqrt(d))``.

Link: https://arxiv.org/abs/1802.06093, theorem on targets near the identity.
"""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from hypothesis import strategies as st

from catalog import conditions, strategies, trajectories
from catalog.claim import Condition, Control, Evidence, Kind, Problem, claim
from catalog.sources import bhl
from catalog.traits import near_identity
from dlr import GradientDescent, network, solve, theory
from dlr.matrices import distance_to_identity
from dlr.types import Matrix

DRIFT = 0.3
HORIZON = 100
SOURCE = bhl("targets near the identity")


def bound(problem: Problem) -> int:
    """Steps the theorem allows."""
    return theory.near_identity_iteration_bound(problem.target, problem.depth, problem.tol, problem.step_size)


def floor(problem: Problem) -> float:
    """Error ``|E|_F`` that rounding may leave."""
    d = len(problem.target)
    return float(d * np.finfo(np.float64).eps * (2 / problem.step_size + 2 * problem.depth * np.sqrt(d)))


small_step = conditions.step_size_at_most("eta L <= 1/2", lambda problem: theory.near_identity_step_size(problem.depth))
above_rounding = Condition(
    "sqrt(2 tol) >= 10 rounding floors", lambda problem: np.sqrt(2 * problem.tol) >= 10 * floor(problem)
)


def instance(target: Matrix, depth: int, step_fraction: float = 1.0, tol: float = 1e-9) -> Problem:
    """The problem at a fraction of the largest step size; the tolerance is raised above rounding."""
    step_size = step_fraction * theory.near_identity_step_size(depth)
    problem = Problem(target, depth, GradientDescent(step_size), tol, HORIZON)
    return replace(problem, tol=max(tol, 51 * floor(problem) ** 2))


def problems(target: Matrix, depth: int) -> Iterator[Problem]:
    """On a named target: the largest step size."""
    yield instance(target, depth)


def draws() -> st.SearchStrategy[Problem]:
    """All distances to 1/12, in any direction, and depths to 64."""
    return st.builds(
        instance,
        st.one_of(strategies.near_identity(), strategies.near_identity(min_distance=1 / 24, min_dimension=3)),
        st.integers(1, 64),
        st.sampled_from([1.0, 0.5, 0.25]),
        st.sampled_from([1e-9, 1e-6, 1e-12]),
    )


def far_targets() -> st.SearchStrategy[Problem]:
    """Targets at distance 1.5 to 4: some have a negative determinant, and some rotate far."""
    return st.builds(
        instance, strategies.near_identity(min_distance=1.5, max_distance=4.0, max_dimension=3), st.integers(2, 8)
    )


def long_steps() -> st.SearchStrategy[Problem]:
    """``eta L`` of 2.2 to 8: the linear part no longer contracts."""
    return st.builds(instance, strategies.near_identity(min_distance=0.05), st.integers(1, 8), st.floats(4.4, 16))


def distant_start() -> st.SearchStrategy[Problem]:
    """All layers zero, where every gradient vanishes for L >= 2 and each layer is at distance 1."""
    return st.builds(
        lambda target, depth: replace(
            instance(target, depth), layers=np.zeros_like(network.identity_layers(target, depth))
        ),
        strategies.near_identity(min_distance=0.05),
        st.integers(2, 8),
    )


def below_rounding() -> st.SearchStrategy[Problem]:
    """A tolerance below what floating point resolves."""
    return st.builds(
        lambda target, depth: replace(instance(target, depth), tol=1e-300),
        strategies.near_identity(min_distance=0.05),
        st.integers(1, 8),
    )


THEOREM = (near_identity, conditions.plain_gradient_descent, small_step, conditions.identity_start)
CONTROLS = (
    Control("far targets", drops=near_identity, draws=far_targets),
    Control("longer steps", drops=small_step, draws=long_steps),
    Control("zero start", drops=conditions.identity_start, draws=distant_start),
)


@claim(
    "P1",
    source=SOURCE,
    kind=Kind.UPPER_BOUND,
    hypotheses=(*THEOREM, above_rounding, conditions.within_budget(bound)),
    quantity="steps to tolerance",
    problems=problems,
    confined=("condition", "margin"),
    draws=draws,
    controls=(
        *CONTROLS,
        Control("a penalty", drops=conditions.plain_gradient_descent, draws=lambda: conditions.penalized(draws())),
        Control("tolerance below rounding", drops=above_rounding, draws=below_rounding),
    ),
)
def near_identity_converges(problem: Problem) -> Evidence:
    """Gradient descent learns every target within 1/12 of the identity within the iteration bound.

    Observed is the number of steps, or one more than the bound where the tolerance is not reached within it.
    """
    return trajectories.steps_within(problem, bound(problem))


@claim(
    "P1b",
    source=SOURCE,
    kind=Kind.UPPER_BOUND,
    hypotheses=THEOREM,
    quantity=trajectories.DECAY,
    problems=problems,
    confined=("condition", "margin"),
    draws=draws,
    controls=(
        *CONTROLS,
        Control("a penalty", drops=conditions.plain_gradient_descent, draws=lambda: conditions.penalized(draws())),
    ),
)
def near_identity_error_shrinks(problem: Problem) -> Evidence:
    """Near the identity the error shrinks by a factor of at most ``1 - (2/5) eta L`` in every step."""
    solution = solve(
        problem.target,
        problem.depth,
        problem.algorithm,
        tol=0.0,
        max_steps=problem.max_steps,
        engine="reference",
        initial_layers=problem.layers,
    )
    distance = distance_to_identity(problem.target)
    ratio = trajectories.slowness(
        trajectories.losses(solution),
        problem.max_steps,
        start=distance,
        rate=0.4 * problem.step_size * problem.depth,
        floor=floor(problem),
    )
    return Evidence(ratio, 1.0, steps=solution.steps, engine=solution.engine)


@claim(
    "P1c",
    source=SOURCE,
    kind=Kind.UPPER_BOUND,
    hypotheses=THEOREM,
    quantity="largest |Theta_i - I| over all steps",
    problems=problems,
    confined=("condition", "margin"),
    draws=draws,
    controls=CONTROLS,
    artefacts={
        "plain gradient descent": "a penalty pulls the layers toward the identity, so the drift only shrinks",
    },
)
def near_identity_layers_stay_close(problem: Problem) -> Evidence:
    """Near the identity every layer stays within ``0.3 / L`` of the identity."""
    identity = np.eye(len(problem.target))
    drift = 0.0
    steps = min(problem.max_steps, 30)
    for _, layers in trajectories.dense(problem, steps):
        if not np.all(np.isfinite(layers)):
            return Evidence(np.inf, DRIFT / problem.depth, steps=steps, engine="reference")
        drift = max(drift, float(np.max(np.linalg.norm(layers - identity, 2, axis=(-2, -1)))))
    return Evidence(drift, DRIFT / problem.depth, steps=steps, engine="reference")
