"""Draws Vega-Lite specifications as SVG with real text, or as PNG, without a browser or a network."""

import re
from html import escape
from pathlib import Path
from typing import Any, TypeAlias

from catalog.extras import require
from dlr.arguments import InputError, brief

Spec: TypeAlias = dict[str, Any]
"""A Vega-Lite specification, or a part of one."""

BLUE, ORANGE, GREEN, VERMILLION, PURPLE, SKY = "#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7", "#56B4E9"
"""Colours of Okabe and Ito, which people who see fewer colours tell apart."""

INK, MUTED, GRID = "#1f2328", "#59636e", "#d1d9e0"
"""Colours of text, of lesser text and of lines, on a light background."""

ON_DARK = {INK: "#f0f6fc", MUTED: "#a5afba", GRID: "#3d444d", BLUE: SKY}
"""What takes their place on a dark one."""

ADAPTING = "@media (prefers-color-scheme: dark) {{ {} }}".format(
    " ".join(
        f'svg [{attribute}="{light}"] {{ {attribute}: {dark} }}'
        for light, dark in ON_DARK.items()
        for attribute in ("fill", "stroke")
    )
)
"""Style by which a figure is light or dark as its viewer is."""

FONT = "system-ui, -apple-system, 'Segoe UI', 'Helvetica Neue', Arial, sans-serif"
VERSION = "5.20"
PIXELS = 2.0
"""Pixels of a PNG for each unit of length."""

LOOK: Spec = {
    "font": FONT,
    "padding": {"left": 5, "right": 16, "top": 5, "bottom": 5},
    "view": {"stroke": None},
    "title": {"color": INK, "fontSize": 13, "fontWeight": 600, "anchor": "start", "offset": 12},
    "axis": {
        "labelColor": MUTED,
        "labelFontSize": 11,
        "titleColor": INK,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
        "titlePadding": 8,
        "gridColor": GRID,
        "domainColor": GRID,
        "tickColor": GRID,
    },
    "legend": {
        "labelColor": MUTED,
        "labelFontSize": 11,
        "titleColor": INK,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
        "symbolStrokeWidth": 0,
    },
    "text": {"color": INK, "fontSize": 11},
}


def require_library() -> None:
    """Raise before the work starts where the library that draws is missing.

    Raises
    ------
    InputError
        If vl-convert is not installed.
    """
    require("plot", "plot", "vl_convert")


def format_of(name: str) -> str:
    """``".svg"`` or ``".png"``, as the name of the file ends; what has no ending, such as a device, takes an SVG.

    Raises
    ------
    InputError
        If the file ends otherwise.
    """
    ending = Path(name).suffix.lower() or ".svg"
    if ending not in (".svg", ".png"):
        raise InputError(f"plot must end in .svg or .png, got {brief(name)}")
    return ending


def svg(spec: Spec, title: str, description: str) -> str:
    """The specification as SVG text on a transparent background, with a text alternative.

    Parameters
    ----------
    spec : dict
        Without a configuration, which is the same for all figures.
    title, description : str
        What the figure is, and what one sees in it, for those who don't see it.

    Raises
    ------
    InputError
        If vl-convert is not installed.
    """
    require_library()
    import vl_convert

    drawn: str = vl_convert.vegalite_to_svg({**spec, "config": LOOK, "background": None}, vl_version=VERSION)
    # one image with one alternative, in place of a role and a label on each of its parts
    drawn = re.sub(r' (?:role|aria-[a-z]+|pointer-events)="[^"]*"', "", drawn)
    drawn = re.sub(r'<path class="(?:background|foreground)" d="[^"]*"(?: display="none")?/>', "", drawn)
    drawn = re.sub(r' (?:d|transform)="[^"]*"', lambda place: re.sub(r"(\.\d\d)\d+", r"\1", place[0]), drawn)
    head, _, rest = drawn.partition(">")
    head = re.sub(r' (?:class|version|xmlns:xlink)="[^"]*"', "", head)
    names = f"<title>{_shown(title)}</title><desc>{_shown(description)}</desc>"
    return f'{head} role="img" aria-label="{_shown(f"{title}. {description}")}">{names}{rest}'


def on_dark(drawn: str) -> str:
    """An SVG for a dark background."""
    for light, dark in ON_DARK.items():
        drawn = drawn.replace(light, dark)
    return drawn


def adapting(drawn: str) -> str:
    """An SVG, light or dark as its viewer is."""
    head, title, rest = drawn.partition("<title>")
    return f"{head}<style>{ADAPTING}</style>{title}{rest}"


def png(spec: Spec) -> bytes:
    """The specification as PNG, on white, where it can be read.

    Raises
    ------
    InputError
        If vl-convert is not installed.
    """
    require_library()
    import vl_convert

    white = {**spec, "config": LOOK, "background": "white"}
    drawn: bytes = vl_convert.vegalite_to_png(white, vl_version=VERSION, scale=PIXELS)
    return drawn


def printable(text: str) -> str:
    """A text, such as the name of a file, without what can't be shown."""
    return "".join(character if character.isprintable() else "?" for character in text)


def short(value: float) -> str:
    """A power of ten or another plain number: 1e-9."""
    return f"{value:g}".replace("e-0", "e-").replace("e+0", "e")


def _shown(text: str) -> str:
    return escape(printable(text))
