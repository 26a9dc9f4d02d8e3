"""How a certificate is written, and what limits it has."""

import hashlib
import json
from fractions import Fraction
from typing import Any, TypeAlias

__all__: list[str] = []

FORMAT = "deep-linear-residual certificate 1"

DIGITS = 17
"""Digits of the decimals between which a loss is stated to lie."""

NEGLIGIBLE = ("0", "1e-300")
"""The interval that is stated for every loss below its upper end."""

LEAST = Fraction(NEGLIGIBLE[1])
"""That end."""

LARGEST = 10**300
"""No loss of a certified run exceeds it."""

NEAR = Fraction(1, 2**64)
"""Distance from a decimal, in units of its last digit, up to which a loss is stated to lie around it."""

FEWEST_BITS = 64

MOST_DEPTH = 10**6
MOST_STEPS = 100_000
MOST_WORK = 2**21
"""Multiplications of a run, about: a thousand steps and more at d = 4, which took up to a minute to recheck."""

Certificate: TypeAlias = dict[str, Any]


def signed(certificate: Certificate) -> Certificate:
    """The certificate with its digest: against accidents, not against those who compute it anew."""
    content = {key: value for key, value in certificate.items() if key != "digest"}
    text = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return {**content, "digest": hashlib.sha256(text.encode()).hexdigest()}


def decimal_exponent(x: Fraction) -> int:
    """The integer k with ``10^k <= x < 10^(k+1)``, for ``x > 0``."""
    k = int((x.numerator.bit_length() - x.denominator.bit_length()) * 0.30103) - 2
    while Fraction(10) ** (k + 1) <= x:
        k += 1
    return k


def decimal(units: int, exponent: int) -> str:
    """``units * 10^exponent`` in scientific notation."""
    digits = str(units)
    return f"{digits[0]}.{digits[1:]}e{exponent + len(digits) - 1}"
