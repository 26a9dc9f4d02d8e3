"""Grcar-like Toeplitz matrix, coupling damped until it has a margin."""

import numpy as np

from catalog.families._ingredients import WITH_MARGIN
from catalog.family import Family, learned, not_learned
from catalog.parameters import count, real
from dlr.types import Matrix


@Family.define(
    source="Grcar 1989, Sandia report SAND89-8691; Trefethen and Embree, Spectra and Pseudospectra, 2005",
    traits=WITH_MARGIN,
    parameters={"dimension": count(5, 2, 12), "bands": count(3, 1, 3), "coupling": real(0.4, 0.0, 0.45)},
    expected={
        "gradient-descent": learned("observed"),
        "step-and-project": learned("observed"),
        "penalized": not_learned("observed"),
        "power-projection": learned("margin-converges"),
    },
)
def grcar(*, dimension: int, bands: int, coupling: float) -> Matrix:
    """``I + coupling (N + ... + N^bands - N^T)``, N the upper shift; Grcar's matrix is coupling 1.

    Eigenvalues complex and sensitive to perturbation; the symmetric part has margin at least
    ``1 - coupling (bands - 1)``, since the first band cancels. Power projection is proved to learn it; gradient
    descent and step-and-project do, in a few dozen steps, although no theorem covers them here. The penalty's bias is
    just above the tolerance.
    """
    above = sum(np.eye(dimension, k=band) for band in range(1, bands + 1))
    return np.asarray(np.eye(dimension) + coupling * (above - np.eye(dimension, k=-1)))
