"""The paper's four algorithms at 50 digits, from their definitions, with no code in common with the solver's."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from mpmath import mp

from dlr import Penalized, PowerProjection, Problem, StepAndProject
from dlr.types import Matrix

DIGITS = 50


def exact_iterates(problem: Problem, steps: int) -> Iterator[Matrix]:
    """Layers (L, d, d) of the start and of each iterate, as arrays of ``mpf``."""
    with mp.workdps(DIGITS):
        Phi, layers = _exact(problem.target), _exact(problem.start)
        yield layers
        for _ in range(steps):
            layers = _stepped(problem, Phi, layers)
            yield layers


def exact_loss(problem: Problem, layers: Matrix) -> float:
    """Excess loss, rounded once."""
    with mp.workdps(DIGITS):
        return float(sum(x * x for x in (_product(layers) - _exact(problem.target)).ravel()) / 2)


def _exact(array: Any) -> Any:
    return np.vectorize(mp.mpf, otypes=[object])(np.asarray(array))


def _product(factors: Any) -> Any:
    result = _exact(np.eye(factors.shape[-1]))
    for factor in factors:
        result = factor @ result
    return result


def _stepped(problem: Problem, Phi: Any, layers: Any) -> Any:
    algorithm, eta, identity = problem.algorithm, mp.mpf(problem.step_size), _exact(np.eye(len(Phi)))
    error = _product(layers) - Phi
    gradients = [_product(layers[i + 1 :]).T @ error @ _product(layers[:i]).T for i in range(len(layers))]
    if isinstance(algorithm, Penalized):
        pull = mp.mpf(algorithm.strength)
        gradients = [G + pull * (layer - identity) for G, layer in zip(gradients, layers, strict=True)]
    moved = layers - eta * np.array(gradients)
    if isinstance(algorithm, StepAndProject):
        return np.array([_clipped(layer, identity, mp.mpf(algorithm.radius)) for layer in moved])
    if isinstance(algorithm, PowerProjection):
        return _balanced(_lifted(_product(moved), mp.mpf(algorithm.margin)), len(layers))
    return moved


def _clipped(layer: Any, identity: Any, radius: Any) -> Any:
    left, values, right = mp.svd_r(mp.matrix((layer - identity).tolist()))
    return identity + _array(left * mp.diag([min(value, radius) for value in values]) * right)


def _lifted(matrix: Any, margin: Any) -> Any:
    values, vectors = mp.eigsy(mp.matrix(((matrix + matrix.T) / 2).tolist()))
    lift = vectors * mp.diag([max(0, margin - value) for value in values]) * vectors.T
    return matrix + _array(lift)


def _balanced(matrix: Any, depth: int) -> Any:
    left, values, right = mp.svd_r(mp.matrix(matrix.tolist()))
    angle = mp.logm(left * right)
    root = right.T * mp.diag([value ** (mp.mpf(1) / depth) for value in values]) * right
    powers = [mp.expm(angle * i / depth) for i in range(depth + 1)]
    return np.array([_array((powers[i + 1] * root * powers[i].T).apply(mp.re)) for i in range(depth)])


def _array(matrix: Any) -> Any:
    return np.array(matrix.tolist(), dtype=object)
