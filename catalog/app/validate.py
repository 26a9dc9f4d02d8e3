"""Check every claim on every target it applies to: one record per problem."""

import math
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, wait
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
"""Pairs of a claim and a target to check that are worth a process more; where it can't be a copy, it takes a second to
start."""


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

Found: TypeAlias = tuple[list[Record], LeftOut]
"""What was found on a target, and the claims that can't be checked on it."""


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


def check(claims: Iterable[Claim], target: Target, found: Found) -> None:
    """Check the claims on a target, and add what is found and what is left out as it comes."""
    records, left_out = found
    for record in checked(tasks_for(claims, [target], left_out)):
        records.append(record)


def check_elsewhere(names: Iterable[str], target: Target) -> Found:
    """What `check` finds in another process, which knows the claims by their names."""
    found: Found = [], {}
    check(map(claim_named, names), target, found)
    return found


def check_with(
    executor: Executor, others: int, claims: Sequence[Claim], targets: Sequence[Target], found: dict[int, Found]
) -> Iterator[int]:
    """`check` the claims on each target, in this process and so many others; yield its place when it is done.

    They take the largest target that is left. What fails elsewhere, be it that a process is lost or that something
    can't be sent, is checked here. In a first run each of the others compiles one of the loops, and this process the
    rest. The claims must be those of the registry.
    """
    names, left = [claim.name for claim in claims], sorted(range(len(targets)), key=lambda i: -len(targets[i].matrix))
    loops: list[Future[None]] = []
    calls: dict[Future[Found], int] = {}
    with suppress(BrokenExecutor):
        for i in range(min(others, len(LOOPS))):
            loops.append(executor.submit(compile_loops, i, len(LOOPS)))
        for place in left:
            calls[executor.submit(check_elsewhere, names, targets[place])] = place
    left = left[len(calls) :]
    for i in range(len(loops), len(LOOPS)):
        compile_loops(i, len(LOOPS))
    wait(loops)
    try:
        while calls or left:
            for call in [call for call in calls if call.done()]:
                place = calls.pop(call)
                if call.exception():
                    left.append(place)
                else:
                    found[place] = call.result()
                    yield place
            taken = next((call for call in calls if call.cancel()), None)
            if taken or (left and not calls):
                place = calls.pop(taken) if taken else left.pop()
                found[place] = [], {}
                check(claims, targets[place], found[place])
                yield place
            elif calls:
                wait(calls, return_when=FIRST_COMPLETED)
    finally:  # an interrupt keeps what was found elsewhere
        done = [call for call in calls if call.done() and not (call.cancelled() or call.exception())]
        found |= {calls[call]: call.result() for call in done}


def in_order(found: Mapping[int, Found], claims: Iterable[Claim]) -> Found:
    """What was found on targets, by their places, in the order of the claims."""
    order = {claim.name: i for i, claim in enumerate(claims)}
    by_target = [found[place] for place in sorted(found)]
    records = sorted((record for records, _ in by_target for record in records), key=lambda record: order[record.name])
    left_out: LeftOut = {}
    for _, others in reversed(by_target):  # the first one tells why
        left_out |= others
    return records, {claim: left_out[claim] for claim in sorted(left_out, key=lambda claim: order[claim.split()[1]])}


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
