"""At the edge of its hypotheses, at any scale, a claim holds or does not apply; no predicate raises."""

import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from claim_draws import strategy
from hypothesis import given, settings
from hypothesis import strategies as st

import catalog
from catalog.claim import Claim
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
