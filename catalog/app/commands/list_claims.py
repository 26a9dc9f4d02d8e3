"""``dlr claims``: list the claims and their hypotheses, or check the numeric steps of their proofs."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from typing import TYPE_CHECKING

from catalog.app.commands import add_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from catalog.app.commands import Commands
    from catalog.claim import Claim


def add_to(commands: Commands) -> None:
    """Declare the command."""
    parser = commands.add_parser("claims", help="list the claims and their hypotheses")
    parser.add_argument("claim", nargs="*", metavar="CLAIM", help="only these claims")
    parser.add_argument(
        "--catches", action="store_true", help="show which wrong solvers they catch, as the ledger has it"
    )
    parser.add_argument("--proof", action="store_true", help="check the numeric steps of their proofs (python-flint)")
    add_json(parser)
    parser.set_defaults(command=run)


def run(options: argparse.Namespace) -> int:
    """List claims, or check their proofs and return 1 if a step is not proved."""
    from catalog import registry
    from catalog.app import hardest, ledger, output, progress, tables
    from catalog.app.validate import covered
    from catalog.proofs import require_checker

    if options.proof:
        require_checker()
    asked = [registry.claim_named(name) for name in options.claim] or registry.all_claims().values()
    claims = list({claim.identifier: claim for claim in asked}.values())
    if options.proof:
        return _proofs(claims, options.json, every=not options.claim)
    if options.catches and not options.json:
        output.show(tables.catch_table(claims, ledger.recorded()))
        return 0
    left_out: dict[str, str] = {}
    with progress.shown("claims looked at", len(claims)) as shown:
        on = covered(shown.over(claims), registry.targets(), left_out)
    if options.json:
        instances, deeper = hardest.hardest_instances(), hardest.hardest_instances(min_depth=2)
        records = [
            {
                "claim": claim.identifier,
                "name": claim.name,
                "statement": claim.statement,
                "source": str(claim.source),
                "link": claim.source.link,
                "constants": claim.source.constants,
                "kind": claim.kind.value,
                "quantity": claim.quantity,
                "hypotheses": [hypothesis.name for hypothesis in claim.hypotheses],
                "targets": on[claim.name],
                "artefacts": {artefact.drops.name: artefact.finding for artefact in claim.proof_only},
                "worst_ratio": ledger.recorded().get(claim.name, {}).get("ratio"),
                "catches": ledger.recorded().get(claim.name, {}).get("catches", {}),
                "hardest_ratio": instances.get(claim.identifier, {}).get("ratio"),
                "hardest_ratio_from_two_layers": deeper.get(claim.identifier, {}).get("ratio"),
            }
            for claim in claims
        ]
        output.emit_json(records, options.json)
    else:
        output.show(tables.claim_table(claims, on, ledger.recorded()))
    output.note_broken("dlr.targets", "dlr.claims")
    for name, why in left_out.items():
        output.note(f"left out {name}: {why}")
    return 0


def _proofs(claims: Sequence[Claim], json: str | None, every: bool) -> int:
    from catalog.app import output, progress, tables
    from catalog.app.proof import checked_steps
    from dlr.arguments import InputError

    output.note_broken("dlr.claims")
    without = [claim.identifier for claim in claims if not claim.proof]
    if len(without) == len(claims):
        raise InputError(f"no numeric steps in the proof of {', '.join(without)}: dlr claims --proof shows which have")
    with progress.shown("proved", sum(len(claim.proof) for claim in claims)) as shown:
        records = []
        for record in checked_steps(claims):
            records.append(record)
            shown.done += 1
    if json:
        output.emit_json([asdict(record) for record in records], json)
    else:
        output.show(tables.proof_table(records))
        failed = sum(not record.holds for record in records)
        verdict = f"[bold red]{failed} not proved[/]" if failed else "[bold green]all proved[/]"
        output.show(f"{len(records)} steps of {len({record.claim for record in records})} claims: {verdict}")
    for record in records:
        if not record.holds:
            output.note(f"{record.claim}, {record.step}: {record.failure}")
    if without and not every:
        output.note(f"no numeric steps in the proof of {', '.join(without)}")
    return 0 if all(record.holds for record in records) else 1
