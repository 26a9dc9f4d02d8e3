"""Which rotations are learned, and how fast, over angle and depth: a thousand runs at once.

With the name of a file as argument it draws them as a picture too, which needs vl-convert.
"""

import sys

import numpy as np

from dlr import matrices, solve_batch

DEPTHS = [1, 2, 3, 4, 6, 8, 12, 16, 24, 32]
ANGLES = np.linspace(0, np.pi, 101)
TARGETS = np.stack([matrices.plane_rotations(np.array([angle]), 2) for angle in ANGLES])
TARGETS[-1] = -np.eye(2)  # the sine of the float nearest to pi is 1e-16: depth 2 notices

steps = np.full((len(DEPTHS), len(ANGLES)), np.nan)
for row, depth in enumerate(DEPTHS):
    batch = solve_batch(TARGETS, depth, max_steps=10_000)
    steps[row] = np.where(batch.converged, batch.steps, np.nan)

print("steps to excess loss 1e-9; - where 10,000 are not enough")
print("angle   ", *(f"{angle:>5.2f}" for angle in ANGLES[::20]))
for depth, row in zip(DEPTHS, steps, strict=True):
    counts = ("-" if np.isnan(count) else int(count) for count in row[::20])
    print(f"depth {depth:2}", *(f"{count:>5}" for count in counts))

if len(sys.argv) > 1:
    from pathlib import Path

    import vl_convert

    half = ANGLES[1] / 2 / np.pi
    cells = [
        {"left": angle / np.pi - half, "right": angle / np.pi + half, "depth": depth, "steps": max(int(count), 1)}
        for depth, row in zip(DEPTHS, steps, strict=True)
        for angle, count in zip(ANGLES, row, strict=True)
        if not np.isnan(count)
    ]
    heat_map = {
        "title": "Steps to learn a rotation",
        "width": 5 * len(ANGLES),
        "height": 240,
        "data": {"values": cells},
        "mark": "rect",
        "encoding": {
            "x": {"field": "left", "type": "quantitative", "title": "angle / pi", "scale": {"nice": False}},
            "x2": {"field": "right"},
            "y": {"field": "depth", "type": "ordinal", "title": "depth L", "sort": "descending"},
            "color": {
                "field": "steps",
                "type": "quantitative",
                "scale": {"type": "log", "domain": [10, 500], "clamp": True, "scheme": "viridis", "reverse": True},
            },
        },
    }
    Path(sys.argv[1]).write_text(vl_convert.vegalite_to_svg(heat_map), encoding="utf-8")
