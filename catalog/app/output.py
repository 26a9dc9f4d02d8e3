"""Prints tables, text and JSON on stdout and notes on stderr, and keeps what can't be written."""

import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from catalog.app import process


def show(content: object) -> None:
    """Print text or a layout in the terminal's width; to a pipe or file, in the width of its longest line."""
    from rich.console import Console

    from catalog.app.layout import UNLIMITED, Paragraph

    terminal = sys.stdout.isatty()
    page = io.TextIOWrapper(io.BytesIO(), encoding=sys.stdout.encoding, errors="backslashreplace", newline="\n")
    width = None if terminal else UNLIMITED
    console = Console(file=page, force_terminal=terminal or None, width=width, highlight=False)
    console.print(Paragraph(content) if isinstance(content, str) else content, soft_wrap=True)
    write(page.buffer.getvalue().decode(page.encoding))  # a console would end the process where the pipe is closed


def can_show(text: str) -> bool:
    """Whether stdout has all characters of a text."""
    try:
        text.encode(sys.stdout.encoding)
    except UnicodeEncodeError:
        return False
    return True


def write(text: str) -> None:
    """Print text as it is."""
    with _writing():
        sys.stdout.write(text)
        sys.stdout.flush()


def flush() -> None:
    """Print what is still to be printed."""
    with _writing():
        sys.stdout.flush()


@contextmanager
def _writing() -> Iterator[None]:
    """Turn an error of stdout into one line; a closed pipe is for the command to end with."""
    from dlr.arguments import InputError

    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        process.silence(sys.stdout)
        raise InputError(f"stdout can't be written ({error.strerror}): send it elsewhere") from None


@contextmanager
def optional(also_elsewhere: bool) -> Iterator[None]:
    """Print what is less than a result that goes ``also_elsewhere``: where stdout is a closed pipe, go on without."""
    try:
        yield
    except BrokenPipeError:
        if not also_elsewhere:
            raise
        process.silence(sys.stdout)


def emit_json(value: object, destination: str) -> None:
    """Write ``value`` as JSON to a file, or to stdout for ``-``.

    Raises
    ------
    InputError
        If it can't be written, with the file in which it is kept.
    """
    from catalog import files

    save(files.to_json(value), destination, ".json")


def save(text: str | bytes, destination: str, suffix: str) -> None:
    """Write a result to a file, or to stdout for ``-``; if that fails, keep it in the folder for temporary files.

    Raises
    ------
    InputError
        If it can't be written, with the file in which it is kept.
    """
    from catalog.app import destinations
    from dlr.arguments import InputError

    try:
        if destination == "-":
            assert isinstance(text, str), "an image goes to a file"
            write(text)
        else:
            destinations.write_text(destination, text)
    except InputError as error:
        kept = destinations.keep(text, suffix)
        raise InputError(f"{error}; kept in {kept}" if kept else str(error)) from None


def note(line: str) -> None:
    """Print a remark, one line on stderr; nothing where stderr takes none."""
    try:
        print(f"dlr: {' '.join(line.splitlines())}", file=sys.stderr, flush=True)
    except OSError:
        process.silence(sys.stderr)


def note_broken(*groups: str) -> None:
    """Print one line on stderr for each broken module and plug-in of these entry point groups."""
    from catalog import registry

    for name, reason in registry.broken(*groups).items():
        note(f"{name} is broken: {reason}")
    for plugin in registry.all_plugins(*groups):
        for reason in plugin.reasons:
            note(f"plug-in {plugin.name} of {plugin.origin} is broken: {reason}")
