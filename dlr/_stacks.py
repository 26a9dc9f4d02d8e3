"""The loop over steps for a stack of targets at once, for any array namespace and device."""

from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from array_api_compat import array_namespace, device
from numpy.typing import NDArray

from dlr import network
from dlr.algorithms import Algorithm
from dlr.engines import evaluated
from dlr.iteration import to_host
from dlr.solution import Outcome
from dlr.types import Flag, Matrix
from dlr.workers import check

ENDS = tuple(Outcome)
"""The outcome for each status; a run that still goes on at the end has come to the step limit."""

CONVERGED, STALLED, DIVERGED, RUNNING = range(4)


@dataclass(frozen=True)
class Stack:
    """Runs of a stack, as arrays on the targets' device with a first axis of length n.

    Layers and gradients are of the precision of ``rounded``, the targets rounded to it; losses of that of the targets.
    """

    targets: Any
    rounded: Any
    step_sizes: Any
    status: Any
    steps: Any
    loss: Any
    lowest: Any
    layers: Any
    gradients: Any

    def taken(self, indices: NDArray[np.intp]) -> "Stack":
        """The runs with these indices."""
        xp = array_namespace(self.targets)
        chosen = xp.asarray(indices, device=device(self.targets))
        return Stack(**{field.name: xp.take(getattr(self, field.name), chosen, axis=0) for field in fields(self)})


def train(
    targets: Any,
    depth: int,
    algorithm: Algorithm,
    step_sizes: Matrix,
    *,
    tol: float,
    max_steps: int,
    check_every: int,
    stop: Flag,
    single: bool = False,
) -> tuple[NDArray[np.object_], Stack]:
    """Train to targets (n, d, d) with one of the paper's algorithms, as `dlr.iteration.iterate` would to each.

    In single precision if wanted, as the engine `dlr.engines.single` does.

    A run that has ended is kept as it is; after every ``check_every`` steps those that have ended leave the work. All
    that is read from the device is the status, once for so many steps.

    Returns
    -------
    outcomes : ndarray of Outcome, shape (n,)
    runs : Stack
        In the order of the targets.

    Raises
    ------
    StoppedError
        Once another thread has set ``stop``.
    """
    xp = array_namespace(targets)
    rounded = xp.astype(targets, xp.float32) if single else targets
    runs = _start(targets, rounded, depth, step_sizes, tol)
    left = np.arange(targets.shape[0])
    taken, ended, order, outcomes = 0, [], [], []
    while len(left):
        status = to_host(runs.status)
        over = (status != RUNNING) | (taken == max_steps)
        if over.any():
            ended.append(runs.taken(np.flatnonzero(over)))
            order.append(left[over])
            outcomes += [ENDS[code] for code in status[over]]
            runs, left = runs.taken(np.flatnonzero(~over)) if not over.all() else runs, left[~over]
        for _ in range(min(check_every, max_steps - taken) if len(left) else 0):
            check(stop)
            runs = _advanced(runs, algorithm, tol)
            taken += 1
    places = np.argsort(np.concatenate(order))
    joined = {field.name: xp.concat([getattr(part, field.name) for part in ended]) for field in fields(Stack)}
    return np.array(outcomes, dtype=object)[places], Stack(**joined).taken(places)


def _start(targets: Any, rounded: Any, depth: int, step_sizes: Matrix, tol: float) -> Stack:
    xp, place = array_namespace(targets), device(targets)
    layers = network.identity_layers(rounded, depth)
    loss, gradients = evaluated(layers, targets, rounded)
    none = xp.zeros_like(loss, dtype=xp.int64)
    status = xp.where(xp.isfinite(loss), xp.where(loss <= tol, none + CONVERGED, none + RUNNING), none + DIVERGED)
    etas = xp.asarray(step_sizes, dtype=rounded.dtype, device=place)[:, None, None, None]
    return Stack(targets, rounded, etas, status, none, loss, loss, layers, gradients)


def _advanced(runs: Stack, algorithm: Algorithm, tol: float) -> Stack:
    """The runs after one more step of each that goes on."""
    xp = array_namespace(runs.targets)
    layers = algorithm.step(runs.layers, runs.gradients, runs.step_sizes)
    loss, gradients = evaluated(layers, runs.targets, runs.rounded)
    running = runs.status == RUNNING
    finite, same = xp.isfinite(loss), xp.all(layers == runs.layers, axis=(1, 2, 3))
    goes, status = running & finite & ~same, runs.status
    ends = ((running & ~finite, DIVERGED), (running & finite & same, STALLED), (goes & (loss <= tol), CONVERGED))
    for which, code in ends:
        status = xp.where(which, xp.full_like(status, code), status)
    wide = goes[:, None, None, None]
    return replace(
        runs,
        status=status,
        steps=runs.steps + xp.astype(goes, runs.steps.dtype),
        loss=xp.where(goes, loss, runs.loss),
        lowest=xp.where(goes & (loss < runs.lowest), loss, runs.lowest),
        layers=xp.where(wide, layers, runs.layers),
        gradients=xp.where(wide, gradients, runs.gradients),
    )
