"""The phase plane at several depths, with what is proved at each point, and the run of one of them."""

from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np

from catalog import registry
from catalog.app.figures import drawing, phase_plane, run_of_normal
from catalog.claim import Claim, Promise
from dlr import Problem
from dlr.solver import at_step_size, problem_for, run
from dlr.types import Matrix

DEPTHS = (1, 2, 4, 8, 32)
EVERY = 2
"""Of the cells, each of these in a row and in a column can be chosen."""

SHOWN_DEPTH, SHOWN = 8, complex(-1, 0.25)
"""What a page shows until the reader chooses."""

OFF_AXIS, POSITIVE, NEGATIVE = "N2a", "P3", "N2b"
"""The theorem about each part of the plane."""


@dataclass(frozen=True)
class Phase:
    """Figures, and data for the page's script."""

    plane: str
    run: str
    words: str
    data: dict[str, Any]


@cache
def phase(depths: tuple[int, ...] = DEPTHS) -> Phase:
    """Train to every target of the grid at these depths, and ask the claims about those that can be chosen."""
    planes = [phase_plane.plane(depth) for depth in depths]
    shown = planes[depths.index(SHOWN_DEPTH)]
    real, imaginary = shown.real[::EVERY], shown.imaginary[::EVERY]
    matrices = phase_plane.targets(real, imaginary)
    at = [_described(plane, real, imaginary, matrices) for plane in planes]
    row, column = int(np.argmin(abs(imaginary - SHOWN.imag))), int(np.argmin(abs(real - SHOWN.real)))
    place = row * len(real) + column
    made = at[depths.index(SHOWN_DEPTH)]
    problem = problem_for(matrices[row, column], SHOWN_DEPTH, None, tol=phase_plane.TOL)
    losses = run(problem).losses.tolist()
    promised = {"steps": made["proved"][place], "floor": made["floor"][place]}
    data = {
        "columns": len(shown.real),
        "cell_rows": len(shown.imaginary),
        "real": real.tolist(),
        "imaginary": imaginary.tolist(),
        "depths": at,
        "shown": {"depth": SHOWN_DEPTH, "real": SHOWN.real, "imaginary": SHOWN.imag},
        "tol": phase_plane.TOL,
        "most": phase_plane.MOST_STEPS,
        "classes": [[most, shade] for most, shade in phase_plane.CLASSES.items()],
        "never": phase_plane.NEVER,
        "run": {
            "width": run_of_normal.WIDTH,
            "height": run_of_normal.HEIGHT,
            "low": run_of_normal.LOW,
            "high": run_of_normal.HIGH,
        },
        "pixels": phase_plane.PIXELS,
        "left": phase_plane.LEFT - shown.cell / 2,
        "top": phase_plane.TOP + shown.cell / 2,
    }
    return Phase(
        drawing.svg(
            phase_plane.spec(shown, merged=False),
            "Phase plane of normal targets",
            phase_plane.described(shown),
        ),
        drawing.svg(
            run_of_normal.spec(losses, promised),
            "Excess loss of the chosen target",
            "Excess loss against steps, with the tolerance, the proved number of steps and the proved floor",
        ),
        f"λ = {SHOWN.real:g} + {SHOWN.imag:g}i: {made['words'][place]}",
        data,
    )


def _described(plane: phase_plane.Plane, real: Matrix, imaginary: Matrix, matrices: Matrix) -> dict[str, Any]:
    """Steps of each cell, row by row, and for each target that can be chosen its step size and what is proved."""
    rows: dict[str, list[Any]] = {name: [] for name in ("eta", "proved", "floor", "words")}
    for row, column in np.ndindex(matrices.shape[:2]):
        problem = problem_for(matrices[row, column], plane.depth, None, tol=phase_plane.TOL)
        made = _promise(problem, float(real[column]), float(imaginary[row]))
        rows["eta"].append(problem.step_size)
        rows["proved"].append(made.steps if made else None)
        rows["floor"].append(made.floor if made and made.floor else None)
        rows["words"].append(
            _words(plane.depth, int(plane.steps[row * EVERY, column * EVERY]), problem.step_size, made)
        )
    return {"depth": plane.depth, "steps": plane.steps.ravel().tolist(), **rows}


def _words(depth: int, steps: int, step_size: float, made: Promise | None) -> str:
    """What the run does, and what is proved of it."""
    tol = drawing.short(phase_plane.TOL)
    size = f"step{'s' * (steps != 1)} of size {step_size:.3g}"
    ran = f"excess loss {tol} is reached after {steps:,} {size}"
    if steps < 0:
        ran = f"excess loss {tol} is not reached in {phase_plane.MOST_STEPS:,} {size}"
    if made is None:
        proved = "No claim proves a number of steps or a floor here"
    elif made.floor:
        proved = f"{made.claim} proves that the excess loss never falls below {made.floor:.4g}"
    elif step_size <= made.largest_step_size:
        proved = f"{made.claim} proves that {made.steps:,} steps are enough"
    else:
        proved = f"{made.claim} proves that {made.steps:,} steps of size {made.step_size:.2g} are enough"
    return f"at depth {depth} {ran}. {proved}."


def _promise(problem: Problem, real: float, imaginary: float) -> Promise | None:
    """What is proved at the default step size, or else at the largest one that the theorem covers."""
    claim = _theorem(real, imaginary)
    largest = claim.promise(replace(problem, algorithm=at_step_size(problem.algorithm, None)))
    if largest is None or problem.step_size > largest.largest_step_size:
        return largest
    return claim.promise(problem)


def _theorem(real: float, imaginary: float) -> Claim:
    return registry.claim_named(OFF_AXIS if imaginary != 0 else POSITIVE if real > 0 else NEGATIVE)
