"""The engines: one loop, run on layers (``reference``) or on eigenvalues (``spectral``)."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import TypeVar

import numpy as np
from array_api_compat import array_namespace

from dlr import network, spectral
from dlr.algorithms import Algorithm, ReducibleAlgorithm
from dlr.types import Array

State = TypeVar("State")


class Outcome(Enum):
    """How a run ended; the value says what to do about it."""

    CONVERGED = "the tolerance is reached"
    STALLED = "the last step changed nothing, so no later step can: raise tol or change the start"
    DIVERGED = "the next iterate overflows, the last finite one is kept: lower step_size"
    STEP_LIMIT = "the tolerance is not reached: raise max_steps or tol, or see whether a theorem forbids it"


@dataclass(frozen=True)
class Run:
    """A run with nothing left to decide: arguments checked, step size and start chosen."""

    target: Array
    depth: int
    algorithm: Algorithm
    step_size: float
    tol: float
    max_steps: int
    history: bool
    initial_layers: Array | None


@dataclass(frozen=True)
class Result:
    """What an engine hands back; fields as in `dlr.Solution`."""

    outcome: Outcome
    steps: int
    losses: list[float]
    lowest_loss: float
    layers: Array
    product: Array


def reference(run: Run) -> Result:
    """Iterate the layers themselves, on any array-API namespace."""
    xp = array_namespace(run.target)
    start = network.identity_layers(run.target, run.depth) if run.initial_layers is None else run.initial_layers
    outcome, losses, lowest, steps, layers = iterate(
        run,
        start,
        evaluate=lambda layers: network.loss_and_gradients(layers, run.target),
        advance=lambda layers, gradients: run.algorithm.step(layers, gradients, run.step_size),
        unchanged=lambda before, after: bool(xp.all(before == after)),
    )
    return Result(outcome, steps, losses, lowest, layers, network.product(layers))


def spectral_reduction(run: Run) -> Result:
    """Iterate the layers' eigenvalues: exact for a normal target and the identity start."""
    algorithm = run.algorithm
    assert isinstance(algorithm, ReducibleAlgorithm)
    spectrum = spectral.spectrum(run.target)
    outcome, losses, lowest, steps, z = iterate(
        run,
        np.ones_like(spectrum.eigenvalues),
        evaluate=lambda z: spectral.loss_and_gradients(z, spectrum, run.depth),
        advance=lambda z, gradients: algorithm.reduced_step(z, gradients, run.step_size, run.depth),
        unchanged=lambda before, after: bool(np.all(before == after)),
    )
    layer = spectrum.matrix(z)
    layers = np.broadcast_to(layer, (run.depth, *layer.shape))
    return Result(outcome, steps, losses, lowest, layers, spectrum.matrix(spectral.integer_power(z, run.depth)))


def iterate(
    run: Run,
    state: State,
    *,
    evaluate: Callable[[State], tuple[Array, Array]],
    advance: Callable[[State, Array], State],
    unchanged: Callable[[State, State], bool],
) -> tuple[Outcome, list[float], float, int, State]:
    """The one loop: outcome, losses, lowest loss, steps and last finite state.

    Ends when the loss is at most ``run.tol``, when a step changes nothing (then no later step can), when the
    next iterate's loss is not finite, or after ``run.max_steps`` steps.
    """
    array, gradients = evaluate(state)
    loss = lowest = float(array)
    losses = [loss]
    steps = 0
    outcome = Outcome.DIVERGED if not np.isfinite(loss) else None
    while outcome is None:
        if loss <= run.tol:
            outcome = Outcome.CONVERGED
        elif steps == run.max_steps:
            outcome = Outcome.STEP_LIMIT
        else:
            following = advance(state, gradients)
            array, gradients = evaluate(following)
            loss = float(array)
            if not np.isfinite(loss):
                outcome = Outcome.DIVERGED
            elif unchanged(state, following):
                outcome = Outcome.STALLED
            else:
                state, steps, lowest = following, steps + 1, min(lowest, loss)
                if run.history:
                    losses.append(loss)
                else:
                    losses[1:] = [loss]
    return outcome, losses, lowest, steps, state


ENGINES: dict[str, Callable[[Run], Result]] = {"reference": reference, "spectral": spectral_reduction}
