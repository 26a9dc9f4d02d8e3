"""The hardest problems on record are still inside the hypotheses, hold, and are as hard as they were.

Their bounds and rounding allowances are the recorded ones: formulas, whose values no platform changes by 2%.
"""

from dataclasses import replace
from typing import Any

import pytest

from catalog import ingredients
from catalog.app.attempt import Try
from catalog.app.hardest import all_records, hardest_instances, recorded_problem, recorded_try
from catalog.claim import Kind
from catalog.registry import all_claims, claim_named
from dlr import PowerProjection, Problem
from dlr.rounding import ROUNDING

RECORDS = all_records()


def off_the_edge(problem: Problem) -> Problem:
    """The problem with step size and margin lowered by rounding: their limits are computed, to other bits elsewhere."""
    problem = ingredients.with_step_size(problem, problem.step_size * (1 - ROUNDING))
    if isinstance(problem.algorithm, PowerProjection) and problem.algorithm.margin is not None:
        lowered = replace(problem.algorithm, margin=problem.algorithm.margin * (1 - ROUNDING))
        return replace(problem, algorithm=lowered)
    return problem


@pytest.mark.parametrize(
    "record", RECORDS, ids=[f"{record['claim']} from L = {record['min_depth']}" for record in RECORDS]
)
def test_record_is_as_hard_as_it_was(record: dict[str, Any]) -> None:
    claim, problem = claim_named(record["claim"]), off_the_edge(recorded_problem(record))
    assert claim.name == record["name"]
    assert problem.depth >= record["min_depth"]
    assert claim.dropped(problem) == []
    tried = Try(claim, problem, claim(problem))
    assert not tried.violates
    assert recorded_try(claim, record).ratio == record["ratio"]
    found = tried.evidence.bound, tried.evidence.slack
    assert found == pytest.approx((record["bound"], record["slack"]), rel=0.02, abs=0), "save it anew if that is right"
    if claim.kind not in (Kind.IDENTITY, Kind.INVARIANT):  # of these the number is rounding's own
        assert tried.ratio == pytest.approx(record["ratio"], rel=0.02)


def test_records_are_of_claims_that_there_are() -> None:
    own = [claim.identifier for claim in all_claims().values() if "." not in claim.identifier]
    recorded = list(hardest_instances())
    assert recorded == [identifier for identifier in own if identifier in recorded]
    assert len(recorded) >= 35
    assert len(hardest_instances(min_depth=2)) >= 8


def test_no_record_of_deep_networks_is_harder_than_that_of_all() -> None:
    for identifier, deep in hardest_instances(min_depth=2).items():
        claim = claim_named(identifier)
        assert not recorded_try(claim, deep).harder_than(recorded_try(claim, hardest_instances()[identifier]))
