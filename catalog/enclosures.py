"""Functions for the steps of a proof: of floats, and of balls (``flint.arb``), where the result encloses every value.

In a step write ``2 * x / 3``, not ``2 / 3 * x``: the latter rounds in floating point before it meets the ball.
"""

import math
from collections.abc import Callable
from typing import Any, TypeAlias

Number: TypeAlias = Any
"""A float or a ball."""

NEAR_ZERO = 2.0**-30
"""Where the quotients by x and x^2 are taken from their series: ``|remainder| <= x^2`` after the linear term."""


def exp(x: Number) -> Number:
    """``e^x``."""
    return math.exp(x) if _is_float(x) else x.exp()


def log(x: Number) -> Number:
    """``ln x``."""
    return math.log(x) if _is_float(x) else x.log()


def sqrt(x: Number) -> Number:
    """Square root."""
    return math.sqrt(x) if _is_float(x) else x.sqrt()


def sin(x: Number) -> Number:
    """Sine."""
    return math.sin(x) if _is_float(x) else x.sin()


def pi(like: Number) -> Number:
    """Pi, as a float or ball as ``like`` is."""
    return math.pi if _is_float(like) else type(like).pi()


def power(base: Number, exponent: Number) -> Number:
    """``base ** exponent`` for a positive base."""
    return exp(exponent * log(base))


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
    return math.expm1(x) if _is_float(x) else x.expm1()


def log1p(x: Number) -> Number:
    """``ln(1 + x)``."""
    return math.log1p(x) if _is_float(x) else x.log1p()


def _is_float(x: Number) -> bool:
    return isinstance(x, (int, float))


def _quotient(x: Number, direct: Callable[[Number], Number], constant: int, slope: int) -> Number:
    """A monotone function with the series ``1/constant + x/slope + ...``; of a ball, from its two ends."""
    if _is_float(x):
        return direct(x) if abs(x) > 1e-5 else 1 / constant + x / slope
    ends = []
    for end in (x.lower(), x.upper()):
        if abs(end) < NEAR_ZERO:
            ends.append(type(x)(1) / constant + end / slope + type(x)(0, 1) * end**2)
        else:
            ends.append(direct(end))
    return ends[0].union(ends[1])
