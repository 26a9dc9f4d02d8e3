"""Certificates: exact runs are enclosed, statements decided, and whatever is changed is refused."""

import copy
import json
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from bad_values import ZOO
from hypothesis import given, settings
from hypothesis import strategies as st

import catalog
from catalog import certificate_form, exact_runs, integer_runs, strategies
from catalog.certificate_form import signed
from catalog.certificates import certify
from catalog.claims import negative_eigenvalue_targets, reflections
from catalog.intervals import Interval
from catalog.rechecks import recheck
from dlr import GradientDescent, InputError, solver

flint = pytest.importorskip("flint")

ROTATION = [[0.625, -0.875], [0.875, 0.625]]
SHEAR = [[1.0, 2.0], [0.0, 1.0]]
SYMMETRIC = [[2.0, 0.5], [0.5, 1.0]]
SWAP = [[1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.0, 1.0, 0.0]]
REPEATED = [[3.0, 1.0, 1.0], [1.0, 3.0, 1.0], [1.0, 1.0, 3.0]]
"""Its eigenvalues are 5, 2 and 2."""
MIRRORED = [[-2.0, -0.5], [0.5, 1.0]]
METHODS = {"eigenvalues": [ROTATION, SYMMETRIC, SWAP, REPEATED, [[0.3]]], "half layers": [MIRRORED], "layers": [SHEAR]}
FEW = settings(max_examples=max(8, settings.default.max_examples // 20), deadline=None)


def read(certificate: dict[str, Any]) -> dict[str, Any]:
    """As it comes from a file."""
    return json.loads(json.dumps(certificate))


def fractional_losses(target: Any, depth: int, step_size: Fraction, steps: int) -> Iterator[Fraction]:
    """Excess losses in rational arithmetic, straight from the definition of the gradient."""
    d = len(target)
    identity = np.array([[Fraction(int(i == j)) for j in range(d)] for i in range(d)], dtype=object)
    Phi = np.array([[Fraction(x) for x in row] for row in target], dtype=object)
    layers = [identity] * depth

    def product(factors: list[Any]) -> Any:
        result = identity
        for factor in factors:
            result = factor @ result
        return result

    for _ in range(steps + 1):
        error = product(layers) - Phi
        yield sum(x * x for x in error.ravel()) / Fraction(2)
        gradients = [product(layers[i + 1 :]).T @ error @ product(layers[:i]).T for i in range(depth)]
        layers = [layer - step_size * gradient for layer, gradient in zip(layers, gradients, strict=True)]


@pytest.mark.parametrize("depth", [1, 2, 3, 4])
@pytest.mark.parametrize("target", [ROTATION, SYMMETRIC, SWAP, REPEATED, MIRRORED, SHEAR])
def test_the_intervals_hold_the_losses_of_rational_arithmetic(target, depth: int) -> None:
    found = certify(target, depth, step_size=0.0625, steps=3)
    losses = list(fractional_losses(target, depth, Fraction(1, 16), 3))
    for point in found["checkpoints"]:
        low, high = map(Fraction, point["loss"])
        assert low <= losses[point["step"]] <= high
        assert high - low <= Fraction(2, 10**16) * high
    assert [point["step"] for point in found["checkpoints"]] == [0, 1, 2, 3]


@pytest.mark.parametrize(("method", "targets"), METHODS.items())
def test_each_method_runs_where_it_applies_and_is_confirmed(method: str, targets: list[Any]) -> None:
    for target in targets:
        found = certify(target, 4, steps=40, tol=1e-3, floor=1e-9)
        assert found["method"] == method
        assert set(found["verdicts"]) == {"loss", "reach", "floor"}
        assert recheck(read(found)) == ""


def test_a_rotation_is_learned_and_a_reflection_is_not() -> None:
    learned = certify(catalog.target("rotation").matrix, 8, tol=1e-9)
    assert learned["verdicts"] == {"loss": "certified", "reach": "certified"}
    assert 0 < learned["reached"] == learned["steps"] < 100
    assert Fraction(learned["checkpoints"][-1]["loss"][1]) <= Fraction(1e-9)
    stuck = certify(catalog.target("householder").matrix, 8, tol=1e-9, floor=0.4999, steps=200)
    assert stuck["verdicts"] == {"loss": "certified", "reach": "refuted", "floor": "certified"}


@FEW
@given(
    st.one_of(
        strategies.general(max_dimension=3),
        strategies.positive_definite(max_dimension=4),
        strategies.negative_eigenvalue(max_dimension=3),
        strategies.normal(max_dimension=4),
    ),
    st.integers(1, 6),
    st.integers(0, 30),
)
def test_every_certificate_is_confirmed(target, depth: int, steps: int) -> None:
    found = certify(target, depth, steps=steps, tol=1e-3)
    assert "inconclusive" not in found["verdicts"].values()
    assert recheck(read(found)) == ""


def test_rational_eigenvalues_are_not_rounded() -> None:
    eigenvalues = [Fraction(1, 3), Fraction(-1, 7)]
    found = certify(eigenvalues, 2, step_size=0.25, steps=2, floor=0.0102)
    assert found["target"] == [["1/3", "0"], ["0", "-1/7"]]
    assert found["verdicts"]["floor"] == "certified"
    assert recheck(read(found)) == ""
    losses = list(fractional_losses([[Fraction(1, 3), 0], [0, Fraction(-1, 7)]], 2, Fraction(1, 4), 2))
    low, high = map(Fraction, found["checkpoints"][-1]["loss"])
    assert low <= losses[2] <= high
    rounded = certify([[1 / 3, 0.0], [0.0, -1 / 7]], 2, step_size=0.25, steps=2)
    assert rounded["target"][0][0] == "6004799503160661/18014398509481984"


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
    for shorter in (certificate["checkpoints"][:-1], certificate["checkpoints"][1:], []):
        assert recheck(signed({**certificate, "checkpoints": shorter}))
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
    ],
)
def test_another_interval_that_holds_the_loss_is_refused(interval: list[str]) -> None:
    certificate = read(certify([[2.0]], 1, step_size=0.5, steps=0))
    assert certificate["checkpoints"] == [{"step": 0, "loss": ["4.9999999999999999e-1", "5.0000000000000001e-1"]}]
    assert recheck(signed({**certificate, "checkpoints": [{"step": 0, "loss": interval}]}))


def test_a_loss_far_below_the_first_precision_is_confirmed() -> None:
    found = certify([[0.0, -1.0], [1.0, 0.0]], 1, steps=300)
    assert Fraction(found["checkpoints"][-1]["loss"][0]) < Fraction(1, 10**180)
    assert recheck(read(found)) == ""


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


def spoiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function with its last number, the step size or what is after it, halved."""

    def wrong(*arguments: Any) -> Any:
        if isinstance(arguments[-1], Interval):
            half = Interval.of(Fraction(1, 2), arguments[-1].bits)
            return function(*arguments[:-1], half * arguments[-1])
        return function(*arguments[:-1], arguments[-1] / 2)

    return wrong


@pytest.mark.parametrize(
    ("module", "name", "target"),
    [
        (exact_runs, "_moved", SYMMETRIC),
        (exact_runs, "_moved", ROTATION),
        (exact_runs, "_descended", SHEAR),
        (exact_runs, "_descended", MIRRORED),
        (integer_runs, "_by_eigenvalues", SYMMETRIC),
        (integer_runs, "_by_eigenvalues", ROTATION),
        (integer_runs, "_by_layers", SHEAR),
        (integer_runs, "_by_layers", MIRRORED),
    ],
)
def test_half_steps_on_either_side_are_noticed(module, name: str, target, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, name, spoiled(getattr(module, name)))
    assert "not in its interval" in recheck(read(certify(target, 4, steps=8)))


def test_wrong_eigenvalues_are_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    right = exact_runs._eigenvalues
    monkeypatch.setattr(exact_runs, "_eigenvalues", lambda target: ((1.0001 * z, n) for z, n in right(target)))
    assert "not in its interval" in recheck(read(certify(SYMMETRIC, 4, steps=8)))


@pytest.mark.parametrize(
    ("target", "floor"),
    [
        (SWAP, negative_eigenvalue_targets.negative_eigenvalue_fails.promise),
        (MIRRORED, None),
    ],
)
def test_a_floor_is_kept_and_one_a_tenth_higher_is_crossed(target, floor) -> None:
    problem = solver.problem_for(target, 2, GradientDescent())
    proved = reflections.promised_floor(problem.target) if floor is None else floor(problem).floor
    assert certify(target, 2, steps=300, floor=proved)["verdicts"]["floor"] == "certified"
    sharpened = certify(target, 2, steps=300, floor=1.1 * proved)
    assert sharpened["verdicts"]["floor"] == "refuted"
    assert 0 < sharpened["crossed"] < 300


def test_what_the_precision_does_not_decide_is_inconclusive_and_refused() -> None:
    found = certify(SHEAR, 4, steps=200, tol=1e-12, floor=1e-12, most_bits=64)
    assert set(found["verdicts"].values()) == {"inconclusive"}
    assert found["precision"] == 64
    assert recheck(read(found))
    assert certify(SHEAR, 4, steps=200)["precision"] > 64


def test_a_threshold_that_is_hit_exactly_is_decided_by_exact_numbers_alone() -> None:
    touched = certify([[0.0]], 1, step_size=0.5, tol=0.125, floor=0.125)
    assert (touched["reached"], touched["crossed"]) == (1, None)
    assert set(touched["verdicts"].values()) == {"certified"}
    assert recheck(read(touched)) == ""
    found = certify([[2.0, 0.5], [0.5, 1.0]], 1, step_size=0.5, steps=1, tol=0.1875, most_bits=128)  # loss 3/16 then
    assert found["verdicts"]["reach"] == "inconclusive"


def test_a_loss_of_nothing_has_an_interval() -> None:
    found = certify(np.eye(3), 5, steps=3, tol=1e-9)
    assert found["reached"] == 0
    assert found["checkpoints"][-1]["loss"] == ["0", "1e-300"]
    assert recheck(read(found)) == ""


@pytest.mark.parametrize(
    ("target", "options", "fragments"),
    [
        (np.ones((9, 9)) + np.eye(9, k=1), {}, ["target", "at most 8", "got 9"]),
        (np.ones((17, 17)), {}, ["target", "at most 16", "got 17"]),
        (SHEAR, {"steps": 10**9}, ["steps", "at most 6,6", "1000000000"]),
        (SYMMETRIC, {"steps": 10**9}, ["steps", "at most 32,768", "1000000000"]),
        (SHEAR, {"step_size": 5.0, "steps": 50}, ["step_size", "1e300"]),
        (SHEAR, {"tol": 0.0}, ["tol", "0"]),
        (SHEAR, {"floor": -1.0}, ["floor", "-1"]),
        (SHEAR, {"most_bits": 32}, ["most_bits", "32"]),
    ],
)
def test_bad_input_is_one_line(target, options: dict[str, Any], fragments: list[str]) -> None:
    with pytest.raises(InputError) as caught:
        certify(target, 3, **options)
    assert all(fragment in str(caught.value) for fragment in fragments)
    assert "\n" not in str(caught.value)


@given(*[st.fractions(-4, 4, max_denominator=1000)] * 4, st.integers(1, 40))
def test_intervals_hold_what_they_are_computed_from(a, b, c, d, bits: int) -> None:
    first, second = (
        Interval(Interval.of(min(x, y), bits).low, Interval.of(max(x, y), bits).high, bits) for x, y in ((a, b), (c, d))
    )
    for x in (a, b, (a + b) / 2):
        for y in (c, d, (c + d) / 2):
            for interval, value in (
                (first + second, x + y),
                (first - second, x - y),
                (first * second, x * y),
                (-first, -x),
            ):
                low, high = interval.ends
                assert low <= value <= high


WIDE = st.tuples(*[st.integers(-64, 96)] * 4, st.integers(1, 24), st.integers(1, 5), st.integers(1, 32))
"""Middle of a rectangle, eigenvalue, radius, depth and step size; numbers in units of 1/64."""


def points_around(x: float, y: float, radius: float) -> Iterator[complex]:
    """Corners and edges of a square, and points within."""
    for i in range(5):
        for j in range(5):
            yield complex(x + (i / 2 - 1) * radius, y + (j / 2 - 1) * radius)


@given(WIDE)
def test_a_step_on_a_wide_rectangle_holds_the_steps_from_all_its_points(numbers: tuple[int, ...]) -> None:
    """A derivative that is too small would not show in a run, whose rectangles are narrow."""
    x, y, a, b, radius, eta = (n / 64 for n in (*numbers[:5], numbers[6]))
    depth, bits = numbers[5], 60
    ball = exact_runs._moved(
        flint.acb(flint.arb(x, radius), flint.arb(y, radius)), flint.acb(a, b), depth, flint.arb(eta)
    )
    sides = [Interval(int((c - radius) * 2**bits), int((c + radius) * 2**bits), bits) for c in (x, y)]
    of = [Interval.of(Fraction(c), bits) for c in (a, b, eta, 1)]
    pair = integer_runs._moved((sides[0], sides[1]), (of[0], of[1]), depth, of[2], of[3])
    for z in points_around(x, y, radius):
        moved = z - eta * z.conjugate() ** (depth - 1) * (z**depth - complex(a, b))
        for part, enclosed, interval in zip((moved.real, moved.imag), (ball.real, ball.imag), pair, strict=True):
            low, high = (float(end) for end in interval.ends)
            slack = 1e-9 * (1 + abs(part))
            assert low - slack <= part <= high + slack
            assert float(enclosed.lower()) - slack <= part <= float(enclosed.upper()) + slack


@given(st.lists(st.integers(-3, 3), min_size=6, max_size=6))
def test_bisection_finds_every_eigenvalue_with_its_multiplicity(entries: list[int]) -> None:
    a, b, c, d, e, f = entries
    target = [[a, b, c], [b, d, e], [c, e, f]]
    found = integer_runs._bisected([[Fraction(x) for x in row] for row in target], 40)
    values = sorted(float(sum(pair[0].ends)) / 2 for pair, multiplicity in found for _ in range(multiplicity))
    np.testing.assert_allclose(values, np.linalg.eigvalsh(np.array(target, dtype=float)), atol=1e-9)


@given(st.integers(1, 10**20), st.integers(-40, 40))
def test_the_decimal_exponent_is_the_one_of_scientific_notation(units: int, shift: int) -> None:
    x = units * Fraction(10) ** shift
    k = certificate_form.decimal_exponent(x)
    assert Fraction(10) ** k <= x < Fraction(10) ** (k + 1)
