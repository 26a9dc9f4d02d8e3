"""The projections of step-and-project and of power projection, on LAPACK."""

import math

import numpy as np

from dlr.kernels.linear_algebra import decompose, diagonalize, multiply
from dlr.kernels.settings import compiled
from dlr.types import Flag, Matrix

SCRATCH = 10
"""Matrices that `clip` and `rebalance` work in."""

VALUES, MATRIX, EVEN, SCALED, LEFT, RIGHT, ROOT, TURNED, TURN, FACTOR = range(SCRATCH)
ODD = LEFT
"""Their places."""

FAILED = "LAPACK's singular value or eigenvalue decomposition does not converge"


@compiled
def clip(layers: Matrix, i: int, dimension: int, radius: float, scratch: Matrix) -> None:
    """Nearest layer with ``|Theta - I| <= radius``, in place; computes no SVD if the Frobenius norm is in range."""
    total, finite = 0.0, True
    for j in range(dimension):
        for k in range(dimension):
            residual = layers[i, j, k] - (j == k)
            total += residual * residual
            finite &= residual - residual == 0.0
            scratch[MATRIX, k, j] = residual
    if total <= radius * radius or not finite:
        return
    if decompose(scratch, MATRIX, LEFT, VALUES, RIGHT, dimension):
        raise ValueError(FAILED)
    if scratch[VALUES, 0, 0] <= radius:
        return
    for j in range(dimension):  # rebuilt from its factors: subtracting the excess would cancel
        for k in range(dimension):
            layers[i, j, k] = 1.0 if j == k else 0.0
            scratch[MATRIX, j, k] = min(scratch[VALUES, 0, j], radius) * scratch[RIGHT, k, j]
    multiply(1.0, scratch, LEFT, True, scratch, MATRIX, False, True, layers, i, dimension)


@compiled
def rebalance(layers: Matrix, dimension: int, margin: float, scratch: Matrix, stop: Flag) -> None:
    """Project the product to the margin, and put its balanced factorization in the place of the layers.

    The mathematics is that of `dlr.matrices.margin_positive_layers`. Breaks off once ``stop`` is set.
    """
    depth, d = len(layers), dimension
    matrix, spare = MATRIX, SCALED
    for i in range(d):
        for j in range(d):
            scratch[matrix, i, j] = layers[0, i, j]
    for i in range(1, depth):  # transposed, as the layers are
        if stop[()]:
            return
        multiply(1.0, scratch, matrix, False, layers, i, False, False, scratch, spare, d)
        matrix, spare = spare, matrix
    finite = True
    for i in range(d):
        for j in range(d):
            scratch[EVEN, i, j] = scratch[matrix, i, j] / 2 + scratch[matrix, j, i] / 2
            finite &= scratch[matrix, i, j] - scratch[matrix, i, j] == 0.0
    if not finite:
        layers[0, 0, 0] = np.nan
        return
    failed = diagonalize(scratch, EVEN, VALUES, d)
    if scratch[VALUES, 0, 0] < margin:
        for i in range(d):
            for j in range(d):
                scratch[spare, i, j] = max(margin - scratch[VALUES, 0, i], 0.0) * scratch[EVEN, i, j]
        multiply(1.0, scratch, EVEN, True, scratch, spare, False, True, scratch, matrix, d)
    failed |= decompose(scratch, matrix, LEFT, VALUES, RIGHT, d)
    for i in range(d):
        for j in range(d):
            scratch[spare, i, j] = scratch[VALUES, 0, j] ** (1 / depth) * scratch[RIGHT, i, j]
    multiply(1.0, scratch, RIGHT, False, scratch, spare, True, False, scratch, ROOT, d)
    multiply(1.0, scratch, LEFT, True, scratch, RIGHT, True, False, scratch, FACTOR, d)
    for i in range(d):
        for j in range(d):
            scratch[EVEN, i, j] = scratch[FACTOR, i, j] / 2 + scratch[FACTOR, j, i] / 2
            scratch[ODD, i, j] = scratch[FACTOR, i, j] / 2 - scratch[FACTOR, j, i] / 2
            scratch[TURN, i, j] = 1.0 if i == j else 0.0
    failed |= diagonalize(scratch, EVEN, VALUES, d)
    if failed:
        raise ValueError(FAILED)
    multiply(1.0, scratch, ODD, False, scratch, EVEN, True, False, scratch, TURNED, d)
    for i in range(depth):
        if stop[()]:
            break
        multiply(1.0, scratch, TURN, False, scratch, ROOT, False, False, scratch, FACTOR, d)
        fraction = (i + 1) / depth
        for k in range(d):  # each power of the rotation anew: a product of powers errs by more in every layer
            angle = math.acos(min(max(scratch[VALUES, 0, k], 0.0), 1.0))
            part = fraction * angle
            ratio = math.sin(part) / math.sin(angle) if angle > 0.0 else fraction
            for j in range(d):
                scratch[SCALED, j, k] = math.cos(part) * scratch[EVEN, k, j] + ratio * scratch[TURNED, j, k]
        multiply(1.0, scratch, SCALED, False, scratch, EVEN, False, False, scratch, TURN, d)
        multiply(1.0, scratch, FACTOR, False, scratch, TURN, True, False, layers, i, d)
