"""Small figures by the dozen, as SVG that takes the colours of its page: a specification each would take too long."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

from catalog.app.figures.drawing import BLUE, GREEN, VERMILLION, short

WIDTH, HEIGHT, LEFT, BOTTOM, TOP = 260, 130, 44, 30, 10

NEAR = 1e-9
"""How near to a power of ten a number counts as that: far more than its logarithm is off, far less than is seen."""


@dataclass(frozen=True)
class Axis:
    """A logarithmic axis from ``low`` to ``high``, with its title and the values to name."""

    title: str
    low: float
    high: float
    named: Sequence[float]

    def at(self, value: float) -> float:
        """Place of a value, from 0 to 1; what is beyond is at the end."""
        value = min(max(value, self.low), self.high)
        return math.log(value / self.low) / math.log(self.high / self.low)


@dataclass(frozen=True)
class Curve:
    """A line with its name, and what is proved of it, if anything is."""

    name: str
    points: Sequence[tuple[float, float]]
    bound: Sequence[tuple[float, float]] = ()


def decades(title: str, values: Iterable[float], one: bool = False) -> Axis:
    """A logarithmic axis for positive values; ``one`` asks that 1 is on it."""
    found = [value for value in values if 0 < value < math.inf] + [1.0] * one or [1.0]
    low, high = math.floor(math.log10(min(found)) + NEAR), math.ceil(math.log10(max(found)) - NEAR)
    high = max(high, low + 1)
    stride = math.ceil((high - low) / 4)
    return Axis(title, 10.0**low, 10.0**high, [10.0**power for power in range(low, high + 1, stride)])


def scatter(points: Sequence[tuple[float, float]], x: Axis, y: Axis, described: str, line_at: float) -> str:
    """Points, and a line at one height."""
    dots = {(round(_x(x, a)), round(_y(y, b))) for a, b in points}
    drawn = [f'<path class="one" d="M{LEFT} {_y(y, line_at):.1f}H{WIDTH}"/>']
    drawn += [f'<circle cx="{a}" cy="{b}" r="2.2"/>' for a, b in sorted(dots)]
    return _figure(drawn, x, y, described)


def curves(lines: Sequence[Curve], x: Axis, y: Axis, described: str, floor: float | None) -> str:
    """Lines with their names at the end, each in a colour and dashes of its own, their bounds dotted, and a floor."""
    styles = ((BLUE, ""), (GREEN, "6 3"), (VERMILLION, "2 2"))
    drawn, before = [], (0.0, 0.0)
    if floor:
        drawn.append(f'<path class="one" d="M{LEFT} {_y(y, floor):.1f}H{WIDTH}"/>')
        drawn.append(f'<text x="{LEFT + 4}" y="{_y(y, floor) + 12:.1f}">floor {floor:.3g}</text>')
    for curve, (color, dash) in zip(lines, styles * len(lines), strict=False):
        for points, pattern in ((curve.points, dash), (curve.bound, "1 3")):
            path = "L".join(f"{_x(x, a):.1f} {_y(y, b):.1f}" for a, b in points)
            shape = f'stroke="{color}" stroke-width="1.7" stroke-dasharray="{pattern}"'
            drawn += [f'<path d="M{path}" fill="none" {shape}/>'] * bool(points)
        a, b = curve.points[-1]
        right, height = min(_x(x, a) + 4, WIDTH - 2), max(_y(y, b) - 3, TOP + 8)
        if abs(right - before[0]) < 70 and abs(height - before[1]) < 11:
            height = before[1] - 11
        before = right, height
        end = ' class="end"' if right > WIDTH - 46 else ""
        drawn.append(f'<text x="{right:.1f}" y="{height:.1f}"{end}>{escape(curve.name)}</text>')
    return _figure(drawn, x, y, described)


def spectrum(eigenvalues: Sequence[complex], described: str, ways: bool) -> str:
    """Eigenvalues in the plane, with the ray that none may cross; with their ways, the segments that lead from 1."""
    size = 150
    reach = 1.15 * max(1.2, *(abs(value) for value in eigenvalues))

    def place(value: complex) -> str:
        return f"{size / 2 * (1 + value.real / reach):.1f} {size / 2 * (1 - value.imag / reach):.1f}"

    drawn = [
        f'<path class="axis" d="M0 {size / 2}H{size}M{size / 2} 0V{size}"/>',
        f'<circle class="disc" cx="{size / 2}" cy="{size / 2}" r="{size / 2 / reach:.1f}"/>',
        f'<path class="ray" d="M0 {size / 2}H{size / 2}"/>',
    ]
    ordered = sorted(eigenvalues, key=lambda value: (round(value.real, 9), round(value.imag, 9)))
    drawn += [f'<path class="way" d="M{place(1)}L{place(value)}"/>' for value in ordered if ways]
    for value in ordered:
        a, b = place(value).split()
        negative = value.imag == 0 and value.real < 0
        drawn.append(f'<circle class="{"bad" if negative else "dot"}" cx="{a}" cy="{b}" r="3.4"/>')
    return _svg(size, size, drawn, described)


def _x(axis: Axis, value: float) -> float:
    return LEFT + (WIDTH - LEFT - 6) * axis.at(value)


def _y(axis: Axis, value: float) -> float:
    return TOP + (HEIGHT - BOTTOM - TOP) * (1 - axis.at(value))


def _figure(drawn: list[str], x: Axis, y: Axis, described: str) -> str:
    frame = [f'<path class="axis" d="M{LEFT} {TOP}V{HEIGHT - BOTTOM}H{WIDTH}"/>']
    for value in x.named:
        frame.append(f'<text class="mid" x="{_x(x, value):.1f}" y="{HEIGHT - BOTTOM + 13}">{short(value)}</text>')
    for value in y.named:
        frame.append(f'<text class="end" x="{LEFT - 5}" y="{_y(y, value) + 4:.1f}">{short(value)}</text>')
    middle = (LEFT + WIDTH) / 2
    frame.append(f'<text class="mid" x="{middle:.0f}" y="{HEIGHT - 2}">{escape(x.title)}</text>')
    turned = f'transform="translate(9 {(HEIGHT - BOTTOM + TOP) / 2:.0f}) rotate(-90)"'
    frame.append(f'<text class="mid" {turned}>{escape(y.title)}</text>')
    return _svg(WIDTH, HEIGHT, frame + drawn, described)


def _svg(width: float, height: float, drawn: list[str], described: str) -> str:
    label = escape(described)
    return (
        f'<svg class="small" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img" '
        f'aria-label="{label}">{"".join(drawn)}</svg>'
    )
