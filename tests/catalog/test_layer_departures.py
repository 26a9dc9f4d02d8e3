"""Claims that compare several quantities see a departure of each alone, in layers, products, losses and gradients."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from catalog.claims import exact_reduction, identities, margin_kept, whitened_data
from catalog.claims.symmetric_layers import deviations
from catalog.registry import claim_named
from dlr import GradientDescent, Problem, Solution, network

SYMMETRIC = np.diag([1.0, 3.0])
TURNED = np.array([[0.0, 1.0], [-1.0, 0.0]])
EXCHANGE = np.array([[0.0, 1.0], [1.0, 0.0]])


@pytest.mark.parametrize(
    ("layers", "target", "seen"),
    [
        ([SYMMETRIC, SYMMETRIC], SYMMETRIC, 0.0),
        ([np.eye(2), np.eye(2) + SYMMETRIC], SYMMETRIC, np.sqrt(10)),
        ([TURNED, TURNED], np.eye(2), np.sqrt(8)),
        ([EXCHANGE, EXCHANGE], SYMMETRIC, np.sqrt(8) / 3),
    ],
    ids=["none", "unequal", "skew", "not commuting"],
)
def test_each_departure_is_seen(layers: list[np.ndarray], target: np.ndarray, seen: float) -> None:
    assert deviations(np.stack(layers)[None], target, np.linalg.norm(target, 2)) == pytest.approx([seen])


def test_a_small_singular_value_alone_is_seen() -> None:
    """The product is I / 8, turned by nothing, where singular values of 1 at least are to be kept."""
    problem = Problem(2 * np.eye(2), 3, GradientDescent(0.1), initial_layers=np.stack([np.eye(2) / 2] * 3))
    assert margin_kept.stays(problem) == pytest.approx(8)


OFF = 1e-9
TARGET = np.array([[2.5, 0.5], [0.5, 1.5]])


def with_departure(of: str) -> Callable[[Solution], Solution]:
    """A run of the reference engine with one of its results off."""

    def run(problem: Any) -> Solution:
        solution = RUN(problem)
        if problem.engine != "reference":
            return solution
        if of.endswith("loss"):
            losses = solution.losses.copy()
            losses[0 if of.startswith("first") else -1] += -OFF if "lower" in of else OFF
            return replace(solution, losses=losses)
        return replace(solution, **{of: getattr(solution, of) + OFF})

    return run


RUN, BACKPROPAGATE = exact_reduction.run, whitened_data.backpropagate
PRODUCT, GRADIENTS = network.product, network.gradients
DEPARTURES = [
    ("N1", exact_reduction, "run", with_departure("layers"), 44985.42),
    ("N1", exact_reduction, "run", with_departure("product"), 13119.55),
    ("N1", exact_reduction, "run", with_departure("first loss"), 19246.62),
    ("N1", exact_reduction, "run", with_departure("last loss"), 19246.62),
    ("N1", exact_reduction, "run", with_departure("first, lower loss"), 19246.62),
    ("N1", exact_reduction, "run", with_departure("last, lower loss"), 19246.62),
    ("I1", whitened_data, "backpropagate", lambda *of: (BACKPROPAGATE(*of)[0] + OFF, BACKPROPAGATE(*of)[1]), 149.7458),
    ("I1", whitened_data, "backpropagate", lambda *of: (BACKPROPAGATE(*of)[0], BACKPROPAGATE(*of)[1] + OFF), 2040.326),
    ("I2", identities.network, "gradients", lambda *of: GRADIENTS(*of) + OFF, 1829.636),
    ("I3", identities.network, "gradients", lambda *of: GRADIENTS(*of) + OFF, 4388.762),
    ("I3", identities.network, "product", lambda layers: PRODUCT(layers) + OFF, 48671.35),
]
"""What is off, and in how many of its rounding allowances that is seen."""


@pytest.mark.parametrize(("identifier", "module", "name", "wrong", "seen"), DEPARTURES)
def test_a_departure_of_one_quantity_is_seen_in_units_of_its_rounding(
    identifier, module, name, wrong, seen, monkeypatch: pytest.MonkeyPatch
) -> None:
    claim = claim_named(identifier)
    problem = min(claim.problems_for(TARGET), key=lambda problem: abs(problem.depth - 3))
    assert claim(problem).holds(claim.kind)
    monkeypatch.setattr(module, name, wrong)
    assert claim(problem).observed == pytest.approx(seen, rel=1e-4)
