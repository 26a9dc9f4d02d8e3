"""Intervals and matrices of intervals in fixed-point arithmetic, on Python's integers alone, for rechecking."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias

__all__: list[str] = []


@dataclass(frozen=True, slots=True)
class Interval:
    """All numbers from ``low / 2^bits`` to ``high / 2^bits``; every operation rounds outwards."""

    low: int
    high: int
    bits: int

    @classmethod
    def of(cls, x: Fraction | int, bits: int) -> Interval:
        """The least interval around a rational number."""
        numerator = x.numerator << bits
        return cls(numerator // x.denominator, -(-numerator // x.denominator), bits)

    @property
    def middle(self) -> Interval:
        """A single number in the middle, or next to it."""
        point = (self.low + self.high) >> 1
        return Interval(point, point, self.bits)

    @property
    def ends(self) -> tuple[Fraction, Fraction]:
        """Lower and upper end."""
        return Fraction(self.low, 1 << self.bits), Fraction(self.high, 1 << self.bits)

    def __neg__(self) -> Interval:
        return Interval(-self.high, -self.low, self.bits)

    def __add__(self, other: Interval) -> Interval:
        return Interval(self.low + other.low, self.high + other.high, self.bits)

    def __sub__(self, other: Interval) -> Interval:
        return Interval(self.low - other.high, self.high - other.low, self.bits)

    def __mul__(self, other: Interval) -> Interval:
        a, b, c, d = self.low, self.high, other.low, other.high
        if a >= 0 <= c:
            return Interval(a * c >> self.bits, -(-b * d >> self.bits), self.bits)
        products = (a * c, a * d, b * c, b * d)
        return Interval(min(products) >> self.bits, -(-max(products) >> self.bits), self.bits)


Row: TypeAlias = "list[Interval]"
Grid: TypeAlias = "list[Row]"


def times(A: Grid, B: Grid) -> Grid:
    """Product of two matrices."""
    columns = list(zip(*B, strict=True))
    return [[_total(x * y for x, y in zip(row, column, strict=True)) for column in columns] for row in A]


def transposed(A: Grid) -> Grid:
    """Rows and columns exchanged."""
    return [list(column) for column in zip(*A, strict=True)]


def minus(A: Grid, B: Grid, factor: Interval | None = None) -> Grid:
    """``A - factor B``."""
    if factor is not None:
        B = [[factor * y for y in row] for row in B]
    return [[x - y for x, y in zip(first, second, strict=True)] for first, second in zip(A, B, strict=True)]


def _total(terms: Iterator[Interval]) -> Interval:
    total = next(terms)
    for term in terms:
        total = total + term
    return total
