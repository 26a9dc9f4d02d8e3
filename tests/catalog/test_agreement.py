"""The bound on how far two runs part holds for steps from any two nearby starts, without rounding."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.agreement import _after, allowed
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


COARSE = 2.0**-10
"""A machine epsilon at which no part of a bound is lost beside the others."""


def by_hand(gamma: float, b: float, p: float, u: float, x: float, depth: int) -> float:
    """What power projection adds to rounding alone: a layer's ``b (p + L u x^{L-1}) + sqrt(L) u``."""
    assert gamma > 0
    return b * (p + depth * u * x ** (depth - 1)) + np.sqrt(depth) * u


def test_rounding_of_a_step_of_one_number_is_what_is_added_up_by_hand() -> None:
    """One layer 1, target 3, step size 1/2: the error is 2, and the moved layer is 2."""
    layers, target, e = np.ones((1, 1, 1)), np.array([[3.0]]), COARSE
    algorithms = GradientDescent(0.5), StepAndProject(1.0, 0.5), Penalized(0.5, 0.5), PowerProjection(0.5, 0.5)
    plain = (0.5 * 4 * (1 + 3) + 2 * (2 + 2 * 1) + 0.5 * 4 * 3) * e
    found = {algorithm.name: _after(Problem(target, 1, algorithm), layers, 2.0, 0.0, e) for algorithm in algorithms}
    assert found["gradient-descent"] == pytest.approx(plain, rel=1e-12)
    assert found["step-and-project"] == pytest.approx(plain + 6 * (2 + 1 + 1) * e, rel=1e-12)
    assert found["penalized"] == pytest.approx(plain + 2 * 2 * 0.25 * (1 + 1) * e, rel=1e-12)
    p = plain * 2 + (11 + 8) * (2 * 2 + 0.5) * e
    gamma, x = 0.5 - p, 2 * 2 + 0.5
    b = x * 1 / gamma + np.sqrt(2)
    assert found["power-projection"] == pytest.approx(by_hand(gamma, b, p, 10 * x * e, x, 1), rel=1e-12)


def test_rounding_of_a_step_of_two_layers_is_what_is_added_up_by_hand() -> None:
    """Layers 1 and 2, target 1, step size 1/8: the error is 1, and the products of norms are 2 and (5/4) (9/4)."""
    layers, e = np.array([[[1.0]], [[2.0]]]), COARSE
    sizes, step = np.array([1.0, 2.0]), 0.125 * 2 * 1
    a = (0.125 * 6 * 2 * (2 + 1) + 2 * (2 * sizes + 2 * step) + 0.125 * 2 * 4 * 1) * e
    target = np.array([[1.0]])
    found = _after(Problem(target, 2, GradientDescent(0.125)), layers, 1.0, 0.0, e)
    assert found == pytest.approx(np.linalg.norm(a), rel=1e-12)
    found = _after(Problem(target, 2, StepAndProject(3.0, 0.125)), layers, 1.0, 0.0, e)
    assert found == pytest.approx(np.linalg.norm(a + 6 * (2 + sizes + step) * e), rel=1e-12)
    Y, margin = 1.25 * 2.25, 1.0
    p = np.sqrt(2) * np.linalg.norm(a) * Y + (22 + 8) * (2 * Y + margin) * e
    gamma, x = margin - p, np.sqrt(2 * Y + margin)
    turns = np.array([np.sin(np.pi / 4), 1 + np.sin(np.pi / 4)])
    b = np.linalg.norm(x * turns / gamma + np.sqrt(2) / np.sqrt(gamma) / 2)
    found = _after(Problem(target, 2, PowerProjection(margin, 0.125)), layers, 1.0, 0.0, e)
    assert found == pytest.approx(by_hand(gamma, b, p, 10 * x * e, x, 2), rel=1e-12)
    assert _after(Problem(target, 2, PowerProjection(0.1, 0.125)), layers, 1.0, 0.0, e) == np.inf, "no margin is left"


@pytest.mark.parametrize("strength", [0.5, 5.0])
def test_a_penalty_brings_two_runs_together_and_drives_them_apart_where_it_is_too_strong(strength: float) -> None:
    """One layer 1 and another by 1/2 away, steps of 1/2: R = 3/2, and ``K = |1 - kappa / 2| + R^2 / 2``."""
    problem = Problem(np.array([[3.0]]), 1, Penalized(strength, 0.5))
    found = _after(problem, np.ones((1, 1, 1)), 2.0, 0.5, 0.0)
    assert found == pytest.approx((abs(1 - strength / 2) + 1.125) / 2, rel=1e-12)


def test_a_run_is_allowed_what_a_basis_and_its_product_round_and_nothing_is_said_once_that_is_1() -> None:
    problem = Problem(np.array([[3.0]]), 1, GradientDescent(0.5))
    start, after = list(allowed(problem, [np.ones((1, 1, 1)), 2 * np.ones((1, 1, 1))], COARSE))
    moved = (4 + 1) * (1 + 4 * COARSE) * COARSE
    assert start.layers == pytest.approx(4 * COARSE, rel=1e-12)
    assert start.loss == pytest.approx((2 + moved) * moved + 2 * COARSE * 4, rel=1e-12)
    assert after.layers == pytest.approx((22 + 4 * 2) * COARSE, rel=1e-12)
    lost = list(allowed(problem, [np.ones((1, 1, 1))] * 3, 1.0))
    assert [one.layers for one in lost] == [4.0, np.inf, np.inf]
    assert [one.loss for one in lost[1:]] == [np.inf, np.inf]
