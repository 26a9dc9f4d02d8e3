"""What the commands print: tables, JSON, and notes on stderr."""

import os
import sys

from rich.console import Console

from catalog.app import files

PIPE_WIDTH = 140


def show(content: object) -> None:
    """Print to the terminal's width, a line of text as it is; to a pipe or file, wide enough for every table."""
    width = None if sys.stdout.isatty() or "COLUMNS" in os.environ else PIPE_WIDTH
    Console(width=width, highlight=False).print(content, soft_wrap=isinstance(content, str))


def emit_json(value: object, destination: str) -> None:
    """Write ``value`` as JSON to a file, or to stdout for ``-``."""
    text = files.to_json(value)
    if destination == "-":
        sys.stdout.write(text)
    else:
        files.write_text(destination, text)


def note(line: str) -> None:
    """Say something beside the result: one line on stderr."""
    print(f"dlr: {line}", file=sys.stderr)


def note_broken_plugins(*groups: str) -> None:
    """Say on stderr which plug-ins of these entry point groups are broken, a line each."""
    from catalog import registry

    for plugin in registry.plugins(*groups):
        for reason in plugin.reasons:
            note(f"plug-in {plugin.name} of {plugin.origin} is broken: {reason}")
