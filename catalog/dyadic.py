"""Exact arithmetic with matrices of floating-point numbers, which are integers times a power of two.

Sums and products of such matrices have the same form, so that no operation rounds; integers grow as long as it takes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dlr.types import Matrix

__all__: list[str] = []

BITS = 53
"""Of the mantissa of a float64."""


@dataclass(frozen=True)
class Dyadic:
    """A number, a matrix or a stack of matrices ``units * 2^exponent``.

    Attributes
    ----------
    units : ndarray of int, any shape
        Python's integers, of any length.
    exponent : int
    """

    units: NDArray[np.object_]
    exponent: int

    @classmethod
    def of(cls, numbers: Matrix | float) -> Dyadic:
        """Floats as they are, to the last bit.

        Raises
        ------
        ValueError
            If one is infinite or NaN.
        """
        numbers = np.asarray(numbers, dtype=np.float64)
        if not np.isfinite(numbers).all():
            raise ValueError("an infinity or NaN is no integer times a power of two")
        mantissas, exponents = np.frexp(numbers)
        units = np.ldexp(mantissas, BITS).astype(np.int64)
        least = int(np.min(exponents, initial=0, where=mantissas != 0))
        shifts = np.maximum(exponents - least, 0)
        shifted = [unit << shift for unit, shift in zip(units.ravel().tolist(), shifts.ravel().tolist(), strict=True)]
        return cls(_array(shifted, units.shape), least - BITS)

    @classmethod
    def stack(cls, matrices: Sequence[Dyadic]) -> Dyadic:
        """Matrices of one shape along a new first axis."""
        least = min(matrix.exponent for matrix in matrices)
        return cls(np.stack([matrix._units(least) for matrix in matrices]), least)

    def floats(self) -> Matrix:
        """Each number rounded once, to the nearest float.

        Raises
        ------
        OverflowError
            If one is too large for a float.
        """
        above, below = 1 << max(0, self.exponent), 1 << max(0, -self.exponent)
        rounded = [unit * above / below for unit in self.units.ravel().tolist()]
        return np.array(rounded, dtype=np.float64).reshape(self.units.shape)

    @property
    def transposed(self) -> Dyadic:
        """The last two axes exchanged."""
        return Dyadic(np.swapaxes(self.units, -1, -2), self.exponent)

    def __getitem__(self, index: int) -> Dyadic:
        return Dyadic(self.units[index], self.exponent)

    def __matmul__(self, other: Dyadic) -> Dyadic:
        return Dyadic(self.units @ other.units, self.exponent + other.exponent)

    def __mul__(self, other: Dyadic) -> Dyadic:
        return Dyadic(np.asarray(self.units * other.units, dtype=object), self.exponent + other.exponent)

    def __add__(self, other: Dyadic) -> Dyadic:
        least = min(self.exponent, other.exponent)
        return Dyadic(np.asarray(self._units(least) + other._units(least), dtype=object), least)

    def __sub__(self, other: Dyadic) -> Dyadic:
        least = min(self.exponent, other.exponent)
        return Dyadic(np.asarray(self._units(least) - other._units(least), dtype=object), least)

    def _units(self, exponent: int) -> NDArray[np.object_]:
        """What its units are at an exponent that is no larger."""
        return self.units if exponent == self.exponent else self.units * (1 << (self.exponent - exponent))


def _array(numbers: list[Any], shape: tuple[int, ...]) -> NDArray[np.object_]:
    """An array of Python's integers, which NumPy must not convert."""
    result = np.empty(len(numbers), dtype=object)
    result[:] = numbers
    return result.reshape(shape)
