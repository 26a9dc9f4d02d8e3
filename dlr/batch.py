"""`solve_batch`: train networks to a stack of targets at once."""

import os
from collections.abc import Callable
from functools import partial

import numpy as np
from array_api_compat import is_array_api_obj
from numpy.typing import NDArray

from dlr import network
from dlr._arrays import STACKS, square_matrices
from dlr._defaults import settled
from dlr.algorithms import Algorithm, GradientDescent, PowerProjection, checked_algorithm
from dlr.arguments import InputError, fits, integer, number, one_of
from dlr.engine_choice import chosen_engine
from dlr.engines import ENGINES, compiled_rule, enlarged, outcomes
from dlr.problem import Problem
from dlr.solution import BatchSolution
from dlr.solver import DEFAULT_MAX_STEPS
from dlr.spectral import commute, have_blocks
from dlr.types import ArrayInput, Flag, Matrix
from dlr.workers import check, lowered, run_jobs

__all__ = ["solve_batch"]

LARGEST_TOGETHER = 8
"""Largest dimension at which several targets share one call of the compiled loop. A call costs as much as 200 steps at
d = 8 and as 800 steps at d = 4 (measured at L = 8, with runs of no steps)."""

LARGEST_PART = 2**20
"""Entries of the targets whose structure is looked at together."""

RESULTS, TARGET = 4, 1000
"""What a batch takes at most for each target beside the runs themselves: memory of 4 networks, of which 2.4 were
measured, and 1000 bytes, of which 700 were."""

SMALLEST_SHARE, SHARES_PER_THREAD = 16, 4
"""Minimum targets per call; maximum calls per thread."""


def solve_batch(
    targets: ArrayInput,
    depth: int,
    algorithm: Algorithm | None = None,
    *,
    tol: float = 1e-9,
    max_steps: int | None = None,
    engine: str = "auto",
    threads: int | None = None,
) -> BatchSolution:
    """Train a depth-L network from identity layers to each of a stack of targets, as `dlr.solve` would.

    Each target has its own step size and engine, finishes independently of the rest, and gets the same results as from
    `dlr.solve`; only ``product`` may differ by rounding. The runs are distributed over threads.

    Parameters
    ----------
    targets : array, shape (..., d, d)
        Phi of each run: nested lists or a NumPy array.
    depth : int
        Number of layers L >= 1.
    algorithm : Algorithm, optional
        Plain gradient descent by default. A step size of None takes each target's default.
    tol, max_steps, engine
        As in `dlr.solve`.
    threads : int, optional
        Number of threads; by default one for each processor that this process may use.

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
    flat: Matrix = np.ascontiguousarray(stack).reshape(-1, d, d)
    depth = integer("depth", depth)
    tol = number("tol", tol, minimum=0)
    one_of("engine", engine, ["auto", *ENGINES])
    threads = _processors() if threads is None else integer("threads", threads)
    max_steps = DEFAULT_MAX_STEPS if max_steps is None else integer("max_steps", max_steps, minimum=0)
    size = 8 * depth * d * d * (RESULTS * len(flat) + STACKS * threads) + TARGET * len(flat)
    fits("depth", depth, size, f"lower it, the dimension {d} or the number of targets {len(flat)}")
    algorithm = GradientDescent() if algorithm is None else checked_algorithm(algorithm)
    first, source = settled(algorithm, flat[0], depth)
    problems = [
        Problem(
            target=target,
            depth=depth,
            algorithm=settled(algorithm, target, depth)[0] if source == "default" or _depends(first) else first,
            tol=tol,
            max_steps=max_steps,
            engine=engine,
            history=False,
            step_size_source=source,
        )
        for target in flat
    ]
    found = BatchSolution(
        outcome=np.empty(len(flat), dtype=object),
        steps=np.empty(len(flat), dtype=np.int64),
        loss=np.empty(len(flat)),
        lowest_loss=np.empty(len(flat)),
        layers=np.empty((len(flat), depth, d, d)),
        product=np.empty_like(flat),
        step_size=np.array([problem.step_size for problem in problems]),
        engine=_engines(problems, flat),
    )
    stop = lowered()
    together = found.engine == "compiled" if d <= LARGEST_TOGETHER else np.zeros(len(flat), dtype=np.bool_)
    shares = min(-(-int(together.sum()) // SMALLEST_SHARE), SHARES_PER_THREAD * threads)
    parts = np.array_split(np.flatnonzero(together), shares) if shares else []
    jobs: list[Callable[[], None]] = [partial(_solve_together, problems, flat, part, found, stop) for part in parts]
    jobs += [partial(_solve_alone, problems[i], int(i), found, stop) for i in np.flatnonzero(~together)]
    run_jobs(jobs, threads, stop)
    return BatchSolution(**{name: values.reshape((*shape, *values.shape[1:])) for name, values in vars(found).items()})


def _depends(algorithm: Algorithm) -> bool:
    """Whether the algorithm's parameters depend on the target even where its step size is given."""
    return isinstance(algorithm, PowerProjection)


def _solve_alone(problem: Problem, i: int, found: BatchSolution, stop: Flag) -> None:
    """Run one problem and store its results at index i of ``found``."""
    with np.errstate(all="ignore"):  # overflow is an outcome here; NumPy keeps this setting per thread
        solution = ENGINES[found.engine[i]](problem, stop)
    found.outcome[i], found.steps[i] = solution.outcome, solution.steps
    found.loss[i], found.lowest_loss[i] = solution.loss, solution.lowest_loss
    found.layers[i], found.product[i] = solution.layers, solution.product


def _solve_together(
    problems: list[Problem], targets: Matrix, part: NDArray[np.int64], found: BatchSolution, stop: Flag
) -> None:
    """Run the problems with the indices ``part`` in one call of the compiled loop."""
    from dlr import kernels

    chosen = [problems[i] for i in part]
    rules, parameters = zip(*(compiled_rule(problem.algorithm) for problem in chosen), strict=True)
    d, count = targets.shape[-1], len(part)
    size = kernels.size_for(d)
    layers = np.broadcast_to(np.eye(size), (count, chosen[0].depth, size, size)).copy()
    statuses, steps = np.zeros(count, dtype=np.int64), np.empty(count, dtype=np.int64)
    losses, lowest = np.empty(count), np.empty(count)
    kernels.iterate_stack(
        enlarged(targets[part], size),
        layers,
        d,
        rules[0],
        np.array(parameters),
        found.step_size[part],
        np.array([min(problem.max_steps, 2**63 - 1) for problem in chosen]),
        chosen[0].tol,
        statuses,
        steps,
        losses,
        lowest,
        stop,
    )
    check(stop)
    known = outcomes()
    found.outcome[part] = [known[int(status)] for status in statuses]
    found.steps[part], found.layers[part] = steps, np.swapaxes(layers[..., :d, :d], -1, -2)
    found.loss[part], found.lowest_loss[part] = losses, lowest
    found.product[part] = network.product(found.layers[part])


def _engines(problems: list[Problem], targets: Matrix) -> NDArray[np.str_]:
    """The engine of each problem; it is chosen only once for all targets that are far from normal."""
    parts = np.array_split(targets, -(-targets.size // LARGEST_PART))  # Python sees an interrupt between two parts
    near_normal = np.concatenate([have_blocks(part) | commute(part) for part in parts])
    names = np.full(len(problems), "", dtype=object)
    for i in np.flatnonzero(near_normal):
        names[i] = chosen_engine(problems[i])
    if not near_normal.all():
        names[~near_normal] = chosen_engine(problems[int(np.argmin(near_normal))])
    return names.astype(np.str_)


def _processors() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
