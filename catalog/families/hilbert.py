"""Shifted Hilbert matrix: the classic ill-conditioned positive definite target."""

import numpy as np

from catalog.families._ingredients import POSITIVE_DEFINITE
from catalog.family import Family, learned, not_learned
from catalog.parameters import count, real
from dlr.types import Matrix


@Family.define(
    source="Hilbert 1894; Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed. 2002, sec. 28.1",
    traits=POSITIVE_DEFINITE,
    parameters={"dimension": count(4, 1, 12), "shift": real(0.1, 1e-6, 1.0)},
    expected={
        "gradient-descent": learned("positive-definite-converges"),
        "step-and-project": learned("observed"),
        "penalized": not_learned("observed"),
        "power-projection": learned("observed"),
    },
)
def hilbert(*, dimension: int, shift: float) -> Matrix:
    """``1 / (i + j - 1) + shift I``, i and j from 1.

    The Hilbert part's eigenvalues fall off exponentially from below pi, so most of the spectrum sits just above
    ``shift``. Gradient descent needs on the order of ``shift^{-(2-2/L)}`` steps and gets there; step-and-project
    likewise. The penalty holds the small eigenvalues away from zero. Power projection would get there, but the step
    size of its theorem shrinks with ``margin^{2-2/L}`` and the trial ends first.
    """
    index = np.arange(dimension)
    return np.asarray(1 / (index[:, None] + index + 1) + shift * np.eye(dimension))
