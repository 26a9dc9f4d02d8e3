"""Finds where a series changed, as far as its own scatter lets anyone say so.

A count changes where it differs. A time is fitted by levels, with asv's search for the best ones, in logarithms:

* A run that the next one takes back is left out of the fit.
* Two neighbouring levels are one unless they differ by the threshold of ``asv.conf.json`` and a t test says that, of a
  thousand series without a change, one at most would have such a difference somewhere. Its scatter is the larger of
  that around the levels and that between neighbouring runs, drawn toward what is usual on the machine as if that had
  been seen in five more runs, and never below 1%.
* A level of one run, at either end, must besides differ more than any run that was left out, and asv's own test on
  the samples of the two runs next to each other must tell them apart, as in ``asv compare``.
"""

import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from statistics import fmean, median

from .history import Commit, Configuration, Run, Series

RISK = 1e-3
"""Probability that a series without a change is said to have one, if its scatter is normal."""

LEAST_SCATTER, USUAL_SCATTER = 0.01, 0.03
"""Relative standard deviation between runs: no machine has less; where too little is known, it is taken for usual."""

BORROWED = 5
"""Degrees of freedom with which the machine's usual scatter counts."""

FEW = 5
"""Runs from which on a series tells of its own scatter."""

HARDLY = 6.0
"""Sum of squares, in variances, by which a fit is hardly worse: it is as good with probability 1 to 20."""

NORMAL = math.sqrt(2) * 0.6745
"""Median distance of two normal numbers, in standard deviations."""


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
        """New / old; infinite where there is no value any more, or the old one is 0."""
        return math.inf if math.isnan(self.new) or self.old == 0 else self.new / self.old

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
    """

    series: Series
    changes: tuple[Change, ...]
    levels: Mapping[str, float]
    apart: frozenset[str] = frozenset()


def usual_scatter(configuration: Configuration) -> float:
    """Relative standard deviation between runs of the same, as the series on a machine have it in the middle."""
    found = [
        _scatter([math.log(run.value) for run in values])
        for series in configuration.series
        if not series.counted and len(values := _values(series)) >= FEW
    ]
    return max(LEAST_SCATTER, median(found)) if found else USUAL_SCATTER


def judged(series: Series, threshold: float, usual: float = USUAL_SCATTER) -> Judged:
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
    exact = series.counted or any(run.value <= 0 for run in runs)
    kept = runs if exact else _without_spikes(runs)
    cuts = _counted_cuts(kept, threshold) if exact else _sampled_cuts(runs, kept, threshold, usual)
    levels: dict[str, float] = {}
    changes, before = [], None
    for (start, end), p, perhaps in cuts:
        part = kept[start:end]
        level = part[-1].value if exact else math.exp(fmean(math.log(run.value) for run in part))
        levels |= {run.commit.hash: run.value if exact else level for run in part}
        if before is not None:
            old = before[0].value if exact else before[1]
            new = part[0].value if exact else level
            changes.append(Change(series, before[0], part[0], old, new, p, len(part), perhaps))
        before = part[-1], level
    apart = [run for run in runs if run not in kept]
    for run in apart:  # on the level of the runs around it
        place = max(one.commit.place for one in kept if one.commit.place < run.commit.place)
        levels[run.commit.hash] = next(levels[one.commit.hash] for one in kept if one.commit.place == place)
    changes += _losses(series)
    changes.sort(key=lambda change: change.after.commit.place)
    return Judged(series, tuple(changes), levels, frozenset(run.commit.hash for run in apart))


def _values(series: Series) -> list[Run]:
    return [run for run in series.runs if not run.failed]


def _losses(series: Series) -> list[Change]:
    """Where a value is followed by none."""
    return [
        Change(series, a, b, a.value, math.nan, 0.0, 1) for a, b in pairwise(series.runs) if b.failed and not a.failed
    ]


def _scatter(logarithms: Sequence[float]) -> float:
    """Standard deviation from the differences of neighbours, of which a few changes spoil only a few."""
    return median(abs(b - a) for a, b in pairwise(logarithms)) / NORMAL


def _without_spikes(runs: Sequence[Run]) -> list[Run]:
    """Runs, but for those far from two neighbours that are near each other."""
    if len(runs) < FEW:
        return list(runs)
    logs = [math.log(run.value) for run in runs]
    scatter = max(_scatter(logs), LEAST_SCATTER)
    spikes = {
        i
        for i in range(1, len(runs) - 1)
        if abs(logs[i - 1] - logs[i + 1]) < 2.5 * scatter
        and abs(logs[i] - (logs[i - 1] + logs[i + 1]) / 2) > 4 * scatter
    }
    return [run for i, run in enumerate(runs) if i not in spikes]


Cuts = list[tuple[tuple[int, int], float, tuple[Commit, ...]]]
"""For each level: first run and the one after the last; `Change.p` and `Change.perhaps` of its beginning."""


def _counted_cuts(runs: Sequence[Run], threshold: float) -> Cuts:
    """A level is as long as its count stays within the threshold."""
    starts = [0] if runs else []
    for i in range(1, len(runs)):
        old, new = runs[i - 1].value, runs[i].value
        if abs(new - old) > threshold * abs(old) and new != old:
            starts.append(i)
    return [(span, 0.0, ()) for span in zip(starts, [*starts[1:], len(runs)], strict=False)]


def _sampled_cuts(runs: Sequence[Run], kept: Sequence[Run], threshold: float, usual: float) -> Cuts:
    """Levels that are told apart, from asv's search on, by taking the least different ones together."""
    if not kept:
        return []
    logs = [math.log(run.value) for run in kept]
    largest_spike = max((_off(run, kept) for run in runs if run not in kept), default=0.0)
    ends = list(range(1, len(kept) + 1)) if len(kept) < FEW else _searched(logs)
    while True:
        spans = list(zip([0, *ends], ends, strict=False))
        scatter, freedom = _known_scatter(logs, kept, spans, usual)
        chances = [
            _chance(logs, kept, left, right, scatter, freedom, threshold, largest_spike)
            for left, right in pairwise(spans)
        ]
        if not chances or max(chances) < RISK:
            elsewhere = [_perhaps(logs, kept, *pair, scatter) for pair in pairwise(spans)]
            return list(zip(spans, [0.0, *chances], [(), *elsewhere], strict=True))
        del ends[chances.index(max(chances))]


def _searched(logs: Sequence[float]) -> list[int]:
    """Where levels end, by the fit that minimizes absolute deviations, each level at the price of three deviations."""
    from asv.step_detect import solve_potts

    price = 3 * max(_scatter(logs), LEAST_SCATTER)
    ends: list[int] = solve_potts(list(logs), [1] * len(logs), price)[0]
    return list(ends)


def _off(spike: Run, kept: Sequence[Run]) -> float:
    """How far a run is from the two around it, which are near each other."""
    place = spike.commit.place
    below = max((run for run in kept if run.commit.place < place), key=lambda run: run.commit.place)
    return abs(math.log(spike.value / below.value))


def _known_scatter(
    logs: Sequence[float], runs: Sequence[Run], spans: Iterable[tuple[int, int]], usual: float
) -> tuple[float, float]:
    """Standard deviation between runs, with its degrees of freedom."""
    parts = [logs[start:end] for start, end in spans]
    freedom = len(logs) - len(parts)
    squares = sum((value - fmean(part)) ** 2 for part in parts for value in part)
    own = squares / freedom if freedom else 0.0
    if len(logs) >= FEW:
        own = max(own, _scatter(logs) ** 2)
    together = (BORROWED * usual**2 + freedom * own) / (BORROWED + freedom)
    within = median(_within(run) for run in runs)
    return math.sqrt(max(together, LEAST_SCATTER**2, within**2)), BORROWED + freedom


def _within(run: Run) -> float:
    """Relative standard error of a run's median, from asv's confidence interval; 0 where there is none."""
    width = (run.high - run.low) / 2 / run.value
    return width / 2.576 if math.isfinite(width) else 0.0


def _chance(
    logs: Sequence[float],
    runs: Sequence[Run],
    left: tuple[int, int],
    right: tuple[int, int],
    scatter: float,
    freedom: float,
    threshold: float,
    largest_spike: float,
) -> float:
    """Probability of such a difference of two levels without a change; above 1 where it would not matter."""
    from scipy.stats import t as student

    difference = abs(fmean(logs[slice(*left)]) - fmean(logs[slice(*right)]))
    if difference < math.log1p(threshold):
        return 2 + math.log1p(threshold) - difference
    counts = [end - start for start, end in (left, right)]
    if 1 in counts and (difference <= largest_spike or not _told_apart(runs[left[1] - 1], runs[right[0]])):
        return 1.0
    error = scatter * math.sqrt(sum(1 / count for count in counts))
    return min(1.0, float(2 * student.sf(difference / error, freedom)) * (len(logs) - 1))


def _perhaps(
    logs: Sequence[float], runs: Sequence[Run], left: tuple[int, int], right: tuple[int, int], scatter: float
) -> tuple[Commit, ...]:
    """Commits beside the first of the right level from which on the fit would be hardly worse."""
    old, new = (fmean(logs[slice(*span)]) for span in (left, right))
    found = []
    for side, to in ((range(left[1] - 1, left[0], -1), new), (range(right[0], right[1] - 1), old)):
        worse = 0.0
        for i in side:
            worse += (logs[i] - to) ** 2 - (logs[i] - (old + new - to)) ** 2
            if worse >= HARDLY * scatter**2:
                break
            found.append(runs[i if to == new else i + 1].commit)
    return tuple(sorted(found, key=lambda commit: commit.place))


def _told_apart(one: Run, other: Run) -> bool:
    """Whether asv's own test tells the samples of two runs apart; where none were kept, it has nothing against it."""
    from asv._stats import is_different

    if not {"ci_99_a", "ci_99_b"} <= one.stats.keys() & other.stats.keys():
        return True
    different: bool = is_different(one.samples, other.samples, one.stats, other.stats)
    return different
