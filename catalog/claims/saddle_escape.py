r"""Rounding leaves a saddle that exact arithmetic never leaves.

Statement
---------
Let Phi be symmetric with least eigenvalue -s < 0 and a positive eigenvalue of at most 0.7 s, let the eigenvectors of
the two overlap in some coordinate, and let L >= 3, ``eta L b^{2 - 2/L} <= 1``, ``eta (1 + s) <= 4/5``. Then dense
gradient descent from the identity in float64 falls below 99% of the floor of the negative-eigenvalue theorem, half
the sum of squared negative eigenvalues, within ``12 ln(1/epsilon) / (eta s)`` steps.

Proof
-----
None: this is a finding, with a constant measured here. The exact run never falls below the floor
(negative-eigenvalue-fails), and the dense one follows it up to a horizon (dense-agrees-until-horizon). Linearized at
the saddle, where theta has died out along v, the first and the last layer couple with the others' product near 1, and
asymmetry between them grows by a factor of up to ``1 + eta s`` a step. Rounding starts it at epsilon, so leaving
takes about ``ln(1/epsilon) / (eta s)`` steps; seen were 1.1 to 6.6 times that, more where theta dies slowly. What the
run leaves for is mostly another saddle: it learns -s and gives up the smaller positive eigenvalue instead, which is
why there must be one. With eigenvectors that share no coordinate, such as those of a diagonal target, products have
exact zeros where the asymmetry would be, and the run stays; so it does for L = 2 (none left in 8,000 steps). At
``eta (1 + s) = 1`` the first step lands on theta = 0, where gradients vanish to the last bit, and the run may stay too:
hence the 4/5.

Link: https://arxiv.org/abs/1802.06093 for the saddle; the finding is this project's.
"""

import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from hypothesis import strategies as st

from catalog import conditions
from catalog.claim import Condition, Control, Evidence, Kind, Problem, claim
from catalog.sources import here
from catalog.traits import symmetric
from dlr import GradientDescent, network, solve, theory
from dlr.matrices import symmetric_part
from dlr.types import Matrix

BUDGET = 15_000
"""Longest run, in steps; a check stays below a second."""


def pair(target: Matrix) -> tuple[float, float, float]:
    """``-lambda_min``, the least positive eigenvalue (infinite if none) and how much their eigenvectors overlap."""
    values, vectors = np.linalg.eigh(symmetric_part(target))
    positive = values > theory.ROUNDING * np.max(np.abs(values))
    least = int(np.argmax(positive))
    overlap = float(np.sum(np.abs(vectors[:, 0] * vectors[:, least])))
    return -float(values[0]), float(values[least]) if np.any(positive) else math.inf, overlap


def largest_step(problem: Problem) -> float:
    """``min(1 / (L b^{2 - 2/L}), 4 / (5 (1 + s)))``, the latter if s > 0."""
    values = np.linalg.eigvalsh(symmetric_part(problem.target))
    b = max(1.0, float(values[-1]))
    first = 1 / (problem.depth * theory.power(b, 2 - 2 / problem.depth))
    return min(first, 0.8 / (1 - float(values[0]))) if values[0] < 0 else first


def deadline(problem: Problem) -> int:
    """``12 ln(1/epsilon) / (eta s)``, with the magnitude of the least eigenvalue where that is not negative."""
    return math.ceil(12 * 52 * math.log(2) / (problem.step_size * abs(pair(problem.target)[0])))


def gain(problem: Problem) -> bool:
    """Whether the least eigenvalue is negative and a positive one at most 0.7 of its size."""
    s, positive, _ = pair(problem.target)
    return s > 0 and positive <= 0.7 * s * (1 + theory.ROUNDING)


smaller_beside = Condition("a least eigenvalue -s < 0 and one in (0, 0.7 s]", gain)
overlapping = Condition("their eigenvectors overlap", lambda problem: pair(problem.target)[2] > 1e-6)
deep = conditions.depth_at_least(3)
small_step = conditions.step_size_at_most("eta <= min(1 / (L b^(2 - 2/L)), 4 / (5 (1 + s)))", largest_step)


def instance(target: Matrix, depth: int, fraction: float = 1.0) -> Problem:
    """Gradient descent at a fraction of the largest step size, and the loss to fall below."""
    eta = fraction * largest_step(Problem(target, depth, GradientDescent(1.0)))
    values = np.linalg.eigvalsh(symmetric_part(target))
    return Problem(target, depth, GradientDescent(eta), tol=0.99 * float(np.sum(np.minimum(values, 0) ** 2)) / 2)


def problems(target: Matrix, depth: int) -> Iterator[Problem]:
    """On a named target whose least eigenvalue is not 0: the largest step size."""
    if abs(pair(target)[0]) > theory.ROUNDING:
        yield instance(target, depth)


def saddle(dimension: int, seed: int, s: float, ratio: float, last: float = 1.0) -> Matrix:
    """``Q diag(-s, ratio s, ..., last s) Q^T`` with a seeded orthogonal Q; ``[[-s]]`` in dimension 1."""
    values = s * np.concatenate([[-1.0], np.linspace(ratio, max(last, ratio), dimension - 1)])
    Q = np.linalg.qr(np.random.default_rng(seed).standard_normal((dimension, dimension)))[0]
    return symmetric_part((Q * values) @ Q.T)


def saddles(min_ratio: float, max_ratio: float) -> st.SearchStrategy[Matrix]:
    """One eigenvalue -s, the least of the others from min_ratio s to max_ratio s, in one of 1,000 bases."""
    return st.builds(
        saddle,
        st.integers(2, 8),
        st.integers(0, 999),
        st.sampled_from([1.0, 0.5, 2.0, 3.0]),
        st.floats(min_ratio, max_ratio),
        st.sampled_from([1.0, 0.5]),
    )


def draws() -> st.SearchStrategy[Problem]:
    """Dimensions 2 to 8, depths 3 to 8, floors from 1/8 to 9/2."""
    return st.builds(instance, saddles(0.2, 0.7), st.sampled_from([3, 4, 5, 3, 6, 8]), st.sampled_from([1.0, 0.7]))


def skewed() -> st.SearchStrategy[Problem]:
    """A saddle plus a skew part: some of these lead to no saddle, some to one that rounding does not leave."""

    def build(target: Matrix, size: float, depth: int) -> Problem:
        skew = np.triu(np.full_like(target, size), 1)
        return instance(target + skew - skew.T, depth)

    return st.builds(build, saddles(0.2, 0.7), st.sampled_from([1.0, 0.1, 3.0]), st.just(3))


def least_of_all() -> st.SearchStrategy[Problem]:
    """All other eigenvalues larger than s: leaving would cost more than it gains."""
    return st.builds(instance, saddles(1.1, 2.0), st.integers(3, 5))


def diagonal() -> st.SearchStrategy[Problem]:
    """``diag(-s, s/2)``."""
    return st.builds(lambda s, depth: instance(np.diag([-s, s / 2]), depth), st.floats(0.5, 2), st.integers(3, 5))


def two_layers() -> st.SearchStrategy[Problem]:
    """Depth 2."""
    return st.builds(instance, saddles(0.2, 0.7), st.just(2))


def short_of_time() -> st.SearchStrategy[Problem]:
    """Steps so long that they throw the run about, where the deadline is counted in fewer of them."""
    return st.builds(instance, saddles(0.2, 0.7), st.integers(3, 5), st.floats(2, 40))


def zero_start() -> st.SearchStrategy[Problem]:
    """All layers zero, a saddle without any rounding."""
    return draws().map(
        lambda problem: replace(problem, layers=np.zeros_like(network.identity_layers(problem.target, problem.depth)))
    )


@claim(
    "N5b",
    source=replace(here("rounding leaves the saddle"), constants="measured here"),
    kind=Kind.UPPER_BOUND,
    hypotheses=(
        symmetric,
        smaller_beside,
        overlapping,
        deep,
        small_step,
        conditions.plain_gradient_descent,
        conditions.identity_start,
        conditions.within_budget(deadline, BUDGET),
    ),
    quantity="steps until the dense run is below the exact floor",
    problems=problems,
    confined=("depth", "margin"),
    draws=draws,
    depths=(3, 5),
    controls=(
        Control("a skew part", drops=symmetric, draws=skewed),
        Control("least of all", drops=smaller_beside, draws=least_of_all),
        Control("diagonal", drops=overlapping, draws=diagonal),
        Control("two layers", drops=deep, draws=two_layers),
        Control("longer steps", drops=small_step, draws=short_of_time),
        Control("a penalty", drops=conditions.plain_gradient_descent, draws=lambda: conditions.penalized(draws())),
        Control("zero start", drops=conditions.identity_start, draws=zero_start),
    ),
)
def rounding_leaves_the_saddle(problem: Problem) -> Evidence:
    """In float64 the dense iteration falls below the floor that exact arithmetic never leaves.

    Observed is the first step with a loss of at most 99% of the floor, or one more than the bound.
    """
    allowed = deadline(problem)
    solution = solve(
        problem.target,
        problem.depth,
        problem.algorithm,
        tol=problem.tol,
        max_steps=min(allowed, BUDGET),
        engine="reference",
        initial_layers=problem.layers,
        history=False,
    )
    observed = solution.steps if solution.converged else allowed + 1
    return Evidence(observed, allowed, steps=solution.steps, engine=solution.engine)
