"""Parameters of a family: their defaults and admissible ranges, checks of values, and a strategy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dlr.arguments import InputError, integer, number

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy


@dataclass(frozen=True)
class Parameter:
    """A number with a default and a closed admissible range."""

    default: float
    minimum: float
    maximum: float
    integral: bool

    def checked(self, name: str, value: object) -> float:
        """``value`` as int or float within the range.

        Raises
        ------
        InputError
            If ``value`` is of the wrong kind or out of range.
        """
        if not self.integral:
            return number(name, value, minimum=self.minimum, maximum=self.maximum)
        result = integer(name, value, minimum=int(self.minimum))
        if result > self.maximum:
            raise InputError(f"{name} must be at most {self.maximum:g}, got {result}: pass an int in that range")
        return result

    def strategy(self) -> SearchStrategy[Any]:
        """Draw from the range, shrinking toward its simplest value."""
        from hypothesis import strategies as st  # loaded where it is used: 0.3 s

        if self.integral:
            return st.integers(int(self.minimum), int(self.maximum))
        return st.floats(self.minimum, self.maximum, allow_nan=False, allow_subnormal=False)


def count(default: int, minimum: int, maximum: int) -> Parameter:
    """An integer parameter."""
    return Parameter(default, minimum, maximum, integral=True)


def real(default: float, minimum: float, maximum: float) -> Parameter:
    """A real parameter."""
    return Parameter(default, minimum, maximum, integral=False)


def seed() -> Parameter:
    """Seed of a random family's generator: 0 by default."""
    return Parameter(0, 0, 2**32 - 1, integral=True)
