"""Which normal targets are learned, and how fast: steps to the tolerance over the plane of their eigenvalues.

A real normal matrix with the eigenvalue lambda has its conjugate too, and is ``[[a, -b], [b, a]]`` for ``lambda = a +
b i``. So the plane is the same above and below the real axis, and half of it is computed.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from catalog.app.figures.drawing import VERMILLION, Spec, short
from dlr import solve_batch
from dlr.types import Matrix

TOL, MOST_STEPS = 1e-9, 10_000
LEFT, RIGHT, TOP = -2.0, 3.0, 2.0
"""Least and largest real part, largest imaginary part."""

CLASSES = {
    15: "#fde725",
    20: "#90d743",
    30: "#35b779",
    50: "#21918c",
    100: "#31688e",
    1_000: "#443983",
    MOST_STEPS: "#2c0a45",
}
"""Colours by the number of steps up to which they stand: viridis, whose lightness falls with the speed."""

NEVER, SHADE = VERMILLION, "#111"
PIXELS = 84
"""Length of 1 in the plane."""


@dataclass(frozen=True)
class Plane:
    """Steps to `TOL` for eigenvalues on a grid, at one depth.

    Attributes
    ----------
    depth : int
    real, imaginary : ndarray
        Of the eigenvalues; imaginary parts from 0 up.
    steps : ndarray, shape (len(imaginary), len(real))
        Minus 1 where `MOST_STEPS` are not enough.
    """

    depth: int
    real: Matrix
    imaginary: Matrix
    steps: NDArray[np.int64]

    @property
    def cell(self) -> float:
        """Width of a cell."""
        return float(self.real[1] - self.real[0])


def plane(depth: int, per_unit: int = 8) -> Plane:
    """Train to all targets of a grid, with plain gradient descent at its default step size.

    Parameters
    ----------
    depth : int
    per_unit : int
        Cells in a length of 1.
    """
    real = np.linspace(LEFT, RIGHT, round((RIGHT - LEFT) * per_unit) + 1)
    imaginary = np.linspace(0, TOP, round(TOP * per_unit) + 1)
    batch = solve_batch(targets(real, imaginary), depth, tol=TOL, max_steps=MOST_STEPS)
    return Plane(depth, real, imaginary, np.where(batch.converged, batch.steps, -1))


def targets(real: Matrix, imaginary: Matrix) -> Matrix:
    """The real normal 2 x 2 matrices with these eigenvalues, shape (len(imaginary), len(real), 2, 2)."""
    a, b = np.meshgrid(real, imaginary)
    return np.array([[a, -b], [b, a]]).transpose(2, 3, 0, 1).copy()


def described(shown: Plane) -> str:
    """What one sees, in words, with the steps of some targets."""

    def at(value: complex) -> str:
        row = int(np.argmin(np.abs(shown.imaginary - value.imag)))
        column = int(np.argmin(np.abs(shown.real - value.real)))
        return f"{shown.steps[row, column]:,}"

    never = int(np.sum(shown.steps < 0))
    return (
        f"Steps of gradient descent from the identity to excess loss {short(TOL)} at depth {shown.depth}, by the "
        f"eigenvalue lambda of a normal target: {at(2)} at 2, {at(1j)} at i, {at(-1 + 0.25j)} at -1 + i/4. {never} of "
        f"{shown.steps.size} targets are not learned in {MOST_STEPS:,} steps; those below 0 on the real axis never are"
    )


def spec(shown: Plane, merged: bool = True) -> Spec:
    """The specification; ``merged`` cells of one colour side by side are one, else each is its own, row by row."""
    cells = [row for rows in _mirrored(shown, merged) for row in rows]
    half = shown.cell / 2
    x = _axis("Re λ", LEFT - half, RIGHT + half)
    y = _axis("Im λ", -TOP - half, TOP + half)
    labels = [f"at most {most:,}" for most in CLASSES] + [f"not in {MOST_STEPS:,}"]
    shades = [*CLASSES.values(), NEVER]
    fill = {
        "field": "steps",
        "type": "nominal",
        "scale": {"domain": labels, "range": shades},
        "legend": {"title": f"steps to {short(TOL)}", "symbolType": "square", "symbolSize": 140},
    }
    turn = np.linspace(0, 2 * math.pi, 91)
    circle = [{"x": math.cos(t), "y": math.sin(t), "order": k} for k, t in enumerate(turn)]

    def line(name: str, points: list[Spec], stroke: str, width: float, dash: list[int]) -> Spec:
        mark = {"type": "line", "stroke": stroke, "strokeWidth": width, "strokeDash": dash}
        return {
            "name": name,
            "data": {"values": points},
            "mark": mark,
            "encoding": {"x": {"field": "x", **x}, "y": {"field": "y", **y}, "order": {"field": "order"}},
        }

    def label(text: str, at: complex, dx: int = 0, dy: int = 0) -> list[Spec]:
        place = {"x": {"datum": at.real, **x}, "y": {"datum": at.imag, **y}}
        mark = {"type": "text", "text": text, "align": "left", "fontSize": 12, "fontWeight": 600, "dx": dx, "dy": dy}
        halo = {"stroke": SHADE, "strokeWidth": 3, "strokeOpacity": 0.7, "strokeJoin": "round"}
        return [
            {"data": {"values": [{}]}, "mark": {**mark, **style}, "encoding": place}
            for style in ({"color": SHADE, **halo}, {"color": "white"})
        ]

    ends = [{"x": 0.0, "y": -TOP - half, "order": 0}, {"x": 0.0, "y": TOP + half, "order": 1}]
    ray = [{"x": LEFT - half, "y": 0.0, "order": 0}, {"x": 0.0, "y": 0.0, "order": 1}]
    layers: list[Spec] = [
        {
            "name": "cells",
            "data": {"values": cells},
            "mark": {"type": "rect"},
            "encoding": {
                "x": {"field": "x", **x},
                "x2": {"field": "x2"},
                "y": {"field": "y", **y},
                "y2": {"field": "y2"},
                "fill": fill,
            },
        },
        line("disc", circle, "white", 1.5, [5, 4]),
        line("margin", ends, "white", 1.5, [2, 3]),
        *label("|λ| = 1", complex(0.72, 0.72), dx=4, dy=-4),
        *label("margin > 0 →", complex(0, TOP), dx=6, dy=4),
        *label("start", complex(1, 0), dx=8),
    ]
    if shown.depth > 1:
        layers += [
            line("ray", ray, NEVER, 4, [1, 0]),
            *(
                {"name": name, **part}
                for name, part in zip(
                    ("never_behind", "never"), label("λ < 0: never learned", complex(LEFT, 0), dy=16), strict=True
                )
            ),
        ]
    layers.append(
        {
            "data": {"values": [{}]},
            "mark": {"type": "point", "shape": "circle", "filled": True, "fill": SHADE, "stroke": "white", "size": 50},
            "encoding": {"x": {"datum": 1, **x}, "y": {"datum": 0, **y}},
        }
    )
    return {"width": PIXELS * (RIGHT - LEFT + 2 * half), "height": PIXELS * 2 * (TOP + half), "layer": layers}


def _axis(title: str, low: float, high: float) -> Spec:
    return {
        "type": "quantitative",
        "scale": {"domain": [low, high], "nice": False, "zero": False},
        "axis": {"title": title, "grid": False, "values": [*range(math.ceil(low), math.floor(high) + 1)]},
    }


def _mirrored(shown: Plane, merged: bool) -> list[list[Spec]]:
    """Cells of both halves, from the top down, each row from the left."""
    half, over = shown.cell / 2, shown.cell / 8
    rows = []
    for sign, indices in ((1, range(len(shown.imaginary) - 1, 0, -1)), (-1, range(len(shown.imaginary)))):
        for index in indices:
            height = sign * float(shown.imaginary[index])
            row: list[Spec] = []
            for value, count in zip(shown.real, shown.steps[index], strict=True):
                name = class_of(int(count))
                if merged and row and row[-1]["steps"] == name:
                    row[-1]["x2"] = float(value) + half
                else:
                    left = float(value) - half
                    row.append({"x": left, "x2": left + 2 * half, "y": height - half, "y2": height + half})
                    row[-1]["steps"] = name
            rows.append(row)
    for row in rows:  # what is drawn next goes over the edge, so that no seam is left
        for cell in row:
            cell["x2"] += over if cell is not row[-1] else 0
            cell["y"] -= over if row is not rows[-1] else 0
    return rows


def class_of(steps: int) -> str:
    """Name of the class of a cell."""
    return f"not in {MOST_STEPS:,}" if steps < 0 else f"at most {next(most for most in CLASSES if steps <= most):,}"
