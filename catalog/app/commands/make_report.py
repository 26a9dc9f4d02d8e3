"""``dlr report``: check the claims, and write all that was found as one page."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from catalog.app.commands import validate_claims

if TYPE_CHECKING:
    from catalog.app.commands import Commands

FILE = "report.html"


def add_to(commands: Commands) -> None:
    """Declare the command."""
    parser = commands.add_parser("report", help="check the claims, and write a page with all that was found")
    parser.add_argument("html", nargs="?", default=FILE, metavar="FILE", help=f"default: {FILE}")
    validate_claims.add_choice(parser)
    parser.set_defaults(command=run, json=None, verbose=False)


def run(options: argparse.Namespace) -> int:
    """Validate, write the page, and return 1 if a claim is violated."""
    from catalog.app import output

    code = validate_claims.run(options)
    if options.html != "-" and code in (0, 1):
        output.note(f"wrote {options.html}")
    return code
