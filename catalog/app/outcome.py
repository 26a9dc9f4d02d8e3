"""Says how a run ended, beside what the claims prove of it."""

from collections.abc import Sequence
from operator import attrgetter

import numpy as np
from numpy.typing import NDArray

from catalog.app.tables import readable
from catalog.claim import Promise
from dlr import Solution

BLOCKS = "▁▂▃▄▅▆▇█"
WIDTH = 40
"""Characters of a sparkline: with its numbers and label within 80 columns."""

LONG = 1_000
"""Steps from which a sparkline is on a logarithmic axis."""


def forbidding(promised: Sequence[Promise], tol: float) -> Promise | None:
    """The promise of the highest floor, if it is above the tolerance: no iterate reaches that."""
    floors = [promise for promise in promised if promise.floor is not None and promise.floor > tol]
    return max(floors, key=attrgetter("floor"), default=None)


def ending(solution: Solution, promised: Sequence[Promise]) -> str:
    """Outcome, steps and loss, with advice; where a claim forbids the tolerance, with that claim instead."""
    promise = forbidding(promised, solution.problem.tol)
    if promise is None or solution.converged:
        return solution.message
    proof = f"{promise.claim} {promise.name} proves that no step gets below {readable(promise.floor)}"
    return f"{solution.summary}: {proof}"


def contradictions(solution: Solution, promised: Sequence[Promise]) -> list[str]:
    """What the run did against a proof, a line each: there is a fault in the program, the claim or its proof."""
    found = []
    for promise in promised:
        name = f"{promise.claim} {promise.name}"
        if promise.floor is not None and solution.lowest_loss < promise.floor:
            found.append(f"{name}: excess loss {solution.lowest_loss:.6g}, proved never below {promise.floor:.6g}")
        if promise.steps is not None and promise.steps <= solution.problem.max_steps:
            missed = solution.steps > promise.steps or not solution.converged
            if missed:
                found.append(f"{name}: tolerance not reached within the proved {promise.steps:,} steps")
    return found


def sparkline(solution: Solution) -> str:
    """The losses from the first to the last as a row of bars, on a logarithmic scale."""
    losses = np.asarray(solution.losses)
    last = len(losses) - 1
    places = np.linspace(0, last, min(WIDTH, last + 1))
    axis = "steps"
    if last > LONG:
        places, axis = np.geomspace(1, last + 1, WIDTH) - 1, "log steps"
    shown = _levels(losses[np.unique(places.astype(int))])
    bars = "".join(BLOCKS[level] for level in shown)
    return f"{losses[0]:.3g} {bars} {losses[-1]:.3g} ({axis})"


def _levels(losses: NDArray[np.float64]) -> list[int]:
    """Height of each bar: 0 for the least loss that is shown, 7 for the largest."""
    heights = np.log10(np.clip(losses, 1e-300, 1e300))
    span = heights.max() - heights.min()
    return [round(level) for level in (heights - heights.min()) / span * 7] if span > 1e-9 else [3] * len(heights)
