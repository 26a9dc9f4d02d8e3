"""The engines: what runs the steps, and the rules by which ``auto`` picks one.

``reference`` and ``compiled`` iterate the layers, ``spectral`` the eigenvalues of a normal target. The
compiled loops know the four algorithms of the paper; any other one runs in `iterate`.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any, TypeVar

import numpy as np
from array_api_compat import array_namespace, is_numpy_array, to_device

from dlr import network, spectral
from dlr.algorithms import (
    Algorithm,
    GradientDescent,
    Penalized,
    PowerProjection,
    ReducibleAlgorithm,
    StepAndProject,
)
from dlr.arguments import InputError
from dlr.theory import power
from dlr.types import Array, Matrix

State = TypeVar("State")

COMPILED_RULES: dict[type, tuple[str, str | None]] = {
    GradientDescent: ("PULL", None),
    StepAndProject: ("CLIP", "radius"),
    Penalized: ("PULL", "strength"),
    PowerProjection: ("POWER", "margin"),
}
"""Algorithms that the compiled loops know: their rule there, and the field that is its parameter."""

CHECK_EVERY = 32
"""Steps between looks at the losses where looking means waiting for a device."""

BLOCK_WORK = 2**31
"""Multiplications between two returns from a compiled loop, about a second: then an interrupt is seen."""


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
    history: bool = True
    initial_layers: Array | None = None
    check_every: int = 1


@dataclass(frozen=True)
class Result:
    """What an engine hands back; fields as in `dlr.Solution`."""

    outcome: Outcome
    steps: int
    losses: Matrix
    lowest_loss: float
    layers: Array
    product: Array


def reference(run: Run) -> Result:
    """Iterate the layers themselves, on any array-API namespace and device."""
    xp = array_namespace(run.target)

    def advance(layers: Array, gradients: Array) -> Array:
        try:
            return run.algorithm.step(layers, gradients, run.step_size)
        except (ValueError, RuntimeError):  # an algorithm's refusal of matrices that are not finite
            if bool(xp.all(xp.isfinite(network.product(layers - run.step_size * gradients)))):
                raise
            return xp.full_like(layers, np.nan)

    outcome, losses, lowest, steps, layers = iterate(
        run,
        network.identity_layers(run.target, run.depth) if run.initial_layers is None else run.initial_layers,
        evaluate=lambda layers: network.loss_and_gradients(layers, run.target),
        advance=advance,
        unchanged=lambda before, after: xp.all(before == after),
    )
    return Result(outcome, steps, losses, lowest, layers, network.product(layers))


def compiled(run: Run) -> Result:
    """Iterate the layers in a compiled loop."""
    from dlr import kernels

    rule, parameter = compiled_rule(run.algorithm)
    d = len(run.target)
    size = kernels.size_for(d)
    start = network.identity_layers(run.target, run.depth) if run.initial_layers is None else run.initial_layers
    target, layers = enlarged(run.target, size), enlarged(np.swapaxes(start, -1, -2), size)
    outcome, losses, lowest, steps = _in_blocks(
        run,
        lambda losses: kernels.dense(target, layers, d, rule, parameter, run.step_size, run.tol, losses),
        work=3 * run.depth * size**3,
    )
    layers = np.ascontiguousarray(np.swapaxes(layers[:, :d, :d], -1, -2))
    return Result(outcome, steps, losses, lowest, layers, network.product(layers))


def spectral_reduction(run: Run) -> Result:
    """Iterate the layers' eigenvalues: exact for a normal target and the identity start."""
    spectrum = spectral.nearest_normal(run.target)
    algorithm = run.algorithm
    if type(algorithm) in COMPILED_RULES:
        from dlr import kernels

        rule, parameter = compiled_rule(algorithm)
        real, pairs = spectrum.split(spectrum.eigenvalues)
        x, y = np.ones_like(real), np.ones_like(pairs)
        outcome, losses, lowest, steps = _in_blocks(
            run,
            lambda losses: kernels.reduced(
                real, pairs, x, y, run.depth, rule, parameter, run.step_size, run.tol, losses
            ),
            work=20 * len(spectrum.eigenvalues) * run.depth.bit_length(),
        )
        z = np.concatenate([x, y])
    else:
        assert isinstance(algorithm, ReducibleAlgorithm)
        outcome, losses, lowest, steps, z = iterate(
            run,
            np.ones_like(spectrum.eigenvalues),
            evaluate=lambda z: spectral.loss_and_gradients(z, spectrum, run.depth),
            advance=lambda z, gradients: algorithm.reduced_step(z, gradients, run.step_size, run.depth),
            unchanged=lambda before, after: np.all(before == after),
        )
    layer = spectrum.matrix(z)
    layers = np.broadcast_to(layer, (run.depth, *layer.shape))
    return Result(outcome, steps, losses, lowest, layers, spectrum.matrix(spectral.integer_power(z, run.depth)))


ENGINES: dict[str, Callable[[Run], Result]] = {
    "reference": reference,
    "compiled": compiled,
    "spectral": spectral_reduction,
}


def choose(engine: str, run: Run) -> str:
    """``engine``, or the one that ``auto`` means; refuses one that can't do the run.

    The rules of ``auto``, first match, and the measurements behind them (``python -m catalog.benchmarks.peers`` on an
    AMD EPYC, least of 7 turns, at depths from 4 to 16):

    1. a target that is not a NumPy array stays where it is: ``reference``;
    2. a target whose reduction is as good as exact (`reduces`): ``spectral``, at every dimension.
       A step on ``compiled`` took 3 times as long at d = 4, 8 times at d = 8, 1,800 times at d = 64;
    3. an algorithm of the paper: ``compiled``. A step on ``reference`` took 240 to 420 times as long at d <= 4,
       3.3 times at d = 32, 1.1 times at d = 256;
    4. any other algorithm: ``reference``.

    Raises
    ------
    InputError
        If ``engine`` is one that can't do the run.
    """
    on_host = is_numpy_array(run.target)
    known = on_host and type(run.algorithm) in COMPILED_RULES
    reducible = on_host and run.initial_layers is None and isinstance(run.algorithm, ReducibleAlgorithm)
    if engine == "spectral":
        if not reducible:
            raise InputError(
                "engine 'spectral' needs a NumPy target, the identity start and an algorithm with reduced_step: "
                "use engine='reference'"
            )
        spectral.spectrum(run.target)  # refuses what is not normal
    if engine == "compiled" and not known:
        raise InputError(
            "engine 'compiled' needs a NumPy target and one of dlr's own algorithms: use engine='reference'"
        )
    if engine != "auto":
        return engine
    if reducible and reduces(run):
        return "spectral"
    return "compiled" if known else "reference"


NEGLIGIBLE = 1e-8
"""Largest share of the error asked for that a departure from the normal matrices may make up."""


def reduces(run: Run) -> bool:
    """Whether the reduction gives what the layers' own iteration gives, for a run that can be reduced.

    It does where the target's form is exact (`dlr.spectral.have_blocks`), saddles included: those are statements
    about exact arithmetic. A matrix near that form is another target. It may be reduced under plain gradient descent
    with steps that do not oscillate, if its departure, with its `dlr.spectral.amplification`, stays below
    `NEGLIGIBLE` times the error ``sqrt(2 tol)``: so at rounding distances for most tolerances, and never at a saddle,
    which any departure leaves.
    """
    if spectral.have_blocks(run.target):
        return True
    if type(run.algorithm) is not GradientDescent or not spectral.commute(run.target):
        return False
    found = spectral.nearest_normal(run.target)
    largest = max(1.0, float(np.max(np.abs(found.eigenvalues))))
    return run.step_size * run.depth * power(
        largest, 2 - 2 / run.depth
    ) <= 1 and found.departure * spectral.amplification(found.eigenvalues) <= NEGLIGIBLE * math.sqrt(2 * run.tol)


def compiled_rule(algorithm: Algorithm) -> tuple[int, float]:
    """Code and parameter of the rule by which the compiled loops know an algorithm."""
    from dlr import kernels

    rule, parameter = COMPILED_RULES[type(algorithm)]
    return getattr(kernels, rule), 0.0 if parameter is None else float(getattr(algorithm, parameter))


def outcomes() -> dict[int, Outcome]:
    """What the status codes of the compiled loops mean at the end of a run."""
    from dlr import kernels

    return {
        kernels.CONVERGED: Outcome.CONVERGED,
        kernels.STALLED: Outcome.STALLED,
        kernels.DIVERGED: Outcome.DIVERGED,
        kernels.RUNNING: Outcome.STEP_LIMIT,
    }


def iterate(
    run: Run,
    state: State,
    *,
    evaluate: Callable[[State], tuple[Array, Array]],
    advance: Callable[[State, Array], State],
    unchanged: Callable[[State, State], Array],
) -> tuple[Outcome, Matrix, float, int, State]:
    """The loop in Python: outcome, losses, lowest loss, steps and last finite state.

    Ends when the loss is at most ``run.tol``, when a step changes nothing (then no later step can), when the
    next iterate's loss is not finite, or after ``run.max_steps`` steps. Losses and changes stay where they
    are computed and are read every ``run.check_every`` steps; if the run ended in between, the steps up to
    its end are taken again from the last reading, so that the result is that of reading every time, at
    the cost of at most twice ``run.check_every`` steps. ``advance`` must be a function of its arguments.
    """
    loss, gradients = evaluate(state)
    losses = [float(loss)]
    lowest, steps = losses[0], 0
    outcome = None if np.isfinite(losses[0]) else Outcome.DIVERGED
    while outcome is None:
        if losses[-1] <= run.tol:
            outcome = Outcome.CONVERGED
        elif steps == run.max_steps:
            outcome = Outcome.STEP_LIMIT
        else:
            start, readings = (state, gradients), []
            for _ in range(min(run.check_every, run.max_steps - steps)):
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
                losses[len(losses) if run.history else 1 :] = [float(value)]
                if value <= run.tol:
                    break
            steps += taken
            if taken < len(readings):
                state, gradients = start
                for _ in range(taken):
                    state = advance(state, gradients)
                    gradients = evaluate(state)[1]
    return outcome, np.array(losses), lowest, steps, state


def to_host(array: Array) -> Any:
    """A NumPy array of the same numbers, wherever they are."""
    namespace = array_namespace(array)
    return np.asarray(to_device(array, "cpu") if "torch" in namespace.__name__ else array)


def _read(values: tuple[Any, ...]) -> Any:
    """NumPy array of scalars, in one transfer."""
    if isinstance(values[0], float | np.generic | np.ndarray):
        return np.array(values)
    return to_host(array_namespace(values[0]).stack(list(values)))


def _in_blocks(
    run: Run, advance: Callable[[Matrix], tuple[int, int]], *, work: int
) -> tuple[Outcome, Matrix, float, int]:
    """Outcome, losses, lowest loss and steps of a compiled loop, which is run in blocks of bounded memory."""
    from dlr import kernels

    known = outcomes()
    size = max(64, min(2**16, BLOCK_WORK // work))
    parts: list[Matrix] = []
    steps, lowest = 0, np.inf
    while True:
        losses = np.empty(min(size, run.max_steps - steps) + 1)
        status, taken = advance(losses)
        losses = losses[: taken + 1]
        steps += taken
        lowest = np.minimum(lowest, losses.min())
        if run.history:
            parts.append(losses[min(len(parts), 1) :].copy())
        else:
            parts = [parts[0] if parts else losses[:1].copy(), losses[-1:].copy() if steps else losses[:0]]
        if status != kernels.RUNNING or steps == run.max_steps:
            return known[status], np.concatenate(parts), float(lowest), steps


def enlarged(matrices: Matrix, size: int) -> Matrix:
    """Fresh copies of matrices (..., d, d) with an identity block that makes them (..., size, size)."""
    d = matrices.shape[-1]
    result = np.broadcast_to(np.eye(size), (*matrices.shape[:-2], size, size)).copy()
    result[..., :d, :d] = matrices
    return result
