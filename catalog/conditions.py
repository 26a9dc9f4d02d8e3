"""Hypotheses on a whole problem that several claims share."""

from collections.abc import Callable
from dataclasses import replace

from hypothesis import strategies as st

from catalog.claim import Condition, Problem
from dlr.algorithms import GradientDescent, Penalized
from dlr.theory import ROUNDING

STEP_BUDGET = 20_000
"""Longest run a single check may ask for."""

identity_start = Condition("identity start", lambda problem: problem.layers is None)

plain_gradient_descent = Condition(
    "plain gradient descent", lambda problem: isinstance(problem.algorithm, GradientDescent)
)


def depth_at_least(minimum: int) -> Condition:
    """``L >= minimum``."""
    return Condition(f"L >= {minimum}", lambda problem: problem.depth >= minimum)


def step_size_at_most(name: str, largest: Callable[[Problem], float]) -> Condition:
    """``eta`` at most the theorem's, which ``largest`` computes; ``name`` is its formula."""
    return Condition(name, lambda problem: problem.step_size <= largest(problem) * (1 + ROUNDING))


def within_budget(bound: Callable[[Problem], float], budget: int = STEP_BUDGET) -> Condition:
    """The proved number of steps can be run: no part of the theorem, but of looking at it."""
    return Condition(f"at most {budget:,} steps", lambda problem: bound(problem) <= budget, practical=True)


def penalized(draws: st.SearchStrategy[Problem]) -> st.SearchStrategy[Problem]:
    """Turn plain gradient descent problems into penalized ones, ``eta kappa <= 1/2``, which settle off the target."""
    return st.builds(
        lambda problem, pull: replace(problem, algorithm=Penalized(pull / problem.step_size, problem.step_size)),
        draws,
        st.sampled_from([0.1, 0.01, 0.5]),
    )
