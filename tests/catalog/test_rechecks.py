"""Rechecking confirms what is so, and refuses a certificate that is changed anywhere."""

import copy
import math
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import pytest
from bad_values import ZOO
from exact_targets import MIRRORED, SYMMETRIC, read

from catalog.certificate_form import FEWEST_BITS, signed
from catalog.certificates import certify
from catalog.rechecks import recheck

pytest.importorskip("flint")

CASES = {
    "learned": lambda: certify(SYMMETRIC, 3, tol=1e-6, floor=1e-9),
    "stuck": lambda: certify(MIRRORED, 2, steps=50, tol=1e-6, floor=2.0),
}


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Places of everything in a certificate that is no container."""
    if isinstance(value, dict | list):
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from leaves(item, (*path, key))
    else:
        yield path


def changed(certificate: dict[str, Any], path: tuple[Any, ...], value: Any) -> dict[str, Any]:
    """The certificate with another value at one place."""
    result = copy.deepcopy(certificate)
    place: Any = result
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    return result


ARABIC = {ord("0") + digit: ord("\N{ARABIC-INDIC DIGIT ZERO}") + digit for digit in range(10)}


def others(value: Any) -> Iterator[Any]:
    """Values to put in the place of another: near it, and far from it."""
    yield from (None, "", 7, "certified", "inconclusive", "refuted", [], {}, 0.5, True)
    if isinstance(value, int):
        yield from (value + 1, value - 1, 2 * value, str(value), float(value))
    if isinstance(value, str):
        for i, letter in enumerate(value):
            if letter.isdigit():
                yield from (f"{value[:i]}{digit}{value[i + 1 :]}" for digit in {(int(letter) + k) % 10 for k in (1, 9)})
        yield from (f"{value} ", f"-{value}", f"{value}0", value.upper(), value.translate(ARABIC))


TRUE_OF_OTHERS = {("precision",), ("tol",), ("floor",)}
"""What another value leaves true, mostly, once the digest is renewed."""


@pytest.mark.parametrize("case", CASES)
def test_a_certificate_changed_anywhere_is_refused(case: str) -> None:
    certificate = read(CASES[case]())
    assert recheck(certificate) == ""
    tried = 0
    for path in leaves(certificate):
        value = certificate
        for key in path:
            value = value[key]
        for other in others(value):
            if type(other) is type(value) and other == value:
                continue
            tampered = changed(certificate, path, other)
            tried += 1
            assert recheck(tampered), f"{path} changed from {value!r} to {other!r}"
            if path not in TRUE_OF_OTHERS and path != ("digest",):
                assert recheck(signed(tampered)), f"{path} changed from {value!r} to {other!r}, digest renewed"
    assert tried > 500


@pytest.mark.parametrize("case", CASES)
def test_a_certificate_with_more_or_less_in_it_is_refused(case: str) -> None:
    certificate = read(CASES[case]())
    for key in set(certificate) - {"digest"}:
        assert recheck(signed({name: value for name, value in certificate.items() if name != key}))
    assert recheck(signed({**certificate, "note": 1}))
    points = certificate["checkpoints"]
    for wrong in (points[:-1], points[1:], [], [{**points[0], "more": 1}, *points[1:]]):
        assert recheck(signed({**certificate, "checkpoints": wrong}))
    assert recheck(signed({**certificate, "target": certificate["target"][:-1]}))
    assert recheck({}) != ""


@pytest.mark.parametrize("field", sorted(CASES["learned"]()))
def test_anything_in_the_place_of_a_field_is_refused_without_an_error(field: str) -> None:
    certificate = read(CASES["learned"]())
    for label, make in ZOO.items():
        if label != "none" or certificate[field] is not None:
            assert recheck({**certificate, field: make()}), field


@pytest.mark.parametrize(
    ("name", "value"), [("tol", "1/10"), ("tol", "1/100000000"), ("floor", "1/1000000"), ("floor", "3"), ("floor", "0")]
)
def test_another_threshold_for_which_the_statement_is_false_is_refused(name: str, value: str) -> None:
    certificate = read(certify(SYMMETRIC, 3, steps=60, tol=1e-6, floor=1e-9))
    assert certificate["verdicts"] == {"loss": "certified", "reach": "certified", "floor": "refuted"}
    assert recheck(signed({**certificate, name: value}))


@pytest.mark.parametrize(
    "interval",
    [
        ["5.0000000000000000e-1", "5.0000000000000001e-1"],
        ["4.9999999999999999e-1", "5.0000000000000000e-1"],
        ["4.999999999999999e-1", "5.000000000000001e-1"],
        ["4.99999999999999999e-1", "5.00000000000000001e-1"],
        ["4.9999999999999998e-1", "5.0000000000000001e-1"],
        ["0", "1e-300"],
    ],
)
def test_another_interval_is_refused(interval: list[str]) -> None:
    certificate = read(certify([[2.0]], 1, step_size=0.5, steps=0))
    assert certificate["checkpoints"] == [{"step": 0, "loss": ["4.9999999999999999e-1", "5.0000000000000001e-1"]}]
    assert recheck(signed({**certificate, "checkpoints": [{"step": 0, "loss": interval}]}))


def test_a_loss_far_below_the_first_precision_is_confirmed() -> None:
    found = certify([[0.0, -1.0], [1.0, 0.0]], 1, steps=300)
    assert Fraction(found["checkpoints"][-1]["loss"][0]) < Fraction(1, 10**180)
    assert recheck(read(found)) == ""


def test_as_many_bits_as_are_allowed_are_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    certificate = read(certify(SYMMETRIC, 3, steps=1))
    first = certificate["precision"] + FEWEST_BITS
    for most, reason in ((first - 1, f"its statements are not confirmed with {first - 1} bits"), (first, "")):
        monkeypatch.setattr("catalog.rechecks.MOST_BITS", most)
        assert recheck(certificate) == reason


def test_what_takes_too_long_is_not_followed() -> None:
    certificate = read(certify(SYMMETRIC, 3, steps=1))
    large = [["1" if i != j else "2" for j in range(17)] for i in range(17)]
    assert "too long" in recheck(signed({**certificate, "target": large}))
    wanted = [{"step": step, "loss": ["0", "1e-300"]} for step in (0, *(2**k for k in range(17)), 10**5)]
    assert "too long" in recheck(signed({**certificate, "steps": 10**5, "checkpoints": wanted}))


def test_a_wrong_verdict_is_refused_even_where_its_step_agrees() -> None:
    certificate = read(certify(SYMMETRIC, 3, steps=10, tol=1e-6, floor=1e-9))
    assert certificate["verdicts"] == {"loss": "certified", "reach": "refuted", "floor": "certified"}
    for step in range(11):
        verdicts = {**certificate["verdicts"], "reach": "certified"}
        assert recheck(signed({**certificate, "verdicts": verdicts, "reached": step}))
        verdicts = {**certificate["verdicts"], "floor": "refuted"}
        assert recheck(signed({**certificate, "verdicts": verdicts, "crossed": step}))


@pytest.mark.parametrize("field", ["depth", "target"])
def test_a_run_of_nothing_is_refused(field: str) -> None:
    certificate = read(certify(SYMMETRIC, 3, steps=0))
    assert recheck(signed({**certificate, field: [] if field == "target" else 0})) == "target or depth is empty"


def test_the_interval_of_a_loss_is_a_list_of_two_texts() -> None:
    certificate = read(certify(SYMMETRIC, 3, steps=0))
    [low, high] = certificate["checkpoints"][0]["loss"]
    for other in (None, 7, low, {}, [], [low], [low, high, high], [low, None], [None, high], {low: high, high: low}):
        assert recheck(signed({**certificate, "checkpoints": [{"step": 0, "loss": other}]})), other


def test_a_number_is_written_with_seventeen_digits_at_most() -> None:
    """The loss lies between 1.000000000000000010 and 1.000000000000000020, which a digit more could say."""
    distance = Fraction(math.isqrt(200000000000000003 * 10**43), 10**30)
    certificate = read(certify([1 + distance], 1, step_size=0.5, steps=0))
    assert certificate["checkpoints"][0]["loss"] == ["1.0000000000000000e0", "1.0000000000000001e0"]
    longer = ["1.00000000000000001e0", "1.00000000000000002e0"]
    assert recheck(signed({**certificate, "checkpoints": [{"step": 0, "loss": longer}]}))
