"""Cyclic shift of the coordinates: learned in odd dimension, not in even."""

import numpy as np

from catalog.family import REFUSED, Family, not_learned
from catalog.parameters import count
from catalog.traits import negative_margin, nonsingular, normal, orthogonal
from dlr.types import Matrix


@Family.define(
    source="Davis, Circulant Matrices, 1979: the basic circulant permutation",
    traits=(orthogonal, normal, nonsingular, negative_margin),
    parameters={"dimension": count(4, 2, 12)},
    expected={
        "gradient-descent": not_learned("negative-axis-fails"),
        "step-and-project": not_learned("negative-axis-fails"),
        "penalized": not_learned("negative-axis-fails"),
        "power-projection": REFUSED,
    },
)
def circulant_shift(*, dimension: int) -> Matrix:
    """The permutation that takes each coordinate to the next, the last to the first.

    Eigenvalues: all d-th roots of unity. In even dimension -1 is one of them, a negative real eigenvalue of a normal
    matrix; the product's eigenvalue there is ``theta^L``, so at even depth the excess loss stays above 1/2, by the
    normal dichotomy for gradient descent and the same way for step-and-project and penalty. In odd dimension the
    roots next to -1 are off the axis by ``pi / d`` and gradient descent learns it.
    """
    return np.roll(np.eye(dimension), 1, axis=0)
