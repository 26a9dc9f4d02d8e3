"""Real block-diagonal forms of stacks of normal matrices: blocks ``[a]`` and ``[[a, -b], [b, a]]``."""

import numpy as np
from numpy.typing import NDArray

from dlr.types import Complex, Matrix


def with_blocks(basis: Matrix, singles: Matrix, pairs: Complex) -> Matrix:
    """Real matrices (..., d, d) with given real eigenvalues (..., k), pairs (..., m) and bases, ``d = k + 2 m``."""
    axes, first = np.arange(singles.shape[-1]), np.arange(singles.shape[-1], basis.shape[-1], 2)
    blocks = np.zeros_like(basis)
    blocks[..., axes, axes] = singles
    blocks[..., first, first] = blocks[..., first + 1, first + 1] = pairs.real
    blocks[..., first + 1, first] = pairs.imag
    blocks[..., first, first + 1] = -pairs.imag
    return np.asarray(basis @ blocks @ np.swapaxes(basis, -1, -2))


def blocks_of(forms: Matrix, bases: Matrix, below: NDArray[np.bool_]) -> tuple[Matrix, Complex, Matrix]:
    """Eigenvalues of real Schur forms (n, d, d) with their 2 x 2 blocks in the same places.

    Parameters
    ----------
    forms, bases : ndarray, shape (n, d, d)
    below : ndarray of bool, shape (d - 1,)
        Where the entry below the diagonal is not zero.

    Returns
    -------
    singles : ndarray, shape (n, k)
        The 1 x 1 blocks.
    pairs : ndarray of complex128, shape (n, m)
        Of each 2 x 2 block the nearest ``a + ib``.
    bases : ndarray, shape (n, d, d)
        The columns of the 1 x 1 blocks first.
    """
    first = np.flatnonzero(below)
    singles = np.flatnonzero(~(np.append(below, False) | np.append(False, below)))
    a = forms[:, first, first] / 2 + forms[:, first + 1, first + 1] / 2
    b = forms[:, first + 1, first] / 2 - forms[:, first, first + 1] / 2
    order = np.concatenate([singles, np.stack([first, first + 1], axis=-1).ravel()])
    return forms[:, singles, singles], a + 1j * b, bases[:, :, order]
