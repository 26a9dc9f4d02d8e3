"""Check every claim on every target it applies to: one record per problem."""

import math
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, Executor, Future, as_completed, wait
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from catalog.claim import Claim, Evidence, Kind
from catalog.family import Target
from catalog.loops import LOOPS, compile_loops
from catalog.neighbours import distance_between
from catalog.plugins import reason
from catalog.registry import claim_named
from catalog.sweeps.executors import MOST_WORKERS
from dlr import Problem
from dlr.arguments import integer
from dlr.workers import processors

PAIRS = 400
"""Pairs of a claim and a target to check that are worth a process more, which takes a second to start."""


@dataclass(frozen=True)
class Record:
    """One checked problem; ``observed``, ``bound`` and ``ratio`` as in `catalog.Evidence`.

    Where the target has the claim's structure only up to rounding, the problem is on one of its `catalog.neighbours`,
    which has it exactly, and ``distance`` bounds how far that one is; else it is 0. Whether the claim holds is said of
    the neighbour. With the same layers, in the target's own basis, ``|E|_F`` differs by at most the distance; a bound
    on an excess loss is therefore given for the target, moved by as much.
    """

    claim: str
    name: str
    kind: str
    source: str
    target: str
    distance: float
    depth: int
    algorithm: str
    holds: bool
    observed: float
    bound: float
    ratio: float | None
    quantity: str
    steps: int
    engine: str
    seconds: float


@dataclass(frozen=True)
class Task:
    """A claim, a target and one problem of the claim on it."""

    claim: Claim
    target: Target
    problem: Problem

    @property
    def distance(self) -> float:
        """Bound on the distance from the target to the matrix that is checked in its place."""
        return distance_between(self.target.matrix, np.asarray(self.problem.target))


LeftOut: TypeAlias = dict[str, str]
"""Claims that can't be checked, by identifier and name, and why."""


def tasks_for(claims: Iterable[Claim], targets: Iterable[Target], left_out: LeftOut | None = None) -> list[Task]:
    """All problems of the claims on the targets, inside the hypotheses.

    A claim that raises on a target, with the hypotheses say, is noted in ``left_out``; without it, this raises too.
    """
    targets, tasks = list(targets), []
    for claim in claims:
        for target in targets:
            try:
                tasks += [Task(claim, target, problem) for problem in claim.problems_for(target.matrix)]
            except Exception as error:
                if left_out is None:
                    raise
                left_out.setdefault(f"{claim.identifier} {claim.name}", f"on {target.name} {reason(error)}")
    return tasks


def covered(claims: Iterable[Claim], targets: Iterable[Target], left_out: LeftOut) -> dict[str, list[str]]:
    """Names of the targets that each claim applies to, by the claim's name; what raises is noted in ``left_out``."""
    targets = list(targets)
    found: dict[str, list[str]] = {}
    for claim in claims:
        found[claim.name] = []
        for target in targets:
            try:
                applies = claim.applies_to(target.matrix)
            except Exception as error:
                left_out.setdefault(f"{claim.identifier} {claim.name}", f"on {target.name} {reason(error)}")
            else:
                found[claim.name] += [target.name] if applies else []
    return found


def checked(tasks: Iterable[Task]) -> Iterator[Record]:
    """Check each problem and yield its record; a check that raises counts as violated, and its engine says why."""
    for task in tasks:
        yield recorded(task, *timed(guarded, task.claim, task.problem))


def workers_for(pairs: int, workers: int | None) -> int:
    """How many processes to check so many pairs of a claim and a target on; by default as many as have enough to do."""
    most = integer("workers", workers, maximum=MOST_WORKERS) if workers is not None else processors()
    return max(1, min(most, pairs // PAIRS))


def compiling(executor: Executor, workers: int) -> list[Future[None]]:
    """Let the workers compile the loops, each another one."""
    apart = min(workers, len(LOOPS))
    return [executor.submit(compile_loops, first, apart) for first in range(apart)]


def checked_by(
    executor: Executor, tasks: Sequence[Task], after: Iterable[Future[None]]
) -> Iterator[tuple[int, Record]]:
    """Place and record of each of `tasks`, as they come, checked on an executor when calls in `after` are done.

    All on a target are one call, since they share runs. The claims must be those of the registry. What fails there, be
    it that a process is lost or that something can't be sent, is checked in this process.
    """
    wait(after)
    places: dict[str, list[int]] = {}
    for place, task in enumerate(tasks):
        places.setdefault(task.target.name, []).append(place)
    left, calls = dict(enumerate(tasks)), {}
    with suppress(BrokenExecutor):
        for group in places.values():
            checks = [(tasks[place].claim.name, tasks[place].problem) for place in group]
            calls[executor.submit(observed, checks)] = group
    for call in as_completed(calls):
        if call.exception() is None:
            for place, found in zip(calls[call], call.result(), strict=True):
                yield place, recorded(left.pop(place), *found)
    yield from zip(left, checked(left.values()), strict=True)


def observed(checks: Iterable[tuple[str, Problem]]) -> list[tuple[Evidence, float]]:
    """What checks observe, given by the claim's name and the problem, and the seconds that each takes."""
    return [timed(guarded, claim_named(name), problem) for name, problem in checks]


def guarded(claim: Claim, problem: Problem) -> Evidence:
    """What a check observes, or that it raises."""
    try:
        return claim(problem)
    except Exception as error:
        return Evidence(math.nan, 0.0, engine=f"raised {reason(error)}")


def timed(check: Callable[..., Evidence], *arguments: object) -> tuple[Evidence, float]:
    """What a check observes, and the seconds that it takes."""
    start = time.perf_counter()
    evidence = check(*arguments)
    return evidence, time.perf_counter() - start


def recorded(task: Task, evidence: Evidence, seconds: float) -> Record:
    """The record of one check."""
    distance = task.distance
    bound = bound_at(task.claim, evidence, distance)
    return Record(
        claim=task.claim.identifier,
        name=task.claim.name,
        kind=task.claim.kind.value,
        source=str(task.claim.source),
        target=task.target.name,
        distance=distance,
        depth=task.problem.depth,
        algorithm=task.problem.algorithm.name,
        holds=evidence.holds(task.claim.kind),
        observed=evidence.observed,
        bound=bound,
        ratio=evidence.observed / bound if bound else None,
        quantity=task.claim.quantity,
        steps=evidence.steps,
        engine=evidence.engine,
        seconds=seconds,
    )


def bound_at(claim: Claim, evidence: Evidence, distance: float) -> float:
    """The bound of the evidence; one on an excess loss with the distance added to ``|E|_F``, or taken off a floor."""
    if distance == 0 or "excess loss" not in claim.quantity or evidence.bound < 0:
        return evidence.bound
    error = math.sqrt(2 * evidence.bound)
    moved = max(0.0, error - distance) if claim.kind is Kind.LOWER_BOUND else error + distance
    return moved * moved / 2
