"""Tables for the terminal."""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any

from catalog.app.layout import JOINT, LEAST, Column, Rows, literal
from catalog.app.proof import ProofRecord
from catalog.app.validate import Record
from catalog.app.wrong_solvers import GALLERY
from catalog.claim import Claim, Kind
from catalog.family import Target
from catalog.plugins import Plugin


def summary_table(records: Sequence[Record]) -> Rows:
    """One row for each claim: the verdict, the ratio nearest to a violation and where, how much was checked.

    A conjecture without a violation stays open.
    """
    groups = [list(group) for _, group in groupby(records, key=lambda record: record.claim)]
    nearest = [nearest_record(rows) for rows in groups]
    violated = [sum(not row.holds for row in rows) for rows in groups]
    verdicts = [
        "open" if row.kind == Kind.CONJECTURE.value and not count else verdict(not count, f"{count:,} violated")
        for row, count in zip(nearest, violated, strict=True)
    ]
    return Rows(
        (
            Column("claim", [f"[bold]{row.claim}[/] {row.name}" for row in nearest]),
            Column("verdict", verdicts),
            Column("ratio", [readable(row.ratio) for row in nearest], right=True),
            Column("at", [literal(f"{row.target}, L = {row.depth}") for row in nearest]),
            Column("checks", [f"{len(rows):,}" for rows in groups], right=True),
            Column("targets", [str(len({row.target for row in rows})) for rows in groups], right=True),
        ),
        spare=("at", "targets", "checks"),
    )


def record_table(records: Sequence[Record]) -> Rows:
    """One row for each checked problem; `shared_columns` are left out."""
    columns = [
        Column("claim", [row.claim for row in records]),
        Column("verdict", [verdict(row.holds) for row in records]),
        Column("target", [literal(row.target) for row in records]),
        Column("L", [str(row.depth) for row in records], right=True),
        Column("algorithm", [row.algorithm for row in records]),
        Column("observed", [readable(row.observed) for row in records], right=True),
        Column("bound", [readable(row.bound) for row in records], right=True),
        Column("ratio", [readable(row.ratio) for row in records], right=True),
    ]
    if any(row.distance for row in records):
        columns.append(Column("distance", [readable(row.distance) for row in records], right=True))
    shared = shared_columns(records)
    return Rows(
        tuple(column for column in columns if column.name not in shared), spare=("distance", "bound", "observed")
    )


def shared_columns(records: Sequence[Record]) -> dict[str, str]:
    """Claim, target and algorithm, each where all records have the same one."""
    found = {
        "claim": {f"{row.claim} {row.name}" for row in records},
        "target": {row.target for row in records},
        "algorithm": {row.algorithm for row in records},
    }
    return {name: next(iter(values)) for name, values in found.items() if len(values) == 1}


def target_table(targets: Iterable[Target]) -> Rows:
    """One row for each target: name, size, traits."""
    targets = list(targets)
    return Rows(
        (
            Column("target", [f"[bold]{target.name}[/]" for target in targets]),
            Column("d", [str(len(target.matrix)) for target in targets], right=True),
            Column("traits", [", ".join(sorted(target.traits)) for target in targets], flows=True),
        )
    )


def claim_table(claims: Iterable[Claim], ledger: Mapping[str, Mapping[str, Any]]) -> Rows:
    """One row for each claim: identifier, kind, recorded ratio, statement."""
    claims = list(claims)
    return Rows(
        (
            Column("claim", [f"[bold]{claim.identifier}[/]" for claim in claims]),
            Column("kind", [claim.kind.value for claim in claims]),
            Column("ratio", [recorded_ratio(claim, ledger.get(claim.name, {})) for claim in claims], right=True),
            Column("statement", [plain(claim.statement) for claim in claims], flows=True),
        )
    )


def catch_table(claims: Iterable[Claim], ledger: Mapping[str, Mapping[str, Any]]) -> Rows:
    """One row for each claim that runs an algorithm: the wrong solvers that it catches, and those that it does not."""
    caught = {claim.identifier: ledger.get(claim.name, {}).get("catches", {}) for claim in claims}
    caught = {name: catches for name, catches in caught.items() if catches}
    missed = [[name for name in GALLERY if name not in catches] for catches in caught.values()]
    return Rows(
        (
            Column("claim", [f"[bold]{name}[/]" for name in caught]),
            Column("catches", [", ".join(catches) for catches in caught.values()], flows=True),
            Column("does not", [", ".join(names) or "-" for names in missed], flows=True),
        )
    )


def proof_table(records: Iterable[ProofRecord]) -> Rows:
    """One row a step of a proof: its variables, the verdict, the least slack relative to the larger side."""
    records = list(records)
    verdicts = ["[green]proved[/]" if row.holds else f"[bold red]{row.failure.split()[0]}[/]" for row in records]
    return Rows(
        (
            Column("claim", [f"[bold]{row.claim}[/]" for row in records]),
            Column("verdict", verdicts),
            Column("step", [literal(row.step) for row in records], flows=True),
            Column("for all", [literal(_ranges(row)) or "-" for row in records], flows=True),
            Column("slack", [readable(row.slack[0]) if row.holds else "-" for row in records], right=True),
            Column("boxes", [readable(row.boxes) for row in records], right=True),
        ),
        spare=("boxes", "slack"),
    )


def _ranges(record: ProofRecord) -> str:
    return ", ".join(f"{readable(low)} <= {name} <= {readable(high)}" for name, (low, high) in record.ranges.items())


def plugin_table(plugins: Iterable[Plugin]) -> Rows:
    """One row for each plug-in: who declares it, what it contains, what is broken."""
    plugins = list(plugins)
    broken = [f"[red]{literal('; '.join(plugin.reasons))}[/]" if plugin.reasons else "-" for plugin in plugins]
    return Rows(
        (
            Column("entry point", [f"[bold]{plugin.name}[/]" for plugin in plugins]),
            Column("group", [plugin.group for plugin in plugins]),
            Column("from", [f"{plugin.distribution} {plugin.version}" for plugin in plugins]),
            Column("brings", [", ".join(plugin.entries) or "-" for plugin in plugins], flows=True),
            Column("broken", broken, flows=True),
        ),
        spare=("from", "group"),
    )


def nearest_record(records: Sequence[Record]) -> Record:
    """The record nearest to a violation: largest ratio, or smallest for a lower bound; a violation first of all."""

    def nearness(row: Record) -> tuple[bool, float]:
        if row.ratio is None:
            return not row.holds, -math.inf
        return not row.holds, -row.ratio if row.kind == Kind.LOWER_BOUND.value else row.ratio

    return max(records, key=nearness)


def recorded_ratio(claim: Claim, entry: Mapping[str, Any]) -> str:
    """The ratio in a claim's ledger entry, or a word where it is rounding's own."""
    return "rounding" if claim.kind.bounds_rounding else readable(entry.get("ratio"))


def verdict(holds: bool, violated: str = "violated") -> str:
    """The verdict on one check, or on several of which some are ``violated``."""
    return "[green]holds[/]" if holds else f"[bold red]{violated}[/]"


def plain(written: str) -> str:
    """A docstring's text without the backquotes around formulas, as markup; lines don't end in short formulas."""
    joined = re.sub(rf"``([^`]{{1,{LEAST - 2}}})``", lambda found: found[1].replace(" ", JOINT), written)
    return literal(joined.replace("`", ""))


def counted(number: int, noun: str) -> str:
    """``1 claim``, ``2 claims``."""
    return f"{number:,} {noun}{'s' * (number != 1)}"


def named(identifier: str, name: str) -> str:
    """A claim's identifier and name, on one line."""
    return f"{identifier}{JOINT}{name}"


def rounded(value: float) -> str:
    """A measured number for people: as `readable`, from a thousand on without its fraction."""
    return readable(float(round(value)) if 999.5 <= abs(value) < math.inf else value)


def readable(value: float | None) -> str:
    """A number for people: integers with thousands separators, others with three digits; a dash for none."""
    if value is None or math.isnan(value):
        return "-"
    if math.isinf(value):
        return f"{value:g}"
    value += 0.0  # no minus on a zero
    return f"{value:,.0f}" if value == int(value) and abs(value) < 1e15 else f"{value:.3g}"
