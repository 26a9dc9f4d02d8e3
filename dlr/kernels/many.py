"""The loop over a batch of targets."""

import numpy as np

from dlr.kernels.dense import dense
from dlr.kernels.settings import RUNNING, entry
from dlr.types import Array, Matrix

BLOCK = 256
"""Steps whose losses are kept at a time."""


@entry
def many(
    targets: Matrix,
    layers: Matrix,
    dimension: int,
    rule: int,
    parameters: Matrix,
    step_sizes: Matrix,
    max_steps: Array,
    tol: float,
    statuses: Array,
    steps: Array,
    losses: Matrix,
    lowest: Matrix,
    stop: Array,
) -> None:
    """Run `dense` on each of n targets; parameters as there, with a first axis of length n.

    Parameters
    ----------
    targets : ndarray, shape (n, p, p)
    layers : ndarray, shape (n, L, p, p)
        Starts; the last finite layers on return.
    dimension, rule : int
    parameters, step_sizes : ndarray, shape (n,)
    max_steps : ndarray of int64, shape (n,)
    tol : float
    statuses, steps : ndarray of int64, shape (n,)
        Out.
    losses, lowest : ndarray, shape (n,)
        Out: excess loss at the end, and the least one of all iterates.
    stop : ndarray of bool, shape (1,)
        Looked at after every `BLOCK` steps: where it is set from another thread, all that is left stays undone.
    """
    for n in range(len(targets)):
        statuses[n], steps[n], lowest[n] = RUNNING, 0, np.inf
        while True:
            block = np.empty(min(BLOCK, max_steps[n] - steps[n]) + 1)
            statuses[n], taken = dense(targets[n], layers[n], dimension, rule, parameters[n], step_sizes[n], tol, block)
            steps[n] += taken
            losses[n] = block[taken]
            lowest[n] = np.minimum(lowest[n], block[: taken + 1].min())
            if stop[0]:
                return
            if statuses[n] != RUNNING or steps[n] == max_steps[n]:
                break
