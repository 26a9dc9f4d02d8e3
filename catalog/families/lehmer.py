"""Lehmer matrix: positive definite with a totally nonnegative structure and known condition."""

import numpy as np

from catalog.families._ingredients import POSITIVE_DEFINITE
from catalog.family import Family, learned, not_learned
from catalog.parameters import count
from dlr.types import Matrix


@Family.define(
    source="Lehmer, American Mathematical Monthly 53 (1946), problem E710; Higham 2002, ch. 28",
    traits=POSITIVE_DEFINITE,
    parameters={"dimension": count(4, 1, 12)},
    expected={
        "gradient-descent": learned("positive-definite-converges"),
        "step-and-project": learned("observed"),
        "penalized": not_learned("observed"),
        "power-projection": learned("observed"),
    },
)
def lehmer(*, dimension: int) -> Matrix:
    """``min(i, j) / max(i, j)``, i and j from 1; condition number between d and ``4 d^2``, tridiagonal inverse.

    Gradient descent learns it at the positive definite theorem's step size and step-and-project at half of it. The
    penalty's bias on the least eigenvalue exceeds the tolerance. Power projection is on its way when the trial ends:
    its theorem's step size shrinks with ``margin^{2-2/L}``; in dimension 2 it makes it.
    """
    index = np.arange(1.0, dimension + 1)
    return np.asarray(np.minimum(index[:, None], index) / np.maximum(index[:, None], index))
