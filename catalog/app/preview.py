"""What is shown before a run: the target's traits with their evidence, and what the claims promise."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from rich.markup import escape
from rich.table import Table

from catalog import traits
from catalog.app.tables import light_table, readable
from catalog.app.validate import Task
from catalog.claim import Claim, Promise
from catalog.guarantees import promises_at_any_step_size
from catalog.plugins import reason
from dlr import Problem
from dlr.types import Matrix


def trait_table(name: str, matrix: Matrix) -> Table:
    """One row for each trait: whether it holds, and the evidence."""
    table = light_table("trait", "", "evidence")
    table.title = f"[bold]{escape(name)}[/], {len(matrix)} x {len(matrix)}"
    for trait in traits.ALL.values():
        holds = trait.holds(matrix)
        table.add_row(trait.name, "[green]yes[/]" if holds else "no", escape(trait.evidence(matrix)))
    return table


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
    return ["nothing: no claim covers this target, depth, algorithm and tolerance"]


def claim_table(tasks: Sequence[Task]) -> Table:
    """One row for each claim and algorithm: depths, step sizes and what is promised."""
    table = light_table("claim", "L", "step size", "promise", right=(2,))
    rows: dict[tuple[str, str, str], list[Task]] = defaultdict(list)
    for task in tasks:
        rows[task.claim.identifier, task.claim.name, task.problem.algorithm.name].append(task)
    for (identifier, name, algorithm), group in rows.items():
        problems = [task.problem for task in group]
        try:
            promise = _summary(group[0].claim, problems) or f"{group[0].claim.kind.value} on {group[0].claim.quantity}"
        except Exception as error:  # another's claim may raise anything
            promise = f"its promise raised {reason(error)}"
        table.add_row(
            f"[bold]{identifier}[/]",
            " ".join(dict.fromkeys(str(problem.depth) for problem in problems)),
            _span(problem.step_size for problem in problems),
            f"{name}, {algorithm}: {escape(promise)}{', for the matrix next to it' if group[0].distance else ''}",
        )
    return table


def _summary(claim: Claim, problems: Sequence[Problem]) -> str:
    """What the claim promises over all problems; empty without numbers."""
    known = [(problem, made) for problem in problems if (made := claim.promise(problem)) is not None]
    steps = [made.steps for _, made in known if made.steps is not None]
    floors = [made.floor for _, made in known if made.floor is not None]
    if steps:
        return f"excess loss {_span(problem.tol for problem, _ in known)} within {_span(steps)} steps"
    return f"excess loss never below {_span(floors)}" if floors else ""


def _terms(promise: Promise, tol: float) -> str:
    terms = [f"step size {readable(promise.step_size)} of at most {readable(promise.largest_step_size)}"]
    if promise.steps is not None:
        terms.append(f"excess loss {tol:g} within {promise.steps:,} steps")
    if promise.floor is not None:
        terms.append(f"excess loss never below {readable(promise.floor)}")
    return ", ".join(terms)


def _span(values: Iterable[float]) -> str:
    written = [readable(value) for value in sorted(values)]
    return written[0] if written[0] == written[-1] else f"{written[0]} to {written[-1]}"
