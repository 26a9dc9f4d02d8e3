"""Positive definite plus skew part: the generic target with a margin."""

import numpy as np

from catalog.families._ingredients import WITH_MARGIN, skew_matrix, symmetric_matrix
from catalog.family import Family, learned, not_learned
from catalog.parameters import count, real, seed
from dlr.types import Matrix


@Family.define(
    source="Bartlett, Helmbold, Long 2018: power projection for targets with a margin",
    traits=WITH_MARGIN,
    parameters={
        "dimension": count(3, 2, 12),
        "margin": real(0.5, 0.05, 1.0),
        "skew": real(1.0, 0.0, 5.0),
        "seed": seed(),
    },
    expected={
        "gradient-descent": learned("observed"),
        "step-and-project": learned("observed"),
        "penalized": not_learned("observed"),
        "power-projection": learned("margin-converges"),
    },
)
def definite_plus_skew(*, dimension: int, margin: float, skew: float, seed: int) -> Matrix:
    """``S + K``: S symmetric with eigenvalues evenly spaced from ``margin`` to 1, K skew of spectral norm ``skew``.

    Not normal unless S and K commute; its eigenvalues have real parts in ``[margin, 1]``. Power projection is proved
    to learn it, in a thousand steps; plain gradient descent does so in about twenty, with no theorem to say so, and
    step-and-project repeats it because no layer gets near the radius. The penalty's bias is just above the tolerance.
    """
    return symmetric_matrix(np.linspace(margin, 1.0, dimension), seed) + skew_matrix(dimension, skew, seed)
