"""The compiled loop over a batch of targets."""

import numpy as np
from numpy.typing import NDArray

from dlr.kernels.layer_loop import iterate_layers
from dlr.kernels.settings import RUNNING, entry
from dlr.types import Flag, Matrix

BLOCK = 256
"""Steps in one call of `iterate_layers`, whose losses are kept until it returns."""


@entry
def iterate_stack(
    targets: Matrix,
    layers: Matrix,
    dimension: int,
    rule: int,
    parameters: Matrix,
    step_sizes: Matrix,
    max_steps: NDArray[np.int64],
    tol: float,
    statuses: NDArray[np.int64],
    steps: NDArray[np.int64],
    losses: Matrix,
    lowest: Matrix,
    stop: Flag,
) -> None:
    """Run `iterate_layers` on each of n targets; its parameters get a first axis of length n.

    Parameters
    ----------
    targets : ndarray, shape (n, p, p)
    layers : ndarray, shape (n, L, p, p)
        The starts; on return the last finite layers.
    dimension, rule : int
    parameters, step_sizes : ndarray, shape (n,)
    max_steps : ndarray of int64, shape (n,)
    tol : float
    statuses, steps : ndarray of int64, shape (n,)
        Written: how each run ended, and its steps.
    losses, lowest : ndarray, shape (n,)
        Written: excess loss at the end, and the lowest of all iterates.
    stop : ndarray of bool, shape (1,)
        As in `iterate_layers`.
    """
    for n in range(len(targets)):
        statuses[n], steps[n], lowest[n] = RUNNING, 0, np.inf
        while True:
            block = np.empty(min(BLOCK, max_steps[n] - steps[n]) + 1)
            statuses[n], taken = iterate_layers(
                targets[n], layers[n], dimension, rule, parameters[n], step_sizes[n], tol, block, stop
            )
            if stop[0]:
                return
            steps[n] += taken
            losses[n] = block[taken]
            lowest[n] = np.minimum(lowest[n], block[: taken + 1].min())
            if statuses[n] != RUNNING or steps[n] == max_steps[n]:
                break
