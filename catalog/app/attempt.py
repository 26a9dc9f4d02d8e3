"""A problem that a search has checked, and how near to a violation it came."""

import math
from dataclasses import dataclass

from catalog.claim import Claim, Evidence, Kind
from dlr import Problem

COUNT = "steps to tolerance"
"""The quantity of claims that count."""


@dataclass(frozen=True)
class Try:
    """A problem checked.

    Attributes
    ----------
    claim : Claim
    problem : Problem
    evidence : Evidence
    """

    claim: Claim
    problem: Problem
    evidence: Evidence

    @property
    def violates(self) -> bool:
        """Whether the claim fails here."""
        return not self.evidence.holds(self.claim.kind)

    @property
    def ratio(self) -> float | None:
        """Observed over the bound with its rounding allowance, which is taken off a lower bound.

        Violated above 1, or below 1 for a lower bound; None where such a bound is not positive and so says nothing.
        """
        sign = -1 if self.claim.kind is Kind.LOWER_BOUND else 1
        allowed = self.evidence.bound + sign * self.evidence.slack
        return None if allowed <= 0 else self.evidence.observed / allowed

    @property
    def hardness(self) -> float:
        """What a search raises: above 1 exactly where the claim is violated; NaN counts as infinite.

        The ratio, or its inverse for a lower bound. Of a number of steps the last but one counts, the largest that did
        not suffice, so that 1 step of 1 proved is nothing remarkable.
        """
        ratio, least = self.ratio, math.nextafter(1, 2) if self.violates else 0.0
        if ratio is None:
            return least
        if self.claim.kind is Kind.LOWER_BOUND:
            ratio = 1 / ratio if ratio > 0 else math.inf
        elif self.claim.quantity == COUNT:
            ratio -= 1 / self.evidence.bound if self.evidence.bound else 0.0
        return math.inf if math.isnan(ratio) else max(ratio, least) if self.violates else ratio

    def harder_than(self, other: "Try") -> bool:
        """Whether this is nearer to a violation, or as near and smaller."""
        return (self.hardness, -self.size) > (other.hardness, -other.size)

    @property
    def size(self) -> int:
        """Dimension times depth."""
        return len(self.problem.target) * self.problem.depth
