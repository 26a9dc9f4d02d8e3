"""The two passes over the layers for any dimension, on BLAS."""

import numpy as np

from dlr.kernels.settings import compiled, summing
from dlr.types import Flag, Matrix


@compiled
def forward(layers: Matrix, target: Matrix, below: Matrix, error: Matrix, stop: Flag) -> float:
    """The same as `registers.forward`, except that every ``below[i]`` but the last is transposed.

    Once ``stop`` is set it breaks off, here and in `descend`, and what is written means nothing.
    """
    depth, p = len(layers), len(target)
    product = below[depth - 1]
    if depth > 1:
        for j in range(p):
            for k in range(p):
                below[0, j, k] = layers[0, j, k]
        for i in range(1, depth - 1):
            if stop[0]:
                break
            np.dot(below[i - 1], layers[i], below[i])
        np.dot(layers[depth - 1].T, below[depth - 2].T, product)
    else:
        turn(layers[0], product)
    return loss_and_error(product, target, error)


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
    error: Matrix,
    spare: Matrix,
    strength: float,
    step_size: float,
    following: Matrix,
    stop: Flag,
) -> None:
    """Write the gradient step to ``following``; overwrites ``error`` and the last matrix of ``below``."""
    backward, gradient = error, below[len(layers) - 1]
    for i in range(len(layers) - 1, -1, -1):
        if stop[0]:
            break
        if i > 0:
            np.dot(below[i - 1].T, backward.T, gradient)
            np.dot(layers[i], backward, spare)
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
