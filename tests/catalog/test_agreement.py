"""The bound on how far two runs part holds for steps from any two nearby starts, without rounding."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.agreement import _after
from dlr import GradientDescent, Penalized, PowerProjection, Problem, StepAndProject, network
from dlr.algorithms import Algorithm

ALGORITHMS = (GradientDescent(0.1), StepAndProject(0.1, 0.1), Penalized(0.5, 0.1), PowerProjection(0.5, 0.1))


def apart(problem: Problem, layers: np.ndarray, other: np.ndarray) -> tuple[float, float]:
    """Distance after a step from each, and the bound on it."""
    ends = [
        problem.algorithm.step(start, network.gradients(start, problem.target), problem.step_size)
        for start in (layers, other)
    ]
    delta, error = float(np.linalg.norm(layers - other)), network.product(layers) - problem.target
    return float(np.linalg.norm(ends[0] - ends[1])), _after(
        problem, layers, float(np.linalg.norm(error, 2)), delta, 0.0
    )


@pytest.mark.parametrize("algorithm", ALGORITHMS, ids=lambda algorithm: algorithm.name)
@settings(max_examples=max(20, settings.default.max_examples // 5))
@given(st.integers(0, 2**32 - 1), st.integers(1, 4), st.integers(1, 5), st.sampled_from([1e-4, 1e-2, 0.3]))
def test_two_starts_part_no_faster_than_stated(
    algorithm: Algorithm, seed: int, d: int, depth: int, size: float
) -> None:
    random = np.random.default_rng(seed)
    target, layers, other = (
        np.eye(d) + scale * random.standard_normal(shape)
        for scale, shape in ((0.5, (d, d)), (0.2, (depth, d, d)), (size, (depth, d, d)))
    )
    distance, bound = apart(Problem(target, depth, algorithm), layers, layers + other - np.eye(d))
    assert distance <= bound * (1 + 1e-9)


@pytest.mark.parametrize("algorithm", ALGORITHMS, ids=lambda algorithm: algorithm.name)
def test_the_constant_is_no_more_than_a_hundred_times_what_is_seen(algorithm: Algorithm) -> None:
    problem = Problem(np.array([[1.25, 0.5], [-0.5, 1.0]]), 2, algorithm)
    start, random = problem.start, np.random.default_rng(0)
    ratios = []
    for _ in range(200):
        distance, bound = apart(problem, start, start + 1e-6 * random.standard_normal(start.shape))
        ratios.append(distance / bound)
    assert 0.01 <= max(ratios) <= 1


@pytest.mark.parametrize(
    ("target", "start", "direction"),
    [(1.0, [1.0, 1.0, 1.0], [1.0, 1.0, 1.0]), (10.0, [0.0, 0.0], [1.0, -1.0])],
    ids=["all layers together", "far from the target"],
)
def test_the_constant_is_nearly_reached_by_long_steps(
    target: float, start: list[float], direction: list[float]
) -> None:
    """On numbers: the one part of the constant where the error is 0, and the other where the layers are."""
    layers, moved = (np.array(numbers)[:, None, None] for numbers in (start, direction))
    problem = Problem(np.array([[target]]), len(layers), GradientDescent(100.0))
    distance, bound = apart(problem, layers, layers + 1e-6 * moved)
    assert 0.8 * bound <= distance <= bound
