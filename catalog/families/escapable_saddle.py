"""Symmetric with a negative eigenvalue that outweighs a positive one: rounding leaves this saddle."""

import numpy as np

from catalog.families._ingredients import NEGATIVE_EIGENVALUE, symmetric_matrix
from catalog.family import REFUSED, Family, not_learned
from catalog.parameters import count, real, seed
from catalog.traits import nonsingular
from dlr.types import Matrix


@Family.define(
    source="this project: negative-eigenvalue-fails, the control in floating point",
    traits=(*NEGATIVE_EIGENVALUE, nonsingular),
    parameters={"dimension": count(4, 2, 12), "size": real(1.0, 0.1, 3.0), "seed": seed()},
    expected={
        "gradient-descent": not_learned("negative-eigenvalue-fails"),
        "step-and-project": not_learned("negative-eigenvalue-fails"),
        "penalized": not_learned("negative-eigenvalue-fails"),
        "power-projection": REFUSED,
    },
)
def escapable_saddle(*, dimension: int, size: float, seed: int) -> Matrix:
    """``Q diag(-size, size/2, ..., size) Q^T``, positive ones evenly spaced, Q Haar-random orthogonal.

    In exact arithmetic the excess loss stays at ``size^2 / 2`` or above, as for every negative eigenvalue. The dense
    iteration in float64 loses its symmetry to rounding, learns -size and gives up ``size/2`` instead: it settles near
    ``size^2 / 8``, below the floor.
    """
    return symmetric_matrix(np.append(-size, np.linspace(size / 2, size, dimension - 1)), seed)
