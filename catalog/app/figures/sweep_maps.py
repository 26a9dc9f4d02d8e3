"""Maps of the specs that come with the package, as they were measured, and what is seen in them.

They are on record in ``catalog/measured.json``: ``python -m catalog.app.remeasure`` makes the sweeps and writes it.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from catalog.app.figures import captions, drawing, heat_map
from catalog.sweeps.maps import Entry, Map
from catalog.sweeps.spec_file import content_of, spec_of

FILE = Path(__file__).parents[2] / "measured.json"

DIGITS = 6
"""Significant digits that are recorded."""


@dataclass(frozen=True)
class Figure:
    """A map of a sweep.

    Attributes
    ----------
    name, title : str
    spec : str
        Name of the shipped spec.
    x, y : str
    told : callable
        From the map to what is seen in it, with the claims it is about.
    value, take : str
        As in `catalog.sweeps.maps.map_of`.
    where : tuple of str
        Runs that are shown, as ``dlr sweep show --where`` picks them.
    inner : tuple of float
        Values between the classes.
    rounded : bool
        Whether rounding decides the values, which then are others on another processor.
    """

    name: str
    title: str
    spec: str
    x: str
    y: str
    told: Callable[[Map], str]
    value: str = "steps"
    take: str = "median"
    where: tuple[str, ...] = ()
    inner: tuple[float, ...] = ()
    rounded: bool = False

    @property
    def command(self) -> str:
        """What shows it again, in a store of the spec."""
        words = ["dlr sweep show", f"{self.spec}.sqlite", f"--x {self.x} --y {self.y} --value {self.value}"]
        words += [f"--take {self.take}"] * (self.take != "median")
        return " ".join([*words, *(f"--where '{one}'" for one in self.where)])

    def drawn(self, found: Map) -> str:
        """The figure, for a light background."""
        return drawing.svg(heat_map.spec(found, self.inner), self.title, heat_map.described(found))


RATES = (0.1, 0.2, 0.4, 0.6, 0.73, 1.0)
ESCAPES = (300.0, 450.0, 600.0, 900.0, 1200.0, 1500.0)

FIGURES = (
    Figure(
        "near-identity-worst",
        "The rate near the identity, in the worst direction known",
        spec="near-identity-worst",
        x="depth",
        y="outlier",
        value="rate",
        take="least",
        where=("step_rule=0.1 default",),
        told=captions.worst_direction,
        inner=RATES,
    ),
    Figure(
        "near-identity-random",
        "The rate near the identity, in random directions",
        spec="near-identity-random",
        x="depth",
        y="distance",
        value="rate",
        take="least",
        where=("step_rule=0.1 default",),
        told=captions.random_directions,
        inner=RATES,
    ),
    Figure(
        "saddle-escape",
        "Steps to leave a saddle, in double precision",
        spec="saddle-escape",
        x="depth",
        y="dimension",
        where=("engine=reference",),
        told=captions.escapes,
        inner=ESCAPES,
        rounded=True,
    ),
    Figure(
        "saddle-escape-engines",
        "Steps to leave a saddle, by engine",
        spec="saddle-escape",
        x="depth",
        y="engine",
        told=captions.precisions,
        inner=ESCAPES,
        rounded=True,
    ),
    Figure(
        "rotations",
        "Steps to a rotation, by its angle",
        spec="rotations",
        x="depth",
        y="angle",
        where=("step_rule=default",),
        told=captions.rotations,
        inner=(16.0, 20.0, 30.0, 60.0, 200.0, 1000.0),
    ),
    Figure(
        "margin-rate",
        "The rate to targets with a margin",
        spec="margin-conjecture",
        x="depth",
        y="margin",
        value="rate",
        take="least",
        where=("step_rule=default",),
        told=captions.margins,
    ),
    Figure(
        "margin-steps",
        "Steps to targets with a margin, by step size",
        spec="margin-conjecture",
        x="step_rule",
        y="skew",
        told=captions.step_sizes,
    ),
)


def digest(spec: str) -> str:
    """Of what a shipped spec says, and of the revisions of its families."""
    content = content_of(spec)
    revisions = {source.family: source.revision for source in spec_of(content).target}
    del content["title"]
    written = json.dumps([content, revisions], sort_keys=True)
    return hashlib.sha256(written.encode()).hexdigest()[:16]


def to_record(figure: Figure, found: Map) -> dict[str, Any]:
    """A map as it is recorded, one list a cell."""
    cells = [
        None if entry is None else [_rounded(entry.value), entry.runs, entry.converged, entry.refused]
        for entry in (found.entries.get((x, y)) for y in found.down for x in found.across)
    ]
    kept = ("across", "down", "over", "constant")
    return {"digest": digest(figure.spec), **{name: getattr(found, name) for name in kept}, "cells": cells}


def of_record(figure: Figure, record: Mapping[str, Any]) -> Map:
    """The map of a record."""
    places = [(x, y) for y in record["down"] for x in record["across"]]
    entries = {place: Entry(*cell) for place, cell in zip(places, record["cells"], strict=True) if cell is not None}
    across, down = tuple(record["across"]), tuple(record["down"])
    names = (figure.x, figure.y, figure.value)
    return Map(*names, across, down, entries, record["over"], record["constant"], figure.take)


def _rounded(value: float | None) -> float | None:
    return None if value is None else float(f"{value:.{DIGITS}g}")


@cache
def content() -> dict[str, dict[str, Any]]:
    """The records by the figures' names."""
    found: dict[str, dict[str, Any]] = json.loads(FILE.read_text(encoding="utf-8"))
    return found


@cache
def recorded() -> dict[str, Map]:
    """Every figure's map, by name."""
    return {figure.name: of_record(figure, content()[figure.name]) for figure in FIGURES}
