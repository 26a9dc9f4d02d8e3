"""The loop over the eigenvalues of a normal target."""

from typing import TypeVar

import numpy as np

from dlr.kernels.settings import CLIP, CONVERGED, DIVERGED, POWER, PULL, RUNNING, STALLED, compiled, entry
from dlr.types import Complex, Flag, Matrix

Values = TypeVar("Values", Matrix, Complex)
"""Of the real eigenvalues, or of the pairs."""


@entry
def iterate_eigenvalues(
    real: Matrix,
    pairs: Complex,
    x: Matrix,
    z: Complex,
    depth: int,
    rule: int,
    parameter: float,
    step_size: float,
    tol: float,
    losses: Matrix,
    stop: Flag,
) -> tuple[int, int]:
    """Iterate a normal target's layer eigenvalues in place: real ones as floats, one of each pair as complex.

    Parameters
    ----------
    real, pairs : ndarray of float64, shape (m,), and of complex128, shape (n,)
        Eigenvalues of the target, one of each conjugate pair; each pair counts twice in the loss.
    x, z : ndarray, same shapes and dtypes
        Eigenvalues of every layer, which are equal; on return the last finite ones.
    depth : int
    rule, parameter, step_size, tol, losses, stop
        As in `iterate_layers`.

    Returns
    -------
    status, steps : int
    """
    below_x, error_x, below_z, error_z = x.copy(), x.copy(), z.copy(), z.copy()
    old_x, old_z = x.copy(), z.copy()
    losses[0] = evaluate(x, real, depth, below_x, error_x) / 2 + evaluate(z, pairs, depth, below_z, error_z)
    status, steps = RUNNING if np.isfinite(losses[0]) else DIVERGED, 0
    while status == RUNNING and not stop[0]:
        if losses[steps] <= tol:
            status = CONVERGED
            break
        if steps == len(losses) - 1:
            break
        for j in range(len(x)):
            old_x[j] = x[j]
        for j in range(len(z)):
            old_z[j] = z[j]
        changed = advance(x, below_x, error_x, depth, rule, parameter, step_size)
        changed |= advance(z, below_z, error_z, depth, rule, parameter, step_size)
        if not changed:
            status = STALLED
            break
        loss = evaluate(x, real, depth, below_x, error_x) / 2 + evaluate(z, pairs, depth, below_z, error_z)
        if not np.isfinite(loss):
            status = DIVERGED
            for j in range(len(x)):
                x[j] = old_x[j]
            for j in range(len(z)):
                z[j] = old_z[j]
            break
        steps += 1
        losses[steps] = loss
    return status, steps


@compiled
def raise_to(z: Values, exponent: int, square: Values, out: Values) -> None:
    """``out = z ** exponent`` by repeated squaring; overwrites ``square``."""
    for j in range(len(z)):
        square[j] = z[j]
        out[j] = 1.0
    while exponent:
        if exponent & 1:
            for j in range(len(z)):
                out[j] *= square[j]
        exponent >>= 1
        if exponent:
            for j in range(len(z)):
                square[j] *= square[j]


@compiled
def evaluate(z: Values, eigenvalues: Values, depth: int, below: Values, error: Values) -> float:
    """Write ``below = z^{L-1}`` and ``error = z^L - lambda``; returns the sum of ``|error|^2``."""
    raise_to(z, depth - 1, error, below)
    total = 0.0
    for j in range(len(z)):
        difference = below[j] * z[j] - eigenvalues[j]
        error[j] = difference
        total += difference.real * difference.real + difference.imag * difference.imag
    return total


@compiled
def advance(z: Values, below: Values, error: Values, depth: int, rule: int, parameter: float, step_size: float) -> bool:
    """Take one step in place; returns whether any eigenvalue changed. Overwrites ``below`` and ``error``."""
    changed = False
    if rule == POWER:
        for j in range(len(z)):
            error[j] = z[j] - step_size * (np.conj(below[j]) * error[j])
        raise_to(error, depth, error, below)
    for j in range(len(z)):
        if rule == PULL:
            new = z[j] - step_size * (np.conj(below[j]) * error[j] + parameter * (z[j] - 1.0))
        elif rule == CLIP:
            residual = z[j] - step_size * (np.conj(below[j]) * error[j]) - 1.0
            length = np.abs(residual)
            new = 1.0 + (parameter * residual / length if length > parameter else residual)
        else:
            new = (below[j] + max(parameter - below[j].real, 0.0)) ** (1.0 / depth)
        changed |= new != z[j]
        z[j] = new
    return changed
