"""Comparison of the observed decay of a run's error with a proved bound."""

import math
import sys
from dataclasses import replace

import numpy as np

from catalog.claim import Contraction, Evidence
from catalog.sharing import of_matrix
from dlr import Outcome, Problem, Solution, run, spectral
from dlr._arrays import LARGEST_DEPTH, real_array
from dlr.arguments import InputError, brief, instance, integer
from dlr.engine_choice import chosen_engine
from dlr.rounding import contraction_rounding, matrix_rounding
from dlr.types import Matrix

__all__ = [
    "DECAY",
    "STEP_DECAY",
    "decay_in_each_step",
    "decay_over_run",
    "decay_ratio",
    "losses_to_end",
    "rounding_of",
    "step_decay_ratio",
    "steps_within",
]

DECAY = "proved over observed decay"
"""What `decay_ratio` measures."""

STEP_DECAY = "proved over observed decay in a step"
"""What `step_decay_ratio` measures."""


def steps_within(problem: Problem, allowed: int) -> Evidence:
    """Steps to the tolerance, against ``allowed``; ``allowed + 1`` where the tolerance is not reached by then."""
    instance("problem", problem, Problem)
    integer("allowed", allowed, minimum=0, maximum=int(sys.float_info.max))
    solution = run(replace(problem, max_steps=min(allowed, LARGEST_DEPTH), history=False))
    observed = solution.steps if solution.converged else allowed + 1
    return Evidence(observed, allowed, steps=solution.steps, engine=solution.engine)


def decay_over_run(problem: Problem, bound: Contraction) -> Evidence:
    """`decay_ratio` of a run of ``problem.max_steps`` steps."""
    instance("bound", bound, Contraction)
    solution = run(replace(instance("problem", problem, Problem), tol=0.0))
    observed = decay_ratio(losses_to_end(solution), problem.max_steps, bound)
    return Evidence(observed, 1.0, steps=solution.steps, engine=solution.engine)


def decay_in_each_step(problem: Problem, bound: Contraction) -> Evidence:
    """`step_decay_ratio` of a run of ``problem.max_steps`` steps."""
    instance("bound", bound, Contraction)
    solution = run(replace(instance("problem", problem, Problem), tol=0.0))
    observed = step_decay_ratio(losses_to_end(solution), bound)
    return Evidence(observed, 1.0, steps=solution.steps, engine=solution.engine)


def losses_to_end(solution: Solution) -> Matrix:
    """Excess losses of every iterate; a stall repeats the last one, a divergence appends infinity."""
    instance("solution", solution, Solution)
    after = {Outcome.STALLED: [solution.loss], Outcome.DIVERGED: [math.inf]}.get(solution.outcome, [])
    return np.append(solution.losses, after)


def decay_ratio(losses: Matrix, horizon: int, bound: Contraction) -> float:
    """Proved over observed exponential decay, at the step where they are closest.

    That is the largest ``t ln(1 / (1 - rate)) / ln(start / (|E_t|_F - rounding))`` over the steps 1 to ``horizon``: at
    most 1 exactly when ``|E_t|_F <= start (1 - rate)^t + rounding`` at all of them. The plain ratio of error and bound
    would say nothing of the bound: it is always near 1 after one small step.

    Parameters
    ----------
    losses : ndarray, shape (T + 1,)
        Excess losses, so that ``|E_t|_F = sqrt(2 l_t)``. If T < horizon, the last one is repeated up to the horizon.
    horizon : int
    bound : Contraction

    Returns
    -------
    float
        Infinite where a loss is not finite or an error is not below ``start``: there is no decay then.
    """
    losses = _losses(losses)
    integer("horizon", horizon, minimum=0, maximum=LARGEST_DEPTH)
    instance("bound", bound, Contraction)
    if not np.all(np.isfinite(losses)):
        return math.inf
    steps, errors = np.arange(1, len(losses)), np.sqrt(2 * losses) - bound.rounding
    if len(steps) < horizon:
        steps, errors = np.append(steps, horizon), np.append(errors, errors[-1])
    errors = errors[1:]
    steps, errors = steps[errors > 0], errors[errors > 0]
    if np.any(errors >= bound.start):
        return math.inf
    return float(np.max(steps * _exponent(bound) / np.log(bound.start / errors), initial=0.0))


def step_decay_ratio(losses: Matrix, bound: Contraction) -> float:
    """Proved over observed exponential decay in the step where they are closest.

    At most 1 exactly when ``|E_{t+1}|_F <= (1 - rate) |E_t|_F + rounding`` for every step. Parameters and result as of
    `decay_ratio`.
    """
    losses = _losses(losses)
    instance("bound", bound, Contraction)
    if not np.all(np.isfinite(losses)):
        return math.inf
    errors = np.sqrt(2 * losses)
    before, after = errors[:-1], errors[1:] - bound.rounding
    before, after = before[after > 0], after[after > 0]
    if np.any(after >= before):
        return math.inf
    return float(np.max(_exponent(bound) / np.log(before / after), initial=0.0))


def _losses(losses: Matrix) -> Matrix:
    """Excess losses, at least one and none below 0."""
    losses = real_array("losses", losses)
    if losses.ndim != 1 or len(losses) == 0 or np.any(losses < 0):
        raise InputError(f"losses must be one or more numbers >= 0, got {brief(losses)}: pass shape (T + 1,)")
    return losses


def _exponent(bound: Contraction) -> float:
    """``ln(1 / (1 - rate))``, finite at rate 1."""
    return -math.log1p(-min(bound.rate, 1 - 2.0**-53))


def rounding_of(problem: Problem, reach: float, rate: float) -> float:
    """`dlr.rounding.contraction_rounding` of a problem with a normal target, on the engine that runs it.

    In an iteration on the layers rounding moves the product away from the normal matrices. That part of the error may
    first grow by `dlr.spectral.amplification` and is not contracted at the rate of the eigenvalues.
    """
    instance("problem", problem, Problem)
    rounding = contraction_rounding(len(problem.target), problem.depth, reach, problem.step_size, rate)
    rounding += matrix_rounding(len(problem.target), 4) * reach  # of the eigenvectors
    if chosen_engine(problem) == "spectral":
        return rounding
    return rounding * _amplification(problem.target)


@of_matrix
def _amplification(target: Matrix) -> float:
    return spectral.amplification(spectral.nearest_normal(target).eigenvalues)
