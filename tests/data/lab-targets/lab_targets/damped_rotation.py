"""Damped rotations: a turn and a shrink at once, as in the state matrix of a damped oscillator."""

import numpy as np

from catalog import traits
from catalog.family import REFUSED, Family, learned, not_learned
from catalog.parameters import real
from dlr.matrices import plane_rotations
from dlr.types import Matrix


@Family.define(
    source="textbook: damped harmonic oscillator, sampled at fixed times",
    traits=(traits.normal, traits.nonsingular, traits.positive_determinant),
    parameters={"angle": real(2.0, 0.0, 3.0), "damping": real(0.8, 0.1, 1.0)},
    expected={
        "gradient-descent": learned("observed"),
        "step-and-project": learned("observed"),
        "penalized": not_learned("observed"),
        "power-projection": REFUSED,
    },
)
def damped_rotation(*, angle: float, damping: float) -> Matrix:
    """``damping`` times the plane rotation by ``angle``.

    Its two eigenvalues ``damping exp(+-i angle)`` are off the closed negative axis for angles below pi, so gradient
    descent learns it. Beyond a right angle the symmetric part is negative and power projection refuses it; the penalty
    keeps the layers from turning far enough.
    """
    return damping * plane_rotations(np.array([angle]), 2)
