"""The numbers that the formulas of the claims give at a few targets are those on record.

A formula that bounds from one side stays a bound with many an error in it; who derives one anew records its numbers.
"""

import json
from collections.abc import Iterator
from itertools import islice, product
from pathlib import Path
from unittest.mock import patch

import numpy as np
import pytest

from catalog import agreement, registry
from catalog.app.perturbation import parameters_of
from catalog.claim import Claim
from catalog.claims import (
    _points,
    _steps,
    dense_agreement,
    exact_reduction,
    factorization,
    gradient_flow,
    margin_projection,
    saddle_reached,
    sharpness,
    symmetric_layers,
)
from catalog.claims.margin_projection import rounding_allowance
from dlr import GradientDescent, Penalized, PowerProjection, Problem, StepAndProject, network
from dlr.types import Matrix

FILE = Path(__file__).parents[1] / "data" / "numbers.json"
RECORDED = json.loads(FILE.read_text(encoding="utf-8"))
TARGETS = [
    [[2.5, 0.5], [0.5, 1.5]],
    [[0.9, 0.2, 0.0], [0.2, 0.6, 0.1], [0.0, 0.1, 1.4]],
    [[1.03, 0.02], [-0.01, 0.98]],
    [[0.5, -0.8], [0.8, 0.5]],
    [[1.2, 0.5], [-0.3, 0.9]],
    [[-0.6, 0.2], [0.2, 1.5]],
    [[1.0, 3.0], [0.0, 0.8]],
    [[-1.0, 0.3], [0.1, 0.7]],
    [[0.4, 1.0, 0.0], [0.0, -0.5, 0.3], [0.7, 0.0, 0.0]],
    [[-0.5, 0.0], [0.0, 1.0]],
]
COUNT = 3


def problems(claim: Claim) -> Iterator[Problem]:
    """One problem a target, on the first targets that the claim applies to: of three layers, or few more, or less."""
    for target in TARGETS:
        found = list(claim.problems_for(np.array(target)))
        if found:
            yield min(found, key=lambda problem: (problem.depth < 3, abs(problem.depth - 3)))


def numbers(claim: Claim, problem: Problem) -> dict[str, list[float]]:
    """What the formulas give; the engine that ran is one on record."""
    evidence = claim(problem)
    assert evidence.engine in RECORDED["engines"].get(claim.identifier, ["direct"])
    found = {"evidence": [evidence.bound, evidence.slack]}
    if claim.largest_step_size is not None:
        found["step size"] = [claim.largest_step_size(problem)]
    if claim.contraction is not None:
        bound = claim.contraction(problem)
        found["contraction"] = [bound.start, bound.rate, bound.rounding]
    if claim.floor is not None:
        found["floor"] = [claim.floor(problem)]
    return found


@pytest.mark.parametrize("identifier", RECORDED["claims"])
def test_formulas_give_the_numbers_on_record(identifier: str) -> None:
    claim = registry.claim_named(identifier)
    found = [numbers(claim, problem) for problem in islice(problems(claim), COUNT)]
    recorded = RECORDED["claims"][identifier]
    assert [list(entry) for entry in found] == [list(entry) for entry in recorded]
    for entry, wanted in zip(found, recorded, strict=True):
        for name, values in wanted.items():
            assert entry[name] == pytest.approx(values, rel=1e-6, abs=0), f"derive it anew, then record {found}"


SMALL = [[[0.4, 0.1], [0.1, 0.3]], [[-0.4, 0.1], [0.1, 0.3]], [[0.3, -0.2], [0.2, 0.3]]]
"""Where what is 1 at least is 1."""


@pytest.mark.parametrize("identifier", RECORDED["small"])
def test_formulas_give_the_numbers_on_record_at_small_targets(identifier: str) -> None:
    claim, found = registry.claim_named(identifier), []
    for target in SMALL:
        known = sorted(
            claim.problems_for(np.array(target)), key=lambda problem: (abs(problem.depth - 4), problem.depth)
        )
        found += [numbers(claim, problem) for problem in known[:1]]
    for entry, wanted in zip(found, RECORDED["small"][identifier], strict=True):
        for name, values in wanted.items():
            recorded = [float(value) for value in values]
            # part of an allowance may be measured on a run
            assert entry[name] == pytest.approx(recorded, rel=1e-3, abs=0), f"derive it anew, then record {found}"


DEPTHS = 1, 2, 4, 24
FORMULAS = {claim.identifier: claim for claim in registry.all_claims().values() if claim.promises_something}
WIDER = [*TARGETS[:7], [[-0.9, 0.0], [0.0, 2.5]], [[0.75, 0.0], [0.0, 1.0]]]


def by_depth(claim: Claim) -> list[list[float]]:
    """Step size, contraction and floor at every depth, also where the hypotheses do not hold."""
    found = []
    for target, depth in product(WIDER, DEPTHS):
        for problem in islice(claim.problems(np.array(target), depth), 1):
            row = [] if claim.largest_step_size is None else [claim.largest_step_size(problem)]
            if claim.contraction is not None:
                bound = claim.contraction(problem)
                row += [bound.start, bound.rate, bound.rounding]
            if claim.floor is not None:
                row.append(claim.floor(problem))
            found.append([float(f"{number:.8g}") for number in row])
    return found


@pytest.mark.parametrize("identifier", RECORDED["by depth"])
def test_formulas_give_the_numbers_on_record_at_every_depth(identifier: str) -> None:
    found = by_depth(FORMULAS[identifier])
    recorded = [[float(number) for number in row] for row in RECORDED["by depth"][identifier]]
    assert [len(row) for row in found] == [len(row) for row in recorded]
    assert np.concatenate(found) == pytest.approx(np.concatenate(recorded), rel=1e-6, abs=0, nan_ok=True), (
        f"derive it anew, then record {found}"
    )


def validated(claim: Claim) -> list[list[float]]:
    """Step size, tolerance, steps, parameters of the algorithm and sum of the start of what is checked on targets."""
    return [
        [
            problem.step_size,
            problem.tol,
            problem.max_steps,
            *parameters_of(problem).values(),
            float(problem.start.sum()),
        ]
        for target, depth in product((TARGETS[0], TARGETS[4], TARGETS[5]), (2, 5))
        for problem in claim.problems(np.array(target), depth)
    ]


@pytest.mark.parametrize("identifier", RECORDED["validated"])
def test_problems_that_are_validated_are_those_on_record(identifier: str) -> None:
    found, recorded = validated(registry.claim_named(identifier)), RECORDED["validated"][identifier]
    assert [len(row) for row in found] == [len(row) for row in recorded]
    assert np.concatenate(found) == pytest.approx(np.concatenate(recorded), rel=1e-6), f"if so, record {found}"


@pytest.mark.parametrize("identifier", ["C1", "C2", "C3", "C4", "C5", "I4", "N3", "N4", "N6", "N6b", "P5", "N7e"])
def test_a_large_target_is_followed_for_fewer_steps(identifier: str) -> None:
    """6,000 steps over depth and 1.28^3, what a step of this size costs; a fifth of them where it is decomposed."""
    target = np.eye(128)
    target[0, 0] = -1.0 if identifier.startswith("N6") else 1.05
    steps = {problem.max_steps for problem in registry.claim_named(identifier).problems(target, 64)}
    assert steps == {5 if identifier == "I4" else 8 if identifier in ("C5", "N6b", "P5") else 44}


POINT = np.array([[[1.1, 0.2], [0.0, 0.9]], [[1.0, -0.3], [0.4, 1.2]], [[0.8, 0.0], [0.1, 1.0]]])
AT_POINT = Problem(TARGETS[0], 3, Penalized(0.1, 0.3), initial_layers=POINT)
ERROR = _points.norm(network.product(POINT) - TARGETS[0])
REDUCED = [
    Problem(TARGETS[0], 3, algorithm, max_steps=2) for algorithm in (GradientDescent(0.05), PowerProjection(0.5, 0.1))
]


def reduced(problem: Problem) -> tuple[float, ...]:
    before, after = (exact_reduction.reduced(problem, steps) for steps in (0, 1))
    return exact_reduction.allowances(problem, before, after)


ALGORITHMS = GradientDescent(0.05), StepAndProject(0.5, 0.05), Penalized(0.1, 0.05), PowerProjection(0.5, 0.05)


def of_engines() -> list[float]:
    """How far each algorithm's third iterate may be from the exact one, in layers and loss."""
    layers = np.eye(3) + np.arange(27.0).reshape(3, 3, 3) / 90
    problems = [Problem(TARGETS[1], 3, algorithm) for algorithm in ALGORITHMS]
    found = [list(agreement.allowed(problem, [layers] * 3))[2] for problem in problems]
    return [value for one in found for value in (one.layers, one.loss)]


def beside_each_other() -> list[float]:
    """What I6 observes of points so near to each other that rounding is allowed a good part of their distance."""
    target = np.array([[1.0, 0.5], [-0.25, 2.0]])
    points = np.stack([target + 2.0**-44 * np.array(entries) for entries in ([[4, -2], [3, 2]], [[-3, 4], [-2, 5]])])
    return [registry.claim_named("I6")(margin_projection.instance(target, 0.5, points)).observed]


def of_small_roots() -> list[float]:
    """What I8 observes where only the root of a singular value is off that rounding may change much, or wholly."""
    problems = [
        Problem(np.diag([1.0, small]), 3, GradientDescent(), initial_layers=np.stack([np.diag([1.0, 0.5])] * 3))
        for small in (1e-14, 2.0**-60)
    ]
    return [registry.claim_named("I8")(problem).observed for problem in problems]


def without_error(problem: Problem) -> tuple[Matrix, Matrix]:
    """In the place of a flow: the identity at all times, as if its integration had no error."""
    return np.stack([np.eye(len(problem.target))] * (problem.max_steps + 1)), np.array(0.0)


def of_flows_without_error() -> list[float]:
    """What N7b observes, and N7d allows, where only rounding is allowed for."""
    with patch.object(gradient_flow, "flow", without_error):
        observed = registry.claim_named("N7b")(gradient_flow.problem_on(np.array(TARGETS[4]), 2, 5)).observed
        reversed_ = (gradient_flow.problem_on(np.array(TARGETS[7]), 2, steps) for steps in (5, 100))
        return [observed, *(registry.claim_named("N7d")(problem).slack for problem in reversed_)]


ALLOWANCES = {
    "engines": of_engines,
    "I4": lambda: [
        delta
        for largest in (0.5, 1.5, 3.0)
        for delta in symmetric_layers.drifts(AT_POINT, np.full(3, largest), np.full(3, ERROR), 2.6)[1:]
    ],
    "N1": lambda: [allowance for problem in REDUCED for allowance in reduced(problem)],
    "N5a step": lambda: [dense_agreement.largest_step(Problem(TARGETS[5], L, GradientDescent(0.1))) for L in (2, 3, 5)],
    "P4b": lambda: [saddle_reached.slack(np.array(values), 3, 0.1, 0.5) for values in ((-0.5, 3.0), (-0.5, -0.3))],
    "P4b's bound": lambda: [
        saddle_reached.remainder(value, depth, 0.1, 4) for depth in (1, 2, 3) for value in (2.0, 0.5, 0.0, -0.5)
    ],
    "N5a": lambda: dense_agreement.spread(Problem(TARGETS[5], 3, GradientDescent(0.1))),
    "I7": lambda: [factorization.allowance(AT_POINT), factorization.layer_rounding(AT_POINT)],
    "H2": lambda: [registry.claim_named("H2")(Problem(np.eye(2), 3, GradientDescent())).slack],
    "I5": lambda: [rounding_allowance(np.array(TARGETS[6]), 0.5, 7)],
    "I6": beside_each_other,
    "I8": of_small_roots,
    "N7b, N7d": of_flows_without_error,
    "N9a": lambda: [sharpness.miss_rounding(AT_POINT)],
    "I10": lambda: _steps.taken(AT_POINT, POINT, POINT, 0.1).rounding,
    "flow times": lambda: [
        t
        for target in (SMALL[0], TARGETS[0])
        for t in gradient_flow.times(gradient_flow.problem_on(np.array(target), 3, 2))
    ],
    "gradients": lambda: [_points.gradient_rounding(POINT, np.array(TARGETS[0]), 5)],
}
"""Allowances for rounding in which claims measure, and which their evidence therefore does not show."""


@pytest.mark.parametrize("name", ALLOWANCES)
def test_allowances_are_those_on_record(name: str) -> None:
    found = [float(number) for number in ALLOWANCES[name]()]
    assert found == pytest.approx(RECORDED["allowances"].get(name), rel=1e-6, abs=0), (
        f"derive it anew, then record {found}"
    )


def test_where_no_error_is_above_its_own_error_nothing_is_observed() -> None:
    assert gradient_flow.decay_of(np.array([1.0, 1e-20]), np.array([1.0]), 1e-18) == 0.0
