"""What several families share: traits that come together, and seeded random matrices."""

import numpy as np

from catalog import traits
from dlr._norms import spectral_norms
from dlr.types import Matrix

WITH_MARGIN = (traits.margin_positive, traits.nonsingular, traits.positive_determinant)
POSITIVE_DEFINITE = (
    traits.positive_definite,
    traits.symmetric,
    traits.schur_form,
    traits.normal,
    traits.clear_of_negative_axis,
    *WITH_MARGIN,
)
NEGATIVE_EIGENVALUE = (
    traits.negative_eigenvalue,
    traits.symmetric,
    traits.schur_form,
    traits.normal,
    traits.negative_margin,
)
ROTATION = (traits.orthogonal, traits.normal, traits.nonsingular, traits.positive_determinant)


def orthogonal_basis(dimension: int, seed: int) -> Matrix:
    """Haar-random orthogonal matrix, shape (d, d): QR of a Gaussian with R's diagonal made positive (Mezzadri 2007)."""
    basis, triangular = np.linalg.qr(np.random.default_rng(seed).standard_normal((dimension, dimension)))
    return np.asarray(basis * np.copysign(1.0, np.diagonal(triangular)))


def symmetric_matrix(eigenvalues: Matrix, seed: int) -> Matrix:
    """Bitwise symmetric matrix with these eigenvalues, shape (d,), up to rounding, in a Haar-random basis."""
    basis = orthogonal_basis(len(eigenvalues), seed)
    matrix = (basis * eigenvalues) @ basis.T
    return np.asarray((matrix + matrix.T) / 2)


def skew_matrix(dimension: int, size: float, seed: int) -> Matrix:
    """Bitwise skew-symmetric matrix with Gaussian directions and spectral norm ``size``; ``dimension >= 2``."""
    gaussian = np.random.default_rng(seed).standard_normal((dimension, dimension))
    skew = gaussian - gaussian.T
    return np.asarray(skew * (size / float(spectral_norms(skew))))
