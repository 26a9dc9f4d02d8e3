"""At the edge of its hypotheses, at any scale, a claim holds or does not apply; no predicate raises."""

import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from claim_draws import drawn, strategy
from hypothesis import given, settings
from hypothesis import strategies as st

import catalog
from catalog.claim import Claim
from catalog.claims.step_size_cap import beside
from catalog.ingredients import with_step_size
from dlr import Problem
from dlr.types import Matrix

CLAIMS = list(catalog.all_claims().values())
SCALES = [-300, -150, -8, 8, 150, 300]
DEPARTURES = [10.0**-k for k in range(6, 18)]

fewer = settings(max_examples=max(5, settings().max_examples // 10))
"""Four tests of every claim: the other suites look at its draws at length."""

every_claim = pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.name)


def holds_or_does_not_apply(claim: Claim, problem: Problem) -> None:
    if claim.dropped(problem) == []:
        evidence = claim(problem)
        assert evidence.holds(claim.kind), (problem, evidence)


def directions(target: Matrix) -> Iterator[Matrix]:
    """Ways out of the structures: one corner, a skew part, one diagonal entry, the lowest axis turned."""
    d = len(target)
    corner = np.zeros((d, d))
    corner[0, -1] = 1.0
    yield corner
    yield corner - corner.T
    first = np.zeros((d, d))
    first[0, 0] = 1.0
    yield first
    yield -first
    vectors = np.linalg.eigh(target / 2 + target.T / 2)[1]
    yield np.outer(vectors[:, 0], vectors[:, -1])
    yield np.outer(vectors[:, 0], vectors[:, -1]) - np.outer(vectors[:, -1], vectors[:, 0])


@every_claim
@fewer
@given(data=st.data())
def test_near_the_structures(claim: Claim, data: st.DataObject) -> None:
    problem = data.draw(strategy(claim.draws))
    departure = data.draw(st.sampled_from(DEPARTURES))
    direction = data.draw(st.sampled_from(list(directions(problem.target))))
    moved = problem.target + departure * max(np.linalg.norm(problem.target), 1e-300) * direction
    holds_or_does_not_apply(claim, replace(problem, target=moved))
    entry = data.draw(st.integers(0, problem.target.size - 1))
    nudged = problem.target.copy()
    nudged.flat[entry] = np.nextafter(nudged.flat[entry], data.draw(st.sampled_from([-np.inf, np.inf])))
    holds_or_does_not_apply(claim, replace(problem, target=nudged))


@every_claim
@fewer
@given(data=st.data())
def test_at_the_limits_of_step_size_and_tolerance(claim: Claim, data: st.DataObject) -> None:
    problem = data.draw(strategy(claim.draws))
    if claim.largest_step_size is not None:
        largest = claim.largest_step_size(problem)
        if 0 < largest < 1e300:
            for factor in (1.0, 1 + 2.0**-52, 1 + 1e-12, 1 - 2.0**-53, 1e-3):
                holds_or_does_not_apply(claim, with_step_size(problem, factor * largest))
    if claim.contraction is not None:
        least = 50 * claim.contraction(problem).rounding ** 2
        for factor in (0.999, 1.0, 1.001, 2.0):
            if 0 < factor * least < math.inf:
                holds_or_does_not_apply(claim, replace(problem, tol=factor * least))


def ways_from(problem: Problem) -> Iterator[Matrix]:
    """Ways for a start: to and from the identity, the largest direction of the target up and down, a corner, at random.

    All layers together, and the first alone.
    """
    start, size = np.asarray(problem.start), problem.target.shape
    left, _, right = np.linalg.svd(problem.target)
    corner, first = np.zeros(size), np.arange(len(start))[:, None, None] == 0
    corner[0, -1] = 1.0
    k = np.argmax(np.diag(problem.target))
    largest = np.outer(left[:, 0], right[0]), np.outer(right[0], right[0]), np.diag(1.0 * (np.arange(len(corner)) == k))
    for way in (np.eye(len(corner)), *largest, corner, np.random.default_rng(0).standard_normal(size)):
        for each in (np.broadcast_to(way, start.shape), way * first):
            yield from (each, -each)
    yield start - np.eye(len(corner))


def at_the_edge(claim: Claim, problem: Problem, way: Matrix) -> Iterator[Problem]:
    """The last start on the way where all hypotheses hold, and the next float's, where one does not."""

    def at(t: float) -> Problem:
        return replace(problem, initial_layers=problem.start + t * way)

    inside, outside = 0.0, 1e-18
    while outside < 1e3 and claim.dropped(at(outside)) == []:
        inside, outside = outside, 10 * outside
    if inside == 0 or outside >= 1e3:
        return
    while inside < (middle := (inside + outside) / 2) < outside:
        inside, outside = (middle, outside) if claim.dropped(at(middle)) == [] else (inside, middle)
    yield from (at(inside), at(outside))


@every_claim
def test_at_the_edge_of_the_start(claim: Claim) -> None:
    own = [problem for problem in drawn(claim.name) if problem.initial_layers is not None]
    for problem in own[2::5] if settings().max_examples < 1000 else own:
        for way in ways_from(problem):
            for moved in at_the_edge(claim, problem, way):
                holds_or_does_not_apply(claim, moved)


@pytest.mark.parametrize("depth", [1, 2, 9, 64])
@pytest.mark.parametrize("e", [0.02, 0.99])
@pytest.mark.parametrize("side", [-1.0, 1.0])
def test_at_both_edges_of_the_start_beside_a_minimum(depth: int, e: float, side: float) -> None:
    claim = catalog.all_claims()["steps-beyond-the-cap-leave-a-minimum"]
    inside = 0
    for value in (0.01, 1.7, 100.0):
        for relative in (side, side * 1e-12, side * 1e-14):
            problem = beside(np.array([value, 0.01]), depth, e, relative)
            theta = np.asarray(problem.start)[0, 0, 0]
            for ulps in range(-6, 7):
                start = np.asarray(problem.start).copy()
                start[:, 0, 0] = theta + ulps * np.spacing(theta)
                moved = replace(problem, initial_layers=start)
                inside += claim.dropped(moved) == []
                holds_or_does_not_apply(claim, moved)
    assert inside > 13, "both sides of the edge"


@every_claim
@fewer
@given(data=st.data())
def test_at_every_scale(claim: Claim, data: st.DataObject) -> None:
    problem = data.draw(strategy(claim.draws))
    factor = 10.0 ** data.draw(st.sampled_from(SCALES))
    with np.errstate(all="ignore"):
        scaled = factor * problem.target
        if not np.all(np.isfinite(scaled)):
            return
        holds_or_does_not_apply(claim, replace(problem, target=scaled))
        for own in claim.problems(scaled, problem.depth):
            holds_or_does_not_apply(claim, own)


@every_claim
@pytest.mark.parametrize("exponent", SCALES)
def test_named_targets_at_every_scale(claim: Claim, exponent: int) -> None:
    for name in ("householder", "shear", "lehmer", "circulant-shift"):
        for problem in claim.problems_for(10.0**exponent * catalog.target(name).matrix):
            evidence = claim(problem)
            assert evidence.holds(claim.kind), (name, problem, evidence)
        for problem in claim.problems(10.0**exponent * catalog.target(name).matrix, claim.depths[-1]):
            claim.dropped(problem)  # raises nothing, nor does making the problem
