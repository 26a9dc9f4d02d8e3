"""Checks of arguments; each error is one line with the argument's name, its value and the fix.

A public function checks its arguments here, once, where they come in: a check returns what the function then works
with. What is called within a loop of its own package is not checked again.
"""

import difflib
import math
import numbers
import reprlib
from collections.abc import Callable, Iterable, Mapping, Sized
from typing import Any, TypeVar, cast

from dlr import _memory

__all__ = [
    "InputError",
    "brief",
    "fits",
    "flag",
    "function",
    "instance",
    "instances",
    "integer",
    "listed",
    "mapping",
    "number",
    "one_of",
    "settle",
    "text",
]

Kind = TypeVar("Kind")


class InputError(ValueError):
    """Bad input; the message is one line that names the argument, its value and the fix."""


class _Repr(reprlib.Repr):
    """Short representations of any object; of an integer that Python refuses to print, its size."""

    def repr_int(self, x: int, level: int) -> str:
        return repr(x) if x.bit_length() < 2000 else f"<an integer of {x.bit_length()} bits>"


_SHORT = _Repr()
_SHORT.maxstring = _SHORT.maxother = _SHORT.maxlong = 10_000


def brief(value: object, width: int = 60) -> str:
    """``repr(value)`` on one line, shortened to ``width`` characters; works for every object."""
    written = " ".join(_SHORT.repr(value).split())
    return written if len(written) <= width else written[: width - 3] + "..."


def integer(name: str, value: object, *, minimum: int = 1, maximum: int | None = None) -> int:
    """``value`` as an int of at least ``minimum`` and at most ``maximum``.

    Raises
    ------
    InputError
        If ``value`` is not an integer (bools and floats are refused) or is out of range.
    """
    if type(value) is not int and (isinstance(value, bool) or not isinstance(value, numbers.Integral)):
        raise InputError(f"{name} must be an integer, got {brief(value)}: pass an int >= {brief(minimum)}")
    result = int(value)
    if result < minimum:
        raise InputError(
            f"{name} must be at least {brief(minimum)}, got {brief(result)}: pass an int >= {brief(minimum)}"
        )
    if maximum is not None and result > maximum:
        raise InputError(f"{name} must be at most {brief(maximum)}, got {brief(result)}: pass an int in that range")
    return result


def number(
    name: str,
    value: object,
    *,
    minimum: float = -math.inf,
    maximum: float = math.inf,
    above: float = -math.inf,
    finite: bool = True,
) -> float:
    """``value`` as a float with ``minimum <= value <= maximum`` and ``value > above``.

    Raises
    ------
    InputError
        If ``value`` is not a real number or lies outside the range. NaN and infinities are refused too, unless
        ``finite`` is False; NaN is then in every range.
    """
    if type(value) is not float:
        value = _real(name, value, lambda: _range(minimum, maximum, above))
    if not math.isfinite(value):
        if finite:
            raise InputError(f"{name} must be finite, got {value}: pass {_range(minimum, maximum, above)}")
        if math.isnan(value):
            return value
    if value < minimum or value > maximum or (value <= above and above > -math.inf):
        wanted = _range(minimum, maximum, above)
        raise InputError(f"{name} must be {wanted}, got {value:g}: pass a value in that range")
    return value


def _range(minimum: float, maximum: float, above: float) -> str:
    wanted = f"a number > {above:g}" if above > -math.inf else "a number"
    wanted += f" >= {minimum:g}" if minimum > -math.inf else ""
    return wanted + (f" <= {maximum:g}" if maximum < math.inf else "")


def _real(name: str, value: object, wanted: Callable[[], str]) -> float:
    if type(value) is not int and (isinstance(value, bool) or not isinstance(value, numbers.Real)):
        raise InputError(f"{name} must be {wanted()}, got {brief(value)}: pass a real number")
    try:
        return float(value)
    except OverflowError:
        raise InputError(f"{name} must fit in float64, got {brief(value)}: pass {wanted()}") from None


def flag(name: str, value: object) -> bool:
    """``value`` if it is a bool."""
    if not isinstance(value, bool):
        raise InputError(f"{name} must be a bool, got {brief(value)}: pass True or False")
    return value


def text(name: str, value: object) -> str:
    """``value`` if it is a string."""
    if not isinstance(value, str):
        raise InputError(f"{name} must be a string, got {brief(value)}: pass text in quotes")
    return value


def function(name: str, value: object) -> Any:
    """``value`` if it can be called."""
    if not callable(value):
        raise InputError(f"{name} must be a function, got {brief(value)}: pass a callable")
    return value


def instance(name: str, value: object, kind: type[Kind], *others: type[Kind]) -> Kind:
    """``value`` if it is an instance of one of these classes."""
    if not isinstance(value, (kind, *others)):
        wanted = " or ".join(other.__name__ for other in (kind, *others))
        raise InputError(f"{name} must be of type {wanted}, got {brief(value)}: pass an instance")
    return cast(Kind, value)


def instances(name: str, value: object, kind: type[Any], *others: type[Any]) -> tuple[Any, ...]:
    """``value`` if it is a tuple of such instances."""
    if not isinstance(value, tuple) or not all(isinstance(item, (kind, *others)) for item in value):
        wanted = " or ".join(other.__name__ for other in (kind, *others))
        raise InputError(f"{name} must be a tuple of {wanted}, got {brief(value)}: pass (first, ...), () for none")
    return value


def listed(name: str, value: object) -> tuple[Any, ...]:
    """The items of an iterable; a string is none, and a range that does not fit in memory is refused."""
    if isinstance(value, str | bytes) or not isinstance(value, Iterable):
        raise InputError(f"{name} must be a list, got {brief(value)}: pass [first, ...]")
    try:
        fits(name, value, 8 * len(value) if isinstance(value, Sized) else 0, "pass fewer")
        return tuple(value)
    except InputError:
        raise
    except Exception as error:  # objects may raise anything
        raise InputError(f"{name} must be a list, got {brief(value)} ({brief(error)}): pass [first, ...]") from None


def mapping(name: str, value: object, kind: Any, *others: Any) -> Mapping[str, Any]:
    """``value`` if it is a mapping from strings to such instances."""
    if not isinstance(value, Mapping) or not all(
        isinstance(key, str) and isinstance(item, (kind, *others)) for key, item in value.items()
    ):
        wanted = " or ".join(other.__name__ for other in (kind, *others))
        raise InputError(f"{name} must map strings to {wanted}, got {brief(value)}: pass a dict, {{}} for none")
    return value


def one_of(name: str, value: object, options: Iterable[str]) -> str:
    """``value`` if it is among ``options``; otherwise an `InputError` with the nearest names."""
    known = sorted(options)
    if isinstance(value, str) and value in known:
        return value
    near = difflib.get_close_matches(value[:100], known, n=3, cutoff=0.4) if isinstance(value, str) else []
    listing = ", ".join(known) if len(known) <= 50 else f"{', '.join(known[:20])}, ... ({len(known)} in all)"
    hint = f"did you mean {' or '.join(near)}?" if near else f"choose from {listing}"
    raise InputError(f"{name} {brief(value)} is unknown: {hint}")


def fits(name: str, value: object, size: int, fix: str) -> None:
    """Refuse ``value`` where what it asks for, ``size`` bytes, is more than `dlr._memory.limit`."""
    if size > _memory.limit():
        raise InputError(
            f"{name} must fit in memory, got {brief(value)}: needs {_memory.readable(size)} of at most "
            f"{_memory.readable(_memory.limit())}, {fix}"
        )


def settle(record: object, **values: Any) -> None:
    """Give fields of a frozen dataclass their checked values; for its ``__post_init__``."""
    for name, value in values.items():
        object.__setattr__(record, name, value)
