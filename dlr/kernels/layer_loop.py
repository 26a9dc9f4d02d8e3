"""The loop over layers."""

import numpy as np

from dlr.kernels import blas, registers
from dlr.kernels.projections import clip, rebalance
from dlr.kernels.settings import CLIP, CONVERGED, DIVERGED, POWER, PULL, RUNNING, STALLED, compiled, entry
from dlr.types import Flag, Matrix


@entry
def iterate_layers(
    target: Matrix,
    layers: Matrix,
    dimension: int,
    rule: int,
    parameter: float,
    step_size: float,
    tol: float,
    losses: Matrix,
    stop: Flag,
) -> tuple[int, int]:
    """Iterate layers in place.

    Parameters
    ----------
    target : ndarray, shape (p, p)
        Phi, enlarged to ``p = size_for(d)`` by an identity block.
    layers : ndarray, shape (L, p, p)
        ``Theta_i^T``, enlarged in the same way. With transposes all products are of the two kinds fastest on BLAS.
    dimension : int
        Dimension d of the target before it was enlarged.
    rule, parameter : int, float
        `PULL` with the penalty's strength, `CLIP` with the radius, or `POWER` with the margin.
    step_size, tol : float
    losses : ndarray, shape (n + 1,)
        Losses of the start and of each step; its length limits the number of steps to n.
    stop : ndarray of bool, shape (1,)
        Once another thread has set it, the loop breaks off and all results mean nothing. Read before each step, and
        before each product of two matrices on BLAS.

    Returns
    -------
    status, steps : int
    """
    depth, p = len(layers), len(target)
    current, following, below = np.empty((depth, p, p)), layers, np.empty((depth, p, p))
    error, spare = np.empty((p, p)), np.empty((p, p))
    strength = parameter if rule == PULL else 0.0
    status, steps = RUNNING, -1
    while status == RUNNING and not stop[0]:
        if p <= registers.LARGEST:
            loss = registers.forward(following, target, below, error)
        else:
            loss = blas.forward(following, target, below, error, stop)
        losses[steps + 1] = loss
        if not np.isfinite(loss):
            status = DIVERGED
            break
        current, following = following, current
        steps += 1
        if loss <= tol:
            status = CONVERGED
            break
        if steps == len(losses) - 1:
            break
        if p <= registers.LARGEST:
            registers.descend(current, below, error, strength, step_size, following)
        else:
            blas.descend(current, below, error, spare, strength, step_size, following, stop)
        if rule == CLIP:
            for i in range(depth):
                if stop[0]:
                    break
                clip(following[i], dimension, parameter)
        elif rule == POWER:
            blas.forward(following, target, below, error, stop)
            rebalance(below[depth - 1], dimension, parameter, following, stop)
        if same(current, following):
            status = STALLED
    if steps > 0 and steps % 2:  # even steps are in the caller's array
        for i in range(depth):
            for j in range(p):
                for k in range(p):
                    layers[i, j, k] = current[i, j, k]
    return status, max(steps, 0)


@compiled
def same(first: Matrix, second: Matrix) -> bool:
    """Whether two stacks agree in every entry."""
    for i in range(first.shape[0]):
        for j in range(first.shape[1]):
            for k in range(first.shape[2]):
                if first[i, j, k] != second[i, j, k]:
                    return False
    return True
