"""Wishart: sample covariance of Gaussian vectors."""

import numpy as np

from catalog.families._ingredients import POSITIVE_DEFINITE
from catalog.family import Family, learned, not_learned
from catalog.parameters import count, seed
from dlr.types import Matrix


@Family.define(
    source="Wishart, Biometrika 20A (1928); Marchenko and Pastur 1967 for the spectrum",
    traits=POSITIVE_DEFINITE,
    parameters={"dimension": count(3, 2, 12), "ratio": count(6, 2, 12), "seed": seed()},
    expected={
        "gradient-descent": learned("positive-definite-converges"),
        "step-and-project": learned("observed"),
        "penalized": not_learned("observed"),
        "power-projection": learned("observed"),
    },
)
def wishart(*, dimension: int, ratio: int, seed: int) -> Matrix:
    """``X X^T / n`` with X Gaussian, shape (d, n), ``n = ratio d`` samples.

    Eigenvalues fill about ``[(1 - ratio^{-1/2})^2, (1 + ratio^{-1/2})^2]``. At least twice as many samples as
    dimensions keep it definite: a relative eigenvalue below 1e-12 has probability of order 1e-18 at worst. Gradient
    descent and step-and-project learn it quickly, power projection in thousands of small steps; the penalty's bias on
    the least eigenvalue stays above the tolerance.
    """
    samples = np.random.default_rng(seed).standard_normal((dimension, ratio * dimension))
    covariance = samples @ samples.T / samples.shape[1]
    return np.asarray((covariance + covariance.T) / 2)
