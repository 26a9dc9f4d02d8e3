"""Symmetric positive definite with geometrically spaced eigenvalues in a random basis."""

import numpy as np

from catalog.families._ingredients import POSITIVE_DEFINITE, symmetric_matrix
from catalog.family import Family, learned, not_learned
from catalog.parameters import count, real, seed
from dlr.types import Matrix


@Family.define(
    source="Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed. 2002, ch. 28: randsvd, mode 3",
    traits=POSITIVE_DEFINITE,
    parameters={"dimension": count(4, 2, 12), "condition": real(3.0, 1.0, 1e6), "seed": seed()},
    expected={
        "gradient-descent": learned("positive-definite-converges"),
        "step-and-project": learned("observed"),
        "penalized": not_learned("observed"),
        "power-projection": learned("margin-converges"),
    },
)
def geometric_spectrum(*, dimension: int, condition: float, seed: int) -> Matrix:
    """``Q diag(1, ..., 1 / condition) Q^T``, eigenvalues in geometric progression, Q Haar-random orthogonal.

    Gradient descent needs about ``condition^{2-2/L}`` steps, set by the least eigenvalue alone; step-and-project
    never feels its radius and follows at its own, halved step size. The penalty leaves the least eigenvalue short.
    Power projection converges too, but its theorem's step size pays ``condition^{4-4/L}``: raise the condition number
    to 10 and it is far from done where gradient descent took 158 steps.
    """
    return symmetric_matrix(np.geomspace(1.0, 1 / condition, dimension), seed)
