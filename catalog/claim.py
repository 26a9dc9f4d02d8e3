"""A claim: a theorem as data (source, hypotheses, promise, draws, negative controls) and a check that can fail."""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING

import numpy as np

from catalog.proofs import Step
from catalog.sources import Source
from catalog.traits import Trait
from dlr.arguments import InputError, brief
from dlr.problem import Problem
from dlr.rounding import floor_rounding
from dlr.solver import at_step_size, default_step_size
from dlr.types import Matrix

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy


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

    @property
    def ratio(self) -> float | None:
        """Tightness ``observed / bound``; None where the bound is 0."""
        return self.observed / self.bound if self.bound else None

    def holds(self, kind: Kind) -> bool:
        """Whether a claim of this kind holds; with NaN it does not."""
        if kind is Kind.LOWER_BOUND:
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

    def resolves(self, tol: float) -> bool:
        """Whether rounding is at most a tenth of the error ``sqrt(2 tol)``."""
        return bool(math.sqrt(2 * tol) >= 10 * self.rounding)

    def steps_to(self, tol: float) -> int:
        """Number of steps proved to reach excess loss ``tol``; the largest float where rounding prevents it.

        The inequality ``start e^(-rate t) + rounding <= sqrt(2 tol)`` holds from ``t = ln(start / (sqrt(2 tol) -
        rounding)) / rate`` on. A rate that underflows also gives the largest float, which no run reaches.
        """
        goal = math.sqrt(2 * tol) - self.rounding
        if self.start <= goal:
            return 0
        if not (self.rate > 0 and goal > 0):
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


@dataclass(frozen=True)
class Condition:
    """A hypothesis on the whole problem, beyond the target's traits.

    Attributes
    ----------
    name : str
    holds : callable
        From a `dlr.Problem` to bool.
    practical : bool
        Whether it only keeps checks short and is no part of the theorem, so that no control drops it.
    """

    name: str
    holds: Callable[[Problem], bool]
    practical: bool = False


Hypothesis = Trait | Condition


@dataclass(frozen=True, repr=False)
class Control:
    """A negative control: problems that drop exactly one hypothesis; the claim must be violated by some of them.

    Attributes
    ----------
    name : str
    drops : Trait or Condition
        The one hypothesis that no drawn problem satisfies; the rest hold.
    draws : callable
        Returns the strategy of problems.
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
        The same list serves strategy, tests and ``dlr validate``.
    quantity : str
        What observed and bound measure, with unit.
    problems : callable
        From a target matrix and a depth to the claim's problems on them.
    draws : callable
        Returns the strategy of problems inside the hypotheses.
    depths : tuple of int
        Depths that ``dlr validate`` checks.
    controls : tuple of Control
    confined : tuple of str
        Axes of `catalog.app.examples` along which the hypotheses leave only one or two bands.
    proof_only : mapping of str to str
        Hypotheses, by name, that only the proof seems to need, and what was observed without them.
    origin : str
        The module that states and proves it.
    largest_step_size : callable, optional
        From a problem, whose algorithm may lack a step size, to the largest step size that the claim covers. Needed
        for a `Promise`, whose content the next two give.
    contraction : callable, optional
        From a problem to its `Contraction`, which bounds the number of steps.
    floor : callable, optional
        From a problem to its floor, a lower bound on the excess loss of every iterate.
    proof : tuple of Step
        The numeric steps of the proof.
    partner : str
        For a claim that holds where nothing moves too, since it bounds a run from one side: the identifier of the
        claim that bounds such runs from the other side.
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
    proof_only: Mapping[str, str]
    origin: str
    largest_step_size: Callable[[Problem], float] | None = None
    contraction: Callable[[Problem], Contraction] | None = None
    floor: Callable[[Problem], float] | None = None
    proof: tuple[Step, ...] = ()
    partner: str = ""

    @property
    def statement(self) -> str:
        """First paragraph of the check's docstring, on one line."""
        return " ".join((self.check.__doc__ or "").strip().split("\n\n")[0].split())

    @property
    def order(self) -> tuple[str, int, int, str]:
        """Sort key: plug-in, then the letter in the order P, H, I, N, C, then number and suffix."""
        plugin, _, own = self.identifier.rpartition(".")
        number = "".join(c for c in own[1:] if c.isdigit())
        return plugin, "PHINC".index(own[0]), int(number), own

    def __repr__(self) -> str:
        return f"<claim {self.identifier} {self.name}>"

    def __call__(self, problem: Problem) -> Evidence:
        """Check one problem."""
        with np.errstate(all="ignore"):  # what overflows is for the evidence to judge
            return self.check(problem)

    @property
    def promises_something(self) -> bool:
        """Whether the claim can promise, before a run, a number of steps or a floor."""
        return self.kind is not Kind.CONJECTURE and (self.contraction is not None or self.floor is not None)

    def dropped(self, problem: Problem) -> list[str]:
        """Names of the hypotheses that ``problem`` does not satisfy, `IN_RANGE` included."""
        return [hypothesis.name for hypothesis in (*self.hypotheses, IN_RANGE) if not _satisfies(problem, hypothesis)]

    def covers(self, problem: Problem) -> bool:
        """Whether ``problem`` satisfies all hypotheses of the theorem, those that are only practical left out."""
        return all(
            _satisfies(problem, hypothesis)
            for hypothesis in (IN_RANGE, *self.hypotheses)
            if isinstance(hypothesis, Trait) or not hypothesis.practical
        )

    @np.errstate(all="ignore")
    def promise(self, problem: Problem) -> Promise | None:
        """What the claim proves of a run of ``problem``, or None; the algorithm may lack a step size."""
        if not self.promises_something or self.largest_step_size is None:
            return None
        largest = self.largest_step_size(problem)
        if problem.algorithm.step_size is None:
            step_size = largest
            if largest == math.inf:
                step_size = default_step_size(problem.target, problem.depth, problem.algorithm)
            if not 0 < step_size < math.inf:
                return None
            problem = replace(problem, algorithm=at_step_size(problem.algorithm, step_size))
        if not self.covers(problem):
            return None
        steps = None
        if self.contraction is not None:
            bound = self.contraction(problem)
            steps = bound.steps_to(problem.tol) if bound.resolves(problem.tol) else None
        floor = None
        if self.floor is not None:
            proved = self.floor(problem)
            floor = max(0.0, proved - floor_rounding(problem.target, proved))
        if steps is None and floor is None:
            return None
        return Promise(self.identifier, self.name, problem.step_size, largest, steps, floor)

    def problems_for(self, matrix: Matrix) -> Iterator[Problem]:
        """The claim's problems on ``matrix`` at all its depths, those outside its hypotheses left out."""
        if not _in_range(matrix):
            return
        for depth in self.depths:
            for problem in self.problems(matrix, depth):
                if not self.dropped(problem):
                    yield problem

    def applies_to(self, matrix: Matrix) -> bool:
        """Whether the claim has a problem on ``matrix``."""
        return any(True for _ in self.problems_for(matrix))

    @staticmethod
    def define(
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
        proof_only: Mapping[str, str] | None = None,
        largest_step_size: Callable[[Problem], float] | None = None,
        contraction: Callable[[Problem], Contraction] | None = None,
        floor: Callable[[Problem], float] | None = None,
        proof: tuple[Step, ...] = (),
        partner: str = "",
    ) -> Callable[[Callable[[Problem], Evidence]], Claim]:
        """Turn a check into a `Claim` named after it, with hyphens for underscores; see `Claim` for the parameters.

        Raises
        ------
        InputError
            If the identifier is not of the form that `Claim` describes.
        """
        if not re.fullmatch(r"[PHINC]\d+[a-z]?", identifier):
            raise InputError(f"identifier {brief(identifier)} must be P, H, I, N or C and a number: pass one like 'C7'")

        def decorate(check: Callable[[Problem], Evidence]) -> Claim:
            return Claim(
                identifier=identifier,
                name=check.__name__.replace("_", "-"),
                check=check,
                source=source,
                kind=kind,
                hypotheses=hypotheses,
                quantity=quantity,
                problems=problems,
                draws=draws,
                depths=depths,
                controls=controls,
                confined=confined,
                proof_only=dict(proof_only or {}),
                origin=check.__module__,
                largest_step_size=largest_step_size,
                contraction=contraction,
                floor=floor,
                proof=proof,
                partner=partner,
            )

        return decorate


def _in_range(matrix: Matrix) -> bool:
    return bool(np.max(np.abs(matrix)) <= 1e150)


IN_RANGE = Condition("entries of at most 1e150 in magnitude", lambda problem: _in_range(problem.target))
"""What every claim asks for: beyond it the square of an error overflows, and floating point has no excess loss."""


@np.errstate(all="ignore")
def _satisfies(problem: Problem, hypothesis: Hypothesis) -> bool:
    """Whether a problem of any scale satisfies a hypothesis."""
    return hypothesis.holds(problem.target) if isinstance(hypothesis, Trait) else hypothesis.holds(problem)
