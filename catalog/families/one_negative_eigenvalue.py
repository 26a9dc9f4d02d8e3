"""Symmetric with a single negative eigenvalue in a random basis."""

import numpy as np

from catalog.families._ingredients import NEGATIVE_EIGENVALUE, symmetric_matrix
from catalog.family import REFUSED, Family, not_learned
from catalog.parameters import count, real, seed
from catalog.traits import nonsingular
from dlr.types import Matrix


@Family.define(
    source="Bartlett, Helmbold, Long 2018: symmetric targets with a negative eigenvalue",
    traits=(*NEGATIVE_EIGENVALUE, nonsingular),
    parameters={"dimension": count(4, 1, 12), "size": real(0.5, 0.01, 10.0), "seed": seed()},
    expected={
        "gradient-descent": not_learned("negative-eigenvalue-fails"),
        "step-and-project": not_learned("negative-eigenvalue-fails"),
        "penalized": not_learned("negative-eigenvalue-fails"),
        "power-projection": REFUSED,
    },
)
def one_negative_eigenvalue(*, dimension: int, size: float, seed: int) -> Matrix:
    """``Q diag(-size, 1, ..., 2) Q^T``, the positive ones evenly spaced, Q Haar-random orthogonal.

    Along the negative eigenvector the product's eigenvalue is ``theta^L``: it falls from 1 to 0 and can't pass, so
    the excess loss never gets below ``size^2 / 2`` under gradient descent, step-and-project or penalty. The
    determinant is negative: no path of nonsingular layers leads there from the identity.
    """
    return symmetric_matrix(np.append(-size, np.linspace(1.0, 2.0, dimension - 1)), seed)
