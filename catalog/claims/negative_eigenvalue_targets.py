r"""A symmetric target with a negative eigenvalue is never learned, whatever pulls the layers to the identity.

Statement
---------
Let Phi be symmetric and L >= 2. Start gradient descent, step-and-project (any radius) or penalized gradient
descent (any strength kappa >= 0) at the identity. If L is even, for every step size, and if L is odd, whenever
``eta (1 + |lambda_min|) <= 1`` and ``eta kappa <= 1``: for all t

    excess loss ``l_t >= 1/2 sum over negative eigenvalues of lambda_j^2``.

Proof
-----
The start is I and each update is a function of Phi, so all layers stay one symmetric ``f_t(Phi)`` and the
product has eigenvalue ``theta_j^L`` along eigenvector j, with (``s = -lambda_j > 0``)

    ``theta+ = P(theta - eta theta^{L-1} (theta^L + s) - eta kappa (theta - 1))``, ``theta_0 = 1``,

P clipping to ``[1 - r, 1 + r]`` or doing nothing. Even L: ``theta^L >= 0 > -s``, so the error along v_j is at
least s. Odd L: let theta be in [0, 1]. Then ``eta theta^{L-1} (theta^L + s) <= eta theta (1 + s) <= theta``, as
L >= 2 and theta <= 1, so the gradient step stays in [0, theta]; the penalty adds ``eta kappa (1 - theta)``, in
``[0, 1 - theta]``; P moves toward 1. So theta stays in [0, 1] and ``theta^L >= 0`` again. Sum the squared errors
over the negative eigenvalues.

This is a statement about exact arithmetic, so it is checked on the exact reduction (`dlr.spectral`), where a real
eigenvalue stays exactly real. There, rounding is monotone, so each squared error keeps its bound; what is left is the
sum of d terms and the eigenvalues' own rounding. The dense iteration in floating point loses the symmetry and leaves
the saddle after a horizon that grows like log(1/precision) (dense-agrees-until-horizon). What it leaves for is mostly
another saddle: it learns ``-s`` and gives up a smaller positive eigenvalue instead. The control "the layers in floating
point" looks there; how long leaving takes is not bounded here, and at L = 2 or with eigenvectors that share no
coordinate many runs stay.

Link: https://arxiv.org/abs/1802.06093, theorems on symmetric targets with a negative eigenvalue.
"""

import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from hypothesis import strategies as st

from catalog import conditions, ingredients, strategies
from catalog.claim import Claim, Condition, Control, Evidence, Kind
from catalog.ingredients import Regularized
from catalog.sources import bhl
from catalog.traits import negative_margin, symmetric
from dlr import GradientDescent, Problem, matrices, run
from dlr.algorithms import penalty_strength
from dlr.matrices import symmetric_part
from dlr.rounding import floor_rounding
from dlr.types import Matrix

HORIZON = 2_000


def odd_step_size(least: float, strength: float) -> float:
    """``min(1 / (1 + |lambda_min|), 1 / kappa)`` for a least eigenvalue ``least``, the former if it is negative."""
    return 1 / max(1 - min(0.0, least), strength)


def largest_step_size(problem: Problem) -> float:
    """`odd_step_size` at odd depth, infinite at even depth."""
    if problem.depth % 2 == 0:
        return math.inf
    return odd_step_size(matrices.margin(problem.target), penalty_strength(problem.algorithm))


def floor(problem: Problem) -> float:
    """Half the sum of squared negative eigenvalues.

    A target that is not symmetric counts with its symmetric part. Where no eigenvalue is negative, the floor is half
    the square of the least one, so that the statement can be checked, and fail, without its hypothesis.
    """
    eigenvalues = np.linalg.eigvalsh(symmetric_part(problem.target))
    return float(np.sum(eigenvalues[eigenvalues <= max(0.0, eigenvalues[0])] ** 2)) / 2


STEP_NAME = "L even, or eta (1 + |lambda_min|) <= 1 and eta kappa <= 1"
step_size = Condition(STEP_NAME, lambda problem: problem.step_size <= largest_step_size(problem))
deep = conditions.depth_at_least(2)
ON_THE_REDUCTION = (
    deep,
    conditions.regularized_descent,
    conditions.identity_start,
    conditions.exact_arithmetic,
)


def instance(target: Matrix, depth: int, algorithm: Regularized, fraction: float = 1.0) -> Problem:
    """The algorithm at a fraction of the largest step size of odd depths."""
    eta = fraction * odd_step_size(matrices.margin(target), penalty_strength(algorithm))
    return Problem(target, depth, replace(algorithm, step_size=eta), tol=0.0, max_steps=HORIZON)


def problems(target: Matrix, depth: int) -> Iterator[Problem]:
    """On a named target: the three algorithms at the largest step size of odd depths."""
    for algorithm in ingredients.regularized():
        yield instance(target, depth, algorithm)


def draws() -> st.SearchStrategy[Problem]:
    """Depths to 64; odd ones up to the largest step size, even ones beyond it."""
    return drawn(strategies.negative_eigenvalue())


@st.composite
def drawn(draw: st.DrawFn, targets: st.SearchStrategy[Matrix]) -> Problem:
    """One of the three algorithms on a drawn target."""
    target, depth = draw(targets), draw(st.integers(2, 64))
    algorithm = draw(ingredients.regularized_draws())
    return instance(target, depth, algorithm, draw(fractions(depth)))


def fractions(depth: int) -> st.SearchStrategy[float]:
    """Fractions of the largest step size of odd depths: beyond it at even depth."""
    return st.sampled_from([1.0, 0.1, 0.01] if depth % 2 else [1.0, 0.1, 0.01, 3.0])


def plain(target: Matrix, depth: int, fraction: float = 0.2) -> Problem:
    """Plain gradient descent at a fraction of the odd-depth step size over L."""
    return instance(target, depth, GradientDescent(), fraction / depth)


def obtuse_rotations() -> st.SearchStrategy[Problem]:
    """Plane rotations beyond a right angle: the symmetric part is negative, the target is not symmetric."""
    return st.builds(
        lambda angle, depth: plain(matrices.plane_rotations(np.array([angle]), 2), depth),
        st.floats(1.6, 2.8),
        st.integers(2, 8),
    )


def positive_spectrum() -> st.SearchStrategy[Problem]:
    """Positive definite targets; the floor then speaks of the least eigenvalue."""
    return st.builds(plain, strategies.positive_definite(min_eigenvalue=0.5, max_eigenvalue=2.0), st.integers(2, 8))


def one_layer() -> st.SearchStrategy[Problem]:
    """Depth 1: a linear least-squares problem, which gradient descent solves for every target."""
    return st.builds(lambda target: plain(target, 1), strategies.negative_eigenvalue(max_dimension=4))


def long_steps() -> st.SearchStrategy[Problem]:
    """Odd depth and a step that can jump over zero: at ``eta (1 + s) = 2`` theta lands on the root -1."""
    return st.builds(
        lambda depth, fraction: plain(np.diag([-1.0, 1.0]), depth, fraction * depth),
        st.sampled_from([3, 5, 7]),
        st.floats(1.5, 2.5),
    )


def zero_asymmetric_start() -> st.SearchStrategy[Problem]:
    """Identity layers, except that the last is zero: the layers are not one function of the target any more."""
    targets = strategies.negative_eigenvalue(max_dimension=3, max_magnitude=2.0)
    return ingredients.from_zero_asymmetric(st.builds(plain, targets, st.integers(2, 4)))


def saddles(min_ratio: float = 0.2, max_ratio: float = 0.7) -> st.SearchStrategy[Matrix]:
    """One eigenvalue -s, the least of the others from min_ratio s to max_ratio s, in one of 1,000 bases."""
    return st.builds(
        ingredients.saddle,
        st.integers(2, 5),
        st.integers(0, 999),
        st.sampled_from([1.0, 2.0, 3.0]),
        st.floats(min_ratio, max_ratio),
    )


def dense_runs() -> st.SearchStrategy[Problem]:
    """The layers themselves, on the compiled engine, for 15,000 steps."""
    return st.builds(
        lambda target, depth: replace(plain(target, depth, 0.8), engine="compiled", max_steps=15_000),
        saddles(),
        st.integers(3, 5),
    )


def unequal() -> st.SearchStrategy[Problem]:
    """The first layer faster than the others: it passes zero while they are positive."""
    targets = strategies.negative_eigenvalue(max_dimension=3, max_magnitude=2.0)
    return ingredients.with_the_first_layer_faster(st.builds(plain, targets, st.integers(2, 4)))


UNEQUAL = Control("the first layer faster", drops=conditions.regularized_descent, draws=unequal)
DENSE = Control("the layers in floating point", drops=conditions.exact_arithmetic, draws=dense_runs)


@Claim.define(
    "P4",
    source=bhl("symmetric targets with a negative eigenvalue"),
    kind=Kind.LOWER_BOUND,
    partner="P4b",
    hypotheses=(symmetric, negative_margin, *ON_THE_REDUCTION, step_size),
    quantity="lowest excess loss",
    problems=problems,
    confined=("margin",),
    draws=draws,
    depths=(2, 3, 8),
    largest_step_size=largest_step_size,
    floor=floor,
    controls=(
        Control("obtuse rotations", drops=symmetric, draws=obtuse_rotations),
        Control("positive spectrum", drops=negative_margin, draws=positive_spectrum),
        Control("one layer", drops=deep, draws=one_layer),
        Control("longer steps at odd depth", drops=step_size, draws=long_steps),
        Control("zero-asymmetric start", drops=conditions.identity_start, draws=zero_asymmetric_start),
        UNEQUAL,
        DENSE,
    ),
)
def negative_eigenvalue_fails(problem: Problem) -> Evidence:
    """A symmetric target is never learned to below half the sum of its squared negative eigenvalues.

    Observed is the lowest excess loss over the horizon.
    """
    return lowest_loss(problem, floor(problem))


def lowest_loss(problem: Problem, bound: float) -> Evidence:
    """Lowest excess loss over the horizon, against a floor with its `dlr.rounding.floor_rounding`."""
    solution = run(replace(problem, tol=0.0))
    slack = floor_rounding(problem.target, bound)
    return Evidence(solution.lowest_loss, bound, slack, solution.steps, solution.engine)
