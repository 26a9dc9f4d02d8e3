"""Matrix tools: known values, and the properties that define each of them."""

import math

import array_api_strict as strict
import numpy as np
import pytest
import scipy.linalg
from hypothesis import given
from hypothesis import strategies as st

from catalog import strategies
from dlr import InputError, matrices, network
from dlr.types import Matrix

EPS = float(np.finfo(np.float64).eps)


def pairs(first: strategies.Matrices, other: str, **options: float) -> st.SearchStrategy[tuple[Matrix, Matrix]]:
    """A draw of ``first`` and one of the named strategy, in the same dimension."""
    return first.flatmap(
        lambda A: st.tuples(
            st.just(A), getattr(strategies, other)(min_dimension=len(A), max_dimension=len(A), **options)
        )
    )


def rotation(*angles: float, fixed: int = 0) -> Matrix:
    """Block rotation in a random basis."""
    blocks = [[[np.cos(a), -np.sin(a)], [np.sin(a), np.cos(a)]] for a in angles]
    R = scipy.linalg.block_diag(*blocks, *[[[1.0]]] * fixed)
    Q = np.linalg.qr(np.random.default_rng(len(R)).standard_normal(R.shape))[0]
    return Q @ R @ Q.T


def permutation(*images: int) -> Matrix:
    return np.eye(len(images))[list(images)]


def test_known_values() -> None:
    J = np.array([[0.0, -1.0], [1.0, 0.0]])
    shear = np.array([[1.0, 2.0], [0.0, 1.0]])
    assert matrices.margin(3 * np.eye(2) + 5 * J) == pytest.approx(3)
    assert matrices.margin(shear) == pytest.approx(0, abs=1e-15)
    assert matrices.margin(np.diag([2.0, -1.0])) == pytest.approx(-1)
    assert matrices.asymmetry(np.diag([2.0, -1.0])) == 0
    assert matrices.asymmetry(J) == pytest.approx(2)
    assert matrices.asymmetry(shear) == pytest.approx(math.sqrt(8 / 6))
    assert matrices.asymmetry(np.zeros((2, 2))) == 0
    assert matrices.distance_to_identity(shear) == 2


@pytest.mark.parametrize("scale", [2.0**-900, 2.0**-560, 1.0, 2.0**560, 2.0**1020])
def test_measures_neither_overflow_nor_vanish(scale: float) -> None:
    shear = np.array([[1.0, 2.0], [0.0, 1.0]])
    assert matrices.asymmetry(scale * shear) == matrices.asymmetry(shear)
    assert matrices.relative_margin(scale * shear) == pytest.approx(0, abs=1e-15)
    assert matrices.relative_margin(scale * np.diag([3.0, -2.0])) == pytest.approx(-2 / 3)
    assert matrices.margin(scale * np.diag([3.0, 2.0])) == pytest.approx(2 * scale)


@given(strategies.general(), st.sampled_from([-1.0, 0.0, 0.3, 1.0, 4.0]))
def test_margin_projection_reaches_the_margin_and_keeps_the_skew_part(A: Matrix, margin: float) -> None:
    P = matrices.project_to_margin(A, margin)
    rounding = 20 * len(A) * EPS * (np.linalg.norm(A) + abs(margin))
    assert matrices.margin(P) >= margin - rounding
    np.testing.assert_allclose(P - P.T, A - A.T, rtol=0, atol=rounding)
    np.testing.assert_allclose(matrices.project_to_margin(P, margin), P, rtol=0, atol=rounding)
    if matrices.margin(A) >= margin:
        np.testing.assert_array_equal(P, A)


@given(pairs(strategies.general(), "margin_positive", min_margin=0.4))
def test_margin_projection_is_the_nearest_point(pair: tuple[Matrix, Matrix]) -> None:
    A, B = pair
    P = matrices.project_to_margin(A, 0.4)
    rounding = 50 * len(A) * EPS * (np.linalg.norm(A) + np.linalg.norm(B)) ** 2
    assert np.sum((A - P) * (B - P)) <= rounding


@given(pairs(strategies.general(), "general"))
def test_margin_projection_is_non_expansive(pair: tuple[Matrix, Matrix]) -> None:
    A, B = pair
    projected = np.linalg.norm(matrices.project_to_margin(A, 0.7) - matrices.project_to_margin(B, 0.7))
    assert projected <= np.linalg.norm(A - B) + 50 * len(A) * EPS * (1 + np.linalg.norm(A) + np.linalg.norm(B))


@given(pairs(strategies.general(), "general", max_entry=1.0), st.sampled_from([0.0, 0.25, 1.0, 3.0]))
def test_clip_is_the_nearest_point_of_the_ball(pair: tuple[Matrix, Matrix], radius: float) -> None:
    A, other = pair
    identity = np.eye(len(A))
    clipped = matrices.clip_to_ball(A, radius)
    assert np.linalg.norm(clipped - identity, 2) <= radius + 30 * len(A) * EPS * (1 + radius)
    inside = identity + radius * other / max(1.0, np.linalg.norm(other, 2))
    rounding = 50 * len(A) * EPS * (1 + radius + np.linalg.norm(A)) ** 2
    assert np.sum((A - clipped) * (inside - clipped)) <= rounding
    if np.linalg.norm(A - identity, 2) < radius * (1 - 10 * EPS):
        np.testing.assert_array_equal(clipped, A)


def test_clip_cuts_only_the_long_singular_values() -> None:
    A = np.diag([1.5, 4.0, -2.0])
    np.testing.assert_allclose(matrices.clip_to_ball(A, 1.0), np.diag([1.5, 2.0, 0.0]), atol=1e-15)
    np.testing.assert_allclose(matrices.clip_to_ball(-np.eye(2), 1.5), -0.5 * np.eye(2), atol=1e-15)


@pytest.mark.parametrize("length", [1e6, 1e16, 1e150])
def test_clip_keeps_the_radius_however_long_the_step(length: float) -> None:
    A = length * np.random.default_rng(0).standard_normal((4, 4))
    assert np.linalg.norm(matrices.clip_to_ball(A, 0.5) - np.eye(4), 2) <= 0.5 + 1e-14


@pytest.mark.parametrize("bad", [np.inf, -np.inf, np.nan])
def test_clip_marks_layers_that_overflowed(bad: float) -> None:
    layers = np.array([np.diag([10.0, 10.0, bad, 1.0]), 3 * np.eye(4)])
    clipped = matrices.clip_to_ball(layers, 1.0)
    assert np.all(np.isnan(clipped[0]))
    np.testing.assert_allclose(clipped[1], 2 * np.eye(4))
    with pytest.raises(InputError, match="matrix must be finite"):
        matrices.polar(layers[0])


def test_clip_batch_and_array_api_strict_are_loops_of_single_matrices() -> None:
    layers = np.random.default_rng(1).standard_normal((2, 3, 4, 4))
    layers[0, 0] = np.eye(4)
    clipped = matrices.clip_to_ball(layers, 0.8)
    other = matrices.clip_to_ball(strict.asarray(layers), 0.8)
    np.testing.assert_array_equal(clipped[0, 0], np.eye(4))
    np.testing.assert_allclose(np.asarray(other), clipped, atol=1e-14)
    for index in np.ndindex(2, 3):
        np.testing.assert_allclose(clipped[index], matrices.clip_to_ball(layers[index], 0.8), atol=1e-14)


@given(strategies.general())
def test_polar_form(A: Matrix) -> None:
    R, P = matrices.polar(A)
    np.testing.assert_allclose(R @ R.T, np.eye(len(A)), atol=1e-13)
    np.testing.assert_allclose(R @ P, A, atol=1e-13 * (1 + np.linalg.norm(A)))
    np.testing.assert_allclose(P, P.T, atol=1e-13 * (1 + np.linalg.norm(A)))
    assert np.linalg.eigvalsh(P)[0] >= -1e-13 * (1 + np.linalg.norm(A))


ROTATIONS = {
    "identity": (np.eye(4), [0, 0]),
    "odd identity": (np.eye(3), [0]),
    "minus identity": (-np.eye(4), [math.pi, math.pi]),
    "one half turn": (np.diag([-1.0, 1.0, -1.0]), [math.pi]),
    "repeated": (rotation(1.0, 1.0, 1.0), [1, 1, 1]),
    "opposite": (rotation(0.5, -0.5, fixed=1), [0.5, 0.5]),
    "near a half turn": (rotation(math.pi - 1e-9, fixed=1), [math.pi - 1e-9]),
    "half turns in a basis": (rotation(math.pi, math.pi, 2.0, fixed=1), [2, math.pi, math.pi]),
    "cycle of three": (permutation(1, 2, 0), [2 * math.pi / 3]),
    "two swaps": (permutation(1, 0, 3, 2), [0, math.pi]),
    "cycle of five": (permutation(1, 2, 3, 4, 0), [2 * math.pi / 5, 4 * math.pi / 5]),
}


@pytest.mark.parametrize(("R", "expected"), ROTATIONS.values(), ids=ROTATIONS)
def test_rotation_angles(R: Matrix, expected: list[float]) -> None:
    angles, basis = matrices.rotation_angles(R)
    assert angles.shape == (len(R) // 2,)
    assert np.all((-math.pi < angles) & (angles <= math.pi))
    np.testing.assert_allclose(np.sort(np.abs(angles)), expected, atol=1e-12)
    np.testing.assert_allclose(basis @ basis.T, np.eye(len(R)), atol=1e-13)
    turned = basis @ matrices.plane_rotations(angles, len(R)) @ basis.T
    np.testing.assert_allclose(turned, R, atol=1e-13)


@pytest.mark.parametrize(("share", "orthogonal"), [(0.95, True), (1.05, False)])
def test_what_is_orthogonal_to_half_of_the_digits_is_a_rotation(share: float, orthogonal: bool) -> None:
    """``|R^T R - I|_F = 2 (2 s + s^2)`` for ``R = (1 + s) Q`` at d = 4."""
    R = (1 + share * 2.0**-28) * rotation(1.0, 2.0)
    if orthogonal:
        np.testing.assert_allclose(np.sort(np.abs(matrices.rotation_angles(R)[0])), [1, 2], atol=1e-8)
    else:
        with pytest.raises(InputError, match="rotation must be orthogonal with determinant 1"):
            matrices.rotation_angles(R)


@pytest.mark.parametrize("R", [np.diag([1.0, -1.0]), permutation(1, 0), 2 * np.eye(2), np.zeros((2, 2))])
def test_a_reflection_and_what_is_not_orthogonal_have_no_angles(R: Matrix) -> None:
    with pytest.raises(InputError, match="rotation must be orthogonal with determinant 1"):
        matrices.rotation_angles(R)


def assert_balanced(W: Matrix, layers: Matrix, tolerance: float = 1e-10) -> None:
    depth = len(layers)
    assert np.linalg.norm(network.product(layers) - W) <= tolerance * np.linalg.norm(W)
    expected = np.linalg.svd(W, compute_uv=False) ** (1 / depth)
    np.testing.assert_allclose(
        np.linalg.svd(layers, compute_uv=False), np.tile(expected, (depth, 1)), rtol=0, atol=1e-11 * expected[0]
    )


@pytest.mark.parametrize("depth", [1, 2, 7])
@pytest.mark.parametrize("R", [R for R, _ in ROTATIONS.values()], ids=ROTATIONS)
def test_balanced_factorization_of_a_rotated_positive_matrix(R: Matrix, depth: int) -> None:
    W = R @ np.diag(np.linspace(0.5, 3.0, len(R)))
    layers = matrices.balanced_factorization(W, depth)
    assert_balanced(W, layers, 1e-13)
    angles = np.concatenate([matrices.rotation_angles(R @ R.T @ R)[0], [0.0]])
    partial = network.product(layers[: (depth + 1) // 2])  # R^{i/L} P^{i/L}, turned by i/L of the way
    turned = matrices.rotation_angles(matrices.polar(partial)[0])[0]
    share = ((depth + 1) // 2) / depth
    np.testing.assert_allclose(np.sort(np.abs(turned)), np.sort(np.abs(share * angles[:-1])), atol=1e-10)


def test_balanced_factorization_of_a_large_deep_network() -> None:
    W = np.random.default_rng(5).standard_normal((50, 50))
    W[0] *= np.linalg.slogdet(W)[0]
    assert_balanced(W, matrices.balanced_factorization(W, 100))


@given(strategies.general(positive_determinant=True), st.integers(1, 12))
def test_balanced_factorization_is_exact_and_balanced(W: Matrix, depth: int) -> None:
    layers = matrices.balanced_factorization(W, depth)
    np.testing.assert_allclose(network.product(layers), W, rtol=0, atol=1e-12 * depth * np.linalg.norm(W))


@pytest.mark.parametrize("d", [15, 28, 29])
def test_balanced_factorization_where_rounding_loses_the_polar_sign(d: int) -> None:
    W = scipy.linalg.hilbert(d)
    assert np.linalg.norm(network.product(matrices.balanced_layers(W, 4)) - W) <= 1e-12


@given(strategies.margin_positive(), st.integers(1, 12))
def test_margin_positive_layers_are_the_balanced_ones(W: Matrix, depth: int) -> None:
    layers = matrices.margin_positive_layers(W, depth)
    condition = np.linalg.norm(W) / matrices.margin(W)
    tolerance = 10 * len(W) * EPS * condition * max(1.0, np.linalg.norm(W))
    np.testing.assert_allclose(layers, matrices.balanced_layers(W, depth), rtol=0, atol=tolerance)


@pytest.mark.parametrize("gamma", [1e-3, 1e-13, 1e-16, 1e-20, 1e-300])
def test_margin_positive_layers_where_rounding_loses_the_margin(gamma: float) -> None:
    W = matrices.lift_to_margin(5 * np.random.default_rng(6).standard_normal((500, 3, 3)), gamma)
    error = network.product(matrices.margin_positive_layers(W, 5)) - W
    assert np.max(np.linalg.norm(error, axis=(-2, -1)) / np.linalg.norm(W, axis=(-2, -1))) <= 1e-12


def test_margin_positive_layers_of_a_stack() -> None:
    stack = np.eye(3) + np.random.default_rng(8).uniform(-0.3, 0.3, (2, 5, 3, 3))
    stack[1, 2, 0, 1] = np.inf
    layers = matrices.margin_positive_layers(matrices.lift_to_margin(stack, 0.9), 4)
    assert np.isnan(layers[1, 2]).all()
    assert np.isnan(layers).sum() == layers[1, 2].size
    alone = matrices.margin_positive_layers(matrices.project_to_margin(stack[1, 3], 0.9), 4)
    np.testing.assert_allclose(layers[1, 3], alone, rtol=0, atol=100 * EPS)


@pytest.mark.parametrize("W", [np.diag([-1.0, 2.0]), np.zeros((2, 2)), np.ones((2, 2)), permutation(1, 0)])
def test_balanced_factorization_needs_a_positive_determinant(W: Matrix) -> None:
    with pytest.raises(InputError, match="matrix must have determinant > 0"):
        matrices.balanced_factorization(W, 3)


@pytest.mark.parametrize("scale", [1e200, -1e200, 1e-200, -1e-200])
def test_norm_and_margin_neither_overflows_nor_underflows(scale: float) -> None:
    assert matrices.frobenius_norm([[3 * scale, 0.0], [0.0, 4 * scale]]) == pytest.approx(5 * abs(scale))
    assert matrices.frobenius_norm([3 * scale, 4 * scale, 12 * scale]) == pytest.approx(13 * abs(scale))
    assert matrices.frobenius_norm(np.empty((0, 2))) == 0
    assert matrices.margin(np.diag([scale, 2 * scale])) == pytest.approx(min(scale, 2 * scale))
    assert 0.5 <= np.max(np.abs(matrices.rescaled([[scale, 0.0], [0.0, 2 * scale]]))) < 1
