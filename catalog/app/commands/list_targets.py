"""``dlr targets``: list the catalog's targets, or show all about some."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from catalog.app.commands import add_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from catalog.app.commands import Commands
    from catalog.app.validate import LeftOut
    from catalog.family import Target


def add_to(commands: Commands) -> None:
    """Declare the command."""
    parser = commands.add_parser("targets", help="list the catalog's targets, or show all about some")
    parser.add_argument(
        "target", nargs="*", metavar="TARGET|FILE", help="all about these, such as rotation(angle=1) or matrix.json"
    )
    parser.add_argument(
        "--trait", action="append", default=[], metavar="T", help="only targets with it; not-T for without (repeatable)"
    )
    add_json(parser)
    parser.set_defaults(command=run)


def run(options: argparse.Namespace) -> int:
    """List or show targets."""
    from catalog import registry
    from catalog.app import output, tables
    from dlr.arguments import InputError

    if options.target and options.trait:
        raise InputError(f"trait must be without targets, got {options.trait[0]!r}: a target's card shows its traits")
    named = [_named(name) for name in options.target]
    left_out: LeftOut = {}
    if options.json:
        output.emit_json([_record(target) for target in named or registry.targets(*options.trait)], options.json)
    elif named:
        left_out = _show_cards(named)
    else:
        targets = registry.targets(*options.trait)
        output.show(tables.target_table(targets))
        output.show(f"\n{tables.counted(len(targets), 'target')}. dlr targets rotation shows a whole target.")
    output.note_broken("dlr.targets")
    for name, why in left_out.items():
        output.note(f"left out {name}: {why}")
    return 0


def _named(name: str) -> Target:
    """A target of the catalog, or one from a file."""
    from catalog import files, registry
    from catalog.family import Target

    return Target.of(name, files.read_matrix(name)) if files.is_matrix_file(name) else registry.target(name)


def _show_cards(targets: Sequence[Target]) -> LeftOut:
    from catalog import registry
    from catalog.app import cards, output
    from catalog.app.validate import covered

    left_out: LeftOut = {}
    for number, target in enumerate(targets):
        if number:
            output.show("")
        claims = registry.all_claims()
        applying = [claims[name] for name, on in covered(claims.values(), [target], left_out).items() if on]
        for content in cards.target_card(target, applying):
            output.show(content)
    return left_out


def _record(target: Target) -> dict[str, object]:
    """A target as JSON holds it."""
    from dataclasses import asdict

    from catalog import registry

    family = registry.all_families().get(target.family)
    return {
        "name": target.name,
        "parameters": dict(target.parameters),
        "traits": sorted(target.traits),
        "description": family.description if family else "",
        "source": family.source if family else "",
        "expected": {name: asdict(each) for name, each in family.expected.items()} if family else {},
        "matrix": target.matrix.tolist(),
    }
