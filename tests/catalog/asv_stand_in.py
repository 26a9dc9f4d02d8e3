"""What the fit of levels takes from asv, written anew: its tests run without asv, and give the same with it."""

import math
from collections.abc import Mapping, Sequence
from statistics import median
from typing import Any


def solve_potts(values: Sequence[float], weights: Sequence[float], price: float) -> tuple[list[int], list[float]]:
    """Where parts end, and their medians, so that absolute deviations and prices of the parts are least in sum."""
    assert set(weights) == {1}
    found: list[tuple[float, list[int]]] = [(0.0, [])]
    for end in range(1, len(values) + 1):
        parts = [(start, values[start:end]) for start in range(end)]
        costs = [
            (found[start][0] + price + math.fsum(abs(value - median(part)) for value in part), start)
            for start, part in parts
        ]
        cost, start = min(costs)
        found.append((cost, [*found[start][1], end]))
    ends = found[-1][1]
    return ends, [median(values[start:end]) for start, end in zip([0, *ends], ends, strict=False)]


def is_different(
    samples: Sequence[float] | None,
    others: Sequence[float] | None,
    stats: Mapping[str, Any],
    other: Mapping[str, Any],
    threshold: float = 0.002,
) -> bool:
    """Whether a rank test tells samples apart, or where there are none, the confidence intervals do not meet."""
    from scipy.stats import mannwhitneyu

    if samples is not None and others is not None:
        return bool(mannwhitneyu(samples, others, method="exact").pvalue < threshold)
    return stats["ci_99_b"] < other["ci_99_a"] or other["ci_99_b"] < stats["ci_99_a"]
