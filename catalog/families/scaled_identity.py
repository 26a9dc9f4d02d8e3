"""Multiple of the identity: a single scalar recursion."""

import numpy as np

from catalog.families._ingredients import POSITIVE_DEFINITE
from catalog.family import Family, learned, not_learned
from catalog.parameters import count, real
from dlr.types import Matrix


@Family.define(
    source="The one-dimensional case of Bartlett, Helmbold, Long 2018",
    traits=POSITIVE_DEFINITE,
    parameters={"dimension": count(4, 1, 12), "scale": real(0.5, 0.05, 10.0)},
    expected={
        "gradient-descent": learned("positive-definite-converges"),
        "step-and-project": learned("observed"),
        "penalized": not_learned("observed"),
        "power-projection": learned("margin-converges"),
    },
)
def scaled_identity(*, dimension: int, scale: float) -> Matrix:
    """``scale I``.

    All eigenvalues do the same: ``theta`` goes from 1 to ``scale^{1/L}`` without overshooting. Proved for gradient
    descent, the same at half the step size for step-and-project, proved for power projection. The penalty stops at
    ``theta^{L-1} (theta^L - scale) = kappa (1 - theta)``, which for scale 1/2 is above the tolerance.
    """
    return scale * np.eye(dimension)
