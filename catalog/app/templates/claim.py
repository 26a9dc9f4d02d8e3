r"""One layer learns every target at a fixed rate.

Statement
---------
Let L = 1 and ``eta < 1``. Gradient descent from the identity has ``|E_t|_F = (1 - eta)^t |Phi - I|_F``, so that excess
loss eps takes at most ``ln(|Phi - I|_F / sqrt(2 eps)) / eta`` steps.

Proof
-----
With one layer ``W+ = W - eta (W - Phi)``, so ``E+ = (1 - eta) E``. Last, ``-ln(1 - x) >= x``.

In floating point a step errs by an ulp of W, which contraction sums to ``epsilon |Phi| / eta`` at most in each entry:
far below the square root of any tolerance drawn here.

Link: https://arxiv.org/abs/1802.06093, the case of one layer.
"""

from collections.abc import Iterator

from hypothesis import strategies as st

from catalog import conditions, strategies
from catalog.claim import Condition, Control, Evidence, Kind, Problem, claim
from catalog.sources import here
from dlr import GradientDescent, solve
from dlr.matrices import distance_to_identity
from dlr.theory import steps_to
from dlr.types import Matrix

one_layer = Condition("L = 1", lambda problem: problem.depth == 1)
small_step = Condition("eta < 1", lambda problem: problem.step_size < 1)


def problems(target: Matrix, depth: int) -> Iterator[Problem]:
    """On a named target."""
    yield instance(target, depth)


def instance(target: Matrix, depth: int = 1, step_size: float = 0.5) -> Problem:
    """The problem at a step size."""
    return Problem(target, depth, GradientDescent(step_size), tol=1e-9)


def draws() -> st.SearchStrategy[Problem]:
    """Any matrix, at step sizes up to 1."""
    return st.builds(instance, strategies.general(), st.just(1), st.sampled_from([0.5, 0.01, 0.1, 0.99]))


def more_layers() -> st.SearchStrategy[Problem]:
    """From two layers on a negative eigenvalue is never learned."""
    return st.builds(instance, strategies.negative_eigenvalue(), st.integers(2, 8), st.sampled_from([0.01, 0.001]))


def long_steps() -> st.SearchStrategy[Problem]:
    """Beyond 2 the error grows."""
    return st.builds(instance, strategies.negative_eigenvalue(), st.just(1), st.floats(2.1, 4.0))


@claim(
    "N0",
    source=here("one layer"),
    kind=Kind.UPPER_BOUND,
    hypotheses=(one_layer, small_step, conditions.plain_gradient_descent),
    quantity="steps to tolerance",
    problems=problems,
    draws=draws,
    depths=(1,),
    confined=("depth",),
    controls=(
        Control("more layers", drops=one_layer, draws=more_layers),
        Control("longer steps", drops=small_step, draws=long_steps),
        Control("a penalty", drops=conditions.plain_gradient_descent, draws=lambda: conditions.penalized(draws())),
    ),
)
def new_claim(problem: Problem) -> Evidence:
    """One layer learns every target within the iteration bound.

    Observed is the number of steps, or one more than the bound where the tolerance is not reached within it.
    """
    allowed = steps_to(problem.tol, start=distance_to_identity(problem.target), rate=problem.step_size)
    solution = solve(problem.target, problem.depth, problem.algorithm, tol=problem.tol, max_steps=allowed)
    observed = solution.steps if solution.converged else allowed + 1
    return Evidence(observed, allowed, steps=solution.steps, engine=solution.engine)
