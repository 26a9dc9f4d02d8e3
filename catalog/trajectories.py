"""Iterates one by one, for claims about every step rather than the last."""

import math
from collections.abc import Iterator

import numpy as np

from catalog.claim import Problem
from dlr import Outcome, Solution, network, spectral
from dlr.algorithms import ReducibleAlgorithm
from dlr.arguments import InputError
from dlr.spectral import Complex, Spectrum
from dlr.types import Matrix


def dense(problem: Problem, steps: int) -> Iterator[tuple[float, Matrix]]:
    """Excess loss and layers, shape (L, d, d), of the start and each of ``steps`` iterates."""
    layers = network.identity_layers(problem.target, problem.depth) if problem.layers is None else problem.layers
    loss, gradients = network.loss_and_gradients(layers, problem.target)
    yield float(loss), layers
    for _ in range(steps):
        with np.errstate(all="ignore"):  # divergence is for the claim to judge
            layers = problem.algorithm.step(layers, gradients, problem.step_size)
            loss, gradients = network.loss_and_gradients(layers, problem.target)
        yield float(loss), layers


def reduced(problem: Problem, spectrum: Spectrum, steps: int) -> Iterator[tuple[float, Complex]]:
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


def losses(solution: Solution) -> Matrix:
    """Excess losses of every iterate; after a stall the last counts once more, after a divergence infinity."""
    after = {Outcome.STALLED: [solution.loss], Outcome.DIVERGED: [math.inf]}.get(solution.outcome, [])
    return np.append(solution.losses, after)


def worst_ratio(losses: Matrix, start: float, factor: float, floor: float) -> float:
    """Largest ``(|E_t|_F - floor) / (start factor^t)`` over t >= 1: at most 1 where the error shrinks as promised.

    Parameters
    ----------
    losses : ndarray, shape (T + 1,)
        Excess losses, so that ``|E_t|_F = sqrt(2 l_t)``; NaN counts as infinite.
    start, factor : float
        Promised error at t = 0, and its factor a step.
    floor : float
        Error that rounding may leave.
    """
    excess = np.sqrt(2 * np.nan_to_num(losses[1:], nan=math.inf, posinf=math.inf)) - floor
    promised = start * np.power(factor, np.arange(1, len(losses)))
    with np.errstate(divide="ignore", invalid="ignore"):
        ratios = np.where(excess > 0, excess / promised, 0.0)
    return float(np.max(ratios, initial=0.0))
