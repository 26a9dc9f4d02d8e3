"""Parameters of a family: their defaults and admissible ranges, checks of values, and a strategy."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dlr.arguments import flag, integer, number, settle, text

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy


__all__ = ["Parameter", "count", "real", "seed"]

LARGEST = 2**63 - 1
"""Largest magnitude of an integer."""


@dataclass(frozen=True)
class Parameter:
    """A number with a default and a closed admissible range.

    Raises
    ------
    InputError
        If the ends are out of order, or the default is not between them.
    """

    default: float
    minimum: float
    maximum: float
    integral: bool

    def __post_init__(self) -> None:
        if flag("integral", self.integral):
            least = integer("minimum", self.minimum, minimum=-LARGEST, maximum=LARGEST)
            settle(self, minimum=least, maximum=integer("maximum", self.maximum, minimum=least, maximum=LARGEST))
        else:
            low = number("minimum", self.minimum)
            settle(self, minimum=low, maximum=number("maximum", self.maximum, minimum=low))
        settle(self, default=self.checked("default", self.default))

    def checked(self, name: str, value: object) -> float:
        """``value`` as int or float within the range.

        Raises
        ------
        InputError
            If ``value`` is of the wrong kind or out of range.
        """
        text("name", name)
        if not self.integral:
            return number(name, value, minimum=self.minimum, maximum=self.maximum)
        return integer(name, value, minimum=int(self.minimum), maximum=int(self.maximum))

    def strategy(self) -> SearchStrategy[Any]:
        """Draw from the range, shrinking toward its simplest value."""
        from hypothesis import strategies as st  # loaded where it is used: 0.3 s

        if self.integral:
            return st.integers(int(self.minimum), int(self.maximum))
        subnormal = any(0 < abs(end) < sys.float_info.min for end in (self.minimum, self.maximum))
        return st.floats(self.minimum, self.maximum, allow_subnormal=subnormal)


def count(default: int, minimum: int, maximum: int) -> Parameter:
    """An integer parameter."""
    return Parameter(default, minimum, maximum, integral=True)


def real(default: float, minimum: float, maximum: float) -> Parameter:
    """A real parameter."""
    return Parameter(default, minimum, maximum, integral=False)


def seed() -> Parameter:
    """Seed of a random family's generator: 0 by default."""
    return Parameter(0, 0, 2**32 - 1, integral=True)
