"""Each algorithm on each target at a few depths: how many steps it takes, or why it does not get there."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from catalog.family import Target
from catalog.standard_trial import TRIED
from dlr import NoMarginError, Outcome, Solution, solve

DEPTHS = (2, 8)
TOL, MAX_STEPS = 1e-6, 2_000
LARGEST = 64
"""Dimension up to which targets are tried: a page is not to take longer than the checks."""


@dataclass(frozen=True)
class Trial:
    """One run; without a solution the algorithm refuses the target."""

    algorithm: str
    depth: int
    solution: Solution | None

    @property
    def reached(self) -> bool:
        """Whether the tolerance is reached."""
        return self.solution is not None and self.solution.converged

    @cached_property
    def words(self) -> str:
        """What came of it."""
        if self.solution is None:
            return "no margin"
        if self.solution.converged:
            return f"{self.solution.steps:,} step{'s' * (self.solution.steps != 1)}"
        ended = "" if self.solution.outcome is Outcome.STEP_LIMIT else f", {self.solution.outcome.name.lower()}"
        return f"not reached{ended}"

    @property
    def departure(self) -> float:
        """Largest spectral distance of a layer from the identity at the end."""
        assert self.solution is not None
        layers = np.asarray(self.solution.layers)
        return float(np.linalg.norm(layers - np.eye(layers.shape[-1]), ord=2, axis=(1, 2)).max())


def trials_of(target: Target) -> list[Trial]:
    """All algorithms at all depths, at the solver's own step sizes; none for a large target."""
    if len(target.matrix) > LARGEST:
        return []
    return [_trial(target, name, depth) for name in TRIED for depth in DEPTHS]


def _trial(target: Target, name: str, depth: int) -> Trial:
    try:
        return Trial(name, depth, solve(target.matrix, depth, TRIED[name], tol=TOL, max_steps=MAX_STEPS))
    except NoMarginError:
        return Trial(name, depth, None)
