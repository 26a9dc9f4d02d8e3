r"""Matrix tools of the theorems: margin, projections, polar form, rotation powers, balanced factorization.

A matrix is gamma-positive (has margin gamma) when ``u^T A u >= gamma |u|^2`` for all u, that is, when the
least eigenvalue of its symmetric part is at least gamma.

Functions of one matrix raise an `InputError` for what is not a finite real square matrix. Functions of stacks run on
any array-API namespace and return NaN for a matrix that is not finite.
"""

import math
from typing import Any

import numpy as np
from array_api_compat import device, is_numpy_array

from dlr._arrays import finite_array, matrix_stack, namespace, square_matrix
from dlr._norms import margins, may_be_longer, relative_margins
from dlr.arguments import InputError, brief, fits, integer, number
from dlr.types import AnyArray, ArrayInput, Matrix

__all__ = [
    "asymmetry",
    "balanced_factorization",
    "balanced_layers",
    "clip_to_ball",
    "distance_to_identity",
    "frobenius_norm",
    "lift_to_margin",
    "margin",
    "margin_positive_layers",
    "near_identity_factorization",
    "plane_rotations",
    "polar",
    "project_to_margin",
    "relative_margin",
    "rescaled",
    "rotation_angles",
    "symmetric_part",
]


ORTHOGONAL = 2.0**-26
"""Distance ``|R^T R - I|_F`` up to which a matrix counts as orthogonal: the square root of machine epsilon."""


def symmetric_part(matrices: AnyArray) -> AnyArray:
    """``(A + A^T) / 2`` of matrices (..., d, d) on any namespace, without overflow."""
    matrices = matrix_stack("matrices", matrices)
    return matrices / 2 + matrices.mT / 2


def margin(matrix: ArrayInput) -> float:
    """Least eigenvalue of the symmetric part: the largest gamma for which ``matrix`` is gamma-positive."""
    return float(margins(square_matrix("matrix", matrix)))


def relative_margin(matrix: ArrayInput) -> float:
    """Margin over spectral norm, 0 for the zero matrix; its sign means nothing if it is as small as rounding."""
    return float(relative_margins(square_matrix("matrix", matrix)))


def asymmetry(matrix: ArrayInput) -> float:
    """``|A - A^T|_F / |A|_F``: 0 for symmetric matrices (and for zero), 2 for skew ones."""
    matrix = rescaled(square_matrix("matrix", matrix))
    return _relative(float(np.linalg.norm(matrix - matrix.T)), float(np.linalg.norm(matrix)))


def frobenius_norm(matrix: ArrayInput) -> float:
    """``|A|_F`` of an array of any shape, computed so that no square overflows or underflows.

    Infinite where the norm itself overflows.
    """
    matrix = finite_array("matrix", matrix)
    exponent = int(np.frexp(np.max(np.abs(matrix), initial=0.0))[1])
    return float(np.ldexp(np.linalg.norm(np.ldexp(matrix, -exponent)), exponent))


def distance_to_identity(matrix: ArrayInput) -> float:
    """``|A - I|_F``."""
    matrix = square_matrix("matrix", matrix)
    return frobenius_norm(matrix - np.eye(len(matrix)))


def project_to_margin(matrix: ArrayInput, margin: float) -> Matrix:
    """Nearest (Frobenius) ``margin``-positive matrix: keep the skew part, clip the symmetric part's eigenvalues.

    Parameters
    ----------
    matrix : array, shape (d, d)
    margin : float
        The margin gamma to reach.

    Returns
    -------
    ndarray, shape (d, d)
        ``matrix`` itself if it already has the margin; so a second projection changes nothing beyond rounding.

    Raises
    ------
    InputError
        If ``matrix`` is not a finite square matrix, ``margin`` is not finite, or the result overflows.
    """
    matrix = square_matrix("matrix", matrix)
    return _in_range(matrix, lift_to_margin(matrix, number("margin", margin)))


def lift_to_margin(matrices: AnyArray, margin: float) -> AnyArray:
    """`project_to_margin` for matrices (..., d, d) of any namespace; NaN where one is not finite."""
    matrices, margin = matrix_stack("matrices", matrices), number("margin", margin)
    xp = namespace(matrices)
    finite, safe = _safe(matrices)
    eigenvalues, vectors = xp.linalg.eigh(symmetric_part(safe))
    lift = xp.maximum(margin - eigenvalues, xp.zeros_like(eigenvalues))  # adds exactly nothing where all are 0
    lifted = safe + (vectors * lift[..., None, :]) @ vectors.mT
    result: AnyArray = xp.where(finite, lifted, xp.full_like(matrices, xp.nan))
    return result


def clip_to_ball(layers: AnyArray, radius: float) -> AnyArray:
    """Nearest (Frobenius) layers with ``|Theta_i - I| <= radius``: clip the singular values of ``Theta_i - I``.

    Parameters
    ----------
    layers : array, shape (..., d, d)
    radius : float
        At least 0.

    Returns
    -------
    array, shape (..., d, d)
        NaN where a layer has an entry that is not finite.
    """
    layers, radius = matrix_stack("layers", layers), number("radius", radius, minimum=0)
    xp = namespace(layers)
    identity = xp.eye(layers.shape[-1], dtype=layers.dtype, device=device(layers))
    if is_numpy_array(layers):  # a decomposition takes as long as many products: only where one may be needed
        nearest: Any = np.array(layers)
        broken = ~np.isfinite(nearest).all(axis=(-2, -1))
        nearest[broken] = identity
        with np.errstate(all="ignore"):  # a square that overflows is of a layer that is too long
            far = may_be_longer(nearest - identity, radius)
        if far.any():
            nearest[far] = _clipped(nearest[far], identity, radius)
        nearest[broken] = np.nan
    else:
        finite, safe = _safe(layers)
        nearest = xp.where(finite, _clipped(safe, identity, radius), xp.full_like(layers, xp.nan))
    result: AnyArray = nearest
    return result


def _clipped(layers: AnyArray, identity: AnyArray, radius: float) -> AnyArray:
    """`clip_to_ball` of finite layers."""
    xp = namespace(layers)
    left, values, right = xp.linalg.svd(layers - identity)
    outside = values > radius
    clipped = xp.where(outside, xp.full_like(values, radius), values)
    # rebuilt from its factors: subtracting the excess would cancel after a long step and miss the radius
    rebuilt = identity + (left * clipped[..., None, :]) @ right
    nearest: AnyArray = xp.where(xp.any(outside, axis=-1)[..., None, None], rebuilt, layers)
    return nearest


def polar(matrix: ArrayInput) -> tuple[Matrix, Matrix]:
    """Polar form ``A = R P`` with R orthogonal and P symmetric positive semidefinite, both of shape (d, d)."""
    matrix = square_matrix("matrix", matrix)
    left, values, right = np.linalg.svd(matrix)
    return left @ right, _in_range(matrix, (right.T * values) @ right)


def rotation_angles(rotation: ArrayInput) -> tuple[Matrix, Matrix]:
    """Real Schur form of a rotation: angles of its planes and the orthogonal basis they live in.

    An eigendecomposition is not enough, since a rotation may have repeated eigenvalues. The eigenvalues -1 come in
    pairs because det R = 1; each pair is a plane that turns by pi.

    Parameters
    ----------
    rotation : array, shape (d, d)
        Orthogonal with determinant 1.

    Returns
    -------
    angles : ndarray, shape (d // 2,)
        In (-pi, pi]; plane k is spanned by basis columns 2k and 2k + 1. For odd d the last column stays fixed.
    basis : ndarray, shape (d, d)
        Orthogonal.

    Raises
    ------
    InputError
        If ``rotation`` is not orthogonal to half of the digits (`ORTHOGONAL`), or its determinant is not 1.
    """
    rotation = square_matrix("rotation", rotation)
    with np.errstate(all="ignore"):
        distance = np.linalg.norm(rotation.T @ rotation - np.eye(len(rotation)))
    if not distance <= ORTHOGONAL or np.linalg.slogdet(rotation)[0] < 0:
        raise InputError(f"rotation must be orthogonal with determinant 1, got {brief(rotation)}: take polar(A)[0]")
    from scipy.linalg import schur  # 0.3 s to import: only where a Schur form is needed

    triangular, basis = schur(rotation)
    planes: list[tuple[int, int]] = []
    angles: list[float] = []
    turned: list[int] = []
    fixed: list[int] = []
    i, d = 0, len(rotation)
    while i < d:
        if i + 1 < d and triangular[i + 1, i] != 0.0:
            sine, cosine = triangular[i + 1, i] - triangular[i, i + 1], triangular[i, i] + triangular[i + 1, i + 1]
            planes.append((i, i + 1))
            angles.append(float(np.arctan2(sine, cosine)))
            i += 2
        else:
            (fixed if triangular[i, i] > 0 else turned).append(i)
            i += 1
    for axes, angle in ((turned, np.pi), (fixed, 0.0)):
        pairs = list(zip(axes[0::2], axes[1::2], strict=False))
        planes += pairs
        angles += [angle] * len(pairs)
    order = [axis for plane in planes for axis in plane] + (fixed[-1:] if d % 2 else [])
    return np.array(angles), basis[:, order]


def balanced_factorization(matrix: ArrayInput, depth: int) -> Matrix:
    """Balanced factorization: ``depth`` layers with product ``matrix`` and equal singular values.

    With the polar form ``W = R P``: ``Theta_i = R^{i/L} P^{1/L} R^{-(i-1)/L}``, so ``Theta_i ... Theta_1 =
    R^{i/L} P^{i/L}``, the whole product is W, and each layer has singular values ``sigma_j(W)^{1/L}``.
    Source: Bartlett, Helmbold, Long 2018, section 5 (power projection).

    Parameters
    ----------
    matrix : array, shape (d, d)
        Determinant > 0.
    depth : int
        Number of layers L >= 1.

    Returns
    -------
    ndarray, shape (L, d, d)
        ``Theta_1`` first.

    Raises
    ------
    InputError
        If ``matrix`` is not finite and square, has determinant <= 0, or ``depth`` is not an integer >= 1, or the
        layers do not fit in memory.
    """
    matrix = square_matrix("matrix", matrix)
    sign = float(np.linalg.slogdet(matrix)[0])
    if sign <= 0:
        raise InputError(f"matrix must have determinant > 0, got sign {sign:g}: flip a row, or take another matrix")
    return balanced_layers(matrix, depth)


def near_identity_factorization(matrix: ArrayInput, depth: int) -> Matrix:
    r"""Exact factorization into layers near the identity: the balanced factorization, with a bound on its layers.

    In spectral norm ``|Theta_i - I| <= (e^{g/L} - 1) + 2 sin(pi / (2 L))``, with ``g = max |ln sigma_j|`` over
    the matrix's singular values; for ``L >= 3 g`` this is at most ``(pi + 6 g / 5) / L``. The bound also holds where
    the rotation has repeated eigenvalues, -1 included. Two alternatives have larger residuals: powers of the principal
    logarithm, which need not exist, and separate layers for rotation and stretch. Source: Hardt, Ma 2017, theorem 2.1.

    Parameters
    ----------
    matrix : array, shape (d, d)
        Determinant > 0.
    depth : int
        Number of layers L >= 1.

    Returns
    -------
    ndarray, shape (L, d, d)
        ``Theta_1`` first.

    Raises
    ------
    InputError
        As `balanced_factorization`.

    Examples
    --------
    >>> import numpy as np, dlr
    >>> layers = dlr.matrices.near_identity_factorization(-np.eye(2), depth=100)
    >>> float(np.linalg.norm(layers - np.eye(2), 2, axis=(1, 2)).max().round(4))
    0.0314
    """
    return balanced_factorization(matrix, depth)


def balanced_layers(matrix: ArrayInput, depth: int) -> Matrix:
    """`balanced_factorization` of the nearest matrix with determinant >= 0, up to rounding.

    Where rounding hides the determinant's sign, the polar factor may be computed as a reflection. Reversing its least
    singular vector makes it a rotation and moves the matrix by ``2 sigma_min``, which is a rounding error in that case.
    """
    matrix = square_matrix("matrix", matrix)
    depth = integer("depth", depth)
    fits("depth", depth, 5 * 8 * (depth + 1) * matrix.size, "lower depth or dimension")
    left, values, right = np.linalg.svd(matrix)
    if np.linalg.slogdet(left @ right)[0] < 0:
        left[:, -1] *= -1
    angles, basis = rotation_angles(left @ right)
    root = (right.T * values ** (1.0 / depth)) @ right
    powers = basis @ plane_rotations(np.arange(depth + 1)[:, None] / depth * angles, len(matrix)) @ basis.T
    return _in_range(matrix, powers[1:] @ root @ np.swapaxes(powers[:-1], -1, -2))


def margin_positive_layers(matrices: AnyArray, depth: int) -> AnyArray:
    """Balanced layers (..., L, d, d) of margin-positive matrices (..., d, d), on any namespace.

    The rotation R of such a matrix ``R P`` turns every plane by less than a quarter: for an eigenvector v,
    ``v* W v = e^{i theta} v* P v`` has a positive real part. So its principal powers need no Schur form: with the
    eigenvectors of ``(R + R^T)/2``, whose eigenvalues are ``cos theta``, and ``K = (R - R^T)/2``,
    ``R^t = cos(t theta) + K sin(t theta)/sin(theta)``. Rounding may make a cosine negative; it then counts as zero, a
    quarter turn, which moves the matrix by a rounding error. NaN where a matrix is not finite.
    """
    matrices, depth = matrix_stack("matrices", matrices), integer("depth", depth)
    fits("depth", depth, 6 * 8 * (depth + 1) * math.prod(matrices.shape), "lower depth or dimension")
    xp = namespace(matrices)
    finite, safe = _safe(matrices)
    left, values, right = xp.linalg.svd(safe)
    rotation = left @ right
    root = (right.mT * (values ** (1.0 / depth))[..., None, :]) @ right
    even = symmetric_part(rotation)
    cosines, vectors = xp.linalg.eigh(even)
    angles = xp.acos(xp.clip(cosines, 0.0, 1.0))[..., None, :]
    fractions = xp.arange(depth + 1, dtype=matrices.dtype, device=device(matrices))[:, None] / depth
    sines = xp.sin(angles)
    safe_sines = xp.where(sines > 0, sines, xp.ones_like(sines))
    ratios = xp.where(sines > 0, xp.sin(fractions * angles) / safe_sines, fractions)
    vectors = vectors[..., None, :, :]
    cosine, sine = ((vectors * weights[..., None, :]) @ vectors.mT for weights in (xp.cos(fractions * angles), ratios))
    powers = cosine + (rotation - even)[..., None, :, :] @ sine
    layers = powers[..., 1:, :, :] @ root[..., None, :, :] @ powers[..., :-1, :, :].mT
    result: AnyArray = xp.where(finite[..., None, :, :], layers, xp.full_like(layers, xp.nan))
    return result


def plane_rotations(angles: ArrayInput, dimension: int) -> Matrix:
    """Block-diagonal rotations: plane k, axes 2k and 2k + 1, turned by ``angles[..., k]``.

    Parameters
    ----------
    angles : array, shape (..., p)
        In radians, ``2 p <= dimension``.
    dimension : int

    Returns
    -------
    ndarray, shape (..., dimension, dimension)
    """
    angles, dimension = finite_array("angles", angles), integer("dimension", dimension)
    if angles.ndim == 0 or 2 * angles.shape[-1] > dimension:
        raise InputError(
            f"angles must be at most dimension / 2 = {dimension // 2} in a row, got shape {angles.shape}: "
            "pass one for each plane"
        )
    size = math.prod(angles.shape[:-1]) * dimension**2
    fits("dimension", dimension, 8 * size, "lower it")
    result = np.broadcast_to(np.eye(dimension), (*angles.shape[:-1], dimension, dimension)).copy()
    first = 2 * np.arange(angles.shape[-1])
    result[..., first, first] = result[..., first + 1, first + 1] = np.cos(angles)
    result[..., first + 1, first] = np.sin(angles)
    result[..., first, first + 1] = -np.sin(angles)
    return result


def _safe(matrices: AnyArray) -> tuple[AnyArray, AnyArray]:
    """Which matrices (..., d, d) are finite, and the stack with the identity in place of the rest: LAPACK may hang."""
    xp = namespace(matrices)
    identity = xp.eye(matrices.shape[-1], dtype=matrices.dtype, device=device(matrices))
    finite = xp.all(xp.isfinite(matrices), axis=(-2, -1))[..., None, None]
    return finite, xp.where(finite, matrices, identity)


def rescaled(matrix: ArrayInput) -> Matrix:
    """``matrix`` times a power of two, with largest entry in [1/2, 1), so that no square overflows or underflows."""
    matrix = square_matrix("matrix", matrix)
    return np.asarray(np.ldexp(matrix, -np.frexp(np.max(np.abs(matrix)))[1]))


def _in_range(matrix: Matrix, result: Matrix) -> Matrix:
    """``result``, computed from ``matrix``, if it is finite."""
    if not np.isfinite(result).all():
        raise InputError(f"matrix must be smaller for a result in float64, got {brief(matrix)}: scale it down")
    return result


def _relative(difference: float, scale: float) -> float:
    return difference / scale if scale > 0 else 0.0
