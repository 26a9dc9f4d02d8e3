"""Step sizes, bounds and floors against mpmath and by hand."""

import sys

import mpmath as mp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog import strategies
from dlr import matrices, theory
from dlr.rounding import matrix_rounding, rounding_floor
from dlr.types import Matrix

POINTS = [(1, 0.3, 2.5), (2, 0.1, 1.0), (3, 1.0, 4.0), (10, 0.02, 30.0)]  # depth, least, largest
every_point = pytest.mark.parametrize(("depth", "least", "largest"), POINTS)


def close(value: float) -> object:
    return pytest.approx(float(value), rel=1e-12)


def spd(least: float, largest: float) -> Matrix:
    """Diagonal of dimension 3 with the given ends, in a rotated basis."""
    Q = np.linalg.qr(np.random.default_rng(0).standard_normal((3, 3)))[0]
    A = (Q * [least, (least + largest) / 2, largest]) @ Q.T
    return (A + A.T) / 2


def ceil(value: object) -> int:
    return int(mp.ceil(value))


@pytest.mark.parametrize(("tol", "start", "rate"), [(0.5, np.e**3, 0.1), (1e-9, 1 / 12, 0.2), (0.02, 7.0, 0.9)])
def test_steps_to(tol: float, start: float, rate: float) -> None:
    steps = theory.steps_to(tol, start=start, rate=rate)
    exact = mp.log(mp.mpf(start) / mp.sqrt(2 * mp.mpf(tol))) / mp.mpf(rate)
    assert exact - 1e-9 <= steps < exact + 1
    assert start * (1 - rate) ** steps <= np.sqrt(2 * tol) * (1 + 1e-12)


def test_steps_to_edges() -> None:
    assert theory.steps_to(0.5, start=1.0, rate=0.1) == 0
    assert theory.steps_to(0.5, start=0.0, rate=0.1) == 0
    assert theory.steps_to(0.5, start=0.3, rate=0.0) == 0
    assert theory.steps_to(0.5, start=1.0001, rate=1.0) == 1
    for rate in (0.0, 5e-324, 1e-310):
        assert theory.steps_to(0.5, start=np.e, rate=rate) == int(sys.float_info.max)
    assert theory.steps_to(0.5, start=np.inf, rate=0.1) == int(sys.float_info.max)


def test_near_identity() -> None:
    Phi = np.array([[1.0, 0.04], [-0.03, 1.0]])  # distance 0.05
    assert theory.NEAR_IDENTITY_DISTANCE == 1 / 12
    assert theory.near_identity_step_size(7) == 1 / 14
    for step_size, eta in ((None, 1 / 14), (0.01, 0.01)):
        expected = 5 / (2 * mp.mpf(eta) * 7) * mp.log(mp.mpf("0.05") / mp.sqrt(2 * mp.mpf("1e-9")))
        assert theory.near_identity_iteration_bound(Phi, 7, 1e-9, step_size) == ceil(expected)


@every_point
def test_positive_definite(depth: int, least: float, largest: float) -> None:
    Phi, L = spd(least, largest), mp.mpf(depth)
    b, c = max(mp.mpf(1), mp.mpf(largest)), min(mp.mpf(1), mp.mpf(least))
    eta = 1 / (L * b ** (2 - 2 / L))
    assert theory.positive_definite_range(Phi) == (close(c), close(b))
    assert theory.positive_definite_step_size(Phi, depth) == close(eta)
    for step_size, size in ((None, eta), (0.001, mp.mpf(0.001))):
        start = mp.sqrt(3) * max(b * mp.log(b), mp.log(1 / c))
        expected = mp.log(start / mp.sqrt(mp.mpf(2e-6))) / (size * L * c ** (2 - 2 / L))
        bound = theory.positive_definite_iteration_bound(Phi, depth, 1e-6, step_size)
        assert abs(bound - expected) <= 1 + 1e-9 * expected
        assert bound >= expected * (1 - 1e-9)


@every_point
def test_margin(depth: int, least: float, largest: float) -> None:
    Phi = np.array([[least, -largest], [largest, largest]])
    L, g = mp.mpf(depth), mp.mpf(min(least, 0.25))
    D = mp.sqrt((mp.mpf(least) - 1) ** 2 + 2 * mp.mpf(largest) ** 2 + (mp.mpf(largest) - 1) ** 2)
    M = max(mp.svd_r(mp.matrix(Phi.tolist()), compute_uv=False)) + D
    eta = min(1 / (L * M ** (2 - 2 / L)), g ** (2 - 2 / L) / (3 * L * M ** (3 - 4 / L) * D))
    assert theory.margin_step_size(Phi, depth, float(g)) == close(eta)
    for step_size, size in ((None, eta), (0.001, mp.mpf(0.001))):
        expected = mp.log(D / mp.sqrt(mp.mpf(2e-6))) / (mp.mpf(4) / 5 * size * L * g ** (2 - 2 / L))
        bound = theory.margin_iteration_bound(Phi, depth, 1e-6, float(g), step_size)
        assert expected * (1 - 1e-9) <= bound <= expected * (1 + 1e-9) + 1


def test_margin_step_size_takes_either_branch() -> None:
    near, L = 1.001 * np.eye(1), 2
    assert theory.margin_step_size(near, L, 1.0) == close(1 / (2 * (1.001 + 0.001)))
    assert theory.margin_step_size(4 * np.eye(1), L, 0.5) == close(0.5 / (6 * 7.0 * 3.0))


def test_identity_target_needs_no_steps() -> None:
    identity = np.eye(4)
    assert theory.positive_definite_range(identity) == (1.0, 1.0)
    assert theory.positive_definite_step_size(identity, 5) == 0.2
    assert theory.margin_step_size(identity, 5, 0.5) == close(1 / (5 * 1.0))
    assert theory.near_identity_iteration_bound(identity, 5, 1e-30) == 0
    assert theory.positive_definite_iteration_bound(identity, 5, 1e-30) == 0
    assert theory.margin_iteration_bound(identity, 5, 1e-30, 0.5) == 0
    assert theory.checked_margin(identity, 1.0) == 1.0


def test_negative_eigenvalue() -> None:
    Phi = np.diag([-3.0, -0.5, 2.0])
    assert theory.negative_eigenvalue_step_size(Phi, 3) == 0.25
    assert theory.negative_eigenvalue_step_size(Phi, 3, 10.0) == 0.1
    assert theory.negative_eigenvalue_step_size(np.eye(2), 3) == 1.0
    assert theory.negative_eigenvalue_floor(Phi) == close((9 + 0.25) / 2)
    assert theory.negative_eigenvalue_floor(np.diag([0.5, 3.0])) == close(0.125)
    assert theory.negative_eigenvalue_floor(np.diag([0.0, 3.0])) == 0
    skewed = Phi + np.array([[0.0, 5.0, 0.0], [-5.0, 0.0, 0.0], [0.0, 0.0, 0.0]])
    assert theory.negative_eigenvalue_floor(skewed) == close(4.625)


@every_point
def test_rounding_floor(depth: int, least: float, largest: float) -> None:
    L, u = mp.mpf(depth), mp.mpf(2) ** -52
    b, c = max(mp.mpf(1), mp.mpf(largest)), min(mp.mpf(1), mp.mpf(least))
    error = u * (max(c ** (2 / L - 1), b ** (2 / L - 1)) / (2 * mp.mpf("0.125")) + 2 * L * b)
    Phi = spd(least, largest)
    assert rounding_floor(Phi, depth, 0.125) == close(3 * error**2 / 2)
    assert rounding_floor(Phi, depth, 0.125, 2.0**-23) == close(3 * (error * 2**29) ** 2 / 2)


@given(strategies.margin_positive(max_skew=0.0), st.integers(1, 30), st.sampled_from([1e-3, 1e-9, 1e-15]))
def test_bounds_grow_with_accuracy_and_fall_with_step_size(Phi: Matrix, depth: int, tol: float) -> None:
    for bound, eta in (
        (theory.positive_definite_iteration_bound, theory.positive_definite_step_size(Phi, depth)),
        (theory.near_identity_iteration_bound, theory.near_identity_step_size(depth)),
        (
            lambda Phi, L, tol, eta=None: theory.margin_iteration_bound(Phi, L, tol, 0.05, eta),
            theory.margin_step_size(Phi, depth, 0.05),
        ),
    ):
        steps = bound(Phi, depth, tol)
        assert steps == bound(Phi, depth, tol, eta)
        assert bound(Phi, depth, tol / 100) >= steps
        halved = bound(Phi, depth, tol, eta / 2)
        assert 2 * steps - 2 <= halved <= 2 * steps


@given(strategies.positive_definite(), st.integers(1, 30))
def test_positive_definite_step_size_falls_with_depth(Phi: Matrix, depth: int) -> None:
    now, deeper = (theory.positive_definite_step_size(Phi, L) for L in (depth, depth + 1))
    assert deeper < now <= 1 / depth
    assert theory.margin_step_size(Phi, depth, 1e-4) <= theory.margin_step_size(Phi, depth, 1e-3)


@given(strategies.margin_positive())
def test_own_margin_is_accepted(Phi: Matrix) -> None:
    own = min(1.0, matrices.margin(Phi))
    assert theory.checked_margin(Phi, own) == own


def test_near_identity_factorization_and_steep_gradient() -> None:
    Phi = np.array([[0.0, -8.0], [0.25, 0.0]])
    g, bound = mp.log(8), theory.near_identity_factorization_bound(Phi, 7)
    assert theory.log_spread(Phi) == close(g)
    assert theory.log_spread(np.diag([0.1, 3.0])) == close(mp.log(10))
    assert theory.log_spread(np.zeros((2, 2))) == np.inf
    assert bound == close(mp.exp(g / 7) - 1 + 2 * mp.sin(mp.pi / 14))
    assert theory.near_identity_factorization_linear_bound(Phi, 7) == close((mp.pi + 6 * g / 5) / 7)
    layers = matrices.near_identity_factorization(Phi, 7)
    assert np.max(np.linalg.norm(layers - np.eye(2), 2, axis=(1, 2))) <= bound
    assert theory.steep_gradient_floor(3.0, 4, 0.25) == close(2 * 4 * 0.75**6 * 3)
    assert theory.steep_gradient_floor(3.0, 1, 0.25) == 6
    assert matrix_rounding(3, 5) == 45 * 2.0**-52


def test_overflow_gives_no_step_size_and_no_error() -> None:
    assert theory.positive_definite_step_size([[1e200]], 5) == 0
    assert theory.power(1e200, 2) == np.inf
    assert theory.power(1e-200, 2) == 0
