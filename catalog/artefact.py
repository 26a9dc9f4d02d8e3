"""A hypothesis that only a proof seems to need."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dlr.arguments import function, integer, number, text

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

    from catalog.claim import Hypothesis
    from dlr import Problem

__all__ = ["Artefact"]


@dataclass(frozen=True)
class Artefact:
    """A hypothesis that only the proof seems to need: without it, a search has found no violation.

    The search is that of ``dlr falsify CLAIM --without HYPOTHESIS --tries TRIES --seed SEED``.

    Attributes
    ----------
    drops : Trait or Condition
        The one hypothesis that no drawn problem satisfies; the rest hold.
    draws : callable
        Returns the strategy of problems, where the search starts.
    because : str
        Why the claim may hold without it.
    tries, seed : int
    seconds : float
        How long it took, on one core.
    """

    drops: Hypothesis
    draws: Callable[[], SearchStrategy[Problem]]
    because: str
    tries: int = 0
    seconds: float = 0.0
    seed: int = 0

    def __post_init__(self) -> None:
        function("draws", self.draws)
        text("because", self.because)
        integer("tries", self.tries, minimum=0)
        number("seconds", self.seconds, minimum=0)
        integer("seed", self.seed, minimum=0)

    def __repr__(self) -> str:
        return f"<artefact {self.drops.name}>"

    @property
    def finding(self) -> str:
        """Why, and how hard a violation was looked for."""
        effort = f"no violation in {self.tries:,} tries of hill climbing, {self.seconds:.0f} s, seed {self.seed}"
        return f"{self.because}; {effort}"
