"""Spectral norms and margins of many or large matrices."""

import numpy as np
from numpy.typing import NDArray

from dlr.types import Matrix

LARGE = 32
"""Dimension above which a spectral norm is taken from an eigenvalue of ``A^T A``, in a quarter of the time."""


def spectral_norms(matrices: Matrix) -> Matrix:
    """``|A|`` of finite matrices (..., d, d), without overflow or underflow.

    For large d the square root of the largest eigenvalue of ``A^T A``, with A scaled by a power of two: a relative
    error of ``d^2 epsilon``, as that of a singular value decomposition.
    """
    if matrices.shape[-1] <= LARGE:
        return np.asarray(np.linalg.svd(matrices, compute_uv=False)[..., 0])
    exponents = np.frexp(np.max(np.abs(matrices), axis=(-2, -1)))[1]
    scaled = np.ldexp(matrices, -exponents[..., None, None])
    squares = np.linalg.eigvalsh(np.swapaxes(scaled, -1, -2) @ scaled)[..., -1]
    return np.asarray(np.ldexp(np.sqrt(np.maximum(squares, 0.0)), exponents))


def may_be_longer(matrices: Matrix, length: float) -> NDArray[np.bool_]:
    """Which finite matrices (..., d, d) may have ``|A| > length``; the rest certainly don't, whatever rounding does."""
    length *= 1 - 1e-9
    longer = np.asarray(np.linalg.norm(matrices, axis=(-2, -1)) > length)
    if matrices.shape[-1] > LARGE and longer.any():
        longer[longer] = spectral_norms(matrices[longer]) > length
    return longer


def margins(matrices: Matrix) -> Matrix:
    """Least eigenvalues of the symmetric parts of finite matrices (..., d, d)."""
    return np.asarray(np.linalg.eigvalsh(matrices / 2 + np.swapaxes(matrices, -1, -2) / 2)[..., 0])


def relative_margins(matrices: Matrix) -> Matrix:
    """Margins over spectral norms; 0 for a zero matrix."""
    norms = spectral_norms(matrices)
    return np.asarray(np.divide(margins(matrices), norms, out=np.zeros_like(norms), where=norms > 0))
