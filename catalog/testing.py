"""Checks that other packages run on their own targets, families, claims and algorithms; needs pytest.

`parametrize_with_claims` runs every applicable claim on given targets. `check_family`, `check_claim` and
`check_algorithm` run the conformance suite that this project's own families, claims and algorithms pass; each fails
with an AssertionError.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from catalog import registry
from catalog.claim import Claim
from catalog.claim_checks import CLAIM_CHECKS
from catalog.conformance import FAMILY_CHECKS, check_algorithm
from catalog.family import Family, Target
from dlr.arguments import InputError, brief, instance, listed

if TYPE_CHECKING:
    import pytest


__all__ = [
    "CLAIM_CHECKS",
    "FAMILY_CHECKS",
    "ClaimCheck",
    "check_algorithm",
    "check_claim",
    "check_family",
    "parametrize_with_claims",
]


@dataclass(frozen=True)
class ClaimCheck:
    """A claim as a check of one target; call it."""

    claim: Claim

    def __post_init__(self) -> None:
        instance("claim", self.claim, Claim)

    def __call__(self, target: Target) -> None:
        """Check every problem of the claim on ``target``.

        Raises
        ------
        AssertionError
            If the claim is violated, with the numbers.
        """
        for problem in self.claim.problems_for(instance("target", target, Target).matrix):
            evidence = self.claim(problem)
            assert evidence.holds(self.claim.kind), (
                f"{self.claim.identifier} {self.claim.name} is violated on {target.name}, L = {problem.depth}, "
                f"{problem.algorithm}: {self.claim.quantity} is {evidence.observed:g}, {self.claim.kind.value} "
                f"{evidence.bound:g} ({evidence.engine})"
            )


def parametrize_with_claims(targets: Iterable[Target | Family]) -> pytest.MarkDecorator:
    """Pytest mark that runs a test ``(target, check)`` on every claim that applies to each target.

    Parameters
    ----------
    targets : iterable of Target or Family
        Targets, or families, whose default targets are used; `catalog.Target.of` makes a target of a matrix.

    Raises
    ------
    InputError
        If something else is given, or no claim applies to any target, since a test without cases would pass.

    Examples
    --------
    >>> import catalog
    >>> @parametrize_with_claims([catalog.target("rotation", angle=1.0)])
    ... def test_claims(target, check):
    ...     check(target)
    """
    import pytest  # a test dependency

    members: list[Target] = []
    for target in listed("targets", targets):
        if not isinstance(target, Target | Family):
            raise InputError(f"targets must hold targets or families, got {brief(target)}: use catalog.Target.of")
        members.append(target() if isinstance(target, Family) else target)
    cases = [
        pytest.param(member, ClaimCheck(claim), id=f"{member.name}: {claim.name}")
        for member in members
        for claim in registry.all_claims().values()
        if claim.applies_to(member.matrix)
    ]
    if not cases:
        names = brief([member.name for member in members])
        raise InputError(f"targets must have a claim that applies, got {names}: see dlr claims for the hypotheses")
    return pytest.mark.parametrize(("target", "check"), cases)


def check_family(family: Family) -> None:
    """Run `FAMILY_CHECKS`, the conformance suite of families.

    Raises
    ------
    AssertionError
        If the family is not what it declares: at its defaults, at the corners of its ranges or at drawn parameters.
    """
    instance("family", family, Family)
    for check in FAMILY_CHECKS:
        check(family)


def check_claim(claim: Claim) -> None:
    """Run `CLAIM_CHECKS`, the conformance suite of claims.

    Raises
    ------
    AssertionError
        If the claim is violated on its own draws, its controls don't fail for the reason they name, it can't be asked
        about some matrix, or its check changes what it is given.
    """
    instance("claim", claim, Claim)
    for check in CLAIM_CHECKS:
        check(claim)
