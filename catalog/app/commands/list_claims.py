"""``dlr claims``: list the claims, show all about some, or check the numeric steps of their proofs."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from typing import TYPE_CHECKING

from catalog.app.commands import add_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from catalog.app.commands import Commands
    from catalog.app.validate import LeftOut
    from catalog.claim import Claim

RATIO = "ratio is observed / bound on record, or a word where the bound is what rounding may do"


def add_to(commands: Commands) -> None:
    """Declare the command."""
    parser = commands.add_parser("claims", help="list the claims, or show all about some")
    parser.add_argument("claim", nargs="*", metavar="CLAIM", help="all about these claims")
    parser.add_argument(
        "--catches", action="store_true", help="show which wrong solvers they catch, as the ledger has it"
    )
    parser.add_argument("--proof", action="store_true", help="check the numeric steps of their proofs (python-flint)")
    add_json(parser)
    parser.set_defaults(command=run)


def run(options: argparse.Namespace) -> int:
    """List or show claims, or check their proofs and return 1 if a step is not proved."""
    from catalog import registry
    from catalog.app import output
    from catalog.proofs import require_checker

    if options.proof:
        require_checker()
    asked = [registry.claim_named(name) for name in options.claim] or registry.all_claims().values()
    claims = list({claim.identifier: claim for claim in asked}.values())
    if options.proof:
        return _proofs(claims, options.json, every=not options.claim)
    if options.json:
        left_out = _write_json(claims, options.json)
    else:
        left_out = (
            _show_cards(claims) if options.claim and not options.catches else _show_table(claims, options.catches)
        )
    output.note_broken("dlr.targets", "dlr.claims")
    for name, why in left_out.items():
        output.note(f"left out {name}: {why}")
    return 0


def _show_table(claims: Sequence[Claim], catches: bool) -> LeftOut:
    from catalog.app import ledger, output, tables

    if catches:
        output.show(tables.catch_table(claims, ledger.recorded()))
    else:
        output.show(tables.claim_table(claims, ledger.recorded()))
        output.show(f"\n{tables.counted(len(claims), 'claim')}; {RATIO}. dlr claims P3 shows a whole claim.")
    return {}


def _show_cards(claims: Sequence[Claim]) -> LeftOut:
    from catalog.app import cards, hardest, ledger, output

    on, left_out = _targets_of(claims)
    for number, claim in enumerate(claims):
        if number:
            output.show("")
        entry = ledger.recorded().get(claim.name, {})
        records = (hardest.hardest_instances(depth).get(claim.identifier, {}) for depth in (1, 2))
        for content in cards.claim_card(claim, on[claim.name], entry, *records):
            output.show(content)
    return left_out


def _targets_of(claims: Sequence[Claim]) -> tuple[dict[str, list[str]], LeftOut]:
    """The targets that each claim applies to, and what raised."""
    from catalog import registry
    from catalog.app import progress
    from catalog.app.validate import covered

    left_out: LeftOut = {}
    with progress.shown("claims looked at", len(claims)) as shown:
        return covered(shown.over(claims), registry.targets(), left_out), left_out


def _write_json(claims: Sequence[Claim], destination: str) -> LeftOut:
    from catalog.app import hardest, ledger, output
    from catalog.glossary import symbols_of

    on, left_out = _targets_of(claims)
    instances, deeper = hardest.hardest_instances(), hardest.hardest_instances(min_depth=2)
    recorded = {claim.name: ledger.recorded().get(claim.name, {}) for claim in claims}
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
            "symbols": symbols_of(claim),
            "targets": on[claim.name],
            "artefacts": {artefact.drops.name: artefact.finding for artefact in claim.proof_only},
            "ratio": recorded[claim.name].get("ratio"),
            "share_of_cap": recorded[claim.name].get("share_of_cap"),
            "catches": recorded[claim.name].get("catches", {}),
            "hardest_ratio": instances.get(claim.identifier, {}).get("ratio"),
            "hardest_ratio_from_two_layers": deeper.get(claim.identifier, {}).get("ratio"),
        }
        for claim in claims
    ]
    output.emit_json(records, destination)
    return left_out


def _proofs(claims: Sequence[Claim], json: str | None, every: bool) -> int:
    from catalog.app import output, progress, tables
    from catalog.app.proof import checked_steps
    from dlr.arguments import InputError

    output.note_broken("dlr.claims")
    without = [claim.identifier for claim in claims if not claim.proof]
    if len(without) == len(claims):
        raise InputError(f"no numeric steps in the proof of {', '.join(without)}: dlr claims --proof shows which have")
    with progress.shown("proved", sum(len(claim.proof) for claim in claims)) as shown:
        records = list(shown.over(checked_steps(claims)))
    if json:
        output.emit_json([asdict(record) for record in records], json)
    else:
        failed = sum(not record.holds for record in records)
        verdict = f"[bold red]{failed} not proved[/]" if failed else "[bold green]all proved[/]"
        checked = tables.counted(len({record.claim for record in records}), "claim")
        output.show(f"{verdict}: {tables.counted(len(records), 'step')} of {checked}\n")
        output.show(tables.proof_table(records))
    for record in records:
        if not record.holds:
            output.note(f"{record.claim}, {record.step}: {record.failure}")
    if without and not every:
        output.note(f"no numeric steps in the proof of {', '.join(without)}")
    return 0 if all(record.holds for record in records) else 1
