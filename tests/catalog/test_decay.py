"""How a proved bound on the error becomes a number of steps, and a run's decay a ratio."""

import math
import sys

import mpmath as mp
import numpy as np
import pytest

from catalog.claim import Contraction
from catalog.decay import decay_ratio, step_decay_ratio


@pytest.mark.parametrize("rounding", [0.0, 1e-6])
@pytest.mark.parametrize(("tol", "start", "rate"), [(0.5, np.e**3, 0.1), (1e-9, 1 / 12, 0.2), (0.02, 7.0, 0.9)])
def test_steps_are_the_least_that_the_bound_gives(tol: float, start: float, rate: float, rounding: float) -> None:
    steps = Contraction(start, rate, rounding).steps_to(tol)
    exact = mp.log(mp.mpf(start) / (mp.sqrt(2 * mp.mpf(tol)) - mp.mpf(rounding))) / mp.mpf(rate)
    assert exact - 1e-9 <= steps < exact + 1
    assert start * (1 - rate) ** steps + rounding <= math.sqrt(2 * tol) * (1 + 1e-12)


def test_steps_at_the_edges() -> None:
    assert Contraction(1.0, 0.1, 0.0).steps_to(0.5) == 0
    assert Contraction(0.0, 0.1, 0.0).steps_to(0.5) == 0
    assert Contraction(0.3, 0.0, 0.0).steps_to(0.5) == 0
    assert Contraction(1.0001, 1.0, 0.0).steps_to(0.5) == 1
    most = int(sys.float_info.max)
    for rate in (0.0, 5e-324, 1e-310):
        assert Contraction(np.e, rate, 0.0).steps_to(0.5) == most
    assert Contraction(np.inf, 0.1, 0.0).steps_to(0.5) == most
    assert Contraction(2.0, 0.1, 1.0).steps_to(0.5) == most


def test_a_tolerance_is_resolved_ten_roundings_up() -> None:
    assert Contraction(1.0, 0.1, 0.1).resolves(0.5)
    assert not Contraction(1.0, 0.1, 0.1 * (1 + 1e-9)).resolves(0.5)
    assert not Contraction(1.0, 0.1, math.inf).resolves(0.5)


def losses(*errors: float) -> np.ndarray:
    return np.array(errors) ** 2 / 2


def test_decay_at_the_bound_has_ratio_one() -> None:
    bound = Contraction(2.0, 0.25, 0.0)
    exact = [2.0 * 0.75**t for t in range(6)]
    assert decay_ratio(losses(*exact), 5, bound) == pytest.approx(1)
    assert step_decay_ratio(losses(*exact), bound) == pytest.approx(1)
    assert decay_ratio(losses(*(e * 0.9**t for t, e in enumerate(exact))), 5, bound) < 1
    assert decay_ratio(losses(*(e * 1.01 for e in exact)), 5, bound) > 1


def test_one_slow_step_shows_in_the_steps_alone() -> None:
    bound = Contraction(1.0, 0.5, 0.0)
    uneven = losses(1.0, 0.1, 0.09, 0.001)
    assert decay_ratio(uneven, 3, bound) < 1
    assert step_decay_ratio(uneven, bound) == pytest.approx(math.log(2) / math.log(1 / 0.9))


def test_rounding_is_allowed_and_no_more() -> None:
    bound = Contraction(1.0, 0.5, 1e-3)
    assert decay_ratio(losses(1.0, 0.5, 0.001, 0.001), 100, bound) <= 1 + 1e-12
    assert decay_ratio(losses(1.0, 0.5, 0.0011, 0.0011), 100, bound) > 1
    assert step_decay_ratio(losses(1.0, 0.5, 0.001, 0.001, 0.001), bound) <= 1 + 1e-12


def test_no_decay_is_infinite() -> None:
    bound = Contraction(1.0, 0.5, 0.0)
    for bad in (losses(1.0, 1.0), losses(1.0, np.inf), losses(1.0, np.nan)):
        assert decay_ratio(bad, 1, bound) == math.inf
        assert step_decay_ratio(bad, bound) == math.inf
