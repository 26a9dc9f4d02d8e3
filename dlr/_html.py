"""Writes small tables and curves as HTML, for notebooks: all text escaped, no script, no style but the notebook's."""

import html
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from dlr.types import Matrix

__all__: list[str] = []

MOST_ENTRIES = 10
"""Largest dimension of a matrix that is shown in full."""

POINTS, WIDTH, HEIGHT = 100, 240, 48
"""Points of a curve, and its size in pixels."""


@dataclass(frozen=True)
class Markup:
    """HTML that is not to be escaped again."""

    text: str


Shown = str | Markup


def card(title: str, rows: Iterable[tuple[str, Shown | Sequence[Shown]]]) -> str:
    """A title above a table of names and values; of several values each has a line, and empty ones are left out."""
    cells: list[tuple[str, Sequence[Shown]]] = [
        (name, [values] if isinstance(values, Shown) else values) for name, values in rows if values
    ]
    lines = (
        f'<tr><th style="text-align:left; vertical-align:top">{html.escape(name)}</th>'
        f'<td style="text-align:left">{"<br/>".join(map(written, values))}</td></tr>'
        for name, values in cells
    )
    return f"<table><caption><b>{html.escape(title)}</b></caption>{''.join(lines)}</table>"


def written(value: Shown) -> str:
    """A value as HTML."""
    return value.text if isinstance(value, Markup) else html.escape(value)


def link(address: str) -> Shown:
    """An address on the web to follow; any other text as it is."""
    if not address.startswith(("https://", "http://")):
        return address
    return Markup(f'<a href="{html.escape(address)}">{html.escape(address)}</a>')


def matrix(values: Matrix) -> Markup:
    """The entries with three digits; of a large matrix the leading ones and dots."""
    d = len(values)
    kept = d if d <= MOST_ENTRIES else MOST_ENTRIES - 1
    rows = [[f"{value + 0.0:.3g}" for value in row[:kept]] + ["..."] * (kept < d) for row in values[:kept]]
    rows += [["..."] * (kept + 1)] * (kept < d)
    lines = ("".join(f'<td style="text-align:right">{cell}</td>' for cell in row) for row in rows)
    return Markup(f"<table>{''.join(f'<tr>{line}</tr>' for line in lines)}</table>")


def curve(losses: Matrix) -> Markup:
    """The losses against the steps, on a logarithmic scale, as a line."""
    last = len(losses) - 1
    places = np.unique(np.linspace(0, last, min(POINTS, last + 1)).astype(int))
    heights = np.log10(np.clip(losses[places], 1e-300, 1e300))
    span = float(np.ptp(heights)) or 1.0
    points = zip(places / max(last, 1) * WIDTH, (heights.max() - heights) / span * HEIGHT, strict=True)
    line = " ".join(f"{x:.0f},{y:.0f}" for x, y in points)
    return Markup(
        f'<svg width="{WIDTH}" height="{HEIGHT + 4}" viewBox="0 -2 {WIDTH} {HEIGHT + 4}" role="img" '
        f'aria-label="excess loss from {losses[0]:.3g} to {losses[-1]:.3g} in {last:,} steps, logarithmic">'
        f'<polyline points="{line}" fill="none" stroke="currentColor"/></svg>'
    )
