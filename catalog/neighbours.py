"""The exactly structured matrices next to a given one, and how far they are.

Structure is exact, or its distance counts. A claim about symmetric targets speaks of matrices that are symmetric to the
last bit, one about normal targets of real Schur blocks, one about an eigenvalue on the axis of one that is there
exactly: no tolerance stands in a hypothesis, since what is true of a structure may be false at any distance from it. A
matrix that has a structure but for the rounding of its computation is checked as its neighbour that has it exactly, in
the neighbour's basis, and the distance is part of the result (`catalog.app.validate.Record`).
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from dlr import spectral
from dlr.matrices import frobenius_norm, symmetric_part
from dlr.rounding import matrix_rounding
from dlr.types import Matrix

__all__: list[str] = []


@dataclass(frozen=True)
class Neighbour:
    """A matrix in place of a given one.

    Attributes
    ----------
    matrix : ndarray, shape (d, d)
    distance : float
        Bound on the Frobenius distance from the given matrix to this one, up to an orthogonal change of basis.
    """

    matrix: Matrix
    distance: float


def exact_neighbours(matrix: Matrix) -> Iterator[Neighbour]:
    """The matrix itself, then its symmetric part and its real Schur blocks where it differs by rounding from them.

    The Schur blocks lie in a computed basis, orthogonal up to `matrix_rounding` of one operation; that, twice, and the
    two products that measure the departure count as distance, too.
    """
    yield Neighbour(matrix, 0.0)
    yield from _neighbours(np.asarray(matrix, dtype=np.float64).tobytes(), len(matrix))


@lru_cache(maxsize=4)  # every claim asks for those of the same target
def _neighbours(entries: bytes, dimension: int) -> tuple[Neighbour, ...]:
    """The neighbours of a matrix but for itself."""
    matrix = np.frombuffer(entries).reshape(dimension, dimension)
    if spectral.have_blocks(matrix) or not spectral.commute(matrix):
        return ()
    found = []
    size = frobenius_norm(matrix)
    allowed = matrix_rounding(len(matrix), spectral.DEPARTURE) * size
    even = symmetric_part(matrix)
    asymmetry = frobenius_norm(matrix - even)
    if asymmetry <= allowed:
        found.append(Neighbour(even, asymmetry))
    normal = spectral.nearest_normal(matrix)
    if normal.departure <= allowed:
        found.append(Neighbour(blocks_of(normal), normal.departure + matrix_rounding(dimension, 4) * size))
    for neighbour in found:
        neighbour.matrix.flags.writeable = False
    return tuple(found)


def blocks_of(spectrum: spectral.Spectrum) -> Matrix:
    """The real Schur blocks: the matrix in its own basis, a form that is exact."""
    return replace(spectrum, basis=np.eye(len(spectrum.basis))).matrix(spectrum.eigenvalues)


def distance_between(matrix: Matrix, checked: Matrix) -> float:
    """Distance from a matrix to the one that was checked in its place; 0 where that is none of its `neighbours`."""
    same = (neighbour.distance for neighbour in exact_neighbours(matrix) if np.array_equal(neighbour.matrix, checked))
    return next(same, 0.0)
