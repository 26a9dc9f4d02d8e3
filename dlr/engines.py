"""The engines: four ways to run a problem's steps.

``reference``, ``single`` and ``compiled`` iterate the layers, ``spectral`` the eigenvalues of a normal target. The
compiled loops know the four algorithms of the paper; any other one runs in `dlr.iteration`.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
from array_api_compat import array_namespace

from dlr import _passes, network, spectral
from dlr._steps import check_divergence, next_eigenvalues, next_layers
from dlr.algorithms import (
    Algorithm,
    GradientDescent,
    Penalized,
    PowerProjection,
    ReducibleAlgorithm,
    StepAndProject,
)
from dlr.arguments import InputError
from dlr.iteration import iterate
from dlr.problem import Problem
from dlr.solution import Outcome, Solution
from dlr.types import Array, Complex, Flag, Matrix
from dlr.workers import check, on_main_thread, run_jobs

__all__: list[str] = []

COMPILED_RULES: dict[type, tuple[str, str | None]] = {
    GradientDescent: ("PULL", None),
    StepAndProject: ("CLIP", "radius"),
    Penalized: ("PULL", "strength"),
    PowerProjection: ("POWER", "margin"),
}
"""Algorithms that the compiled loops know: the name of the loop's rule, and the field with the rule's parameter."""

LONGEST_BLOCK = 2**16
"""Steps in one call of a compiled loop, whose losses are kept until it returns."""

SHORT_WORK = 2**28
"""Multiplications in the longest call of a compiled loop on the main thread: a tenth of a second. Python sees
an interrupt only after the call; a longer one is made on another thread."""

FEWEST_STEPS = 64
"""Steps in the shortest block that is worth its overhead: evaluating the start again, and another thread."""


def reference(problem: Problem, stop: Flag) -> Solution:
    """Iterate the layers themselves, on any array-API namespace and device."""
    return _in_python(problem, "reference", problem.target, problem.start, stop)


def single(problem: Problem, stop: Flag) -> Solution:
    """As `reference`, with layers, gradients and steps in single precision, and the losses of these layers in double.

    So the losses are those of the layers, not of what single precision would make of them.
    """
    xp = array_namespace(problem.target)
    rounded, start = (xp.astype(array, xp.float32) for array in (problem.target, problem.start))
    return _in_python(problem, "single", rounded, start, stop)


def evaluated(layers: Any, target: Any, rounded: Any) -> tuple[Any, Any]:
    """Excess loss in the precision of the target, gradients in that of the layers and the target rounded to it."""
    if layers.dtype == target.dtype:
        return _passes.loss_and_gradients(layers, target)
    xp = array_namespace(layers)
    return network.loss(xp.astype(layers, target.dtype), target), network.gradients(layers, rounded)


def _in_python(problem: Problem, engine: str, rounded: Array, start: Array, stop: Flag) -> Solution:
    """Iterate the layers with `dlr.iteration`, in the precision of the start and of the target rounded to it."""
    xp = array_namespace(start)

    def evaluate(layers: Array) -> tuple[Array, Array]:
        return evaluated(layers, problem.target, rounded)

    def advance(layers: Array, gradients: Array) -> Array:
        return next_layers(problem.algorithm, layers, gradients, problem.step_size)

    outcome, losses, lowest, steps, layers = iterate(
        problem,
        start,
        evaluate=evaluate,
        advance=advance,
        unchanged=lambda before, after: xp.all(before == after),
        stop=stop,
    )
    if outcome is Outcome.DIVERGED:
        gradients = evaluate(layers)[1]
        plain = network.product(layers - problem.step_size * gradients)
        check_divergence(problem.algorithm, advance(layers, gradients), plain)
    layers = xp.astype(layers, xp.float64, copy=False)
    return Solution(problem, engine, outcome, steps, losses, lowest, layers, network.product(layers))


def compiled(problem: Problem, stop: Flag) -> Solution:
    """Iterate the layers in a compiled loop."""
    from dlr import kernels

    rule, parameter = compiled_rule(problem.algorithm)
    d = len(problem.target)
    size = kernels.size_for(d)
    target, layers = enlarged(problem.target, size), enlarged(np.swapaxes(problem.start, 1, 2), size)
    outcome, losses, lowest, steps = _in_blocks(
        problem,
        lambda *limits: kernels.run_layers(target[None], layers[None], d, rule, *limits),
        parameter,
        stop=stop,
        work=_work(problem, size),
    )
    layers = np.ascontiguousarray(np.swapaxes(layers[:, :d, :d], 1, 2))
    return Solution(problem, "compiled", outcome, steps, losses, lowest, layers, network.product(layers))


def spectral_reduction(problem: Problem, stop: Flag) -> Solution:
    """Iterate the eigenvalues of the layers, which is exact for a normal target and the identity start.

    The loss that counts is that of the layers. Where rounding keeps it above a tolerance that the eigenvalues have
    reached, these go on until the layers reach it, too, or until they no longer change.
    """
    spectrum = spectral.nearest_normal(problem.target)
    z, rest = np.ones_like(spectrum.eigenvalues), problem
    losses, lowest, steps = np.array([]), np.inf, 0
    while True:
        outcome, found, least, taken, z = _reduced(rest, spectrum, z, stop)
        layers = np.tile(spectrum.matrix(z), (problem.depth, 1, 1))
        loss = float(losses_of_layers(layers, problem.target, found[-1]))
        lowest = min(lowest, loss if least == found[-1] else least)
        losses, steps = np.concatenate([losses[:-1], found[:-1], [loss]]), steps + taken
        if outcome is not Outcome.CONVERGED or loss <= problem.tol or found[-1] == 0:
            break
        nearer = max(found[-1] / 2, found[-1] - (loss - found[-1]))
        rest = replace(problem, tol=nearer, max_steps=problem.max_steps - steps)
    if loss <= problem.tol:
        outcome = Outcome.CONVERGED
    elif outcome is Outcome.CONVERGED:
        outcome = Outcome.STALLED
    if not problem.history and steps:
        losses = losses[[0, -1]]
    product = spectrum.matrix(spectral.integer_power(z, problem.depth))
    return Solution(problem, "spectral", outcome, steps, losses, lowest, layers, product)


def _reduced(
    problem: Problem, spectrum: spectral.Spectrum, z: Complex, stop: Flag
) -> tuple[Outcome, Matrix, float, int, Complex]:
    """Iterate eigenvalues of layers from z on: outcome, their losses, the lowest, steps, and the last ones."""
    algorithm = problem.algorithm
    if type(algorithm) in COMPILED_RULES:
        from dlr import kernels

        rule, parameter = compiled_rule(algorithm)
        (real, pairs), (x, y) = spectrum.split(spectrum.eigenvalues), spectrum.split(z)
        outcome, losses, lowest, steps = _in_blocks(
            problem,
            lambda *limits: kernels.run_eigenvalues(
                real[None], pairs[None], x[None], y[None], problem.depth, rule, *limits
            ),
            parameter,
            stop=stop,
            work=20 * len(z) * problem.depth.bit_length(),
        )
        return outcome, losses, lowest, steps, np.concatenate([x, y])
    assert isinstance(algorithm, ReducibleAlgorithm)

    def evaluate(z: Complex) -> tuple[float, Complex]:
        return spectral.loss_and_gradients(z, spectrum, problem.depth)

    def advance(z: Complex, gradients: Complex) -> Complex:
        return next_eigenvalues(algorithm, z, gradients, problem.step_size, problem.depth)

    outcome, losses, lowest, steps, z = iterate(
        problem,
        z,
        evaluate=evaluate,
        advance=advance,
        unchanged=lambda before, after: np.all(before == after),
        stop=stop,
    )
    if outcome is Outcome.DIVERGED:
        gradients = evaluate(z)[1]
        check_divergence(algorithm, advance(z, gradients), z - problem.step_size * gradients)
    return outcome, losses, lowest, steps, z


def losses_of_layers(layers: Matrix, targets: Matrix, losses: Matrix) -> Matrix:
    """Losses (...) of the layers (..., L, d, d) of reductions; those of their eigenvalues where these are as good.

    The eigenvectors are off by rounding, so near a loss of zero the layers do not have the loss of their eigenvalues.
    """
    found = np.asarray(network.loss(layers, targets))
    return np.where(np.isfinite(found) & ~(np.abs(found - losses) <= 1e-6 * losses), found, losses)


ENGINES: dict[str, Callable[[Problem, Flag], Solution]] = {
    "reference": reference,
    "single": single,
    "compiled": compiled,
    "spectral": spectral_reduction,
}
"""Each runs a problem until it ends, or raises `dlr.workers.StoppedError` after another thread has set the flag."""


def compiled_rule(algorithm: Algorithm) -> tuple[int, float]:
    """Code and parameter of an algorithm's rule in the compiled loops."""
    from dlr import kernels

    rule, parameter = COMPILED_RULES[type(algorithm)]
    value = 0.0 if parameter is None else getattr(algorithm, parameter)
    if value is None:
        raise InputError(f"{parameter} must be given here, got None: dlr.solve fills it in from the target")
    return getattr(kernels, rule), value


def outcomes() -> dict[int, Outcome]:
    """The outcome for each status code of the compiled loops."""
    from dlr import kernels

    return {
        kernels.CONVERGED: Outcome.CONVERGED,
        kernels.STALLED: Outcome.STALLED,
        kernels.DIVERGED: Outcome.DIVERGED,
        kernels.RUNNING: Outcome.STEP_LIMIT,
    }


def _in_blocks(
    problem: Problem, run: Callable[..., Any], parameter: float, *, work: int, stop: Flag
) -> tuple[Outcome, Matrix, float, int]:
    """Run a compiled loop in blocks of bounded memory; returns outcome, losses, lowest loss and steps.

    ``run`` takes all arguments of a call of the loop from the parameter of its rule on. ``work`` is the number of
    multiplications in a step. Most runs end in the first block, which is a short one if enough steps fit into it.
    """
    from dlr import kernels

    known = outcomes()
    size = min(LONGEST_BLOCK, SHORT_WORK // work)
    size = size if size >= FEWEST_STEPS else LONGEST_BLOCK
    parts: list[Matrix] = []
    steps, lowest = 0, np.inf
    rest = np.array([parameter]), np.array([problem.step_size])
    while True:
        losses = np.empty(min(size, problem.max_steps - steps) + 1)
        block = partial(run, *rest, np.array([len(losses) - 1]), problem.tol, stop, losses)
        long = len(losses) * work > 2 * SHORT_WORK and on_main_thread()
        ends = _on_another_thread(block, stop) if long else block()
        check(stop)
        status, taken = int(ends.statuses[0]), int(ends.steps[0])
        size, losses = LONGEST_BLOCK, losses[: taken + 1]
        steps += taken
        lowest = np.minimum(lowest, ends.lowest[0])
        if problem.history:
            parts.append(losses[min(len(parts), 1) :].copy())
        else:
            parts = [parts[0] if parts else losses[:1].copy(), losses[-1:].copy() if steps else losses[:0]]
        if status != kernels.RUNNING or steps == problem.max_steps:
            return known[status], np.concatenate(parts), float(lowest), steps


def _work(problem: Problem, size: int) -> int:
    """About how many multiplications take as long as a step on layers of this size.

    A decomposition counts as 40 products, and as 2^14 multiplications for the call. Power projection has three in a
    step, and calls as long as one more for every 16 layers.
    """
    decompositions = {StepAndProject: problem.depth, PowerProjection: 3 + problem.depth // 16}
    return 3 * problem.depth * size**3 + decompositions.get(type(problem.algorithm), 0) * (40 * size**3 + 2**14)


def _on_another_thread(function: Callable[[], Any], stop: Flag) -> Any:
    """What ``function`` returns, called on another thread."""
    results: list[Any] = []
    run_jobs([lambda: results.append(function())], 1, stop)
    return results[0]


def enlarged(matrices: Matrix, size: int) -> Matrix:
    """Fresh copies of matrices (..., d, d) with an identity block that makes them (..., size, size)."""
    d = matrices.shape[-1]
    result = np.empty((*matrices.shape[:-2], size, size))
    result[...] = np.eye(size)
    result[..., :d, :d] = matrices
    return result
