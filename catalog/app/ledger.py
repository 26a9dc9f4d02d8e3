"""The ledger: the recorded result of `validate` for each claim, which the README shows.

``python -m catalog.app.ledger`` validates everything, rewrites ``catalog/ledger.json`` and the README's table
and figures. Tests fail while what they say is wrong, and ``--check`` while a claim or a target is missing.
"""

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any

from catalog import registry
from catalog.app.tables import nearest_record, recorded_ratio
from catalog.app.validate import Record, checked, tasks_for
from catalog.claim import Claim, Kind
from catalog.claims.sharpness import least_sharpness
from catalog.glossary import SHARED, symbols_in
from dlr import Problem
from dlr._norms import spectral_norms
from dlr.arguments import InputError

FILE = Path(__file__).parent.parent / "ledger.json"
README = FILE.parent.parent / "README.md"
BEGIN, END = "<!-- ledger: begin, written by python -m catalog.app.ledger -->", "<!-- ledger: end -->"


@cache
def recorded() -> dict[str, dict[str, Any]]:
    """The ledger as last recorded, by claim name."""
    claims: dict[str, dict[str, Any]] = _content()["claims"]
    return claims


@cache
def _content() -> dict[str, Any]:
    content: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
    return content


def on_record(records: Iterable[Record]) -> list[Record]:
    """The records of claims and targets that the ledger knows: a new one does not make it wrong, only incomplete."""
    claims, targets = recorded(), _content()["targets"]
    return [record for record in records if record.name in claims and record.target in targets]


def unrecorded() -> list[str]:
    """Claims and targets of the catalog that the ledger lacks."""
    names = [*registry.all_claims(), *(target.name for target in registry.targets())]
    return sorted({*names} - {*recorded(), *_content()["targets"]})


def summarize(records: Iterable[Record]) -> dict[str, dict[str, Any]]:
    """Targets and checks of each claim by its name, and its ratio where that is not rounding's own."""
    result: dict[str, dict[str, Any]] = {}
    for (name, kind), group in groupby(records, key=lambda record: (record.name, Kind(record.kind))):
        rows = [replace(row, ratio=_three_digits(row.ratio)) for row in group]  # of equals, the first is taken
        result[name] = {"targets": len({row.target for row in rows}), "checks": len(rows)}
        if not kind.bounds_rounding:
            nearest = nearest_record(rows)
            result[name] |= {"ratio": nearest.ratio, "at": f"{nearest.target}, L = {nearest.depth}"}
    return result


def share_of_cap(claim: Claim, problems: Iterable[Problem]) -> list[float]:
    """Least and largest share that the claim's step size has of the largest possible; empty where it proves no steps.

    The largest possible is the cap ``2 / S`` of N9c, for plain gradient descent. Only targets of norm at least 1 count:
    for smaller ones the start, where the product has norm 1, may allow less.
    """
    if claim.contraction is None or claim.largest_step_size is None:
        return []
    capped = [problem for problem in problems if spectral_norms(problem.target) >= 1 - 1e-9]
    shares = [claim.largest_step_size(each) * least_sharpness(each.target, each.depth) / 2 for each in capped]
    return [float(f"{extreme(shares):.3g}") for extreme in (min, max)] if shares else []


def _three_digits(ratio: float | None) -> float | None:
    return None if ratio is None else float(f"{ratio:.3g}")


def markdown(claims: Iterable[Claim], ledger: Mapping[str, Mapping[str, Any]]) -> str:
    """The ledger as Markdown: a table for each source, and the letters of the statements."""
    claims = list(claims)
    groups: dict[str, list[Claim]] = {}
    for claim in claims:
        groups.setdefault(group(claim), []).append(claim)
    parts = [f"**{name}**\n\n{_table(found, ledger)}" for name, found in groups.items()]
    return "\n\n".join([*parts, _letters(claims)])


def group(claim: Claim) -> str:
    """The heading under which a claim stands: its source, with a link, or that the question is open."""
    if claim.kind is Kind.CONJECTURE:
        return "Open: searched, and no violation found"
    source = claim.source
    return (
        f"This project, after {source.after.reference}"
        if source.after is not None
        else f"[{source.reference}]({source.link})"
    )


def _table(claims: Iterable[Claim], ledger: Mapping[str, Mapping[str, Any]]) -> str:
    rows = [("claim", "kind", "targets", "ratio"), ("---", "---", "--:", "--:")]
    for claim in claims:
        entry = ledger.get(claim.name, {"targets": "stale"})
        statement = f"**{claim.identifier}** {claim.statement}".replace("|", "\\|").replace("``", "`")
        kind = claim.kind.value.replace(" ", "&nbsp;")
        rows.append((statement, kind, str(entry["targets"]), recorded_ratio(claim, entry)))
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _letters(claims: Sequence[Claim]) -> str:
    """The letters in the statements: those that mean the same everywhere, then those of some claims."""
    used = {claim.identifier: set(symbols_in(claim.statement)) for claim in claims}
    lines = [f"`{name}` {meaning}" for name, meaning in SHARED.items() if name in set().union(*used.values())]
    own: dict[str, list[str]] = {}
    for claim in claims:
        for name, meaning in claim.symbols:
            if name in used[claim.identifier]:
                own.setdefault(f"`{name}` {meaning}", []).append(claim.identifier)
    lines += [f"{text} ({', '.join(identifiers)})" for text, identifiers in own.items()]
    listed = "".join(f"* {line}\n" for line in lines).replace("``", "`")
    return f"<details><summary>Letters</summary>\n\n{listed}\n</details>"


def with_table(readme: str, table: str) -> str:
    """``readme`` with ``table`` between its markers."""
    before, _, rest = readme.partition(BEGIN)
    return f"{before}{BEGIN}\n\n{table}\n\n{END}{rest.partition(END)[2]}"


def main() -> None:
    """Validate everything and rewrite ledger, table and figures.

    Raises
    ------
    InputError
        If this is no checkout, or one of the files can't be written, or the library that draws is missing.
    """
    from catalog import files
    from catalog.app import catches, destinations, progress
    from catalog.app.figures import drawing, readme

    if not README.is_file():
        raise InputError(f"catalog in {FILE.parent} is installed, not a checkout: run this in a clone")
    for file in (FILE, README, *readme.paths()):
        destinations.checked_destination(str(file))
    drawing.require_library()
    claims, targets = registry.all_claims(), registry.targets()
    tasks = tasks_for(claims.values(), targets)
    with progress.shown("checked", len(tasks)) as shown:
        records = list(shown.over(checked(tasks)))
    ledger = summarize(records)
    for claim in claims.values():
        if share := share_of_cap(claim, [task.problem for task in tasks if task.claim is claim]):
            ledger[claim.name]["share_of_cap"] = share
        if claim.name in ledger and (caught := catches.caught_by(claim)):
            ledger[claim.name]["catches"] = caught
    table = markdown(claims.values(), ledger)
    figures = readme.drawn(records)
    content = {"targets": [target.name for target in targets], "claims": ledger}
    destinations.write_text(str(FILE), files.to_json(content))
    destinations.write_text(str(README), with_table(README.read_text(encoding="utf-8"), table))
    for file, figure in figures.items():
        destinations.write_text(str(file), figure)


def run(arguments: Sequence[str]) -> None:
    """Run `main`; with ``--check`` end with what is not on record, if anything is."""
    try:
        if list(arguments) != ["--check"]:
            main()
        elif missing := unrecorded():
            sys.exit(f"ledger: {', '.join(missing)} not on record: run python -m catalog.app.ledger")
    except InputError as error:
        sys.exit(f"ledger: error: {error}")


if __name__ == "__main__":
    run(sys.argv[1:])
