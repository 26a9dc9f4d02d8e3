"""Orthogonal projection onto some coordinates: semidefinite and singular."""

import numpy as np

from catalog.family import REFUSED, Family, not_learned
from catalog.parameters import count
from catalog.traits import normal, schur_form, symmetric
from dlr.types import Matrix


@Family.define(
    source="Boundary case of Bartlett, Helmbold, Long 2018: eigenvalue 0",
    traits=(symmetric, schur_form, normal),
    parameters={"dimension": count(4, 2, 12), "rank": count(2, 1, 11)},
    expected={
        "gradient-descent": not_learned("observed"),
        "step-and-project": not_learned("observed"),
        "penalized": not_learned("observed"),
        "power-projection": REFUSED,
    },
)
def coordinate_projection(*, dimension: int, rank: int) -> Matrix:
    """``diag(1, ..., 1, 0, ..., 0)``, ``rank`` ones but at least one zero.

    Along a zero the product's eigenvalue decays like ``t^{-L/(2L-2)}``, hence excess loss like ``t^{-L/(L-1)}``: no
    linear rate and no floor, so gradient descent and step-and-project come near but not within the tolerance in the
    trial, while the penalty stops them at a positive excess loss. The margin is 0.
    """
    return np.diag((np.arange(dimension) < min(rank, dimension - 1)).astype(float))
