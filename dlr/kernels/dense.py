"""The loop over layers."""

import numpy as np

from dlr.kernels.products import (
    CLIP,
    CONVERGED,
    DIVERGED,
    POWER,
    PULL,
    RUNNING,
    STALLED,
    compiled,
    multiply,
    multiply_turned,
    summing,
)
from dlr.kernels.projections import clip, rebalance
from dlr.types import Matrix


@compiled
def dense(
    target: Matrix,
    layers: Matrix,
    dimension: int,
    rule: int,
    parameter: float,
    step_size: float,
    tol: float,
    losses: Matrix,
) -> tuple[int, int]:
    """Iterate layers in place.

    Parameters
    ----------
    target : ndarray, shape (p, p)
        Phi, enlarged to ``p = size_for(d)`` by an identity block.
    layers : ndarray, shape (L, p, p)
        ``Theta_i^T``, enlarged likewise: the transposes turn all products into the two kinds that BLAS does best.
    dimension : int
        d.
    rule, parameter : int, float
        `PULL` with the penalty's strength, `CLIP` with the radius, or `POWER` with the margin.
    step_size, tol : float
    losses : ndarray, shape (n + 1,)
        Room for at most n steps.

    Returns
    -------
    status, steps : int
    """
    depth, p = len(layers), len(target)
    current, following, below = layers, np.empty((depth, p, p)), np.empty((depth, p, p))
    product, error, spare = np.empty((p, p)), np.empty((p, p)), np.empty((p, p))
    forward(current, below, product)
    losses[0] = loss_and_error(product, target, error)
    status, steps = RUNNING if np.isfinite(losses[0]) else DIVERGED, 0
    while status == RUNNING:
        if losses[steps] <= tol:
            status = CONVERGED
            break
        if steps == len(losses) - 1:
            break
        descend(current, below, error, spare, product, parameter if rule == PULL else 0.0, step_size, following)
        if rule == CLIP:
            for i in range(depth):
                clip(following[i], dimension, parameter)
        elif rule == POWER:
            forward(following, below, product)
            rebalance(product, dimension, parameter, following)
        if same(current, following):
            status = STALLED
            break
        forward(following, below, product)
        loss = loss_and_error(product, target, error)
        if not np.isfinite(loss):
            status = DIVERGED
            break
        current, following = following, current
        steps += 1
        losses[steps] = loss
    if steps % 2:
        for i in range(depth):
            for j in range(p):
                for k in range(p):
                    layers[i, j, k] = current[i, j, k]
    return status, steps


@compiled
def forward(layers: Matrix, below: Matrix, product: Matrix) -> None:
    """Partial products ``below[i] = (Theta_{i+1} ... Theta_1)^T`` up to the last layer but one, and the product W."""
    depth, p = len(layers), len(product)
    for j in range(p):
        for k in range(p):
            below[0, j, k] = layers[0, j, k]
    for i in range(1, depth - 1):
        multiply(below[i - 1], layers[i], below[i])
    if depth > 1:
        multiply_turned(below[depth - 2], layers[depth - 1], product)
    else:
        turn(layers[0], product)


@summing
def loss_and_error(product: Matrix, target: Matrix, error: Matrix) -> float:
    """Excess loss; writes ``error = W - Phi``."""
    total = 0.0
    for j in range(len(target)):
        for k in range(len(target)):
            difference = product[j, k] - target[j, k]
            error[j, k] = difference
            total += difference * difference
    return total / 2


@compiled
def descend(
    layers: Matrix,
    below: Matrix,
    backward: Matrix,
    spare: Matrix,
    gradient: Matrix,
    strength: float,
    step_size: float,
    following: Matrix,
) -> None:
    """Write the gradient step to ``following``; ``backward`` starts as the error, the matrices are overwritten."""
    for i in range(len(layers) - 1, -1, -1):
        if i > 0:
            multiply_turned(backward, below[i - 1], gradient)
            multiply(layers[i], backward, spare)
        else:
            turn(backward, gradient)
        update(layers[i], gradient, strength, step_size, following[i])
        backward, spare = spare, backward


@compiled
def update(layer: Matrix, gradient: Matrix, strength: float, step_size: float, out: Matrix) -> None:
    """One layer's gradient step, with the pull to the identity."""
    for j in range(len(out)):
        for k in range(len(out)):
            out[j, k] = layer[j, k] - step_size * (gradient[j, k] + strength * (layer[j, k] - (j == k)))


@compiled
def turn(matrix: Matrix, out: Matrix) -> None:
    """``out = matrix^T``."""
    for j in range(len(out)):
        for k in range(len(out)):
            out[k, j] = matrix[j, k]


@compiled
def same(first: Matrix, second: Matrix) -> bool:
    """Whether two stacks agree in every entry."""
    for i in range(first.shape[0]):
        for j in range(first.shape[1]):
            for k in range(first.shape[2]):
                if first[i, j, k] != second[i, j, k]:
                    return False
    return True
