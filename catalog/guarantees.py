"""What the claims prove of a run before it starts."""

from dataclasses import replace

from array_api_compat import is_numpy_array

from catalog import registry
from catalog.claim import Claim, Promise
from catalog.plugins import reason
from dlr import Problem
from dlr.algorithms import Algorithm
from dlr.arguments import InputError, instance
from dlr.engine_choice import chosen_engine
from dlr.iteration import to_host
from dlr.solver import at_step_size, problem_for
from dlr.types import ArrayInput

__all__ = ["promises", "promises_at_any_step_size", "promises_for", "proved_step_size"]


def promises(
    target: ArrayInput,
    depth: int,
    algorithm: Algorithm | None = None,
    tol: float = 1e-9,
    *,
    engine: str = "auto",
    initial_layers: ArrayInput | None = None,
) -> list[Promise]:
    """What each claim that covers a run proves of it: step size, steps to the tolerance, floor of the excess loss.

    Parameters
    ----------
    target : array, shape (d, d)
    depth : int
        Number of layers L >= 1.
    algorithm : Algorithm, optional
        Plain gradient descent by default. If it has no step size, each claim uses the largest one that it covers.
    tol : float
        Excess loss to reach, >= 0. If it is too small for floating point, no number of steps is promised.
    engine : str
        As in `dlr.solve`.
    initial_layers : array, shape (L, d, d), optional
        Start, if it is not the identity.

    Raises
    ------
    InputError
        For any argument out of range, in one line naming it, its value and the fix.

    Examples
    --------
    >>> import catalog, dlr
    >>> promise = catalog.promises([[3.0, 1.0], [1.0, 2.0]], depth=8)[0]
    >>> promise.claim, promise.steps
    ('P3', 113)
    >>> dlr.solve([[3.0, 1.0], [1.0, 2.0]], 8, dlr.GradientDescent(promise.step_size)).steps <= 113
    True
    """
    problem = problem_for(target, depth, algorithm, tol=tol, engine=engine, initial_layers=initial_layers)
    chosen = chosen_engine(problem)  # refuses an engine that can't run this
    if not is_numpy_array(problem.target):
        layers = None if problem.initial_layers is None else to_host(problem.initial_layers)
        problem = replace(problem, target=to_host(problem.target), initial_layers=layers, engine=chosen)
    if algorithm is None or algorithm.step_size is None:
        problem = replace(problem, algorithm=at_step_size(problem.algorithm, None))
    return promises_for(problem)


def promises_for(problem: Problem, left_out: dict[str, str] | None = None) -> list[Promise]:
    """`promises` for a given problem, whose algorithm may lack a step size.

    A claim that raises is noted in ``left_out``, by identifier and name, with the reason. Without it, a plug-in's claim
    that raises promises nothing.
    """
    instance("problem", problem, Problem)
    if left_out is not None:
        instance("left_out", left_out, dict)
    made = (_promise(claim, problem, left_out) for claim in registry.all_claims().values())
    return [promise for promise in made if promise is not None]


def _promise(claim: Claim, problem: Problem, left_out: dict[str, str] | None) -> Promise | None:
    try:
        return claim.promise(problem)
    except Exception as error:
        if left_out is None and "." not in claim.identifier:
            raise
        if left_out is not None:
            left_out.setdefault(f"{claim.identifier} {claim.name}", reason(error))
        return None


def promises_at_any_step_size(problem: Problem, left_out: dict[str, str] | None = None) -> list[Promise]:
    """`promises_for` the problem with each claim's largest step size in place of its own."""
    instance("problem", problem, Problem)
    return promises_for(replace(problem, algorithm=at_step_size(problem.algorithm, None)), left_out)


def proved_step_size(problem: Problem, left_out: dict[str, str] | None = None) -> float:
    """The largest step size at which a claim promises a number of steps, or else the largest at which one has a floor.

    Raises
    ------
    InputError
        If no claim promises anything about the problem.
    """
    made = promises_at_any_step_size(problem, left_out)
    fast = [promise.step_size for promise in made if promise.steps is not None]
    sizes = fast or [promise.step_size for promise in made]
    if not sizes:
        raise InputError("step_size must be a number here, got 'proved': no claim covers this run at any step size")
    return max(sizes)
