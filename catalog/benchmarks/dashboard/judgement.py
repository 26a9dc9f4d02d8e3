"""Finds where a series changed for the worse or the better."""

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from statistics import median

from . import levels
from .history import Commit, Configuration, Run, Series


@dataclass(frozen=True)
class Thresholds:
    """Relative differences that matter, by pattern of the names, and patterns of what is not judged."""

    least: Mapping[str, float]
    left_out: tuple[str, ...] = ()

    @classmethod
    def read(cls, root: Path) -> "Thresholds":
        """Those of a clone's ``asv.conf.json``."""
        found = json.loads((root / "asv.conf.json").read_text(encoding="utf-8"))
        excluded = found.get("regressions_first_commits", {})
        left_out = tuple(pattern for pattern, commit in excluded.items() if commit is None)
        return cls(found.get("regressions_thresholds", {}), left_out)

    def of(self, series: Series) -> float:
        """Relative difference from which on a change counts; the largest of those that match, as asv has it."""
        return max((value for pattern, value in self.least.items() if re.match(pattern, series.name)), default=0.05)

    def judges(self, series: Series) -> bool:
        """Whether more is worse, or less; of a ratio to a bound neither."""
        return not any(re.match(pattern, series.name) for pattern in self.left_out)


@dataclass(frozen=True)
class Change:
    """A series has another level, or no value, from a commit on.

    Attributes
    ----------
    series : Series
    before, after : Run
        The last run of the old level and the first of the new one; where commits between them have none, the change
        is in one of these.
    old, new : float
        The levels; the new one is NaN where there is no value any more.
    p : float
        Probability of such a difference, or a larger one, without a change; 0 for a count.
    runs : int
        Runs that have the new level.
    perhaps : tuple of Commit
        Other commits that it may as well have come with: the fit from there on is hardly worse.
    """

    series: Series
    before: Run
    after: Run
    old: float
    new: float
    p: float
    runs: int
    perhaps: tuple[Commit, ...] = ()

    @property
    def factor(self) -> float:
        """New / old; infinite where the old one is 0, NaN where there is no value any more."""
        return self.new / self.old if self.old else self.new * math.inf

    @property
    def worse(self) -> bool:
        """Whether that is a change for the worse."""
        return math.isnan(self.new) or (self.new > self.old) != self.series.higher_is_better

    @property
    def located(self) -> bool:
        """Whether it is in one commit, and not in a range."""
        return self.after.commit.place == self.before.commit.place + 1


@dataclass(frozen=True)
class Judged:
    """A series with its levels.

    Attributes
    ----------
    series : Series
    changes : tuple of Change
        Oldest first.
    levels : mapping of str to float
        The level at each commit that has a value.
    apart : frozenset of str
        Commits whose run the next one takes back.
    noticed : float
        Factor by which the next run must differ to be a change.
    """

    series: Series
    changes: tuple[Change, ...]
    levels: Mapping[str, float]
    apart: frozenset[str] = frozenset()
    noticed: float = math.inf


def usual_scatter(configuration: Configuration) -> float:
    """Relative standard deviation between runs of the same, as the series on a machine have it in the middle."""
    series = [values for one in configuration.series if not one.counted and (values := _values(one))]
    found = [levels.scatter_of(runs) for runs in series if len(runs) >= levels.FEW]
    return max(levels.LEAST_SCATTER, median(found)) if found else levels.USUAL_SCATTER


def judged(series: Series, threshold: float, usual: float = levels.USUAL_SCATTER) -> Judged:
    """Levels and changes of a series.

    Parameters
    ----------
    series : Series
    threshold : float
        Relative difference from which on a change counts.
    usual : float
        Relative standard deviation between runs that is usual on the machine.
    """
    runs = _values(series)
    if not runs:
        return Judged(series, (), {})
    exact = series.counted or any(run.value <= 0 for run in runs)
    fit = levels.counted(runs, threshold) if exact else levels.sampled(runs, threshold, usual)
    found = {run.commit.hash: run.value if exact else one.value for one in fit.levels for run in one.runs}
    for run in fit.apart:  # on the level of the run before
        found[run.commit.hash] = found[runs[runs.index(run) - 1].commit.hash]
    changes = [
        Change(
            series,
            old.runs[-1],
            new.runs[0],
            old.value,
            new.runs[0].value if exact else new.value,
            new.p,
            len(new.runs),
            new.perhaps,
        )
        for old, new in pairwise(fit.levels)
    ]
    return Judged(
        series, (*changes, *_losses(series)), found, frozenset(run.commit.hash for run in fit.apart), fit.noticed
    )


def _values(series: Series) -> list[Run]:
    return [run for run in series.runs if not run.failed]


def _losses(series: Series) -> list[Change]:
    """Where a value is followed by none until the end; where one comes back, something else was in the way."""
    places = [place for place, run in enumerate(series.runs) if not run.failed]
    if places[-1] == len(series.runs) - 1:
        return []
    before, after = series.runs[places[-1]], series.runs[places[-1] + 1]
    return [Change(series, before, after, before.value, math.nan, 0.0, len(series.runs) - 1 - places[-1])]
