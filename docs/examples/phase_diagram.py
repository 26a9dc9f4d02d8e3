"""Which rotations are learned, and how fast, over angle and depth: a thousand runs at once.

With the name of a file as argument it draws them as a picture too, which needs matplotlib.
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
    from matplotlib.colors import LogNorm
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6.4, 3.6), layout="constrained")
    axes = figure.subplots()
    rows = range(len(DEPTHS))
    mesh = axes.pcolormesh(ANGLES / np.pi, rows, steps, norm=LogNorm(), shading="nearest")
    axes.set_yticks(rows, [str(depth) for depth in DEPTHS])
    axes.set(xlabel="angle / pi", ylabel="depth L", title="Steps to learn a rotation")
    figure.colorbar(mesh, label="steps")
    figure.savefig(sys.argv[1], metadata={"Date": None})
