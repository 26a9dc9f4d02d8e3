"""The loop over steps in Python, for any array namespace and any algorithm."""

from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np
from array_api_compat import array_namespace, to_device
from numpy.typing import NDArray

from dlr.problem import Problem
from dlr.solution import Outcome
from dlr.types import Array, Flag, Matrix
from dlr.workers import check

__all__: list[str] = []

State = TypeVar("State")
Gradients = TypeVar("Gradients")


def iterate(
    problem: Problem,
    state: State,
    *,
    evaluate: Callable[[State], tuple[Array | float, Gradients]],
    advance: Callable[[State, Gradients], State],
    unchanged: Callable[[State, State], Array | np.bool_],
    stop: Flag,
) -> tuple[Outcome, Matrix, float, int, State]:
    """Outcome, losses, lowest loss, steps and last finite state of a run.

    The run ends when the loss is at most ``problem.tol``, when a step changes nothing (then no later step can), when
    the next loss is not finite, or after ``problem.max_steps`` steps. Losses stay on the target's device and are read
    every ``problem.check_every`` steps. If the run ended between two readings, the steps from the last reading to the
    end are repeated. So the result is the same as with a reading after every step, for at most twice ``check_every``
    additional steps.

    Parameters
    ----------
    problem : Problem
    state
        The start: layers, or eigenvalues of layers.
    evaluate : callable
        From a state to its excess loss and gradients.
    advance : callable
        From a state and its gradients to the next state; it must depend on nothing else.
    unchanged : callable
        Whether two states agree in every entry.
    stop : ndarray of bool, shape ()
        Read before each step.

    Raises
    ------
    StoppedError
        Once another thread has set ``stop``.
    """
    loss, gradients = evaluate(state)
    losses = [float(loss)]
    lowest, steps = losses[0], 0
    outcome = None if np.isfinite(losses[0]) else Outcome.DIVERGED
    while outcome is None:
        if losses[-1] <= problem.tol:
            outcome = Outcome.CONVERGED
        elif steps == problem.max_steps:
            outcome = Outcome.STEP_LIMIT
        else:
            start, readings = (state, gradients), []
            for _ in range(min(problem.check_every, problem.max_steps - steps)):
                check(stop)
                before = state
                state = advance(before, gradients)
                loss, gradients = evaluate(state)
                readings.append((loss, unchanged(before, state)))
            taken = 0
            for value, still in zip(*map(_read, zip(*readings, strict=True)), strict=True):
                if not np.isfinite(value) or still:
                    outcome = Outcome.STALLED if np.isfinite(value) else Outcome.DIVERGED
                    break
                taken += 1
                lowest = min(lowest, float(value))
                losses[len(losses) if problem.history else 1 :] = [float(value)]
                if value <= problem.tol:
                    break
            steps += taken
            if taken < len(readings):
                state, gradients = start
                for _ in range(taken):
                    state = advance(state, gradients)
                    gradients = evaluate(state)[1]
    return outcome, np.array(losses), lowest, steps, state


def to_host(array: Array) -> NDArray[Any]:
    """Copy of an array as a NumPy array, from any device."""
    namespace = array_namespace(array)
    return np.asarray(to_device(array, "cpu") if "torch" in namespace.__name__ else array)


def _read(values: tuple[Array | float | np.bool_, ...]) -> NDArray[Any]:
    """NumPy array of scalars, copied from their device in one transfer."""
    if isinstance(values[0], float | np.generic | np.ndarray):
        return np.array(values)
    return to_host(array_namespace(values[0]).stack(list(values)))
