"""The two passes over the layers for any dimension, on BLAS."""

from dlr.kernels.linear_algebra import multiply
from dlr.kernels.settings import compiled, summing
from dlr.types import Flag, Matrix


@compiled
def forward(layers: Matrix, target: Matrix, buffers: Matrix, stop: Flag) -> float:
    """Excess loss; writes the product and the error.

    Once ``stop`` is set it breaks off, here and in `descend`, and what is written means nothing.

    Parameters
    ----------
    buffers : ndarray, shape (L + 2, p, p)
        Written, from its beginning: the transposes of ``Theta_i ... Theta_1``, i from 1 to L - 1, of which the first is
        not, as it is in ``layers``; the product ``W``; the error ``W - Phi``. The last matrix is spare.
    """
    depth, p = len(layers), len(target)
    if depth == 1:
        for j in range(p):
            for k in range(p):
                buffers[0, j, k] = layers[0, k, j]
    for i in range(1, depth):
        if stop[()]:
            break
        below = layers if i == 1 else buffers
        if i < depth - 1:
            multiply(1.0, below, i - 1, False, layers, i, False, False, buffers, i, p)
        else:
            multiply(1.0, layers, i, True, below, i - 1, True, False, buffers, i, p)
    return loss_and_error(target, buffers)


@summing
def loss_and_error(target: Matrix, buffers: Matrix) -> float:
    """Excess loss; writes ``error = W - Phi``."""
    depth, total = len(buffers) - 2, 0.0
    for j in range(len(target)):
        for k in range(len(target)):
            difference = buffers[depth - 1, j, k] - target[j, k]
            buffers[depth, j, k] = difference
            total += difference * difference
    return total / 2


@compiled
def descend(layers: Matrix, buffers: Matrix, strength: float, step_size: float, following: Matrix, stop: Flag) -> None:
    """Write the gradient step, with the pull to the identity, to ``following``; overwrites the error.

    BLAS adds a gradient to what is in the place of its layer already, which spares a pass over the memory.
    """
    depth, p = len(layers), layers.shape[1]
    backward, spare = depth, depth + 1
    for i in range(depth - 1, -1, -1):
        if stop[()]:
            break
        pull(layers, i, strength * step_size, following)
        if i > 0:
            below = layers if i == 1 else buffers
            multiply(-step_size, below, i - 1, True, buffers, backward, True, True, following, i, p)
            multiply(1.0, layers, i, False, buffers, backward, False, False, buffers, spare, p)
        else:
            for j in range(p):
                for k in range(p):
                    following[0, j, k] -= step_size * buffers[backward, k, j]
        backward, spare = spare, backward


@compiled
def pull(layers: Matrix, i: int, share: float, following: Matrix) -> None:
    """Layer ``i``, moved toward the identity by a share of its distance."""
    for j in range(layers.shape[1]):
        if share == 0.0:
            for k in range(layers.shape[1]):
                following[i, j, k] = layers[i, j, k]
        else:
            for k in range(layers.shape[1]):
                following[i, j, k] = layers[i, j, k] - share * (layers[i, j, k] - (j == k))
