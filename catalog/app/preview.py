"""What is shown before a run: the target's traits with their evidence, and what the claims promise."""

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence

from catalog import traits
from catalog.app.layout import Column, Rows, literal
from catalog.app.tables import readable
from catalog.app.validate import Task
from catalog.claim import Claim, Promise
from catalog.guarantees import promises_at_any_step_size
from catalog.plugins import reason
from dlr import Problem
from dlr.types import Matrix


def trait_table(matrix: Matrix) -> Rows:
    """One row for each trait: whether it holds, and the evidence."""
    found = [(trait.name, trait.holds(matrix), trait.evidence(matrix)) for trait in traits.ALL.values()]
    return Rows(
        (
            Column("trait", [name for name, _, _ in found]),
            Column("", ["[green]yes[/]" if holds else "no" for _, holds, _ in found]),
            Column("evidence", [literal(evidence) for _, _, evidence in found], flows=True),
        )
    )


def trait_records(matrix: Matrix) -> dict[str, dict[str, object]]:
    """The content of `trait_table` as data, with what each trait means."""
    return {
        trait.name: {"meaning": trait.meaning, "holds": trait.holds(matrix), "evidence": trait.evidence(matrix)}
        for trait in traits.ALL.values()
    }


def promise_lines(problem: Problem, made: Sequence[Promise], left_out: dict[str, str]) -> list[str]:
    """One line for each promise; without any, one line that says at what step size there would be one."""
    if made:
        return [f"{promise.claim} {promise.name}: {_terms(promise, problem.tol)}" for promise in made]
    smaller = [
        promise
        for promise in promises_at_any_step_size(problem, left_out)
        if promise.largest_step_size < problem.step_size
    ]
    if smaller:
        needs = max(smaller, key=lambda promise: (promise.steps is not None, promise.largest_step_size))
        largest = readable(needs.largest_step_size)
        return [
            f"nothing at step size {readable(problem.step_size)}: {needs.claim} {needs.name} needs at most {largest} "
            "(--step-size proved)"
        ]
    return ["nothing: no claim covers this target, depth, algorithm, tolerance and engine"]


def claim_table(tasks: Sequence[Task]) -> Rows:
    """One row for each claim and algorithm: depths, step sizes and what is promised."""
    groups: dict[tuple[str, str], list[Task]] = defaultdict(list)
    for task in tasks:
        groups[task.claim.identifier, task.problem.algorithm.name].append(task)
    sizes = [_span(task.problem.step_size for task in group) for group in groups.values()]
    return Rows(
        (
            Column("claim", [f"[bold]{identifier}[/]" for identifier, _ in groups]),
            Column("L", [_depths(group) for group in groups.values()], right=True),
            Column("step size", sizes),
            Column("promise", [_promise(group) for group in groups.values()], flows=True),
        ),
        spare=("step size",),
    )


def _depths(group: Sequence[Task]) -> str:
    return " ".join(dict.fromkeys(str(task.problem.depth) for task in group))


def _promise(group: Sequence[Task]) -> str:
    """Name and algorithm of the tasks' claim, and what it promises of their problems."""
    first, *_ = group
    claim, problems = first.claim, [task.problem for task in group]
    try:
        promise = _summary(claim, problems) or f"{claim.kind.value} on {claim.quantity}"
    except Exception as error:  # another's claim may raise anything
        promise = f"its promise raised {reason(error)}"
    beside = ", for the matrix next to it" if first.distance else ""
    return literal(f"{claim.name}, {first.problem.algorithm.name}: {promise}{beside}")


def _summary(claim: Claim, problems: Sequence[Problem]) -> str:
    """What the claim promises over all problems; empty without numbers."""
    known = [(problem, made) for problem in problems if (made := claim.promise(problem)) is not None]
    steps = [made.steps for _, made in known if made.steps is not None]
    floors = [made.floor for _, made in known if made.floor is not None]
    if steps:
        return f"excess loss {_span(problem.tol for problem, _ in known)} within {_span(steps)} steps"
    return f"excess loss never below {_span(floors)}" if floors else ""


def _terms(promise: Promise, tol: float) -> str:
    largest = promise.largest_step_size
    limit = "where any will do" if largest == math.inf else f"of at most {readable(largest)}"
    terms = [f"step size {readable(promise.step_size)} {limit}"]
    if promise.steps is not None:
        terms.append(f"excess loss {tol:g} within {promise.steps:,} steps")
    if promise.floor is not None:
        terms.append(f"excess loss never below {readable(promise.floor)}")
    return ", ".join(terms)


def _span(values: Iterable[float]) -> str:
    written = [readable(value) for value in sorted(values)]
    return written[0] if written[0] == written[-1] else f"{written[0]} to {written[-1]}"
