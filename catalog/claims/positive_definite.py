r"""Symmetric positive definite targets are learned, in a number of steps polynomial in the condition number.

Statement
---------
Let Phi be symmetric positive definite, ``b = max(1, lambda_max)``, ``c = min(1, lambda_min)``,
``eta <= 1 / (L b^{2 - 2/L})``, and start gradient descent at the identity. Then for all t

    ``|E_t|_F <= sqrt(d) max(b ln b, ln(1/c)) (1 - eta L c^{2 - 2/L})^t``,

so that excess loss eps takes at most
``ln(sqrt(d) max(b ln b, ln(1/c)) / sqrt(2 eps)) / (eta L c^{2 - 2/L})`` steps.

Proof
-----
The layers stay equal symmetric functions of Phi, so each eigenvalue lambda has a recursion of its own,
``theta+ = theta + eta theta^{L-1} (lambda - theta^L)`` from ``theta_0 = 1``, with root ``r = lambda^{1/L}``. By the
mean value theorem ``|r^L - theta^L|`` lies between ``L min(r, theta)^{L-1} |r - theta|`` and
``L max(r, theta)^{L-1} |r - theta|``.

No overshoot: theta starts between 1 and r and, while there, is at most ``b^{1/L}``, so the step is at most
``eta L b^{2 - 2/L} |r - theta| <= |r - theta|``. Contraction: theta and r are at least ``c^{1/L}``, so the step is
at least ``eta L c^{2 - 2/L} |r - theta|``, and ``|r - theta_t| <= q^t |r - 1|`` with ``q = 1 - eta L c^{2 - 2/L}``.

Back to the product: for ``lambda >= 1``, ``|lambda - theta^L| <= L r^{L-1} (r - 1) q^t <= lambda ln(lambda) q^t``,
since ``r - 1 <= r ln r``; for ``lambda < 1``, ``|lambda - theta^L| <= L (1 - r) q^t <= ln(1/lambda) q^t``, since
``1 - r <= -ln r``. Both are at most ``max(b ln b, ln(1/c)) q^t``; sum d squares. Last, ``-ln(1 - x) >= x``.

In floating point theta stops once its update is below half its own ulp (`dlr.rounding.rounding_floor`). The
tolerance therefore stays 100 floors up: ten stalling errors away, where rounding bends a step by 5% at most.

Link: https://arxiv.org/abs/1802.06093, theorem on symmetric positive definite targets.
"""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from hypothesis import strategies as st

from catalog import conditions, strategies, trajectories
from catalog.claim import Condition, Control, Evidence, Kind, Problem, claim
from catalog.sources import bhl
from catalog.traits import margin_positive, symmetric
from dlr import GradientDescent, matrices, network, theory
from dlr.rounding import rounding_floor
from dlr.types import Matrix

FLOORS = 100
"""Least tolerance, in rounding floors."""


def bound(problem: Problem) -> int:
    """Steps the theorem allows."""
    return theory.positive_definite_iteration_bound(problem.target, problem.depth, problem.tol, problem.step_size)


def floor(problem: Problem) -> float:
    """Excess loss where rounding may stop the run."""
    return rounding_floor(problem.target, problem.depth, problem.step_size)


small_step = conditions.step_size_at_most(
    "eta <= 1 / (L b^(2 - 2/L))", lambda problem: theory.positive_definite_step_size(problem.target, problem.depth)
)
above_rounding = Condition(f"tol >= {FLOORS} rounding floors", lambda problem: problem.tol >= FLOORS * floor(problem))


def instance(target: Matrix, depth: int, step_fraction: float = 1.0, tol: float = 1e-9) -> Problem:
    """The problem at a fraction of the largest step size; the tolerance is raised above rounding."""
    step_size = step_fraction * theory.positive_definite_step_size(target, depth)
    problem = Problem(target, depth, GradientDescent(step_size), tol)
    return replace(problem, tol=max(tol, FLOORS * floor(problem)))


def problems(target: Matrix, depth: int) -> Iterator[Problem]:
    """On a named target: the largest step size."""
    yield instance(target, depth)


@st.composite
def draws(draw: st.DrawFn) -> Problem:
    """Any depth to 64, condition numbers as large as the step budget allows at that depth."""
    depth = draw(st.integers(1, 64))
    fraction = draw(st.sampled_from([1.0, 0.5, 0.25]))
    tol = draw(st.sampled_from([1e-9, 1e-2, 1e-6, 1e-12]))
    # the bound is (b/c)^{2 - 2/L} / fraction times a logarithm that stays below 40 here
    spread = (conditions.STEP_BUDGET * fraction / 40) ** (0.5 / max(2 - 2 / depth, 0.5))
    target = draw(strategies.positive_definite(min_eigenvalue=max(1 / spread, 1e-3), max_eigenvalue=min(spread, 1e3)))
    return instance(target, depth, fraction, tol)


def rotations() -> st.SearchStrategy[Problem]:
    """Rotations below a right angle: margin, but no symmetry."""
    return st.builds(
        lambda angle, depth: instance(matrices.plane_rotations(np.array([angle]), 2), depth),
        st.floats(0.1, 1.5),
        st.integers(1, 64),
    )


def one_negative() -> st.SearchStrategy[Problem]:
    """``diag(-s, 1, ..., 1)``: symmetric, one negative eigenvalue."""
    return st.builds(
        lambda s, d, depth: instance(np.diag([-s] + [1.0] * (d - 1)), depth),
        st.sampled_from([1.0, 0.5, 2.0]),
        st.integers(1, 4),
        st.integers(2, 8),
    )


def long_steps() -> st.SearchStrategy[Problem]:
    """Steps longer than the theorem allows, by more than rounding."""
    return st.builds(
        instance,
        strategies.positive_definite(min_eigenvalue=0.5, max_eigenvalue=4.0),
        st.integers(1, 8),
        st.floats(1.5, 8),
    )


def saddle_start() -> st.SearchStrategy[Problem]:
    """All layers zero, where every gradient vanishes for L >= 2."""
    return st.builds(
        lambda target, depth: replace(
            instance(target, depth), layers=np.zeros_like(network.identity_layers(target, depth))
        ),
        strategies.positive_definite(min_eigenvalue=0.5, max_eigenvalue=4.0),
        st.integers(1, 8),
    )


def below_rounding() -> st.SearchStrategy[Problem]:
    """A tolerance below what floating point resolves."""
    return st.builds(
        lambda target, depth: replace(instance(target, depth), tol=1e-300),
        strategies.positive_definite(min_eigenvalue=0.5, max_eigenvalue=4.0),
        st.integers(1, 8),
    )


@claim(
    "P3",
    source=bhl("symmetric positive definite targets"),
    kind=Kind.UPPER_BOUND,
    hypotheses=(
        symmetric,
        margin_positive,
        conditions.identity_start,
        small_step,
        above_rounding,
        conditions.within_budget(bound),
    ),
    quantity="steps to tolerance",
    problems=problems,
    draws=draws,
    depths=(1, 2, 8, 64),
    controls=(
        Control("rotations", drops=symmetric, draws=rotations),
        Control("one negative eigenvalue", drops=margin_positive, draws=one_negative),
        Control("longer steps", drops=small_step, draws=long_steps),
        Control("zero start", drops=conditions.identity_start, draws=saddle_start),
        Control("tolerance below rounding", drops=above_rounding, draws=below_rounding),
    ),
)
def positive_definite_converges(problem: Problem) -> Evidence:
    """Gradient descent learns every symmetric positive definite target within the iteration bound.

    Observed is the number of steps, or one more than the bound where the tolerance is not reached within it.
    """
    return trajectories.steps_within(problem, bound(problem))
