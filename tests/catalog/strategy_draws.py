"""Draws of every strategy of matrices, and what the tests of the strategies ask of a draw."""

from functools import cache

import numpy as np
from hypothesis import HealthCheck, Phase, given, seed, settings

from catalog import strategies

EPS = np.finfo(np.float64).eps
DEFAULTS = {
    "orthogonal": strategies.orthogonal(),
    "with_spectrum": strategies.with_spectrum(eigenvalues=strategies.spectra()),
    "with_singular_values": strategies.with_singular_values(singular_values=strategies.spectra(min_eigenvalue=0)),
    "symmetric": strategies.symmetric(),
    "positive_definite": strategies.positive_definite(),
    "negative_eigenvalue": strategies.negative_eigenvalue(),
    "margin_positive": strategies.margin_positive(),
    "near_the_identity": strategies.near_the_identity(),
    "normal": strategies.normal(),
    "general": strategies.general(),
    "general, positive determinant": strategies.general(positive_determinant=True),
}


def tolerance(matrix, power=1):
    """Rounding of a few products of d x d matrices of this norm."""
    return 20 * len(matrix) ** 2 * EPS * np.linalg.norm(matrix) ** power


RUN = 20
"""Draws under one seed: Hypothesis makes later ones from earlier ones, so that long runs keep to a few sizes."""


@cache
def drawn(strategy, count=200):
    """Draws under fixed seeds; a rejected draw would be missing from the count."""
    found = []

    def collect(value):
        found.append(value)

    for first in range(0, count, RUN):
        run = settings(
            max_examples=min(RUN, count - first),
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        seed(first)(run(given(strategy)(collect)))()
    return found


def symmetric_bitwise(matrix):
    return matrix.tobytes() == matrix.T.tobytes()


def diagonal(matrix):
    return np.array_equal(matrix, np.diag(np.diag(matrix)))
