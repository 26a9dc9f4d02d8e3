"""Reads the command line, calls a subcommand, a module of `catalog.app.commands`, and turns errors into exit codes."""

import argparse
import sys
import textwrap
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn

from catalog.app import output, process

EXIT_CODES = {
    0: "fine, also where a reader such as head closes the pipe early",
    1: "a claim is violated, a step of a proof not proved, solve ends above its tolerance, or certify does not certify",
    2: "bad input, or an output that can't be written",
    3: "an internal error",
    130: "interrupted by Ctrl-C",
    143: "ended by SIGTERM",
}
"""What each exit code means."""

LONGEST = 400
"""Characters of a message of argparse, which quotes arguments in full."""


class _Parser(argparse.ArgumentParser):
    """Parser that prints errors on one line, and knows ``--traceback`` everywhere."""

    def __init__(self, **options: object) -> None:
        super().__init__(**options)  # type: ignore[arg-type]
        self.add_argument("--traceback", action="store_true", help="show all of an internal error")

    def print_help(self, file: object = None) -> None:
        """Print help on stdout, and raise where that can't be."""
        output.write(self.format_help())

    def error(self, message: str) -> NoReturn:
        message = " ".join(message.split())
        short = message if len(message) <= LONGEST else f"{message[:LONGEST]}..."
        self.exit(2, f"{self.prog}: error: {short} (see {self.prog} --help)\n")


class _Version(argparse.Action):
    """Prints the version, for which the package is loaded here only."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object, **__: object) -> None:
        """Print it, and end."""
        import dlr

        output.write(f"dlr {dlr.__version__}\n")
        parser.exit()


def _indented(lead: str, text: str) -> str:
    """A text behind its lead, in lines of at most 78 characters."""
    return textwrap.fill(text, 78, initial_indent=lead, subsequent_indent=" " * len(lead))


def run(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns the exit code, one of `EXIT_CODES`."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        try:
            code = _run(given)
        except SystemExit as stop:  # argparse has printed help or an error
            code = stop.code if isinstance(stop.code, int) else 2
        output.flush()
        return code
    except BrokenPipeError:  # the reader, such as head, closed the pipe
        process.silence(sys.stdout)
        return 0
    except KeyboardInterrupt as stop:
        word, code = process.ending(stop)
        output.note(word)
        return code
    except Exception as error:
        return _failed(error, full="--traceback" in given)


def _run(arguments: list[str]) -> int:
    from catalog.app.commands import (
        certify_target,
        cite,
        falsify_claim,
        list_claims,
        list_plugins,
        list_targets,
        make_report,
        show_sweep,
        solve_target,
        start_module,
        sweep_targets,
        validate_claims,
    )

    parser = _Parser(
        prog="dlr",
        description="Deep linear residual networks: the theorems, executable.",
        epilog="Exit codes:\n" + "\n".join(_indented(f"  {code:<4} ", meaning) for code, meaning in EXIT_CODES.items()),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="show the version and exit")
    commands = parser.add_subparsers(metavar="COMMAND", required=True, parser_class=_Parser)
    for module in (
        validate_claims,
        falsify_claim,
        list_targets,
        make_report,
        list_claims,
        cite,
        solve_target,
        sweep_targets,
        show_sweep,
        certify_target,
        start_module,
        list_plugins,
    ):
        module.add_to(commands)
    if arguments[:2] == ["sweep", "show"]:  # a command of two words
        arguments = ["sweep show", *arguments[2:]]
    options = parser.parse_args(arguments)
    command: Callable[[argparse.Namespace], int] = options.command
    return command(options)


def _failed(error: Exception, full: bool) -> int:
    """Print an error, on one line unless it is internal and is to be shown in ``full``; returns the exit code."""
    from dlr.arguments import InputError

    if isinstance(error, InputError):
        output.note(f"error: {error}")
        return 2
    if isinstance(error, MemoryError):
        output.note(f"error: not enough memory ({error}): lower depth or dimension")
        return 2
    if full:
        output.note("internal error")
        traceback.print_exception(error)
        return 3
    place = traceback.extract_tb(error.__traceback__)[-1]
    what = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    output.note(
        f"internal error: {what} ({Path(place.filename).name}, line {place.lineno}): --traceback shows all of it"
    )
    return 3
