"""Projections to a margin that do too little or too much are caught by the claims on the projection."""

from collections.abc import Callable

import numpy as np
import pytest
from claim_draws import drawn

import catalog
from catalog.claim import Kind
from catalog.claims._steps import Taken, ball_deviation, power_deviation
from catalog.claims.single_steps import checked_steps, resolves_margin
from catalog.dyadic import Dyadic
from dlr import GradientDescent, PowerProjection, Problem, matrices
from dlr.types import Matrix

RIGHT = matrices.project_to_margin

WRONG: dict[str, Callable[[Matrix, float], Matrix]] = {
    "none": lambda matrix, margin: matrix,
    "half as far": lambda matrix, margin: (matrix + RIGHT(matrix, margin)) / 2,
    "a tenth further": lambda matrix, margin: matrix + 1.1 * (RIGHT(matrix, margin) - matrix),
    "reflection": lambda matrix, margin: 2 * RIGHT(matrix, margin) - matrix,
    "skew part left out": lambda matrix, margin: matrices.symmetric_part(RIGHT(matrix, margin)),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_projection_is_caught(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    claims = [catalog.all_claims()[f"margin-projection-{kind}"] for kind in ("idempotent", "non-expansive")]
    assert all(claim(problem).holds(claim.kind) for claim in claims for problem in drawn(claim.name))
    monkeypatch.setattr(matrices, "project_to_margin", WRONG[name])
    caught = [
        claim.identifier for claim in claims for problem in drawn(claim.name) if not claim(problem).holds(claim.kind)
    ]
    assert caught


def step(moved: list[list[float]], after: list[Matrix]) -> Taken:
    """A step from layers with these diagonals, before they are projected, to the layers after it."""
    exact = [np.diag(diagonal) for diagonal in moved]
    return Taken(np.array(exact), np.array(after), Dyadic.of(np.array(exact)), np.full(len(exact), 1e-15))


def test_each_condition_on_a_step_into_the_ball_can_fail() -> None:
    """Of the layer ``I + diag(3, 0.2)`` at radius 1: too far out, or not the nearest; in units of rounding."""
    for after, seen in (([2.0, 1.2], 0.0), ([4.0, 1.2], 8.962066e13), ([1.5, 1.2], 9.043111e12)):
        assert ball_deviation(step([[4.0, 1.2]], [np.diag(after)]), 1.0) == pytest.approx(seen, rel=1e-5)


def test_a_deviation_that_can_not_be_computed_fails_the_check() -> None:
    """In whichever of three steps it is."""
    problem = Problem(np.eye(2), 2, GradientDescent(0.1), initial_layers=np.stack([np.diag([1.5, 0.5])] * 2))
    for place in range(3):
        deviations = iter([0.5] * place + [np.nan] + [0.5] * 2)
        evidence = checked_steps(problem, lambda taken, found=deviations: next(found))
        assert evidence.steps == 3
        assert not evidence.holds(Kind.IDENTITY)
    assert checked_steps(problem, lambda taken: 0.5).holds(Kind.IDENTITY)


def test_a_step_that_overflows_in_one_layer_does_not_resolve_a_margin() -> None:
    layers = np.stack([1e200 * np.eye(2), np.eye(2), np.eye(2)])
    problem = Problem(np.eye(2), 3, PowerProjection(0.5, 1.0), initial_layers=layers)
    with np.errstate(all="ignore"):
        assert not resolves_margin(problem, layers)


SKEW = np.array([[0.0, -1.0], [1.0, 0.0]])
POWER_STEPS = {
    "right": ([[0.2, 3.0]], [np.diag([1.0, 3.0])], 0.0),
    "skew part changed": ([[0.2, 3.0]], [np.diag([1.0, 3.0]) + SKEW], 2.005932e13),
    "margin missed": ([[0.2, 3.0]], [np.diag([0.2, 3.0])], 1.134727e13),
    "lowered to the margin": ([[0.2, 3.0]], [np.diag([1.0, 1.0])], 2.836817e13),
    "lifted further": ([[0.2, 3.0]], [np.diag([2.0, 3.0])], 6.718776e12),
    "lifted by rounding": ([[1.0, 1.0]], [(1 + 2.0**-45) * np.eye(2)], 0.3589078),
    "right, balanced": ([[4.0, 9.0], [1.0, 1.0]], [np.diag([2.0, 3.0]), np.diag([2.0, 3.0])], 0.0),
    "not balanced": ([[4.0, 9.0], [1.0, 1.0]], [np.diag([4.0, 9.0]), np.eye(2)], 9.716862e12),
    "turned too far": ([[4.0, 9.0], [1.0, 1.0]], [np.diag([-2.0, 3.0]), np.diag([-2.0, 3.0])], 6.006348e13),
}
"""Layers before and after a step, and in how many of its rounding allowances a fault is seen."""


@pytest.mark.parametrize("name", POWER_STEPS)
def test_each_condition_on_a_step_of_power_projection_can_fail(name: str) -> None:
    moved, after, seen = POWER_STEPS[name]
    assert power_deviation(step(moved, after), 1.0) == pytest.approx(seen, rel=1e-5, abs=1e-3)
