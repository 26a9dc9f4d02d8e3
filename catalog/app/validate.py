"""Check every claim on every target it applies to: one record per problem."""

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from catalog.claim import Claim
from catalog.family import Target
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


def tasks_for(claims: Iterable[Claim], targets: Iterable[Target]) -> list[Task]:
    """All problems of the claims on the targets, inside the hypotheses."""
    targets = list(targets)
    return [
        Task(claim, target, problem)
        for claim in claims
        for target in targets
        for problem in claim.problems_for(target.matrix)
    ]


def checked(tasks: Iterable[Task]) -> Iterator[Record]:
    """Check each problem and yield its record."""
    for task in tasks:
        start = time.perf_counter()
        evidence = task.claim(task.problem)
        seconds = time.perf_counter() - start
        yield Record(
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
