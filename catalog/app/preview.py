"""Before a run: the traits of a target with their evidence, and what the theorems promise there."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from rich.markup import escape
from rich.table import Table

from catalog import registry, traits
from catalog.app.tables import light_table, number
from catalog.app.validate import Task
from catalog.claim import Problem
from dlr.algorithms import Algorithm
from dlr.coverage import THEOREMS, Promise, promises
from dlr.types import Matrix


def trait_table(name: str, matrix: Matrix) -> Table:
    """One row a trait: whether it holds, and the numbers that say so."""
    table = light_table("trait", "", "evidence")
    table.title = f"[bold]{escape(name)}[/], {len(matrix)} x {len(matrix)}"
    for trait in traits.ALL.values():
        holds = trait.holds(matrix)
        table.add_row(trait.name, "[green]yes[/]" if holds else "no", escape(trait.evidence(matrix)))
    return table


def trait_records(matrix: Matrix) -> dict[str, dict[str, object]]:
    """The same as data."""
    return {
        trait.name: {"holds": trait.holds(matrix), "evidence": trait.evidence(matrix)} for trait in traits.ALL.values()
    }


def promise_lines(matrix: Matrix, depth: int, algorithm: Algorithm, tol: float) -> list[str]:
    """What the theorems that cover this run promise, one line each; or that none does."""
    known = list(promises(matrix, depth, algorithm, tol))
    if known:
        return [f"{_label(promise.source)}: {_terms(promise, tol)}" for promise in known]
    if algorithm.step_size is not None:  # perhaps a smaller one is covered
        for theorem in THEOREMS:
            if theorem.covers(matrix, depth, algorithm):
                largest = number(theorem.largest_step_size(matrix, depth, algorithm))
                needs = f"{_label(theorem.source)} needs at most {largest}"
                return [f"nothing at step size {number(algorithm.step_size)}: {needs}"]
    return ["nothing: no theorem covers this target, depth and algorithm"]


def claim_table(tasks: Sequence[Task]) -> Table:
    """One row a claim and algorithm: depths, step sizes and what is promised, before anything runs."""
    table = light_table("claim", "L", "step size", "promise", right=(2,))
    rows: dict[tuple[str, str, str], list[Task]] = defaultdict(list)
    for task in tasks:
        rows[task.claim.identifier, task.claim.name, task.problem.algorithm.name].append(task)
    for (identifier, name, algorithm), group in rows.items():
        problems = [task.problem for task in group]
        promise = _summary(name, problems) or f"{group[0].claim.kind.value} on {group[0].claim.quantity}"
        table.add_row(
            f"[bold]{identifier}[/]",
            " ".join(dict.fromkeys(str(problem.depth) for problem in problems)),
            _span(problem.step_size for problem in problems),
            f"{name}, {algorithm}: {escape(promise)}",
        )
    return table


def _summary(name: str, problems: Sequence[Problem]) -> str:
    """What the theorem of this name promises over all problems, where it has numbers to give."""
    known = [
        (problem, promise)
        for problem in problems
        for promise in promises(problem.target, problem.depth, problem.algorithm, problem.tol)
        if promise.source == name
    ]
    steps = [promise.steps for _, promise in known if promise.steps is not None]
    floors = [promise.floor for _, promise in known if promise.floor > 0]
    if steps:
        return f"excess loss {_span(problem.tol for problem, _ in known)} within {_span(steps)} steps"
    return f"excess loss never below {_span(floors)}" if floors else ""


def _terms(promise: Promise, tol: float) -> str:
    terms = [f"step size {number(promise.step_size)}"]
    if promise.steps is not None:
        terms.append(f"excess loss {tol:g} within {promise.steps:,} steps")
    if promise.floor > 0:
        terms.append(f"excess loss never below {number(promise.floor)}")
    return ", ".join(terms)


def _label(source: str) -> str:
    known = registry.claims().get(source)
    return f"{known.identifier} {source}" if known else source


def _span(values: Iterable[float]) -> str:
    written = [number(value) for value in sorted(values)]
    return written[0] if written[0] == written[-1] else f"{written[0]} to {written[-1]}"
