"""The ``dlr`` command: its subcommands are the modules of `catalog.app.commands`.

Exit codes: 0 all well, 1 a claim is violated, 2 bad input.
"""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from typing import NoReturn

from catalog.app.commands import (
    cite,
    falsify_claim,
    list_claims,
    list_plugins,
    list_targets,
    solve_target,
    start_module,
    validate_claims,
)
from dlr.arguments import InputError


class _Parser(argparse.ArgumentParser):
    """Parser that prints errors on one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: error: {message} (see {self.prog} --help)\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns the exit code."""
    parser = _Parser(prog="dlr", description="Deep linear residual networks: the theorems, executable.")
    commands = parser.add_subparsers(metavar="COMMAND", required=True, parser_class=_Parser)
    for module in (
        validate_claims,
        falsify_claim,
        list_targets,
        list_claims,
        cite,
        solve_target,
        start_module,
        list_plugins,
    ):
        module.add_to(commands)
    options = parser.parse_args(arguments)
    command: Callable[[argparse.Namespace], int] = options.command
    try:
        return command(options)
    except InputError as error:
        print(f"dlr: error: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:  # the reader, such as head, closed the pipe
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        print("dlr: interrupted", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
