"""Intervals of integers hold what they are computed from, and are as narrow as they can be."""

from fractions import Fraction
from itertools import product

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from catalog.intervals import Interval, _product, minus, times, transposed


@given(*[st.fractions(-4, 4, max_denominator=1000)] * 4, st.integers(1, 40))
def test_intervals_hold_what_they_are_computed_from(a, b, c, d, bits: int) -> None:
    first, second = (
        Interval(Interval.of(min(x, y), bits).low, Interval.of(max(x, y), bits).high, bits) for x, y in ((a, b), (c, d))
    )
    for x in (a, b, (a + b) / 2):
        for y in (c, d, (c + d) / 2):
            for interval, value in (
                (first + second, x + y),
                (first - second, x - y),
                (first * second, x * y),
                (-first, -x),
            ):
                low, high = interval.ends
                assert low <= value <= high


ENDS = [(low, high) for low in range(-3, 4) for high in range(low, 4)]
"""Every interval of small integers: what an end is depends on the signs."""


def test_the_ends_of_a_product_are_the_extremes_over_its_corners() -> None:
    for (a, b), (c, d) in product(ENDS, repeat=2):
        corners = [x * y for x in (a, b) for y in (c, d)]
        assert _product(Interval(a, b, 0), Interval(c, d, 0)) == (min(corners), max(corners)), (a, b, c, d)


def test_sums_are_exact_and_products_rounded_outwards_once() -> None:
    for (a, b), (c, d) in product(ENDS, repeat=2):
        first, second = Interval(a, b, 2), Interval(c, d, 2)
        low, high = _product(first, second)
        assert first + second == Interval(a + c, b + d, 2)
        assert first - second == first + -second == Interval(a - d, b - c, 2)
        assert first * second == Interval(low // 4, -(-high // 4), 2)


def test_a_number_is_in_the_least_interval_around_it() -> None:
    for numerator, denominator, bits in product(range(-9, 10), (1, 2, 3, 4, 8), range(4)):
        x = Fraction(numerator, denominator)
        found = Interval.of(x, bits)
        assert found.bits == bits
        assert found.low <= x * 2**bits <= found.high
        assert found.high - found.low == int((x * 2**bits).denominator != 1)
        assert found.ends == (Fraction(found.low, 2**bits), Fraction(found.high, 2**bits))


def test_the_middle_of_an_interval_is_a_number_in_it() -> None:
    for low, high in ENDS:
        assert Interval(low, high, 1).middle == Interval((low + high) // 2, (low + high) // 2, 1)


def test_matrices_are_multiplied_with_one_rounding_an_entry() -> None:
    first, second = [[1, -2, 3], [4, 5, -6]], [[7, -1], [2, 3], [-5, 2]]
    A, B = ([[Interval(x, x, 3) for x in row] for row in matrix] for matrix in (first, second))
    exact = (np.array(first) @ second).tolist()
    assert times(A, B) == [[Interval(x // 8, -(-x // 8), 3) for x in row] for row in exact]
    wide = [[Interval(-1, 2, 3), Interval(3, 3, 3)]], [[Interval(-3, 1, 3)], [Interval(5, 6, 3)]]
    assert times(*wide) == [[Interval((-6 + 15) // 8, -(-(3 + 18) // 8), 3)]]
    assert transposed(A) == [[Interval(x, x, 3) for x in column] for column in np.transpose(first).tolist()]


def test_a_difference_of_matrices_takes_the_second_times_a_factor() -> None:
    A, B = ([[Interval(x, x + 1, 3) for x in row] for row in matrix] for matrix in ([[8, 1]], [[3, -2]]))
    half = Interval.of(Fraction(1, 2), 3)
    assert minus(A, B) == [[Interval(4, 6, 3), Interval(2, 4, 3)]]
    assert minus(A, B, half) == [[x - half * y for x, y in zip(A[0], B[0], strict=True)]]
    assert minus(A, B, half) != minus(A, B)
