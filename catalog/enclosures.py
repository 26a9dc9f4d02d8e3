"""Functions for the steps of a proof: of floats, and of balls (``flint.arb``), where the result encloses every value.

In a step write ``2 * x / 3``, not ``2 / 3 * x``: the latter rounds in floating point before it meets the ball.
"""

import math
import numbers
from collections.abc import Callable
from typing import Any, TypeAlias

from dlr.arguments import InputError, brief, number

__all__ = [
    "NEAR_ZERO",
    "Number",
    "exp",
    "expm1",
    "expm1_over",
    "log",
    "log1p",
    "log1p_over",
    "pi",
    "power",
    "remainder_over",
    "sin",
    "sqrt",
]

Number: TypeAlias = Any
"""A float or a ball."""

NEAR_ZERO = 2.0**-30
NEAR_ZERO_IN_FLOATS = 1e-5
"""Where the quotients by x and x^2 are taken from their series: ``|remainder| <= x^2`` after the linear term."""


def exp(x: Number) -> Number:
    """``e^x``."""
    return _value("exp", "x", x)


def log(x: Number) -> Number:
    """``ln x``."""
    return _value("log", "x", x)


def sqrt(x: Number) -> Number:
    """Square root."""
    return _value("sqrt", "x", x)


def sin(x: Number) -> Number:
    """Sine."""
    return _value("sin", "x", x)


def pi(like: Number) -> Number:
    """Pi, as a float or ball as ``like`` is."""
    return math.pi if isinstance(_checked("like", like), float) else type(like).pi()


def power(base: Number, exponent: Number) -> Number:
    """``base ** exponent`` for a positive base."""
    return exp(_checked("exponent", exponent) * _value("log", "base", base))


def expm1_over(x: Number) -> Number:
    """``(e^x - 1) / x``, 1 at 0; increasing."""
    return _quotient(x, lambda p: expm1(p) / p, 1, 2)


def remainder_over(x: Number) -> Number:
    """``(e^x - 1 - x) / x^2``, 1/2 at 0; increasing."""
    return _quotient(x, lambda p: (expm1(p) - p) / p**2, 2, 6)


def log1p_over(x: Number) -> Number:
    """``ln(1 + x) / x``, 1 at 0; decreasing."""
    return _quotient(x, lambda p: log1p(p) / p, 1, -2)


def expm1(x: Number) -> Number:
    """``e^x - 1``."""
    return _value("expm1", "x", x)


def log1p(x: Number) -> Number:
    """``ln(1 + x)``."""
    return _value("log1p", "x", x)


def _checked(name: str, x: Number) -> Number:
    """A real number as a float, or a ball as it is."""
    if hasattr(x, "union") and hasattr(x, "lower"):
        return x
    if isinstance(x, numbers.Real):
        return number(name, x, finite=False)
    raise InputError(f"{name} must be a number or a ball, got {brief(x)}: pass a float or a flint.arb")


def _value(function: str, name: str, x: Number) -> Number:
    """A function of ``math``, infinite where it overflows, or the method of a ball that has its name."""
    x = _checked(name, x)
    if not isinstance(x, float):
        return getattr(x, function)()
    try:
        return getattr(math, function)(x)
    except OverflowError:
        return math.inf
    except ValueError:
        raise InputError(
            f"{name} must be where {function} is defined, got {x:g}: pass a number in its domain"
        ) from None


def _quotient(x: Number, direct: Callable[[Number], Number], constant: int, slope: int) -> Number:
    """A monotone function with the series ``1/constant + x/slope + ...``; of a ball, from its two ends."""
    x = _checked("x", x)
    if isinstance(x, float):
        try:
            return direct(x) if abs(x) > NEAR_ZERO_IN_FLOATS else 1 / constant + x / slope
        except OverflowError:  # of a square
            return math.inf if x > 0 else 0.0
    ends = []
    for end in (x.lower(), x.upper()):
        if abs(end) < NEAR_ZERO:
            ends.append(type(x)(1) / constant + end / slope + type(x)(0, 1) * end**2)
        else:
            ends.append(direct(end))
    return ends[0].union(ends[1])
