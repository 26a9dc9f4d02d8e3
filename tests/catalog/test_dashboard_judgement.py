"""A change is for the worse or the better by its unit, matters from a threshold on, and is where the runs say."""

import json
import math
from dataclasses import replace
from pathlib import Path

import pytest
from made_history import commit, noisy, time_at, times, tracked

from catalog.benchmarks.dashboard import levels
from catalog.benchmarks.dashboard.history import Configuration, Series
from catalog.benchmarks.dashboard.judgement import Change, Judged, Thresholds, judged, usual_scatter

pytestmark = pytest.mark.usefixtures("fitting")


def count(*values: float | None, unit: str = "steps") -> Series:
    return tracked("a.track_b", unit, dict(enumerate(values, start=1)))


def test_thresholds_are_those_of_the_configuration_and_the_largest_counts(tmp_path: Path) -> None:
    file = tmp_path / "asv.conf.json"
    file.write_text("{}", encoding="utf-8")
    assert Thresholds.read(tmp_path) == Thresholds({})
    assert Thresholds({}).of(count(1)) == 0.05
    assert Thresholds({}).judges(count(1))
    least = {"a.*": 0.1, ".*track_b": 0.3, "a.track_c": 0.5, "track_b": 0.9}
    commits = {"a.track_[bc]": None, "a.track_d": "0123"}
    content = {"regressions_thresholds": least, "regressions_first_commits": commits}
    file.write_text(json.dumps(content), encoding="utf-8")
    found = Thresholds.read(tmp_path)
    assert found == Thresholds(least, ("a.track_[bc]",))
    assert found.of(count(1)) == 0.3
    assert not found.judges(count(1))
    assert found.judges(replace(count(1), benchmark="a.track_d"))


@pytest.mark.parametrize(
    ("old", "new", "unit", "factor", "worse"),
    [
        (2.0, 3.0, "steps", 1.5, True),
        (3.0, 1.5, "steps", 0.5, False),
        (2.0, 3.0, "cells per second", 1.5, False),
        (1.0, 0.0, "reached", 0.0, True),
        (0.0, 1.0, "steps", math.inf, True),
        (2.0, math.nan, "steps", math.nan, True),
        (2.0, math.nan, "reached", math.nan, True),
        (0.0, math.nan, "steps", math.nan, True),
    ],
)
def test_what_is_worse(old: float, new: float, unit: str, factor: float, worse: bool) -> None:
    series = count(old, new, unit=unit)
    change = Change(series, series.runs[0], series.runs[1], old, new, 0.0, 1)
    assert change.factor == pytest.approx(factor, nan_ok=True)
    assert (change.worse, change.perhaps) == (worse, ())
    assert change.located
    assert not replace(change, after=time_at(3, new)).located


@pytest.mark.parametrize(
    ("values", "changes"),
    [
        ((None, None), []),
        ((), []),
        ((3, 3, None), [(2, 3, 3, math.nan, 1)]),
        ((3, None, None, None), [(1, 2, 3, math.nan, 3)]),
        ((3, None, 3), []),
        ((None, 3), []),
        ((3, None, 4, 4, None), [(1, 3, 3, 4, 2), (4, 5, 4, math.nan, 1)]),
        ((1000, 1000.5, 1002), [(2, 3, 1000.5, 1002, 1)]),
        ((1000, 1001), []),  # a thousandth, and no more
        ((1000, 1002, 1003), [(1, 2, 1000, 1002, 2)]),
        ((-3, -3), []),
        ((0, 0, 2, 0), [(2, 3, 0, 2, 1), (3, 4, 2, 0, 1)]),
    ],
)
def test_a_count_changes_where_its_value_does_or_ends(values: tuple[float | None, ...], changes: list[tuple]) -> None:
    found = judged(count(*values), 0.001).changes
    places = [(one.before.commit.place, one.after.commit.place) for one in found]
    assert places == [one[:2] for one in changes]
    assert [(one.old, one.new, one.runs) for one in found] == [pytest.approx(one[2:], nan_ok=True) for one in changes]
    assert all(one.p == 0 for one in found)


def test_what_never_had_a_value_has_no_level_and_no_change() -> None:
    series = count(None, None)
    assert judged(series, 0.001) == Judged(series, (), {})


def test_a_time_of_zero_is_counted_since_it_has_no_logarithm() -> None:
    found = judged(times("a.time_b", {1: 0.0, 2: 1.0, 3: 1.0}), 0.05)
    assert [(one.before.value, one.after.value) for one in found.changes] == [(0, 1)]
    assert found.levels == {commit(1).hash: 0, commit(2).hash: 1, commit(3).hash: 1}


def test_a_run_that_was_taken_back_is_on_the_level_of_the_one_before() -> None:
    values = noisy({1: 1.0, 11: 2.0}, 3)
    values[9] *= 1.6
    values[12] *= 1.6
    found = judged(times("a.time_b", values), 0.05)
    assert found.apart == {commit(9).hash, commit(12).hash}
    assert found.levels[commit(9).hash] == found.levels[commit(8).hash] == found.changes[0].old
    assert found.levels[commit(12).hash] == found.changes[0].new
    assert found.levels[commit(20).hash] == found.changes[0].new == pytest.approx(2, rel=0.02)
    assert (found.changes[0].before.commit.place, found.changes[0].after.commit.place) == (10, 11)


def test_two_runs_that_were_taken_back_are_on_the_level_of_the_one_before() -> None:
    values = [1 + 0.01 * (-1) ** number for number in range(1, 32)]
    values[15:17] = 1.5, 1.4
    found = judged(times("a.time_b", dict(enumerate(values, start=1))), 0.05)
    assert found.apart == {commit(16).hash, commit(17).hash}
    assert len({found.levels[commit(place).hash] for place in range(1, 32)}) == 1


def test_the_usual_scatter_is_that_of_the_series_in_the_middle() -> None:
    def machine(*scatters: float, length: int = 17) -> Configuration:
        made = [times("a.time_b", noisy({1: 1.0}, 5, scatter)) for scatter in scatters]
        cut = tuple(replace(one, runs=one.runs[:length]) for one in made)
        return Configuration("m", "e", {}, (*cut, count(1, 100, 1, 100, 1, 100)))

    of = {scatter: usual_scatter(machine(scatter)) for scatter in (0.02, 0.04, 0.3)}
    assert all(found == pytest.approx(scatter, rel=0.5) for scatter, found in of.items())
    assert usual_scatter(machine(0.3, 0.02, 0.04)) == of[0.04]
    assert usual_scatter(machine(0.001)) == levels.LEAST_SCATTER
    assert usual_scatter(machine(0.3, length=4)) == levels.USUAL_SCATTER
    assert usual_scatter(machine(0.3, length=5)) > levels.USUAL_SCATTER
    assert usual_scatter(machine()) == levels.USUAL_SCATTER
