"""Arithmetic on floats without rounding is the arithmetic of fractions."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from catalog.dyadic import Dyadic

floats = st.floats(allow_nan=False, allow_infinity=False)
matrices = arrays(np.float64, (2, 2), elements=floats)


def fractions(exact: Dyadic) -> list[Fraction]:
    return [Fraction(unit) * Fraction(2) ** exact.exponent for unit in exact.units.flat]


@given(matrices, matrices, floats)
def test_operations_are_those_of_fractions(A, B, c) -> None:
    first, second = ([[Fraction(x) for x in row] for row in matrix.tolist()] for matrix in (A, B))
    pairs = [(first[i][j], second[i][j]) for i in range(2) for j in range(2)]
    product = [sum(first[i][k] * second[k][j] for k in range(2)) for i in range(2) for j in range(2)]
    assert fractions(Dyadic.of(A) @ Dyadic.of(B)) == product
    assert fractions(Dyadic.of(A) + Dyadic.of(B)) == [x + y for x, y in pairs]
    assert fractions(Dyadic.of(A) - Dyadic.of(B)) == [x - y for x, y in pairs]
    assert fractions(Dyadic.of(c) * Dyadic.of(A)) == [Fraction(c) * x for x, _ in pairs]
    assert fractions(Dyadic.of(A).transposed) == [first[j][i] for i in range(2) for j in range(2)]


@given(arrays(np.float64, (2, 3, 3), elements=floats))
def test_back_to_floats_is_the_same(stack) -> None:
    assert np.array_equal(Dyadic.of(stack).floats(), stack)
    assert np.array_equal(Dyadic.of(stack)[1].floats(), stack[1])
    assert np.array_equal(Dyadic.stack([Dyadic.of(matrix) for matrix in stack]).floats(), stack)


def test_a_result_is_rounded_once() -> None:
    tiny = Dyadic.of(2.0**-60)
    assert float((Dyadic.of(1.0) + tiny - Dyadic.of(1.0)).floats()) == 2.0**-60
    assert float((Dyadic.of(1.0) + tiny).floats()) == 1.0


def test_what_is_no_number_raises() -> None:
    for value in (np.inf, np.nan):
        with pytest.raises((OverflowError, ValueError)):
            Dyadic.of(value)
    with pytest.raises(OverflowError):
        (Dyadic.of(1e300) * Dyadic.of(1e300)).floats()


@pytest.mark.parametrize("exponent", [-60, -1, 0, 1, 60])
def test_units_of_any_size_become_floats(exponent: int) -> None:
    units = np.array([3, -5], dtype=object)
    assert Dyadic(units, exponent).floats().tolist() == [3 * 2.0**exponent, -5 * 2.0**exponent]
