"""Spectral norms of large matrices are those of a singular value decomposition, and projections of the same layers."""

import numpy as np
import pytest

from dlr import matrices
from dlr._norms import LARGE, may_be_longer, spectral_norms
from dlr.rounding import matrix_rounding


def stack(count: int, dimension: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal((count, dimension, dimension)) / np.sqrt(dimension)


@pytest.mark.parametrize("dimension", [1, LARGE, LARGE + 1, 80])
@pytest.mark.parametrize("scale", [1.0, 1e-300, 1e300, 0.0])
def test_norms_are_those_of_a_decomposition(dimension, scale):
    exact = scale * np.linalg.norm(stack(3, dimension), 2, axis=(-2, -1))
    found = spectral_norms(scale * stack(3, dimension))
    np.testing.assert_allclose(found, exact, rtol=matrix_rounding(dimension, 2))
    assert spectral_norms(scale * stack(3, dimension)[0]) == pytest.approx(exact[0], rel=matrix_rounding(dimension, 2))


def test_norms_of_large_and_small_matrices_side_by_side():
    matrices = -np.abs(stack(3, LARGE + 1)) * np.array([1e-200, 1.0, 1e200])[:, None, None]
    matrices[:, 0] = 0.0
    found = spectral_norms(matrices)
    np.testing.assert_allclose(found, np.linalg.norm(matrices, 2, axis=(-2, -1)), rtol=matrix_rounding(LARGE + 1, 2))


@pytest.mark.parametrize("dimension", [3, LARGE + 8])
def test_no_longer_matrix_is_passed_over(dimension):
    matrices = stack(4, dimension)
    for length in np.linalg.norm(matrices, 2, axis=(-2, -1)):
        longer = np.linalg.norm(matrices, 2, axis=(-2, -1)) > length * (1 - 1e-12)
        assert np.all(may_be_longer(matrices, length) >= longer)
    assert not may_be_longer(matrices, 1000.0).any()


@pytest.mark.parametrize("dimension", [4, LARGE + 8])
def test_layers_inside_and_outside_of_the_ball_side_by_side(dimension):
    identity, residuals = np.eye(dimension), stack(5, dimension)
    residuals *= (np.array([0.1, 0.5, 1.0, 1.5, 3.0]) / np.linalg.norm(residuals, 2, axis=(-2, -1)))[:, None, None]
    residuals[4, 0, 0] = np.nan
    layers = identity + residuals
    found = matrices.clip_to_ball(layers, 1.0 + 1e-6)
    np.testing.assert_array_equal(found[:3], layers[:3])
    left, values, right = np.linalg.svd(layers[3] - identity)
    np.testing.assert_array_equal(found[3], identity + (left * np.minimum(values, 1.0 + 1e-6)) @ right)
    assert np.isnan(found[4]).all()
