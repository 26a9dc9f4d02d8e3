"""Positive determinant, no negative eigenvalue, and still never learned by the gradient flow of two layers."""

import numpy as np

from catalog.family import REFUSED, Family, learned, not_learned
from catalog.parameters import count, real
from catalog.traits import negative_margin, nonsingular, positive_determinant
from dlr.types import Matrix


@Family.define(
    source="this project: the gradient flow of two layers",
    traits=(nonsingular, positive_determinant, negative_margin),
    parameters={"dimension": count(4, 4, 12), "scale": real(0.25, 0.1, 1.0)},
    expected={
        "gradient-descent": learned("observed"),
        "step-and-project": learned("observed"),
        "penalized": not_learned("observed"),
        "power-projection": REFUSED,
    },
)
def balanced_exception(*, dimension: int, scale: float) -> Matrix:
    """``scale [[-4, 0, 1, -2], [0, -4, 1, 0], [-2, 0, 0, -3], [-1, -1, 3, 0]]``, and 1 on the other axes.

    Its orthogonal polar factor is half a turn beside a quarter turn. An eigenvalue -1 there keeps the flow of two
    layers from the target (reversed-directions-stay). Gradient descent learns it: finite steps leave the flow's path.
    """
    matrix = np.eye(dimension)
    matrix[:4, :4] = [[-4, 0, 1, -2], [0, -4, 1, 0], [-2, 0, 0, -3], [-1, -1, 3, 0]]
    matrix[:4, :4] *= scale
    return matrix
