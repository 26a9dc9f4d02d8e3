"""``dlr cite``: BibTeX of the papers behind the claims."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from catalog.app.commands import add_json

if TYPE_CHECKING:
    from catalog.app.commands import Commands


def add_to(commands: Commands) -> None:
    """Declare the command."""
    parser = commands.add_parser("cite", help="print BibTeX of the papers behind the claims")
    parser.add_argument("claim", nargs="*", metavar="CLAIM", help="only of these claims")
    add_json(parser)
    parser.set_defaults(command=run)


def run(options: argparse.Namespace) -> int:
    """Cite papers, each once."""
    from catalog import registry
    from catalog.app import output
    from catalog.sources import bibliography

    asked = [registry.claim_named(name) for name in options.claim] or registry.all_claims().values()
    claims = {claim.identifier: claim for claim in asked}
    papers = bibliography(claim.source for claim in claims.values())
    if options.json:
        records = [
            {
                "key": entry.key,
                "entry": entry.entry,
                "authors": entry.authors,
                "title": entry.title,
                "year": entry.year,
                "venue": entry.venue,
                "identifier": entry.identifier,
                "link": entry.link,
                "details": dict(entry.details),
                "claims": [name for name, claim in claims.items() if paper in claim.source.papers],
                "bibtex": entry.bibtex(),
            }
            for paper, entry in papers.items()
        ]
        output.emit_json(records, options.json)
    else:
        output.write("\n\n".join(entry.bibtex() for entry in papers.values()) + "\n")
    output.note_broken("dlr.claims")
    return 0
