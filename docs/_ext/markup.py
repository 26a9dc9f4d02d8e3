"""Pieces of reStructuredText: titles, lists, and docstrings with their formulas typeset and claims linked."""

import re
from collections.abc import Iterable

from catalog import registry
from catalog.app.formulas import latex

NO_BREAK = "\N{WORD JOINER}"
INLINE = r"\ :f:`{}`\ ".format
DISPLAYED = r"\ :display:`{}`\ ".format
"""Formulas within a line, and in an indented line of formulas."""


def short(origin: str) -> str:
    """The last part of a module's name."""
    return origin.rpartition(".")[2]


def heading(text: str, line: str = "=") -> str:
    """A title, underlined."""
    return f"{text}\n{line * max(len(text), 4)}\n"


def typeset(text: str, escaped: bool = True) -> str:
    """Text whose formulas are typeset and whose names of claims are links; as plain text, or as RST unless escaped."""
    names = "|".join(map(re.escape, registry.all_claims()))
    modules = "|".join({short(claim.origin) for claim in registry.all_claims().values()})

    def plain(part: str) -> str:
        shown = part.replace("<=", "≤").replace(">=", "≥")
        return re.sub(r"([\\*`_|])", r"\\\1", shown) if escaped else shown

    marked = "".join(
        latex.marked(part, DISPLAYED if part.startswith("    ") else INLINE, plain)
        for part in re.split(r"(\n\n+)", text)
    )
    marked = re.sub(r"(?<=:`)([^`]+)`(?:\\ )?([,.;:)]+)", rf"\1{NO_BREAK}\2`\\ ", marked)
    marked = re.sub(r"(^|\s)\\ (?=:)|(?<=`)\\ (?=\s|$)", r"\1", marked)
    marked = re.sub(rf"(?<!`)`({modules})`(?!`)", r":ref:`module-\1`", marked)
    return re.sub(rf"(?<![\w/-])({names})(?![\w-])", r":ref:`\1 <claim-\1>`", marked)


def listing(rows: Iterable[tuple[str, str]]) -> str:
    """A field list."""
    return "".join(f":{name}: {text}\n" for name, text in rows if text) + "\n"


def bullets(items: Iterable[str]) -> str:
    """A list as the body of a field."""
    return "".join(f"\n   * {item}" for item in items)
