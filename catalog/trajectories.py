"""Iterates one by one, for claims about every step rather than the last."""

import math
from collections.abc import Iterator

import numpy as np

from catalog.claim import Evidence, Problem
from dlr import Outcome, Solution, network, solve, spectral
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


def steps_within(problem: Problem, allowed: int) -> Evidence:
    """Steps to the tolerance against those allowed; one more than allowed where it is not reached within them."""
    solution = solve(
        problem.target,
        problem.depth,
        problem.algorithm,
        tol=problem.tol,
        max_steps=allowed,
        initial_layers=problem.layers,
        history=False,
    )
    observed = solution.steps if solution.converged else allowed + 1
    return Evidence(observed, allowed, steps=solution.steps, engine=solution.engine)


def losses(solution: Solution) -> Matrix:
    """Excess losses of every iterate; after a stall the last counts once more, after a divergence infinity."""
    after = {Outcome.STALLED: [solution.loss], Outcome.DIVERGED: [math.inf]}.get(solution.outcome, [])
    return np.append(solution.losses, after)


DECAY = "proved over observed decay"
"""What `slowness` measures."""


def slowness(losses: Matrix, horizon: int, *, start: float, rate: float, floor: float) -> float:
    """Proved over observed exponential decay, at the step where they are closest.

    That is the largest ``t ln(1 / (1 - rate)) / ln(start / (|E_t|_F - floor))`` over the steps 1 to ``horizon``: at
    most 1 exactly when ``|E_t|_F <= start (1 - rate)^t + floor`` for all of them. (The error over its bound would
    be near 1 after one small step, and say nothing.)

    Parameters
    ----------
    losses : ndarray, shape (T + 1,)
        Excess losses, so that ``|E_t|_F = sqrt(2 l_t)``. If T < horizon, the last one stays to the horizon.
    horizon : int
    start : float
        Bound on ``|E_0|_F``.
    rate : float
        In (0, 1].
    floor : float
        Error that rounding may leave.

    Returns
    -------
    float
        Infinite where a loss is not finite or an error is not below ``start``: there is no decay then.
    """
    if not np.all(np.isfinite(losses)):
        return math.inf
    steps, errors = np.arange(1, len(losses)), np.sqrt(2 * losses) - floor
    if len(steps) < horizon:
        steps, errors = np.append(steps, horizon), np.append(errors, errors[-1])
    errors = errors[1:]
    steps, errors = steps[errors > 0], errors[errors > 0]
    if np.any(errors >= start):
        return math.inf
    proved = -steps * math.log1p(-min(rate, 1 - 2.0**-53))
    return float(np.max(proved / np.log(start / errors), initial=0.0))
