"""Axes hold every value with few ticks, commits are named to the newest, and a lighter figure says the same."""

import math
import re
from pathlib import Path

import pytest
from made_history import COMMITS, commit, counts, engine, noisy, time_at, times, tracked

from catalog.app.figures import drawing
from catalog.benchmarks.dashboard import graphs
from catalog.benchmarks.dashboard.history import Run, Series


def line(series: Series, reached: Series | None = None) -> graphs.Line:
    return graphs.line(series, None, COMMITS, (0, 0), reached)


def axis(*values: float, unit: str = "steps") -> graphs.Axis:
    return graphs.axis_of([line(tracked("a.track_b", unit, {1: value})) for value in values], unit)


@pytest.mark.parametrize(
    ("values", "unit", "ticks", "names"),
    [
        ((3.0,), "steps", [0, 1, 2, 3, 4], ["0", "1", "2", "3", "4"]),
        ((3.9,), "steps", [0, 1, 2, 3, 4], ["0", "1", "2", "3", "4"]),
        ((4.0,), "steps", [0, 1, 2, 3, 4, 5], ["0", "1", "2", "3", "4", "5"]),
        ((4.01,), "steps", [0, 2, 4, 6], ["0", "2", "4", "6"]),
        ((1.9,), "steps", [0, 0.5, 1, 1.5, 2], ["0", "0.5", "1", "1.5", "2"]),
        ((2.0,), "steps", [0, 1, 2, 3], ["0", "1", "2", "3"]),
        ((30.0, 2.5), "steps", [0, 10, 20, 30, 40], ["0", "10", "20", "30", "40"]),
        ((0.0,), "reached", [0, 0.5, 1, 1.5], ["0", "0.5", "1", "1.5"]),
        (
            (-5.0, 3.0),
            "steps",
            [-5, -4, -3, -2, -1, 0, 1, 2, 3, 4],
            ["-5", "-4", "-3", "-2", "-1", "0", "1", "2", "3", "4"],
        ),
        (
            (-0.9, 0.6),
            "steps",
            [-1 + 0.2 * number for number in range(10)],
            ["-1", "-0.8", "-0.6", "-0.4", "-0.2", "0", "0.2", "0.4", "0.6", "0.8"],
        ),
        ((0.0, 300.0), "steps", [0, 100, 200, 300, 400], ["0", "100", "200", "300", "400"]),
        (
            (0.008, 0.0071),
            "seconds",
            [0, 0.002, 0.004, 0.006, 0.008, 0.01],
            ["0", "2 ms", "4 ms", "6 ms", "8 ms", "10 ms"],
        ),
        ((5e6,), "bytes", [0, 2e6, 4e6, 6e6], ["0", "2 MB", "4 MB", "6 MB"]),
    ],
)
def test_a_linear_axis_begins_at_zero_or_below(values, unit: str, ticks: list[float], names: list[str]) -> None:
    found = axis(*values, unit=unit)
    assert (found.log, list(found.names)) == (False, names)
    assert found.ticks == pytest.approx(ticks)
    assert (found.low, found.high) == (found.ticks[0], found.ticks[-1])


@pytest.mark.parametrize(
    ("values", "ticks", "names"),
    [
        ((1.0, 13.0), [1, 10, 100], ["1", "10", "100"]),
        ((10.0, 1000.0), [10, 100, 1000], ["10", "100", "1,000"]),
        ((9.0, 1001.0), [1, 10, 100, 1000, 10000], ["1", "10", "100", "1,000", "10,000"]),
        ((0.05, 100.0, 3.0), [0.01, 0.1, 1, 10, 100], ["0.01", "0.1", "1", "10", "100"]),
    ],
)
def test_a_logarithmic_axis_has_whole_decades(values, ticks: list[float], names: list[str]) -> None:
    found = axis(*values)
    assert (found.log, list(found.names)) == (True, names)
    assert found.ticks == pytest.approx(ticks)
    assert (found.low, found.high) == (found.ticks[0], found.ticks[-1])


def test_an_axis_is_logarithmic_from_a_ratio_on_and_never_with_a_zero() -> None:
    assert not axis(1.0, 11.9).log
    assert axis(1.0, 12.1).log
    assert not axis(0.0, 1e6).log
    assert not axis(-1.0, 1e6).log


@pytest.mark.parametrize(
    ("count", "named"),
    [(1, [0]), (2, [0, 1]), (4, [0, 1, 2, 3]), (5, [0, 2, 4]), (7, [0, 2, 4, 6]), (8, [1, 4, 7]), (22, [0, 7, 14, 21])],
)
def test_at_most_four_commits_are_named_evenly_and_the_newest(count: int, named: list[int]) -> None:
    assert sorted(graphs.named_commits(COMMITS[:count]).items()) == [(place, COMMITS[place]) for place in named]


@pytest.mark.parametrize("count", [1, 2, 5, 7, 16])
def test_lines_stand_beside_each_other_around_their_commit(count: int) -> None:
    found = graphs.dodged([line(tracked("a.track_b", "steps", {1: 1.0}))] * count)
    assert sum(found) == pytest.approx(0)
    assert max(found) - min(found) == pytest.approx(min(0.09 * (count - 1), 0.6 * (count - 1) / count))
    assert found == sorted(found)


def test_a_line_has_what_its_series_has_at_each_commit() -> None:
    plain = times("a.time_b", {2: 1.0, 3: None, 4: 2.0})
    open_ended = [Run(commit(5), 5.0, 4.0), Run(commit(6), 6.0, high=7.0), time_at(7, 4.0, None)]
    series = Series("a.time_b", (), "seconds", "time", (*plain.runs, *open_ended))
    reached = tracked("a.track_success", "reached", {2: 1, 3: 0, 4: 0, 5: None})
    found = line(series, reached)
    assert found.values[:8] == (None, 1.0, None, 2.0, 5.0, 6.0, 4.0, None)
    assert found.intervals[:8] == (None, (0.98, 1.02), None, (1.96, 2.04), None, None, None, None)
    assert found.missed == (False, False, True, True, *[False] * (len(COMMITS) - 4))
    assert found.newest == 4.0
    assert math.isnan(line(tracked("a.track_b", "steps", {})).newest)
    assert line(series).missed == (False,) * len(COMMITS)


def test_series_differ_in_colour_by_their_first_text_and_in_dashes_by_the_rest() -> None:
    def of(*values: str) -> Series:
        return tracked("a.track_b", "steps", {1: 1}, *zip(("depth", "engine", "size"), values, strict=False))

    series = [of(depth, f"'{engine}'", size) for depth in "28" for engine in "abc" for size in "14"]
    found = graphs.styles(series)
    assert {found[one.name][0] for one in series if one.parameters[1][1] == "'c'"} == {2}
    assert [
        found[of(*values).name]
        for values in (("2", "'a'", "1"), ("8", "'a'", "1"), ("2", "'b'", "4"), ("8", "'c'", "4"))
    ] == [
        (0, 0),
        (0, 1),
        (1, 1),
        (2, 2),
    ]
    numbered = graphs.styles([of(str(number)) for number in range(14)])
    assert list(numbered.values()) == [(number, number // 6) for number in range(14)]
    assert graphs.styles([tracked("a.track_b", "steps", {1: 1})]) == {"a.track_b": (0, 0)}


def test_what_is_the_same_of_all_marks_is_said_once() -> None:
    drawn = (
        '<g class="mark-symbol role-mark run0_marks"><path d="M1" fill="#000" stroke="#fff" opacity="1"/>'
        '<path d="M2" fill="#000" stroke="#eee"/></g>'
        '<g class="mark-text role-axis"><text font-size="11px" x="1">a</text><text font-size="11px" x="2">b</text></g>'
        '<g class="mark-line"><path stroke="#000"/></g><text x="3"/>'
    )
    assert graphs.lighter(drawn) == (
        '<g class="mark-symbol role-mark run0_marks" fill="#000"><path d="M1" stroke="#fff"/>'
        '<path d="M2" stroke="#eee"/></g>'
        '<g class="mark-text role-axis" font-size="11px"><text x="1">a</text><text x="2">b</text></g>'
        '<g class="mark-line"><path stroke="#000"/></g>'
    )


def test_the_figure_has_its_title_and_says_where_the_values_are(monkeypatch: pytest.MonkeyPatch) -> None:
    told = []
    monkeypatch.setattr("catalog.app.figures.drawing.svg", lambda *arguments: told.append(arguments) or "<svg/>")
    lines = [line(times("a.time_b", noisy({1: 1.0}, 1), *engine("compiled", 4)))]
    of = graphs.axis_of(lines, "seconds")
    assert graphs.figure(lines, of, COMMITS, "t") == "<svg/>"
    spec, title, described = told[0]
    assert (spec, title) == (graphs.spec(lines, of, COMMITS), "t")
    assert described == f"Over 22 commits, until {commit(22).short}; the newest values are listed below"


def test_counts_of_nothing_but_zeros_have_an_axis() -> None:
    assert graphs.axis_of([line(tracked("a.track_b", "steps", counts({1: 0})))], "steps").high > 0


def test_a_band_is_no_wider_than_a_factor_of_three() -> None:
    intervals = {1: (1.0, 2.9), 2: (1.0, 3.0), 3: (1.0, 3.1), 4: (-1.0, 2.0), 5: (2.0, 2.1)}
    runs = tuple(Run(commit(place), 2.0, low, high) for place, (low, high) in intervals.items())
    lines = [line(Series("a.time_b", (), "seconds", "time", runs))]
    layers = graphs.spec(lines, graphs.axis_of(lines, "seconds"), COMMITS)["layer"]
    (band,) = [layer["data"]["values"] for layer in layers if layer["name"] == "band0"]
    assert band == [{"x": 0, "low": 1, "high": 2.9}, {"x": 1, "low": 1, "high": 3}, {"x": 4, "low": 2, "high": 2.1}]


def test_the_legend_has_the_colours_and_dashes_of_the_lines() -> None:
    css = Path(graphs.__file__).with_name("page.css").read_text(encoding="utf-8")
    light = dict(re.findall(r"--color(\d): (#\w{6})", css.partition("@media")[0]))
    assert light == {str(place): getattr(drawing, name).lower() for place, name in enumerate(graphs.COLORS)}
    dashed = {int(place) for place in re.findall(r"\.dash(\d)", css)}
    assert sorted({0} | dashed) == list(range(len(graphs.DASHES)))
    assert [place for place, dashes in enumerate(graphs.DASHES) if not dashes] == [0]
    assert len({*graphs.DASHES}) == len(graphs.DASHES)
