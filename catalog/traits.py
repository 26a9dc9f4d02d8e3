"""Glossary of traits: the meaning of each, and its numerical criterion.

A trait is a measured number against a threshold, so that it can always say why it holds:
``positive-definite: least eigenvalue / |Phi| 0.2 > 1e-12``. A structure that a claim needs is exact, with a threshold
of 0 (see `catalog.neighbours`); other thresholds are `dlr.rounding.ROUNDING`, relative to the matrix. Where a quantity
is defined only for matrices of some structure, it is minus infinity for all other matrices.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from catalog.sharing import of_matrix
from dlr import matrices, spectral
from dlr._arrays import complex_vector, square_matrix
from dlr.arguments import flag, function, number, one_of, settle, text
from dlr.rounding import ROUNDING, matrix_rounding
from dlr.types import ArrayInput, Complex, Matrix


@dataclass(frozen=True)
class Trait:
    """A property of a target.

    Attributes
    ----------
    name : str
    meaning : str
        In words and symbols.
    quantity : str
        What ``measure`` returns.
    measure : callable
        From a (d, d) matrix to a float.
    threshold : float
    at_most : bool
        Whether the trait holds for ``measure <= threshold`` (else for ``measure > threshold``).
    """

    name: str
    meaning: str
    quantity: str
    measure: Callable[[Matrix], float]
    threshold: float = ROUNDING
    at_most: bool = False

    def __post_init__(self) -> None:
        text("name", self.name)
        text("meaning", self.meaning)
        text("quantity", self.quantity)
        settle(self, measure=of_matrix(function("measure", self.measure)))
        number("threshold", self.threshold, finite=False)
        flag("at_most", self.at_most)

    def holds(self, matrix: ArrayInput) -> bool:
        """Whether ``matrix``, shape (d, d), has the trait."""
        value = self._measured(matrix)
        return value <= self.threshold if self.at_most else value > self.threshold

    def evidence(self, matrix: ArrayInput) -> str:
        """Measured value and threshold in one phrase, whether the trait holds or not."""
        value = self._measured(matrix)
        relation = "<=" if value <= self.threshold else ">"
        return f"{self.quantity} {value:.3g} {relation} {self.threshold:.3g}"

    @np.errstate(all="ignore")  # what overflows is beyond every threshold
    def _measured(self, matrix: ArrayInput) -> float:
        return self.measure(square_matrix("matrix", matrix))


def _symmetric_least(matrix: Matrix) -> float:
    """Least eigenvalue over spectral norm, minus infinity unless symmetric."""
    return matrices.relative_margin(matrix) if symmetric.holds(matrix) else -math.inf


def _inverse_condition(matrix: Matrix) -> float:
    return float(1 / np.linalg.cond(matrix))


def _distance_to_orthogonal(matrix: Matrix) -> float:
    return float(np.linalg.norm(matrix.T @ matrix - np.eye(len(matrix)))) / math.sqrt(len(matrix))


def _asymmetry(matrix: Matrix) -> float:
    """Relative asymmetry, 0 for a matrix that is symmetric to the last bit and for no other."""
    return 0.0 if np.array_equal(matrix, matrix.T) else max(matrices.asymmetry(matrix), 5e-324)


def _departure(matrix: Matrix) -> float:
    """Distance to the normal matrices, in units of the rounding errors with which a normal matrix is computed."""
    matrix = matrices.rescaled(matrix)
    size = matrices.frobenius_norm(matrix)
    allowed = matrix_rounding(len(matrix), spectral.DEPARTURE) * size
    return spectral.nearest_normal(matrix).departure / allowed if size > 0 else 0.0


def path_clearances(eigenvalues: Complex) -> Matrix:
    """Distances from 0 to the segments ``[1, lambda]``, along which gradient flow carries the product's eigenvalues.

    Exactly 0 for a negative eigenvalue.
    """
    eigenvalues = complex_vector("eigenvalues", eigenvalues)
    real, imaginary = eigenvalues.real, eigenvalues.imag
    to_nearer_end = np.asarray(np.minimum(1, np.abs(eigenvalues)))
    between = real < to_nearer_end**2
    return np.asarray(np.divide(np.abs(imaginary), np.hypot(real - 1, imaginary), out=to_nearer_end, where=between))


def _clearance(matrix: Matrix) -> float:
    """Least distance from 0 to the segments [1, lambda] over the eigenvalues of a normal matrix."""
    if not normal.holds(matrix):
        return -math.inf
    return float(np.min(path_clearances(spectral.nearest_normal(matrix).eigenvalues)))


symmetric = Trait("symmetric", "Phi = Phi^T", "relative asymmetry", _asymmetry, threshold=0.0, at_most=True)
schur_form = Trait(
    "schur-form",
    "symmetric, or real Schur blocks [a] and [[a, -b], [b, a]], to the last bit",
    "exact 1, else 0:",
    lambda matrix: float(spectral.have_blocks(matrix)),
    threshold=0.5,
)
normal = Trait(
    "normal", "Phi Phi^T = Phi^T Phi", "distance to normal / rounding", _departure, threshold=1.0, at_most=True
)
orthogonal = Trait("orthogonal", "Phi^T Phi = I", "rms of Phi^T Phi - I", _distance_to_orthogonal, at_most=True)
margin_positive = Trait("margin-positive", "u^T Phi u > 0 for all u != 0", "margin / |Phi|", matrices.relative_margin)
positive_definite = Trait(
    "positive-definite", "symmetric, all eigenvalues > 0", "least eigenvalue / |Phi|", _symmetric_least
)
negative_margin = Trait(
    "negative-margin", "u^T Phi u < 0 for some u", "-margin / |Phi|", lambda matrix: -matrices.relative_margin(matrix)
)
negative_eigenvalue = Trait(
    "negative-eigenvalue",
    "symmetric, least eigenvalue < 0",
    "-least eigenvalue / |Phi|",
    lambda matrix: -matrices.relative_margin(matrix) if symmetric.holds(matrix) else -math.inf,
)
near_identity = Trait(
    "near-identity",
    "|Phi - I|_F <= 1/12",
    "distance to I",
    matrices.distance_to_identity,
    threshold=1 / 12,
    at_most=True,
)
within_unit_distance = Trait(
    "within-unit-distance",
    "|Phi - I|_F < 1",
    "1 - distance to I",
    lambda matrix: 1 - matrices.distance_to_identity(matrix),
)
nonsingular = Trait("nonsingular", "Phi is invertible", "least / largest singular value", _inverse_condition)
positive_determinant = Trait(
    "positive-determinant",
    "det Phi > 0",
    "sign(det) x least / largest singular value",
    lambda matrix: float(np.linalg.slogdet(matrix)[0]) * _inverse_condition(matrix),
)
clear_of_negative_axis = Trait(
    "clear-of-negative-axis",
    "normal, no eigenvalue on the closed negative real axis",
    "least distance from 0 to a segment [1, eigenvalue]",
    _clearance,
)

__all__ = [name for name, value in list(globals().items()) if isinstance(value, Trait)]
__all__ += ["ALL", "Trait", "named", "of", "path_clearances"]

ALL: dict[str, Trait] = {trait.name: trait for trait in list(globals().values()) if isinstance(trait, Trait)}


def of(matrix: ArrayInput) -> frozenset[str]:
    """Names of the traits ``matrix``, shape (d, d), has."""
    return _of(square_matrix("matrix", matrix))


@of_matrix  # a target is made again wherever its name is looked up
def _of(matrix: Matrix) -> frozenset[str]:
    return frozenset(name for name, trait in ALL.items() if trait.holds(matrix))


def named(name: str) -> Trait:
    """The trait called ``name``.

    Raises
    ------
    InputError
        If there is none, with the nearest names.
    """
    return ALL[one_of("trait", name, ALL)]
