"""A search for a violation of a claim: climbs toward the bound from drawn problems, by moves that keep the hypotheses.

A (1+1) evolution strategy with restarts: of a few draws the one nearest to its bound is moved, and a move is kept where
it brings the problem no farther away; moves grow where they help and shrink where they don't. Every third climb starts
at the hardest problem so far.
"""

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np

from catalog.app.attempt import Try
from catalog.app.perturbation import Perturbation
from catalog.artefact import Artefact
from catalog.claim import Claim, Condition, Control, Evidence
from catalog.plugins import reason
from dlr import Problem
from dlr.arguments import InputError, brief, one_of

DRAWN = 40
"""Starts drawn at a time."""

COMPARED = 6
"""Starts of which the hardest is climbed from."""

PATIENCE = 40
"""Moves without gain after which a climb is over."""

FIRST_MOVE, LEAST_MOVE, LARGEST_MOVE = 0.3, 1e-7, 1.0


def droppings(claim: Claim) -> list[Control | Artefact]:
    """All from which a search without a hypothesis can start."""
    return [*claim.controls, *claim.proof_only]


def control_for(claim: Claim, name: str) -> str:
    """The hypothesis, among those that a control or an artefact drops, of this name or with this unique part.

    Raises
    ------
    InputError
        If there is none, with the nearest names, or several.
    """
    names = {known.drops.name for known in droppings(claim)}
    if name in names:
        return name
    found = sorted(known for known in names if name in known) if name else []
    if len(found) > 1:
        raise InputError(f"hypothesis {brief(name)} may be {' or '.join(found)}: write more of it")
    return found.pop() if found else one_of("hypothesis", name, names)


@dataclass
class Search:
    """A search: `run` it, with limits on tries and time; the same seed and tries give the same search.

    Attributes
    ----------
    claim : Claim
    without : str, optional
        Name of the hypothesis to drop; the starts are those of the controls, or the artefact, that drop it.
    seed : int
    min_depth : int
        Least depth of the problems looked at.
    tries, restarts : int
        Problems checked, climbs begun.
    outside : int
        Moves that left the hypotheses.
    seconds : float
    hardest : Try, optional
    stopped : KeyboardInterrupt, optional
        The interrupt by which the user ended it.
    """

    claim: Claim
    without: str | None = None
    seed: int = 0
    min_depth: int = 1
    tries: int = 0
    restarts: int = 0
    outside: int = 0
    seconds: float = 0.0
    hardest: Try | None = None
    stopped: KeyboardInterrupt | None = None
    _watch: Callable[["Search"], None] = field(default=lambda search: None, repr=False)

    def run(
        self,
        most_tries: int | None = None,
        most_seconds: float | None = None,
        watch: Callable[["Search"], None] = lambda search: None,
    ) -> Try | None:
        """Search to the first violation or limit; returns the hardest problem. ``watch`` is called at every try.

        Ctrl-C ends the search as a limit does.
        """
        start, self._watch = time.perf_counter(), watch
        try:
            with np.errstate(all="ignore"):  # what overflows is for the claim to judge
                for _ in self._steps():
                    self.seconds = time.perf_counter() - start
                    found = self.hardest is not None and self.hardest.violates
                    over = most_tries is not None and self.tries >= most_tries
                    if found or over or (most_seconds is not None and self.seconds >= most_seconds):
                        break
        except KeyboardInterrupt as stop:
            self.stopped = stop
            self.seconds = time.perf_counter() - start
        return self.hardest

    def allows(self, problem: Problem) -> bool:
        """Whether a problem is deep enough and satisfies all hypotheses but the dropped one, which it must not satisfy.

        Those that are only practical count, too, except where the search is for the violation that a control must have:
        there they may be what hides it, as a limit on the number of steps does.
        """
        if problem.depth < self.min_depth:
            return False
        try:
            dropped = set(self.claim.dropped(problem))
        except Exception:  # another's predicate may raise anything
            return False
        if self.without is None:
            return not dropped
        ignored = {self.without}
        if any(control.drops.name == self.without for control in self.claim.controls):
            ignored |= {h.name for h in self.claim.hypotheses if isinstance(h, Condition) and h.practical}
        return self.without in dropped and dropped <= ignored

    def checked(self, problem: Problem) -> Try | None:
        """Check a problem inside the hypotheses; None outside, or where the solver refuses it.

        A check that fails counts as a violation, and its engine says why.
        """
        if not self.allows(problem):
            return None
        try:
            evidence = self.claim(problem)
        except InputError:
            return None
        except Exception as error:
            evidence = Evidence(math.nan, math.nan, engine=f"raised {reason(error)}")
        return Try(self.claim, problem, evidence)

    def _steps(self) -> Iterator[None]:
        """The search, in steps after which it may end."""
        rng = np.random.default_rng(self.seed)
        move = Perturbation(self.claim, self.without)
        starts = self._starts()
        while True:
            self.restarts += 1
            best = self.hardest if self.restarts % 3 == 0 else None
            if best is None:
                for _ in range(COMPARED):
                    tried = self._look_at(next(starts))
                    if tried is not None and (best is None or tried.harder_than(best)):
                        best = tried
                    yield
            size, idle = FIRST_MOVE, 0.0
            while best is not None and idle < PATIENCE:
                moved = move(best.problem, size, rng)
                tried = None if moved is None else self._look_at(moved)
                if tried is None:
                    idle, size = idle + 0.25, max(size * 0.97, LEAST_MOVE)
                else:
                    idle = 0.0 if tried.hardness > best.hardness * (1 + 1e-4) else idle + 1
                    gained = tried.hardness > best.hardness
                    size = min(size * 1.5, LARGEST_MOVE) if gained else max(size * 0.9, LEAST_MOVE)
                    if gained or (tried.hardness == best.hardness and tried.size <= best.size):
                        best = tried
                yield

    def _look_at(self, problem: Problem) -> Try | None:
        tried = self.checked(problem)
        self.tries += tried is not None
        self.outside += tried is None
        if tried is not None and (self.hardest is None or tried.harder_than(self.hardest)):
            self.hardest = tried
        self._watch(self)
        return tried

    def _starts(self) -> Iterator[Problem]:
        """Problems of the claim's strategy, or of the controls or artefact that drop the hypothesis, without end."""
        batch = 0
        while True:
            try:
                problems = drawn(self._strategy(), [self.seed, batch])
            except Exception as error:
                raise InputError(
                    f"claim {self.claim.identifier} can't be searched, its draws raised {reason(error)}: mend them"
                ) from error
            yield from problems
            batch += 1

    def _strategy(self) -> object:
        """The claim's own strategy, or that of the controls or artefact that drop the hypothesis."""
        from hypothesis import strategies as st

        if self.without is None:
            return self.claim.draws()
        return st.one_of(*(known.draws() for known in droppings(self.claim) if known.drops.name == self.without))


def drawn(strategy: object, seeds: list[int]) -> list[Problem]:
    """Problems of a strategy, the same ones for the same seeds."""
    from hypothesis import HealthCheck, Phase, given, seed, settings
    from hypothesis.strategies import SearchStrategy

    assert isinstance(strategy, SearchStrategy), f"a claim draws from a strategy, not from {strategy!r}"
    problems: list[Problem] = []
    (state,) = np.random.SeedSequence(seeds).generate_state(1)

    @seed(int(state))
    @settings(
        max_examples=DRAWN,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),  # starts of a search, whose speed it reports itself
    )
    @given(strategy)
    def collect(problem: Problem) -> None:
        problems.append(problem)

    collect()
    return problems
