"""What claims of the kind ``|E_t|_F <= D (1 - rate)^t for all t`` share; no claim itself."""

from dataclasses import replace

import numpy as np
from hypothesis import strategies as st

from catalog import trajectories
from catalog.claim import Evidence, Problem
from dlr import network, solve
from dlr.rounding import contraction_rounding


def decay(problem: Problem, *, start: float, rate: float, reach: float) -> Evidence:
    """`catalog.trajectories.slowness` of a run, above `dlr.rounding.contraction_rounding`.

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
    floor = contraction_rounding(len(problem.target), problem.depth, reach, problem.step_size, rate)
    observed = trajectories.slowness(
        trajectories.losses(solution), problem.max_steps, start=start, rate=rate, floor=floor
    )
    return Evidence(observed, 1.0, steps=solution.steps, engine=solution.engine)


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
