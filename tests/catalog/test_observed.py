"""What each check observes, of a right run and of planted faults, is on record.

What is observed of a right run says little of a check that allows for rounding, or bounds from one side: it stays
satisfied with many an error in it. A fault far above rounding is observed in all digits, and beside it every allowance.
Who derives a bound or an allowance anew records what is observed: run again with ``DLR_RECORD_SCREENS=1``.
"""

import json
import math
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from catalog import registry
from catalog.app.wrong_solvers import with_wrong_step
from catalog.claim import Claim
from catalog.claims._points import PairProblem
from catalog.ingredients import with_step_size
from dlr import InputError, Penalized, Problem
from dlr.types import Matrix

FILE = Path(__file__).parents[1] / "data" / "observed.json"
RECORDED = json.loads(FILE.read_text(encoding="utf-8"))
CLAIMS = registry.all_claims()

TARGETS = [
    [[0.9, 0.2, 0.0], [0.2, 0.6, 0.1], [0.0, 0.1, 1.4]],
    [[1.2, 0.5], [-0.3, 0.9]],
    [[-0.6, 0.2], [0.2, 1.5]],
    [[1.03, 0.02], [-0.01, 0.98]],
    [[0.5, -0.8], [0.8, 0.5]],
    [[0.4, 1.0, 0.0], [0.0, -0.5, 0.3], [0.7, 0.0, 0.0]],
    [[-0.5, 0.0], [0.0, 1.0]],
]
MOST_STEPS = 12
"""So that a fault does not grow until rounding grows with it."""


LARGEST_ROUNDING = {"N6b": 1e-3}
"""What is observed below is another number on each machine; of other claims below 1e-12."""

LARGEST_SHARE = 0.9
"""What rounding takes at most of an allowance that is counted for the worst case; also what nothing observed is."""

TOLERANCES = 1e-5, 1e-5, 1e-3, 0
"""Relative ones, of what is observed, bound, allowance and steps; part of an allowance may be measured on a run."""


def off(shape: tuple[int, ...]) -> Matrix:
    """A fault in every entry."""
    return 0.1 * np.cos(1 + np.sqrt(2) * np.arange(math.prod(shape))).reshape(shape)


def with_second_off(problem: Problem) -> Problem:
    assert isinstance(problem, PairProblem)
    return replace(problem, second=problem.second + off(problem.second.shape))


FAULTS: dict[str, Callable[[Problem], Problem]] = {
    "none": lambda problem: problem,
    "layers off": lambda problem: replace(problem, initial_layers=problem.start + off(problem.start.shape)),
    "target off": lambda problem: replace(problem, target=problem.target + off(problem.target.shape)),
    "three times the target": lambda problem: replace(problem, target=3 * problem.target),
    "minus the target": lambda problem: replace(problem, target=-problem.target),
    "half steps": lambda problem: with_wrong_step(problem, "half steps"),
    "steps four times as long": lambda problem: with_step_size(problem, 4 * problem.step_size),
    "another engine": lambda problem: replace(problem, engine="reference"),
    "tiny steps": lambda problem: with_step_size(problem, 1e-6 * problem.step_size),
    "a penalty": lambda problem: replace(problem, algorithm=Penalized(0.3, problem.step_size)),
    "second matrix off": with_second_off,
}


def problems(claim: Claim) -> Iterator[Problem]:
    """On the first two targets that the claim applies to, one problem each: of three layers, or few more, or less.

    Then on the first one the shallowest and a deep one.
    """
    targets = [np.array(target) for target in TARGETS if claim.applies_to(target)][:2]
    own = [list(claim.problems_for(target)) for target in targets]
    found = [min(each, key=lambda problem: (problem.depth < 3, abs(problem.depth - 3))) for each in own]
    for depth in (1, 2, 12):
        found += [problem for problem in claim.problems(own[0][0].target, depth) if not claim.dropped(problem)][:1]
    for problem in found:
        yield replace(problem, max_steps=min(problem.max_steps, MOST_STEPS))


SLOW = ("half steps", "another engine", "tiny steps")
"""Faults with which a run to its end takes long."""

SHOWN = ("none", "layers off", "tiny steps")
"""Faults that are planted at other depths, too."""

Row = list[float | str | None]


def observed(claim: Claim, problem: Problem, fault: str) -> Row:
    """What is observed, None where that is rounding, with bound, allowance, steps and engine."""
    evidence = claim(FAULTS[fault](problem))
    usual = LARGEST_ROUNDING.get(claim.identifier, 1e-12)
    rounding = LARGEST_SHARE * evidence.bound if claim.kind.bounds_rounding else usual
    seen = evidence.observed if abs(evidence.observed) > rounding else None
    numbers = (seen, evidence.bound, evidence.slack, evidence.steps)
    return [*(None if number is None else float(f"{number:.7g}") for number in numbers), evidence.engine]


def about(number: float | None, tolerance: float) -> object:
    return None if number is None else pytest.approx(number, rel=tolerance, abs=0)


def nudged_by_rounding(problem: Problem) -> Problem:
    return replace(problem, target=(1 + 2.0**-48) * problem.target)


def worth_recording(claim: Claim) -> Iterator[tuple[int, str, Row]]:
    """Number of the problem, fault and what is observed, where no other fault gives the same and rounding no other."""
    for k, problem in enumerate(problems(claim)):
        seen: list[Row] = []
        for fault in FAULTS:
            if fault == "second matrix off" and not isinstance(problem, PairProblem):
                continue
            if (fault in SLOW and claim.quantity == "steps to tolerance") or (k > 1 and fault not in SHOWN):
                continue
            try:
                found, nudged = (observed(claim, each, fault) for each in (problem, nudged_by_rounding(problem)))
            except (InputError, np.linalg.LinAlgError):
                continue
            finite = all(number is None or abs(number) < 1e300 for number in found[:-1])
            if found not in seen and finite and found[0] == about(nudged[0], 1e-6):
                yield k, fault, found
            seen.append(found)


@pytest.mark.parametrize(
    "name", [name for name in CLAIMS if "." not in name and (name in RECORDED or os.environ.get("DLR_RECORD_SCREENS"))]
)
def test_what_is_observed_is_on_record(name: str) -> None:
    claim = CLAIMS[name]
    if os.environ.get("DLR_RECORD_SCREENS"):
        RECORDED[name] = [list(found) for found in worth_recording(claim)]
        lines = [f"{json.dumps(key)}: {json.dumps(rows)}" for key, rows in RECORDED.items()]
        FILE.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")
    own = list(problems(claim))
    assert RECORDED[name], "a claim observes something"
    for k, fault, recorded in RECORDED[name]:
        *numbers, engine = observed(claim, own[k], fault)
        for number, wanted, tolerance in zip(numbers, recorded, TOLERANCES, strict=False):
            assert number == about(wanted, tolerance), fault
        assert engine == recorded[-1]
