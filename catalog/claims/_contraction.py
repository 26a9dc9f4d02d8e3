"""What claims of the kind ``|E_t|_F <= D (1 - rate)^t for all t`` share; no claim itself."""

import math
from dataclasses import replace

import numpy as np
from hypothesis import strategies as st

from catalog.claim import Evidence, Problem
from dlr import Solution, network, solve, theory

QUANTITY = "proved over observed decay"


def decay(problem: Problem, *, start: float, rate: float, reach: float) -> Evidence:
    """Proved over observed exponential decay, at the step where they are closest.

    That is the largest ``t ln(1 / (1 - rate)) / ln(start / (|E_t|_F - r))`` over the steps 1 to
    ``problem.max_steps``, at most 1 exactly when ``|E_t|_F <= start (1 - rate)^t + r`` for all of them; r is
    `dlr.theory.contraction_rounding`. A run that stops moving keeps its error to the horizon, a run that diverges
    or whose error is not below ``start`` has no decay.

    Parameters
    ----------
    problem : Problem
    start : float
        Bound on ``|E_0|_F``.
    rate : float
        In (0, 1].
    reach : float
        Bound on the product of the layers' norms.
    """
    solution = solve(
        problem.target,
        problem.depth,
        problem.algorithm,
        tol=0.0,
        max_steps=problem.max_steps,
        initial_layers=problem.layers,
    )
    floor = theory.contraction_rounding(len(problem.target), problem.depth, reach, problem.step_size, rate)
    observed = slowness(solution, problem.max_steps, start=start, rate=rate, floor=floor)
    return Evidence(observed, 1.0, steps=solution.steps, engine=solution.engine)


def slowness(solution: Solution, horizon: int, *, start: float, rate: float, floor: float) -> float:
    """Largest ``t ln(1 / (1 - rate)) / ln(start / (|E_t|_F - floor))`` over the steps 1 to ``horizon``."""
    if solution.outcome.name == "DIVERGED":
        return math.inf
    steps, losses = np.arange(1, solution.steps + 1), solution.losses[1:]
    if solution.steps < horizon:  # it stopped moving
        steps, losses = np.append(steps, horizon), np.append(losses, solution.loss)
    errors = np.sqrt(2 * losses) - floor
    steps, errors = steps[errors > 0], errors[errors > 0]
    if np.any(errors >= start):
        return math.inf
    proved = -steps * np.log1p(-min(rate, 1 - 2.0**-53))
    return float(np.max(proved / np.log(start / errors), initial=0.0))


def longer(problems: st.SearchStrategy[Problem], low: float, high: float) -> st.SearchStrategy[Problem]:
    """The same problems with the step size times a factor between low and high."""
    return st.builds(
        lambda problem, factor: replace(
            problem, algorithm=replace(problem.algorithm, step_size=factor * problem.step_size)
        ),
        problems,
        st.floats(low, high),
    )


def zero_start(problems: st.SearchStrategy[Problem]) -> st.SearchStrategy[Problem]:
    """The same problems from layers that are all zero, where every gradient vanishes for L >= 2."""
    return problems.map(
        lambda problem: replace(problem, layers=np.zeros_like(network.identity_layers(problem.target, problem.depth)))
    )
