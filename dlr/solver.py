"""`solve`: train the network to a target, and report what happened."""

from dataclasses import fields, is_dataclass, replace
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
from array_api_compat import array_namespace, is_numpy_array

from dlr._arrays import square_matrices, square_matrix
from dlr.algorithms import (
    Algorithm,
    GradientDescent,
    NoMarginError,
    PowerProjection,
    ReducibleAlgorithm,
    penalty_strength,
)
from dlr.arguments import InputError, integer, number, one_of
from dlr.engine_choice import chosen_engine
from dlr.engines import ENGINES
from dlr.iteration import to_host
from dlr.matrices import margin, relative_margin
from dlr.problem import Problem
from dlr.rounding import ROUNDING, power
from dlr.solution import Solution
from dlr.types import Array, ArrayInput, Matrix
from dlr.workers import lowered

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
    engine : {"auto", "reference", "compiled", "spectral"}
        ``reference`` iterates the layers with the operations of the target's namespace; ``compiled`` does the same
        in a compiled loop, for NumPy targets and dlr's algorithms; ``spectral`` runs the exact reduction of a
        normal target, from the identity only. ``auto`` takes the fastest that applies, see `dlr.engine_choice`.
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
    """Run a problem without checking its fields.

    Raises
    ------
    InputError
        If the problem's engine can't run it.
    """
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
    target = _checked_precision("target", square_matrices("target", target))
    depth = integer("depth", depth)
    tol = number("tol", tol, minimum=0)
    one_of("engine", engine, ["auto", *ENGINES])
    if initial_layers is not None:
        initial_layers = _checked_layers(initial_layers, target, depth)
    algorithm, source = settled(algorithm, square_matrix("target", to_host(target)), depth)
    return Problem(
        target=target,
        depth=depth,
        algorithm=algorithm,
        tol=tol,
        max_steps=DEFAULT_MAX_STEPS if max_steps is None else integer("max_steps", max_steps, minimum=0),
        initial_layers=initial_layers,
        engine=engine,
        history=history,
        check_every=_checked_interval(check_every, target),
        step_size_source=source,
    )


def settled(algorithm: Algorithm | None, target: Matrix, depth: int) -> tuple[Algorithm, str]:
    """The algorithm with step size and margin filled in, and the step size's source: ``"given"`` or ``"default"``.

    Raises
    ------
    InputError
        If ``algorithm`` is not an algorithm, or its margin is above the target's.
    NoMarginError
        If ``algorithm`` is power projection and the target has no positive margin.
    """
    algorithm = with_margin(GradientDescent() if algorithm is None else algorithm, target)
    if algorithm.step_size is not None:
        return algorithm, "given"
    return at_step_size(algorithm, default_step_size(target, depth, algorithm)), "default"


def default_step_size(target: Matrix, depth: int, algorithm: Algorithm) -> float:
    """``1 / (2 L b^(2 - 2/L) + kappa)`` with ``b = max(1, |Phi|)`` and kappa the strength of a penalty.

    Where this underflows, the least positive float; the loss of such a run overflows at the start.
    """
    b = max(1.0, float(np.linalg.norm(target, 2)))
    return max(1 / (2 * depth * power(b, 2 - 2 / depth) + penalty_strength(algorithm)), 5e-324)


def with_margin(algorithm: Algorithm, target: Matrix) -> Algorithm:
    """``algorithm`` with the margin of power projection filled in or checked; raises as `settled`."""
    if isinstance(algorithm, type) or not isinstance(algorithm, Algorithm):
        raise InputError(
            f"algorithm must have name, step_size and step, got {algorithm!r}: pass for example dlr.GradientDescent()"
        )
    if not isinstance(algorithm, PowerProjection):
        return algorithm
    own = margin(target)
    if relative_margin(target) <= ROUNDING:
        raise NoMarginError(
            f"target must have a positive margin for power projection, got {own:.3g}: use another algorithm"
        )
    if algorithm.margin is None:
        return replace(algorithm, margin=min(1.0, own))
    if number("margin", algorithm.margin, above=0, maximum=1) > own * (1 + ROUNDING):
        raise InputError(f"margin must be at most the target's own {own:.6g}, got {algorithm.margin:g}: lower it")
    return algorithm


def at_step_size(algorithm: Algorithm, step_size: float | None) -> Algorithm:
    """Copy of ``algorithm`` with this step size, or with none; works for any kind of object."""
    if is_dataclass(algorithm) and any(field.init and field.name == "step_size" for field in fields(algorithm)):
        return cast(Algorithm, replace(cast(Any, algorithm), step_size=step_size))
    if step_size is not None:
        number("step_size", step_size, above=0)
    reduced = {"reduced_step": algorithm.reduced_step} if isinstance(algorithm, ReducibleAlgorithm) else {}
    return cast(Algorithm, SimpleNamespace(name=algorithm.name, step_size=step_size, step=algorithm.step, **reduced))


def _checked_layers(layers: ArrayInput, target: Array, depth: int) -> Array:
    layers = _checked_precision("initial_layers", square_matrices("initial_layers", layers))
    if layers.shape != (depth, *target.shape):
        raise InputError(
            f"initial_layers must have shape {(depth, *target.shape)}, got {tuple(layers.shape)}: pass L layers (d, d)"
        )
    if array_namespace(layers) is not array_namespace(target):
        raise InputError("initial_layers must be of the target's array namespace: convert one of them")
    return layers


def _checked_precision(name: str, array: Array) -> Array:
    if array.dtype != array_namespace(array).float64:
        raise InputError(
            f"{name} must be float64, got {array.dtype}: convert it (torch: .double(), jax: set jax_enable_x64)"
        )
    return array


def _checked_interval(check_every: int | None, target: Array) -> int:
    if check_every is None:
        return 1 if is_numpy_array(target) else CHECK_EVERY
    return integer("check_every", check_every)
