"""Pieces of the strategies: ranges of sizes and values, lists of numbers, rotations and dense matrices."""

import math
from collections.abc import Callable
from fractions import Fraction
from functools import cache, lru_cache, wraps
from typing import Any, TypeAlias, TypeVar, cast

import numpy as np
from hypothesis import strategies as st

from catalog._givens import ALL_TURNS, Rotations
from dlr.arguments import InputError, brief, flag, integer, number
from dlr.types import Matrix

Matrices: TypeAlias = st.SearchStrategy[Matrix]
Spectra: TypeAlias = st.SearchStrategy[list[float]]

F = TypeVar("F", bound=Callable[..., st.SearchStrategy[Any]])

LARGEST = 256
"""Largest dimension: the rotations of all its planes, from which a draw chooses, take 0.1 GB."""

LARGEST_DENSE = 90
"""Largest dimension of a matrix with a byte for each entry: an example of Hypothesis has 8 KiB to choose from."""

SIMPLE = tuple(map(Fraction, ("1", "2", "3", "1/2", "3/2", "5", "1/3", "2/3", "3/4", "7")))
DYADIC = (0.0, 1.0, -1.0, 2.0, -2.0, 0.5, -0.5, 3.0, -3.0, 1.5, -1.5, 0.25, -0.25)


def kept_strategy(make: F) -> F:
    """Make a strategy once for the same arguments: Hypothesis prepares each for its first draw, which takes time."""
    kept = lru_cache(maxsize=256, typed=True)(make)

    @wraps(make)
    def strategy(*arguments: Any, **named: Any) -> Any:
        try:
            hash((*arguments, *named.values()))
        except Exception:  # what can't be a key is refused, or made anew
            return make(*arguments, **named)
        return kept(*arguments, **named)

    return cast(F, strategy)


def size_range(min_dimension: int, max_dimension: int, largest: int = LARGEST) -> tuple[int, int]:
    low = integer("min_dimension", min_dimension, maximum=largest)
    return low, integer("max_dimension", max_dimension, minimum=low, maximum=largest)


def value_range(
    name: str,
    low: float,
    high: float,
    *,
    minimum: float = -math.inf,
    maximum: float = math.inf,
    above: float = -math.inf,
) -> tuple[float, float]:
    low = number(f"min_{name}", low, minimum=minimum, maximum=maximum, above=above)
    return low, number(f"max_{name}", high, minimum=low, maximum=maximum)


def signs_of(reflections: bool) -> st.SearchStrategy[float]:
    return st.sampled_from((1.0, -1.0) if flag("reflections", reflections) else (1.0,))


def checked_lists(name: str, lists: Spectra, *, minimum: float = -math.inf) -> Matrices:
    if not isinstance(lists, st.SearchStrategy):
        raise InputError(f"{name} must be a strategy of lists, got {brief(lists)}: pass spectra(), for example")

    def checked(values: list[float]) -> Matrix:
        if len(values) == 0:
            raise InputError(f"{name} must not be empty, got a draw of []: give its strategy min_size=1")
        return np.array([number(name, value, minimum=minimum) for value in values])

    return lists.map(checked)


@cache
def simple_numbers(low: float, high: float) -> st.SearchStrategy[float]:
    """Numbers from low to high: simple rationals times powers of ten, both ends often, and points between."""
    simple = simple_between(low, high)
    ends = (low, high) * (1 + len(simple) // 4)  # a third of the draws
    between = (min(max(low * (1 - t) + high * t, low), high) for t in (0.5, 0.25, 0.75))
    return st.sampled_from((*simple, *ends, *between))


def simple_between(low: float, high: float) -> list[float]:
    """The simple rationals times powers of ten from low to high, the simplest first; around 0, of six decades."""
    top, least = max(abs(low), abs(high), 1e-300), max(low, -high)
    first = math.floor(math.log10(least)) if least > 0 else math.floor(math.log10(top)) - 6
    decades = sorted(range(first, math.ceil(math.log10(top)) + 1), key=abs)
    signed = (sign * x * Fraction(10) ** k for k in decades for x in SIMPLE for sign in (1, -1))
    return list(dict.fromkeys(float(x) for x in (Fraction(1), Fraction(0), *signed) if low <= x <= high))


def lists_of(bounds: tuple[float, float], sizes: tuple[int, int]) -> Spectra:
    return st.lists(simple_numbers(*bounds), min_size=sizes[0], max_size=sizes[1])


def led_lists(first: tuple[float, float], bounds: tuple[float, float], sizes: tuple[int, int]) -> Spectra:
    """Lists whose first number has a different range than the rest."""
    return st.builds(
        lambda lead, rest: [lead, *rest], simple_numbers(*first), lists_of(bounds, (sizes[0] - 1, sizes[1] - 1))
    )


@cache
def plane_lists(size: int, options: tuple[Any, ...]) -> st.SearchStrategy[list[tuple[int, int, Any]]]:
    """Lists of coordinates i < j, each pair with one of the options."""
    planes = [(i, j, option) for j in range(size) for i in range(j) for option in options]
    return st.lists(st.sampled_from(planes), max_size=3 * size) if planes else st.builds(list)


def small_entries(peak: float) -> tuple[float, ...]:
    return (*(entry for entry in DYADIC if abs(entry) <= peak), peak, -peak)


@cache
def dense_matrices(size: int, table: tuple[float, ...]) -> Matrices:
    """Matrices with entries from a table that starts with 0, one draw each."""
    lookup = np.array([table[k % len(table)] for k in range(256)])
    raw = st.binary(min_size=size * size, max_size=size * size)
    return raw.map(lambda data: np.asarray(lookup[np.frombuffer(data, np.uint8)].reshape(size, size)))


@st.composite
def rotated(draw: st.DrawFn, spectra: Matrices, matrix: Callable[[Matrix, Rotations], Matrix]) -> Matrix:
    values = draw(spectra)
    return matrix(values, draw(plane_lists(len(values), ALL_TURNS)))
