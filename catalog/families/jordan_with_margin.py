"""Jordan block with an eigenvalue large enough for a margin."""

import numpy as np

from catalog.families._ingredients import WITH_MARGIN
from catalog.family import Family, learned
from catalog.parameters import count, real
from dlr.types import Matrix


@Family.define(
    source="Horn and Johnson, Matrix Analysis, 2nd ed. 2013, ch. 3",
    traits=WITH_MARGIN,
    parameters={"dimension": count(3, 2, 12), "eigenvalue": real(2.0, 1.0, 4.0)},
    expected={
        "gradient-descent": learned("observed"),
        "step-and-project": learned("observed"),
        "penalized": learned("observed"),
        "power-projection": learned("margin-converges"),
    },
)
def jordan_with_margin(*, dimension: int, eigenvalue: float) -> Matrix:
    """``eigenvalue I + N``, N the upper shift: a single defective eigenvalue.

    Margin ``eigenvalue - cos(pi / (d + 1))``, positive from eigenvalue 1 on. Power projection is proved to learn it;
    gradient descent and step-and-project do in dozens of steps, uncovered by any theorem. The penalty's bias stays
    within the tolerance for eigenvalues from about 1.4 to 3.
    """
    return np.asarray(eigenvalue * np.eye(dimension) + np.eye(dimension, k=1))
