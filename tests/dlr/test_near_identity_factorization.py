"""The near-identity factorization: exact, near the identity, for every matrix of positive determinant."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.linalg import expm, logm

from catalog import strategies
from catalog.claims.factorization import largest_residual, largest_residual_if_deep, log_spread, problem_on
from dlr import InputError, matrices, network
from dlr.matrices import near_identity_factorization
from dlr.rounding import matrix_rounding
from dlr.types import Matrix


def _rotation(angles: list[float], dimension: int) -> Matrix:
    """Planes turned by the angles, in a basis that is not the standard one."""
    Q, _ = np.linalg.qr(np.random.default_rng(7).standard_normal((dimension, dimension)))
    return np.asarray(Q @ matrices.plane_rotations(np.array(angles), dimension) @ Q.T)


def _ginibre(dimension: int) -> Matrix:
    matrix = np.random.default_rng(11).standard_normal((dimension, dimension))
    matrix[0] *= np.sign(np.linalg.det(matrix))
    return matrix


def _with_condition(condition: float, dimension: int) -> Matrix:
    left, _, right = np.linalg.svd(_ginibre(dimension))
    return np.asarray((left * np.geomspace(condition**0.5, condition**-0.5, dimension)) @ right)


LARGE = {
    "identity": np.eye(50),
    "minus identity": -np.eye(50),
    "twenty axes flipped": np.diag([-1.0] * 20 + [1.0] * 30),
    "half turns in another basis": _rotation([math.pi] * 12, 50),
    "one angle, repeated": _rotation([1.0] * 25, 50),
    "half turns, right angles and fixed axes": _rotation([math.pi] * 8 + [math.pi / 2] * 8 + [-math.pi / 2] * 4, 50),
    "angles next to pi": _rotation([math.pi - 1e-8 * k for k in range(25)], 50),
    "cyclic shift": np.roll(np.eye(49), 1, axis=0),
    "gaussian": _ginibre(50),
    "condition 1e6": _with_condition(1e6, 50),
    "condition 1e11": _with_condition(1e11, 50),
    "huge half turns": 1e100 * _rotation([math.pi] * 25, 50),
    "shear": np.eye(50) + np.diag(np.full(49, 3.0), 1),
}


def radius(layers: Matrix) -> float:
    return float(np.linalg.norm(layers - np.eye(layers.shape[-1]), 2, axis=(-2, -1)).max())


def miss(layers: Matrix, matrix: Matrix) -> float:
    return float(np.linalg.norm(network.product(layers) - matrix, 2) / np.linalg.norm(matrix, 2))


@pytest.mark.parametrize("matrix", LARGE.values(), ids=LARGE)
def test_exact_to_1e_10_at_depth_100(matrix: Matrix) -> None:
    layers = near_identity_factorization(matrix, 100)
    assert layers.shape == (100, *matrix.shape)
    assert layers.dtype == np.float64
    assert miss(layers, matrix) <= 1e-10


@pytest.mark.parametrize("matrix", LARGE.values(), ids=LARGE)
def test_within_the_bound_at_depth_100(matrix: Matrix) -> None:
    # the bound reads g from singular values that carry an error d eps |Phi|
    values = np.linalg.svd(matrix, compute_uv=False)
    slack = 50 * 2.0**-52 * (100 + values[0] / values[-1])
    assert radius(near_identity_factorization(matrix, 100)) <= largest_residual(problem_on(matrix, 100)) + slack


@pytest.mark.parametrize("depth", [1, 2, 3, 10, 100])
def test_the_bound_is_attained_by_minus_the_identity(depth: int) -> None:
    expected = 2 * math.sin(math.pi / (2 * depth))
    assert radius(near_identity_factorization(-np.eye(4), depth)) == pytest.approx(expected, rel=1e-12)
    assert largest_residual(problem_on(-np.eye(4), depth)) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("depth", [1, 2, 10])
def test_the_bound_is_attained_by_a_stretch(depth: int) -> None:
    matrix = np.diag([math.exp(2.0), math.exp(-1.0)])
    assert radius(near_identity_factorization(matrix, depth)) == pytest.approx(math.expm1(2.0 / depth), rel=1e-12)


def test_quarter_turn_in_two_eighth_turns() -> None:
    eighth = np.array([[1.0, -1.0], [1.0, 1.0]]) / math.sqrt(2)
    layers = near_identity_factorization([[0, -1], [1, 0]], 2)
    np.testing.assert_allclose(layers, [eighth, eighth], atol=1e-15)


@given(matrix=strategies.general(positive_determinant=True, max_dimension=5), depth=st.integers(1, 64))
def test_every_matrix_of_positive_determinant(matrix: Matrix, depth: int) -> None:
    layers = near_identity_factorization(matrix, depth)
    assert miss(layers, matrix) <= 1e-10
    np.testing.assert_array_equal(layers, matrices.balanced_factorization(matrix, depth))


@pytest.mark.parametrize("entry", [1.0, 3.0, 30.0])
def test_nearer_than_the_principal_root(entry: float) -> None:
    matrix = np.eye(4) + np.diag(np.full(3, entry), 1)
    root = expm(logm(matrix) / 20)
    assert radius(near_identity_factorization(matrix, 20)) < radius(root[None])


def test_one_layer_is_the_matrix() -> None:
    matrix = _ginibre(5)
    np.testing.assert_allclose(near_identity_factorization(matrix, 1)[0], matrix, rtol=1e-12)


@pytest.mark.parametrize(
    ("matrix", "depth", "named"),
    [
        (np.diag([-1.0, 1.0]), 3, "matrix must have determinant > 0, got sign -1"),
        (np.zeros((2, 2)), 3, "matrix must have determinant > 0, got sign 0"),
        (np.ones((2, 3)), 3, "matrix must be square"),
        ([[1.0, math.nan], [0.0, 1.0]], 3, "matrix must be finite"),
        ([[1j]], 3, "matrix must be real"),
        (np.eye(2)[None], 3, "matrix must be one matrix"),
        (np.eye(2), 0, "depth must be at least 1, got 0"),
        (np.eye(2), 2.0, "depth must be an integer, got 2.0"),
        (np.eye(2), True, "depth must be an integer, got True"),
    ],
)
def test_bad_input_is_refused(matrix: object, depth: object, named: str) -> None:
    with pytest.raises(InputError, match=named):
        near_identity_factorization(matrix, depth)  # type: ignore[arg-type]


def test_log_spread() -> None:
    assert log_spread(np.diag([math.exp(2.0), 1.0])) == pytest.approx(2.0)
    assert log_spread(np.diag([1.0, -math.exp(-3.0)])) == pytest.approx(3.0)
    assert log_spread(np.diag([1.0, 0.0])) == math.inf


def test_a_singular_matrix_has_no_bound() -> None:
    assert largest_residual(problem_on(np.zeros((2, 2)), 4)) == math.inf
    assert largest_residual_if_deep(problem_on(np.zeros((2, 2)), 4)) == math.inf


@given(spread=st.floats(0, 20), extra=st.integers(0, 50))
def test_linear_bound_lies_between_the_sharp_one_and_hardt_and_mas(spread: float, extra: int) -> None:
    matrix, depth = np.array([[math.exp(spread)]]), max(1, math.ceil(3 * spread)) + extra
    linear = largest_residual_if_deep(problem_on(matrix, depth))
    assert largest_residual(problem_on(matrix, depth)) <= linear <= (4 * math.pi + 3 * spread) / depth


def test_matrix_rounding() -> None:
    assert matrix_rounding(4, 3) == 48 * 2.0**-52
    assert matrix_rounding(4, 3, epsilon=2.0**-23) == 48 * 2.0**-23
