"""The loop over layers."""

import numpy as np
from numpy.typing import NDArray

from dlr.kernels import blas, registers
from dlr.kernels.projections import clip, rebalance
from dlr.kernels.settings import CLIP, CONVERGED, DIVERGED, POWER, PULL, RUNNING, STALLED, compiled, entry
from dlr.types import Flag, Matrix


@entry
def iterate_layers(
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
    history: Matrix,
    others: Matrix,
    buffers: Matrix,
    scratch: Matrix,
    stop: Flag,
) -> None:
    """Iterate the layers of n networks in place, one after the other.

    Parameters
    ----------
    targets : ndarray, shape (n, p, p)
        Phi, enlarged to ``p = size_for(d)`` by an identity block.
    layers : ndarray, shape (n, L, p, p)
        ``Theta_i^T`` of the starts, enlarged in the same way; on return the last finite layers. With transposes all
        products are of the two kinds fastest on BLAS.
    dimension : int
        Dimension d of the targets before they were enlarged.
    rule, parameters : int, ndarray of shape (n,)
        `PULL` with the penalty's strength, `CLIP` with the radius, or `POWER` with the margin.
    step_sizes, max_steps : ndarray, shape (n,)
    tol : float
    statuses, steps, losses, lowest : ndarray, shape (n,)
        Written: how each run ended, its steps, its last finite loss and the lowest.
    history : ndarray, shape (m,)
        Written: the first m losses of each run, in the place of those of the run before.
    others, buffers, scratch : ndarray, shapes (L, p, p), (L + 2, p, p) and (m, d, d)
        What the loop works in; the last for projections only, see `dlr.kernels.projections`.
    stop : ndarray of bool, shape ()
        Once another thread has set it, the loop breaks off and all results mean nothing. Read before each step, and
        before each product of two matrices on BLAS.
    """
    depth, p = layers.shape[1], layers.shape[2]
    for n in range(len(targets)):
        target, current, following = targets[n], others, layers[n]
        parameter, step_size = parameters[n], step_sizes[n]
        strength = parameter if rule == PULL else 0.0
        status, taken, low, last = RUNNING, -1, np.inf, np.inf
        while status == RUNNING and not stop[()]:
            if p <= registers.LARGEST:
                loss = registers.forward(following, target, buffers)
            else:
                loss = blas.forward(following, target, buffers, stop)
            if taken + 1 < len(history):
                history[taken + 1] = loss
            if loss - loss != 0.0:
                status = DIVERGED
                if taken < 0:
                    last = low = loss
                break
            current, following = following, current
            taken += 1
            last, low = loss, min(low, loss)
            if loss <= tol:
                status = CONVERGED
                break
            if taken == max_steps[n]:
                break
            if p <= registers.LARGEST:
                registers.descend(current, buffers, strength, step_size, following)
            else:
                blas.descend(current, buffers, strength, step_size, following, stop)
            if rule == CLIP:
                for i in range(depth):
                    if stop[()]:
                        break
                    clip(following, i, dimension, parameter, scratch)
            elif rule == POWER:
                rebalance(following, dimension, parameter, scratch, stop)
            if same(current, following):
                status = STALLED
        if stop[()]:
            return
        if taken > 0 and taken % 2:  # even steps are in the caller's array
            copy(current, layers[n])
        statuses[n], steps[n], losses[n], lowest[n] = status, max(taken, 0), last, low


@compiled
def same(first: Matrix, second: Matrix) -> bool:
    """Whether two stacks agree in every entry."""
    for i in range(first.shape[0]):
        for j in range(first.shape[1]):
            for k in range(first.shape[2]):
                if first[i, j, k] != second[i, j, k]:
                    return False
    return True


@compiled
def copy(source: Matrix, out: Matrix) -> None:
    """Write a stack to another one."""
    for i in range(source.shape[0]):
        for j in range(source.shape[1]):
            for k in range(source.shape[2]):
                out[i, j, k] = source[i, j, k]
