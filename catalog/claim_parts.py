"""What a claim says: what it asserts, what its check observed, and what it promises of a run."""

import math
import sys
from dataclasses import dataclass
from enum import Enum

from dlr.arguments import instance, integer, number, text

__all__ = ["Contraction", "Evidence", "Kind", "Promise"]


class Kind(Enum):
    """What a claim asserts about the observed quantity and its bound."""

    UPPER_BOUND = "upper bound"
    LOWER_BOUND = "lower bound"
    INVARIANT = "invariant"
    IDENTITY = "identity"
    CONJECTURE = "conjecture"

    @property
    def bounds_rounding(self) -> bool:
        """Whether the bound is a rounding allowance, so that what is observed below it differs between machines."""
        return self in (Kind.INVARIANT, Kind.IDENTITY)


@dataclass(frozen=True)
class Evidence:
    """What a check observed.

    Attributes
    ----------
    observed, bound : float
        The measured quantity and the claim's bound on it, in the same unit.
    slack : float
        Rounding allowance on the bound, derived from dtype, step size and depth; never tuned.
    steps : int
        Steps run.
    engine : str
        Engine that ran, or ``"direct"`` where the check needs no run.
    """

    observed: float
    bound: float
    slack: float = 0.0
    steps: int = 0
    engine: str = "direct"

    def __post_init__(self) -> None:
        number("observed", self.observed, finite=False)
        number("bound", self.bound, finite=False)
        number("slack", self.slack, finite=False)
        integer("steps", self.steps, minimum=0)
        text("engine", self.engine)

    @property
    def ratio(self) -> float | None:
        """``observed / bound``; None where the bound is 0."""
        return self.observed / self.bound if self.bound else None

    def holds(self, kind: Kind) -> bool:
        """Whether a claim of this kind holds; with NaN it does not."""
        if instance("kind", kind, Kind) is Kind.LOWER_BOUND:
            return bool(self.observed >= self.bound - self.slack)
        return bool(self.observed <= self.bound + self.slack)


@dataclass(frozen=True)
class Contraction:
    """A proved bound on every iterate of a run: ``|E_t|_F <= start (1 - rate)^t + rounding``.

    Attributes
    ----------
    start : float
        Bound on ``|E_0|_F``.
    rate : float
        Fraction of the error that each step removes, in (0, 1].
    rounding : float
        Bound on what floating point adds to the error, in the iteration and in its evaluation.
    """

    start: float
    rate: float
    rounding: float

    def __post_init__(self) -> None:
        number("start", self.start, finite=False)
        number("rate", self.rate, finite=False)
        number("rounding", self.rounding, finite=False)

    def resolves(self, tol: float) -> bool:
        """Whether rounding is at most a tenth of the error ``sqrt(2 tol)``."""
        return bool(math.sqrt(2 * number("tol", tol, minimum=0)) >= 10 * self.rounding)

    def steps_to(self, tol: float) -> int:
        """Number of steps proved to reach excess loss ``tol``; the largest float where rounding prevents it.

        The inequality ``start e^(-rate t) + rounding <= sqrt(2 tol)`` holds from ``t = ln(start / (sqrt(2 tol) -
        rounding)) / rate`` on. A rate that underflows also gives the largest float, which no run reaches.
        """
        goal = math.sqrt(2 * number("tol", tol, minimum=0)) - self.rounding
        if self.start <= goal:
            return 0
        if not (self.rate > 0 and goal > 0 and self.start < math.inf):
            return int(sys.float_info.max)
        return math.ceil(min(math.log(self.start / goal) / self.rate, sys.float_info.max))


@dataclass(frozen=True)
class Promise:
    """What a claim proves of a run before it starts.

    Attributes
    ----------
    claim, name : str
        The claim's identifier and name.
    step_size : float
        The algorithm's own. If it has none: for a claim on steps the largest proved one, else at most the default.
    largest_step_size : float
        The largest step size that the claim covers; may be infinite.
    steps : int or None
        Number of steps after which the excess loss is at most the tolerance.
    floor : float or None
        Floor: a lower bound on the excess loss of every iterate.
    """

    claim: str
    name: str
    step_size: float
    largest_step_size: float
    steps: int | None = None
    floor: float | None = None

    def __post_init__(self) -> None:
        text("claim", self.claim)
        text("name", self.name)
        number("step_size", self.step_size, above=0)
        number("largest_step_size", self.largest_step_size, finite=False)
        if self.steps is not None:
            integer("steps", self.steps, minimum=0)
        if self.floor is not None:
            number("floor", self.floor, minimum=0)
