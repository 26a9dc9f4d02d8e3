"""A reflection times a positive definite matrix: not normal, and not learned at even depth."""

import numpy as np

from catalog.families._ingredients import symmetric_matrix
from catalog.family import REFUSED, Family, not_learned
from catalog.parameters import count, real, seed
from catalog.traits import negative_margin, nonsingular
from dlr.types import Matrix


@Family.define(
    source="this project: reflections in the polar factor",
    traits=(nonsingular, negative_margin),
    parameters={"dimension": count(4, 2, 12), "condition": real(4.0, 1.0, 100.0), "seed": seed()},
    expected={
        "gradient-descent": not_learned("observed"),
        "step-and-project": not_learned("observed"),
        "penalized": not_learned("observed"),
        "power-projection": REFUSED,
    },
)
def polar_reflection(*, dimension: int, condition: float, seed: int) -> Matrix:
    """``diag(-1, 1, ..., 1) A``, A symmetric with eigenvalues from ``1 / sqrt(condition)`` to ``sqrt(condition)``.

    The eigenvalues of A are spaced geometrically, in a Haar-random basis. Neither symmetric nor normal, yet at even
    depth the iterates keep a symmetry of their own, ``Theta_i = Q Theta_{L+1-i}^T Q``, that costs them the smallest
    singular value (reflections-fail): the excess loss stays above ``1 / (2 condition)``, up to rounding, which may in
    the end break the symmetry. At depth 3 finite steps break it soon.
    """
    root = np.sqrt(condition)
    matrix = symmetric_matrix(np.geomspace(1 / root, root, dimension), seed)
    matrix[0] *= -1
    return matrix
