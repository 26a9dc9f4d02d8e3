"""A claim: a theorem as data (source, hypotheses, promise, draws, negative controls) and a check that can fail."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from catalog.artefact import Artefact
from catalog.claim_parts import Contraction, Evidence, Kind, Promise
from catalog.neighbours import exact_neighbours
from catalog.proofs import Step
from catalog.sources import Source
from catalog.traits import Trait
from dlr import _html
from dlr._arrays import square_matrix
from dlr.arguments import InputError, brief, flag, function, instance, instances, integer, text
from dlr.problem import Problem
from dlr.rounding import floor_rounding
from dlr.solver import at_step_size, default_step_size
from dlr.types import ArrayInput, Matrix

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

__all__ = ["IN_RANGE", "Claim", "Condition", "Contraction", "Control", "Evidence", "Hypothesis", "Kind", "Promise"]


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

    def __post_init__(self) -> None:
        text("name", self.name)
        function("holds", self.holds)
        flag("practical", self.practical)


Hypothesis = Trait | Condition


@dataclass(frozen=True)
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

    def __post_init__(self) -> None:
        text("name", self.name)
        instance("drops", self.drops, Trait, Condition)
        function("draws", self.draws)

    def __repr__(self) -> str:
        return f"<control {self.name}, without {self.drops.name}>"


@dataclass(frozen=True)
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
    proof_only : tuple of Artefact
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
    symbols : tuple of (str, str)
        Letters of statement, quantity and hypotheses that `catalog.glossary` does not define, with their meaning.
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
    proof_only: tuple[Artefact, ...]
    origin: str
    largest_step_size: Callable[[Problem], float] | None = None
    contraction: Callable[[Problem], Contraction] | None = None
    floor: Callable[[Problem], float] | None = None
    proof: tuple[Step, ...] = ()
    partner: str = ""
    symbols: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        if not re.fullmatch(r"([A-Za-z0-9][\w-]*\.)?[PHINC]\d+[a-z]?", text("identifier", self.identifier)):
            raise InputError(
                f"identifier {brief(self.identifier)} must be P, H, I, N or C and a number: pass one like 'C7'"
            )
        for name in ("name", "quantity", "origin", "partner"):
            text(name, getattr(self, name))
        for name in ("check", "problems", "draws"):
            function(name, getattr(self, name))
        for name in ("largest_step_size", "contraction", "floor"):
            if getattr(self, name) is not None:
                function(name, getattr(self, name))
        instance("source", self.source, Source)
        instance("kind", self.kind, Kind)
        instances("hypotheses", self.hypotheses, Trait, Condition)
        for depth in instances("depths", self.depths, int):
            integer("depths", depth)
        instances("controls", self.controls, Control)
        instances("confined", self.confined, str)
        instances("proof_only", self.proof_only, Artefact)
        instances("proof", self.proof, Step)
        for pair in instances("symbols", self.symbols, tuple):
            if len(instances("symbols", pair, str)) != 2:
                raise InputError(f"symbols must be pairs, got {brief(pair)}: pass (('h', 'half the width'), ...)")

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

    def _repr_html_(self) -> str:
        """What notebooks show."""
        rows = [
            ("statement", self.statement.replace("`", "")),
            ("kind", f"{self.kind.value} on {self.quantity}"),
            ("hypotheses", [hypothesis.name for hypothesis in self.hypotheses]),
            ("source", [str(self.source), _html.link(self.source.link)]),
        ]
        return _html.card(f"{self.identifier} {self.name}", rows)

    def __call__(self, problem: Problem) -> Evidence:
        """Check one problem."""
        instance("problem", problem, Problem)
        with np.errstate(all="ignore"):  # what overflows is for the evidence to judge
            return self.check(problem)

    @property
    def promises_something(self) -> bool:
        """Whether the claim can promise, before a run, a number of steps or a floor."""
        return self.kind is not Kind.CONJECTURE and (self.contraction is not None or self.floor is not None)

    @np.errstate(all="ignore")  # a problem may be of any scale
    def dropped(self, problem: Problem) -> list[str]:
        """Names of the hypotheses that ``problem`` does not satisfy, `ALWAYS` included."""
        instance("problem", problem, Problem)
        return [hypothesis.name for hypothesis in (*self.hypotheses, *ALWAYS) if not _satisfies(problem, hypothesis)]

    @np.errstate(all="ignore")
    def covers(self, problem: Problem) -> bool:
        """Whether ``problem`` satisfies all hypotheses of the theorem, those that are only practical left out."""
        instance("problem", problem, Problem)
        return all(
            _satisfies(problem, hypothesis)
            for hypothesis in (*ALWAYS, *self.hypotheses)
            if isinstance(hypothesis, Trait) or not hypothesis.practical
        )

    @np.errstate(all="ignore")
    def promise(self, problem: Problem) -> Promise | None:
        """What the claim proves of a run of ``problem``, or None; the algorithm may lack a step size."""
        instance("problem", problem, Problem)
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

    def problems_for(self, matrix: ArrayInput) -> Iterator[Problem]:
        """The claim's problems on ``matrix`` at all its depths, those outside its hypotheses left out.

        Where there are none, those on the first of its `catalog.neighbours` on which there are.
        """
        matrix = square_matrix("matrix", matrix)
        if not _in_range(matrix):
            return
        for neighbour in exact_neighbours(matrix):
            applies = False
            for depth in self.depths:
                for problem in self.problems(neighbour.matrix, depth):
                    if not self.dropped(problem):
                        applies = True
                        yield problem
            if applies:
                return

    def applies_to(self, matrix: ArrayInput) -> bool:
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
        proof_only: tuple[Artefact, ...] = (),
        largest_step_size: Callable[[Problem], float] | None = None,
        contraction: Callable[[Problem], Contraction] | None = None,
        floor: Callable[[Problem], float] | None = None,
        proof: tuple[Step, ...] = (),
        partner: str = "",
        symbols: tuple[tuple[str, str], ...] = (),
    ) -> Callable[[Callable[[Problem], Evidence]], Claim]:
        """Turn a check into a `Claim` named after it, with hyphens for underscores; see `Claim` for the parameters.

        Raises
        ------
        InputError
            If an argument is not what `Claim` asks for.
        """
        declared = Claim(
            identifier=identifier,
            name="",
            check=_undefined,
            source=source,
            kind=kind,
            hypotheses=hypotheses,
            quantity=quantity,
            problems=problems,
            draws=draws,
            depths=depths,
            controls=controls,
            confined=confined,
            proof_only=proof_only,
            origin="",
            largest_step_size=largest_step_size,
            contraction=contraction,
            floor=floor,
            proof=proof,
            partner=partner,
            symbols=symbols,
        )

        def decorate(check: Callable[[Problem], Evidence]) -> Claim:
            name = function("check", check).__name__.replace("_", "-")
            return replace(declared, name=name, check=check, origin=check.__module__)

        return decorate


def _undefined(problem: Problem) -> Evidence:
    """Stands for the check of a claim that is being defined."""
    raise NotImplementedError


def _in_range(matrix: Matrix) -> bool:
    largest = np.max(np.abs(matrix))
    return bool(largest == 0 or 1e-150 <= largest <= 1e150)


IN_RANGE = Condition("largest entry 0, or from 1e-150 to 1e150 in magnitude", lambda problem: _in_range(problem.target))
"""Above, the square of an error overflows, and floating point has no excess loss; below, it underflows, and rounding is
no longer relative to what is rounded."""

IN_DOUBLE = Condition("double precision", lambda problem: problem.engine != "single")
"""The precision that the allowances for rounding are of."""

ALWAYS = (IN_RANGE, IN_DOUBLE)
"""What every claim asks for."""


def _satisfies(problem: Problem, hypothesis: Hypothesis) -> bool:
    return hypothesis.holds(problem.target) if isinstance(hypothesis, Trait) else hypothesis.holds(problem)
