"""Shows runs by two columns: colour tells a value, and how much of a cell has it, how many reached the tolerance."""

import math
import textwrap
from bisect import bisect_right
from collections.abc import Sequence
from itertools import pairwise

from catalog.app.figures import drawing
from catalog.app.figures.drawing import GRID, MUTED, VERMILLION, Spec, printable
from catalog.app.tables import counted, rounded
from catalog.sweeps.maps import VALUES, Entry, Map
from catalog.sweeps.selection import labels

SHADES = ("#fde725", "#a0da39", "#4ac16d", "#1fa187", "#277f8e", "#365c8d", "#46327e")
"""Viridis, from what is better, light, to what is worse, dark: without its darkest part, which a dark page swallows."""

FAILED, REFUSED = VERMILLION, GRID
FAILED_WORDS, REFUSED_WORDS = "not reached", "can't be run"

WIDE = 0.5
"""Pixels that a cell leaves free on each side."""

LOG = 8.0
"""Classes are logarithmic where the largest value is at least so many times the least."""

SHARES = {
    "0%": math.ulp(0.0),
    "above 0%, below 25%": 0.25,
    "25% to below 50%": 0.5,
    "50% to below 75%": 0.75,
    "75% to below 100%": 1.0,
    "100%": math.inf,
}
"""Classes of shares, with what all in them is below: none and all have one each."""

LETTER = 7
"""Pixels of a broad letter of a label."""

WIDEST = 480
"""Pixels of a map of few columns, at most."""

NARROW = 270
"""Pixels beside an axis that a telephone shows, in which the legend, above the map, is seen whole."""

SYMBOL = 36
"""Pixels of a class's square in the legend, with what is free beside it."""

MOST_LABELS = 13
"""Values that an axis names."""


def title(found: Map) -> str:
    """What the figure is."""
    return f"{found.value} by {found.x} and {found.y}".replace("_", " ")


def described(found: Map) -> str:
    """What one sees, in words."""
    values = [entry.value for entry in found.entries.values() if entry.value is not None]
    ends = f"from {rounded(min(values))} to {rounded(max(values))}" if values else "none"
    none = sum(entry.runs > 0 == entry.converged for entry in found.entries.values())
    failed = f"; in {counted(none, 'cell')} no run did" if none else ""
    refused = f"; {counted(found.refused, 'run')} can't be made" if found.refused else ""
    return (
        f"{found.taken}, {ends}. {found.converged:,} of {counted(found.runs, 'run')} reached the tolerance"
        f"{failed}{refused}"
    )


def subtitle(found: Map, where: Sequence[str]) -> list[str]:
    """Of which runs the figure is, and what is taken of those in a cell: lines."""
    over = ", ".join(f"{name} ({count} values)" for name, count in found.over.items())
    taken = found.taken.removeprefix(VALUES[found.value].meaning).removeprefix(": ")
    texts = [taken or (f"of all runs, over {over}" if over else ""), f"where {', '.join(where)}" if where else ""]
    return [line for text in texts if text for line in _lines(printable(text), WIDEST)]


def drawn(found: Map, image: str, where: Sequence[str] = ()) -> str | bytes:
    """The figure as ``".png"``, or as ``".svg"`` that is light or dark as its viewer is.

    Parameters
    ----------
    found : Map
    image : str
    where : sequence of str
        What picked the runs, for the subtitle.
    """
    lines = subtitle(found, where)
    heading = {"text": printable(title(found)), "subtitle": lines, "subtitleColor": MUTED, "subtitlePadding": 4}
    whole = {**spec(found), "title": heading if lines else heading["text"]}
    if image == ".png":
        return drawing.png(whole)
    picked = f". Where {', '.join(where)}" if where else ""
    return drawing.adapting(drawing.svg(whole, title(found), described(found) + picked))


def spec(found: Map, inner: Sequence[float] = ()) -> Spec:
    """The specification; ``inner`` are the values between classes, at most six, where they are to be given ones."""
    columns, rows = len(found.across), len(found.down)
    width, height = (size * min(max(most // size, 6), 48) for size, most in ((columns, WIDEST), (rows, 340)))
    edges, names = _classes(found, inner)
    rects = [
        rect
        for j, y in enumerate(found.down)
        for i, x in enumerate(found.across)
        if (x, y) in found.entries
        for rect in _rects(found, found.entries[x, y], (i, j), (width / columns, height / rows), edges, names)
    ]
    extra = {FAILED_WORDS: FAILED, REFUSED_WORDS: REFUSED}
    seen = {rect["class"] for rect in rects}
    shades = dict(zip(names, _shades(len(names), VALUES[found.value].rising), strict=True))
    shades |= {name: color for name, color in extra.items() if name in seen}
    x, y = _axis(found.x, found.across), _axis(found.y, found.down)
    y["axis"]["minExtent"] = LETTER * max(map(len, labels(found.down)))  # where letters are broad
    fill = {
        "field": "class",
        "type": "nominal",
        "scale": {"domain": list(shades), "range": list(shades.values())},
        "legend": {
            "title": _lines(VALUES[found.value].meaning, NARROW),
            "titleLimit": NARROW,
            "orient": "top",
            "columns": max(NARROW // (LETTER * max(map(len, shades)) + SYMBOL), 1),
            "columnPadding": 24,  # for letters broader than those it is laid out by
            "symbolType": "square",
            "symbolSize": 140,
        },
    }
    return {
        "width": width,
        "height": height,
        "data": {"values": rects},
        "mark": {"type": "rect"},
        "encoding": {
            "x": {"field": "x", **x},
            "x2": {"field": "x2"},
            "y": {"field": "y", **y},
            "y2": {"field": "y2"},
            "fill": fill,
        },
    }


def _rects(
    found: Map,
    entry: Entry,
    place: tuple[int, int],
    size: tuple[float, float],
    edges: Sequence[float],
    names: Sequence[str],
) -> list[Spec]:
    """The cell in the colour of failure where runs failed, and on it a part as large as the share that did not."""
    whole = REFUSED_WORDS if not entry.runs else FAILED_WORDS
    if entry.value is None:
        return [_rect(place, size, 1.0, whole)]
    name = names[bisect_right(edges[1:-1], entry.value)]
    if not VALUES[found.value].converged or entry.converged == entry.runs:
        return [_rect(place, size, 1.0, name)]
    return [_rect(place, size, 1.0, whole), _rect(place, size, math.sqrt(entry.success), name)]


def _rect(place: tuple[int, int], size: tuple[float, float], share: float, name: str) -> Spec:
    """A rectangle in the middle of a cell, with a share of its sides."""
    ends = []
    for at, pixels in zip(place, size, strict=True):
        half = share * (0.5 - WIDE / pixels)
        ends += [round(at + 0.5 - half, 4), round(at + 0.5 + half, 4)]
    return {"x": ends[0], "x2": ends[1], "y": ends[2], "y2": ends[3], "class": name}


def _classes(found: Map, inner: Sequence[float]) -> tuple[list[float], list[str]]:
    """The ends of classes, the values between them as given, and what they hold."""
    if found.value == "success":
        return [0.0, *SHARES.values()], list(SHARES)
    values = [entry.value for entry in found.entries.values() if entry.value is not None]
    if not values:
        return [], []
    edges = [-math.inf, *inner, math.inf] if inner else class_edges(values)
    return edges, class_names(edges)


def class_edges(values: Sequence[float]) -> list[float]:
    """The ends of at most seven classes that hold all values, of which there is one; inner ends with two digits."""
    finite = sorted(value for value in values if math.isfinite(value)) or [math.inf]
    low, high = finite[0], finite[-1]
    positive = [value for value in finite if value > 0]
    if low >= 0 and positive and high / positive[0] >= LOG:
        inner = [positive[0] * (high / positive[0]) ** (k / len(SHADES)) for k in range(1, len(SHADES))]
    else:
        inner = [low + (high - low) * k / len(SHADES) for k in range(1, len(SHADES))]
    rounded = sorted({float(f"{edge:.2g}") for edge in inner})
    return [low, *(edge for edge in rounded if low < edge <= high), max(values)]


def class_names(edges: Sequence[float]) -> list[str]:
    """What the classes hold: each its lower end."""
    inner = edges[1:-1]
    if not inner:
        return [rounded(edges[0]) if edges[0] == edges[-1] else f"{rounded(edges[0])} to {rounded(edges[-1])}"]
    between = [f"{rounded(low)} to {rounded(high)}" for low, high in pairwise(inner)]
    return [f"below {rounded(inner[0])}", *between, f"{rounded(inner[-1])} and more"]


def _shades(count: int, rising: bool) -> list[str]:
    """So many of the shades, as far apart as possible, lighter for what is better."""
    last = len(SHADES) - 1
    found = [SHADES[round(k * last / max(count - 1, 1))] for k in range(count)]
    return found[::-1] if rising else found


def _axis(name: str, values: Sequence[object]) -> Spec:
    """An axis on which each value has a unit, with as many of them named as fit."""
    every = -(-len(values) // MOST_LABELS)
    texts = [
        printable(text).replace("\\", "/").replace("'", "\N{RIGHT SINGLE QUOTATION MARK}") for text in labels(values)
    ]
    return {
        "type": "quantitative",
        "scale": {"domain": [0, len(values)], "nice": False, "zero": False},
        "axis": {
            "title": printable(name.replace("_", " ")),
            "grid": False,
            "values": [place + 0.5 for place in range(0, len(values), every)],
            "labelExpr": f"{texts!r}[floor(datum.value)]",
            "labelLimit": 160,
            "labelOverlap": False,
        },
    }


def _lines(text: str, pixels: int) -> list[str]:
    """A text in lines of so many pixels, where words allow it."""
    return textwrap.wrap(text, pixels // LETTER, break_long_words=False, break_on_hyphens=False)
