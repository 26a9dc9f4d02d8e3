"""The functions of a proof's steps are those of mathematics, for floats, and for balls that hold every value."""

import math
from fractions import Fraction

import mpmath
import pytest

from catalog import enclosures
from dlr import InputError

POINTS = [-0.9, -1e-3, -1e-7, 1e-12, 1e-5, 0.3, 2.5, 30.0]
EXACT = {
    "exp": mpmath.exp,
    "expm1": mpmath.expm1,
    "log1p": mpmath.log1p,
    "sin": mpmath.sin,
    "log": mpmath.log,
    "sqrt": mpmath.sqrt,
    "expm1_over": lambda x: mpmath.expm1(x) / x,
    "remainder_over": lambda x: (mpmath.expm1(x) - x) / x**2,
    "log1p_over": lambda x: mpmath.log1p(x) / x,
}
POSITIVE = {"log", "sqrt"}


@pytest.mark.parametrize("name", EXACT)
def test_functions_of_floats_and_balls_are_the_exact_ones(name: str) -> None:
    flint = pytest.importorskip("flint")
    function = getattr(enclosures, name)
    for x in POINTS:
        if x > 0 or name not in POSITIVE:
            with mpmath.workdps(60):
                exact = EXACT[name](mpmath.mpf(x))
            assert function(x) == pytest.approx(float(exact), rel=1e-9, abs=0)
            ball = function(flint.arb(x))
            assert float(ball.lower()) <= float(exact) * (1 + 1e-15 * math.copysign(1, exact))
            assert float(exact) * (1 - 1e-15 * math.copysign(1, exact)) <= float(ball.upper())


@pytest.mark.parametrize(("name", "value"), [("expm1_over", 1.0), ("remainder_over", 0.5), ("log1p_over", 1.0)])
def test_quotients_have_their_limits_at_zero_and_cover_both_ends_of_a_ball(name: str, value: float) -> None:
    flint = pytest.importorskip("flint")
    function = getattr(enclosures, name)
    assert function(0.0) == value
    assert function(flint.arb(0)).contains(flint.arb(value))
    wide = function(flint.arb(0.25, 0.25))
    for x in (0.0, 0.1, 0.5):
        assert wide.contains(flint.arb(function(x)))
    assert wide.rad() < 0.25
    with flint.ctx.workprec(200), mpmath.workdps(60):  # where the series breaks off after its second term
        near, x = function(flint.arb(2.0**-31)), mpmath.mpf(2) ** -31
        assert near.overlaps(flint.arb(str(EXACT[name](x))))
    assert near.rad() <= 1.001 * 2.0**-62


@pytest.mark.parametrize(
    ("base", "exponent", "value"), [(2.0, 3.0, 8.0), (4.0, 0.5, 2.0), (0.5, -2.0, 4.0), (3.0, 0.0, 1.0)]
)
def test_powers_of_a_positive_base(base: float, exponent: float, value: float) -> None:
    flint = pytest.importorskip("flint")
    assert enclosures.power(base, exponent) == pytest.approx(value, rel=1e-12)
    assert enclosures.power(flint.arb(base), flint.arb(exponent)).contains(flint.arb(value))


def test_pi_is_of_the_kind_of_its_argument() -> None:
    flint = pytest.importorskip("flint")
    assert enclosures.pi(1.0) == enclosures.pi(Fraction(1, 3)) == math.pi
    assert isinstance(enclosures.pi(flint.arb(1)), flint.arb)


def test_what_overflows_is_infinite_and_what_is_undefined_is_refused() -> None:
    assert enclosures.exp(1e4) == enclosures.expm1_over(1e4) == enclosures.remainder_over(1e200) == math.inf
    assert enclosures.remainder_over(-1e200) == 0
    for function, name in ((enclosures.log, "log"), (enclosures.log1p, "log1p"), (enclosures.sqrt, "sqrt")):
        with pytest.raises(InputError, match=f"x must be where {name} is defined, got -2: pass a number in its domain"):
            function(-2.0)
    with pytest.raises(InputError, match="base must be where log is defined, got 0"):
        enclosures.power(0.0, 2.0)
    with pytest.raises(InputError, match="exponent must be a number or a ball, got '2'"):
        enclosures.power(2.0, "2")
