"""The values of one axis of a sweep: one value, a list, or an evenly spaced range."""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from dlr.arguments import InputError, brief, integer, listed, number, one_of

__all__: list[str] = []

DIGITS = 12
"""Significant digits of the inner values of a range, so that they are read and written alike everywhere."""

MOST_VALUES = 1_000_000
"""Most values of an axis."""

RANGE_KEYS = ("from", "to", "count", "scale", "of")


def values_of(name: str, given: object, check: Callable[[str, object], Any]) -> Sequence[Any]:
    """The values of an axis in order, each as ``check`` returns it, none of them twice.

    Parameters
    ----------
    name : str
        The axis, for messages.
    given : object
        One value, a list of values and ranges, or one range: a mapping with ``from``, ``to``, ``count`` and ``scale``,
        ``"linear"`` (default) or ``"log"``. A range of two integers needs no count: it takes all between them.
    check : callable
        From name and value to what is kept of it, or an `InputError`.
    """
    many = isinstance(given, Iterable) and not isinstance(given, str | bytes | Mapping)
    parts = listed(name, given) if many else (given,)
    found: list[Any] = []
    for part in parts:
        items = _spread(name, part) if isinstance(part, Mapping) else (part,)
        if len(parts) == 1 and isinstance(items, range) and type(check(name, items[0])) is int:
            check(name, items[-1])
            return items
        found += [check(name, item) for item in items]
        if len(found) > MOST_VALUES:
            raise InputError(f"{name} must have at most {MOST_VALUES:,} values, got more: split it")
    if not found:
        raise InputError(f"{name} must have a value, got {brief(given)}: write one, or leave the key out")
    if len(set(found)) < len(found):
        twice = next(value for place, value in enumerate(found) if value in found[:place])
        raise InputError(f"{name} must have every value once, got {brief(twice)} twice: drop one")
    return tuple(found)


def _spread(name: str, given: Mapping[Any, Any]) -> Sequence[Any]:
    """The values of a range; with ``of`` each is a text, such as ``"0.5 default"``."""
    for key in given:
        one_of(f"key of the range {name}", key, RANGE_KEYS)
    for key in ("from", "to"):
        if key not in given:
            raise InputError(f"{name}.{key} must be given, got {brief(dict(given))}: write {{ from = 1, to = 9 }}")
    first, last = given["from"], given["to"]
    scale = one_of(f"{name}.scale", given.get("scale", "linear"), ("linear", "log"))
    whole = all(isinstance(end, int) and not isinstance(end, bool) for end in (first, last))
    if "count" not in given and whole and scale == "linear" and "of" not in given:
        return _all_between(name, first, last)
    low, high = number(f"{name}.from", first), number(f"{name}.to", last)
    if low >= high:
        raise InputError(f"{name}.to must be above {name}.from {low:g}, got {high:g}: write the smaller one first")
    if "count" not in given:
        raise InputError(f"{name}.count must be given, got {brief(dict(given))}: add count = 10, for one")
    count = integer(f"{name}.count", given["count"], minimum=2, maximum=MOST_VALUES)
    if scale == "log":
        number(f"{name}.from", low, above=0)
        inner = np.exp(np.linspace(math.log(low), math.log(high), count))[1:-1]
    else:
        inner = np.linspace(low, high, count)[1:-1]
    spaced = [low, *(float(f"{value:.{DIGITS}g}") for value in inner.tolist()), high]
    if "of" in given:
        return [f"{value!r} {given['of']}" for value in spaced]
    if whole and scale == "log":
        return list(dict.fromkeys(round(value) for value in spaced))
    return [int(value) for value in spaced] if whole and all(value.is_integer() for value in spaced) else spaced


def _all_between(name: str, first: int, last: int) -> Sequence[int]:
    low = integer(f"{name}.from", first, minimum=-(2**63))
    high = integer(f"{name}.to", last, minimum=low)
    if high - low >= MOST_VALUES:
        raise InputError(f"{name}.to must be at most {low + MOST_VALUES - 1:,}, got {high:,}: split the range")
    return range(low, high + 1)


def combinations(axes: Sequence[Sequence[Any]], places: Sequence[int]) -> Iterator[tuple[Any, ...]]:
    """The values at some places of the product of axes, of which the last changes fastest."""
    columns, stride = [], 1
    for values in reversed(axes):
        count = len(values)
        columns.append([values[place // stride % count] for place in places])
        stride *= count
    return zip(*reversed(columns), strict=True)


def size_of(axes: Sequence[Sequence[Any]]) -> int:
    """Number of combinations."""
    return math.prod(len(values) for values in axes)
