"""Diagonal with a cluster of eigenvalues and one outlier."""

import numpy as np

from catalog.families._ingredients import POSITIVE_DEFINITE
from catalog.family import Family, learned, not_learned
from catalog.parameters import count, real
from dlr.types import Matrix


@Family.define(
    source="Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed. 2002, ch. 28: randsvd, modes 1 and 2",
    traits=POSITIVE_DEFINITE,
    parameters={
        "dimension": count(4, 2, 12),
        "center": real(0.5, 0.1, 5.0),
        "spread": real(0.02, 0.0, 0.1),
        "outlier": real(2.0, 0.05, 10.0),
    },
    expected={
        "gradient-descent": learned("positive-definite-converges"),
        "step-and-project": learned("observed"),
        "penalized": not_learned("observed"),
        "power-projection": learned("margin-converges"),
    },
)
def clustered_diagonal(*, dimension: int, center: float, spread: float, outlier: float) -> Matrix:
    """``diag(outlier, cluster)``: the cluster evenly spaced within relative ``spread`` of ``center``.

    The outlier sets the step size and the cluster the pace, or the other way round; the bound for gradient descent
    knows only the two ends. Step-and-project follows at half the step size, power projection at a much smaller one,
    proved to suffice. The penalty leaves the cluster, whose eigenvalues have to shrink, above the tolerance.
    """
    cluster = center * np.linspace(1 - spread, 1 + spread, dimension - 1)
    return np.diag(np.append(outlier, cluster))
