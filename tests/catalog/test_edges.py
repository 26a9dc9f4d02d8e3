"""Where the hypotheses of each claim end is on record: how far step size, layers, target and others may go.

A hypothesis that is a little too wide, or too narrow, lets nearly every draw through. Who moves one on purpose records
its edges: run again with ``DLR_RECORD_SCREENS=1``.
"""

import json
import math
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from test_observed import CLAIMS, off, problems

from catalog.app.perturbation import has_own_start, parameters_of, with_parameters
from catalog.claim import Claim
from catalog.claims._points import PairProblem
from catalog.ingredients import with_step_size
from dlr import Problem, matrices
from dlr.types import Matrix

FILE = Path(__file__).parents[1] / "data" / "edges.json"
RECORDED = json.loads(FILE.read_text(encoding="utf-8"))

HALVINGS = 30
"""To find the place on a way to 7 digits."""

LEAST = 1e-14
"""What ends before is exact, or would be if nothing rounded: there it is recorded what ends at all, as at place 0."""

BEYOND = 1e-3
"""Place well behind such an end."""


def with_target(problem: Problem, target: Matrix) -> Problem:
    return replace(problem, target=target)


def with_nearer_target(problem: Problem, t: float) -> Problem:
    identity = np.eye(len(problem.target))
    return with_target(problem, identity + t * (problem.target - identity))


def with_layers_moved(problem: Problem, t: float) -> Problem:
    return replace(problem, initial_layers=problem.start + t * off(problem.start.shape))


def with_layers_balanced(problem: Problem, t: float) -> Problem:
    balanced = matrices.balanced_layers(problem.target, problem.depth)
    return replace(problem, initial_layers=t * problem.start + (1 - t) * balanced)


def with_second_moved(problem: Problem, t: float) -> Problem:
    assert isinstance(problem, PairProblem)
    return replace(problem, second=problem.second + t * off(problem.second.shape))


def with_other_parameters(problem: Problem, t: float) -> Problem:
    return with_parameters(problem, **{name: t * value for name, value in parameters_of(problem).items()})


WAYS: dict[str, tuple[float, float, Callable[[Problem, float], Problem]]] = {
    "longer steps": (1.0, 1e60, lambda problem, t: with_step_size(problem, t * problem.step_size)),
    "shorter steps": (1.0, 1e-6, lambda problem, t: with_step_size(problem, t * problem.step_size)),
    "less tolerance": (1.0, 1e-30, lambda problem, t: replace(problem, tol=t * problem.tol)),
    "larger parameters": (1.0, 1e6, with_other_parameters),
    "smaller parameters": (1.0, 1e-6, with_other_parameters),
    "larger target": (1.0, 1e60, lambda problem, t: with_target(problem, t * problem.target)),
    "smaller target": (1.0, 1e-6, lambda problem, t: with_target(problem, t * problem.target)),
    "lower target": (
        1e-6,
        1e2,
        lambda problem, t: with_target(problem, problem.target - t * np.eye(len(problem.target))),
    ),
    "target nearer to the identity": (1.0, 1e-6, with_nearer_target),
    "moved target": (
        1e-16,
        1e2,
        lambda problem, t: with_target(problem, problem.target + t * off(problem.target.shape)),
    ),
    "layers nearer to the balanced ones": (1.0, 1e-16, with_layers_balanced),
    "moved layers": (1e-16, 1e2, with_layers_moved),
    "moved second matrix": (1e-16, 1e2, with_second_moved),
}
"""Each from where the hypotheses hold to where one does not."""


def well_outside(problem: Problem, way: str) -> Problem:
    """Half a step, ten times the target, a target or layers moved by their own size: where several hypotheses end."""
    inside, outside, at = WAYS[way]
    return at(problem, 1.0 if inside < 1 else 0.5 if outside < 1 else 10.0)


def place_of(claim: Claim, problem: Problem, way: str) -> float | None:
    """The place on a way where the hypotheses end; None where they hold all along, or at the start don't."""
    inside, outside, at = WAYS[way]
    if claim.dropped(at(problem, inside)) or not claim.dropped(at(problem, outside)):
        return None
    for _ in range(HALVINGS):
        middle = math.sqrt(inside * outside)
        inside, outside = (inside, middle) if claim.dropped(at(problem, middle)) else (middle, outside)
    return float(f"{inside:.6g}")


def dropped_beside(claim: Claim, problem: Problem, way: str, place: float) -> tuple[list[str], list[str]]:
    """Hypotheses that do not hold just before and just behind a place on a way."""
    start, end, at = WAYS[way]
    if place == 0:
        return claim.dropped(problem), claim.dropped(at(problem, BEYOND))
    factor = 1 + (1e-5 if place > 1e-6 else 0.02)
    factor = factor if end > start else 1 / factor
    before = at(problem, start if place == start else place / factor)
    return claim.dropped(before), claim.dropped(at(problem, place * factor))


def edges(claim: Claim) -> Iterator[tuple[int, str, float | None, list[str]]]:
    """Number of the problem, way, place and the hypotheses that end there; without a place, those that end beyond."""
    for k, problem in enumerate(problems(claim)):
        for way in WAYS:
            second, balanced = way == "moved second matrix", way == "layers nearer to the balanced ones"
            if (isinstance(problem, PairProblem) or not second) and (has_own_start(problem) or not balanced):
                place, behind = place_of(claim, problem, way) or 0.0, []
                if place > LEAST or WAYS[way][0] < LEAST:
                    place = place if place > LEAST else 0.0
                    before, behind = dropped_beside(claim, problem, way, place)
                    if behind and not before:
                        yield k, way, place, behind
                outside = claim.dropped(well_outside(problem, way))
                if k == 0 and outside and outside != behind:
                    yield k, way, None, outside


@pytest.mark.parametrize(
    "name", [name for name in CLAIMS if "." not in name and (name in RECORDED or os.environ.get("DLR_RECORD_SCREENS"))]
)
def test_hypotheses_end_where_it_is_on_record(name: str) -> None:
    claim = CLAIMS[name]
    if os.environ.get("DLR_RECORD_SCREENS"):
        RECORDED[name] = list(edges(claim))
        lines = [f"{json.dumps(key)}: {json.dumps(rows)}" for key, rows in RECORDED.items()]
        FILE.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")
    own = list(problems(claim))
    for k, way, place, ended in RECORDED[name]:
        if place is None:
            assert claim.dropped(well_outside(own[k], way)) == ended, way
        else:
            assert dropped_beside(claim, own[k], way, place) == ([], ended), way
