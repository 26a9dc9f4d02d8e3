"""Identity plus a random matrix of a given size: where the paper begins."""

import numpy as np

from catalog.families._ingredients import WITH_MARGIN
from catalog.family import Family, learned
from catalog.parameters import count, real, seed
from catalog.traits import within_unit_distance
from dlr.types import Matrix


@Family.define(
    source="Bartlett, Helmbold, Long 2018: targets near the identity",
    traits=(within_unit_distance, *WITH_MARGIN),
    parameters={"dimension": count(4, 1, 12), "distance": real(0.05, 0.0, 0.95), "seed": seed()},
    expected={
        "gradient-descent": learned("near-identity-converges"),
        "step-and-project": learned("observed"),
        "penalized": learned("observed"),
        "power-projection": learned("margin-converges"),
    },
)
def identity_perturbation(*, dimension: int, distance: float, seed: int) -> Matrix:
    """``I + distance G / |G|_F`` with G Gaussian; by default well within the 1/12 of the near-identity theorem.

    Each eigenvalue is within ``distance`` of 1, and the symmetric part keeps a margin of ``1 - distance``. Up to
    distance 1/12 everything learns it, linearly and in a handful of steps: the layers stay within ``0.3 / L`` of I,
    where no projection acts and the penalty's bias, about ``kappa distance / L``, is below the tolerance.
    """
    gaussian = np.random.default_rng(seed).standard_normal((dimension, dimension))
    return np.asarray(np.eye(dimension) + gaussian * (distance / float(np.linalg.norm(gaussian))))
