"""One target on the page: its matrix, its spectrum, its runs and what is claimed of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

import numpy as np

from catalog import traits
from catalog.app.figures import loss_curve
from catalog.app.formulas import mathml
from catalog.app.report import small_figures
from catalog.app.report.coverage import Cell
from catalog.app.report.trials import TOL, Trial, trials_of
from catalog.claim import Promise
from catalog.family import Target
from catalog.guarantees import promises_at_any_step_size, promises_for
from dlr import Problem, Solution

SHOWN, POINTS = 12, 80
"""Dimension up to which a matrix is shown; points of a curve."""


@dataclass(frozen=True)
class TargetSection:
    """A target; texts are HTML."""

    target: Target
    description: str
    source: str
    shades: Sequence[Sequence[tuple[str, str]]]
    traits: Sequence[tuple[str, bool, str]]
    spectrum: str
    losses: str
    trials: Sequence[Trial]
    proved: Sequence[tuple[int, str]]
    cells: Sequence[Cell]
    expected: Sequence[tuple[str, str, str]]


def target_section(target: Target, cells: Sequence[Cell], families: Mapping[str, Any]) -> TargetSection:
    """Run the algorithms and gather what is known."""
    family = families.get(target.family)
    trials = trials_of(target)
    return TargetSection(
        target=target,
        description=mathml.within_line(family.description) if family else "A matrix from a file.",
        source=mathml.within_line(family.source) if family else "",
        shades=_shades(target),
        traits=[
            (trait.name, trait.holds(target.matrix), trait.evidence(target.matrix)) for trait in traits.ALL.values()
        ],
        spectrum=_spectrum(target),
        losses=_losses(target, trials),
        trials=trials,
        proved=_proved(trials),
        cells=cells,
        expected=[
            (algorithm, expected.outcome, expected.because)
            for algorithm, expected in (family.expected.items() if family else ())
        ],
    )


def _shades(target: Target) -> list[list[tuple[str, str]]]:
    """Entries with a colour of each: blue above 0, vermillion below, the deeper the larger; empty if too many."""
    if len(target.matrix) > SHOWN:
        return []
    largest = float(np.max(np.abs(target.matrix))) or 1.0
    rows = []
    for row in target.matrix:
        shares = [abs(float(x)) / largest for x in row]
        hues = ["0 114 178" if x > 0 else "213 94 0" for x in row]
        rows.append(
            [
                (f"{x + 0.0:.3g}", f"rgb({hue} / {0.55 * share:.2f})")
                for x, hue, share in zip(row, hues, shares, strict=True)
            ]
        )
    return rows


def _spectrum(target: Target) -> str:
    values = [complex(value) for value in np.linalg.eigvals(target.matrix)]
    normal = "normal" in target.traits
    end = ", each with the segment from 1 that the flow follows" if normal else ""
    return small_figures.spectrum(values, f"Eigenvalues of {target.name}{end}", normal)


def _losses(target: Target, trials: Sequence[Trial]) -> str:
    """Excess loss of gradient descent at each depth."""
    runs = [trial for trial in trials if trial.algorithm == "gradient-descent" and trial.solution is not None]
    if not runs:
        return ""
    made = [promises_for(trial.solution.problem, {}) for trial in runs if trial.solution]
    lines = [_curve(trial.depth, trial.solution, own) for trial, own in zip(runs, made, strict=True) if trial.solution]
    floors = [promise.floor for own in made for promise in own if promise.floor]
    x = small_figures.decades("step + 1", [1, *(curve.points[-1][0] for curve in lines)])
    y = small_figures.decades("excess loss", [TOL / 10, *(loss for curve in lines for _, loss in curve.points)])
    described = f"Excess loss of gradient descent on {target.name} against steps, and dotted what is proved"
    return small_figures.curves(lines, x, y, described, max(floors, default=None))


def _curve(depth: int, solution: Solution, promised: Sequence[Promise]) -> small_figures.Curve:
    """Excess loss against steps, and the bound on it behind the fewest steps that are promised."""
    steps = loss_curve.sampled(solution.steps, POINTS)
    losses = np.maximum(np.asarray(solution.losses)[steps], TOL / 10)
    fewest = min((own for own in promised if own.steps is not None), key=attrgetter("steps"), default=None)
    bound = None if fewest is None else loss_curve.proved_losses(solution.problem, fewest, steps)
    proved = [] if bound is None else [(int(step) + 1, float(loss)) for step, loss in zip(steps, bound, strict=True)]
    points = [(int(step) + 1, float(loss)) for step, loss in zip(steps, losses, strict=True)]
    return small_figures.Curve(f"L = {depth}", points, proved)


def _proved(trials: Sequence[Trial]) -> list[tuple[int, str]]:
    """What is proved of the runs of gradient descent, or else of such runs with smaller steps, in words."""
    return [
        (trial.depth, _promised(trial.solution.problem))
        for trial in trials
        if trial.algorithm == "gradient-descent" and trial.solution is not None
    ]


def _promised(problem: Problem) -> str:
    made = promises_for(problem, {})
    if made:
        steps = [f"{promise.claim}: within {promise.steps:,} steps" for promise in made if promise.steps is not None]
        floors = [f"{promise.claim}: never below {promise.floor:.4g}" for promise in made if promise.floor]
        return "; ".join(steps[:1] + floors[:1])
    smaller = [promise for promise in promises_at_any_step_size(problem, {}) if promise.steps is not None]
    if not smaller:
        return "nothing at any step size"
    best = min(smaller, key=attrgetter("steps"))
    return f"nothing at this step size; {best.claim}: within {best.steps:,} steps of size {best.step_size:.2g}"
