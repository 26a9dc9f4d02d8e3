"""The compiled loops over a batch of targets."""

import numpy as np
from numpy.typing import NDArray

from dlr.kernels.eigenvalue_loop import iterate_eigenvalues
from dlr.kernels.layer_loop import iterate_layers
from dlr.kernels.settings import RUNNING, compiled, entry
from dlr.types import Complex, Flag, Matrix

BLOCK = 256
"""Steps in one call of a loop, whose losses are kept until it returns."""


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
            if ended(n, block[: taken + 1], statuses, steps, max_steps, losses, lowest):
                break


@entry
def iterate_spectra(
    real: Matrix,
    pairs: Complex,
    x: Matrix,
    z: Complex,
    depth: int,
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
    """Run `iterate_eigenvalues` on each of n normal targets with as many real eigenvalues and pairs.

    Parameters
    ----------
    real, x : ndarray, shape (n, k)
    pairs, z : ndarray of complex128, shape (n, m)
        Eigenvalues of the targets, and of their layers.
    depth, rule : int
    parameters, step_sizes, max_steps, tol, statuses, steps, losses, lowest, stop
        As in `iterate_stack`.
    """
    for n in range(len(real)):
        statuses[n], steps[n], lowest[n] = RUNNING, 0, np.inf
        while True:
            block = np.empty(min(BLOCK, max_steps[n] - steps[n]) + 1)
            statuses[n], taken = iterate_eigenvalues(
                real[n], pairs[n], x[n], z[n], depth, rule, parameters[n], step_sizes[n], tol, block, stop
            )
            if stop[0]:
                return
            if ended(n, block[: taken + 1], statuses, steps, max_steps, losses, lowest):
                break


@compiled
def ended(
    n: int,
    block: Matrix,
    statuses: NDArray[np.int64],
    steps: NDArray[np.int64],
    max_steps: NDArray[np.int64],
    losses: Matrix,
    lowest: Matrix,
) -> bool:
    """Enter a block of losses of run n; returns whether the run has ended."""
    steps[n] += len(block) - 1
    losses[n] = block[-1]
    lowest[n] = np.minimum(lowest[n], block.min())
    return bool(statuses[n] != RUNNING or steps[n] == max_steps[n])
