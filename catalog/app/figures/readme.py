"""The README's figures, each for a light and for a dark background."""

from collections.abc import Iterable
from pathlib import Path

from catalog.app.figures import drawing, phase_plane, ratios
from catalog.app.validate import Record

FOLDER = Path(__file__).parents[3] / "docs" / "figures"
DEPTH, PER_UNIT = 8, 12
PLANE, STRIP = "phase-plane", "ratios"


def paths() -> list[Path]:
    """Where the figures are."""
    return [path for name in (PLANE, STRIP) for path in _pair(name)]


def drawn(records: Iterable[Record]) -> dict[Path, str]:
    """SVG texts by their files, from today's runs and these records."""
    rows = ratios.rows(records)
    plane = phase_plane.plane(DEPTH, PER_UNIT)
    texts = {
        PLANE: drawing.svg(phase_plane.spec(plane), "Phase plane of normal targets", phase_plane.described(plane)),
        STRIP: drawing.svg(ratios.spec(rows), "Ratios of every claim", ratios.described(rows)),
    }
    return {
        path: text
        for name, light in texts.items()
        for path, text in zip(_pair(name), (light, drawing.on_dark(light)), strict=True)
    }


def _pair(name: str) -> tuple[Path, Path]:
    return FOLDER / f"{name}-light.svg", FOLDER / f"{name}-dark.svg"
