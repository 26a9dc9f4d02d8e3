"""Values are written with three digits and a unit of their size, counts in full."""

import math
from itertools import pairwise

import pytest

from catalog.benchmarks.dashboard.units import AMOUNTS, SCALES, shown, shown_factor, shown_rate


@pytest.mark.parametrize(
    ("value", "unit", "said"),
    [
        (1.0, "seconds", "1 s"),
        (0.9994, "seconds", "999 ms"),
        (99.94, "seconds", "99.9 s"),
        (100.4, "seconds", "100 s"),
        (12345.6, "seconds", "12,346 s"),
        (1e-3, "seconds", "1 ms"),
        (0.00099, "seconds", "990 µs"),
        (1e-6, "seconds", "1 µs"),
        (2.5e-9, "seconds", "0.0025 µs"),
        (0.0, "seconds", "0 µs"),
        (1e9, "bytes", "1 GB"),
        (999e6, "bytes", "999 MB"),
        (1e6, "bytes", "1 MB"),
        (1e3, "bytes", "1 kB"),
        (999.0, "bytes", "999 bytes"),
        (1.0, "bytes", "1 bytes"),
        (0.0, "bytes", "0 bytes"),
        (1234567.0, "steps", "1,234,567 steps"),
        (-3.0, "steps", "-3 steps"),
        (1.0, "reached", "1"),
        (4.0, "", "4"),
        (0.123456, "observed / proved", "0.123 observed / proved"),
        (1.5, "", "1.5"),
        (math.nan, "seconds", "no result"),
        (math.nan, "steps", "no result"),
    ],
)
def test_a_value(value: float, unit: str, said: str) -> None:
    assert shown(value, unit) == said


@pytest.mark.parametrize(("unit", "suffixes"), [("seconds", ["s", "ms", "µs"]), ("bytes", ["GB", "MB", "kB", "bytes"])])
def test_each_scale_is_a_thousand_of_the_next(unit: str, suffixes: list[str]) -> None:
    scales = [scale for scale, _ in SCALES[unit]]
    assert [suffix.strip() for _, suffix in SCALES[unit]] == suffixes
    assert all(one / other == pytest.approx(1000) for one, other in pairwise(scales))
    assert 1.0 in scales


@pytest.mark.parametrize(
    ("factor", "said"),
    [
        (1.4, "1.40x"),
        (0.5, "0.50x"),
        (9.5, "9.50x"),
        (9.994, "9.99x"),
        (10, "10x"),
        (12.34, "12.3x"),
        (123.4, "123x"),
        (math.inf, "from 0"),
        (math.nan, "lost"),
    ],
)
def test_a_factor(factor: float, said: str) -> None:
    assert shown_factor(factor) == said


def test_a_rate_is_that_of_what_is_done_in_the_time() -> None:
    assert {name: shown_rate(name, 0.5) for name in AMOUNTS} == {
        "speed.Steps.time_steps": "2,000 steps per second",
        "speed.Batch.time_batch": "2,000 targets per second",
        "speed.BatchDefaults.time_batch": "2,000 targets per second",
        "speed.Strategies.time_strategies": "200 draws per second",
        "sweeps.Sweep.time_sweep": "4,000 cells per second",
    }
    assert shown_rate("speed.Steps.time_steps", 0.0131) == "76,300 steps per second"
    for seconds in (0.0, -1.0, math.nan):
        assert shown_rate("speed.Steps.time_steps", seconds) == ""
    assert shown_rate("speed.Other.time_steps", 0.5) == ""
