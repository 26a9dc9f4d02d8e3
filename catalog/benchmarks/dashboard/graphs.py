"""Draws the runs of one benchmark over the commits, as Vega-Lite specifications."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .history import Commit, Series
from .judgement import Change, Judged
from .units import shown

WIDTH, HEIGHT = 316, 176
"""Of the plot, in pixels: as wide as a telephone is, with the axis."""

LABELS = 4
"""Commits that are named on the axis, at most."""

LOGARITHMIC = 12.0
"""Ratio of the largest to the least value from which on the axis is logarithmic."""

COLORS = ("BLUE", "GREEN", "PURPLE", "ORANGE", "MUTED", "INK")
"""Of `catalog.app.figures.drawing`; vermillion is left for what is worse."""

WIDE = 3.0
"""Confidence intervals of a larger ratio, from a few samples, are not drawn."""

DASHES = ("", "6 3", "2 2", "8 2 2 2", "1 3", "12 3")


@dataclass(frozen=True)
class Line:
    """One series as it is drawn.

    Attributes
    ----------
    series : Series
    judged : Judged or None
        None where neither more nor less is better.
    color, dash : int
        Places in the palette and in `DASHES`, the same for a value of a parameter in every graph.
    values : tuple of float or None
        At each commit of the axis.
    intervals : tuple of (float, float) or None
        Confidence interval there.
    missed : tuple of bool
        Where the run did not reach its tolerance.
    """

    series: Series
    judged: Judged | None
    color: int
    dash: int
    values: tuple[float | None, ...]
    intervals: tuple[tuple[float, float] | None, ...]
    missed: tuple[bool, ...]

    @property
    def newest(self) -> float:
        """The last value."""
        return next((value for value in reversed(self.values) if value is not None), math.nan)


@dataclass(frozen=True)
class Axis:
    """The vertical axis: its ends, ticks with their names, and whether it is logarithmic."""

    low: float
    high: float
    log: bool
    ticks: tuple[float, ...]
    names: tuple[str, ...]


def line(
    series: Series,
    judged: Judged | None,
    commits: Sequence[Commit],
    style: tuple[int, int],
    reached: Series | None,
) -> Line:
    """A series on the axis of commits, with the one that says whether its runs reached their tolerance."""
    runs = [series.by_hash.get(commit.hash) for commit in commits]
    values = [None if run is None or run.failed else run for run in runs]
    success = reached.by_hash if reached else {}
    return Line(
        series,
        judged,
        *style,
        tuple(run.value if run else None for run in values),
        tuple((run.low, run.high) if run and all(map(math.isfinite, (run.low, run.high))) else None for run in values),
        tuple(commit.hash in success and success[commit.hash].value == 0 for commit in commits),
    )


def styles(series: Sequence[Series]) -> dict[str, tuple[int, int]]:
    """Colour and dashes for each series by name: by its parameters' values, the same for a value everywhere."""
    seen: dict[str, list[str]] = {}
    for one in series:
        for name, value in one.parameters:
            listed = seen.setdefault(name, [])
            if value not in listed:
                listed.append(value)
    found = {}
    for one in series:
        places = {name: seen[name].index(value) for name, value in one.parameters}
        first = next((name for name, value in one.parameters if value.startswith("'")), next(iter(places), ""))
        color = places.pop(first, 0)
        found[one.name] = color, sum(places.values()) + color // len(COLORS)
    return found


def axis_of(lines: Sequence[Line], unit: str) -> Axis:
    """An axis on which all values are, with decades named where it is logarithmic."""
    values = [value for one in lines for value in one.values if value is not None]
    low, high = min(values), max(values)
    if low > 0 and high / low > LOGARITHMIC:
        first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
        ticks = tuple(10.0**power for power in range(first, last + 1))
        return Axis(ticks[0], ticks[-1], True, ticks, tuple(shown(tick, _scale(unit)) for tick in ticks))
    top = max(high, 0.0) or 1
    step = 10.0 ** math.floor(math.log10(top / 2))
    step *= next((factor for factor in (1, 2) if top / (step * factor) <= 4), 5)
    count = math.ceil(top * 1.02 / step)
    bottom = math.floor(min(low, 0.0) / step)
    ticks = tuple(step * number for number in range(bottom, count + 1))
    return Axis(ticks[0], ticks[-1], False, ticks, tuple("0" if t == 0 else shown(t, _scale(unit)) for t in ticks))


def _scale(unit: str) -> str:
    """Units that an axis writes beside its numbers; others stand in the heading."""
    return unit if unit in ("seconds", "bytes") else ""


def dodged(lines: Sequence[Line]) -> list[float]:
    """How far each line stands from its commits, in commits, so that equal values are seen beside each other."""
    gap = min(0.09, 0.6 / len(lines))
    return [gap * (place - (len(lines) - 1) / 2) for place in range(len(lines))]


def named_commits(commits: Sequence[Commit]) -> dict[int, Commit]:
    """Places on the axis that are named, the newest among them."""
    stride = max(1, math.ceil((len(commits) - 1) / (LABELS - 1)))
    return {place: commits[place] for place in range(len(commits) - 1, -1, -stride)}


def spec(lines: Sequence[Line], axis: Axis, commits: Sequence[Commit]) -> dict[str, Any]:
    """The specification: for each line a band, the line, its runs, and those that stand out."""
    x = {
        "field": "x",
        "type": "quantitative",
        "scale": {"domain": [-0.5, len(commits) - 0.5], "nice": False, "zero": False},
        "axis": {
            "title": None,
            "grid": False,
            "values": list(range(len(commits))),
            "labelExpr": f"({_lookup(named_commits(commits))})[datum.value] || ''",
            "labelOverlap": False,
            "labelFlush": False,
            "tickSize": 4,
        },
    }
    names = dict(zip(axis.ticks, axis.names, strict=True))
    y = {
        "field": "y",
        "type": "quantitative",
        "scale": {"domain": [axis.low, axis.high], "nice": False, "type": "log" if axis.log else "linear"},
        "axis": {
            "title": None,
            "values": list(axis.ticks),
            "labelExpr": f"({_names(names)})[indexof({list(axis.ticks)}, datum.value)]",
            "domain": False,
            "ticks": False,
            "labelPadding": 6,
        },
    }
    layers: list[dict[str, Any]] = []
    for number, (one, off) in enumerate(zip(lines, dodged(lines), strict=True)):
        layers += _layers(number, one, off, commits, x, y, axis)
    return {"width": WIDTH, "height": HEIGHT, "layer": layers}


def _layers(
    number: int,
    one: Line,
    off: float,
    commits: Sequence[Commit],
    x: Mapping[str, Any],
    y: Mapping[str, Any],
    axis: Axis,
) -> list[dict[str, Any]]:
    from catalog.app.figures import drawing  # commits that are measured may lack it

    color = getattr(drawing, COLORS[one.color % len(COLORS)])
    apart = one.judged.apart if one.judged else frozenset()
    rows: list[dict[str, Any]] = []
    kinds: dict[str, list[dict[str, Any]]] = {"run": [], "missed": [], "apart": []}
    for place, value in enumerate(one.values):
        if value is not None:
            rows.append({"x": place + off, "y": value})
            kind = "missed" if one.missed[place] else "apart" if commits[place].hash in apart else "run"
            kinds[kind].append(rows[-1])
    band = [
        {"x": place + off, "low": max(ends[0], axis.low), "high": min(ends[1], axis.high)}
        for place, ends in enumerate(one.intervals)
        if ends and ends[1] <= WIDE * ends[0]
    ]
    dash = [int(part) for part in DASHES[one.dash % len(DASHES)].split()]
    encoding = {"x": x, "y": y}
    marks = {
        "run": {"shape": "M0,0h0", "strokeWidth": 4.5, "strokeCap": "round", "stroke": color},
        "missed": {"shape": "cross", "angle": 45, "size": 34, "filled": True, "fill": color},
        "apart": {"shape": "circle", "size": 22, "filled": False, "stroke": color, "strokeWidth": 1.2},
    }
    layers: list[dict[str, Any]] = []
    if band:
        area = {"type": "area", "fill": color, "opacity": 0.16}
        ends = {"y": {**y, "field": "low"}, "y2": {"field": "high"}}
        layers.append({"name": f"band{number}", "data": {"values": band}, "mark": area, "encoding": {"x": x, **ends}})
    stroke = {"type": "line", "stroke": color, "strokeWidth": 1.4, "strokeDash": dash or None}
    layers.append({"name": f"line{number}", "data": {"values": rows}, "mark": stroke, "encoding": encoding})
    for kind, mark in marks.items():
        if kinds[kind]:
            drawn = {"mark": {"type": "point", "opacity": 1, **mark}, "encoding": encoding}
            layers.append({"name": f"{kind}{number}", "data": {"values": kinds[kind]}, **drawn})
    places = [commits.index(change.after.commit) for change in _worse(one)]
    marked = [{"x": place + off, "y": one.values[place]} for place in places if one.values[place] is not None]
    if marked:
        full = {"strokeWidth": 2, "opacity": 1}
        ring = {"type": "point", "size": 130, "filled": False, "stroke": drawing.VERMILLION, **full}
        layers.append({"name": f"worse{number}", "data": {"values": marked}, "mark": ring, "encoding": encoding})
    return layers


def _worse(one: Line) -> list[Change]:
    return [change for change in one.judged.changes if change.worse] if one.judged else []


def figure(lines: Sequence[Line], axis: Axis, commits: Sequence[Commit], title: str) -> str:
    """The graph as SVG."""
    from catalog.app.figures import drawing

    described = f"Over {len(commits)} commits, until {commits[-1].short}; the newest values are listed below"
    return lighter(drawing.svg(spec(lines, axis, commits), title, described))


def lighter(drawn: str) -> str:
    """An SVG that says once, for a group of marks, what is the same for all of them."""
    drawn = re.sub(r"<text[^>]*/>", "", drawn).replace(' opacity="1"', "")
    return re.sub(
        r'<g class="(mark-(?:symbol|rule|text) [^"]*)">((?:<\w+ [^>]*/>|<text [^>]*>.*?</text>)+)</g>', _shared, drawn
    )


def _shared(group: re.Match[str]) -> str:
    heads = re.findall(r"<(?:path|line|text)( [^>]*?)/?>", group[2])
    common = set.intersection(*({*re.findall(r' (?:fill|stroke|font|text)[\w-]*="[^"]*"', head)} for head in heads))
    inside = group[2]
    for attribute in common:
        inside = inside.replace(attribute, "")
    return f'<g class="{group[1]}"{"".join(sorted(common))}>{inside}</g>'


def _lookup(named: Mapping[int, Commit]) -> str:
    parts = [f"{place}: ['{commit.short}', '{commit.date:%Y-%m-%d}']" for place, commit in named.items()]
    return "{" + ", ".join(parts) + "}"


def _names(names: Mapping[float, str]) -> str:
    return "[" + ", ".join(f"'{name}'" for name in names.values()) + "]"
