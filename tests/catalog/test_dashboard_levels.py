"""What the fit of levels is made of does what it says: against all partitions, the definition of a fit, and edges."""

import math
import random
from collections.abc import Sequence
from itertools import combinations, pairwise
from statistics import fmean, median

import pytest
from made_history import time_at

from catalog.benchmarks.dashboard import levels

pytestmark = pytest.mark.usefixtures("fitting")


def price_of(logs: Sequence[float], ends: Sequence[int], each: float) -> float:
    """Absolute deviations from the medians of the parts, and what the parts cost."""
    parts = [logs[start:end] for start, end in pairwise([0, *ends])]
    return each * len(parts) + sum(abs(value - median(part)) for part in parts for value in part)


@pytest.mark.parametrize("scatter", [0.001, 0.05])
def test_the_first_fit_is_the_cheapest_of_all_partitions(scatter: float) -> None:
    drawn = random.Random(3)
    sizes = set()
    for _ in range(12):
        logs = [scatter * (drawn.gauss(0, 1) + (4 if place > 2 else 0) + drawn.choice([0, 3])) for place in range(8)]
        deviation = median(abs(b - a) for a, b in pairwise(logs)) / 0.9539
        each = 3 * max(deviation, 0.01)
        cuts = [cut for count in range(8) for cut in combinations(range(1, 8), count)]
        cheapest = min(([*cut, 8] for cut in cuts), key=lambda ends: price_of(logs, ends, each))
        found = levels._searched(logs)
        assert price_of(logs, found, each) == pytest.approx(price_of(logs, cheapest, each), rel=1e-3)
        sizes.add(len(found))
    assert len(sizes) > (scatter > 0.01)


def test_commits_beside_a_change_are_those_that_are_at_most_twenty_times_less_likely() -> None:
    """By the likelihood of the runs around two levels that stay as they are, from one commit to the next."""
    drawn = random.Random(4)
    counts = set()
    for _ in range(300):
        logs = [drawn.gauss(0, 1) + (2.5 if place >= 6 else 0) for place in range(14)]
        runs = [time_at(place, 1.0) for place in range(1, 15)]
        left, right = (1, 6), (6, 13)
        old, new = fmean(logs[1:6]), fmean(logs[6:13])

        def misfit(begin: int, logs=logs, old=old, new=new) -> float:
            return sum((logs[place] - (old if place < begin else new)) ** 2 for place in range(1, 13))

        def hardly_worse(begin: int, misfit=misfit) -> bool:
            return math.exp((misfit(6) - misfit(begin)) / 2) > 1 / 20

        expected = []
        for side in (range(5, 1, -1), range(7, 13)):
            for begin in side:
                if not hardly_worse(begin):
                    break
                expected.append(begin + 1)
        found = [commit.place for commit in levels._perhaps(logs, runs, left, right, 1.0)]
        assert found == sorted(expected)
        counts.add(len(found))
    assert {0, 1, 2, 3, 4} <= counts


@pytest.mark.parametrize(
    ("off", "apart", "left_out"),
    [(5, 0, True), (5, 2.4, True), (5, 2.6, False), (4.1, 0, True), (3.9, 0, False), (-4.1, 0, True), (-3.9, 0, False)],
)
def test_a_run_is_left_out_that_is_four_deviations_off_two_that_are_near(
    off: float, apart: float, left_out: bool
) -> None:
    deviation = 0.02
    logs = [deviation * 0.9539 * (place % 2) for place in range(13)]  # neighbours differ as those of such a scatter
    logs[7] = logs[5] + deviation * apart
    logs[6] = (logs[5] + logs[7]) / 2 + deviation * off
    runs = [time_at(place, math.exp(value)) for place, value in enumerate(logs, start=1)]
    kept = levels._without_spikes(runs)
    assert (runs[6] not in kept) == left_out
    assert [run for run in runs if run not in kept] == [runs[6]] * left_out


def test_with_little_known_the_usual_scatter_counts_as_eight_runs() -> None:
    runs = [time_at(place, 1.0, 0.0) for place in range(1, 5)]
    assert levels._known_scatter([0.0, 1.0], runs[:2], [(0, 1), (1, 2)], 0.03) == (0.03, 8)
    scatter, freedom = levels._known_scatter([0.0, 0.1, 1.0, 1.3], runs, [(0, 2), (2, 4)], 0.03)
    assert freedom == 10
    assert scatter == pytest.approx(math.sqrt((8 * 0.03**2 + 2 * 0.05**2 + 2 * 0.15**2) / 10))
    assert levels._known_scatter([0.0] * 4, runs, [(0, 4)], 0.0) == (0.01, 11)
    wide = [time_at(place, 1.0, 0.2576) for place in range(1, 5)]
    assert levels._known_scatter([0.0] * 4, wide, [(0, 4)], 0.03)[0] == pytest.approx(0.1)
