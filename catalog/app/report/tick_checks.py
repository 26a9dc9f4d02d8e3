"""The ratios of every claim, with what each tick stands for."""

from collections.abc import Sequence
from dataclasses import dataclass

from catalog.app.figures import drawing, ratios
from catalog.app.validate import Record


@dataclass(frozen=True)
class Strip:
    """The figure; and for each tick, in the order drawn, its claim's name and the places of its checks among these."""

    drawn: str
    ticks: list[tuple[str, list[int]]]


def strip(records: Sequence[Record]) -> Strip:
    """Draw all claims, also those that bound rounding."""
    rows = ratios.rows(records, rounding_too=True)
    found: dict[tuple[str, float], list[int]] = {}
    counts: dict[str, int] = {}
    for record in records:
        place = counts[record.name] = counts.get(record.name, -1) + 1
        at = ratios.drawn_at(record)
        if at is not None:
            found.setdefault((record.name, at), []).append(place)
    ticks = [(row.name, found[row.name, ratio]) for row in rows for ratio in row.ratios]
    described = ratios.described([row for row in rows if not row.kind.bounds_rounding])
    return Strip(drawing.svg(ratios.spec(rows), "Ratios of every claim", described), ticks)
