"""How a claim's examples spread over dimension, depth, condition number and margin."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from catalog.claim import Claim
from dlr import Problem
from dlr.matrices import relative_margin

BANDS: dict[str, tuple[float, ...]] = {
    "dimension": (2, 4, 7),
    "depth": (2, 5, 17),
    "condition": (2, 10, 1e3),
    "margin": (-1e-12, 0.3, 0.8),
}
"""Boundaries between bands on each axis. Margin is relative to the spectral norm; condition may be infinite."""


@dataclass(frozen=True)
class Spread:
    """Fractions of examples by axis and band, and of rejected draws.

    Attributes
    ----------
    shares : dict of str to list of float
        For each axis in `BANDS` the fraction of examples in each band, lowest band first.
    rejected : float
        Fraction of draws that gave no example.
    """

    shares: dict[str, list[float]]
    rejected: float


def spread(claim: Claim, examples: int = 100) -> Spread:
    """Draw ``examples`` problems of a claim, the same ones in every call, and count them by band."""
    from hypothesis import HealthCheck, Phase, given, settings
    from hypothesis import strategies as st
    from hypothesis.control import current_build_context
    from hypothesis.internal.conjecture.data import Status

    draws, problems = claim.draws(), list[Problem]()
    rejections: list[Status] = []

    @st.composite
    def watched(draw: st.DrawFn) -> Problem:
        data = current_build_context().data
        try:
            return draw(draws)
        except BaseException:  # Hypothesis's own signals; running out of bytes is no rejection
            if data.status is Status.INVALID:
                rejections.append(data.status)
            raise

    @settings(
        max_examples=examples,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),  # rejected draws are counted here instead
    )
    @given(watched())
    def collect(problem: Problem) -> None:
        problems.append(problem)

    collect()
    shares = {axis: _shares([measure(problem) for problem in problems], BANDS[axis]) for axis, measure in AXES.items()}
    return Spread(shares, len(rejections) / (len(rejections) + len(problems)))


def _condition(problem: Problem) -> float:
    values = np.linalg.svd(problem.target, compute_uv=False)
    return float(values[0] / values[-1]) if values[-1] > 0 else math.inf


AXES: dict[str, Callable[[Problem], float]] = {
    "dimension": lambda problem: len(problem.target),
    "depth": lambda problem: problem.depth,
    "condition": _condition,
    "margin": lambda problem: relative_margin(problem.target),
}


def _shares(values: Sequence[float], ends: tuple[float, ...]) -> list[float]:
    counts = np.bincount(np.searchsorted(ends, values, side="right"), minlength=len(ends) + 1)
    return [float(count) / len(values) for count in counts]
