"""``dlr claims``: list the claims and their hypotheses."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from catalog.app.commands import add_json

if TYPE_CHECKING:
    from catalog.app.commands import Commands


def add_to(commands: Commands) -> None:
    """Declare the command."""
    parser = commands.add_parser("claims", help="list the claims and their hypotheses")
    add_json(parser)
    parser.set_defaults(command=run)


def run(options: argparse.Namespace) -> int:
    """List claims."""
    from catalog import registry
    from catalog.app import ledger, output, tables

    claims, targets = list(registry.claims().values()), registry.targets()
    if options.json:
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
                "targets": [target.name for target in targets if claim.applies_to(target.matrix)],
                "artefacts": dict(claim.artefacts),
                "worst_ratio": ledger.recorded().get(claim.name, {}).get("ratio"),
            }
            for claim in claims
        ]
        output.emit_json(records, options.json)
    else:
        output.show(tables.claim_table(claims, targets, ledger.recorded()))
    output.note_broken_plugins("dlr.targets", "dlr.claims")
    return 0
