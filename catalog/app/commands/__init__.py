"""The subcommands, one module each: ``add_to`` declares the options, ``run`` runs it and returns the exit code."""

import argparse
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    Commands: TypeAlias = argparse._SubParsersAction[argparse.ArgumentParser]


def add_json(parser: argparse.ArgumentParser, file: str | None = None) -> None:
    """Add ``--json``; if ``file`` is given, the option takes an optional file, named so in the help."""
    if file is None:
        parser.add_argument("--json", action="store_const", const="-", help="print JSON instead of a table")
    else:
        parser.add_argument("--json", nargs="?", const="-", metavar=file, help="write JSON there, or print it")


PROVED = "proved"
"""Value of ``--step-size`` that means the largest one that a claim covers."""


def add_step_size(parser: argparse.ArgumentParser) -> None:
    """Add ``--step-size``, a number or `PROVED`."""
    parser.add_argument(
        "--step-size", type=_step_size, metavar="X", help="a number, or proved: the largest that a claim covers"
    )


def _step_size(written: str) -> float | str:
    try:
        return written if written == PROVED else float(written)
    except ValueError:
        raise argparse.ArgumentTypeError(f"must be a number or {PROVED}, got {written!r}") from None
