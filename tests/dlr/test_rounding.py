"""Rounding allowances at values that can be computed by hand, and powers at the ends of the floats."""

import math

import numpy as np
import pytest

from catalog.agreement import SINGLE
from dlr import NoMarginError, PowerProjection, rounding
from dlr.rounding import contraction_rounding, floor_rounding, matrix_rounding, power
from dlr.solver import problem_for

EPSILON = 2.0**-52


def test_known_allowances() -> None:
    assert matrix_rounding(3, 2) == 18 * EPSILON
    assert matrix_rounding(3, 2, 2.0**-23) == 18 * 2.0**-23
    assert matrix_rounding(3, 0) == matrix_rounding(3, 2, 0.0) == 0
    assert floor_rounding(np.diag([3.0, 4.0]), 1.0) == 2 * EPSILON * (1 + 2 * 5 * 2)


def test_rounding_of_a_contraction() -> None:
    """A step's gradient and the storing of its layers, over the rate, and once the product."""
    assert contraction_rounding(1, 1, 1.0, 1.0, 0.5) == (1 + 2) / 0.5 * EPSILON + EPSILON
    assert contraction_rounding(4, 2, 4.0, 0.5, 0.25) == (2 * 4 * (2 + 0.5 * 64 * 4) / 0.25 + 32 * 4) * EPSILON
    assert contraction_rounding(4, 2, 4.0, 0.5, 0.0) == contraction_rounding(4, 2, math.inf, 0.5, 0.5) == math.inf
    assert contraction_rounding(4, 2, 4.0, math.inf, 0.5) == math.inf
    assert contraction_rounding(4, 2, 4.0, 0.5, math.inf) == 32 * 4 * EPSILON


@pytest.mark.parametrize(
    ("base", "exponent", "value"),
    [
        (2.0, 0.5, math.sqrt(2)),
        (1e200, 2.0, math.inf),
        (0.0, -1.0, math.inf),
        (-1.0, 0.5, math.nan),
        (math.inf, -1.0, 0.0),
        (2.0, -math.inf, 0.0),
    ],
)
def test_powers_do_not_raise(base: float, exponent: float, value: float) -> None:
    assert power(base, exponent) == pytest.approx(value, rel=EPSILON, nan_ok=True)


def test_machine_epsilon_is_numpys() -> None:
    assert np.finfo(np.float64).eps == rounding.EPSILON
    assert np.finfo(np.float32).eps == SINGLE


def test_a_margin_counts_from_1e_12_of_the_norm_on() -> None:
    assert problem_for(np.diag([1.0, 1.05e-12]), 3, PowerProjection()).algorithm.margin == 1.05e-12
    with pytest.raises(NoMarginError):
        problem_for(np.diag([1.0, 0.95e-12]), 3, PowerProjection())
