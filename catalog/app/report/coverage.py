"""Which claims hold on which targets, and where one does not apply, which of its hypotheses is missing."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from catalog.app.tables import nearest_record
from catalog.app.validate import Record
from catalog.claim import Claim, Kind
from catalog.family import Target
from dlr import GradientDescent, Penalized, PowerProjection, Problem
from dlr.arguments import InputError


@dataclass(frozen=True)
class Cell:
    """One claim on one target.

    Attributes
    ----------
    claim : str
    target : str
    records : tuple of Record
        Empty outside the hypotheses.
    missing : str
        The first hypothesis that the target lacks, outside them.
    """

    claim: str
    target: str
    records: tuple[Record, ...]
    missing: str = ""

    @property
    def verdict(self) -> str:
        """``"holds"``, ``"violated"`` or ``"outside"``."""
        if not self.records:
            return "outside"
        return "holds" if all(record.holds for record in self.records) else "violated"

    @property
    def nearest(self) -> Record | None:
        """The check that is nearest to the bound, a violated one first."""
        return nearest_record(self.records) if self.records else None

    @property
    def words(self) -> str:
        """The verdict, or the ratio nearest to a violation where the bound is none on rounding."""
        if self.verdict != "holds" or self.nearest is None:
            return self.verdict
        ratio = self.nearest.ratio
        if ratio is None or Kind(self.nearest.kind).bounds_rounding:
            return "✓"
        return "<0.01" if ratio < 0.01 else f"{ratio:.2f}" if ratio < 10 else f"{ratio:,.0f}"

    @property
    def nearness(self) -> float:
        """From 0 to 1, where observed is the bound."""
        ratio = self.nearest.ratio if self.nearest else None
        if not ratio or ratio < 0 or self.words == "✓":
            return 0.0
        return min(ratio, 1 / ratio)


def cells(claims: Sequence[Claim], targets: Sequence[Target], records: Sequence[Record]) -> dict[tuple[str, str], Cell]:
    """A cell for each claim and target, by identifier and name."""
    found: dict[tuple[str, str], list[Record]] = {}
    for record in records:
        found.setdefault((record.claim, record.target), []).append(record)
    return {
        (claim.identifier, target.name): _cell(claim, target, found.get((claim.identifier, target.name), []))
        for claim in claims
        for target in targets
    }


def _cell(claim: Claim, target: Target, records: list[Record]) -> Cell:
    missing = "" if records else _missing(claim, target)
    return Cell(claim.identifier, target.name, tuple(records), missing)


def _missing(claim: Claim, target: Target) -> str:
    """The first hypothesis that a problem of the claim on the target lacks; of several, that with the fewest."""
    depth = claim.depths[-1]
    try:
        problem = next(iter(claim.problems(target.matrix, depth)), None)
        problems = [problem] if problem is not None else _plain(target, depth)
        return min((claim.dropped(each) for each in problems), key=len)[0]
    except Exception:  # another's claim may raise anything
        return "hypotheses that raise when asked"


def _plain(target: Target, depth: int) -> list[Problem]:
    """The target with each algorithm, where the claim has no problem on it."""
    problem = Problem(target.matrix, depth, GradientDescent(1e-3), tol=1e-9)
    algorithms = (problem.algorithm, Penalized(1e-3, 1e-3), PowerProjection(1e-9, 1e-3))
    made = []
    for algorithm in algorithms:
        try:
            made.append(replace(problem, algorithm=algorithm))
        except InputError:
            continue
    return made
