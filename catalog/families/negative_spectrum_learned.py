"""Two negative eigenvalues, and learned: outside the normal matrices the spectrum does not decide."""

import numpy as np

from catalog.family import REFUSED, Family, learned, not_learned
from catalog.parameters import count, real
from catalog.traits import negative_margin, nonsingular, positive_determinant
from dlr.types import Matrix


@Family.define(
    source="this project: planar targets under gradient flow",
    traits=(nonsingular, positive_determinant, negative_margin),
    parameters={
        "dimension": count(2, 2, 12),
        "first": real(1.0, 0.5, 2.0),
        "second": real(2.0, 0.5, 2.0),
        "size": real(1.0, 0.5, 5.0),
    },
    expected={
        "gradient-descent": learned("observed"),
        "step-and-project": learned("observed"),
        "penalized": not_learned("observed"),
        "power-projection": REFUSED,
    },
)
def negative_spectrum_learned(*, dimension: int, first: float, second: float, size: float) -> Matrix:
    """``[[-first, size], [0, -second]]``, and 1 on the other axes.

    Its polar factor is a rotation by an angle below pi, unless the size is 0: only then is the target symmetric, and
    never learned.
    """
    matrix = np.eye(dimension)
    matrix[:2, :2] = [[-first, size], [0.0, -second]]
    return matrix
