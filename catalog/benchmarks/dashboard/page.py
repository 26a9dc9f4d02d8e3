"""Writes the results as one HTML page, which needs no network, and no script to be read."""

import html
import json
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from catalog.extras import require
from dlr import InputError

from . import comparison, graphs, notes
from .history import Commit, Configuration, History, Series, read_history
from .judgement import Change, Judged, Thresholds
from .units import AMOUNTS, shown, shown_factor, shown_rate

FOLDER = Path(__file__).parent
SUCCESS = ".track_success"

GROUPS = (
    ("Times", lambda series: series.kind == "time"),
    ("Counts of steps", lambda series: series.unit == "steps"),
    ("Memory and sizes", lambda series: series.unit == "bytes"),
    ("Other", lambda series: True),
)
"""Headings, each with the series below it that no earlier one has."""


@dataclass(frozen=True)
class Graph:
    """One benchmark on one machine: heading, figure and series."""

    name: str
    unit: str
    figure: str
    lines: tuple[graphs.Line, ...]
    axis: graphs.Axis
    dodged: tuple[float, ...]


@dataclass(frozen=True)
class Event:
    """A row of the table: a change, and what the changelog says of it."""

    change: Change
    reason: str


@dataclass(frozen=True)
class Table:
    """Changes below a heading, each with what became of it, or None where it is hidden; and the number of series."""

    title: str
    worse: bool
    rows: tuple[tuple[Event, str | None], ...]
    count: int


def answer(compared: comparison.Comparison) -> str:
    """What the page says of two commits: of times first, then of counts and memory; as ``page.js`` has it, too."""
    if not compared.rows:
        return "Nothing was measured at both."
    parts = {}
    for kind, (name, verb, *_) in comparison.WORDS.items():
        rows = [row for row in compared.rows if row.series.kind == kind]
        worse = sum(row.outcome > 0 for row in rows)
        without = sum(row.series.kind == kind for row in compared.unnoted)
        parts[kind] = _sentence(kind, name, verb, len(rows), worse, without)
    times = parts.pop("time") or "No time was measured at both."
    return " ".join([times, *(f'<span class="beside">{part}</span>' for part in parts.values() if part)])


def _sentence(kind: str, name: str, verb: str, judged: int, worse: int, without: int) -> str:
    """On the series of one kind; empty where there are none."""
    if not judged:
        return ""
    start = f"{name.capitalize()}: "
    if kind == "time":
        start = '<span class="bad">Yes:</span> ' if worse else '<span class="good">No:</span> '
    found = f"{start}{worse or 'none'} of {judged}{' times' if kind == 'time' else ''} {verb}"
    if not worse:
        return f"{found}."
    why = f'<span class="bad">{without} without a reason</span>' if without else "each with a reason"
    return f"{found}, {why} in the changelog."


@dataclass(frozen=True)
class Sheet:
    """What the page shows of one configuration."""

    configuration: Configuration
    history: History
    judged: Mapping[str, Judged]
    thresholds: Thresholds
    notes: Sequence[notes.Note]
    now: datetime

    @property
    def commits(self) -> tuple[Commit, ...]:
        """Those of the axis."""
        return self.configuration.commits

    @cached_property
    def compared(self) -> comparison.Comparison:
        """The oldest and the newest commit."""
        ends = self.commits[0], self.commits[-1]
        return comparison.between(self.configuration, self.history.commits, *ends, self.thresholds, self.notes)

    @cached_property
    def events(self) -> list[Event]:
        """Every change, the largest first."""
        found = [
            Event(change, notes.reason(self.notes, self.history.commits, change, one) if change.worse else "")
            for one in self.judged.values()
            for change in one.changes
        ]
        return sorted(found, key=lambda event: comparison.size(event.change.factor), reverse=True)

    @cached_property
    def groups(self) -> list[tuple[str, list[Graph]]]:
        """Graphs by heading."""
        shown_series = [one for one in self.configuration.series if not all(run.failed for run in one.runs)]
        styles = graphs.styles(shown_series)
        reached = {(one.benchmark, one.parameters): one for one in shown_series if one.benchmark.endswith(SUCCESS)}
        left = [one for one in shown_series if not one.benchmark.endswith(SUCCESS)]
        made = []
        for heading, belongs in GROUPS:
            inside = [one for one in left if belongs(one)]
            left = [one for one in left if one not in inside]
            names = list(dict.fromkeys(one.benchmark for one in inside))
            drawn = [self._graph([one for one in inside if one.benchmark == name], styles, reached) for name in names]
            if drawn:
                made.append((heading, drawn))
        return made

    def _graph(
        self,
        series: Sequence[Series],
        styles: Mapping[str, tuple[int, int]],
        reached: Mapping[tuple[str, Any], Series],
    ) -> Graph:
        first, *_ = series
        name, unit = first.benchmark, first.unit
        success = name.rpartition(".")[0] + SUCCESS
        lines = [
            graphs.line(
                one, self.judged.get(one.name), self.commits, styles[one.name], reached.get((success, one.parameters))
            )
            for one in series
        ]
        axis = graphs.axis_of(lines, unit)
        amount = f" for {AMOUNTS[name][0]:,} {AMOUNTS[name][1]}" if name in AMOUNTS else ""
        drawn = graphs.figure(lines, axis, self.commits, f"{name}, {unit}{amount}")
        return Graph(name, unit + amount, drawn, tuple(lines), axis, tuple(graphs.dodged(lines)))

    @cached_property
    def tables(self) -> list[Table]:
        """Changes by heading, each with whether it belongs there between the two commits."""
        rows = {row.series.name: row for row in self.compared.rows}
        made = []
        for title, belongs in comparison.SECTIONS:
            worse, listed = title != "better", []
            for event in self.events:
                row = rows.get(event.change.series.name)
                if event.change.worse != worse:
                    continue
                found = row.found if row and belongs(row) else ()
                fates = (comparison.fate(one) for one in found if one.change.after.commit == event.change.after.commit)
                listed.append((event, next(fates, None)))
            made.append(Table(title.capitalize(), worse, tuple(listed), sum(map(belongs, rows.values()))))
        return made

    @property
    def unmeasured(self) -> list[str]:
        """Benchmarks without a value."""
        values = Counter(one.benchmark for one in self.configuration.series for run in one.runs if not run.failed)
        return [name for name in dict.fromkeys(one.benchmark for one in self.configuration.series) if not values[name]]

    @property
    def age(self) -> dict[str, Any]:
        """How old the newest results are."""
        newest, head = self.commits[-1], self.history.commits[-1]
        measured = self.configuration.measured
        return {
            "newest": newest,
            "measured": measured,
            "days": None if measured is None else (self.now - measured).days,
            "commits": head.place - newest.place,
            "head": head,
        }

    def data(self) -> dict[str, Any]:
        """What the script needs."""
        place = {commit.hash: number for number, commit in enumerate(self.commits)}
        return {
            "commits": [
                {"hash": one.hash, "date": f"{one.date:%Y-%m-%d}", "subject": one.subject, "place": one.place}
                for one in self.commits
            ],
            "graphs": [
                {
                    "name": graph.name,
                    "amount": AMOUNTS.get(graph.name),
                    "axis": [graph.axis.low, graph.axis.high, graph.axis.log],
                    "dodged": [_short(off) for off in graph.dodged],
                    "series": [self._series(line, place) for line in graph.lines],
                }
                for _, drawn in self.groups
                for graph in drawn
            ],
        }

    def _series(self, line: graphs.Line, place: Mapping[str, int]) -> dict[str, Any]:
        runs = {place[run.commit.hash]: run for run in line.series.runs}
        found: dict[str, Any] = {
            "name": line.series.name,
            "parameters": dict(line.series.parameters),
            "unit": line.series.unit,
            "kind": line.series.kind,
            "values": [
                None if number not in runs else False if runs[number].failed else _short(runs[number].value)
                for number in range(len(self.commits))
            ],
        }
        if any(line.intervals):
            for end, name in enumerate(("low", "high")):
                found[name] = [_short(ends[end]) if ends else None for ends in line.intervals]
        if any(line.missed):
            found["missed"] = [number for number, missed in enumerate(line.missed) if missed]
        if line.judged is not None:
            levels = line.judged.levels
            accepted = [one.change for one in self.events if one.reason]
            found["judged"] = {
                "threshold": self.thresholds.of(line.series),
                "higher": line.series.higher_is_better,
                "levels": [_short(levels.get(commit.hash)) for commit in self.commits],
                "changes": [
                    [place[change.after.commit.hash], _short(change.old), int(change.worse), int(change in accepted)]
                    for change in line.judged.changes
                ],
            }
            if not line.series.counted:
                found["judged"]["apart"] = [place[one] for one in line.judged.apart]
        return found


def _short(value: float | None) -> float | None:
    """Five digits; a count in full."""
    if value is None:
        return None
    return int(value) if value == int(value) else float(f"{value:.5g}")


def html_page(root: Path, now: datetime | None = None) -> str:
    """The page for the results of a clone.

    Parameters
    ----------
    root : Path
        Holds ``asv.conf.json`` and ``.asv/results``.
    now : datetime, optional
        When the page is written, which the age of the results is counted to.

    Raises
    ------
    InputError
        If a library is missing, or there are no results.
    """
    require("the page", "report", "vl_convert", "jinja2")
    from markupsafe import Markup

    from catalog.app import pages

    history = read_history(root)
    if not history.configurations:
        raise InputError("no results of commits that lead to HEAD: measure first, with a number of commits")
    thresholds = Thresholds.read(root)
    log = root / notes.CHANGELOG
    accepted = notes.read_notes(log.read_text(encoding="utf-8") if log.exists() else "")
    sheets = [
        Sheet(
            one,
            history,
            {found.series.name: found for found in comparison.all_judged(one, thresholds)},
            thresholds,
            accepted,
            now or datetime.now(UTC),
        )
        for one in history.configurations
    ]
    filters: dict[str, Callable[..., Any]] = {
        "value": shown,
        "factor": shown_factor,
        "rate": lambda seconds, benchmark: shown_rate(benchmark, seconds),
        "where": comparison.where,
        "evidence": comparison.evidence,
        "marked": lambda text: Markup(re.sub("`([^`]+)`", r"<code>\1</code>", html.escape(text))),
    }
    project = json.loads((root / "asv.conf.json").read_text(encoding="utf-8")).get("project", "")
    contents = {
        "project": project,
        "offline": find_spec("asv_tachyon") is not None,
        "sheets": sheets,
        "history": history,
        "written": now or datetime.now(UTC),
        "answer": answer,
    }
    return pages.filled(FOLDER, filters, contents)
