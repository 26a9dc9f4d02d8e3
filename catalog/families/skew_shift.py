"""Identity plus a skew matrix: normal, with margin exactly 1."""

import numpy as np

from catalog.families._ingredients import WITH_MARGIN, skew_matrix
from catalog.family import Family, learned, not_learned
from catalog.parameters import count, real, seed
from catalog.traits import clear_of_negative_axis, normal
from dlr.types import Matrix


@Family.define(
    source="Bartlett, Helmbold, Long 2018: targets with a margin",
    traits=(normal, clear_of_negative_axis, *WITH_MARGIN),
    parameters={"dimension": count(4, 2, 12), "size": real(2.0, 0.0, 5.0), "seed": seed()},
    expected={
        "gradient-descent": learned("normal-dichotomy"),
        "step-and-project": learned("observed"),
        "penalized": not_learned("observed"),
        "power-projection": learned("margin-converges"),
    },
)
def skew_shift(*, dimension: int, size: float, seed: int) -> Matrix:
    """``I + K`` with K skew-symmetric, Gaussian, of spectral norm ``size``.

    Eigenvalues ``1 +- i s`` with s up to ``size``, all on the line with real part 1, so the product's eigenvalues
    move straight up: gradient descent never comes nearer to 0 than 1 and takes a few dozen steps. The symmetric part
    is I, so power projection may take margin 1. The penalty's bias is small but just above the tolerance.
    """
    return np.asarray(np.eye(dimension) + skew_matrix(dimension, size, seed))
