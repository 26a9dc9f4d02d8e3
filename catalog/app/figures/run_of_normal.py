"""One run to a normal target: excess loss against steps, on axes that all such runs share."""

from typing import Any

from catalog.app.figures.drawing import BLUE, GREEN, MUTED, VERMILLION, Spec, short
from catalog.app.figures.loss_curve import POWERS, decades
from catalog.app.figures.phase_plane import MOST_STEPS, TOL

WIDTH, HEIGHT = 360, 232
LOW, HIGH = 1e-10, 30.0
"""Ends of the axis of excess loss."""


def spec(losses: list[float], promised: dict[str, Any]) -> Spec:
    """The specification; ``promised`` may hold ``steps`` or ``floor``."""
    x = {
        "type": "quantitative",
        "scale": {"type": "symlog", "domain": [0, MOST_STEPS], "nice": False},
        "axis": {"title": "step", "grid": False, "format": ",d", "values": decades(MOST_STEPS)},
    }
    y = {
        "type": "quantitative",
        "scale": {"type": "log", "domain": [LOW, HIGH], "nice": False},
        "axis": {
            "title": "excess loss",
            "labelExpr": POWERS,
            "values": [10.0**power for power in range(-10, 2, 2)],
        },
    }

    def rule(name: str, place: Spec, color: str, dash: list[int]) -> Spec:
        mark = {"type": "rule", "color": color, "strokeDash": dash, "strokeWidth": 1.5}
        return {"name": name, "data": {"values": [{}]}, "mark": mark, "encoding": place}

    rows = [{"step": step, "loss": min(max(loss, LOW), HIGH)} for step, loss in enumerate(losses)]
    tolerance = {"type": "text", "text": f"tolerance {short(TOL)}", "align": "right", "baseline": "bottom", "dy": -3}
    layers: list[Spec] = [
        rule("tolerance", {"y": {"datum": TOL, **y}}, MUTED, [1, 3]),
        {
            "data": {"values": [{}]},
            "mark": {**tolerance, "color": MUTED},
            "encoding": {"y": {"datum": TOL, **y}, "x": {"datum": MOST_STEPS, **x}},
        },
        rule("floor", {"y": {"datum": promised.get("floor") or LOW, **y}}, VERMILLION, [6, 4]),
        rule("promise", {"x": {"datum": min(promised.get("steps") or MOST_STEPS, MOST_STEPS), **x}}, GREEN, [2, 3]),
        {
            "name": "loss",
            "data": {"values": rows},
            "mark": {"type": "line", "color": BLUE, "strokeWidth": 2},
            "encoding": {"x": {"field": "step", **x}, "y": {"field": "loss", **y}},
        },
    ]
    return {"width": WIDTH, "height": HEIGHT, "layer": layers}
