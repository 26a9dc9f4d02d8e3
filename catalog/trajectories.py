"""Iterates of a run one by one, for claims about every step."""

from collections.abc import Iterator

import numpy as np

from dlr import Problem, network, spectral
from dlr.algorithms import ReducibleAlgorithm
from dlr.arguments import InputError
from dlr.spectral import Spectrum
from dlr.types import Complex, LikeTarget


def layer_iterates(problem: Problem, steps: int) -> Iterator[tuple[float, LikeTarget]]:
    """Excess loss and layers, shape (L, d, d), of the start and each of ``steps`` iterates."""
    layers = problem.start
    loss, gradients = network.loss_and_gradients(layers, problem.target)
    yield float(loss), layers
    for _ in range(steps):
        with np.errstate(all="ignore"):  # divergence is for the claim to judge
            layers = problem.algorithm.step(layers, gradients, problem.step_size)
            loss, gradients = network.loss_and_gradients(layers, problem.target)
        yield float(loss), layers


def eigenvalue_iterates(problem: Problem, spectrum: Spectrum, steps: int) -> Iterator[tuple[float, Complex]]:
    """Excess loss and layer eigenvalues, shape (k,), of the start and each of ``steps`` iterates."""
    algorithm = problem.algorithm
    if not isinstance(algorithm, ReducibleAlgorithm):
        raise InputError(f"algorithm {algorithm.name} must have reduced_step here, got none: add it")
    z = np.ones_like(spectrum.eigenvalues)
    loss, gradients = spectral.loss_and_gradients(z, spectrum, problem.depth)
    yield loss, z
    for _ in range(steps):
        with np.errstate(all="ignore"):  # divergence is for the claim to judge
            z = algorithm.reduced_step(z, gradients, problem.step_size, problem.depth)
            loss, gradients = spectral.loss_and_gradients(z, spectrum, problem.depth)
        yield loss, z
