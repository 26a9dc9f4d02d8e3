"""The largest eigenvalue that the claims on sharpness compute is that of the Hessian, differentiated."""

import numpy as np
import pytest

from catalog.claims.sharpness import sharpness_at
from dlr import network

TINY = 1e-30


def hessian(layers: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Second derivative of the excess loss, by complex steps on the layer gradients, exact to rounding."""
    size = layers.size
    moved = layers + 1j * TINY * np.eye(size).reshape(size, *layers.shape)
    _, gradients = network.loss_and_gradients(moved, target.astype(complex))
    return gradients.imag.reshape(size, size) / TINY


@pytest.mark.parametrize(("dimension", "depth"), [(1, 1), (2, 1), (1, 4), (2, 3), (3, 2), (3, 5)])
def test_sharpness_is_the_largest_eigenvalue_of_the_hessian_at_a_minimum(dimension: int, depth: int) -> None:
    layers = np.eye(dimension) + np.random.default_rng(depth).uniform(-0.6, 0.6, (depth, dimension, dimension))
    expected = np.linalg.eigvalsh(hessian(layers, network.product(layers)))[-1]
    assert sharpness_at(layers) == pytest.approx(expected, rel=1e-12)
