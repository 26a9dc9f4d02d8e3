"""Rotation by several different angles at once."""

import numpy as np

from catalog.families._ingredients import ROTATION
from catalog.family import REFUSED, Family, learned, not_learned
from catalog.parameters import count, real
from catalog.traits import clear_of_negative_axis, schur_form
from dlr.matrices import plane_rotations
from dlr.types import Matrix


@Family.define(
    source="Canonical form of a rotation; Bartlett, Helmbold, Long 2018: nonsymmetric targets",
    traits=(*ROTATION, schur_form, clear_of_negative_axis),
    parameters={"dimension": count(6, 4, 12), "least": real(0.5, 0.0, 3.0), "greatest": real(2.5, 0.0, 3.0)},
    expected={
        "gradient-descent": learned("normal-dichotomy"),
        "step-and-project": learned("observed"),
        "penalized": not_learned("observed"),
        "power-projection": REFUSED,
    },
)
def block_rotation(*, dimension: int, least: float, greatest: float) -> Matrix:
    """Rotations of the coordinate planes by angles evenly spaced from ``least`` to ``greatest``, a last odd axis fixed.

    Eigenvalues ``exp(+-i angle)``, each trained by itself: the product's eigenvalue runs along the chord from 1 to
    its goal and slows down where the chord passes 0, at ``cos(angle / 2)``. So the greatest angle sets the pace, and
    at 3 it still gets there. The penalty's bias is largest there too. No margin as soon as an angle reaches pi/2.
    """
    return plane_rotations(np.linspace(least, greatest, dimension // 2), dimension)
