"""Compares two commits: what is slower, what rose, since when, by how much, and what the changelog says of it."""

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from .history import Commit, Configuration, Run, Series
from .judgement import Change, Judged, Thresholds, judged, usual_scatter
from .levels import RISK
from .notes import Note, reason
from .units import shown, shown_factor

WORDS = {
    "time": ("times", "slower", "faster", "within noise"),
    "memory": ("memory", "more", "less", "within noise"),
    "track": ("counts", "rose", "fell", "unchanged"),
}
"""What the series of a kind are called, and those that are worse, better and neither."""


@dataclass(frozen=True)
class Found:
    """A change, why the changelog accepts it, if it does, and whether the last level is no worse than before it."""

    change: Change
    reason: str
    taken_back: bool = False


@dataclass(frozen=True)
class Row:
    """One series between the two commits.

    Attributes
    ----------
    series : Series
    before, after : Run
        At the two commits; for the first, the nearest run there is.
    factor : float
        Level after / level before; infinite where that is 0, NaN where the value is lost.
    outcome : int
        1 for worse, -1 for better, 0 for neither.
    found : tuple of Found
        The changes between the two.
    """

    series: Series
    before: Run
    after: Run
    factor: float
    outcome: int
    found: tuple[Found, ...] = ()

    @property
    def accepted(self) -> bool:
        """Whether the changelog gives a reason for everything that is worse."""
        return all(one.reason for one in self.found if one.change.worse)

    @property
    def in_between(self) -> bool:
        """Whether it became worse between the two commits, but is not worse in the end."""
        return self.outcome <= 0 and any(one.change.worse for one in self.found)


@dataclass(frozen=True)
class Comparison:
    """Everything that was measured at both commits.

    Attributes
    ----------
    before, after : Commit
    machines : tuple of str
        One, or two where counts of one machine are compared with those of another.
    facts : mapping of str to str
        Of the second commit's results.
    rows : tuple of Row
    measured_once : int
        Series without a run at the second commit, or without an older one.
    noticed : tuple of float
        By how much the next run of half of the times, and of nine in ten, must be longer to be told from noise; empty
        where times are not compared.
    """

    before: Commit
    after: Commit
    machines: tuple[str, ...]
    facts: Mapping[str, str]
    rows: tuple[Row, ...]
    measured_once: int = 0
    noticed: tuple[float, ...] = ()
    unnoted: tuple[Row, ...] = field(init=False)

    def __post_init__(self) -> None:
        worse = tuple(row for row in self.rows if row.outcome > 0 and not row.accepted)
        object.__setattr__(self, "unnoted", worse)

    def summary(self) -> dict[str, dict[str, int]]:
        """How many series of each kind are worse, better and neither."""
        found: dict[str, dict[str, int]] = {}
        for kind, (name, *words) in WORDS.items():
            outcomes = Counter(row.outcome for row in self.rows if row.series.kind == kind)
            if outcomes:
                found[name] = {word: outcomes[outcome] for word, outcome in zip(words, (1, -1, 0), strict=True)}
        return found


def all_judged(configuration: Configuration, thresholds: Thresholds) -> list[Judged]:
    """Every series whose changes are for the better or the worse."""
    usual = usual_scatter(configuration)
    return [judged(one, thresholds.of(one), usual) for one in configuration.series if thresholds.judges(one)]


def between(
    configuration: Configuration,
    commits: Sequence[Commit],
    before: Commit,
    after: Commit,
    thresholds: Thresholds,
    notes: Sequence[Note],
) -> Comparison:
    """Two commits on one machine."""
    rows, once, noticed = [], 0, []
    for one in all_judged(configuration, thresholds):
        ends = runs_at(one.series, before, after)
        if ends is None:
            once += 1
            continue
        first, last = ends
        span = range(first.commit.place + 1, last.commit.place + 1)
        least = thresholds.of(one.series)
        found = tuple(
            Found(change, reason(notes, commits, change, one), _taken_back(one, change, last, least))
            if change.worse
            else Found(change, "")
            for change in one.changes
            if change.after.commit.place in span
        )
        rows.append(_row(one, first, last, least, found))
        noticed += [one.noticed] * (one.series.kind == "time")
    machines, facts = (configuration.machine,), configuration.facts
    return Comparison(before, after, machines, facts, tuple(rows), once, half_and_most(noticed))


def half_and_most(noticed: Sequence[float]) -> tuple[float, ...]:
    """The median, and the least number that nine in ten do not exceed; nothing of nothing."""
    return (median(noticed), sorted(noticed)[(9 * len(noticed) - 1) // 10]) if noticed else ()


def runs_at(series: Series, before: Commit, after: Commit) -> tuple[Run, Run] | None:
    """Runs of a series at two commits: the last one until the first, or else the next, and that at the second."""
    values = [run for run in series.runs if not run.failed]
    last = series.by_hash.get(after.hash)
    if not values or last is None:
        return None
    first = ([run for run in values if run.commit.place <= before.place] or values[:1])[-1]
    return (first, last) if first.commit.place < last.commit.place else None


def _row(one: Judged, first: Run, last: Run, threshold: float, found: tuple[Found, ...]) -> Row:
    series = one.series
    if last.failed:
        lost = Change(series, first, last, first.value, math.nan, 0.0, 1)
        known = any(math.isnan(one.change.new) for one in found)
        return Row(series, first, last, math.nan, 1, found if known else (*found, Found(lost, "")))
    old, new = one.levels[first.commit.hash], one.levels[last.commit.hash]
    return Row(series, first, last, _factor(old, new), _outcome(series, old, new, threshold) if found else 0, found)


def _factor(old: float, new: float) -> float:
    return new / old if old else math.inf if new else 1.0


def _outcome(series: Series, old: float, new: float, threshold: float) -> int:
    """1 where a level is worse than another by more than the threshold, -1 where it is better, 0 for neither."""
    factor = _factor(old, new)
    side = (factor > 1 + threshold) - (factor < 1 / (1 + threshold))
    return -side if series.higher_is_better else side


def _taken_back(one: Judged, change: Change, last: Run, threshold: float) -> bool:
    """Whether the level at the last run is no worse than that before a change."""
    return not last.failed and _outcome(one.series, change.old, one.levels[last.commit.hash], threshold) <= 0


def across(
    reference: Configuration,
    configuration: Configuration,
    before: Commit,
    after: Commit,
    thresholds: Thresholds,
    notes: Sequence[Note],
) -> Comparison:
    """Counts on one machine with those on another; times would tell of the machines."""
    others = {one.name: one for one in configuration.series}
    rows = []
    for series in reference.series:
        run, other = series.by_hash.get(before.hash), others.get(series.name)
        if not series.counted or not thresholds.judges(series) or run is None or run.failed or other is None:
            continue
        new = other.by_hash.get(after.hash)
        if new is None:
            continue
        pair = Series(series.benchmark, series.parameters, series.unit, series.kind, (run, new))
        one = judged(pair, thresholds.of(series))
        accepted = [note.reason for note in notes if note.names(series.name) and before.hash.startswith(note.commit)]
        found = tuple(Found(change, accepted[0] if accepted and change.worse else "") for change in one.changes)
        rows.append(_row(one, run, new, thresholds.of(series), found))
    machines = reference.machine, configuration.machine
    return Comparison(before, after, machines, configuration.facts, tuple(rows))


def text(compared: Comparison) -> str:
    """The comparison as lines of text."""
    facts = ", ".join(f"{name} {value}" if value[0].isdigit() else value for name, value in compared.facts.items())
    lines = [
        f"from {compared.before}",
        f"to   {compared.after}",
        f"on   {' and '.join(compared.machines)}: {facts}",
    ]
    for name, words in compared.summary().items():
        lines.append(f"{name}: " + ", ".join(f"{count} {word}" for word, count in words.items()))
    if compared.measured_once:
        lines.append(f"not measured at both: {compared.measured_once}")
    if compared.noticed:
        half, most = map(shown_factor, compared.noticed)
        lines.append(
            f"in one more run, half of the times are told from noise from {half} on, nine in ten from {most} on"
        )
    for title, belongs in SECTIONS:
        rows = sorted((row for row in compared.rows if belongs(row)), key=lambda row: size(row.factor), reverse=True)
        if rows:
            lines += ["", f"{title}: {len(rows)}"]
        for row in rows:
            lines += _lines(row)
    if compared.unnoted:
        last = next(one.change.before for one in compared.unnoted[0].found if one.change.worse and not one.reason)
        lines += ["", f"{len(compared.unnoted)} without a note in CHANGELOG.md: undo it, or say why there, with a line"]
        lines.append(f"Accepted after {last.commit.short}: `NAME`, because ...")
    elif any(row.outcome > 0 for row in compared.rows):
        lines += ["", "CHANGELOG.md says why of everything that is worse"]
    return "\n".join(lines)


SECTIONS: tuple[tuple[str, Callable[[Row], bool]], ...] = (
    ("worse", lambda row: row.outcome > 0),
    ("worse in between, not in the end", lambda row: row.in_between),
    ("better", lambda row: row.outcome < 0),
)
"""Headings, and which series are listed below them."""


def size(factor: float) -> float:
    """By which changes are sorted: 1/2 is as large as 2, and nothing as large as from or to 0, or a lost value.

    To nine digits, so that rounding does not sort what is equal.
    """
    return round(abs(math.log(factor)), 9) if factor > 0 else math.inf


def _lines(row: Row) -> list[str]:
    unit = row.series.unit
    values = f"{shown(row.before.value, unit)} -> {shown(row.after.value, unit)}"
    lines = [f"  {shown_factor(row.factor):>6}  {row.series.name}: {values}"]
    for one in row.found:
        change = one.change
        how = f"{shown_factor(change.factor)}, {evidence(change)}"
        lines.append(f"          {where(change)}: {how}{f', {fate(one)}' if row.in_between and change.worse else ''}")
        if one.reason:
            lines.append(f"          noted: {one.reason}")
    return lines


def fate(one: Found) -> str:
    """What became of a change for the worse in a series that is not worse in the end."""
    return "taken back since" if one.taken_back else "outweighed by what became better before"


def where(change: Change) -> str:
    """The commit of a change, or the range that it is in."""
    after = change.after.commit
    perhaps = ", perhaps " + " or ".join(commit.short for commit in change.perhaps) if change.perhaps else ""
    count = after.place - change.before.commit.place
    if count <= 0:  # on another machine
        return f"{after}, compared with {change.before.commit.short}"
    if change.located:
        return f"{after}{perhaps}"
    return f"one of {count} commits after {change.before.commit.short} until {after}{perhaps}"


def evidence(change: Change) -> str:
    """What a change rests on."""
    if math.isnan(change.new):
        return "no result any more"
    if change.series.counted:
        return "exact"
    return f"p < {RISK:.4f}, {change.runs} run{'s' if change.runs > 1 else ''} since"


def record(compared: Comparison) -> dict[str, Any]:
    """The comparison as JSON has it, where what is infinite or not a number is null."""
    return {
        "before": _commit(compared.before),
        "after": _commit(compared.after),
        "machines": list(compared.machines),
        "facts": dict(compared.facts),
        "summary": compared.summary(),
        "measured_once": compared.measured_once,
        "noticed": dict(zip(("half", "nine_in_ten"), compared.noticed, strict=False)),
        "without_note": len(compared.unnoted),
        "worse_in_between": sum(row.in_between for row in compared.rows),
        "series": [
            {
                "name": row.series.name,
                "benchmark": row.series.benchmark,
                "parameters": dict(row.series.parameters),
                "unit": row.series.unit,
                "outcome": {1: "worse", 0: "same", -1: "better"}[row.outcome],
                "worse_in_between": row.in_between,
                "factor": row.factor,
                "before": row.before.value,
                "after": row.after.value,
                "changes": [_change(one) for one in row.found],
            }
            for row in compared.rows
        ],
    }


def _change(one: Found) -> dict[str, Any]:
    change = one.change
    return {
        "after": change.before.commit.hash,
        "until": change.after.commit.hash,
        "before": change.old,
        "now": change.new,
        "perhaps": [commit.hash for commit in change.perhaps],
        "factor": change.factor,
        "worse": change.worse,
        "p": change.p,
        "runs": change.runs,
        "reason": one.reason or None,
        "taken_back": one.taken_back,
    }


def _commit(commit: Commit) -> dict[str, Any]:
    return {"hash": commit.hash, "date": commit.date.isoformat(), "subject": commit.subject, "place": commit.place}
