"""Plots of excess loss against steps, as SVG text."""

import importlib.util
import io
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from catalog import registry
from catalog.claim import Promise
from catalog.guarantees import promises
from dlr import InputError, Solution, solve

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST_POINTS = 2_000
BLUE, RED, GREEN, GREY = "#1f5fa8", "#b3261e", "#2e7d32", "#5f6368"
README_DEPTH = 8
README_STEPS = 120
README_TARGETS = {"geometric-spectrum": BLUE, "rotation": GREEN, "householder": RED}


def loss_svg(solution: Solution, promised: Sequence[Promise], title: str) -> str:
    """SVG text of the loss history, with the proved floor and step bound where there are any.

    Raises
    ------
    InputError
        If matplotlib is not installed.
    """
    figure, axes = _figure(title)
    _curve(axes, solution, BLUE, "excess loss")
    floor = max((promise.floor for promise in promised if promise.floor is not None), default=None)
    steps = min((promise.steps for promise in promised if promise.steps is not None), default=None)
    if floor is not None:
        axes.axhline(floor, color=RED, linestyle="--", label=f"proved floor {floor:.3g}")
    if steps is not None:
        axes.axvline(steps, color=GREEN, linestyle="--", label=f"proved within {steps:,} steps")
    axes.legend(frameon=False)
    return _svg(figure)


def readme_figure() -> str:
    """SVG text of the README's figure: learned targets with and without a margin, and one that is never learned."""
    figure, axes = _figure(f"Gradient descent from the identity, L = {README_DEPTH}")
    for (name, color), solution in zip(README_TARGETS.items(), readme_solutions(), strict=True):
        _curve(axes, solution, color, name)
    floor = max(promise.floor or 0.0 for promise in promises(registry.target("householder").matrix, README_DEPTH))
    axes.axhline(floor, color=GREY, linestyle="--", linewidth=1, label=f"proved floor for householder, {floor:g}")
    axes.legend(frameon=False)
    return _svg(figure, description=readme_description())


def readme_solutions() -> list[Solution]:
    """The runs in the README's figure."""
    targets = [registry.target(name).matrix for name in README_TARGETS]
    return [solve(target, README_DEPTH, tol=1e-12, max_steps=README_STEPS) for target in targets]


def readme_description() -> str:
    """Steps and last loss of each run in the figure, by which a test recognizes a stale figure."""
    runs = zip(README_TARGETS, readme_solutions(), strict=True)
    return "; ".join(f"{name}: {run.steps} steps to {run.loss:.2e}" for name, run in runs)


def require_library() -> None:
    """Raise before the work starts where the library that draws is missing.

    Raises
    ------
    InputError
        If matplotlib is not installed.
    """
    if importlib.util.find_spec("matplotlib") is None:
        raise InputError("plot needs matplotlib: pip install 'deep-linear-residual[plot]'")


def _figure(title: str) -> "tuple[Figure, Axes]":
    require_library()
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6.4, 4), layout="constrained")
    axes = figure.subplots()
    axes.set(xlabel="step", ylabel="excess loss", yscale="log")
    axes.set_title("".join(c if c.isprintable() else "?" for c in title), parse_math=False)
    axes.grid(alpha=0.3)
    return figure, axes


def _curve(axes: "Axes", solution: Solution, color: str, label: str) -> None:
    steps = np.unique(np.linspace(0, solution.steps, min(solution.steps + 1, MOST_POINTS)).astype(int))
    axes.plot(steps, np.maximum(solution.losses[steps], 1e-300), color=color, label=label)


def _svg(figure: "Figure", description: str | None = None) -> str:
    import matplotlib

    text = io.StringIO()
    with matplotlib.rc_context({"svg.hashsalt": "dlr"}):
        figure.savefig(text, format="svg", metadata={"Date": None, "Description": description})
    return text.getvalue()
