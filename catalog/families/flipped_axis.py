"""Identity with one axis flipped and scaled: why the near-identity radius can't exceed 1."""

import numpy as np

from catalog.families._ingredients import NEGATIVE_EIGENVALUE
from catalog.family import REFUSED, Family, not_learned
from catalog.parameters import count, real
from catalog.traits import nonsingular
from dlr.types import Matrix


@Family.define(
    source="Bartlett, Helmbold, Long 2018: lower bound for targets at a constant distance from the identity",
    traits=(*NEGATIVE_EIGENVALUE, nonsingular),
    parameters={"dimension": count(3, 1, 12), "size": real(0.1, 1e-3, 10.0)},
    expected={
        "gradient-descent": not_learned("distance-one-fails"),
        "step-and-project": not_learned("distance-one-fails"),
        "penalized": not_learned("distance-one-fails"),
        "power-projection": REFUSED,
    },
)
def flipped_axis(*, dimension: int, size: float) -> Matrix:
    """``diag(-size, 1, ..., 1)``, at Frobenius distance ``1 + size`` from the identity.

    Excess loss starts at ``(1 + size)^2 / 2`` and never gets below ``size^2 / 2`` under gradient descent,
    step-and-project or penalty: the first eigenvalue of the product is ``theta^L``, at least 0. As size goes to 0 the
    distance goes to 1, so no theorem on all targets within a given distance can allow more than 1.
    """
    return np.diag(np.append(-size, np.ones(dimension - 1)))
