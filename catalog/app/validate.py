"""Check every claim on every target it applies to: one record per problem."""

import math
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from catalog.claim import Claim, Evidence
from catalog.family import Target
from catalog.plugins import reason
from dlr import Problem


@dataclass(frozen=True)
class Record:
    """One checked problem; ``observed``, ``bound`` and ``ratio`` as in `catalog.Evidence`."""

    claim: str
    name: str
    kind: str
    source: str
    target: str
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
    seconds = time.perf_counter() - start
    return Record(
        claim=task.claim.identifier,
        name=task.claim.name,
        kind=task.claim.kind.value,
        source=str(task.claim.source),
        target=task.target.name,
        depth=task.problem.depth,
        algorithm=task.problem.algorithm.name,
        holds=evidence.holds(task.claim.kind),
        observed=evidence.observed,
        bound=evidence.bound,
        ratio=evidence.ratio,
        quantity=task.claim.quantity,
        steps=evidence.steps,
        engine=evidence.engine,
        seconds=seconds,
    )
