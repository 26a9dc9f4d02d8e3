"""Averaging matrix: rank one, semidefinite, all other eigenvalues 0."""

import numpy as np

from catalog.family import REFUSED, Family, not_learned
from catalog.parameters import count, real
from catalog.traits import normal, schur_form, symmetric
from dlr.types import Matrix


@Family.define(
    source="Boundary case of Bartlett, Helmbold, Long 2018: eigenvalue 0",
    traits=(symmetric, schur_form, normal),
    parameters={"dimension": count(4, 2, 12), "support": count(2, 1, 12), "size": real(1.0, 0.1, 10.0)},
    expected={
        "gradient-descent": not_learned("observed"),
        "step-and-project": not_learned("observed"),
        "penalized": not_learned("observed"),
        "power-projection": REFUSED,
    },
)
def rank_one(*, dimension: int, support: int, size: float) -> Matrix:
    """``size u u^T``, u the unit vector constant on the first ``support`` coordinates (at most d), 0 elsewhere.

    Eigenvalue ``size`` once, 0 otherwise. The zeros are approached like ``t^{-L/(2L-2)}``, too slowly for the trial,
    by gradient descent and step-and-project, and not at all under a penalty. The margin is 0, in floating point up to
    a rounding error of either sign when many coordinates are averaged.
    """
    direction = (np.arange(dimension) < support).astype(float)
    return np.asarray(np.outer(direction, direction) * (size / direction.sum()))
