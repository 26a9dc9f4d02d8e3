"""Certificates: exact runs are enclosed, and statements decided."""

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from exact_targets import METHODS, MIRRORED, REPEATED, ROTATION, SHEAR, SWAP, SYMMETRIC, fractional_losses, read
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

pytest.importorskip("flint")

FEW = settings(max_examples=max(8, settings.default.max_examples // 20), deadline=None)


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


def test_half_of_the_layers_tell_the_rest_at_even_depths_alone() -> None:
    for depth, method in ((3, "layers"), (4, "half layers")):
        found = certify(MIRRORED, depth, steps=4)
        assert found["method"] == method
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
    for most, precision, told in ((127, 64, "inconclusive"), (128, 128, "certified")):
        found = certify(SYMMETRIC, 3, steps=1, most_bits=most)
        assert (found["precision"], found["verdicts"]["loss"]) == (precision, told)


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


@pytest.mark.parametrize(("distance", "told"), [(1.41e-150, False), (1.42e-150, True)])
def test_losses_are_told_apart_from_1e_300_on(distance: float, told: bool) -> None:
    found = certify([1 + Fraction(distance)], 1, step_size=0.5, steps=0)
    assert (found["checkpoints"][0]["loss"] != ["0", "1e-300"]) is told
    assert recheck(read(found)) == ""


def test_losses_are_followed_up_to_1e300() -> None:
    found = read(certify([[1.41e150]], 1, step_size=0.5, steps=0))
    assert recheck(found) == ""
    with pytest.raises(InputError, match="step_size must keep the excess loss of the target below 1e300"):
        certify([[1.42e150]], 1, step_size=0.5, steps=0)
    assert "exceeds 1e300 at step 0" in recheck(signed({**found, "target": [[str(Fraction(1.42e150))]]}))


@pytest.mark.parametrize("sign", [1, -1])
def test_eigenvalues_are_given_up_to_1e150(sign: int) -> None:
    largest = Fraction(sign * 10**150)
    assert certify([Fraction(1e150) * sign], 1, step_size=0.5, steps=0)["verdicts"]["loss"] == "certified"
    with pytest.raises(InputError, match="target must be a number >= -1e\\+150 <= 1e\\+150"):
        certify([largest * 105 / 100], 1, step_size=0.5, steps=0)


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("tol", [1e-299, 1e300], [9e-300, 1.1e300]),
        ("floor", [1e-299, 1e300], [9e-300, 1.1e300]),
        ("most_bits", [64, 2**14], [63, 2**14 + 1]),
        ("steps", [0], [-1]),
    ],
)
def test_limits_are_taken_and_what_is_beyond_is_not(name: str, good: list[Any], bad: list[Any]) -> None:
    for value in good:
        certify([[1.0]], 1, **{"steps": 0, name: value})
    for value in bad:
        with pytest.raises(InputError, match=f"{name} must be"):
            certify([[1.0]], 1, **{"steps": 0, name: value})


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


@given(st.integers(1, 10**20), st.integers(-40, 40))
def test_the_decimal_exponent_is_the_one_of_scientific_notation(units: int, shift: int) -> None:
    x = units * Fraction(10) ** shift
    k = certificate_form.decimal_exponent(x)
    assert Fraction(10) ** k <= x < Fraction(10) ** (k + 1)
