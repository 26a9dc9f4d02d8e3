"""What the dashboard makes of a history made by hand is on record: levels, comparisons, graphs, the page."""

import json
import os
import random
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from made_history import COMMITS, COUNT, FILL, HISTORY, NOTES, PEAK, REACHED, THRESHOLDS, TIME, ZERO, commit, time_at

from catalog.benchmarks.dashboard import comparison, graphs, judgement, levels, page
from catalog.benchmarks.dashboard.history import Configuration, Run
from catalog.benchmarks.dashboard.notes import Note
from catalog.files import to_json

pytestmark = pytest.mark.usefixtures("fitting")

DATA = Path(__file__).parents[1] / "data"
REFERENCE, OTHER = HISTORY.configurations
NOW = datetime(2026, 9, 27, 9, 30, tzinfo=UTC)


def runs_of(values: Sequence[float], width: float | None = 0.02) -> list[Run]:
    return [time_at(place, value, width) for place, value in enumerate(values, start=1)]


def drawn(seed: int, scatter: float, *parts: tuple[int, float]) -> list[float]:
    """So many runs around each level."""
    numbers = random.Random(seed)
    return [level * (1 + numbers.gauss(0, scatter)) for count, level in parts for _ in range(count)]


def changed(values: list[float], factors: dict[int, float]) -> list[float]:
    return [value * factors.get(place, 1) for place, value in enumerate(values)]


def sampled(runs: list[Run], threshold: float = 0.05, usual: float = 0.03) -> levels.Fit:
    return levels.sampled(runs, threshold, usual)


STEADY = drawn(1, 0.02, (31, 1.0))
FITS = {
    "one run": lambda: sampled(runs_of([2.0])),
    "two alike": lambda: sampled(runs_of([1, 1.02])),
    "two apart": lambda: sampled(runs_of([1, 2.0])),
    "two apart, wide": lambda: sampled(runs_of([1, 2.0], 0.4)),
    "two apart, without samples": lambda: sampled(runs_of([1, 2.0], None)),
    "four": lambda: sampled(runs_of([1, 1.01, 1.5, 1.52])),
    "four where the usual scatter is large": lambda: sampled(runs_of([1, 1.01, 1.5, 1.52]), usual=0.1),
    "five": lambda: sampled(runs_of([1, 1.01, 1.5, 1.52, 1.49])),
    "five that grow": lambda: sampled(runs_of([1, 3, 9, 27, 81])),
    "five, of which one is off": lambda: sampled(runs_of([1, 1.01, 1.6, 1, 1.01])),
    "steady": lambda: sampled(runs_of(STEADY)),
    "steady and quiet": lambda: sampled(runs_of(drawn(1, 0.002, (31, 1.0))), usual=0.001),
    "steady and loud": lambda: sampled(runs_of(drawn(2, 0.15, (31, 1.0)))),
    "wide intervals": lambda: sampled(runs_of(drawn(3, 0.02, (8, 1.0), (8, 1.4)), 0.3)),
    "a step": lambda: sampled(runs_of(drawn(4, 0.03, (15, 1.0), (15, 1.1)))),
    "a step where it may have been elsewhere": lambda: sampled(runs_of(drawn(5, 0.035, (12, 1.0), (18, 1.08)))),
    "a step that may be later": lambda: sampled(
        runs_of(changed(drawn(6, 0.01, (9, 1.0), (9, 1.2)), {8: 1.07, 9: 0.92}))
    ),
    "steps up and down": lambda: sampled(runs_of(drawn(7, 0.02, (10, 1.0), (5, 3.0), (5, 0.7), (10, 0.8)))),
    "a step below the threshold": lambda: sampled(runs_of(drawn(8, 0.001, (20, 1.0), (20, 1.045)), 1e-4)),
    "a step above it": lambda: sampled(runs_of(drawn(8, 0.001, (20, 1.0), (20, 1.055)), 1e-4)),
    "two steps, each below it": lambda: sampled(runs_of(drawn(8, 1e-4, (10, 1.0), (10, 1.03), (10, 1.072)), 1e-4)),
    "a threshold of a half": lambda: sampled(runs_of(drawn(8, 0.001, (6, 1.0), (6, 1.4))), 0.5),
    "the first run": lambda: sampled(runs_of(changed(STEADY, {0: 1.5}))),
    "the last run": lambda: sampled(runs_of(changed(STEADY, {30: 0.6}))),
    "the last run after one that was taken back": lambda: sampled(runs_of(changed(STEADY, {12: 1.4, 30: 1.7}))),
    "the last run by little more": lambda: sampled(runs_of(changed(STEADY, {12: 1.4, 30: 2.2}))),
    "the last run, and one before it that is wide": lambda: sampled(
        [*runs_of(STEADY[:-2]), time_at(30, 1.0, 0.6), time_at(31, 1.5)]
    ),
    "the last run without an interval": lambda: sampled([*runs_of(STEADY[:-1]), time_at(31, 1.5, None)]),
    "the last run, wide": lambda: sampled([*runs_of(STEADY[:-1]), time_at(31, 1.5, 0.4)]),
    "spikes in both directions": lambda: sampled(runs_of(changed(STEADY, {5: 1.3, 15: 0.7, 29: 1.5}))),
    "the second run off": lambda: sampled(runs_of(changed(STEADY, {1: 1.4}))),
    "two runs off in a history a little too short": lambda: sampled(runs_of(changed(STEADY[:29], {10: 1.4, 11: 1.5}))),
    "two runs off": lambda: sampled(runs_of(changed(STEADY, {10: 1.4, 11: 1.5}))),
    "three runs off": lambda: sampled(runs_of(changed(STEADY, {10: 1.4, 11: 1.5, 12: 1.4}))),
    "two runs off in a short history": lambda: sampled(runs_of(changed(STEADY[:15], {6: 1.4, 7: 1.5}))),
    "spike at a step": lambda: sampled(runs_of(changed(drawn(9, 0.01, (10, 1.0), (10, 1.3)), {9: 1.8}))),
    "no runs off that are near": lambda: sampled(runs_of(changed(STEADY, {10: 1.06}))),
    "the last run, wide, with samples that differ": lambda: sampled(with_samples(1.0, 1.5)),
    "the last run, wide, with samples that overlap": lambda: sampled(with_samples(1.0, 1.001)),
    "a count": lambda: levels.counted(runs_of([3, 3, 4, 4, 4, 2]), 0.001),
    "a count that creeps": lambda: levels.counted(runs_of([1000, 1001, 1002, 1002]), 0.001),
    "a count from nothing": lambda: levels.counted(runs_of([0, 0, 1, 0]), 0.1),
}
"""Runs in which one thing happens each, and how they are fitted."""


def with_samples(*centers: float) -> list[Run]:
    """A steady history, then two runs with intervals that overlap, and ten samples around these centers."""
    found = runs_of(STEADY[:-2])
    for place, (value, center) in enumerate(zip((1.0, 1.5), centers, strict=True), start=30):
        samples = tuple(center + 0.0005 * number for number in range(10))
        found.append(replace(time_at(place, value, 0.4), samples=samples))
    return found


def fit_of(fit: levels.Fit) -> dict:
    return {
        "levels": [
            [len(one.runs), one.runs[0].commit.place, one.value, one.p, [other.place for other in one.perhaps]]
            for one in fit.levels
        ],
        "apart": [run.commit.place for run in fit.apart],
        "noticed": fit.noticed,
    }


def judged_of(configuration: Configuration) -> dict:
    found = {}
    for one in comparison.all_judged(configuration, THRESHOLDS):
        changes = [
            [change.before.commit.place, change.after.commit.place, change.old, str(change.new), change.p, change.runs]
            for change in one.changes
        ]
        apart = [place for place, other in enumerate(COMMITS, start=1) if other.hash in one.apart]
        found[one.series.name] = [changes, [one.levels.get(other.hash) for other in COMMITS], apart, str(one.noticed)]
    return found


def between(first: int, last: int) -> comparison.Comparison:
    return comparison.between(REFERENCE, COMMITS, commit(first), commit(last), THRESHOLDS, NOTES)


def across() -> comparison.Comparison:
    others = [Note(commit(place).short, ("*",), f"of {place}") for place in (3, 20)]
    notes = [others[0], replace(NOTES[0], commit=commit(20).short), others[1]]
    return comparison.across(REFERENCE, OTHER, commit(20), commit(19), THRESHOLDS, notes)


def lines_of(benchmark: str) -> list[graphs.Line]:
    judged = {one.series.name: one for one in comparison.all_judged(REFERENCE, THRESHOLDS)}
    styles = graphs.styles(REFERENCE.series)
    reached = {one.parameters: one for one in REFERENCE.series if one.benchmark == REACHED}
    return [
        graphs.line(one, judged.get(one.name), REFERENCE.commits, styles[one.name], reached.get(one.parameters))
        for one in REFERENCE.series
        if one.benchmark == benchmark
    ]


def spec_of(benchmark: str) -> dict:
    lines = lines_of(benchmark)
    return graphs.spec(lines, graphs.axis_of(lines, lines[0].series.unit), REFERENCE.commits)


def sheet() -> page.Sheet:
    judged = {one.series.name: one for one in comparison.all_judged(REFERENCE, THRESHOLDS)}
    return page.Sheet(REFERENCE, HISTORY, judged, THRESHOLDS, NOTES, NOW)


def sheet_in_words() -> dict:
    """What the template asks a sheet for."""
    of = sheet()
    return {
        "age": {name: str(value) for name, value in of.age.items()},
        "unmeasured": of.unmeasured,
        "ends": [of.compared.before.place, of.compared.after.place],
        "graphs": {
            heading: [[one.name, one.unit, one.figure, [line.series.name for line in one.lines]] for one in drawn]
            for heading, drawn in of.groups
        },
        "tables": {
            one.title: [one.worse, one.count]
            + [[row.change.series.name, row.change.after.commit.place, row.reason, fate] for row, fate in one.rows]
            for one in of.tables
        },
    }


BENCHMARKS = [COUNT, PEAK, TIME, ZERO]
ENDS = [(1, 20), (7, 12), (11, 13), (2, 7), (12, 20), (7, 8), (15, 16), (9, 11)]
PARTS = {
    **{f"levels of {name}": lambda fit=fit: fit_of(fit()) for name, fit in FITS.items()},
    "usual scatter": lambda: [judgement.usual_scatter(one) for one in HISTORY.configurations],
    "judged": lambda: judged_of(REFERENCE),
    **{
        f"from {first} to {last}": lambda first=first, last=last: comparison.text(between(first, last)).splitlines()
        for first, last in ENDS
    },
    "from one machine to another": lambda: comparison.text(across()).splitlines(),
    "factors from 4 to 7": lambda: {row.series.name: row.factor for row in between(4, 7).rows},
    "record": lambda: comparison.record(between(1, 20)),
    "record of a value lost and found again": lambda: [
        row for row in comparison.record(between(9, 11))["series"] if row["benchmark"] == FILL
    ],
    "record across": lambda: comparison.record(across()),
    "answers": lambda: [page.answer(between(*ends)) for ends in ENDS] + [page.answer(across())],
    "sheet": sheet_in_words,
    "what the script is given": lambda: sheet().data(),
    "styles": lambda: graphs.styles(REFERENCE.series),
    **{f"graph of {name}": lambda name=name: spec_of(name) for name in BENCHMARKS},
}
"""Everything of which a record is kept."""

FILE = DATA / "dashboard.json"
RECORDED = json.loads(FILE.read_text(encoding="utf-8")) if FILE.exists() else {}


def rounded(part):
    """Numbers to six digits, which no platform's rounding changes."""
    if isinstance(part, dict):
        return {name: rounded(value) for name, value in part.items()}
    if isinstance(part, list):
        return [rounded(value) for value in part]
    return float(f"{part:.6g}") if isinstance(part, float) else part


@pytest.fixture
def plain(monkeypatch: pytest.MonkeyPatch) -> None:
    """Draw no figure."""
    monkeypatch.setattr("catalog.app.figures.drawing.svg", lambda spec, title, told: f"[{title}: {told}]")


@pytest.mark.usefixtures("plain")
@pytest.mark.parametrize("name", PARTS)
def test_it_is_as_it_was_when_somebody_looked(name: str) -> None:
    found = rounded(json.loads(to_json(PARTS[name]())))
    if os.environ.get("DLR_RECORD_SCREENS"):
        RECORDED[name] = found
        lines = ",\n".join(f"{json.dumps(each)}: {json.dumps(RECORDED[each])}" for each in PARTS if each in RECORDED)
        FILE.write_text(f"{{\n{lines}\n}}\n", encoding="utf-8")
    assert found == RECORDED.get(name), "look at it, and if it should be so, run again with DLR_RECORD_SCREENS=1"


@pytest.mark.usefixtures("plain")
def test_the_page_is_as_on_record(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    pytest.importorskip("jinja2")
    monkeypatch.setattr(page, "require", lambda *needed: None)  # no figure is drawn
    monkeypatch.setattr(page, "read_history", lambda root: HISTORY)
    monkeypatch.setattr(page, "find_spec", lambda name: name)  # asv-tachyon, which may be missing, too
    notes = [f"* Accepted after {one.commit}: `{'`, `'.join(one.patterns)}`, because {one.reason}" for one in NOTES]
    (tmp_path / "CHANGELOG.md").write_text("\n".join(notes), encoding="utf-8")
    thresholds = {"regressions_thresholds": dict(THRESHOLDS.least)}
    excluded = {"regressions_first_commits": dict.fromkeys(THRESHOLDS.left_out)}
    config = {"project": "of <this>", **thresholds, **excluded}
    (tmp_path / "asv.conf.json").write_text(json.dumps(config), encoding="utf-8")
    text = page.html_page(tmp_path, NOW)
    text = re.sub(r"<(style|script)>.*?</\1>", "", text, flags=re.DOTALL)
    text = re.sub(r"\d+\.\d{6,}(e-\d+)?", lambda number: f"{float(number[0]):.6g}", text)
    file = DATA / "dashboard.html"
    if os.environ.get("DLR_RECORD_SCREENS"):
        file.write_text(text, encoding="utf-8")
    assert text == file.read_text(encoding="utf-8"), "if it should be, run again with DLR_RECORD_SCREENS=1"
