"""Starts, step sizes, algorithms and targets that the draws and controls of several claims use."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
from hypothesis import strategies as st

from catalog.neighbours import blocks_of
from dlr import GradientDescent, Penalized, Problem, StepAndProject, network, spectral
from dlr._arrays import square_matrix
from dlr._norms import spectral_norms
from dlr.arguments import instance, integer, number, settle
from dlr.matrices import distance_to_identity, symmetric_part
from dlr.solver import at_step_size
from dlr.types import Array, Matrix

__all__ = [
    "FRACTIONS",
    "FirstLayerFaster",
    "Regularized",
    "flipped_axes",
    "from_zero",
    "from_zero_asymmetric",
    "gamma",
    "largest_product",
    "regularized",
    "regularized_draws",
    "saddle",
    "schur_blocks",
    "shears",
    "with_longer_steps",
    "with_penalty",
    "with_step_size",
    "with_the_first_layer_faster",
]

LARGEST = 1000
"""Largest dimension of a drawn saddle."""

Regularized = GradientDescent | StepAndProject | Penalized

FRACTIONS = st.sampled_from([1.0, 0.5, 0.1])
"""Fractions of the largest step size."""


def with_step_size(problem: Problem, step_size: float) -> Problem:
    """The same problem at another step size."""
    instance("problem", problem, Problem)
    return replace(problem, algorithm=at_step_size(problem.algorithm, number("step_size", step_size)))


def _strategy(problems: st.SearchStrategy[Problem]) -> st.SearchStrategy[Problem]:
    return instance("problems", problems, st.SearchStrategy)


def with_longer_steps(problems: st.SearchStrategy[Problem], low: float, high: float) -> st.SearchStrategy[Problem]:
    """The same problems with the step size times a factor between low and high."""
    problems = _strategy(problems)
    low = number("low", low, above=0)
    high = number("high", high, minimum=low)
    return st.builds(
        lambda problem, factor: with_step_size(problem, factor * problem.step_size), problems, st.floats(low, high)
    )


def with_penalty(problems: st.SearchStrategy[Problem]) -> st.SearchStrategy[Problem]:
    """The same problems with a penalty, ``eta kappa <= 1/2``, so that the runs end away from the target."""
    problems = _strategy(problems)
    return st.builds(
        lambda problem, pull: replace(problem, algorithm=Penalized(pull / problem.step_size, problem.step_size)),
        problems,
        st.sampled_from([0.1, 0.01, 0.5]),
    )


def from_zero(problems: st.SearchStrategy[Problem]) -> st.SearchStrategy[Problem]:
    """The same problems from layers that are all zero, where every gradient vanishes for L >= 2."""
    return _strategy(problems).map(lambda problem: replace(problem, initial_layers=np.zeros_like(problem.start)))


def from_zero_asymmetric(problems: st.SearchStrategy[Problem]) -> st.SearchStrategy[Problem]:
    """The same problems from the zero-asymmetric start: identity layers, except that the last one is zero."""
    return _strategy(problems).map(
        lambda problem: replace(problem, initial_layers=network.zero_asymmetric_layers(problem.target, problem.depth))
    )


def flipped_axes() -> st.SearchStrategy[Matrix]:
    """``diag(-s, 1, ..., 1)``: the line to it from the identity passes a singular matrix."""
    return st.builds(
        lambda s, d: np.diag([-s] + [1.0] * (d - 1)), st.sampled_from([1.0, 0.5, 0.3, 2.0]), st.integers(1, 4)
    )


def shears(low: float, high: float) -> st.SearchStrategy[Matrix]:
    """``[[1, k], [0, 1]]``, all eigenvalues 1."""
    low = number("low", low)
    high = number("high", high, minimum=low)
    return st.builds(lambda k: np.array([[1.0, k], [0.0, 1.0]]), st.floats(low, high))


@dataclass(frozen=True)
class FirstLayerFaster:
    """Gradient descent whose step is twice as long in the first layer."""

    step_size: float | None = None
    name: ClassVar[str] = "first-layer-faster"

    def __post_init__(self) -> None:
        if self.step_size is not None:
            settle(self, step_size=number("step_size", self.step_size, above=0))

    def step(self, layers: Array, gradients: Array, step_size: float) -> Array:
        """Next layers."""
        following = np.array(layers - step_size * gradients)
        following[0] -= step_size * gradients[0]
        return following


def with_the_first_layer_faster(problems: st.SearchStrategy[Problem]) -> st.SearchStrategy[Problem]:
    """The same problems with `FirstLayerFaster`."""
    return _strategy(problems).map(lambda problem: replace(problem, algorithm=FirstLayerFaster(problem.step_size)))


def regularized() -> Iterator[Regularized]:
    """The three algorithms that keep the layers near the identity, without step sizes."""
    yield GradientDescent()
    yield StepAndProject(radius=0.5)
    yield Penalized(strength=0.1)


def regularized_draws() -> st.SearchStrategy[Regularized]:
    """The algorithms of `regularized`, with radii and strengths of every size and no step size."""
    return st.one_of(
        st.just(GradientDescent()),
        st.builds(StepAndProject, radius=st.sampled_from([0.5, 0.0, 0.1, 1.0, 3.0])),
        st.builds(Penalized, strength=st.sampled_from([0.1, 0.0, 1.0, 10.0])),
    )


def saddle(dimension: int, seed: int, s: float, ratio: float) -> Matrix:
    """``Q diag(-s, ratio s, ..., s) Q^T`` with a seeded orthogonal Q."""
    dimension = integer("dimension", dimension, minimum=2, maximum=LARGEST)
    s, ratio = number("s", s), number("ratio", ratio)
    seed = integer("seed", seed, minimum=0)
    values = s * np.concatenate([[-1.0], np.linspace(ratio, max(1.0, ratio), dimension - 1)])
    Q = np.linalg.qr(np.random.default_rng(seed).standard_normal((dimension, dimension)))[0]
    return symmetric_part((Q * values) @ Q.T)


def schur_blocks(target: Matrix) -> Matrix:
    """The real Schur form of the nearest normal matrix: an exact form."""
    return blocks_of(spectral.nearest_normal(square_matrix("target", target)))


def largest_product(target: Matrix) -> float:
    """``M = |Phi| + |Phi - I|_F``, which bounds the product's norm while the error stays below that of the start."""
    target = square_matrix("target", target)
    return float(spectral_norms(target)) + distance_to_identity(target)


def gamma(problem: Problem) -> float:
    """The margin of a problem's algorithm; NaN where it has none, so that every comparison fails."""
    margin = getattr(instance("problem", problem, Problem).algorithm, "margin", None)
    return np.nan if margin is None else float(margin)
