"""The numeric steps of the claims' proofs, checked, as records."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from catalog.claim import Claim
from catalog.proofs import Checked, Step, check


@dataclass(frozen=True)
class ProofRecord:
    """One step of one claim's proof, and what its check found."""

    claim: str
    name: str
    step: str
    ranges: dict[str, tuple[float, float]]
    holds: bool
    slack: tuple[float, float]
    boxes: int
    failure: str


def checked_steps(claims: Iterable[Claim]) -> Iterator[ProofRecord]:
    """Check every step of these claims; one that several share, once."""
    found: dict[int, Checked] = {}
    for claim in claims:
        for step in claim.proof:
            if id(step) not in found:
                found[id(step)] = _checked(step)
            done = found[id(step)]
            ranges = {name: (float(low), float(high)) for name, (low, high) in step.ranges.items()}
            yield ProofRecord(
                claim.identifier, claim.name, step.text, ranges, done.holds, done.slack, done.boxes, done.failure
            )


def _checked(step: Step) -> Checked:
    try:
        return check(step)
    except Exception as error:  # a plug-in's step may do anything
        return Checked(False, (-float("inf"), float("inf")), 0, f"raised {type(error).__name__}: {error}")
