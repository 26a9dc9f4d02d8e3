"""Symmetric with two equal negative eigenvalues: positive determinant, and still not learned."""

import numpy as np

from catalog.families._ingredients import NEGATIVE_EIGENVALUE, symmetric_matrix
from catalog.family import REFUSED, Family, not_learned
from catalog.parameters import count, real, seed
from catalog.traits import nonsingular, positive_determinant
from dlr.types import Matrix


@Family.define(
    source="Bartlett, Helmbold, Long 2018: symmetric targets with a negative eigenvalue",
    traits=(*NEGATIVE_EIGENVALUE, nonsingular, positive_determinant),
    parameters={"dimension": count(4, 2, 12), "size": real(0.5, 0.01, 10.0), "seed": seed()},
    expected={
        "gradient-descent": not_learned("negative-eigenvalue-fails"),
        "step-and-project": not_learned("negative-eigenvalue-fails"),
        "penalized": not_learned("negative-eigenvalue-fails"),
        "power-projection": REFUSED,
    },
)
def negative_pair(*, dimension: int, size: float, seed: int) -> Matrix:
    """``Q diag(-size, -size, 1, ..., 2) Q^T``, the positive ones evenly spaced, Q Haar-random orthogonal.

    The pair is half a turn in one plane, scaled: the product of rotations by ``pi / L`` represents it, near the
    identity for large L. Gradient descent from the identity never finds it, because symmetry keeps the layers
    symmetric; the excess loss stays above ``size^2``. So det Phi > 0 is enough to represent a target, but not to
    learn it.
    """
    return symmetric_matrix(np.concatenate([[-size, -size], np.linspace(1.0, 2.0, dimension - 2)]), seed)
