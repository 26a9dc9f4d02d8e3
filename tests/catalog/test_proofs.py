"""Every numeric step of every proof is proved, its constants are sharp, and the check can fail."""

import json
import math
import os
import sys
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace

import pytest

import catalog
from catalog import enclosures, registry
from catalog.app import proof
from catalog.claim import Claim
from catalog.enclosures import expm1_over, log1p_over, pi, power, remainder_over, sin, sqrt
from catalog.proofs import PRECISION, Checked, Step, check, exact
from dlr.arguments import InputError

flint = pytest.importorskip("flint")

PROOFS = {id(claim.proof): claim for claim in reversed(catalog.all_claims().values()) if claim.proof}
STEPS = [(claim, step) for claim in PROOFS.values() for step in claim.proof]
CONSTANTS = [
    (claim, name) for claim in PROOFS.values() for name in sorted({n for s in claim.proof for n in s.constants})
]
FILE = Path(__file__).parents[1] / "data" / "proofs.json"
RECORDED = json.loads(FILE.read_text(encoding="utf-8"))
SHARP = Fraction(1, 10)
LOOSE = 0.07


@pytest.mark.parametrize(("claim", "step"), STEPS, ids=[f"{claim.identifier}: {step.says}" for claim, step in STEPS])
def test_step_is_proved_and_tight(claim: Claim, step: Step) -> None:
    checked = check(step)
    assert checked.holds, checked.failure
    low, high = checked.slack
    assert 0 <= low <= high <= LOOSE


@pytest.mark.parametrize(("claim", "name"), CONSTANTS, ids=[f"{claim.identifier}: {name}" for claim, name in CONSTANTS])
def test_constant_sharpened_by_a_tenth_fails(claim: Claim, name: str) -> None:
    """In one direction or the other some step is then violated."""
    steps = [step for step in claim.proof if name in step.constants]
    assert len({step.constants[name] for step in steps}) == 1
    changed = [
        step.with_constant(name, exact(step.constants[name]) * factor)
        for factor in (1 - SHARP, 1 + SHARP)
        for step in steps
    ]
    assert any(check(step).failure.startswith("violated") for step in changed)


@pytest.mark.parametrize("identifier", ["P1", "P3", "P5", "H1b", "N2a", "N3", "N4", "N5a", "N7e"])
def test_claim_has_a_proof(identifier: str) -> None:
    assert registry.claim_named(identifier).proof


def test_no_step_is_left_out() -> None:
    """What is proved is the whole list: a proof with one step fewer still has only steps that hold."""
    steps = {claim.identifier: len(claim.proof) for claim in PROOFS.values()}
    known = {"P1": 10, "P3": 1, "P5": 3, "H1b": 2, "N2a": 5, "N3": 11, "N4": 11, "N5a": 4, "N7e": 9, "N9c": 3}
    assert steps | known == steps


@pytest.mark.parametrize("identifier", RECORDED)
def test_constants_and_ranges_are_those_on_record(identifier: str) -> None:
    """In which a proof holds, and how far: another constant may be proved as well, on a smaller range, say."""
    found = [
        [
            step.says,
            {name: str(exact(value)) for name, value in step.constants.items()},
            {name: [str(end) for end in ends] for name, ends in step.ranges.items()},
            [float(side) for side in sides_in_the_middle(step)],
        ]
        for step in registry.claim_named(identifier).proof
    ]
    if os.environ.get("DLR_RECORD_SCREENS"):
        RECORDED[identifier] = found
        lines = ",\n".join(f"{json.dumps(name)}: {json.dumps(steps)}" for name, steps in RECORDED.items())
        FILE.write_text(f"{{\n{lines}\n}}\n", encoding="utf-8")
    expected = [[*step, pytest.approx(sides, rel=1e-9)] for *step, sides in RECORDED[identifier]]
    assert found == expected, "if so, run again with DLR_RECORD_SCREENS=1"


def sides_in_the_middle(step: Step) -> tuple[float, float]:
    """Both sides of a step where each variable is in the middle of its range."""
    middle = {name: float(low + high) / 2 for name, (low, high) in step.ranges.items()}
    constants = SimpleNamespace(**{name: float(value) for name, value in step.constants.items()})
    return step.holds(constants, **middle)


def test_a_range_may_be_a_point_and_not_less() -> None:
    touched = check(on(lambda x: (x, 1), x=(1, 1)))
    assert touched.holds
    assert touched.slack == (0.0, 0.0)
    with pytest.raises(InputError, match="must have ends in order"):
        on(lambda x: (x, 1), x=(1, 0.5))


def exact_ball(numerator: int, denominator: int):
    return flint.arb(flint.fmpq(numerator, denominator))


def on(holds, given=(), **variables) -> Step:
    return Step("a step", lambda c, **values: holds(**values), variables=variables, given=given)


def test_false_by_a_millionth_in_a_corner_is_found() -> None:
    checked = check(on(lambda x, y: (x * y, 1 + y - x - exact_ball(1, 10**6)), x=(0, 1), y=(0, 1)))
    assert not checked.holds
    assert checked.failure.startswith("violated at x = 0.99999")


def test_true_by_a_millionth_is_proved_with_its_slack() -> None:
    checked = check(on(lambda x: (2 * x, 1 + x**2 + exact_ball(1, 10**6)), x=(0, 3)))
    assert checked.holds
    least = -math.expm1(-math.log1p(1e-6) / 2)  # at x^2 = 1 + 1e-6
    assert checked.slack[0] <= least <= checked.slack[1]
    corner = check(on(lambda x, y: (x * y, 1 + exact_ball(1, 10**6)), x=(0, 1), y=(0, 1)))
    assert corner.holds
    assert corner.slack[0] <= 1 / (10**6 + 1) <= corner.slack[1] <= 1.06 * corner.slack[0]


def test_false_at_one_point_of_the_edge_only_is_not_proved() -> None:
    assert not check(on(lambda x: (x, 1 - exact_ball(1, 10**12)), x=(0, 1))).holds


def test_equality_in_the_interior_is_inconclusive() -> None:
    checked = check(on(lambda x: (2 * x, 1 + x**2), x=(0, 3)), most_boxes=2_000)
    assert not checked.holds
    assert checked.failure.startswith("inconclusive after 2")
    assert "<= x <=" in checked.failure


def test_hypothesis_is_honoured() -> None:
    def below(c, x, y):
        return x + y, 1

    def quarter(x, y):
        return x * y, exact_ball(26, 100)

    assert check(on(quarter, (below,), x=(0, 1), y=(0, 1))).holds
    assert check(on(quarter, x=(0, 1), y=(0, 1))).failure.startswith("violated")
    assert "hypotheses" in check(on(lambda x: (x, 9), (lambda c, x: (4, x),), x=(0, 3))).failure


def test_violation_outside_the_hypotheses_does_not_count() -> None:
    assert check(on(lambda x: (1, x), (lambda c, x: (2, x),), x=(0, 3))).holds


def test_undefined_is_not_proved() -> None:
    assert not check(on(lambda x: (enclosures.log(x), 9), x=(-1, 1)), most_boxes=50).holds
    assert not check(on(lambda x: (-1, x), x=(-1, 1)), most_boxes=50).holds  # relative to what?


def test_where_the_larger_side_is_negative_nothing_is_proved() -> None:
    """There the quotient of the sides says the opposite; it is seen in a small part alone, beyond a gap around 0."""

    def apart(c, x):
        return exact_ball(1, 100), (x - exact_ball(1, 2)) ** 2

    checked = check(on(lambda x: (0 * x, exact_ball(1, 2) - x), (apart,), x=(0, 0.65)))
    assert checked.failure.startswith("violated at x = 0.6")


def test_plain_numbers_are_sides_too() -> None:
    assert check(on(lambda: (1, 2))).slack == pytest.approx((0.5, 0.5))
    assert check(on(lambda: (2, 2))).slack == (0, 0)
    assert check(on(lambda: (2, 1))).failure == "violated at its constants"


def test_floats_are_the_decimals_they_print_as() -> None:
    assert exact(0.1) == Fraction(1, 10)
    assert not check(Step("", lambda c: (c.a + c.b, c.sum), {"a": 0.1, "b": 0.2, "sum": 0.29})).holds
    step = Step("{a}", lambda c, x: (x, 2 * c.a), {"a": 0.1}, {"x": (0, "a")})
    assert check(step).holds
    assert (step.text, step.ranges) == ("0.1", {"x": (Fraction(0), Fraction(1, 10))})


@pytest.mark.parametrize(
    "function",
    [
        enclosures.exp,
        enclosures.expm1,
        enclosures.log1p,
        sqrt,
        sin,
        expm1_over,
        remainder_over,
        log1p_over,
        enclosures.log,
        lambda x: power(x, x),
        lambda x: x * pi(x),
    ],
)
@pytest.mark.parametrize("point", [1e-20, 1e-9, 2.0**-30, 1e-6, 1e-5, 0.3, 2.0])
def test_balls_enclose_floats(function, point: float) -> None:
    with flint.ctx.workprec(PRECISION):
        ball = function(flint.arb(point))
        wide = function(flint.arb(point, point / 2))
        assert float(ball) == pytest.approx(function(point), rel=1e-9)
        assert ball.rad() <= 1e-15 * abs(ball.mid())
        assert wide.contains(ball)


def test_float_sides_agree_with_the_enclosure() -> None:
    """The expressions are written once: on floats they are what one would compute by hand."""
    for _, step in STEPS:
        smaller, larger = sides_in_the_middle(step)
        assert smaller <= larger
        assert math.isfinite(float(smaller))


def test_quotients_at_zero_and_below() -> None:
    for function, value in ((expm1_over, 1), (remainder_over, 0.5), (log1p_over, 1)):
        assert function(0.0) == value
        with flint.ctx.workprec(PRECISION):
            assert function(flint.arb(0, 1e-3)).contains(value)
            for end in (-1e-3, 1e-3):
                assert function(flint.arb(0, 1e-3)).contains(function(flint.arb(end)))


def test_command_prints_ranges_verdict_slack_and_boxes(run) -> None:
    code, out, err = run("claims", "P1", "I1", "--proof")
    assert code == 0
    assert "e^x - 1 - x <= 0.509 x^2" in out
    assert "0 <= x <= 0.0475" in out
    assert out.startswith("all proved: 10 steps of 1 claim\n")
    assert err == "dlr: no numeric steps in the proof of I1\n"
    records = json.loads(run("claims", "near-identity-converges", "--proof", "--json")[1])
    assert len(records) == 10
    assert all(record["holds"] and record["slack"][0] > 0 and record["boxes"] >= 1 for record in records)


def test_command_fails_where_a_step_does(run, monkeypatch: pytest.MonkeyPatch) -> None:
    steps = on(lambda x: (x, 1), x=(0, 2)), on(lambda x: 1 / 0, x=(0, 2))
    faulty = replace(registry.claim_named("P3"), proof=steps)
    monkeypatch.setattr(registry, "claim_named", lambda name: faulty)
    code, out, err = run("claims", "P3", "--proof")
    assert code == 1
    assert "2 not proved" in out
    assert "violated at x = " in err
    assert "raised ZeroDivisionError" in err
    raised = proof._checked(steps[1])
    assert raised == Checked(False, (-math.inf, math.inf), 0, "raised ZeroDivisionError: division by zero")


def test_claims_of_the_list_only(run) -> None:
    assert [entry["claim"] for entry in json.loads(run("claims", "P3", "P3", "--json")[1])] == ["P3"]


def test_without_the_checker_one_line_says_what_to_install(run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "flint", None)
    code, out, err = run("claims", "P1", "--proof")
    assert (code, out) == (2, "")
    assert "pip install 'deep-linear-residual[proofs]'" in err
    assert len(err.splitlines()) == 1
    assert run("claims", "P1")[0] == 0


@pytest.mark.parametrize("slack", [(1.0,), (1.0, 2.0, 3.0), [1.0, 2.0], 1.0])
def test_a_slack_has_two_ends(slack: object) -> None:
    with pytest.raises(InputError, match="slack must be two numbers, got"):
        Checked(True, slack, 1)


def test_a_step_is_proved_in_as_few_boxes_as_it_takes() -> None:
    assert check(Step("1 <= 2", lambda c: (1.0, 2.0))).boxes == 1
    found = check(Step("x <= 1", lambda c, x: (x, 1.0), variables={"x": (0.0, 0.5)}))
    assert found.holds
    assert found.slack[0] <= 0.5 <= found.slack[1] * (1 + 1e-9)
    assert check(Step("1 <= 2", lambda c: (1.0, 2.0)), most_boxes=1).holds
