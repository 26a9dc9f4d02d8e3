"""What a run is said to have ended with, beside what was proved of it."""

import json
from dataclasses import replace

import numpy as np
import pytest

import catalog
import dlr
from catalog.app import outcome
from catalog.claim import Promise

REFLECTION = np.diag([1.0, -1.0])
LEARNED = np.diag([1.0, 2.0])


def promise(steps=None, floor=None):
    return Promise("P9", "of-a-test", 0.1, 0.2, steps, floor)


def test_a_floor_forbids_what_is_below_it_only():
    low, high = promise(floor=0.1), promise(floor=0.5)
    assert outcome.forbidding([promise(steps=3), low, high], 1e-9) is high
    assert outcome.forbidding([low, high], 0.5) is None
    assert outcome.forbidding([promise(steps=3)], 0.0) is None


def test_no_advice_where_a_claim_forbids_the_tolerance():
    solution = dlr.solve(REFLECTION, 2, max_steps=50)
    said = outcome.ending(solution, catalog.promises(REFLECTION, 2))
    assert said.startswith("STEP_LIMIT after 50 steps at excess loss 0.5: P")
    assert said.endswith(" proves that no step gets below 0.5")
    assert outcome.ending(solution, []) == solution.message
    assert "raise max_steps" in solution.message


def test_a_run_that_keeps_its_promises_contradicts_none():
    for target in (REFLECTION, LEARNED):
        made = catalog.promises(target, 2, dlr.GradientDescent(0.1))
        assert made
        assert not outcome.contradictions(dlr.solve(target, 2, dlr.GradientDescent(0.1)), made)


def test_a_run_against_a_proof_is_said_to_be_so():
    solution = dlr.solve(LEARNED, 2, dlr.GradientDescent(0.1))
    found = outcome.contradictions(solution, [promise(steps=solution.steps - 1), promise(floor=1e-3)])
    assert found[0] == f"P9 of-a-test: tolerance not reached within the proved {solution.steps - 1} steps"
    assert found[1].startswith("P9 of-a-test: excess loss ")
    assert found[1].endswith(", proved never below 0.001")
    assert not outcome.contradictions(solution, [promise(steps=solution.steps), promise(floor=0.0)])
    assert not outcome.contradictions(solution, [promise(floor=solution.lowest_loss)])
    dipped = replace(solution, lowest_loss=solution.loss / 2)
    assert outcome.contradictions(dipped, [promise(floor=solution.loss / 1.5)])
    cut = dlr.solve(LEARNED, 2, dlr.GradientDescent(0.1), max_steps=3)
    assert not outcome.contradictions(cut, [promise(steps=4)])
    assert outcome.contradictions(cut, [promise(steps=3)])


def test_solve_ends_with_exit_code_1_on_a_contradiction(run, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("catalog.guarantees.promises_for", lambda *_: [promise(floor=0.01)])
    code, out, _ = run("solve", "lehmer", "--depth", "2", "--tol", "0.001")
    assert (code, "against    P9 of-a-test: excess loss 0.000" in out) == (1, True)
    record = json.loads(run("solve", "lehmer", "--depth", "2", "--tol", "0.001", "--json")[1])
    assert record["contradicts"][0].startswith("P9 of-a-test")


def test_bars_go_from_the_first_loss_to_the_last():
    solution = dlr.solve(LEARNED, 2, dlr.GradientDescent(0.1))
    first, bars, last, axis = outcome.sparkline(solution).split(" ", 3)
    assert (first, last, axis) == (f"{solution.losses[0]:.3g}", f"{solution.loss:.3g}", "(steps)")
    assert len(bars) == min(outcome.WIDTH, solution.steps + 1)
    assert (bars[0], bars[-1]) == ("█", "▁")
    assert list(bars) == sorted(bars, reverse=True)


def test_long_runs_have_bars_on_a_logarithmic_axis_and_flat_ones_bars_of_one_height():
    flat = dlr.solve(np.eye(2), 2)
    assert outcome.sparkline(flat) == "0 ▄ 0 (steps)"
    losses = np.full(5_001, 1e-3)
    losses[:100] = 1.0
    bars = outcome.sparkline(replace(flat, steps=5_000, losses=losses)).split()[1]
    assert bars.count("█") > 15
    for steps, axis in ((1_000, "(steps)"), (1_001, "(log steps)")):
        assert outcome.sparkline(replace(flat, losses=losses[: steps + 1])).endswith(f" {axis}")
    first = outcome.sparkline(replace(flat, steps=5_000, losses=np.append(1e6, losses[1:]))).split()[1]
    assert (first[0], len({*first[1:15]}), first[1] < first[0]) == ("█", 1, True)
    losses[-1] = 1e-6
    ended = outcome.sparkline(replace(flat, steps=5_000, losses=losses)).split()
    assert (ended[1][:15], ended[1][-2:], ended[2]) == ("█" * 15, "▅▁", "1e-06")
    assert outcome.sparkline(replace(flat, steps=5_000, losses=losses)).endswith(" (log steps)")
    assert outcome.sparkline(replace(flat, losses=np.array([np.inf, 1.0, 0.0]))) == "inf █▅▁ 0 (steps)"
