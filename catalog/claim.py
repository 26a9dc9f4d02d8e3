"""A claim: a theorem as data (source, kind, hypotheses, draws, negative controls) and a check that can fail."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from catalog.traits import Trait
from dlr.algorithms import Algorithm
from dlr.arguments import InputError, brief
from dlr.types import Matrix

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy


class Kind(Enum):
    """What a claim asserts about its observed number and its bound."""

    UPPER_BOUND = "upper bound"
    LOWER_BOUND = "lower bound"
    INVARIANT = "invariant"
    IDENTITY = "identity"
    CONJECTURE = "conjecture"


@dataclass(frozen=True)
class Source:
    """Where a claim comes from, and who derived its constants."""

    reference: str
    theorem: str
    link: str
    constants: str = "derived here"

    def __str__(self) -> str:
        return f"{self.reference}, {self.theorem}"


@dataclass(frozen=True)
class Problem:
    """One instance of a claim: everything a check needs, nothing left to decide.

    Attributes
    ----------
    target : ndarray, shape (d, d)
    depth : int
    algorithm : Algorithm
        With its step size given.
    tol : float
        Excess loss to reach.
    max_steps : int
        Horizon, where the bound does not set it.
    layers : ndarray, shape (L, d, d), optional
        A point other than the identity to look at or start from.
    companion : ndarray, shape (d, d), optional
        A second matrix, where a claim is about two.
    """

    target: Matrix
    depth: int
    algorithm: Algorithm
    tol: float = 1e-9
    max_steps: int = 0
    layers: Matrix | None = None
    companion: Matrix | None = None

    @property
    def step_size(self) -> float:
        """The algorithm's step size."""
        assert self.algorithm.step_size is not None, "a problem's algorithm has its step size given"
        return self.algorithm.step_size


@dataclass(frozen=True)
class Evidence:
    """What a check saw.

    Attributes
    ----------
    observed, bound : float
        The measured number and the claim's bound on it, in the same unit.
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

    @property
    def ratio(self) -> float | None:
        """``observed / bound``, the tightness; None where the bound is 0."""
        return self.observed / self.bound if self.bound else None

    def holds(self, kind: Kind) -> bool:
        """Whether a claim of this kind survives; NaN never does."""
        if kind is Kind.LOWER_BOUND:
            return bool(self.observed >= self.bound - self.slack)
        return bool(self.observed <= self.bound + self.slack)


@dataclass(frozen=True)
class Condition:
    """A hypothesis on the whole problem, beyond the target's traits.

    Attributes
    ----------
    name : str
    holds : callable
        From a `Problem` to bool.
    practical : bool
        Whether it limits only how far the suite looks, so that no control drops it.
    """

    name: str
    holds: Callable[[Problem], bool]
    practical: bool = False


Hypothesis = Trait | Condition


@dataclass(frozen=True, repr=False)
class Control:
    """A negative control: problems that drop exactly one hypothesis, among which the conclusion must fail.

    Attributes
    ----------
    name : str
    drops : Trait or Condition
        The one hypothesis that no drawn problem satisfies; all others hold.
    draws : callable
        Makes the strategy.
    """

    name: str
    drops: Hypothesis
    draws: Callable[[], SearchStrategy[Problem]]

    def __repr__(self) -> str:
        return f"<control {self.name}, without {self.drops.name}>"


@dataclass(frozen=True, repr=False)
class Claim:
    """A claim; call it with a `Problem` to get `Evidence`.

    Attributes
    ----------
    identifier : str
        Short label in tables: P (the paper), H (Hardt and Ma), I (identities), N (beyond the paper) or
        C (conjectures), a number and perhaps a letter, such as ``P5b``.
    name : str
    check : callable
        From a problem inside the hypotheses to evidence.
    source : Source
    kind : Kind
    hypotheses : tuple of Trait or Condition
        One list for strategy, test and `validate` alike.
    quantity : str
        What observed and bound measure, with unit.
    problems : callable
        From a target matrix with the right traits and a depth to its problems.
    draws : callable
        Makes the strategy of problems inside the hypotheses.
    depths : tuple of int
        Depths at which `validate` looks.
    controls : tuple of Control
    confined : tuple of str
        Axes of `catalog.app.reach` that the hypotheses confine to one band or two.
    artefacts : mapping of str to str
        Findings: hypotheses, by name, that only the proof needs, and what was seen without them.
    origin : str
        The module that states and proves it.
    """

    identifier: str
    name: str
    check: Callable[[Problem], Evidence]
    source: Source
    kind: Kind
    hypotheses: tuple[Hypothesis, ...]
    quantity: str
    problems: Callable[[Matrix, int], Iterable[Problem]]
    draws: Callable[[], SearchStrategy[Problem]]
    depths: tuple[int, ...]
    controls: tuple[Control, ...]
    confined: tuple[str, ...]
    artefacts: Mapping[str, str]
    origin: str

    @property
    def statement(self) -> str:
        """First paragraph of the check's docstring, on one line."""
        return " ".join((self.check.__doc__ or "").strip().split("\n\n")[0].split())

    @property
    def order(self) -> tuple[str, int, int, str]:
        """Sort key: plug-in; paper, its sources, identities, beyond, conjectures; then number and suffix."""
        plugin, _, own = self.identifier.rpartition(".")
        number = "".join(c for c in own[1:] if c.isdigit())
        return plugin, "PHINC".index(own[0]), int(number), own

    def __repr__(self) -> str:
        return f"<claim {self.identifier} {self.name}>"

    def __call__(self, problem: Problem) -> Evidence:
        """Check one problem."""
        return self.check(problem)

    def dropped(self, problem: Problem) -> list[str]:
        """Names of the hypotheses that ``problem`` does not satisfy."""
        return [
            hypothesis.name
            for hypothesis in self.hypotheses
            if not (hypothesis.holds(problem.target) if isinstance(hypothesis, Trait) else hypothesis.holds(problem))
        ]

    def problems_for(self, matrix: Matrix) -> Iterator[Problem]:
        """Problems of the claim on ``matrix`` that lie inside its hypotheses, over all `depths`."""
        if all(trait.holds(matrix) for trait in self.hypotheses if isinstance(trait, Trait)):
            for depth in self.depths:
                for problem in self.problems(matrix, depth):
                    if not self.dropped(problem):
                        yield problem

    def applies_to(self, matrix: Matrix) -> bool:
        """Whether the claim has a problem on ``matrix``."""
        return any(True for _ in self.problems_for(matrix))


def claim(
    identifier: str,
    *,
    source: Source,
    kind: Kind,
    hypotheses: tuple[Hypothesis, ...],
    quantity: str,
    problems: Callable[[Matrix, int], Iterable[Problem]],
    draws: Callable[[], SearchStrategy[Problem]],
    depths: tuple[int, ...] = (2, 5, 8),
    controls: tuple[Control, ...] = (),
    confined: tuple[str, ...] = (),
    artefacts: Mapping[str, str] | None = None,
) -> Callable[[Callable[[Problem], Evidence]], Claim]:
    """Turn a check into a `Claim` named after it, underscores as hyphens.

    Raises
    ------
    InputError
        If the identifier is not of the form that `Claim` describes.
    """
    if not re.fullmatch(r"[PHINC]\d+[a-z]?", identifier):
        raise InputError(f"identifier {brief(identifier)} must be P, H, I, N or C and a number: pass one like 'C7'")

    def decorate(check: Callable[[Problem], Evidence]) -> Claim:
        name = check.__name__.replace("_", "-")
        return Claim(
            identifier,
            name,
            check,
            source,
            kind,
            hypotheses,
            quantity,
            problems,
            draws,
            depths,
            controls,
            confined,
            dict(artefacts or {}),
            check.__module__,
        )

    return decorate
