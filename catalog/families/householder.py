"""Householder reflection: orthogonal and symmetric, one eigenvalue -1."""

import numpy as np

from catalog.families._ingredients import NEGATIVE_EIGENVALUE
from catalog.family import REFUSED, Family, not_learned
from catalog.parameters import count, seed
from catalog.traits import nonsingular, orthogonal
from dlr.types import Matrix


@Family.define(
    source="Householder, Journal of the ACM 5 (1958)",
    traits=(*NEGATIVE_EIGENVALUE, orthogonal, nonsingular),
    parameters={"dimension": count(4, 1, 12), "seed": seed()},
    expected={
        "gradient-descent": not_learned("negative-eigenvalue-fails"),
        "step-and-project": not_learned("negative-eigenvalue-fails"),
        "penalized": not_learned("negative-eigenvalue-fails"),
        "power-projection": REFUSED,
    },
)
def householder(*, dimension: int, seed: int) -> Matrix:
    """``I - 2 v v^T`` with a random unit vector v.

    Eigenvalue -1 along v, 1 elsewhere, at distance 2 from the identity. Gradient descent, step-and-project and
    penalty take the component along v to 0 and stay at excess loss 1/2; the rest is right from the start. Compare a
    rotation by just below pi: as orthogonal, as far away, and learned.
    """
    direction = np.random.default_rng(seed).standard_normal(dimension)
    direction /= np.linalg.norm(direction)
    return np.asarray(np.eye(dimension) - 2 * np.outer(direction, direction))
