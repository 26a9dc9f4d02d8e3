"""Typesets formulas as MathML, and statements and proofs as HTML with formulas in them; pages need no script."""

import re
from functools import lru_cache
from html import escape

from catalog.app.formulas import latex

BREAK = "<wbr>"
NAMESPACE = ' xmlns="http://www.w3.org/1998/Math/MathML"'
"""What HTML does without."""


@lru_cache(maxsize=2048)
def typeset(written: str, as_block: bool = False) -> str:
    """LaTeX as MathML, with a close solidus, and bars and angles as high as a letter where there is no fraction."""
    from docutils.utils.math.latex2mathml import tex2mathml

    made = re.sub(r">\s+<", "><", tex2mathml(written, as_block=as_block).strip())
    made = re.sub(r"<mo[^>]*>/</mo>", '<mo lspace="0" rspace="0">/</mo>', made.replace(NAMESPACE, ""))
    return made if "<mfrac" in made else re.sub(r"<mo[^>]*>([|⟨⟩])</mo>", r'<mo stretchy="false">\1</mo>', made)


def within_line(text: str) -> str:
    """Prose as docstrings write it as HTML: formulas typeset, a line may break behind their relations."""

    def formula(written: str) -> str:
        return BREAK.join(typeset(piece) for piece in latex.pieces(written, flat=True))

    return re.sub(r"``([^`]+)``|`([^`]+)`", _code, _marked(text, formula))


def paragraphs(text: str) -> str:
    """Paragraphs of a docstring as HTML; what is indented is a formula of its own, what has a bullet a list."""
    blocks = [_block(part) for part in re.split(r"\n\s*\n", text.strip("\n")) if part.strip()]
    return "\n".join(blocks)


def _block(part: str) -> str:
    if part.startswith("    "):

        def formula(written: str) -> str:
            return BREAK.join(typeset(piece) for piece in latex.pieces(written))

        return f'<p class="formula">{re.sub(r"``([^`]+)``|`([^`]+)`", _code, _marked(part.strip(), formula))}</p>'
    if part.lstrip().startswith("* "):
        items = re.split(r"(?m)^\s*\* ", part)[1:]
        return f"<ul>{''.join(f'<li>{within_line(item)}</li>' for item in items)}</ul>"
    return f"<p>{within_line(part)}</p>"


def _marked(text: str, formula: latex.Mark) -> str:
    """Text with its formulas typeset and all else escaped."""
    pieces: list[str] = []

    def mark(written: str) -> str:
        pieces.append(formula(written))
        return f"\0{len(pieces) - 1}\0"

    # what is no formula between backquotes stays as it is: so nothing is escaped before all is marked
    marked = escape(latex.marked(text, mark, _plain), quote=False)
    return re.sub(r"\0(\d+)\0([,.;:)]*)", lambda found: _joined(pieces[int(found[1])], found[2]), marked)


def _plain(part: str) -> str:
    return part.replace("<=", "≤").replace(">=", "≥").replace("!=", "≠")


def _joined(formula: str, behind: str) -> str:
    """The end of a formula with the punctuation that stays on its line."""
    if not behind:
        return formula
    before, wbr, last = formula.rpartition(BREAK)
    return f'{before}{wbr}<span class="joined">{last}{behind}</span>'


def _code(found: re.Match[str]) -> str:
    return f"<code>{found[1] or found[2]}</code>"
