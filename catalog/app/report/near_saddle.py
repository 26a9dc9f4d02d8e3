"""How floating point leaves a saddle that the exact run never leaves."""

from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from catalog import registry
from catalog.app.figures import drawing
from catalog.app.figures.drawing import BLUE, GREEN, MUTED, ORANGE, VERMILLION, Spec
from catalog.app.figures.loss_curve import POWERS, decades, ticks
from catalog.claims import dense_agreement
from dlr import run

TARGET, DEPTH, STEPS = "escapable-saddle", 3, 2_000


@dataclass(frozen=True)
class Escape:
    """The figure, and what is seen in it.

    Attributes
    ----------
    drawn : str
    floor : float
        Proved of the exact run.
    horizon : int
        Steps up to which the dense run is proved to agree with it.
    left : int
        First step at which the dense run is below the floor by a hundredth; 0 where it stays.
    last : float
        Its excess loss at the end.
    """

    drawn: str
    target: str
    depth: int
    steps: int
    floor: float
    horizon: int
    left: int
    last: float


@cache
def escape() -> Escape:
    """Run the exact reduction and the dense iteration, at the same step size."""
    target = registry.target(TARGET).matrix
    problem = replace(dense_agreement.instance(target, DEPTH, steps=STEPS), tol=0.0)
    exact = run(replace(problem, engine="spectral"))
    dense = run(replace(problem, engine="reference"))
    values = np.linalg.eigvalsh(target)
    floor = float(np.sum(values[values < 0] ** 2)) / 2
    left = int(np.argmax(dense.losses < 0.99 * floor))
    horizon = dense_agreement.horizon(problem)
    described = (
        f"Excess loss of {TARGET} at depth {DEPTH}: the exact run stays at its proved floor {floor:.3g}; the float64 "
        f"run is proved to agree for {horizon} steps, and leaves at step {left} for {dense.loss:.3g}"
    )
    drawn = drawing.svg(_spec(exact.losses, dense.losses, STEPS, floor, horizon, left), "Near-saddle escape", described)
    return Escape(drawn, TARGET, DEPTH, STEPS, floor, horizon, left, dense.loss)


def _spec(exact: np.ndarray, dense: np.ndarray, steps: int, floor: float, horizon: int, left: int) -> Spec:
    shown = np.unique(np.expm1(np.linspace(0, np.log1p(steps), 300)).round().astype(int))
    low, high = float(dense.min()) / 1.5, float(exact.max()) * 1.2
    x = {
        "type": "quantitative",
        "scale": {"type": "symlog", "domain": [0, steps], "nice": False},
        "axis": {"title": "step", "grid": False, "format": ",d", "values": decades(steps)},
    }
    y = {
        "type": "quantitative",
        "scale": {"type": "log", "domain": [low, high], "nice": False},
        "axis": {"title": "excess loss", "labelExpr": POWERS, "values": ticks(low, high)},
    }

    def line(losses: np.ndarray, color: str, dash: list[int], width: float) -> Spec:
        rows = [{"step": int(step), "loss": float(losses[min(step, len(losses) - 1)])} for step in shown]
        return {
            "data": {"values": rows},
            "mark": {"type": "line", "color": color, "strokeDash": dash, "strokeWidth": width},
            "encoding": {"x": {"field": "step", **x}, "y": {"field": "loss", **y}},
        }

    def label(text: str, step: float, loss: float, align: str, dy: int, color: str) -> Spec:
        mark = {"type": "text", "text": text, "align": align, "dy": dy, "dx": 6 if align == "left" else -6}
        place = {"x": {"datum": step, **x}, "y": {"datum": loss, **y}}
        return {"data": {"values": [{}]}, "mark": {**mark, "color": color}, "encoding": place}

    def upright(step: int, color: str) -> Spec:
        mark = {"type": "rule", "color": color, "strokeDash": [2, 3], "strokeWidth": 1.5}
        return {"data": {"values": [{}]}, "mark": mark, "encoding": {"x": {"datum": step, **x}}}

    layers = [
        line(exact, VERMILLION, [6, 4], 2),
        label(f"exact: floor {floor:.3g}", steps, floor, "right", -9, VERMILLION),
        upright(horizon, GREEN),
        label(f"horizon {horizon}: agreement proved", horizon, high, "right", 8, GREEN),
    ]
    if left:
        layers += [upright(left, ORANGE), label(f"escape at step {left}", left, high, "left", 8, MUTED)]
    layers += [
        line(dense, BLUE, [1, 0], 2),
        label("float64, dense", steps, float(dense[-1]), "right", -9, BLUE),
    ]
    return {"width": 560, "height": 240, "layer": layers}
