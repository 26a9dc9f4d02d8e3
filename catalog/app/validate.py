"""Check every claim on every target it applies to: one record per problem."""

import math
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from catalog.claim import Claim, Evidence, Kind
from catalog.family import Target
from catalog.neighbours import distance_between
from catalog.plugins import reason
from dlr import Problem


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
        yield recorded(task, guarded)


def guarded(task: Task) -> Evidence:
    """What a check observes, or that it raises."""
    try:
        return task.claim(task.problem)
    except Exception as error:
        return Evidence(math.nan, 0.0, engine=f"raised {reason(error)}")


def recorded(task: Task, check: Callable[[Task], Evidence]) -> Record:
    """The record of one check, with its time."""
    start = time.perf_counter()
    evidence = check(task)
    seconds, distance = time.perf_counter() - start, task.distance
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
