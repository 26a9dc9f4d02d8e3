"""No claim's examples fall into one corner of its input space, and few draws are rejected."""

from collections.abc import Callable
from dataclasses import replace
from functools import cache

import pytest
from hypothesis import settings
from hypothesis.strategies import SearchStrategy

import catalog
from catalog.app.examples import Spread, spread
from catalog.claim import Claim
from dlr import Problem

MOST_REJECTED = 0.1
MOST_IN_ONE_BAND = 0.95
LEAST_BANDS = {"dimension": 3, "depth": 3, "condition": 2, "margin": 2}


def corners(claim: Claim, seen: Spread) -> list[str]:
    """Axes along which too many examples fall into one band, other than those that the hypotheses confine."""
    return [
        axis
        for axis, shares in seen.shares.items()
        if axis not in claim.confined
        and (max(shares) > MOST_IN_ONE_BAND or sum(share > 0 for share in shares) < LEAST_BANDS[axis])
    ]


DRAWN_FOR = {claim.draws: claim for claim in catalog.all_claims().values()}


@cache
def spread_of(draws: Callable[[], SearchStrategy[Problem]]) -> Spread:
    """The spread of a strategy, which several claims may share."""
    return spread(DRAWN_FOR[draws], max(50, settings().max_examples))


@pytest.mark.parametrize("claim", catalog.all_claims().values(), ids=lambda claim: claim.name)
def test_examples_spread_and_few_draws_are_rejected(claim: Claim) -> None:
    seen = spread_of(claim.draws)
    assert corners(claim, seen) == []
    assert seen.rejected <= MOST_REJECTED


def test_a_corner_is_noticed() -> None:
    claim = catalog.all_claims()["positive-definite-converges"]
    shallow = replace(claim, draws=lambda: claim.draws().map(lambda problem: replace(problem, depth=2)))
    assert corners(shallow, spread(shallow)) == ["depth"]


def test_rejections_are_noticed() -> None:
    claim = catalog.all_claims()["positive-definite-converges"]
    choosy = replace(claim, draws=lambda: claim.draws().filter(lambda problem: problem.depth % 7 == 1))
    assert MOST_REJECTED < spread(choosy).rejected < 1


def test_shares_count_every_example() -> None:
    for shares in spread(catalog.all_claims()["equivariance"], examples=50).shares.values():
        assert sum(shares) == pytest.approx(1, abs=0.01)
