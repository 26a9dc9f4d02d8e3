"""`solve_batch`: train networks to a stack of targets at once."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import numpy as np
from array_api_compat import is_array_api_obj
from numpy.typing import NDArray

from dlr import network
from dlr.algorithms import Algorithm, GradientDescent, PowerProjection
from dlr.arguments import InputError, integer, number, one_of, square_matrices
from dlr.engines import ENGINES, Outcome, Run, choose, compiled_rule, enlarged, outcomes
from dlr.solve import plan
from dlr.spectral import commute, have_blocks
from dlr.types import Matrix

LARGEST_TOGETHER = 8
"""Largest dimension whose runs share calls of the compiled loop: a call costs as much as 200 (d = 8) to 800 (d = 4)
of their steps (measured at L = 8: a run of no steps against a step)."""

SMALLEST_SHARE, SHARES_PER_THREAD = 16, 4
"""Targets in a call at least, where there are as many, and calls a thread, so that none ends long before the others."""


@dataclass(frozen=True)
class BatchSolution:
    """Finished runs, each array with the batch shape of the targets first.

    Attributes
    ----------
    outcomes : ndarray of Outcome, shape (...)
    steps : ndarray of int, shape (...)
        Steps taken.
    losses, lowest_losses : ndarray, shape (...)
        Excess loss at the end, and the least one of all iterates.
    layers : ndarray, shape (..., L, d, d)
        Last finite layers, ``Theta_1`` first.
    products : ndarray, shape (..., d, d)
        Their end-to-end products.
    step_sizes : ndarray, shape (...)
    engines : ndarray of str, shape (...)
    """

    outcomes: NDArray[np.object_]
    steps: NDArray[np.int64]
    losses: Matrix = field(repr=False)
    lowest_losses: Matrix = field(repr=False)
    layers: Matrix = field(repr=False)
    products: Matrix = field(repr=False)
    step_sizes: Matrix = field(repr=False)
    engines: NDArray[np.str_] = field(repr=False)

    @property
    def converged(self) -> NDArray[np.bool_]:
        """Which runs reached the tolerance."""
        return np.asarray(self.outcomes == Outcome.CONVERGED)


def solve_batch(
    targets: Any,
    depth: int,
    algorithm: Algorithm | None = None,
    *,
    tol: float = 1e-9,
    max_steps: int | None = None,
    engine: str = "auto",
    threads: int | None = None,
) -> BatchSolution:
    """Train a depth-L network from identity layers to each of a stack of targets, as `dlr.solve` would.

    Targets finish independently: each has its own step size, step limit and engine, and the numbers that
    `dlr.solve` gives it alone, ``products`` up to rounding. Threads share the runs out among them.

    Parameters
    ----------
    targets : array, shape (..., d, d)
        Phi of each run: nested lists or a NumPy array.
    depth : int
        Number of layers L >= 1.
    algorithm : Algorithm, optional
        Plain gradient descent by default. A step size of None takes that of the theorem that covers each target.
    tol, max_steps, engine
        As in `dlr.solve`; ``max_steps`` None takes each target's own default.
    threads : int, optional
        All processors this process may use by default.

    Returns
    -------
    BatchSolution

    Raises
    ------
    InputError
        For any argument out of range, in one line naming it, its value and the fix.

    Examples
    --------
    >>> import dlr
    >>> dlr.solve_batch([[[2.0, 1.0], [0.0, 2.0]], [[0.5, 0.0], [0.0, 1.0]]], depth=4).converged.tolist()
    [True, True]
    """
    if is_array_api_obj(targets) and not isinstance(targets, np.ndarray | np.generic):
        raise InputError(f"targets must be a NumPy array or nested lists, got {type(targets).__name__}: convert it")
    stack = square_matrices("targets", targets)
    shape, d = stack.shape[:-2], stack.shape[-1]
    flat = np.ascontiguousarray(stack.reshape(-1, d, d))
    depth = integer("depth", depth)
    tol = number("tol", tol, minimum=0)
    one_of("engine", engine, ["auto", *ENGINES])
    threads = _processors() if threads is None else integer("threads", threads)
    algorithm = GradientDescent() if algorithm is None else algorithm
    runs = [plan(flat[0], flat[0], depth, algorithm, tol, max_steps, history=False)[0]] * len(flat)
    if algorithm.step_size is None or max_steps is None or isinstance(algorithm, PowerProjection):
        runs[1:] = [plan(target, target, depth, algorithm, tol, max_steps, history=False)[0] for target in flat[1:]]
    results = _Results(
        targets=flat,
        runs=runs,
        engines=_engines(engine, [replace(run, target=target) for run, target in zip(runs, flat, strict=True)], flat),
        outcomes=np.empty(len(flat), dtype=object),
        steps=np.empty(len(flat), dtype=np.int64),
        losses=np.empty(len(flat)),
        lowest=np.empty(len(flat)),
        layers=np.empty((len(flat), depth, d, d)),
    )
    together = results.engines == "compiled"
    if d > LARGEST_TOGETHER:
        together[:] = False
    shares = min(-(-int(together.sum()) // SMALLEST_SHARE), SHARES_PER_THREAD * threads)
    parts = np.array_split(np.flatnonzero(together), shares) if shares else []
    jobs: list[Callable[[], None]] = [partial(results.solve_together, part) for part in parts]
    jobs += [partial(results.solve_alone, int(i)) for i in np.flatnonzero(~together)]
    with ThreadPoolExecutor(threads) as pool:
        try:
            for done in [pool.submit(job) for job in jobs]:
                done.result()
        except BaseException:
            results.stop[0] = True
            pool.shutdown(cancel_futures=True)
            raise
    return BatchSolution(
        outcomes=results.outcomes.reshape(shape),
        steps=results.steps.reshape(shape),
        losses=results.losses.reshape(shape),
        lowest_losses=results.lowest.reshape(shape),
        layers=results.layers.reshape(*shape, depth, d, d),
        products=network.product(results.layers).reshape(*shape, d, d),
        step_sizes=np.array([run.step_size for run in runs]).reshape(shape),
        engines=results.engines.reshape(shape),
    )


@dataclass
class _Results:
    """Where the threads put what they find; the first axis counts targets."""

    targets: Matrix
    runs: list[Run]
    engines: NDArray[np.str_]
    outcomes: NDArray[np.object_]
    steps: NDArray[np.int64]
    losses: Matrix
    lowest: Matrix
    layers: Matrix
    stop: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(1, dtype=np.bool_))

    def solve_alone(self, i: int) -> None:
        with np.errstate(all="ignore"):  # overflow is an outcome here, and each thread has its own setting
            result = ENGINES[self.engines[i]](replace(self.runs[i], target=self.targets[i]))
        self.outcomes[i], self.steps[i], self.layers[i] = result.outcome, result.steps, result.layers
        self.losses[i], self.lowest[i] = result.losses[-1], result.lowest_loss

    def solve_together(self, part: NDArray[np.int64]) -> None:
        from dlr import kernels

        runs = [self.runs[i] for i in part]
        rules, parameters = zip(*(compiled_rule(run.algorithm) for run in runs), strict=True)
        d, count = self.targets.shape[-1], len(part)
        size = kernels.size_for(d)
        layers = np.broadcast_to(np.eye(size), (count, runs[0].depth, size, size)).copy()
        statuses, steps = np.zeros(count, dtype=np.int64), np.empty(count, dtype=np.int64)
        losses, lowest = np.empty(count), np.empty(count)
        kernels.many(
            enlarged(self.targets[part], size),
            layers,
            d,
            rules[0],
            np.array(parameters),
            np.array([run.step_size for run in runs]),
            np.array([min(run.max_steps, 2**63 - 1) for run in runs]),
            runs[0].tol,
            statuses,
            steps,
            losses,
            lowest,
            self.stop,
        )
        known = outcomes()
        self.outcomes[part] = [known[int(status)] for status in statuses]
        self.steps[part], self.layers[part] = steps, np.swapaxes(layers[..., :d, :d], -1, -2)
        self.losses[part], self.lowest[part] = losses, lowest


def _engines(engine: str, runs: list[Run], targets: Matrix) -> NDArray[np.str_]:
    """The engine of each run, looked for once for all whose target is far from every normal one."""
    near_normal = have_blocks(targets) | commute(targets)
    names = np.full(len(runs), "", dtype=object)
    for i in np.flatnonzero(near_normal):
        names[i] = choose(engine, runs[i])
    if not near_normal.all():
        names[~near_normal] = choose(engine, runs[int(np.argmin(near_normal))])
    return names.astype(np.str_)


def _processors() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
