"""Cayley transform of a random skew matrix: a generic rotation away from half a turn."""

import numpy as np

from catalog.families._ingredients import ROTATION, skew_matrix
from catalog.family import REFUSED, Family, learned, not_learned
from catalog.parameters import count, real, seed
from catalog.traits import clear_of_negative_axis
from dlr.types import Matrix


@Family.define(
    source="Cayley, Journal fuer die reine und angewandte Mathematik 32 (1846)",
    traits=(*ROTATION, clear_of_negative_axis),
    parameters={"dimension": count(4, 2, 12), "size": real(2.0, 0.0, 5.0), "seed": seed()},
    expected={
        "gradient-descent": learned("normal-dichotomy"),
        "step-and-project": learned("observed"),
        "penalized": not_learned("observed"),
        "power-projection": REFUSED,
    },
)
def cayley(*, dimension: int, size: float, seed: int) -> Matrix:
    """``(I - K)^{-1} (I + K)`` with K skew-symmetric, Gaussian, of spectral norm ``size``.

    Rotates by ``2 arctan(s)`` for each eigenvalue pair ``+-i s`` of K, at most ``2 arctan(size)``, so always short of
    pi. Gradient descent and step-and-project learn it as they learn any such rotation; the penalty's bias exceeds the
    tolerance. The margin, ``(1 - size^2) / (1 + size^2)``, is positive for size below 1, where power projection
    is proved to work, in ever more steps as it shrinks.
    """
    skew = skew_matrix(dimension, size, seed)
    return np.asarray(np.linalg.solve(np.eye(dimension) - skew, np.eye(dimension) + skew), dtype=np.float64)
