"""Proved step sizes and rates fall with the powers of size, margin and depth that the statements say.

Near a limit of the hypotheses one term decides, and doubling what goes to it shows that term's power.
"""

import math
from collections.abc import Callable

import numpy as np
import pytest
from scipy.optimize import brentq

from catalog.registry import claim_named
from dlr import GradientDescent, Problem
from dlr.matrices import frobenius_norm, plane_rotations

DEPTH = 4
POWER = 2 - 2 / DEPTH


def deficient(c: float) -> np.ndarray:
    """Deficiency margin ``c``, at a distance of nearly 1/2."""
    return np.diag([(1 + c) / 2, 1.0])


def nearly_half_turn(angle: float) -> np.ndarray:
    """Eigenvalues at this angle from the negative axis: half the clearance is about a quarter of it."""
    return plane_rotations(np.array([math.pi - angle]), 2)


def large(size: float) -> np.ndarray:
    return size * np.eye(2)


def small_eigenvalue(c: float) -> np.ndarray:
    return np.diag([c, 1.0])


def power_at(value: Callable[[float], float], point: float) -> float:
    return math.log2(value(2 * point) / value(point))


@pytest.mark.parametrize(
    ("identifier", "target", "point", "power"),
    [
        ("N3", deficient, 1e-6, 2),
        ("N2a", nearly_half_turn, 1e-6, 1),
        ("N2a", large, 1e6, -(POWER + 1)),
        ("P3", large, 1e6, -POWER),
    ],
)
def test_step_size_falls_with_the_power_stated(identifier: str, target, point: float, power: float) -> None:
    largest = claim_named(identifier).largest_step_size
    assert power_at(lambda x: largest(Problem(target(x), DEPTH, GradientDescent())), point) == pytest.approx(
        power, abs=1e-4
    )


@pytest.mark.parametrize("identifier", ["N3", "N2a", "P3", "P1"])
def test_step_size_falls_as_one_over_depth(identifier: str) -> None:
    largest, target = claim_named(identifier).largest_step_size, np.diag([1.01, 1.0])
    assert power_at(lambda x: largest(Problem(target, int(x), GradientDescent())), 2**20) == pytest.approx(-1, abs=1e-4)


@pytest.mark.parametrize(
    ("identifier", "target"), [("N3", deficient), ("N2a", nearly_half_turn), ("P3", small_eigenvalue)]
)
def test_rate_falls_with_the_power_stated(identifier: str, target) -> None:
    def rate(x: float) -> float:
        problem = Problem(target(x), DEPTH, GradientDescent(1e-3))
        return claim_named(identifier).contraction(problem).rate

    assert power_at(rate, 1e-6) == pytest.approx(POWER, abs=1e-4)


@pytest.mark.parametrize("target", [np.diag([1.0, 0.0]), np.diag([1e308, 1e308])], ids=["no margin", "no finite size"])
def test_no_step_size_is_proved_without(target) -> None:
    assert claim_named("N7e").largest_step_size(Problem(target, 2, GradientDescent())) == 0


@pytest.mark.parametrize(("size", "depth", "least"), [(0.1, 3, 0), (0.2, 5, 1), (3.0, 2, 1)])
def test_the_zero_asymmetric_start_allows_the_least_of_its_limits(size: float, depth: int, least: int) -> None:
    target, n = np.diag([size, size / 2]), depth - 1
    v, y = beside_the_last(target, n)
    K = y ** (2 * n) + n * v**2 * y ** (2 * n - 2)
    limits = [1 / K, 0.09 / (n * K * frobenius_norm(target) ** 2)]
    assert limits[least] == min(limits)
    largest = claim_named("N4").largest_step_size
    assert largest(Problem(target, depth, GradientDescent())) == pytest.approx(min(limits), rel=1e-12)


@pytest.mark.parametrize("n", [1, 2, 5, 30, 1000])
def test_no_third_limit_is_needed_for_the_zero_asymmetric_start(n: int) -> None:
    """Of targets of rank one that is nearest: within 2% where n is large and n |Phi|_F^2 is 0.09."""
    largest, found = claim_named("N4").largest_step_size, []
    for size in np.sqrt(0.09 / n) * np.array([1e-3, 0.1, 0.5, 0.9, 1.0, 1.1, 2.0, 10.0]):
        target = np.diag([size, 0.0])
        v, y = beside_the_last(target, n)
        higher = n * v * y ** (3 * n - 4) * (1.11 * y**2 + 0.54 * n * v**2) * size
        found.append(largest(Problem(target, n + 1, GradientDescent())) * higher)
    assert np.argmax(found) == 4
    assert found[4] <= 0.2
    assert n < 1000 or found[4] > 0.195


def beside_the_last(target: np.ndarray, n: int) -> tuple[float, float]:
    """``(v, y)`` of N4."""
    norm = 1.06 * (np.linalg.norm(target, 2) + frobenius_norm(target))
    v = brentq(lambda v: v * (1 + v**2) ** (n / 2) - norm, 0, norm, xtol=1e-18, rtol=1e-15)
    return v, math.sqrt(1 + v**2 + 1 / (10 * n))
