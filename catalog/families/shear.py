"""Shear strong enough to lose its margin: every eigenvalue is 1."""

import numpy as np

from catalog.family import REFUSED, Family, learned, not_learned
from catalog.parameters import count, real
from catalog.traits import negative_margin, nonsingular, positive_determinant
from dlr.types import Matrix


@Family.define(
    source="Elementary matrices; outside every theorem of Bartlett, Helmbold, Long 2018",
    traits=(nonsingular, positive_determinant, negative_margin),
    parameters={"dimension": count(3, 2, 12), "size": real(3.0, 2.5, 8.0)},
    expected={
        "gradient-descent": learned("observed"),
        "step-and-project": learned("observed"),
        "penalized": not_learned("observed"),
        "power-projection": REFUSED,
    },
)
def shear(*, dimension: int, size: float) -> Matrix:
    """``I + size e_1 e_2^T``.

    Eigenvalue 1 only, determinant 1, margin ``1 - size / 2``, negative. The eigenvalues say identity, the singular
    values (about ``size`` and ``1 / size``) say otherwise. Gradient descent and step-and-project learn it, slowed by
    the singular value below 1, which the penalty does not bring down far enough.
    """
    matrix = np.eye(dimension)
    matrix[0, 1] = size
    return matrix
