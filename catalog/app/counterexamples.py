"""The simplest counterexample found to each claim without each of its hypotheses, in ``catalog/counterexamples.json``.

``python -m catalog.app.counterexamples [CLAIM]...`` searches as ``dlr falsify --without`` does, and rewrites those of
the claims named, or of all; with ``--check`` it fails while one is missing. A test replays what is on record.
"""

import json
import math
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from catalog import registry
from catalog.app import destinations, hardest, progress, simplification
from catalog.app.attempt import Try
from catalog.app.falsification import Search
from catalog.claim import Claim
from dlr.arguments import InputError

FILE = Path(__file__).parent.parent / "counterexamples.json"
TRIES, SECONDS, SEED = 4_000, 60.0, 0


def on_record() -> dict[tuple[str, str], dict[str, Any]]:
    """The counterexamples, by the claim's identifier and the name of the hypothesis that is dropped."""
    found: list[dict[str, Any]] = json.loads(FILE.read_text(encoding="utf-8")) if FILE.exists() else []
    return {(record["claim"], record["without"]): record for record in found}


def wanted() -> dict[tuple[str, str], Claim]:
    """What a control drops, of each of the catalog's own claims: keys of the record, with the claim."""
    own = [claim for claim in registry.all_claims().values() if "." not in claim.identifier]
    return {(claim.identifier, control.drops.name): claim for claim in own for control in claim.controls}


def searched(claim: Claim, without: str) -> Try | None:
    """The simplest violation of a claim without one hypothesis, or None where none is found."""
    search = Search(claim, without, SEED)
    found = search.run(TRIES, SECONDS)
    return simplification.simplified(search, found) if found is not None and found.violates else None


def described(found: Try, without: str) -> dict[str, Any]:
    """A counterexample as JSON can hold it; what is infinite or no number is so in words."""
    values = {"claim": found.claim.identifier, "without": without, **hardest.described(found)}
    for name in ("ratio", "observed", "bound", "slack"):
        if values[name] is not None and not math.isfinite(values[name]):
            values[name] = str(values[name])
    kind = type(found.problem.algorithm)
    if kind not in registry.all_algorithms().values():
        values["algorithm_class"] = f"{kind.__module__}:{kind.__name__}"
    return values


def main(names: Iterable[str]) -> None:
    """Search, and rewrite the file.

    Raises
    ------
    InputError
        If a claim is unknown, or this is no checkout, or the file can't be written.
    """
    if not (FILE.parent.parent / "pyproject.toml").is_file():
        raise InputError(f"catalog in {FILE.parent} is installed, not a checkout: run this in a clone")
    destinations.checked_destination(str(FILE))
    claims = wanted()
    chosen = {registry.claim_named(name).identifier for name in names} or {identifier for identifier, _ in claims}
    records = {key: record for key, record in on_record().items() if key in claims}
    searches = [key for key in claims if key[0] in chosen]
    with progress.shown("counterexamples", len(searches)) as shown:
        for key in shown.over(searches):
            found = searched(claims[key], key[1])
            if found is not None:
                records[key] = described(found, key[1])
    destinations.write_records(FILE, [records[key] for key in claims if key in records])


def run(arguments: Sequence[str]) -> None:
    """Run `main`; with ``--check`` end with what is not on record, if anything is."""
    try:
        if list(arguments) != ["--check"]:
            main(arguments)
        elif missing := [" without ".join(key) for key in wanted() if key not in on_record()]:
            sys.exit(
                f"counterexamples: {', '.join(missing)} not on record: python -m catalog.app.counterexamples CLAIM"
            )
    except InputError as error:
        sys.exit(f"counterexamples: error: {error}")


if __name__ == "__main__":
    run(sys.argv[1:])
