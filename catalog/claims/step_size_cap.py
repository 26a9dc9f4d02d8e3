r"""Sharpness caps the step size: beyond the cap every minimum is left, and below it runs seem to converge.

Statement
---------
Write ``S = L |Phi|^{2 - 2/L}``: no minimum is flatter (factorizations-are-sharp).

N9c. A step size above ``2 / S`` leaves every minimum. Let Phi be diagonal with positive entries, lambda the largest,
``r = lambda^{1/L}``, ``eta S = 2 + e`` with ``0 < e <= 1``, and all layers one diagonal matrix with theta in lambda's
place, ``0 < |theta - r| <= delta = r (1 - ((2 + 3e/4) / (2 + e))^{1/n})``, ``n = max(1, 2L - 2)``. Then within
``ln(delta / |theta - r|) / ln(1 + e/2)`` steps, rounded up, the loss is at least ``1/2 (lambda - (r - delta)^L)^2``.

C4 (conjecture). Below the cap the run converges: let Phi be symmetric positive definite, ``b = max(1, lambda_max)``,
``c = min(1, lambda_min)`` and ``eta L b^{2 - 2/L} < 2``. From the identity, for all t,
``|E_t|_F <= sqrt(d) max(b ln b, ln(1/c)) max(1 - eta L c^{2 - 2/L}, eta L b^{2 - 2/L} - 1)^t``. Up to half of that step
size it is positive-definite-converges.

Proof
-----
N9c. The layers stay diagonal and equal, and ``theta+ - r = (1 - eta theta^{L-1} h) (theta - r)`` with
``h = (theta^L - r^L) / (theta - r)``. For ``theta >= r``, ``eta theta^{L-1} h >= eta S = 2 + e``. For ``r - delta <=
theta < r`` it is at least ``eta L theta^{2L-2} >= 2 + 3e/4``. So the distance to r grows by ``1 + 3e/4`` in each step
that starts within delta, of which rounding takes less than ``e/4`` by hypothesis, and is above delta in the end. It is
at most 2.3 times delta then: at ``theta <= r + delta``, ``eta theta^{L-1} h <= eta L (r + delta)^{2L-2} <=
(2 + e)^2 / (2 + 3e/4) <= 3.3``. As ``delta <= 0.043 r``, theta is still positive (at L = 1 it need not be), and
``|theta^L - lambda|`` is at least ``lambda - (r - delta)^L`` on either side, by convexity.

Rounding: a step rounds theta by at most ``(1/2 + 1/(2L) + 3 (L + 4)/L) epsilon theta``, below ``10 epsilon theta``.
That of C4 is of a contraction whose products stay below 2 b.

C4: none known. Open is the overshoot of eigenvalues above 1. Searched on a grid of 600 eigenvalues from e^-6 to e^12,
13 step sizes up to 0.999 of the cap and 9 depths up to 100: the error stayed below the bound but for rounding.

Link: https://arxiv.org/abs/2502.20531 (balanced minima).
"""

import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from hypothesis import strategies as st

from catalog import _work, conditions, decay, ingredients, strategies
from catalog.claim import Claim, Condition, Contraction, Control, Evidence, Kind
from catalog.claims import positive_definite_path, positive_definite_targets
from catalog.claims._points import UNIT_STEP
from catalog.claims.positive_definite_targets import (
    NEGATIVE,
    PULLED,
    TURNED,
    ZERO,
    eigenvalue_decay,
    some,
    spectral_range,
)
from catalog.claims.sharpness import SOURCE, least_sharpness
from catalog.proofs import Step
from catalog.traits import positive_definite
from dlr import GradientDescent, Problem, StepAndProject, run
from dlr.rounding import EPSILON, contraction_rounding, power
from dlr.types import Matrix

MOST_BEYOND = 1
"""Largest e, by which ``eta S`` exceeds 2."""

ROUNDING_OF_A_STEP = 10
"""Rounding of theta in a step, relative to ``epsilon theta``."""

LARGEST = {"product": 3.3, "delta": 0.043}

PROOF = (
    Step(
        "(2 + e)^2 / (2 + 3e/4) <= {product} for e <= 1",
        lambda c, e: ((2 + e) ** 2 / (2 + 3 * e / 4), c.product),
        LARGEST,
        {"e": (0, MOST_BEYOND)},
    ),
    Step(
        "1 - ((2 + 3e/4) / (2 + e))^(1/(2L - 2)) <= {delta}, largest at L = 2",
        lambda c, e: ((1 - c.delta) ** 2, (2 + 3 * e / 4) / (2 + e)),
        LARGEST,
        {"e": (0, MOST_BEYOND)},
    ),
    Step(
        "rounding a step: (1 + u) / 2 to store theta, 3 (1 + 4u) to compute the update, u = 1/L",
        lambda c, u: ((1 + u) / 2 + 3 * (1 + 4 * u), c.step),
        {"step": ROUNDING_OF_A_STEP},
        {"u": (0, 0.5)},
    ),
)


def beyond(problem: Problem) -> float:
    """``e = eta S - 2``."""
    return problem.step_size * least_sharpness(problem.target, problem.depth) - 2


def top(target: Matrix) -> int:
    """Index of the largest diagonal entry."""
    return int(np.argmax(np.diag(target)))


def root(problem: Problem) -> float:
    """``r``, the L-th root of the largest diagonal entry."""
    return math.pow(abs(float(np.max(np.diag(problem.target)))), 1 / problem.depth)


def offset(problem: Problem) -> float:
    """``|theta - r|`` at the start."""
    k = top(problem.target)
    return abs(float(problem.start[0, k, k]) - root(problem))


def largest_offset(problem: Problem) -> float:
    """``delta``."""
    e = abs(beyond(problem))
    return root(problem) * -math.expm1(math.log((2 + 0.75 * e) / (2 + e)) / max(2 * problem.depth - 2, 1))


def diagonal_start(problem: Problem) -> bool:
    """Whether the start is L times one diagonal matrix, theta within delta of r and not at it, rounding aside."""
    layers = problem.start
    equal = np.array_equal(layers, np.broadcast_to(np.diag(np.diag(layers[0])), layers.shape))
    least = 4 * ROUNDING_OF_A_STEP * 2 * EPSILON * root(problem)
    return bool(equal and least < abs(beyond(problem)) * offset(problem) and offset(problem) <= largest_offset(problem))


positive_diagonal = Condition(
    "Phi diagonal, entries > 0",
    lambda problem: bool(
        np.array_equal(problem.target, np.diag(np.diag(problem.target))) and np.all(np.diag(problem.target) > 0)
    ),
)
beside_a_minimum = Condition("all layers one diagonal matrix, 0 < |theta - r| <= delta", diagonal_start)
past_the_cap = Condition("2 < eta L |Phi|^(2 - 2/L) <= 3", lambda problem: 0 < beyond(problem) <= MOST_BEYOND)


def beside(values: Matrix, depth: int, e: float, relative: float) -> Problem:
    """Layers ``diag(values)^{1/L}``, the top entry off by a fraction of delta; ``eta S = 2 + e``."""
    target = np.diag(values)
    problem = Problem(target, depth, GradientDescent((2 + e) / least_sharpness(target, depth)), tol=0.0)
    theta = np.sign(values) * np.abs(values) ** (1 / depth)
    theta[top(target)] = root(problem) + relative * largest_offset(problem)
    return replace(problem, initial_layers=np.broadcast_to(np.diag(theta), (depth, *target.shape)).copy())


def steps_to_leave(problem: Problem) -> int:
    """``ln(delta / |theta - r|) / ln(1 + e/2)``, rounded up, and one more for what that computation rounds."""
    ratio = largest_offset(problem) / offset(problem) if offset(problem) > 0 else 1 / EPSILON
    return 1 + math.ceil(max(0.0, math.log(ratio)) / math.log1p(abs(beyond(problem)) / 2))


def leaving_problems(target: Matrix, depth: int) -> Iterator[Problem]:
    """On a named positive definite target: its eight largest eigenvalues, at 1.02 of the cap."""
    if positive_definite.holds(target) and 1e-300 < least_sharpness(target, depth) < 1e300:
        yield beside(np.asarray(np.linalg.eigvalsh(target)[-8:], dtype=np.float64), depth, 0.04, 1e-3)


def leaving() -> st.SearchStrategy[Problem]:
    """Eigenvalues from 0.01 to 100, offsets on both sides, step sizes from 1.01 of the cap to 1.5."""
    values = strategies.spectra(min_eigenvalue=0.01, max_eigenvalue=100.0).map(np.array)
    offsets = st.sampled_from([1e-3, -1e-3, 0.5, -0.9, 1e-6, -1e-6])
    return st.builds(beside, values, st.sampled_from([*range(1, 9), *range(1, 65)]), st.floats(0.02, 0.99), offsets)


def held_by_a_projection(problem: Problem) -> Problem:
    """Step-and-project whose radius ends just below r, where the loss is small; r > 1."""
    theta = float(problem.start[0, top(problem.target), top(problem.target)])
    return replace(problem, algorithm=StepAndProject(theta - 1, problem.step_size))


def held() -> st.SearchStrategy[Problem]:
    """One eigenvalue from 2 to 50, the start just below its root."""
    return st.builds(
        lambda value, depth, e: held_by_a_projection(beside(np.array([value]), depth, e, -1e-3)),
        st.floats(2, 50),
        st.integers(2, 8),
        st.floats(0.02, 0.99),
    )


def larger_negative() -> st.SearchStrategy[Problem]:
    """``diag(v, -2^L)``, L odd, at the exact root -2: the step is too long for that entry, which is at rest, alone."""
    return st.builds(
        lambda v, depth, e: beside(np.array([v, -(2.0**depth)]), depth, e, -0.5),
        st.floats(0.5, 2),
        st.sampled_from([3, 5, 7]),
        st.floats(0.1, 0.9),
    )


def at_the_minimum() -> st.SearchStrategy[Problem]:
    """``2^L``, whose root 2 is exact: nothing moves."""
    return st.builds(
        lambda depth, e: beside(np.array([2.0**depth]), depth, e, 0.0), st.integers(2, 8), st.floats(0.1, 0.99)
    )


@Claim.define(
    "N9c",
    source=SOURCE,
    kind=Kind.LOWER_BOUND,
    hypotheses=(positive_diagonal, conditions.plain_gradient_descent, past_the_cap, beside_a_minimum),
    quantity="largest excess loss",
    symbols=(
        ("theta", "largest entry of the layers"),
        ("r", "``lambda_max^{1/L}``"),
        ("delta", "largest distance of theta to r that the proof takes; the statement has the formula"),
    ),
    problems=leaving_problems,
    draws=leaving,
    confined=("margin",),
    proof=PROOF,
    controls=(
        Control("a larger negative entry", drops=positive_diagonal, draws=larger_negative),
        Control("held by a projection", drops=conditions.plain_gradient_descent, draws=held),
        Control(
            "below the cap",
            drops=past_the_cap,
            draws=lambda: leaving().map(
                lambda problem: ingredients.with_step_size(problem, 0.5 * problem.step_size / (1 + beyond(problem) / 2))
            ),
        ),
        Control("at the minimum", drops=beside_a_minimum, draws=at_the_minimum),
    ),
)
def steps_beyond_the_cap_leave_a_minimum(problem: Problem) -> Evidence:
    """A step size above ``2 / (L |Phi|^(2 - 2/L))`` carries the layers away from a minimum that they are beside.

    Observed is the largest excess loss up to the proved number of steps.
    """
    solution = run(replace(problem, tol=0.0, max_steps=steps_to_leave(problem)))
    r, delta, depth = root(problem), largest_offset(problem), problem.depth
    bound = (math.pow(r, depth) - math.pow(r - delta, depth)) ** 2 / 2
    slack = 8 * depth * EPSILON * math.pow(r, depth) * math.sqrt(2 * bound)
    observed = float(np.max(decay.losses_to_end(solution)))
    return Evidence(observed, bound, slack, solution.steps, solution.engine)


def cap(problem: Problem) -> float:
    """``2 / (L b^{2 - 2/L})``, the next smaller float."""
    return math.nextafter(2 * positive_definite_targets.largest_step_size(problem), 0)


def contraction(problem: Problem) -> Contraction:
    """C4's: the slower of the slowest approach without overshoot and the slowest with it.

    Rounding is that of a contraction whose products stay below 2 b.
    """
    c, b = spectral_range(problem.target)
    start, slow = eigenvalue_decay(c, b, problem.depth, problem.step_size)
    fast = 2 - problem.step_size * problem.depth * power(b, 2 - 2 / problem.depth)
    rate, d = min(slow, abs(fast)), len(problem.target)
    rounding = contraction_rounding(d, problem.depth, 2 * b, problem.step_size, rate)
    return Contraction(math.sqrt(d) * start, rate, rounding)


below_the_cap = conditions.step_size_at_most("eta L b^(2 - 2/L) < 2", cap)


def near_the_cap(target: Matrix, depth: int, fraction: float = 0.98) -> Problem:
    """Gradient descent at a fraction of the cap."""
    problem = Problem(target, depth, UNIT_STEP, max_steps=_work.horizon(1_000, target, depth))
    eta = fraction * cap(problem)
    return ingredients.with_step_size(problem, eta) if eta > 0 else problem


def capped_problems(target: Matrix, depth: int) -> Iterator[Problem]:
    """On a named target: 0.98 of the cap."""
    yield near_the_cap(target, depth)


def capped() -> st.SearchStrategy[Problem]:
    """Positive definite targets, depths to 64, from half of the cap to 0.998 of it."""
    targets = st.one_of(
        strategies.positive_definite(min_eigenvalue=0.1, max_eigenvalue=10.0),
        strategies.positive_definite(min_eigenvalue=0.01, max_eigenvalue=100.0),
    )
    return st.builds(near_the_cap, targets, st.integers(1, 64), st.sampled_from([0.98, 0.5, 0.9, 0.998, 0.7]))


@Claim.define(
    "C4",
    source=SOURCE,
    kind=Kind.CONJECTURE,
    hypotheses=(positive_definite, conditions.plain_gradient_descent, conditions.identity_start, below_the_cap),
    quantity=decay.DECAY,
    problems=capped_problems,
    draws=capped,
    depths=(1, 2, 8, 64),
    controls=(
        *map(positive_definite_path.to_horizon, (TURNED, NEGATIVE, PULLED, ZERO)),
        Control(
            "beyond the cap",
            drops=below_the_cap,
            draws=lambda: some().map(lambda problem: near_the_cap(problem.target, problem.depth, 1.02)),
        ),
    ),
)
def steps_below_the_cap_converge(problem: Problem) -> Evidence:
    """Gradient descent learns every symmetric positive definite target at every step size below 2 / (L b^(2 - 2/L)).

    Observed is the proved over the observed exponential decay, where they are closest.
    """
    return decay.decay_over_run(problem, contraction(problem))
