"""Gaussian matrix with no structure at all."""

import numpy as np

from catalog.family import REFUSED, Family, learned, not_learned
from catalog.parameters import count, seed
from dlr.types import Matrix


@Family.define(
    source="Ginibre, Journal of Mathematical Physics 6 (1965)",
    parameters={"dimension": count(3, 1, 12), "seed": seed()},
    expected={
        "gradient-descent": learned("observed"),
        "step-and-project": learned("observed"),
        "penalized": not_learned("observed"),
        "power-projection": REFUSED,
    },
)
def ginibre(*, dimension: int, seed: int) -> Matrix:
    """Independent Gaussian entries of variance ``1 / d``: eigenvalues about uniform in the unit disk.

    No trait is certain; even the sign of the determinant is a coin toss. The default has determinant > 0 and no
    margin: gradient descent and step-and-project learn it, although no theorem says so, and the penalty holds up its
    least singular value.
    """
    gaussian = np.random.default_rng(seed).standard_normal((dimension, dimension))
    return np.asarray(gaussian / np.sqrt(dimension))
