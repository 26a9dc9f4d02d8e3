"""Excess loss against steps, with what the claims promise of the run."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from operator import attrgetter

import numpy as np
from numpy.typing import NDArray

from catalog import registry
from catalog.app.figures import drawing
from catalog.app.figures.drawing import BLUE, GREEN, MUTED, VERMILLION, Spec, printable, short
from catalog.app.tables import readable
from catalog.claim import Promise
from dlr import Problem, Solution
from dlr.types import Matrix

MOST_POINTS = 600
LEAST, MOST = 1e-300, 1e300
"""Losses beyond are drawn there."""

LONG = 200
"""Number of steps from which the axis of steps is logarithmic."""


@dataclass(frozen=True)
class LossFigure:
    """A run, what is promised of it, and a title."""

    solution: Solution
    promised: Sequence[Promise]
    title: str

    @property
    def floor(self) -> Promise | None:
        """The promise with the highest floor."""
        with_floor = [promise for promise in self.promised if promise.floor]
        return max(with_floor, key=attrgetter("floor"), default=None)

    @property
    def within(self) -> Promise | None:
        """The promise with the fewest steps."""
        with_steps = [promise for promise in self.promised if promise.steps is not None]
        return min(with_steps, key=attrgetter("steps"), default=None)

    @property
    def description(self) -> str:
        """What one sees, in words."""
        seen = [f"Excess loss from {readable(float(self.solution.losses[0]))}: {self.solution.message}"]
        if self.within is not None:
            seen.append(f"{self.within.claim} proves at most {self.within.steps:,} steps")
        if self.floor is not None:
            seen.append(f"{self.floor.claim} proves that it never is below {readable(self.floor.floor)}")
        return ". ".join(seen)

    def drawn(self, image: str) -> str | bytes:
        """The figure as ``".png"``, or as ``".svg"`` that is light or dark as its viewer is."""
        if image == ".png":
            return drawing.png(self.spec())
        return drawing.adapting(drawing.svg(self.spec(), self.title, self.description))

    def spec(self) -> Spec:
        """The specification."""
        steps, losses = shown_points(self.solution)
        proved = getattr(self.within, "steps", 1)
        last = max(self.solution.steps, proved)
        log = last > LONG
        lowest = min(float(losses.min()), getattr(self.floor, "floor", math.inf))
        low, high = max(lowest / 2, LEAST), min(2 * float(losses.max()), MOST)
        y = {
            "type": "quantitative",
            "scale": {"type": "log", "domain": [low, high], "nice": False},
            "axis": {"title": "excess loss", "labelExpr": POWERS, "values": ticks(low, high)},
        }
        x = {
            "type": "quantitative",
            "scale": {"type": "symlog", "domain": [0, last]} if log else {"domain": [0, last], "nice": False},
            "axis": {"title": "step", "grid": False, "format": ",d", **({"values": decades(last)} if log else {})},
        }
        rows = [{"step": int(step), "loss": float(loss)} for step, loss in zip(steps, losses, strict=True)]
        layers: list[Spec] = [
            {
                "data": {"values": rows},
                "mark": {"type": "line", "color": BLUE, "strokeWidth": 2},
                "encoding": {"x": {"field": "step", **x}, "y": {"field": "loss", **y}},
            }
        ]
        if self.floor is not None:
            text = f"{self.floor.claim}: never below {readable(self.floor.floor)}"
            layers += [
                _line({"y": {"datum": self.floor.floor, **y}}, VERMILLION, [6, 4]),
                _label({"y": {"datum": self.floor.floor, **y}, "x": {"datum": last, **x}}, text, "right", "top"),
            ]
        if self.within is not None:
            text = f"{self.within.claim}: within {proved:,} steps"
            right = (math.log1p(proved) / math.log1p(last) if log else proved / last) > 0.5
            layers += [
                _line({"x": {"datum": proved, **x}}, GREEN, [2, 3]),
                _label(
                    {"x": {"datum": proved, **x}, "y": {"datum": high, **y}},
                    text,
                    "right" if right else "left",
                    "top",
                ),
            ]
            bound = proved_losses(self.solution.problem, self.within, places := sampled(last))
            if bound is not None:
                seen = [(int(t), float(loss)) for t, loss in zip(places, bound, strict=True) if low <= loss <= high]
                layers.append(
                    {
                        "data": {"values": [{"step": step, "loss": loss} for step, loss in seen]},
                        "mark": {"type": "line", "color": GREEN, "strokeDash": [2, 3], "strokeWidth": 1.5},
                        "encoding": {"x": {"field": "step", **x}, "y": {"field": "loss", **y}},
                    }
                )
        tol = self.solution.problem.tol
        if low < tol < high:
            layers += [
                _line({"y": {"datum": tol, **y}}, MUTED, [1, 3]),
                _label({"y": {"datum": tol, **y}, "x": {"datum": 0, **x}}, f"tolerance {short(tol)}", "left", "bottom"),
            ]
        return {"width": 480, "height": 280, "title": printable(self.title), "layer": layers}


POWERS = "datum.value >= 0.01 && datum.value < 10000 ? format(datum.value, '~g') : format(datum.value, '~e')"
"""How numbers on a logarithmic axis are written."""


def shown_points(solution: Solution) -> tuple[NDArray[np.int64], Matrix]:
    """Steps and losses to draw: at most `MOST_POINTS`, dense at the start where the run is long; no loss is 0."""
    steps = sampled(solution.steps)
    losses = np.asarray(solution.losses)[steps]
    positive = losses[losses > 0]
    lowest = float(positive.min()) if len(positive) else 1.0
    return steps, np.minimum(np.maximum(np.where(losses > 0, losses, lowest / 10), LEAST), MOST)


def sampled(last: int, most: int = MOST_POINTS) -> NDArray[np.int64]:
    """Steps from 0 to the last: all of them, or at most so many, dense at the start."""
    if last < most:
        return np.arange(last + 1)
    return np.unique(np.expm1(np.linspace(0, math.log1p(last), most)).round().astype(np.int64))


def proved_losses(problem: Problem, promise: Promise, steps: NDArray[np.int64]) -> Matrix | None:
    """The bound on the excess loss at these steps from which a promised number of steps follows."""
    claim = registry.all_claims().get(promise.name)
    if claim is None or claim.contraction is None:
        return None
    made = claim.contraction(problem)
    bound: Matrix = (made.start * (1 - made.rate) ** steps.astype(float) + made.rounding) ** 2 / 2
    return bound


def ticks(low: float, high: float) -> list[float]:
    """Numbers to name on a logarithmic axis: at most eight decades, or where there are few, 1, 2, 5 and so on."""
    powers = range(math.ceil(math.log10(low)), math.floor(math.log10(high)) + 1)
    if len(powers) > 2:
        return [float(f"1e{power}") for power in powers if power % math.ceil(len(powers) / 8) == 0]
    every = (float(f"{digit}e{power}") for power in range(powers.start - 1, powers.stop + 1) for digit in (1, 2, 5))
    return [value for value in every if low <= value <= high]


def decades(last: int) -> list[int]:
    """Steps to name on a logarithmic axis from 0."""
    return [0, *(10**power for power in range(int(math.log10(max(last, 1))) + 1))]


def _line(place: Spec, color: str, dash: list[int]) -> Spec:
    mark = {"type": "rule", "color": color, "strokeDash": dash, "strokeWidth": 1.5}
    return {"data": {"values": [{}]}, "mark": mark, "encoding": place}


def _label(place: Spec, text: str, align: str, baseline: str) -> Spec:
    mark: Spec = {"type": "text", "text": text, "align": align, "baseline": baseline}
    mark |= {"dx": {"left": 6, "right": -6}[align], "dy": {"top": 5, "bottom": -4}[baseline]}
    return {"data": {"values": [{}]}, "mark": mark, "encoding": place}
