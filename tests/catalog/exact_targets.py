"""Targets of each method that encloses a run, and certificates as they come from a file."""

import json
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import numpy as np

ROTATION = [[0.625, -0.875], [0.875, 0.625]]
SHEAR = [[1.0, 2.0], [0.0, 1.0]]
SYMMETRIC = [[2.0, 0.5], [0.5, 1.0]]
SWAP = [[1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.0, 1.0, 0.0]]
REPEATED = [[3.0, 1.0, 1.0], [1.0, 3.0, 1.0], [1.0, 1.0, 3.0]]
"""Its eigenvalues are 5, 2 and 2."""
BLOCKS = [[[2.0, 0.0, 0.0], [0.0, 0.5, -1.0], [0.0, 1.0, 0.5]], [[0.5, -1.0, 0.0], [1.0, 0.5, 0.0], [0.0, 0.0, 2.0]]]
"""A pair after and before a real eigenvalue."""
MIRRORED = [[-2.0, -0.5], [0.5, 1.0]]
METHODS = {
    "eigenvalues": [ROTATION, SYMMETRIC, SWAP, REPEATED, *BLOCKS, [[0.3]]],
    "half layers": [MIRRORED, [[-0.5, -0.25, 0.5], [0.25, 0.5, 0.25], [-0.5, 0.25, 0.0]]],
    "layers": [SHEAR],
}
"""At an even depth."""


def read(certificate: dict[str, Any]) -> dict[str, Any]:
    """As it comes from a file."""
    return json.loads(json.dumps(certificate))


def fractional_losses(target: Any, depth: int, step_size: Fraction, steps: int) -> Iterator[Fraction]:
    """Excess losses in rational arithmetic, straight from the definition of the gradient."""
    d = len(target)
    identity = np.array([[Fraction(int(i == j)) for j in range(d)] for i in range(d)], dtype=object)
    Phi = np.array([[Fraction(x) for x in row] for row in target], dtype=object)
    layers = [identity] * depth

    def product(factors: list[Any]) -> Any:
        result = identity
        for factor in factors:
            result = factor @ result
        return result

    for _ in range(steps + 1):
        error = product(layers) - Phi
        yield sum(x * x for x in error.ravel()) / Fraction(2)
        gradients = [product(layers[i + 1 :]).T @ error @ product(layers[:i]).T for i in range(depth)]
        layers = [layer - step_size * gradient for layer, gradient in zip(layers, gradients, strict=True)]
