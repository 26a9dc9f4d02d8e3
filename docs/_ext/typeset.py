"""Typesets formulas as MathML, so that pages need no script, and sees that built pages ask nothing of the network."""

import inspect
import pydoc
import re
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

import ziamath
from docutils import nodes
from docutils.utils import get_source_line
from fontTools import subset
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.util import logging

from catalog.app.formulas import latex, mathml
from markup import NO_BREAK

BREAK = "\N{ZERO WIDTH SPACE}"
OUTSIDE = re.compile(
    r"<(?:script|link|img|iframe|source)\b[^>]*(?:src|href)=[\"']?(?:https?:)?//"
    r"|(?:url\(|@import)[\s\"']*(?:https?:)?//"
)
FONT = Path(ziamath.__file__).parent / "fonts" / "STIXTwoMath-Regular.ttf"
CHARACTERS = [(0x20, 0x100), (0x391, 0x3F6), (0x2010, 0x2070), (0x2190, 0x2300), (0x27E6, 0x27EC)]
CHARACTERS += [(0x210E, 0x210F), (0x1D434, 0x1D468), (0x1D6E2, 0x1D71C)]
"""Ranges of code points: Latin, Greek, primes, arrows and operators, brackets; italic letters."""


def setup(app: Sphinx) -> dict[str, Any]:
    """Add the role ``f`` for formulas of docstrings, MathML, and the checks."""
    app.add_role("f", formula)
    app.add_role("display", formula)
    app.add_html_math_renderer("mathml", (show_inline, None), (show_block, None))
    app.connect("missing-reference", inside)
    app.connect("build-finished", write_font)
    app.connect("build-finished", check_requests)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def formula(
    name: str,
    rawtext: str,
    text: str,
    lineno: int,
    inliner: Any,
    options: Any = None,
    content: Sequence[str] = (),
) -> tuple[list[nodes.Node], list[nodes.system_message]]:
    """Roles ``f`` and ``display``: a formula as docstrings write it. A line may break behind its relations.

    What follows a word joiner is punctuation that stays on the line.
    """
    try:
        written, _, behind = nodes.unescape(text).partition(NO_BREAK)
        *before, last = (nodes.math(piece, piece) for piece in latex.pieces(written, flat=name == "f"))
        joined = nodes.inline("", "", last, nodes.Text(behind), classes=["joined"])
        return [node for piece in before for node in (piece, nodes.Text(BREAK))] + [joined], []
    except latex.NotAFormulaError as error:
        message = inliner.reporter.error(f"no formula: {error}", line=lineno)
        return [inliner.problematic(rawtext, rawtext, message)], [message]


def show_inline(translator: Any, node: nodes.math) -> None:
    """Write a formula into a line."""
    translator.body.append(mathml.typeset(node.astext()))
    raise nodes.SkipNode


def show_block(translator: Any, node: nodes.math_block) -> None:
    """Write a formula of its own."""
    translator.body.append(f'<div class="formula">{mathml.typeset(node.astext(), as_block=True)}</div>')
    raise nodes.SkipNode


def inside(app: Sphinx, env: Any, node: pending_xref, contnode: nodes.Element) -> nodes.Element | None:
    """What exists but has no page stays plain, parameters too; only the name of nothing is a broken reference."""
    name = node["reftarget"].lstrip("~").lstrip(".")
    documented = re.search(r"docstring of (\S+)", str(get_source_line(node)[0]))
    context = documented[1] if documented else node.get("py:module") or ""
    scopes = ["", *(context.rsplit(".", count)[0] + "." for count in range(context.count(".") + 1))]
    if any(exists(scope + name) for scope in scopes) or name in parameters(context):
        return contnode
    return None


def parameters(name: str) -> Collection[str]:
    """Names of a function's parameters."""
    found = located(name)
    return inspect.signature(found).parameters if callable(found) else ()


def exists(name: str) -> bool:
    """Whether a dotted name is an object of the packages, or a field of a class of theirs."""
    owner, _, field = name.rpartition(".")
    return located(name) is not None or field in getattr(located(owner), "__annotations__", {})


def located(name: str) -> Any:
    """The object of a dotted name in the packages, or None."""
    return pydoc.locate(name) if name.split(".")[0] in ("dlr", "catalog") else None


def check_requests(app: Sphinx, exception: Exception | None) -> None:
    """Warn of every script, style, font or image that a page would load from the network."""
    if exception is None and app.builder.format == "html":
        for page in sorted(Path(app.outdir).rglob("*")):
            if page.suffix in (".html", ".css") and (match := OUTSIDE.search(page.read_text(encoding="utf-8"))):
                logging.getLogger(__name__).warning("%s asks the network: %s", page, match[0])


def write_font(app: Sphinx, exception: Exception | None) -> None:
    """Put the letters and signs that formulas use, of the mathematical font STIX Two, beside the style."""
    if exception is None and app.builder.format == "html":
        options = subset.Options(flavor="woff", layout_features=["*"])
        font = subset.load_font(str(FONT), options)
        subsetter = subset.Subsetter(options)
        subsetter.populate(unicodes=[code for first, last in CHARACTERS for code in range(first, last)])
        subsetter.subset(font)
        subset.save_font(font, str(Path(app.outdir) / "_static" / "math.woff"), options)
