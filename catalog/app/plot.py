"""Plot of a solution's excess loss against steps."""

import io

import numpy as np

from dlr.arguments import InputError
from dlr.coverage import Promise
from dlr.solve import Solution

MOST_POINTS = 2_000


def loss_svg(solution: Solution, promised: Promise, title: str) -> str:
    """SVG text of the loss history, with the proved floor and step bound where there are any.

    Raises
    ------
    InputError
        If matplotlib is not installed.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError:
        raise InputError("plot needs matplotlib: pip install 'deep-linear-residual[plot]'") from None
    figure = Figure(figsize=(6.4, 4), layout="constrained")
    axes = figure.subplots()
    steps = np.unique(np.linspace(0, solution.steps, min(solution.steps + 1, MOST_POINTS)).astype(int))
    axes.semilogy(steps, np.maximum(solution.losses[steps], 1e-300), color="#1f5fa8", label="excess loss")
    if promised.floor > 0:
        axes.axhline(promised.floor, color="#b3261e", linestyle="--", label=f"proved floor {promised.floor:.3g}")
    if promised.steps is not None:
        axes.axvline(promised.steps, color="#2e7d32", linestyle="--", label=f"proved within {promised.steps:,} steps")
    axes.set(xlabel="step", ylabel="excess loss", title=title)
    axes.grid(alpha=0.3)
    axes.legend(frameon=False)
    text = io.StringIO()
    figure.savefig(text, format="svg")
    return text.getvalue()
