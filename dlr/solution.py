"""The result of a run: outcome, losses, layers."""

from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from dlr import _html
from dlr._arrays import layer_stack, matrix_stack, real_array
from dlr.algorithms import Algorithm, penalty_strength
from dlr.arguments import instance, integer, number, one_of, settle
from dlr.problem import ENGINE_NAMES, Problem
from dlr.types import LikeTarget, Matrix

__all__ = ["BatchSolution", "Outcome", "Solution"]


class Outcome(Enum):
    """How a run ended; the value says what to do about it."""

    CONVERGED = "the tolerance is reached"
    STALLED = "the last step changed nothing, so no later step can: raise tol or change the start"
    DIVERGED = "the next iterate overflows, the last finite one is kept: lower step_size"
    STEP_LIMIT = "the tolerance is not reached: raise max_steps or tol, or see whether a theorem forbids it"


SWINGING = "lower step_size, since more steps of this size may never reach it"
"""Advice where a loss that should fall has risen."""


@dataclass(frozen=True, eq=False)
class Solution:
    """A finished run.

    Attributes
    ----------
    problem : Problem
        What was run: target, depth, algorithm with its step size, tolerance, start.
    engine : str
        Name of the engine that ran.
    outcome : Outcome
    steps : int
        Steps taken.
    losses : ndarray, shape (steps + 1,)
        Excess loss of every iterate, the start included. Without history only the first and the last are kept.
    lowest_loss : float
        Least excess loss of all iterates.
    layers : array, shape (L, d, d)
        Last finite layers, ``Theta_1`` first.
    product : array, shape (d, d)
        Their end-to-end product ``Theta_L ... Theta_1``.
    """

    problem: Problem
    engine: str
    outcome: Outcome
    steps: int
    losses: Matrix
    lowest_loss: float
    layers: LikeTarget
    product: LikeTarget

    def __post_init__(self) -> None:
        instance("problem", self.problem, Problem)
        instance("outcome", self.outcome, Outcome)
        settle(
            self,
            engine=one_of("engine", self.engine, ENGINE_NAMES),
            steps=integer("steps", self.steps, minimum=0),
            losses=real_array("losses", self.losses),
            lowest_loss=number("lowest_loss", self.lowest_loss, finite=False),
            layers=layer_stack("layers", self.layers),
            product=matrix_stack("product", self.product),
        )

    def __repr__(self) -> str:
        return f"<solution {self.summary}>"

    def _repr_html_(self) -> str:
        """What notebooks show."""
        d = self.problem.target.shape[-1]
        rows: list[tuple[str, _html.Shown]] = [
            ("outcome", self.message),
            ("loss", _html.curve(self.losses)),
            ("problem", f"{d} x {d} target, L = {self.problem.depth}, tolerance {self.problem.tol:g}"),
            ("algorithm", f"{self.algorithm.name}, step size {self.step_size:.3g} ({self.step_size_source})"),
            ("engine", self.engine),
        ]
        return _html.card(self.summary, rows)

    @property
    def converged(self) -> bool:
        """Whether the tolerance was reached."""
        return self.outcome is Outcome.CONVERGED

    @property
    def loss(self) -> float:
        """Excess loss of the last finite iterate."""
        return float(self.losses[-1])

    @property
    def algorithm(self) -> Algorithm:
        """The algorithm, with step size and margin as they were used."""
        return self.problem.algorithm

    @property
    def step_size(self) -> float:
        """Step size eta."""
        return self.problem.step_size

    @property
    def step_size_source(self) -> str:
        """``"given"`` or ``"default"``."""
        return self.problem.step_size_source

    @property
    def summary(self) -> str:
        """Outcome, steps and loss, on one line."""
        return f"{self.outcome.name} after {self.steps:,} steps at excess loss {self.loss:.3g}"

    @property
    def message(self) -> str:
        """`summary` with advice, on one line."""
        advice = self.outcome.value
        if self.outcome is Outcome.STEP_LIMIT and self._swings:
            advice = f"the tolerance is not reached, and the loss has been as low as {self.lowest_loss:.3g}: {SWINGING}"
        return f"{self.summary}: {advice}"

    @property
    def _swings(self) -> bool:
        """Whether a run whose loss no penalty raises ends clearly above its lowest loss."""
        return penalty_strength(self.algorithm) == 0 and self.loss > 1.01 * self.lowest_loss


@dataclass(frozen=True, eq=False)
class BatchSolution:
    """Finished runs: the fields of `Solution` as arrays, with the batch shape of the targets first.

    Attributes
    ----------
    outcome : ndarray of Outcome, shape (...)
    steps : ndarray of int, shape (...)
        Steps taken.
    loss, lowest_loss : ndarray, shape (...)
        Excess loss at the end, and the least one of all iterates.
    layers : array, shape (..., L, d, d)
        Last finite layers, ``Theta_1`` first, in the targets' namespace and on their device.
    product : array, shape (..., d, d)
        Their end-to-end products.
    step_size : ndarray, shape (...)
    engine : ndarray of str, shape (...)
    """

    outcome: NDArray[np.object_]
    steps: NDArray[np.int64]
    loss: Matrix
    lowest_loss: Matrix
    layers: LikeTarget
    product: LikeTarget
    step_size: Matrix
    engine: NDArray[np.str_]

    def __post_init__(self) -> None:
        for name in ("outcome", "steps", "loss", "lowest_loss", "step_size", "engine"):
            instance(name, getattr(self, name), np.ndarray)
        settle(self, layers=layer_stack("layers", self.layers), product=matrix_stack("product", self.product))

    @property
    def summary(self) -> str:
        """Number of runs with each outcome, on one line."""
        counts = {outcome: int(np.sum(self.outcome == outcome)) for outcome in Outcome}
        found = ", ".join(f"{count:,} {outcome.name}" for outcome, count in counts.items() if count)
        return f"{self.outcome.size:,} runs: {found}" if found else "no runs"

    def __repr__(self) -> str:
        return f"<batch of {self.summary}>"

    def _repr_html_(self) -> str:
        """What notebooks show."""
        if not self.outcome.size:
            return _html.card(self.summary, [])
        rows = [
            ("shape", str(self.outcome.shape)),
            ("steps", f"{self.steps.min():,} to {self.steps.max():,}"),
            ("excess loss", f"{self.loss.min():.3g} to {self.loss.max():.3g}"),
            ("step size", f"{self.step_size.min():.3g} to {self.step_size.max():.3g}"),
            ("engine", ", ".join(sorted(set(self.engine.flat)))),
        ]
        return _html.card(self.summary, rows)

    @property
    def converged(self) -> NDArray[np.bool_]:
        """Which runs reached the tolerance."""
        return np.asarray(self.outcome == Outcome.CONVERGED)
