"""The standard trial behind a family's ``expected``: one run of each algorithm on the family's default target."""

from typing import Literal, TypeAlias

from catalog.family import Target
from dlr import Algorithm, GradientDescent, NoMarginError, Penalized, PowerProjection, StepAndProject, solve
from dlr.arguments import one_of

__all__: list[str] = []

DEPTH = 6
TOL = 1e-6
MAX_STEPS = 10_000

TRIED: dict[str, Algorithm] = {
    algorithm.name: algorithm
    for algorithm in (GradientDescent(), StepAndProject(radius=1.0), Penalized(strength=0.01), PowerProjection())
}

Observation: TypeAlias = Literal["learned", "not learned", "refused"]


def observe(target: Target, algorithm: str) -> Observation:
    """Run one algorithm on one target, at depth 6 and the solver's own step size.

    Parameters
    ----------
    target : Target
    algorithm : str
        A name from `TRIED`.

    Returns
    -------
    {"learned", "not learned", "refused"}
        Whether the excess loss reaches 1e-6 within 10,000 steps; ``refused`` if the algorithm needs a positive margin
        and the target has none.

    Raises
    ------
    InputError
        If the algorithm is unknown, with the nearest names.
    """
    chosen = TRIED[one_of("algorithm", algorithm, TRIED)]
    try:
        solution = solve(target.matrix, DEPTH, chosen, tol=TOL, max_steps=MAX_STEPS, history=False)
    except NoMarginError:
        return "refused"
    return "learned" if solution.converged else "not learned"
