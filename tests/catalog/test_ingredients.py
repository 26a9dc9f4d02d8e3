"""What the draws of several claims use is what it says, in every draw."""

import math

import numpy as np
import pytest
from hypothesis import strategies as st
from strategy_draws import drawn

from catalog import ingredients
from dlr import GradientDescent, InputError, Penalized, PowerProjection, Problem, network

PROBLEM = Problem(np.array([[2.0, 0.5], [0.25, 1.0]]), 3, GradientDescent(0.1))
GIVEN = st.just(PROBLEM)


def test_another_step_size_is_all_that_changes() -> None:
    found = ingredients.with_step_size(PROBLEM, 0.25)
    assert (found.step_size, found.depth, found.algorithm) == (0.25, 3, GradientDescent(0.25))
    assert found.target is PROBLEM.target
    factors = [problem.step_size / 0.1 for problem in drawn(ingredients.with_longer_steps(GIVEN, 1.5, 4.0), 30)]
    assert all(1.5 * (1 - 1e-12) <= factor <= 4 * (1 + 1e-12) for factor in factors)
    assert max(factors) > 2 > min(factors)
    with pytest.raises(InputError, match="high must be a number >= 2, got 1"):
        ingredients.with_longer_steps(GIVEN, 2.0, 1.0)


def test_a_penalty_pulls_by_at_most_half_in_a_step() -> None:
    found = [problem.algorithm for problem in drawn(ingredients.with_penalty(GIVEN), 30)]
    assert {type(algorithm) for algorithm in found} == {Penalized}
    assert {algorithm.step_size for algorithm in found} == {0.1}
    assert {round(algorithm.strength * 0.1, 12) for algorithm in found} == {0.1, 0.01, 0.5}


def test_starts_are_those_that_are_named() -> None:
    [zero], [asymmetric] = drawn(ingredients.from_zero(GIVEN), 1), drawn(ingredients.from_zero_asymmetric(GIVEN), 1)
    assert zero.initial_layers.shape == (3, 2, 2)
    assert not zero.initial_layers.any()
    np.testing.assert_array_equal(asymmetric.initial_layers, network.zero_asymmetric_layers(PROBLEM.target, 3))


def test_the_first_layer_moves_twice_as_far() -> None:
    [problem] = drawn(ingredients.with_the_first_layer_faster(GIVEN), 1)
    assert (problem.algorithm.name, problem.step_size) == ("first-layer-faster", 0.1)
    layers, gradients = np.ones((3, 2, 2)), np.arange(12.0).reshape(3, 2, 2)
    found = problem.algorithm.step(layers, gradients, 0.5)
    np.testing.assert_array_equal(found, layers - np.array([1.0, 0.5, 0.5])[:, None, None] * gradients)
    assert layers.min() == 1, "what is given stays"


def test_targets_are_those_that_are_named() -> None:
    for matrix in drawn(ingredients.flipped_axes(), 30):
        assert matrix[0, 0] < 0
        np.testing.assert_array_equal(matrix, np.diag([matrix[0, 0], *[1.0] * (len(matrix) - 1)]))
    for matrix in drawn(ingredients.shears(0.5, 2.0), 30):
        assert 0.5 <= matrix[0, 1] <= 2
        np.testing.assert_array_equal(matrix, [[1.0, matrix[0, 1]], [0.0, 1.0]])


@pytest.mark.parametrize(
    ("ratio", "values"), [(0.5, [-2.0, 1.0, 1.5, 2.0]), (1.0, [-2.0, 2.0, 2.0, 2.0]), (3.0, [-2.0, 6.0, 6.0, 6.0])]
)
def test_a_saddle_has_one_negative_eigenvalue_and_a_largest_of_the_same_size(ratio: float, values: list) -> None:
    found = ingredients.saddle(4, 1, 2.0, ratio)
    assert np.array_equal(found, found.T)
    np.testing.assert_allclose(np.linalg.eigvalsh(found), values, rtol=0, atol=1e-14)
    assert not np.array_equal(found, ingredients.saddle(4, 2, 2.0, ratio))


def test_blocks_are_those_of_the_nearest_normal_matrix() -> None:
    target = np.array([[3.0, 0.0, 0.0], [0.0, 0.5, -2.0], [0.0, 2.0, 0.5]])
    Q = np.linalg.qr(np.random.default_rng(0).standard_normal((3, 3)))[0]
    found = ingredients.schur_blocks(Q @ target @ Q.T)
    np.testing.assert_allclose(np.abs(found), np.abs(target), rtol=0, atol=1e-14)
    assert found[1, 2] == -found[2, 1]


def test_measures_of_a_problem() -> None:
    assert ingredients.largest_product(np.diag([3.0, -1.0])) == pytest.approx(3 + math.sqrt(8))
    assert math.isnan(ingredients.gamma(PROBLEM))
    assert ingredients.gamma(Problem(np.eye(2), 2, PowerProjection(0.5, 0.1))) == 0.5
    kinds = [(type(a).__name__, a.step_size) for a in ingredients.regularized()]
    assert kinds == [("GradientDescent", None), ("StepAndProject", None), ("Penalized", None)]
    assert {type(a).__name__ for a in drawn(ingredients.regularized_draws(), 30)} == {name for name, _ in kinds}
