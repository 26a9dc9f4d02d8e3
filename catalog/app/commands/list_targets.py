"""``dlr targets``: list the catalog's targets."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from catalog.app.commands import add_json

if TYPE_CHECKING:
    from catalog.app.commands import Commands


def add_to(commands: Commands) -> None:
    """Declare the command."""
    parser = commands.add_parser("targets", help="list the catalog's targets")
    parser.add_argument(
        "--trait", action="append", default=[], metavar="T", help="only targets with it; not-T for without (repeatable)"
    )
    add_json(parser)
    parser.set_defaults(command=run)


def run(options: argparse.Namespace) -> int:
    """List targets."""
    from catalog import registry
    from catalog.app import output, tables

    targets = registry.targets(*options.trait)
    if options.json:
        families = registry.all_families()
        records = [
            {
                "name": target.name,
                "parameters": dict(target.parameters),
                "traits": sorted(target.traits),
                "description": families[target.family].description,
                "source": families[target.family].source,
                "matrix": target.matrix.tolist(),
            }
            for target in targets
        ]
        output.emit_json(records, options.json)
    else:
        output.show(tables.target_table(targets))
    output.note_broken("dlr.targets")
    return 0
