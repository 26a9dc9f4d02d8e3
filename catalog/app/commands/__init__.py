"""The subcommands, one module each: ``add_to`` declares its options, ``run`` does it and returns the exit code."""

import argparse
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    Commands: TypeAlias = argparse._SubParsersAction[argparse.ArgumentParser]


def add_json(parser: argparse.ArgumentParser, file: str | None = None) -> None:
    """Add ``--json``, which takes a file where ``file`` says what to call it."""
    if file is None:
        parser.add_argument("--json", action="store_const", const="-", help="print JSON instead of a table")
    else:
        parser.add_argument("--json", nargs="?", const="-", metavar=file, help="write JSON there, or print it")
