"""Rotations: learned by plain gradient descent at any angle below pi, margin or not."""

import math

import numpy as np

from catalog.families._ingredients import ROTATION
from catalog.family import REFUSED, Family, learned, not_learned
from catalog.parameters import count, real
from catalog.traits import schur_form
from dlr.matrices import plane_rotations
from dlr.types import Matrix


@Family.define(
    source="Bartlett, Helmbold, Long 2018: nonsymmetric targets; normal, so exactly reducible",
    traits=(*ROTATION, schur_form),
    parameters={"dimension": count(4, 2, 12), "planes": count(1, 1, 6), "angle": real(2.0, 0.0, math.pi)},
    expected={
        "gradient-descent": learned("normal-dichotomy"),
        "step-and-project": learned("observed"),
        "penalized": not_learned("observed"),
        "power-projection": REFUSED,
    },
)
def rotation(*, dimension: int, planes: int, angle: float) -> Matrix:
    """Rotation by one angle in some coordinate planes, the identity elsewhere.

    Eigenvalues ``exp(+-i angle)`` and 1. Gradient flow drives each eigenvalue of the product straight from 1 to
    ``exp(i angle)`` and gets there for angles below pi (normal dichotomy); gradient descent follows at a step size
    well above the one proved. At pi the eigenvalue is -1 and it fails as for any negative eigenvalue. The penalty
    pulls the angle back by more than the tolerance. The margin ``cos(angle)`` is positive only below pi/2, where
    power projection is proved to work.
    """
    return plane_rotations(np.full(min(planes, dimension // 2), angle), dimension)
