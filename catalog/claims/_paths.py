"""What is seen in all layers along a run, looked at together: at small d a call for each takes longer than its work."""

import math
from collections.abc import Callable
from itertools import islice, takewhile

import numpy as np

from catalog.trajectories import layer_iterates
from dlr import Problem
from dlr.types import Matrix

TOGETHER = 2**17
"""Most entries of layers that are looked at together: a megabyte."""


def seen_along(problem: Problem, look: Callable[[Matrix], Matrix]) -> tuple[Matrix, Matrix]:
    """Losses of a run, and what is seen in its layers, up to the last one before a loss that is not finite.

    Parameters
    ----------
    problem : Problem
    look : callable
        From the layers of some iterates, shape (m, L, d, d), to what is seen in each, shape (m, k).

    Returns
    -------
    losses : ndarray, shape (n,)
        With ``max_steps + 1`` of them where every loss is finite.
    seen : ndarray, shape (n, k)
    """
    shape = problem.depth, *problem.target.shape
    iterates = takewhile(lambda iterate: math.isfinite(iterate[0]), layer_iterates(problem, problem.max_steps))
    losses: list[float] = []
    seen: list[Matrix] = []
    while found := list(islice(iterates, max(1, TOGETHER // math.prod(shape)))):
        losses += [loss for loss, _ in found]
        seen.append(look(np.array([layers for _, layers in found])))
    return np.array(losses), np.concatenate(seen or [look(np.empty((0, *shape)))])
