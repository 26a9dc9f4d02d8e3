"""Companion matrix of a polynomial with one multiple root: far from normal, determinant > 0."""

import numpy as np

from catalog.family import REFUSED, Family, learned, not_learned
from catalog.parameters import count, real
from catalog.traits import negative_margin, nonsingular, positive_determinant
from dlr.types import Matrix


@Family.define(
    source="Horn and Johnson, Matrix Analysis, 2nd ed. 2013, sec. 3.3",
    traits=(nonsingular, positive_determinant, negative_margin),
    parameters={"dimension": count(3, 3, 6), "root": real(1.0, 0.5, 1.5)},
    expected={
        "gradient-descent": learned("observed"),
        "step-and-project": learned("observed"),
        "penalized": not_learned("observed"),
        "power-projection": REFUSED,
    },
)
def companion(*, dimension: int, root: float) -> Matrix:
    """Companion matrix of ``(x - root)^d``: coefficients in the first row, ones below the diagonal.

    One defective eigenvalue ``root``; all singular values are 1 except two, whose product is ``root^d``. A zero on the
    diagonal beside ones makes the margin negative, so no theorem applies and power projection refuses. Gradient
    descent and step-and-project learn it in about a thousand steps at the default; the penalty's bias is above the
    tolerance.
    """
    matrix = np.eye(dimension, k=-1)
    matrix[0] = -np.poly(np.full(dimension, root))[1:]
    return matrix
