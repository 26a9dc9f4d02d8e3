r"""Turn the formulas of docstrings into LaTeX: ``eta <= 1 / (L b^{2 - 2/L})``, ``\eta \le \frac{1}{L b^{2 - 2/L}}``.

Docstrings are read in terminals too, so their formulas are plain text. A slash with spaces around it makes a fraction,
one without stays a slash. Names of Greek letters and functions become symbols, other long words stay words.
"""

import re
from collections.abc import Callable
from typing import TypeAlias

from catalog.app.formulas.parser import NotAFormulaError, Parser

__all__ = ["Mark", "NotAFormulaError", "marked", "pieces"]

Mark: TypeAlias = Callable[[str], str]
"""What becomes of a formula."""


def pieces(formula: str, flat: bool = False) -> list[str]:
    """A formula as LaTeX, in pieces between which a line may break: behind relations and commas.

    Parameters
    ----------
    formula : str
    flat : bool
        Whether to write every fraction with a slash, as within a line.

    Raises
    ------
    NotAFormulaError
        If it can't be read.
    """
    parser = Parser(" ".join(formula.split()), flat)
    found: list[str] = []
    while True:
        parser.space()
        found += [part for piece in parser.relations() for part in _parts(piece)]
        if parser.text not in (",", ";", ":"):
            break
        found[-1] += parser.text
        parser.at += 1
    if parser.kind != "end" or re.fullmatch(r"\\text\{\w+\}", found[0]):
        raise NotAFormulaError(f"{formula!r} can't be read from {formula[parser.position :]!r} on")
    return found


def _parts(latex: str) -> list[str]:
    """A piece cut behind the commas that no group holds together, as in a minimum of several terms."""
    found, depth = [""], 0
    for part in re.split(r"(\\left\b|\\right\b|[{}]|(?<!\\), )", latex):
        depth += {"{": 1, r"\left": 1, "}": -1, r"\right": -1}.get(part, 0)
        found[-1] += part.rstrip() if part == ", " and depth == 0 else part
        if part == ", " and depth == 0:
            found.append("")
    return found


def marked(text: str, mark: Callable[[str], str], plain: Callable[[str], str]) -> str:
    """Prose with ``mark`` applied to every formula, between double backquotes or bare, and ``plain`` to what is left.

    What is between backquotes and no formula stays as it is, backquotes included.
    """
    return "".join(
        _marked_literal(part, mark) if part.startswith("`") else _marked_prose(part, mark, plain)
        for part in re.split(r"(``[^`]+``|`[^`]+`_*)", text)
    )


def _marked_literal(literal: str, mark: Callable[[str], str]) -> str:
    formula = " ".join(literal.strip("`").split())
    try:
        pieces(formula)
    except NotAFormulaError:
        return literal
    return mark(formula) if literal.startswith("``") else literal


def _marked_prose(text: str, mark: Callable[[str], str], plain: Callable[[str], str]) -> str:
    parser, result = Parser(text, flat=True, prose=True), ""
    while parser.kind != "end":
        start, parser.symbols = parser.position, set()
        if parser.attempt(lambda: " ".join(parser.relations())) is not None and parser.symbols:
            result += mark(" ".join(text[start : parser.position].split()))
        else:
            parser.at = parser.index_at(start) + 1
            result += plain(text[start : parser.position])
    return result
