"""Tables for the terminal."""

import math
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any, Literal

from rich import box
from rich.markup import escape
from rich.table import Table

from catalog.app.proof import ProofRecord
from catalog.app.validate import Record
from catalog.app.wrong_solvers import GALLERY
from catalog.claim import Claim
from catalog.family import Target
from catalog.plugins import Plugin


def summary_table(records: Sequence[Record]) -> Table:
    """One row for each claim: what was checked, the tightest case, the verdict."""
    table = light_table("claim", "targets", "checks", "tightest", "at", "verdict", right=(1, 2, 3))
    for name, group in groupby(records, key=lambda record: f"[bold]{record.claim}[/] {record.name}"):
        rows = list(group)
        tightest = tightest_record(rows)
        failed = sum(not row.holds for row in rows)
        table.add_row(
            name,
            str(len({row.target for row in rows})),
            str(len(rows)),
            readable(tightest.ratio),
            tightest.target,
            f"[bold red]{failed} violated[/]" if failed else "[green]holds[/]",
        )
    return table


def record_table(records: Sequence[Record]) -> Table:
    """One row for each checked problem; a claim or algorithm that all rows share is in the title instead."""
    cells: dict[str, list[str]] = {
        "claim": [row.claim for row in records],
        "target": [escape(row.target) for row in records],
        "L": [str(row.depth) for row in records],
        "algorithm": [row.algorithm for row in records],
        "observed": [readable(row.observed) for row in records],
        "bound": [readable(row.bound) for row in records],
        "ratio": [readable(row.ratio) for row in records],
        "verdict": ["[green]holds[/]" if row.holds else "[bold red]violated[/]" for row in records],
    }
    if any(row.distance for row in records):
        cells["distance"] = [readable(row.distance) for row in records]
    shared = {name: cells[name][0] for name in ("claim", "algorithm") if len(set(cells[name])) == 1}
    names = [name for name in cells if name not in shared]
    table = light_table(
        *names,
        right=tuple(names.index(name) for name in ("L", "observed", "bound", "ratio", "distance") if name in names),
    )
    if shared:
        quantity = f", {records[0].quantity}" if "claim" in shared else ""
        table.title = f"{', '.join(shared.values())}{quantity}"
    for row in zip(*(cells[name] for name in names), strict=True):
        table.add_row(*row)
    return table


def target_table(targets: Iterable[Target]) -> Table:
    """One row for each target: name, size, traits."""
    table = light_table("target", "d", "traits", right=(1,))
    for target in targets:
        table.add_row(target.name, str(len(target.matrix)), ", ".join(sorted(target.traits)))
    return table


def claim_table(
    claims: Iterable[Claim], on: Mapping[str, Sequence[str]], ledger: Mapping[str, Mapping[str, Any]]
) -> Table:
    """One row for each claim: source, kind, hypotheses, number of targets it applies to, recorded worst ratio."""
    table = light_table("claim", "source", "kind", "hypotheses", "targets", "worst ratio", right=(4, 5))
    for claim in claims:
        table.add_row(
            f"[bold]{claim.identifier}[/] {claim.name}",
            str(claim.source),
            claim.kind.value,
            escape("; ".join(hypothesis.name for hypothesis in claim.hypotheses)),
            str(len(on[claim.name])),
            worst_ratio(claim, ledger.get(claim.name, {})),
        )
    return table


def catch_table(claims: Iterable[Claim], ledger: Mapping[str, Mapping[str, Any]]) -> Table:
    """One row for each claim that runs an algorithm: the wrong solvers that it catches, and those that it does not."""
    table = light_table("claim", "catches", "does not")
    for claim in claims:
        if caught := ledger.get(claim.name, {}).get("catches", {}):
            missed = [name for name in GALLERY if name not in caught]
            table.add_row(f"[bold]{claim.identifier}[/]", ", ".join(caught), ", ".join(missed) or "-")
    return table


def proof_table(records: Iterable[ProofRecord]) -> Table:
    """One row a step of a proof: its variables, the verdict, the least slack relative to the larger side."""
    table = light_table("claim", "step", "for all", "verdict", "slack", "boxes", right=(4, 5))
    for record in records:
        ranges = (f"{readable(low)} <= {name} <= {readable(high)}" for name, (low, high) in record.ranges.items())
        table.add_row(
            f"[bold]{record.claim}[/]",
            escape(record.step),
            escape(", ".join(ranges)) or "-",
            "[green]proved[/]" if record.holds else f"[bold red]{record.failure.split()[0]}[/]",
            readable(record.slack[0]) if record.holds else "-",
            readable(record.boxes),
        )
    return table


def plugin_table(plugins: Iterable[Plugin]) -> Table:
    """One row for each plug-in: who declares it, what it contains, what is broken."""
    table = light_table("entry point", "group", "from", "brings", "broken")
    for plugin in plugins:
        table.add_row(
            plugin.name,
            plugin.group,
            f"{plugin.distribution} {plugin.version}",
            ", ".join(plugin.entries) or "-",
            f"[red]{escape('; '.join(plugin.reasons))}[/]" if plugin.reasons else "-",
        )
    return table


def tightest_record(records: Sequence[Record]) -> Record:
    """The record nearest to its bound: largest ratio, or smallest for a lower bound."""
    sign = -1 if records[0].kind == "lower bound" else 1
    return max(records, key=lambda row: sign * row.ratio if row.ratio is not None else -float("inf"))


def worst_ratio(claim: Claim, entry: Mapping[str, Any]) -> str:
    """The ratio in a claim's ledger entry, or a word where it is rounding's own."""
    return "rounding" if claim.kind.bounds_rounding else readable(entry.get("ratio"))


def readable(value: float | None) -> str:
    """A number for people: integers with thousands separators, others with three digits; a dash for none."""
    if value is None or math.isnan(value):
        return "-"
    if math.isinf(value):
        return f"{value:g}"
    value += 0.0  # no minus on a zero
    return f"{value:,.0f}" if value == int(value) and abs(value) < 1e15 else f"{value:.3g}"


def light_table(*columns: str, right: tuple[int, ...] = ()) -> Table:
    """A table with few lines, whose first column is never wrapped."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="bold", title_justify="left")
    for index, column in enumerate(columns):
        justify: Literal["left", "right"] = "right" if index in right else "left"
        table.add_column(column, justify=justify, overflow="fold", no_wrap=index == 0 or index in right)
    return table
