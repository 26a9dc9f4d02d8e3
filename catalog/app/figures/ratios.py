"""How near each claim comes to its bound: one row a claim, one tick a check, where observed equals the bound at 1."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from catalog.app.figures.drawing import BLUE, GREEN, INK, MUTED, ORANGE, PURPLE, VERMILLION, Spec
from catalog.app.validate import Record
from catalog.claim import Kind

KIND_COLORS = {
    Kind.UPPER_BOUND: BLUE,
    Kind.LOWER_BOUND: VERMILLION,
    Kind.INVARIANT: GREEN,
    Kind.IDENTITY: ORANGE,
    Kind.CONJECTURE: PURPLE,
}

LEAST, MOST = 1e-3, 1e3
"""Ratios drawn at the edges stand for those beyond, too."""

ROW, TICK = 17, 11


@dataclass(frozen=True)
class Row:
    """One claim.

    Attributes
    ----------
    claim, name : str
    kind : Kind
    ratios : tuple of float
        Observed / bound, two digits each, every value once, from least to largest.
    """

    claim: str
    name: str
    kind: Kind
    ratios: tuple[float, ...]


def drawn_at(record: Record) -> float | None:
    """The ratio of a check as it is drawn, with two digits; None where it has none."""
    return None if record.ratio is None or math.isnan(record.ratio) else float(f"{record.ratio:.2g}")


def rows(records: Iterable[Record], rounding_too: bool = False) -> list[Row]:
    """One row for each claim in the order of the records; those whose bound is one on rounding if asked for."""
    found = []
    for (claim, name, kind), group in groupby(records, key=lambda row: (row.claim, row.name, Kind(row.kind))):
        ratios = {at for record in group if (at := drawn_at(record)) is not None}
        if rounding_too or not kind.bounds_rounding:
            found.append(Row(claim, name, kind, tuple(sorted(ratios))))
    return found


def described(shown: Sequence[Row]) -> str:
    """What one sees, in words: the ratio of each claim that is nearest to a violation."""
    ratios = ", ".join(f"{row.claim} {nearest(row):g}" for row in shown if row.ratios)
    return (
        "Observed divided by the bound for every check of each claim. Upper bounds hold to the left of 1, lower bounds "
        f"to the right. Nearest to 1: {ratios}"
    )


def nearest(row: Row) -> float:
    """The ratio nearest to a violation."""
    return row.ratios[0] if row.kind is Kind.LOWER_BOUND else row.ratios[-1]


def spec(shown: Sequence[Row], width: int = 480) -> Spec:
    """The specification."""
    names = [f"{row.claim}  {row.name}" for row in shown]
    ticks = [
        {"row": name, "ratio": min(max(ratio, LEAST), MOST), "color": KIND_COLORS[row.kind]}
        for name, row in zip(names, shown, strict=True)
        for ratio in row.ratios
    ]
    kinds = [{"row": name, "kind": row.kind.value} for name, row in zip(names, shown, strict=True)]
    x = {
        "type": "quantitative",
        "scale": {"type": "log", "domain": [LEAST, MOST], "nice": False},
        "axis": {
            "title": "observed / bound: upper bounds hold left of 1, lower bounds right of it",
            "orient": "top",
            "values": [0.001, 0.01, 0.1, 1, 10, 100, 1000],
            "labelExpr": "format(datum.value, ',~r')",
        },
    }
    y = {
        "type": "nominal",
        "sort": names,
        "scale": {"domain": names},
        "axis": {
            "title": None,
            "labelLimit": 400,
            "minExtent": 250,
            "labelColor": INK,
            "ticks": False,
            "domain": False,
            "grid": True,
        },
    }
    one = {"type": "rule", "color": INK, "strokeWidth": 1.5}
    word = {"type": "text", "align": "left", "dx": 8, "fontSize": 11, "color": MUTED}
    color = {"field": "color", "type": "nominal", "scale": None, "legend": None}
    layers: list[Spec] = [
        {"data": {"values": [{}]}, "mark": one, "encoding": {"x": {"datum": 1, **x}}},
        {
            "name": "ticks",
            "data": {"values": ticks},
            "mark": {"type": "tick", "thickness": 1.5, "height": TICK, "opacity": 0.75, "orient": "vertical"},
            "encoding": {"x": {"field": "ratio", **x}, "y": {"field": "row", **y}, "color": color},
        },
        {
            "data": {"values": kinds},
            "mark": word,
            "encoding": {
                "x": {"value": width},
                "y": {"field": "row", **y},
                "text": {"field": "kind"},
            },
        },
    ]
    return {"width": width, "height": ROW * len(shown), "layer": layers}
