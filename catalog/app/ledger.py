"""The ledger: the recorded result of `validate` for each claim, which the README shows.

``python -m catalog.app.ledger`` validates everything, rewrites ``catalog/ledger.json`` and the README's table
and figure. Tests fail while what they say is wrong, and ``--check`` while a claim or a target is missing.
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
from catalog.app.tables import tightest_record, worst_ratio
from catalog.app.validate import Record, checked, tasks_for
from catalog.claim import Claim, Kind
from dlr.arguments import InputError

FILE = Path(__file__).parent.parent / "ledger.json"
README = FILE.parent.parent / "README.md"
FIGURE = FILE.parent / "figure.svg"
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
    """Targets and checks of each claim, and its tightest case where that is not rounding's own, by claim name."""
    result: dict[str, dict[str, Any]] = {}
    for name, group in groupby(records, key=lambda record: record.name):
        rows = [replace(row, ratio=_three_digits(row.ratio)) for row in group]  # of equals, the first is the tightest
        result[name] = {"targets": len({row.target for row in rows}), "checks": len(rows)}
        if not Kind(rows[0].kind).bounds_rounding:
            tightest = tightest_record(rows)
            result[name] |= {"ratio": tightest.ratio, "at": f"{tightest.target}, L = {tightest.depth}"}
    return result


def _three_digits(ratio: float | None) -> float | None:
    return None if ratio is None else float(f"{ratio:.3g}")


def markdown(claims: Iterable[Claim], ledger: Mapping[str, Mapping[str, Any]]) -> str:
    """The ledger as a Markdown table."""
    lines = ["| claim | source | kind | hypotheses | targets | worst ratio |", "|---|---|---|---|---|---|"]
    for claim in claims:
        entry = ledger.get(claim.name, {"targets": "stale"})
        cells: Sequence[str] = (
            f"**{claim.identifier}** {claim.name}",
            f"[{claim.source}]({claim.source.link})",
            claim.kind.value,
            "; ".join(hypothesis.name for hypothesis in claim.hypotheses),
            str(entry["targets"]),
            worst_ratio(claim, entry),
        )
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines)


def with_table(readme: str, table: str) -> str:
    """``readme`` with ``table`` between its markers."""
    before, _, rest = readme.partition(BEGIN)
    return f"{before}{BEGIN}\n\n{table}\n\n{END}{rest.partition(END)[2]}"


def main() -> None:
    """Validate everything and rewrite ledger, table and figure.

    Raises
    ------
    InputError
        If this is no checkout, or one of the files can't be written, or the library that draws is missing.
    """
    from catalog.app import catches, destinations, files, plot, progress

    if not README.is_file():
        raise InputError(f"catalog in {FILE.parent} is installed, not a checkout: run this in a clone")
    for file in (FILE, README, FIGURE):
        destinations.checked_destination(str(file))
    plot.require_library()
    claims, targets = registry.all_claims(), registry.targets()
    tasks = tasks_for(claims.values(), targets)
    records = []
    with progress.shown("checked", len(tasks)) as shown:
        for record in checked(tasks):
            records.append(record)
            shown.done += 1
    ledger = summarize(records)
    for claim in claims.values():
        if claim.name in ledger and (caught := catches.caught_by(claim)):
            ledger[claim.name]["catches"] = caught
    table = markdown(claims.values(), ledger)
    figure = plot.readme_figure()
    content = {"targets": [target.name for target in targets], "claims": ledger}
    destinations.write_text(str(FILE), files.to_json(content))
    destinations.write_text(str(README), with_table(README.read_text(encoding="utf-8"), table))
    destinations.write_text(str(FIGURE), figure)


if __name__ == "__main__":
    try:
        if sys.argv[1:] != ["--check"]:
            main()
        elif missing := unrecorded():
            sys.exit(f"ledger: {', '.join(missing)} not on record: run python -m catalog.app.ledger")
    except InputError as error:
        sys.exit(f"ledger: error: {error}")
