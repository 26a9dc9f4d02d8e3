"""Ingredients of claims about single points: draws of targets and layers, and rounding allowances of gradients."""

from dataclasses import dataclass, replace

import numpy as np
from hypothesis import strategies as st

from catalog import strategies
from catalog.sharing import shared
from dlr import GradientDescent, Problem, StepAndProject, run
from dlr._defaults import settled
from dlr._norms import spectral_norms
from dlr.algorithms import Algorithm
from dlr.rounding import matrix_rounding
from dlr.types import Matrix

UNIT_STEP = GradientDescent(1.0)
"""The algorithm of problems whose claim does not run one, or whose step size gives way to the one that it proves."""


def targets() -> st.SearchStrategy[Matrix]:
    """Targets of every kind, mostly with d up to 8, some with d from 9 to 16."""
    return st.one_of(
        strategies.general(),
        strategies.positive_definite(),
        strategies.negative_eigenvalue(),
        strategies.normal(),
        strategies.margin_positive(),
        strategies.general(min_dimension=9, max_dimension=16),
    )


def radii(depth: int) -> st.SearchStrategy[float]:
    """Radii tau from 0 to 0.9 around the identity, around 1/L often."""
    return st.sampled_from([min(0.9, tau) for tau in (1 / depth, 0.1 / depth, 0.0, 3 / depth, 0.1, 0.5, 0.9)])


@st.composite
def layers(draw: st.DrawFn, dimension: int, depth: int) -> Matrix:
    """L layers with ``|Theta_i - I| = tau``, up to four directions in turn; shrinks to ``(1 - 1/L) I``."""
    radius = draw(radii(depth))
    drawn = st.lists(strategies.general(min_dimension=dimension, max_dimension=dimension), min_size=1, max_size=4)
    directions = [matrix if norm(matrix) > 0 else -np.eye(dimension) for matrix in draw(drawn)]
    units = [direction / spectral_norms(direction) for direction in directions]
    return np.eye(dimension) + radius * np.array([units[i % len(units)] for i in range(depth)])


def reached(target: Matrix, depth: int, steps: int, algorithm: Algorithm | None = None) -> Matrix:
    """Layers after some steps from the identity, by default of step-and-project with radius 1/2."""
    algorithm, _ = settled(StepAndProject(radius=0.5) if algorithm is None else algorithm, target, depth)
    return _layers_at_end(Problem(target, depth, algorithm, tol=0.0, max_steps=steps, engine="reference"))


STOPS = (1, 3, 10)
"""Steps at which a longer run goes on from a shorter one, which other problems share; no number depends on it."""


@shared
def _layers_at_end(problem: Problem) -> Matrix:
    """Layers after ``max_steps`` steps from the identity."""
    earlier = max((stop for stop in STOPS if stop < problem.max_steps), default=0)
    if earlier:
        start = _layers_at_end(replace(problem, max_steps=earlier))
        problem = replace(problem, initial_layers=start, max_steps=problem.max_steps - earlier)
    return np.asarray(run(problem).layers)


@st.composite
def points(draw: st.DrawFn, min_depth: int = 1) -> Problem:
    """A target of any kind, a depth to 64 and layers near the identity."""
    target, depth = draw(targets()), draw(st.integers(min_depth, 64))
    return Problem(target, depth, UNIT_STEP, initial_layers=draw(layers(len(target), depth)))


@dataclass(frozen=True, eq=False)
class PairProblem(Problem):
    """A problem about the target and a second matrix, or a stack of them."""

    second: Matrix | None = None


def with_second_matrix(problem: Problem, second: Matrix) -> PairProblem:
    """The same problem with a second matrix."""
    return PairProblem(**{**vars(problem), "second": second})


def given(problem: Problem) -> Matrix:
    """The layers of a problem about a single point, where it has none the identity."""
    return np.asarray(problem.start)


def second_matrix(problem: Problem) -> Matrix:
    """The second matrix of a `PairProblem`."""
    found = getattr(problem, "second", None)
    assert found is not None, "a problem about two matrices has its second matrix given"
    result: Matrix = found
    return result


def norm(matrix: Matrix) -> float:
    """Spectral norm."""
    return float(spectral_norms(matrix))


def norm_or_one(matrix: Matrix) -> float:
    """``b = max(1, |Phi|)``, which bounds target and start."""
    return max(1.0, norm(matrix))


def reach(layers: Matrix) -> float:
    """Bound on the spectral norm of every partial product: ``prod max(1, |Theta_i|)``."""
    return float(np.prod(np.maximum(1.0, spectral_norms(layers))))


def gradient_rounding(layers: Matrix, target: Matrix, operations: int) -> float:
    """Rounding allowance on one layer's gradient after so many matrix operations.

    Each operation errs relative to the norms of its factors; their product is at most ``reach`` for the
    layers around, times ``reach + |Phi|`` for the error W - Phi in the middle.
    """
    around = reach(layers)
    return matrix_rounding(len(target), operations) * around * (around + norm(target))
