"""Statements, proofs and claims as the page shows them, each written once: in the claim's module."""

import importlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from catalog import glossary
from catalog.app import counterexamples
from catalog.app.figures.ratios import KIND_COLORS
from catalog.app.formulas import mathml
from catalog.app.hardest import hardest_instances
from catalog.app.report import small_figures
from catalog.app.tables import nearest_record, readable
from catalog.app.validate import Record
from catalog.claim import Claim, Kind

LARGEST = 1e300
ENTRIES = 6
"""Rows and columns up to which a matrix is shown."""


@dataclass(frozen=True)
class Hypothesis:
    """A hypothesis, as HTML, with the counterexample without it.

    Attributes
    ----------
    name : str
    means : str
        What a trait means; empty for other hypotheses.
    without : str
        What is found without it.
    """

    name: str
    means: str
    without: str


@dataclass(frozen=True)
class Card:
    """One claim; texts are HTML."""

    claim: Claim
    color: str
    statement: str
    quantity: str
    hypotheses: Sequence[Hypothesis]
    symbols: Sequence[tuple[str, str]]
    records: Sequence[Record]
    nearest: Record | None
    violated: int
    over_depth: str
    over_condition: str
    searched: str
    command: str


@dataclass(frozen=True)
class Theorem:
    """What one module states and proves, with sources and their links, and its claims."""

    anchor: str
    title: str
    statement: str
    proof: str
    proved: bool
    sources: Sequence[tuple[str, str]]
    cards: Sequence[Card]


def theorems(
    claims: Sequence[Claim], records: Sequence[Record], condition: dict[str, float], commands: dict[str, str]
) -> list[Theorem]:
    """The claims by their modules, with the targets' condition numbers and the commands that check the claims."""
    found: dict[str, list[Record]] = {}
    for record in records:
        found.setdefault(record.claim, []).append(record)
    known, hardest = counterexamples.on_record(), hardest_instances()
    origins: dict[str, list[Claim]] = {}
    for claim in claims:
        origins.setdefault(claim.origin, []).append(claim)
    return [
        _theorem(
            origin,
            [
                card(claim, found.get(claim.identifier, []), condition, commands[claim.identifier], known, hardest)
                for claim in own
            ],
        )
        for origin, own in origins.items()
    ]


def _theorem(origin: str, cards: list[Card]) -> Theorem:
    title, _, rest = (importlib.import_module(origin).__doc__ or "").strip().partition("\n\n")
    parts = re.split(r"(?m)^(\w.*)\n-{3,}$", rest)
    sections = dict(zip(parts[1::2], parts[2::2], strict=True))
    statement = sections.get("Statement", parts[0])
    proof = "\n\n".join(text for name, text in sections.items() if name != "Statement")
    proof = re.sub(r"(?m)^Link: .*(\n.+)*", "", proof)
    sources = dict.fromkeys((str(card.claim.source), card.claim.source.link) for card in cards)
    return Theorem(
        anchor=origin.removeprefix("catalog.claims."),
        title=mathml.within_line(" ".join(title.split()).rstrip(".")),
        statement=mathml.paragraphs(statement),
        proof=mathml.paragraphs(proof),
        proved=any(card.claim.kind is not Kind.CONJECTURE for card in cards),
        sources=list(sources),
        cards=cards,
    )


def card(
    claim: Claim,
    records: Sequence[Record],
    condition: dict[str, float],
    command: str,
    known: dict[tuple[str, str], dict[str, Any]],
    hardest: dict[str, dict[str, Any]],
) -> Card:
    """One claim with what was seen of it."""
    ratios = [(row, row.ratio) for row in records if row.ratio is not None and row.ratio > 0]
    y = small_figures.decades("ratio", [ratio for _, ratio in ratios], one=True)
    depth = small_figures.decades("depth L", [row.depth for row, _ in ratios])
    numbers = small_figures.decades("condition number", [condition[row.target] for row, _ in ratios])
    by_depth = [(row.depth, ratio) for row, ratio in ratios]
    by_condition = [(condition[row.target], ratio) for row, ratio in ratios if np.isfinite(condition[row.target])]
    name = f"{claim.identifier}, observed / bound"
    return Card(
        claim=claim,
        color=KIND_COLORS[claim.kind],
        statement=mathml.within_line(claim.statement),
        quantity=mathml.within_line(claim.quantity),
        hypotheses=[_hypothesis(claim, hypothesis, known) for hypothesis in claim.hypotheses],
        symbols=[
            (mathml.within_line(f"``{name}``"), mathml.within_line(meaning))
            for name, meaning in glossary.symbols_of(claim).items()
            if name not in glossary.SHARED
        ],
        records=records,
        nearest=nearest_record(records) if records else None,
        violated=sum(not row.holds for row in records),
        over_depth=small_figures.scatter(by_depth, depth, y, f"{name}, by depth", 1) if by_depth else "",
        over_condition=(
            small_figures.scatter(by_condition, numbers, y, f"{name}, by condition number", 1) if by_condition else ""
        ),
        searched=_searched(claim, hardest),
        command=command,
    )


def _searched(claim: Claim, hardest: dict[str, dict[str, Any]]) -> str:
    """How hard a violation was looked for, of a conjecture and of any claim with a record."""
    record = hardest.get(claim.identifier)
    if record is None:
        return ""
    d = len(record["target"])
    return mathml.within_line(
        f"A search of {record['tries']:,} tries came as near as observed / bound = {readable(record['ratio'])}, at "
        f"``d = {d}``, ``L = {record['depth']}``"
        + (", and found no violation." if claim.kind is Kind.CONJECTURE else ".")
    )


def _hypothesis(claim: Claim, hypothesis: object, known: dict[tuple[str, str], dict[str, Any]]) -> Hypothesis:
    name = str(getattr(hypothesis, "name", hypothesis))
    meaning = str(getattr(hypothesis, "meaning", ""))
    artefact = next((artefact for artefact in claim.proof_only if artefact.drops is hypothesis), None)
    record = known.get((claim.identifier, name))
    if getattr(hypothesis, "practical", False):
        without = "It only keeps the check short."
    elif artefact is not None:
        without = "Only the proof needs it: " + mathml.within_line(artefact.finding) + "."
    elif record is None:
        without = "No counterexample is on record."
    else:
        without = f"Without it: {counterexample(record)}"
    return Hypothesis(mathml.within_line(name), mathml.within_line(meaning), without)


def counterexample(record: dict[str, Any]) -> str:
    """A problem on record and what is seen of it, as HTML."""
    target = np.array(record["target"])
    shown = matrix(target)
    settings = [f"``L = {record['depth']}``", f"{record['algorithm']}"]
    settings += [f"{name} {readable(value)}" for name, value in record["parameters"].items()]
    settings.append(f"``eta = {record['step_size']:.4g}``")
    if isinstance(record["start"], str):
        settings.append(f"{record['start']} start")
    elif record["start"] is not None:
        settings.append("a start of its own")
    seen = [_seen(record[name]) for name in ("observed", "bound")]
    return f"{shown}, {mathml.within_line(', '.join(settings))}: observed {seen[0]}, bound {seen[1]}."


def _seen(value: float | str) -> str:
    """What is observed; of a check that fails there is no number, and none is near the largest of floating point."""
    if isinstance(value, str):
        return {"nan": "no number", "inf": "infinite"}.get(value, value)
    return readable(value) if abs(value) < LARGEST else "beyond all numbers"


def matrix(target: np.ndarray) -> str:
    """A matrix as MathML, its entries to four digits; of a large one its size alone."""
    if len(target) > ENTRIES:
        return mathml.within_line(f"a matrix of ``d = {len(target)}``")
    rows = r" \\ ".join(" & ".join(_entry(value) for value in row) for row in target)
    sign = "=" if all(float(f"{x:.4g}") == x for x in target.flat) else r"\approx"
    body = rows if target.size == 1 else rf"\begin{{pmatrix}} {rows} \end{{pmatrix}}"
    return mathml.typeset(rf"\Phi {sign} {body}")


def _entry(value: float) -> str:
    mantissa, _, exponent = f"{value + 0.0:.4g}".partition("e")
    return rf"{mantissa} \cdot 10^{{{int(exponent)}}}" if exponent else mantissa
