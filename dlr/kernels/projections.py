"""The projections of step-and-project and of power projection, on LAPACK."""

import numpy as np

from dlr.kernels.settings import compiled
from dlr.types import Flag, Matrix


@compiled
def clip(layer: Matrix, dimension: int, radius: float) -> None:
    """Nearest layer with ``|Theta - I| <= radius``, in place; computes no SVD if the Frobenius norm is in range."""
    residual = np.empty((dimension, dimension))
    total, finite = 0.0, True
    for j in range(dimension):
        for k in range(dimension):
            residual[j, k] = layer[j, k] - (j == k)
            total += residual[j, k] ** 2
            finite &= np.isfinite(residual[j, k])
    if total <= radius * radius or not finite:
        return
    left, values, right = np.linalg.svd(residual)
    if values[0] <= radius:
        return
    for i in range(dimension):
        values[i] = min(values[i], radius)
    for j in range(dimension):  # rebuilt from its factors: subtracting the excess would cancel
        for k in range(dimension):
            layer[j, k] = 1.0 if j == k else 0.0
    add_scaled(row_major(left), values, row_major(right), layer)


@compiled
def rebalance(product: Matrix, dimension: int, margin: float, layers: Matrix, stop: Flag) -> None:
    """Project ``W`` to the margin and write its balanced factorization, transposed, to ``layers``.

    The mathematics is that of `dlr.matrices.margin_positive_layers`. Breaks off once ``stop`` is set.
    """
    depth, d = len(layers), dimension
    finite = True
    matrix = np.empty((d, d))
    for i in range(d):
        for j in range(d):
            matrix[i, j] = product[i, j]
            finite &= np.isfinite(matrix[i, j])
    if not finite:
        layers[0, 0, 0] = np.nan
        return
    even, odd = halves(matrix)
    values, vectors = np.linalg.eigh(even)
    if values[0] < margin:
        for i in range(d):
            values[i] = max(margin - values[i], 0.0)
        add_scaled(row_major(vectors), values, row_major(vectors.T), matrix)
    left, values, right = np.linalg.svd(matrix)
    left, right = row_major(left), row_major(right)
    rotation, root = np.zeros((d, d)), np.zeros((d, d))
    np.dot(left, right, rotation)
    for i in range(d):
        values[i] = values[i] ** (1 / depth)
    add_scaled(row_major(right.T), values, right, root)
    even, odd = halves(rotation)
    cosines, vectors = np.linalg.eigh(even)
    columns, rows = row_major(vectors), row_major(vectors.T)
    angles, turned = np.empty(d), np.zeros((d, d))
    for i in range(d):
        angles[i] = np.arccos(min(max(cosines[i], 0.0), 1.0))
    np.dot(odd, columns, turned)
    turn, back, weighted, factor = np.eye(d), np.zeros((d, d)), np.zeros((d, d)), np.zeros((d, d))
    for i in range(depth):
        if stop[0]:
            break
        np.dot(turn, root, factor)
        fraction = (i + 1) / depth
        for k in range(d):  # each power of the rotation anew: a product of powers errs by more in every layer
            part = fraction * angles[k]
            ratio = np.sin(part) / np.sin(angles[k]) if angles[k] > 0.0 else fraction
            for j in range(d):
                weighted[j, k] = np.cos(part) * columns[j, k] + ratio * turned[j, k]
        np.dot(weighted, rows, turn)
        for j in range(d):
            for k in range(d):
                back[k, j] = turn[j, k]
        np.dot(factor, back, weighted)
        for j in range(d):
            for k in range(d):
                layers[i, j, k] = weighted[j, k]


@compiled
def add_scaled(left: Matrix, values: Matrix, right: Matrix, out: Matrix) -> None:
    """``out += left @ diag(values) @ right``, in the leading block of ``out``."""
    d = len(values)
    scaled, result = np.empty((d, d)), np.empty((d, d))
    for i in range(d):
        for j in range(d):
            scaled[i, j] = values[i] * right[i, j]
    np.dot(left, scaled, result)
    for i in range(d):
        for j in range(d):
            out[i, j] += result[i, j]


@compiled
def row_major(matrix: Matrix) -> Matrix:
    """Row-major copy (LAPACK's results are column-major)."""
    out = np.empty(matrix.shape)
    for i in range(len(matrix)):
        for j in range(len(matrix)):
            out[i, j] = matrix[i, j]
    return out


@compiled
def halves(matrix: Matrix) -> tuple[Matrix, Matrix]:
    """Symmetric and skew part."""
    even, odd = np.empty(matrix.shape), np.empty(matrix.shape)
    for i in range(len(matrix)):
        for j in range(len(matrix)):
            even[i, j] = matrix[i, j] / 2 + matrix[j, i] / 2
            odd[i, j] = matrix[i, j] / 2 - matrix[j, i] / 2
    return even, odd
