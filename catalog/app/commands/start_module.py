"""``dlr new``: start a family, claim or algorithm from a template that passes every test."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from catalog.app.commands import Commands


def add_to(commands: Commands) -> None:
    """Declare the command."""
    parser = commands.add_parser("new", help="start a family, claim or algorithm from a template that passes")
    parser.add_argument(
        "word", metavar="KIND", choices=("family", "claim", "algorithm"), help="family, claim or algorithm"
    )
    parser.add_argument("name", metavar="NAME", help="a name such as my_family")
    parser.add_argument("--directory", metavar="DIR", help="default: the catalog's own folder, in a checkout")
    parser.set_defaults(command=run)


def run(options: argparse.Namespace) -> int:
    """Write the file, and say what to do next."""
    from catalog.app import new, output
    from catalog.app.layout import literal

    written = new.write(options.word, options.name, options.directory)
    output.show(f"wrote {literal(str(written.path))}")
    if written.inside:
        shown = {
            "family": f"dlr validate --target {written.name}",
            "claim": f"dlr validate --claim {written.name}",
            "algorithm": f"dlr validate --algorithm {written.name}",
        }[options.word]
        output.show(f"it passes as it is: edit it, then {shown} and pytest -k {written.name}")
    else:
        module = written.path.stem
        output.show("it passes as it is: edit it, and declare it in your package's pyproject.toml:")
        output.show(f'\\[project.entry-points."{written.group}"]\nmy-lab = "my_package.{module}"')
    return 0
