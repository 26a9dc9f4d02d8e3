"""One axis of a claim's problems moved away at a time: what its hypotheses don't mention can't matter.

Each moved problem drops a hypothesis, or the claim holds on it.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
import pytest
from claim_draws import drawn
from hypothesis import settings

import catalog
from catalog.app.perturbation import STARTS, has_own_start, with_start
from catalog.claim import IN_RANGE, Claim, Evidence
from catalog.ingredients import FirstLayerFaster, with_step_size
from dlr import GradientDescent, Penalized, PowerProjection, Problem, StepAndProject, matrices
from dlr.algorithms import Algorithm
from dlr.arguments import InputError
from dlr.problem import ENGINE_NAMES
from dlr.types import Array

CLAIMS = list(catalog.all_claims().values())
CHOSEN = slice(2, None, 5) if settings().max_examples < 1000 else slice(None)
"""Of the draws: two, or under the profile thorough all."""

every_claim = pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.name)


@dataclass(frozen=True)
class Overshooting:
    """A user's algorithm: gradient steps three times as long as asked for."""

    step_size: float | None = None
    name: ClassVar[str] = "overshooting"

    def step(self, layers: Array, gradients: Array, step_size: float) -> Array:
        """Next layers."""
        return layers - 3 * step_size * gradients


def other_algorithms(problem: Problem) -> Iterator[Problem]:
    """Every algorithm at the problem's step size, with parameters at which it does something."""
    eta = problem.step_size
    algorithms: list[Algorithm] = [
        GradientDescent(eta),
        Penalized(0.1 / eta, eta),
        StepAndProject(0.1, eta),
        FirstLayerFaster(eta),
        Overshooting(eta),
        PowerProjection(min(1.0, max(0.5 * matrices.margin(problem.target), 1e-3)), eta),
    ]
    for algorithm in algorithms:
        if type(algorithm) is not type(problem.algorithm):
            yield replace(problem, algorithm=algorithm)


def other_starts(problem: Problem) -> Iterator[Problem]:
    """The identity, zero, zero-asymmetric and balanced starts, scaled layers, and a seeded start near the identity."""
    d, L = len(problem.target), problem.depth
    unit = np.broadcast_to(np.eye(d), (L, d, d))
    uneven = unit * np.where(np.arange(L) % 2, 0.1, 10.0)[:, None, None]
    near = unit + 0.1 / L * np.random.default_rng(0).standard_normal((L, d, d))
    for layers in (None, unit, 3 * unit, uneven, near):
        yield replace(problem, initial_layers=layers)
    for start in STARTS.values():
        yield replace(problem, initial_layers=start(problem.target, L))


def other_step_sizes(problem: Problem) -> Iterator[Problem]:
    for factor in (1e-6, 0.1, 0.5, 2.0, 10.0, 1e3):
        yield with_step_size(problem, factor * problem.step_size)


def other_depths(problem: Problem) -> Iterator[Problem]:
    """Other depths, with the start of the same kind; layers given are repeated or left out."""
    for depth in (1, 2, 3, 17):
        layers = problem.initial_layers if has_own_start(problem) else None
        if layers is not None:
            layers = layers[np.arange(depth) % len(layers)]
        yield with_start(problem, problem.target, depth, layers)


def other_engines(problem: Problem) -> Iterator[Problem]:
    for engine in sorted({*ENGINE_NAMES} - {problem.engine}):
        yield replace(problem, engine=engine)


AXES: dict[str, Callable[[Problem], Iterator[Problem]]] = {
    "algorithm": other_algorithms,
    "start": other_starts,
    "step size": other_step_sizes,
    "depth": other_depths,
    "engine": other_engines,
}


def violations(claim: Claim, axis: str, draws: list[Problem]) -> Iterator[tuple[Problem, Evidence]]:
    """Problems moved along an axis that drop no hypothesis and on which the claim does not hold."""
    for problem in draws:
        for moved in AXES[axis](problem):
            try:
                evidence = None if claim.dropped(moved) else claim(moved)
            except InputError:  # as of an engine that can't run this algorithm
                continue
            if evidence is not None and not evidence.holds(claim.kind):
                yield moved, evidence


@every_claim
@pytest.mark.parametrize("axis", AXES)
def test_no_hypothesis_is_missing(claim: Claim, axis: str) -> None:
    found = next(violations(claim, axis, drawn(claim.name)[CHOSEN]), None)
    assert found is None, f"{claim.identifier} lacks a hypothesis on the {axis}: {found}"


@pytest.mark.parametrize(
    ("name", "hypothesis", "axis", "target"),
    [
        ("positive-definite-error-shrinks", "plain gradient descent", "algorithm", "lehmer"),
        ("positive-definite-error-shrinks", "identity start", "start", "lehmer"),
        ("positive-definite-error-shrinks", "eta <= 1 / (L b^(2 - 2/L))", "step size", "lehmer"),
        ("reflections-fail", "L even", "depth", "polar-reflection"),
        ("negative-eigenvalue-fails", "exact arithmetic (engine auto or spectral)", "engine", "householder"),
    ],
)
def test_a_missing_hypothesis_is_noticed(name: str, hypothesis: str, axis: str, target: str) -> None:
    claim = catalog.all_claims()[name]
    kept = tuple(other for other in claim.hypotheses if other.name != hypothesis)
    assert len(kept) == len(claim.hypotheses) - 1
    assert any(
        violations(replace(claim, hypotheses=kept), axis, list(claim.problems_for(catalog.target(target).matrix)))
    )


def test_double_precision_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    claim = catalog.all_claims()["gradient-steps"]
    draws = [replace(problem, engine="reference") for problem in drawn(claim.name)[CHOSEN]]
    assert next(violations(claim, "engine", draws), None) is None
    monkeypatch.setattr("catalog.claim.ALWAYS", (IN_RANGE,))
    assert next(violations(claim, "engine", draws))[0].engine == "single"
