"""Lays out rows, labelled text and paragraphs in a given width: lines end between words only, whatever the width.

Texts are rich's markup. In a width without limit, that of a pipe, nothing is wrapped.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rich.console import Console, ConsoleOptions
from rich.markup import escape
from rich.text import Text

JOINT = "\N{NO-BREAK SPACE}"
"""Stands for a space at which no line ends."""

GAP = 2
"""Spaces between columns."""

LEAST = 30
"""Width that a column of text keeps while other columns can be dropped."""

BROAD = 110
"""Widest paragraph on a terminal: longer lines are hard to read."""

UNLIMITED = 10**6
"""Width of what is no terminal."""


@dataclass(frozen=True)
class Column:
    """A column: its name and cells; ``flows`` says that the cells may be wrapped between words, ``right`` aligns."""

    name: str
    cells: Sequence[str]
    right: bool = False
    flows: bool = False

    @property
    def width(self) -> int:
        """Width of the longest cell, or of the name."""
        return max(_text(cell).cell_len for cell in (self.name, *self.cells))


class Content:
    """What has lines in a given width."""

    def lines(self, width: int) -> Iterator[Text]:
        """Lines, of which only those that can't be wrapped between words are wider than ``width``."""
        raise NotImplementedError

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[Text]:
        """Yield the lines for a console."""
        yield from self.lines(options.max_width)


@dataclass(frozen=True)
class Rows(Content):
    """A table.

    Attributes
    ----------
    columns : tuple of Column
    spare : tuple of str
        Names of the columns that a narrow terminal does without, the first to go first.
    """

    columns: tuple[Column, ...]
    spare: tuple[str, ...] = ()

    def lines(self, width: int) -> Iterator[Text]:
        """Header and rows; cells that flow share what the others leave."""
        columns, spare = list(self.columns), list(self.spare)
        while spare and _needed(columns) > width:
            gone = spare.pop(0)
            columns = [column for column in columns if column.name != gone]
        widths = [column.width for column in columns]
        left = width - GAP * (len(widths) - 1) - sum(column.width for column in columns if not column.flows)
        flowing = sorted((column.width, index) for index, column in enumerate(columns) if column.flows)
        for number, (natural, index) in enumerate(flowing):
            widths[index] = min(natural, max(LEAST, left // (len(flowing) - number)))
            left -= widths[index]
        yield from _side_by_side([f"[bold]{column.name}[/]" for column in columns], columns, widths)
        for cells in zip(*(column.cells for column in columns), strict=True):
            yield from _side_by_side(cells, columns, widths)


@dataclass(frozen=True)
class Fields(Content):
    """Labels, ``label`` wide at least, each with a text beside it, or with several, one below the other."""

    rows: tuple[tuple[str, str | Sequence[str]], ...]
    label: int = 0

    def lines(self, width: int) -> Iterator[Text]:
        """Text beside its label; what is empty is left out."""
        rows = [(name, [texts] if isinstance(texts, str) else texts) for name, texts in self.rows if texts]
        first = max(self.label, *(len(name) for name, _ in rows), 0)
        left = max(LEAST, _broad(width) - first - GAP)
        for name, lines in rows:
            hanging = "  " if len(lines) > 1 else ""
            for index, line in enumerate(lines):
                label = "" if index else f"[bold]{name}[/]"
                for number, part in enumerate(_wrapped(line, left - len(hanging))):
                    lead = Text.from_markup(label if number == 0 else "")
                    lead.pad_right(first + GAP - lead.cell_len)
                    yield lead.append(hanging if number else "").append_text(part)


@dataclass(frozen=True)
class Paragraph(Content):
    """A text whose lines are wrapped between words, each continued at its own indentation."""

    text: str

    def lines(self, width: int) -> Iterator[Text]:
        """The lines of the text, wrapped."""
        for line in self.text.split("\n"):
            body = line.lstrip(" ")
            indent = len(line) - len(body)
            for part in _wrapped(body, _broad(width) - indent):
                yield Text(" " * indent).append_text(part)


@dataclass(frozen=True)
class Matrix(Content):
    """The entries of a matrix; where they don't fit, the leading ones and dots."""

    values: NDArray[np.float64]
    digits: int = 3

    def lines(self, width: int) -> Iterator[Text]:
        """Its rows."""
        d = len(self.values)
        cells = [[f"{value:.{self.digits}g}" for value in row] for row in self.values + 0.0]
        widest = max(len(cell) for row in cells for cell in row)
        fitting = max(1, (min(width, MOST_ENTRIES * (widest + GAP)) + GAP) // (widest + GAP))
        kept = d if d <= fitting else max(1, fitting - 1)
        for row in cells[:kept]:
            yield Text("  ".join(cell.rjust(widest) for cell in row[:kept]) + "  ..." * (kept < d))
        if kept < d:
            yield Text(f"{'...'.rjust(widest)}  ({d} x {d})")


MOST_ENTRIES = 16
"""Largest dimension of a matrix that is shown in full."""


def _broad(width: int) -> int:
    """Width of a paragraph."""
    return width if width == UNLIMITED else min(width, BROAD)


def _needed(columns: Sequence[Column]) -> int:
    """The least width of a table."""
    widths = (min(column.width, LEAST) if column.flows else column.width for column in columns)
    return sum(widths) + GAP * (len(columns) - 1)


def _side_by_side(cells: Sequence[str], columns: Sequence[Column], widths: Sequence[int]) -> Iterator[Text]:
    """The lines of one row, without spaces at their ends."""
    parts = [
        _wrapped(cell, width) if column.flows else [_text(cell)]
        for cell, column, width in zip(cells, columns, widths, strict=True)
    ]
    for at in range(max(map(len, parts))):
        line, place = Text(), 0
        for part, column, width in zip(parts, columns, widths, strict=True):
            piece = part[at] if at < len(part) else Text()
            if piece.plain:
                lead = place + (width - piece.cell_len if column.right else 0)
                line.append(" " * (lead - line.cell_len)).append_text(piece)
            place += width + GAP
        yield line


def literal(text: str) -> str:
    """A text of others as markup, on one line: spaces for line ends, and ? for what can't be printed."""
    kept = (" " if character.isspace() and character != JOINT else character for character in text)
    return escape("".join(character if character.isprintable() or character == JOINT else "?" for character in kept))


def _text(markup: str) -> Text:
    text = markup.replace(JOINT, " ")
    return Text.from_markup(text) if "[" in text else Text(text)


def _wrapped(markup: str, width: int) -> list[Text]:
    """A text in lines that end between words."""
    cuts = [0]
    for word in re.finditer(r"[^ ]+", Text.from_markup(markup).plain):
        if word.end() - cuts[-1] > width and word.start() > cuts[-1]:
            cuts.append(word.start())
    lines = list(_text(markup).divide(cuts[1:]))
    for line in lines:
        line.rstrip()
    return lines
