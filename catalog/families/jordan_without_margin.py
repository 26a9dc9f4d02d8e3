"""Jordan block with a small eigenvalue: determinant > 0, outside every theorem."""

import numpy as np

from catalog.family import REFUSED, Family, learned, not_learned
from catalog.parameters import count, real
from catalog.traits import negative_margin, nonsingular, positive_determinant
from dlr.types import Matrix


@Family.define(
    source="Horn and Johnson, Matrix Analysis, 2nd ed. 2013, ch. 3",
    traits=(nonsingular, positive_determinant, negative_margin),
    parameters={"dimension": count(3, 2, 6), "eigenvalue": real(0.4, 0.1, 0.45)},
    expected={
        "gradient-descent": learned("observed"),
        "step-and-project": learned("observed"),
        "penalized": not_learned("observed"),
        "power-projection": REFUSED,
    },
)
def jordan_without_margin(*, dimension: int, eigenvalue: float) -> Matrix:
    """``eigenvalue I + N``, N the upper shift, with the eigenvalue below 1/2.

    Margin ``eigenvalue - cos(pi / (d + 1))``, negative; least singular value of order ``eigenvalue^d``. Not normal
    and without margin, so no theorem applies; gradient descent and step-and-project learn it all the same, slowly
    because of the small singular value. The penalty keeps that value from shrinking.
    """
    return np.asarray(eigenvalue * np.eye(dimension) + np.eye(dimension, k=1))
