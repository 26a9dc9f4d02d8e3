"""The ``dlr`` command: it is ready for signals before `catalog.app.command_line` loads all the rest.

What it can't answer is a signal in the first hundredths of a second, while Python itself starts.
"""

import sys

from catalog.app import process


def script() -> None:
    """Run the command in a process of its own."""
    process.prepare()
    sys.exit(main())


def main(arguments: "list[str] | tuple[str, ...] | None" = None) -> int:
    """Run the command; returns the exit code."""
    from catalog.app.command_line import run

    return run(arguments)


if __name__ == "__main__":
    script()
