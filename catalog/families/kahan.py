"""Kahan's matrix: triangular, nearly singular without a small diagonal entry to show it."""

import numpy as np

from catalog.family import REFUSED, Family, learned, not_learned
from catalog.parameters import count, real
from catalog.traits import nonsingular, positive_determinant
from dlr.types import Matrix


@Family.define(
    source="Kahan, Numerical linear algebra, Canadian Mathematical Bulletin 9 (1966)",
    traits=(nonsingular, positive_determinant),
    parameters={"dimension": count(4, 2, 8), "angle": real(0.7, 0.5, 1.5)},
    expected={
        "gradient-descent": learned("observed"),
        "step-and-project": learned("observed"),
        "penalized": not_learned("observed"),
        "power-projection": REFUSED,
    },
)
def kahan(*, dimension: int, angle: float) -> Matrix:
    """``diag(1, s, ..., s^{d-1}) (I - c U)``, U all ones above the diagonal, ``s = sin(angle)``, ``c = cos(angle)``.

    Eigenvalues ``s^k``, positive; the least singular value is smaller than the least of them by orders of magnitude
    as d grows. The default has no margin (angles near pi/2 do), so power projection refuses and no theorem applies.
    Gradient descent and step-and-project learn it; the penalty holds up the least singular value.
    """
    scale = np.sin(angle) ** np.arange(dimension)
    above = np.triu(np.ones((dimension, dimension)), 1)
    return np.asarray(scale[:, None] * (np.eye(dimension) - np.cos(angle) * above))
