"""Intervals and matrices of intervals in fixed-point arithmetic, on Python's integers alone, for rechecking."""

from __future__ import annotations

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
        return _rounded(*_product(self, other), self.bits)


Row: TypeAlias = "list[Interval]"
Grid: TypeAlias = "list[Row]"


def times(A: Grid, B: Grid) -> Grid:
    """Product of two matrices; each entry is rounded once."""
    bits, columns = A[0][0].bits, list(zip(*B, strict=True))
    return [[_dot(row, column, bits) for column in columns] for row in A]


def transposed(A: Grid) -> Grid:
    """Rows and columns exchanged."""
    return [list(column) for column in zip(*A, strict=True)]


def minus(A: Grid, B: Grid, factor: Interval | None = None) -> Grid:
    """``A - factor B``."""
    if factor is not None:
        B = [[factor * y for y in row] for row in B]
    return [[x - y for x, y in zip(first, second, strict=True)] for first, second in zip(A, B, strict=True)]


def _dot(row: Row, column: tuple[Interval, ...], bits: int) -> Interval:
    ends = [_product(x, y) for x, y in zip(row, column, strict=True)]
    return _rounded(sum(low for low, _ in ends), sum(high for _, high in ends), bits)


def _rounded(low: int, high: int, bits: int) -> Interval:
    """From ends in units of ``4^-bits``."""
    return Interval(low >> bits, -(-high >> bits), bits)


def _product(x: Interval, y: Interval) -> tuple[int, int]:
    """Ends of the product, exactly, in units of ``4^-bits``; which ones they are follows from the signs."""
    a, b, c, d = x.low, x.high, y.low, y.high
    if a >= 0:
        return (a * c if c >= 0 else b * c), (b * d if d >= 0 else a * d)
    if b <= 0:
        return (a * d if d >= 0 else b * d), (a * c if c < 0 else b * c)
    return min(a * d, b * c), max(a * c, b * d)
