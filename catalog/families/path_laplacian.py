"""Shifted Laplacian of a path: positive definite with eigenvalues above 1."""

import numpy as np

from catalog.families._ingredients import POSITIVE_DEFINITE
from catalog.family import Family, learned
from catalog.parameters import count, real
from dlr.types import Matrix


@Family.define(
    source="Strang, SIAM Review 41 (1999): second difference matrix with Neumann ends",
    traits=POSITIVE_DEFINITE,
    parameters={"dimension": count(3, 1, 12), "shift": real(1.0, 1e-3, 4.0)},
    expected={
        "gradient-descent": learned("positive-definite-converges"),
        "step-and-project": learned("observed"),
        "penalized": learned("observed"),
        "power-projection": learned("margin-converges"),
    },
)
def path_laplacian(*, dimension: int, shift: float) -> Matrix:
    """``D - A + shift I``, D the degrees and A the adjacency of the path on d vertices.

    Eigenvalues ``shift + 2 - 2 cos(k pi / d)``, k = 0, ..., d - 1, the least being ``shift``. With the shift at 1
    nothing has to shrink, so every algorithm learns it: for eigenvalues above 1 the layers exceed I and the loss is
    so steep that the penalty's bias stays within the tolerance. A shift of 0.6 brings the bias back.
    """
    path = np.eye(dimension, k=1) + np.eye(dimension, k=-1)
    return np.asarray(np.diag(path.sum(axis=0) + shift) - path)
