"""A history made by hand, without git, asv or files: a few series in which everything happens that is told apart."""

import hashlib
import math
import random
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from catalog.benchmarks.dashboard.history import Commit, Configuration, History, Run, Series
from catalog.benchmarks.dashboard.judgement import Thresholds
from catalog.benchmarks.dashboard.notes import Note

TIME, FILL, PEAK = "speed.Steps.time_steps", "speed.Fill.time_fill", "speed.Steps.peakmem_steps"
COUNT, REACHED = "iterations.Rotation.track_iterations", "iterations.Rotation.track_success"
EARLY, ZERO = "iterations.Early.track_iterations", "iterations.Zero.track_iterations"
RATIO, PAGE, RATE = "bounds.P3.track_bound_ratio", "report.Page.track_page_bytes", "sweeps.Cells.track_rate"


def commit(place: int) -> Commit:
    """One a day."""
    name = hashlib.sha256(str(place).encode()).hexdigest()[:40]
    return Commit(name, place, datetime(2026, 9, 1, 12, tzinfo=UTC) + timedelta(days=place), f"Subject {place} & <b>")


COMMITS = tuple(commit(place) for place in range(1, 23))
MEASURED = [place for place in range(1, 21) if place not in (5, 6, 14)]
"""Places of the commits that have results."""


def time_at(place: int, value: float | None, width: float | None = 0.02) -> Run:
    """A run of a time, with a confidence interval of some relative width to either side, or without."""
    when = commit(place).date + timedelta(hours=1)
    if value is None or width is None:
        return Run(commit(place), math.nan if value is None else value, measured=when)
    low, high = value * (1 - width), value * (1 + width)
    return Run(commit(place), value, low, high, {"ci_99_a": low, "ci_99_b": high}, measured=when)


def noisy(levels: Mapping[int, float], seed: int, scatter: float = 0.015) -> dict[int, float | None]:
    """Values at the places measured, around levels by the place where each begins."""
    drawn = random.Random(seed)
    found = {}
    for place in MEASURED:
        level = levels[max(start for start in levels if start <= place)]
        found[place] = level * math.exp(drawn.gauss(0, scatter))
    return found


def counts(levels: Mapping[int, float | None]) -> dict[int, float | None]:
    """Values at the places measured, each that of the last place named."""
    return {place: levels[max(start for start in levels if start <= place)] for place in MEASURED}


def times(name: str, values: Mapping[int, float | None], *parameters: tuple[str, str], kind: str = "time") -> Series:
    """A series of times, or of peaks of memory, which have no samples."""
    width = 0.02 if kind == "time" else None
    runs = tuple(time_at(place, value, width) for place, value in values.items())
    return Series(name, parameters, {"time": "seconds", "memory": "bytes"}[kind], kind, runs)


def tracked(name: str, unit: str, values: Mapping[int, float | None], *parameters: tuple[str, str]) -> Series:
    """A series of counts."""
    runs = (Run(commit(place), math.nan if value is None else value) for place, value in values.items())
    return Series(name, parameters, unit, "track", tuple(runs))


def engine(name: str, dimension: int) -> tuple[tuple[str, str], ...]:
    return ("engine", f"'{name}'"), ("dimension", str(dimension))


def run_of(depth: int, algorithm: str) -> tuple[tuple[str, str], ...]:
    return ("depth", str(depth)), ("algorithm", f"'{algorithm}'")


def reference() -> tuple[Series, ...]:
    """Series of one machine, in the order of their names."""
    off = noisy({1: 0.02}, 4)
    off[9] = 0.035
    once = noisy({1: 1e-4}, 5)
    once[11] = None
    gone = counts({1: 9, 4: 8, 16: None})
    late = {place: value for place, value in noisy({1: 3.0}, 6).items() if place > 8}
    early = {place: value for place, value in noisy({1: 7.0}, 7).items() if place < 20}
    spread = times(TIME, noisy({1: 0.5}, 8), *engine("spectral", 64))
    wide = (*spread.runs[:-1], time_at(20, spread.runs[-1].value, 0.7))
    return (
        tracked(RATIO, "observed / proved", counts({1: 0.4, 12: 0.55})),
        tracked(COUNT, "steps", counts({1: 14, 10: 21}), *run_of(2, "gradient-descent")),
        tracked(COUNT, "steps", counts({1: 5000, 16: 4000}), *run_of(2, "penalized")),
        tracked(COUNT, "steps", counts({1: 40, 7: 38, 13: 39}), *run_of(8, "gradient-descent")),
        tracked(COUNT, "steps", gone, *run_of(8, "penalized")),
        tracked(REACHED, "reached", counts({1: 1}), *run_of(2, "gradient-descent")),
        tracked(REACHED, "reached", counts({1: 0, 16: 1}), *run_of(2, "penalized")),
        tracked(EARLY, "steps", {1: 5, 7: 6, 15: 6}),
        tracked(ZERO, "steps", counts({1: 2, 3: 0, 12: 3, 18: 4})),
        tracked(PAGE, "bytes", counts({1: 400_000, 8: 420_000, 17: 500_000})),
        times(FILL, once, ("case", "0")),
        times(FILL, late, ("case", "1")),
        times(FILL, early, ("case", "2")),
        times(PEAK, noisy({1: 5e7, 13: 2.5e7}, 9, 0.004), *engine("compiled", 4), kind="memory"),
        times(TIME, noisy({1: 0.002, 12: 0.0028}, 1), *engine("compiled", 4)),
        times(TIME, noisy({1: 0.004, 7: 0.009, 15: 0.004}, 2), *engine("compiled", 16)),
        times(TIME, noisy({1: 0.04, 7: 0.01, 15: 0.02}, 3), *engine("spectral", 4)),
        times(TIME, off, *engine("spectral", 16)),
        Series(TIME, spread.parameters, spread.unit, spread.kind, wide),
        *(times(f"speed.Unmeasured.time_{name}", dict.fromkeys(MEASURED[:4])) for name in "abcd"),
        tracked(RATE, "cells per second", counts({1: 1000, 9: 1500, 18: 900})),
    )


FACTS = {"processor": "Abacus, x86_64, 2 processors, 8 GiB", "system": "Linux 1.2", "Python": "3.13", "NumPy": "2.4.6"}


def other() -> tuple[Series, ...]:
    """Series of another machine, measured at one commit, but for one of them."""
    return (
        tracked(COUNT, "steps", {19: 20}, *run_of(2, "gradient-descent")),
        tracked(COUNT, "steps", {19: 4400}, *run_of(2, "penalized")),
        tracked(COUNT, "steps", {19: None}, *run_of(8, "gradient-descent")),
        tracked(COUNT, "steps", {19: 7}, *run_of(8, "penalized")),
        tracked(RATIO, "observed / proved", {19: 0.9}),
        tracked(EARLY, "steps", {19: 6}),
        tracked(RATE, "cells per second", {18: 800}),
        times(TIME, {19: 1.0}, *engine("compiled", 4)),
    )


HISTORY = History(
    COMMITS,
    (
        Configuration("reference", "env-of-pins", FACTS, reference()),
        Configuration("ci", "existing", {"system": "Linux 3.4"}, other()),
    ),
    ("e" * 40, "f" * 40),
)
THRESHOLDS = Thresholds(
    {r"^.*\.track_.*$": 0.001, r"^.*\.track_page_bytes$": 0.1, r"^.*\.(time|peakmem)_.*$": 0.05},
    (r"^.*\.track_(success|bound_ratio).*$",),
)
NOTES = (
    Note(commit(9).short, (f"{COUNT}(2, *)",), "of `this` & that"),
    Note(commit(15).short, (f"{COUNT}(8, 'penalized')", f"{RATE}*"), "it is so"),
    Note(commit(9).short, (ZERO,), "it is no more than one"),
    Note("0" * 8, ("*",), "of a commit that there is not"),
)
