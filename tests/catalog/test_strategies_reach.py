"""Draws cover the range that a strategy promises: its ends, its inside and the special cases."""

import math

import numpy as np
import pytest
from strategy_draws import DEFAULTS, diagonal, drawn, tolerance

from catalog import strategies


@pytest.mark.parametrize("name", DEFAULTS)
def test_no_strategy_stays_in_one_corner(name):
    matrices = drawn(DEFAULTS[name])
    assert len(matrices) == 200
    assert {1, 2, 3, 4, 8} <= {len(matrix) for matrix in matrices}
    assert sum(len(matrix) >= 5 and not diagonal(matrix) for matrix in matrices) >= 25
    assert sum(np.array_equal(matrix, np.eye(len(matrix))) for matrix in matrices) <= 60
    assert len({matrix.tobytes() for matrix in matrices}) >= 100
    more = (matrix for count in (200, 1000) for matrix in drawn(DEFAULTS[name], count))  # dense ones are rarer
    assert any(np.count_nonzero(matrix) == matrix.size >= 16 for matrix in more)


@pytest.mark.parametrize("name", ["margin_positive", "near_the_identity", "general", "with_singular_values"])
def test_nonsymmetric_and_nonnormal_draws_are_common(name):
    matrices = drawn(DEFAULTS[name])
    commutators = [np.linalg.norm(A @ A.T - A.T @ A) - tolerance(A, power=2) for A in matrices]
    assert sum(size > 0 for size in commutators) >= 60


def test_positive_definite_covers_the_decades_of_condition():
    conditions = np.array([np.linalg.cond(A) for A in drawn(DEFAULTS["positive_definite"], 1000)])
    counts, _ = np.histogram(np.log10(conditions), bins=[-1, 1, 2, 3, 4, 5, 5.99, 7])
    assert np.all(counts >= 3)


@pytest.mark.parametrize(("low", "high"), [(-10, 10), (1e-6, 1e6), (0.91, 0.92), (2, 2)])
def test_spectra_hit_both_ends_and_the_inside(low, high):
    lists = drawn(strategies.spectra(min_eigenvalue=low, max_eigenvalue=high))
    values = np.concatenate(lists)
    assert np.mean(values == low) >= 0.05
    assert np.mean(values == high) >= 0.05
    assert low == high or np.mean((low < values) & (values < high)) >= 0.3


def test_spectra_spread_over_every_decade():
    values = np.concatenate(drawn(strategies.spectra(min_eigenvalue=1e-6, max_eigenvalue=1e6)))
    counts, _ = np.histogram(np.log10(values), bins=np.arange(-6, 7))
    assert np.all(counts >= 5)


def test_symmetric_draws_are_definite_indefinite_and_singular():
    extremes = [np.linalg.eigvalsh(A)[[0, -1]] for A in drawn(DEFAULTS["symmetric"])]
    for wanted in (lambda a, b: a > 0.1, lambda a, b: b < -0.1, lambda a, b: a < -0.1 and b > 0.1):
        assert sum(bool(wanted(a, b)) for a, b in extremes) >= 3
    assert any(min(abs(np.linalg.eigvalsh(A))) < 1e-12 for A in drawn(DEFAULTS["symmetric"], 1000))


def test_negative_eigenvalue_draws_one_or_several_and_its_limit():
    spectra = [np.linalg.eigvalsh(A) for A in drawn(DEFAULTS["negative_eigenvalue"])]
    counts = [np.count_nonzero(spectrum < -1e-9) for spectrum in spectra]
    assert counts.count(1) >= 15
    assert sum(count >= 3 for count in counts) >= 15
    assert any(abs(spectrum[0] + 0.01) < 1e-12 for spectrum in spectra)


def test_margin_is_attained():
    margins = [np.linalg.eigvalsh((A + A.T) / 2)[0] for A in drawn(DEFAULTS["margin_positive"])]
    assert sum(margin <= 0.1 * (1 + 1e-9) for margin in margins) >= 10
    assert sum(margin >= 0.5 for margin in margins) >= 10


def test_distance_is_attained():
    distances = [np.linalg.norm(A - np.eye(len(A))) for A in drawn(DEFAULTS["near_the_identity"])]
    assert sum(distance >= (1 - 1e-12) / 12 for distance in distances) >= 10
    assert sum(1e-3 < distance < 0.08 for distance in distances) >= 10


def test_determinants_take_both_signs():
    for name in ("orthogonal", "with_singular_values", "general"):
        signs = [np.sign(np.linalg.det(matrix)) for matrix in drawn(DEFAULTS[name])]
        assert min(signs.count(1), signs.count(-1)) >= 15


def test_positive_determinant_does_not_mean_positive_minors():
    matrices = drawn(DEFAULTS["general, positive determinant"])
    assert sum(A[0, 0] < 0 for A in matrices) >= 15
    assert any(A[0, 0] == 0 for A in matrices)


@pytest.mark.parametrize("max_angle", [1.0, math.pi])
def test_normal_angles_reach_their_limit_in_both_directions(max_angle):
    strategy = strategies.normal(min_modulus=1, max_angle=max_angle)
    angles = np.concatenate([np.angle(np.linalg.eigvals(A)) for A in drawn(strategy)])
    assert np.mean(abs(angles) >= max_angle - 1e-9) >= 0.03
    assert np.mean((abs(angles) > 0.1) & (abs(angles) < max_angle - 0.1)) >= 0.2
    planes = drawn(strategies.normal(min_dimension=2, max_dimension=2, min_modulus=1, max_angle=max_angle))
    skews = [np.sign(A[0, 1] - A[1, 0]) for A in planes]
    assert min(skews.count(1), skews.count(-1)) >= 5
