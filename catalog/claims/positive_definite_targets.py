r"""Symmetric positive definite targets are learned, in a number of steps polynomial in the condition number.

Statement
---------
Let Phi be symmetric positive definite, ``b = max(1, lambda_max)``, ``c = min(1, lambda_min)``,
``eta <= 1 / (L b^{2 - 2/L})``, and start gradient descent at the identity. Then for all t

    ``|E_t|_F <= sqrt(d) max(b ln b, ln(1/c)) (1 - eta L c^{2 - 2/L})^t``,

so that excess loss eps takes at most
``ln(sqrt(d) max(b ln b, ln(1/c)) / sqrt(2 eps)) / (eta L c^{2 - 2/L})`` steps: at the largest step size polynomial in
``b / c``, which is the condition number where the spectrum lies on both sides of 1 and more where it does not.

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

Rounding. Per eigenvalue, storing theta, to half an ulp, and its update, which is ``L + 4`` operations on numbers of
at most ``theta / L`` as ``eta L b^{2 - 2/L} <= 1``, err by at most ``rho theta`` a step, ``rho = 4 epsilon`` (for L = 1
they sum to less). Where the exact step ``eta theta^{L-1} |lambda - theta^L|`` is longer than that, theta goes on toward
r. Where it is not, the error in the product's eigenvalue is at most ``rho theta^{2-L} / eta``, and theta stays there:
the exact step maps theta to ``T(theta)`` between theta and r, and T rises, as ``T' = 1 - eta ((2L - 1) theta^{2L-2} -
(L - 1) lambda theta^{L-2}) >= 1 - eta L theta^{2L-2} - (L - 1) rho``; so beside the end theta' of that range,
``T(theta) + rho theta <= T(theta') + rho theta' = theta'``, and beyond r it gets by ``rho theta`` at most, an error of
``L rho lambda <= rho r^{2-L} / eta``. (What is of second order in epsilon has room between 4 and the 3.75 that
the step below adds up to at most.) As theta >= 1 where ``lambda >= 1``, and theta >= r where ``lambda < 1``, the range
ends at an error of ``rho max(c^{2/L - 1}, b^{2/L - 1}) / eta`` at most: for L >= 2 the first is the larger one, for L =
1 theta is at most b. Evaluating ``theta^L`` errs by at most ``2 L epsilon theta^L``, and on the layers by ``L + 4``
matrix operations. A run on the layers themselves leaves the functions of Phi: `catalog.decay.rounding_of`.

Link: https://arxiv.org/abs/1802.06093, theorem on symmetric positive definite targets.
"""

import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from hypothesis import strategies as st

from catalog import conditions, decay, ingredients, strategies
from catalog.claim import Claim, Contraction, Control, Evidence, Kind
from catalog.claims._points import UNIT_STEP
from catalog.proofs import Step
from catalog.sources import bhl
from catalog.traits import positive_definite
from dlr import GradientDescent, Problem
from dlr.engine_choice import chosen_engine
from dlr.matrices import plane_rotations
from dlr.rounding import EPSILON, matrix_rounding, power
from dlr.types import Matrix

STEP_ROUNDING = 4
"""Rounding of theta in a step, relative to ``epsilon theta``."""

PROOF = (
    Step(
        "rounding a step: (1 + 1/L) / 2 to store theta, (L + 4) / L to compute the update, u = 1/L",
        lambda c, u: ((1 + u) / 2 + 1 + 4 * u, c.step),
        {"step": STEP_ROUNDING},
        {"u": (0, 0.5)},
    ),
)


def spectral_range(target: Matrix) -> tuple[float, float]:
    """``(c, b) = (min(1, lambda_min), max(1, lambda_max))``; of a target that is not positive definite by magnitude."""
    values = np.linalg.svd(target, compute_uv=False)
    return min(1.0, float(values[-1])), max(1.0, float(values[0]))


def largest_step_size(problem: Problem) -> float:
    """``1 / (L b^{2 - 2/L})``."""
    _, b = spectral_range(problem.target)
    return 1 / (problem.depth * power(b, 2 - 2 / problem.depth))


def stalling_error(c: float, b: float, depth: int, eta: float) -> float:
    """Error in an eigenvalue of the product, between c and b, at which rounding stops its run: see the proof."""
    exponent = 2 / depth - 1
    return STEP_ROUNDING * EPSILON * max(power(c, exponent), power(b, exponent)) / eta


def eigenvalue_decay(c: float, b: float, depth: int, eta: float) -> tuple[float, float]:
    """Start ``max(b ln b, ln(1/c))`` and rate ``eta L c^{2 - 2/L}`` of the error in an eigenvalue between c and b."""
    start = max(b * math.log(b), -math.log(c)) if c > 0 else math.inf
    return start, eta * depth * power(c, 2 - 2 / depth)


def eigenvalue_rounding(problem: Problem) -> float:
    """What rounding may add to the error in one eigenvalue of the product, evaluated on the layers."""
    c, b = spectral_range(problem.target)
    stall = stalling_error(c, b, problem.depth, problem.step_size)
    return stall + 2 * problem.depth * EPSILON * b + matrix_rounding(len(problem.target), problem.depth + 4) * b


def contraction(problem: Problem) -> Contraction:
    """``|E_t|_F <= sqrt(d) max(b ln b, ln(1/c)) (1 - eta L c^{2 - 2/L})^t``."""
    c, b = spectral_range(problem.target)
    root = math.sqrt(len(problem.target))
    start, rate = eigenvalue_decay(c, b, problem.depth, problem.step_size)
    rounding = root * eigenvalue_rounding(problem)
    if chosen_engine(problem) != "spectral":
        rounding = max(rounding, decay.rounding_of(problem, b, rate))
    return Contraction(root * start, rate, rounding)


small_step = conditions.step_size_at_most("eta <= 1 / (L b^(2 - 2/L))", largest_step_size)
above_rounding = conditions.above_rounding(contraction)
THEOREM = (positive_definite, conditions.plain_gradient_descent, conditions.identity_start, small_step)


def instance(target: Matrix, depth: int, fraction: float = 1.0, tol: float = 1e-9) -> Problem:
    """The problem at a fraction of the largest step size; the tolerance is raised above rounding."""
    problem = Problem(target, depth, UNIT_STEP, tol)
    eta = fraction * largest_step_size(problem)
    if not eta > 0:
        return problem
    problem = replace(problem, algorithm=GradientDescent(eta))
    return replace(problem, tol=conditions.raised(tol, contraction(problem)))


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


def some() -> st.SearchStrategy[Problem]:
    """Eigenvalues from 1/2 to 4, one of them not 1, at small depths: every step counts."""
    return st.builds(
        lambda target, depth: instance(target + np.diag([1.0] + [0.0] * (len(target) - 1)), depth),
        strategies.positive_definite(min_eigenvalue=0.5, max_eigenvalue=3.0),
        st.integers(2, 8),
    )


def turned() -> st.SearchStrategy[Problem]:
    """Four times an obtuse plane rotation: the path to it is long, and slow where it passes 0."""
    return st.builds(
        lambda angle, depth: instance(4 * plane_rotations(np.array([angle]), 2), depth),
        st.floats(3.1, 3.13),
        st.integers(4, 8),
    )


def one_negative() -> st.SearchStrategy[Problem]:
    """``diag(-s, 2, ..., 2)``, whose error starts below the bound and stays: the floor is ``s^2 / 2``."""
    return st.builds(
        lambda s, d, depth: instance(np.diag([-s] + [4.0] * d), depth),
        st.floats(0.3, 1.0),
        st.integers(1, 3),
        st.integers(2, 8),
    )


LONG = Control("longer steps", drops=small_step, draws=lambda: ingredients.with_longer_steps(some(), 1.5, 8))
PULLED = Control("a penalty", drops=conditions.plain_gradient_descent, draws=lambda: ingredients.with_penalty(some()))
ZERO = Control("zero start", drops=conditions.identity_start, draws=lambda: ingredients.from_zero(some()))
TURNED = Control("obtuse rotations", drops=positive_definite, draws=turned)
NEGATIVE = Control("one negative eigenvalue", drops=positive_definite, draws=one_negative)


@Claim.define(
    "P3",
    source=bhl("symmetric positive definite targets"),
    kind=Kind.UPPER_BOUND,
    hypotheses=(*THEOREM, above_rounding, conditions.within_budget(contraction)),
    quantity="steps to tolerance",
    problems=problems,
    draws=draws,
    depths=(1, 2, 8, 64),
    largest_step_size=largest_step_size,
    contraction=contraction,
    proof=PROOF,
    controls=(
        TURNED,
        NEGATIVE,
        LONG,
        PULLED,
        ZERO,
        Control(
            "tolerance below rounding",
            drops=above_rounding,
            draws=lambda: some().map(lambda problem: replace(problem, tol=1e-300)),
        ),
    ),
)
def positive_definite_converges(problem: Problem) -> Evidence:
    """Gradient descent learns every symmetric positive definite target within the iteration bound.

    Observed is the number of steps, or one more than the bound where the tolerance is not reached within it.
    """
    return decay.steps_within(problem, contraction(problem).steps_to(problem.tol))
