"""Prints tables and JSON on stdout and notes on stderr."""

import os
import sys

from rich.console import Console

from catalog.app import files

PIPE_WIDTH = 140


def show(content: object) -> None:
    """Print in the terminal's width, or in `PIPE_WIDTH` to a pipe or file; lines of text are never wrapped."""
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
    """Print a remark, one line on stderr."""
    print(f"dlr: {line}", file=sys.stderr)


def note_broken_plugins(*groups: str) -> None:
    """Print one line on stderr for each broken plug-in of these entry point groups."""
    from catalog import registry

    for plugin in registry.all_plugins(*groups):
        for reason in plugin.reasons:
            note(f"plug-in {plugin.name} of {plugin.origin} is broken: {reason}")
