"""The words of a comparison: where a change is, what it rests on, from when on a run would be noticed."""

import math
from dataclasses import replace

import pytest
from made_history import commit, time_at, times, tracked

from catalog.benchmarks.dashboard import comparison
from catalog.benchmarks.dashboard.comparison import Found, Row
from catalog.benchmarks.dashboard.judgement import Change

TIMES = times("a.time_b", {1: 1.0, 2: 2.0, 4: 2.0, 5: 3.0})
CHANGE = Change(TIMES, TIMES.runs[0], TIMES.runs[1], 1.0, 2.0, 1e-5, 3)


def test_where_a_change_is() -> None:
    assert comparison.where(CHANGE) == str(commit(2))
    one, two = commit(3), commit(4)
    assert comparison.where(replace(CHANGE, perhaps=(one,))) == f"{commit(2)}, perhaps {one.short}"
    assert comparison.where(replace(CHANGE, perhaps=(one, two))) == f"{commit(2)}, perhaps {one.short} or {two.short}"
    gap = replace(CHANGE, before=TIMES.runs[1], after=TIMES.runs[2])
    said = f"one of 2 commits after {commit(2).short} until {commit(4)}"
    assert comparison.where(gap) == said
    assert comparison.where(replace(gap, perhaps=(one,))) == f"{said}, perhaps {one.short}"
    for after in TIMES.runs[:2]:  # on another machine
        there = replace(gap, before=TIMES.runs[1], after=after)
        assert comparison.where(there) == f"{after.commit}, compared with {commit(2).short}"


def test_what_a_change_rests_on() -> None:
    assert comparison.evidence(CHANGE) == "p < 0.0001, 3 runs since"
    assert comparison.evidence(replace(CHANGE, runs=1)) == "p < 0.0001, 1 run since"
    assert comparison.evidence(replace(CHANGE, new=math.nan)) == "no result any more"
    assert comparison.evidence(replace(CHANGE, series=tracked("a.track_b", "steps", {1: 1}))) == "exact"


@pytest.mark.parametrize("count", range(1, 32))
def test_nine_in_ten_do_not_exceed_what_is_said_of_most(count: int) -> None:
    numbers = [float((7 * place) % 32) for place in range(count)]
    half, most = comparison.half_and_most(numbers)
    least = min(number for number in numbers if 10 * sum(other <= number for other in numbers) >= 9 * count)
    assert most == least
    assert sum(number < half for number in numbers) == sum(number > half for number in numbers)
    assert comparison.half_and_most([]) == ()


def test_all_that_is_worse_needs_a_reason() -> None:
    better = replace(CHANGE, new=0.5)
    row = Row(TIMES, TIMES.runs[0], TIMES.runs[-1], 2.0, 1)
    for found, accepted in (
        ([Found(CHANGE, "so")], True),
        ([Found(CHANGE, "so"), Found(CHANGE, "")], False),
        ([Found(CHANGE, "so"), Found(better, "")], True),
        ([Found(CHANGE, "")], False),
    ):
        assert replace(row, found=tuple(found)).accepted == accepted
    assert not replace(row, found=(Found(CHANGE, ""),)).in_between
    assert replace(row, outcome=0, found=(Found(CHANGE, ""),)).in_between
    assert not replace(row, outcome=-1, found=(Found(better, ""),)).in_between


def test_changes_are_sorted_by_how_far_they_go_either_way() -> None:
    factors = [1.0, 0.9, 1.2, 0.5, 3.0, 0.01, 0.0]
    assert sorted(factors, key=comparison.size) == factors
    assert comparison.size(math.inf) == comparison.size(math.nan) == comparison.size(0.0)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (1, 5, (1, 5)),
        (3, 5, (2, 5)),
        (2, 4, (2, 4)),
        (2, 3, None),
        (0, 5, (1, 5)),
        (0, 1, None),
        (0, 2, (1, 2)),
        (5, 5, None),
    ],
)
def test_runs_are_taken_from_the_last_one_until_the_first_commit(
    before: int, after: int, expected: tuple[int, int] | None
) -> None:
    found = comparison.runs_at(TIMES, commit(before), commit(after))
    assert (found and tuple(run.commit.place for run in found)) == expected


def test_of_what_failed_the_last_run_may_be_taken_and_the_first_may_not() -> None:
    series = replace(TIMES, runs=(time_at(1, None), time_at(2, 1.0), time_at(3, None)))
    assert comparison.runs_at(series, commit(1), commit(3)) == series.runs[1:]
    assert comparison.runs_at(replace(series, runs=(series.runs[0],)), commit(0), commit(1)) is None
