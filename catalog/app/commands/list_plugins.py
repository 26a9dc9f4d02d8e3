"""``dlr plugins``: list plug-ins, and why some are broken."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from catalog.app.commands import add_json

if TYPE_CHECKING:
    from catalog.app.commands import Commands


def add_to(commands: Commands) -> None:
    """Declare the command."""
    parser = commands.add_parser("plugins", help="list what other packages bring, and why some of it is broken")
    add_json(parser)
    parser.set_defaults(command=run)


def run(options: argparse.Namespace) -> int:
    """List all plug-ins."""
    from catalog import registry
    from catalog.app import output, tables
    from catalog.plugins import EXTENSIONS

    plugins = registry.all_plugins()
    if options.json:
        output.emit_json([plugin.record() for plugin in plugins], "-")
    elif plugins:
        output.show(tables.plugin_table(plugins))
    else:
        output.show("no plug-ins: a package declares them as entry points of " + ", ".join(EXTENSIONS))
    return 0
