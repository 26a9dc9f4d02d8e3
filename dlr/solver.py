"""`solve`: train the network to a target, and report what happened."""

import numpy as np
from array_api_compat import is_numpy_array

from dlr._arrays import LARGEST_DEPTH, depth_for, square_matrix, target_matrix
from dlr._defaults import settled, step_sizes_for, with_step_size
from dlr.algorithms import Algorithm, GradientDescent, checked_algorithm
from dlr.arguments import instance, integer, number
from dlr.engine_choice import chosen_engine
from dlr.engines import ENGINES
from dlr.iteration import to_host
from dlr.problem import Problem
from dlr.solution import Solution
from dlr.types import Array, ArrayInput
from dlr.workers import lowered

__all__ = ["at_step_size", "default_step_size", "problem_for", "run", "solve"]

DEFAULT_MAX_STEPS = 100_000

CHECK_EVERY = 32
"""Steps between two readings of the losses where a reading waits for a device."""


@np.errstate(all="ignore")  # overflow is an outcome here, not an accident
def solve(
    target: ArrayInput,
    depth: int,
    algorithm: Algorithm | None = None,
    *,
    tol: float = 1e-9,
    max_steps: int | None = None,
    engine: str = "auto",
    initial_layers: ArrayInput | None = None,
    history: bool = True,
    check_every: int | None = None,
) -> Solution:
    """Train a depth-L linear residual network to ``target`` from identity layers.

    Parameters
    ----------
    target : array, shape (d, d)
        Phi, real and finite: a list, a NumPy array, or a float64 torch or JAX array. The run and its results stay on
        the array's device.
    depth : int
        Number of layers L >= 1.
    algorithm : Algorithm, optional
        Plain gradient descent by default. A step size of None takes `default_step_size`.
    tol : float
        Excess loss to reach, >= 0.
    max_steps : int, optional
        100,000 by default.
    engine : {"auto", "reference", "single", "compiled", "spectral"}
        ``reference`` iterates the layers with the operations of the target's namespace; ``single`` does so in single
        precision, with the losses of its layers in double precision; ``compiled`` iterates as ``reference`` in a
        compiled loop, for NumPy targets and dlr's algorithms; ``spectral`` runs the exact reduction of a normal
        target, from the identity only. ``auto`` takes the fastest in double precision, see `dlr.engine_choice`.
    initial_layers : array, shape (L, d, d), optional
        Another start, ``Theta_1`` first.
    history : bool
        Keep the excess loss of every iterate.
    check_every : int, optional
        Steps between two readings of the losses on ``reference``: by default 1 for NumPy and 32 elsewhere, where each
        reading waits for the device. Results do not depend on it.

    Returns
    -------
    Solution

    Raises
    ------
    InputError
        For any argument out of range, in one line naming it, its value and the fix.

    Examples
    --------
    >>> import dlr
    >>> dlr.solve([[3.0, 1.0], [1.0, 2.0]], depth=8).outcome.name
    'CONVERGED'
    """
    return run(
        problem_for(
            target,
            depth,
            algorithm,
            tol=tol,
            max_steps=max_steps,
            engine=engine,
            initial_layers=initial_layers,
            history=history,
            check_every=check_every,
        )
    )


@np.errstate(all="ignore")
def run(problem: Problem) -> Solution:
    """Run a problem; its algorithm has step size and margin given.

    Raises
    ------
    InputError
        If the problem's engine can't run it, or step size or margin is None.
    """
    instance("problem", problem, Problem)
    return ENGINES[chosen_engine(problem)](problem, lowered())


def problem_for(
    target: ArrayInput,
    depth: int,
    algorithm: Algorithm | None = None,
    *,
    tol: float = 1e-9,
    max_steps: int | None = None,
    engine: str = "auto",
    initial_layers: ArrayInput | None = None,
    history: bool = True,
    check_every: int | None = None,
) -> Problem:
    """The problem that `solve` runs: its arguments checked and every default filled in.

    Raises
    ------
    InputError
        As `solve`.
    """
    target = target_matrix("target", target)
    depth = depth_for(depth, target)
    algorithm = GradientDescent() if algorithm is None else checked_algorithm(algorithm)
    algorithm, source = settled(algorithm, np.asarray(to_host(target)), depth)
    return Problem(
        target=target,
        depth=depth,
        algorithm=algorithm,
        tol=tol,
        max_steps=DEFAULT_MAX_STEPS if max_steps is None else max_steps,
        initial_layers=initial_layers,
        engine=engine,
        history=history,
        check_every=_interval(target) if check_every is None else check_every,
        step_size_source=source,
    )


def default_step_size(target: ArrayInput, depth: int, algorithm: Algorithm) -> float:
    """``1 / (2 L b^(2 - 2/L) + kappa)`` with ``b = max(1, |Phi|)`` and kappa the strength of a penalty.

    Where this underflows, the least positive float; the loss of such a run overflows at the start.
    """
    target, depth = square_matrix("target", target), integer("depth", depth, maximum=LARGEST_DEPTH)
    return float(step_sizes_for(target[None], depth, checked_algorithm(algorithm))[0])


def at_step_size(algorithm: Algorithm, step_size: float | None) -> Algorithm:
    """Copy of ``algorithm`` with this step size, or with none; works for any kind of object."""
    if step_size is not None:
        step_size = number("step_size", step_size, above=0)
    return with_step_size(checked_algorithm(algorithm), step_size)


def _interval(target: Array) -> int:
    """Steps between two readings of the losses, where it is not given."""
    return 1 if is_numpy_array(target) else CHECK_EVERY
