"""The loop over the eigenvalues of a normal target."""

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from dlr.kernels.settings import CLIP, CONVERGED, DIVERGED, POWER, PULL, RUNNING, STALLED, compiled, entry
from dlr.types import Complex, Flag, Matrix

Values = TypeVar("Values", Matrix, Complex)
"""Of the real eigenvalues, or of the pairs."""

OLD, BELOW, ERROR = range(3)
"""Rows of what the loop works in: the eigenvalues before the step, ``z^{L-1}`` and ``z^L - lambda``."""


@entry
def iterate_eigenvalues(
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
    history: Matrix,
    work_x: Matrix,
    work_z: Complex,
    stop: Flag,
) -> None:
    """Iterate the layer eigenvalues of n normal targets in place: real ones as floats, one of each pair as complex.

    Parameters
    ----------
    real, pairs : ndarray of float64, shape (n, k), and of complex128, shape (n, m)
        Eigenvalues of the targets, one of each conjugate pair; each pair counts twice in the loss.
    x, z : ndarray, same shapes and dtypes
        Eigenvalues of every layer, which are equal; on return the last finite ones.
    depth : int
    rule, parameters, step_sizes, max_steps, tol, statuses, steps, losses, lowest, history, stop
        As in `iterate_layers`.
    work_x, work_z : ndarray of float64, shape (3, k), and of complex128, shape (3, m)
        What the loop works in.
    """
    for n in range(len(real)):
        parameter, step_size = parameters[n], step_sizes[n]
        status, taken, low, last = RUNNING, -1, np.inf, np.inf
        while status == RUNNING and not stop[()]:
            changed, square_x = advance(n, x, real, depth, rule, parameter, step_size, work_x, taken >= 0)
            changed_z, square_z = advance(n, z, pairs, depth, rule, parameter, step_size, work_z, taken >= 0)
            if not (changed or changed_z):
                status = STALLED
                break
            loss = square_x / 2 + square_z
            if taken + 1 < len(history):
                history[taken + 1] = loss
            if loss - loss != 0.0:
                status = DIVERGED
                if taken < 0:
                    last = low = loss
                else:
                    restore(n, x, work_x)
                    restore(n, z, work_z)
                break
            taken += 1
            last, low = loss, min(low, loss)
            if loss <= tol:
                status = CONVERGED
            elif taken == max_steps[n]:
                break
        if stop[()]:
            return
        statuses[n], steps[n], losses[n], lowest[n] = status, max(taken, 0), last, low


@compiled
def advance(
    n: int,
    z: Values,
    eigenvalues: Values,
    depth: int,
    rule: int,
    parameter: float,
    step_size: float,
    work: Values,
    moves: bool,
) -> tuple[bool, float]:
    """Take one step in place, unless it ``moves`` nothing: whether anything changed, and the sum of ``|error|^2``."""
    changed, total = not moves, 0.0
    if moves and rule == POWER:
        for j in range(z.shape[1]):
            work[ERROR, j] = z[n, j] - step_size * (np.conj(work[BELOW, j]) * work[ERROR, j])
        raise_errors(depth, work)
    if moves:
        for j in range(z.shape[1]):
            if rule == PULL:
                new = z[n, j] - step_size * (np.conj(work[BELOW, j]) * work[ERROR, j] + parameter * (z[n, j] - 1.0))
            elif rule == CLIP:
                residual = z[n, j] - step_size * (np.conj(work[BELOW, j]) * work[ERROR, j]) - 1.0
                length = np.abs(residual)
                new = 1.0 + (residual * (parameter / length) if length > parameter else residual)
            else:
                new = (work[BELOW, j] + max(parameter - work[BELOW, j].real, 0.0)) ** (1.0 / depth)
            changed |= new != z[n, j]
            work[OLD, j] = z[n, j]
            z[n, j] = new
    for j in range(z.shape[1]):
        work[ERROR, j] = z[n, j]
    raise_errors(depth - 1, work)
    for j in range(z.shape[1]):
        difference = work[BELOW, j] * z[n, j] - eigenvalues[n, j]
        work[ERROR, j] = difference
        total += difference.real * difference.real + difference.imag * difference.imag
    return changed, total


@compiled
def raise_errors(exponent: int, work: Values) -> None:
    """``below = error ** exponent`` by repeated squaring; overwrites ``error``."""
    for j in range(work.shape[1]):
        work[BELOW, j] = 1.0
    while exponent:
        if exponent & 1:
            for j in range(work.shape[1]):
                work[BELOW, j] *= work[ERROR, j]
        exponent >>= 1
        if exponent:
            for j in range(work.shape[1]):
                work[ERROR, j] *= work[ERROR, j]


@compiled
def restore(n: int, z: Values, work: Values) -> None:
    """Put back the eigenvalues before the last step."""
    for j in range(z.shape[1]):
        z[n, j] = work[OLD, j]
