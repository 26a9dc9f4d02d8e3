"""Writes values with their units."""

import math

SCALES = {
    "seconds": ((1.0, " s"), (1e-3, " ms"), (1e-6, " µs")),
    "bytes": ((1e9, " GB"), (1e6, " MB"), (1e3, " kB"), (1.0, " bytes")),
}

AMOUNTS = {
    "speed.Steps.time_steps": (1000, "steps"),
    "speed.Batch.time_batch": (1000, "targets"),
    "speed.BatchDefaults.time_batch": (1000, "targets"),
    "speed.Strategies.time_strategies": (100, "draws"),
    "sweeps.Sweep.time_sweep": (2000, "cells"),
}
"""What is done in the time that a benchmark measures."""


def shown(value: float, unit: str) -> str:
    """A value with its unit, to three digits; a count in full."""
    if math.isnan(value):
        return "no result"
    if unit in SCALES:
        scale, suffix = next((pair for pair in SCALES[unit] if value >= pair[0]), SCALES[unit][-1])
        scaled = value / scale
        return f"{scaled:,.0f}{suffix}" if scaled >= 100 else f"{scaled:.3g}{suffix}"
    number = f"{value:,.0f}" if value == round(value) else f"{value:.3g}"
    return number if unit in ("", "reached") else f"{number} {unit}"


def shown_factor(factor: float) -> str:
    """How many times as much: ``1.40x``; NaN is that of a lost value."""
    if not math.isfinite(factor):
        return "lost" if math.isnan(factor) else "from 0"
    return f"{factor:.3g}x" if factor >= 10 else f"{factor:.2f}x"


def shown_rate(benchmark: str, seconds: float) -> str:
    """What a time means for each second; empty where the benchmark has no such amount."""
    if benchmark not in AMOUNTS or not seconds > 0:
        return ""
    amount, what = AMOUNTS[benchmark]
    return f"{float(f'{amount / seconds:.3g}'):,.0f} {what} per second"
