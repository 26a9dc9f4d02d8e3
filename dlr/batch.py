"""`solve_batch`: train networks to a stack of targets at once."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from array_api_compat import array_namespace, is_numpy_array
from numpy.typing import NDArray

from dlr import network, spectral
from dlr._arrays import STACKS, double_precision, finite_array, square_matrices
from dlr._blocks import blocks_of, with_blocks
from dlr._defaults import Defaults, defaults
from dlr._stacks import Stack, train
from dlr.algorithms import PAPER_KINDS, Algorithm, GradientDescent, checked_algorithm
from dlr.arguments import InputError, fits, integer, number, one_of
from dlr.engine_choice import check_single, chosen_engine
from dlr.engines import COMPILED_RULES, ENGINES, compiled_rule, enlarged, losses_of_layers, outcomes
from dlr.iteration import to_host
from dlr.problem import Problem
from dlr.solution import BatchSolution
from dlr.solver import CHECK_EVERY, DEFAULT_MAX_STEPS
from dlr.types import ArrayInput, Complex, Flag, Matrix
from dlr.workers import check, lowered, processors, run_jobs

__all__ = ["solve_batch"]

LARGEST_TOGETHER = 8
"""Largest dimension at which several targets share one call of the compiled loop. A call costs as much as 200 steps at
d = 8 and as 800 steps at d = 4 (measured at L = 8, with runs of no steps)."""

LARGEST_PART = 2**20
"""Entries of the targets whose structure is looked at, or which are decomposed, together."""

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
    step_sizes: ArrayInput | None = None,
    tol: float = 1e-9,
    max_steps: int | None = None,
    engine: str = "auto",
    threads: int | None = None,
) -> BatchSolution:
    """Train a depth-L network from identity layers to each of a stack of targets, as `dlr.solve` would.

    Each target has its own step size and engine, finishes independently of the rest, and gets the same results as from
    `dlr.solve`; only ``product`` may differ by rounding. The runs are distributed over threads. Targets of another
    array namespace stay on their device: the paper's algorithms, except power projection, train to all of them at once
    there, and runs that have ended leave the work.

    Parameters
    ----------
    targets : array, shape (..., d, d)
        Phi of each run: nested lists, a NumPy array, or a float64 torch or JAX array.
    depth : int
        Number of layers L >= 1.
    algorithm : Algorithm, optional
        Plain gradient descent by default. A step size of None takes each target's default.
    step_sizes : array, shape (...), optional
        A step size for each target, in place of the algorithm's.
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
    stack = double_precision("targets", square_matrices("targets", targets))
    shape, d, on_host = tuple(stack.shape[:-2]), stack.shape[-1], is_numpy_array(stack)
    count = math.prod(shape)
    depth = integer("depth", depth)
    tol = number("tol", tol)
    one_of("engine", engine, ["auto", *ENGINES])
    threads = processors() if threads is None else integer("threads", threads)
    max_steps = DEFAULT_MAX_STEPS if max_steps is None else max_steps
    together = engine == "single" or not on_host
    stacks = STACKS * count if together else RESULTS * count + STACKS * threads
    size = 8 * depth * d * d * stacks + TARGET * count
    fits("depth", depth, size, f"lower it, the dimension {d} or the number of targets {count}")
    algorithm = GradientDescent() if algorithm is None else checked_algorithm(algorithm)
    flat = array_namespace(stack).reshape(stack, (count, d, d))
    if engine == "single":
        check_single("targets", flat)
    sizes = None if step_sizes is None else _checked_sizes(step_sizes, shape)
    settings = defaults(algorithm, np.ascontiguousarray(to_host(flat)), depth, sizes)
    found = BatchSolution(
        outcome=np.empty(count, dtype=object),
        steps=np.empty(count, dtype=np.int64),
        loss=np.empty(count),
        lowest_loss=np.empty(count),
        layers=np.empty((count, depth, d, d)),
        product=np.empty((count, d, d)),
        step_size=settings.step_sizes,
        engine=np.empty(count, dtype="<U9"),
    )
    batch = _Batch(flat, depth, settings, tol, max_steps, engine, found, lowered())
    if on_host:
        batch.run_on_threads(threads)
    else:
        found = batch.run_on_device()
    return BatchSolution(**{name: _reshaped(values, shape) for name, values in vars(found).items()})


def _checked_sizes(step_sizes: ArrayInput, shape: tuple[int, ...]) -> Matrix:
    """A step size for each target of a stack, as a flat array."""
    sizes = finite_array("step_sizes", step_sizes)
    if sizes.shape != shape:
        raise InputError(f"step_sizes must have the targets' shape {shape}, got {sizes.shape}: pass one for each")
    if not np.all(sizes > 0):
        raise InputError(f"step_sizes must be numbers > 0, got {sizes[~(sizes > 0)][0]:g}: pass values in that range")
    return sizes.ravel()


def _reshaped(values: Any, shape: tuple[int, ...]) -> Any:
    """The values with a batch shape in place of their first axis."""
    return array_namespace(values).reshape(values, (*shape, *values.shape[1:]))


def _shares(chosen: NDArray[np.bool_], threads: int, fewest: int = 1) -> list[NDArray[np.int64]]:
    """The indices of the chosen runs in parts for the threads, at least so many, none empty."""
    count = max(fewest, min(-(-int(chosen.sum()) // SMALLEST_SHARE), SHARES_PER_THREAD * threads))
    return [part for part in np.array_split(np.flatnonzero(chosen), count) if len(part)]


@dataclass(frozen=True)
class _Batch:
    """Targets (n, d, d), what all their runs share, and where the results go."""

    targets: Any
    depth: int
    defaults: Defaults
    tol: float
    max_steps: int
    engine: str
    found: BatchSolution
    stop: Flag

    def problem(self, i: int) -> Problem:
        """The problem of run i."""
        return Problem(
            target=self.targets[i, ...],
            depth=self.depth,
            algorithm=self.defaults.of(i),
            tol=self.tol,
            max_steps=self.max_steps,
            engine=self.engine,
            history=False,
            step_size_source=self.defaults.source,
        )

    def engines(self) -> NDArray[np.object_]:
        """Each run's engine, chosen once for all targets of exact form and once for all that are far from normal."""
        parts = np.array_split(self.targets, -(-self.targets.size // LARGEST_PART))  # an interrupt is seen between two
        exact = np.concatenate([spectral.have_blocks(part) for part in parts])
        near = np.concatenate([spectral.commute(part) for part in parts]) & ~exact
        names = np.full(len(self.targets), "", dtype=object)
        for alike in (exact, ~exact & ~near):
            if alike.any():
                names[alike] = chosen_engine(self.problem(int(np.argmax(alike))))
        for i in np.flatnonzero(near):
            names[i] = chosen_engine(self.problem(int(i)))
        return names

    def run_on_threads(self, threads: int) -> None:
        """Every run, on this computer's processors."""
        self.found.engine[:] = self.engines()
        known = type(self.defaults.algorithm) in COMPILED_RULES
        single = (self.found.engine == "single") & self.on_stacks
        together = (self.found.engine == "compiled") & (self.targets.shape[-1] <= LARGEST_TOGETHER)
        reduced = (self.found.engine == "spectral") & known
        parts = -(-self.targets.size // LARGEST_PART)
        jobs: list[Callable[[], None]] = [partial(self.run_layers, part) for part in _shares(together, threads)]
        jobs += [partial(self.run_spectra, part) for part in _shares(reduced, threads, parts)]
        jobs += [partial(self.run_single, part) for part in _shares(single, threads, parts)]
        jobs += [partial(self.run_alone, int(i)) for i in np.flatnonzero(~together & ~reduced & ~single)]
        run_jobs(jobs, threads, self.stop)

    @property
    def on_stacks(self) -> bool:
        """Whether the algorithm knows stacks, and all runs share its parameters."""
        return type(self.defaults.algorithm) in PAPER_KINDS and self.defaults.margins is None

    def trained(self, part: Any, check_every: int) -> tuple[NDArray[np.object_], Stack]:
        """The runs ``part`` together, by array operations."""
        return train(
            self.targets[part, ...],
            self.depth,
            self.defaults.algorithm,
            self.defaults.step_sizes[part],
            tol=self.tol,
            max_steps=self.max_steps,
            check_every=check_every,
            stop=self.stop,
            single=self.engine == "single",
        )

    @np.errstate(all="ignore")
    def run_on_device(self) -> BatchSolution:
        """Every run, on the targets' device: together where that can be."""
        xp = array_namespace(self.targets)
        names = np.full(len(self.found.steps), chosen_engine(self.problem(0)))
        if self.on_stacks:
            outcome, runs = self.trained(slice(None), CHECK_EVERY)
            steps, loss, lowest = (to_host(values) for values in (runs.steps, runs.loss, runs.lowest))
            layers = xp.astype(runs.layers, xp.float64, copy=False)
            product = network.product(layers)
        else:
            alone = [ENGINES[name](self.problem(i), self.stop) for i, name in enumerate(names)]
            outcome = np.array([solution.outcome for solution in alone])
            steps, loss = np.array([run.steps for run in alone]), np.array([run.loss for run in alone])
            lowest = np.array([run.lowest_loss for run in alone])
            layers, product = (xp.stack([getattr(run, name) for run in alone]) for name in ("layers", "product"))
        return BatchSolution(
            outcome, steps.astype(np.int64), loss, lowest, layers, product, self.defaults.step_sizes, names
        )

    def run_alone(self, i: int) -> None:
        """Run i by itself."""
        with np.errstate(all="ignore"):  # overflow is an outcome here; NumPy keeps this setting per thread
            solution = ENGINES[self.found.engine[i]](self.problem(i), self.stop)
        self.found.outcome[i], self.found.steps[i] = solution.outcome, solution.steps
        self.found.loss[i], self.found.lowest_loss[i] = solution.loss, solution.lowest_loss
        self.found.layers[i], self.found.product[i] = solution.layers, solution.product

    def run_single(self, part: NDArray[np.int64]) -> None:
        """The runs ``part`` together, in single precision."""
        with np.errstate(all="ignore"):
            self.found.outcome[part], runs = self.trained(part, 1)
        self.found.steps[part], self.found.loss[part], self.found.lowest_loss[part] = runs.steps, runs.loss, runs.lowest
        self.found.layers[part] = runs.layers
        self.found.product[part] = network.product(self.found.layers[part])

    def run_layers(self, part: NDArray[np.int64]) -> None:
        """The runs ``part`` in one call of the compiled loop over layers."""
        from dlr import kernels

        d = self.targets.shape[-1]
        size = kernels.size_for(d)
        targets = enlarged(self.targets[part], size)
        layers = np.broadcast_to(np.eye(size), (len(part), self.depth, size, size)).copy()
        ends = kernels.run_layers(targets, layers, d, *self._shared(part), self.stop)
        check(self.stop)
        self.found.layers[part] = np.swapaxes(layers[..., :d, :d], -1, -2)
        self.found.product[part] = network.product(self.found.layers[part])
        self._enter(part, ends)

    def run_spectra(self, part: NDArray[np.int64]) -> None:
        """The runs ``part``, those with blocks in the same places in one call of the compiled loop over eigenvalues."""
        from dlr import kernels

        for chosen, real, pairs, basis in _spectra(self.targets[part]):
            runs = part[chosen]
            x, z = np.ones_like(real), np.ones_like(pairs)
            ends = kernels.run_eigenvalues(real, pairs, x, z, self.depth, *self._shared(runs), self.stop)
            check(self.stop)
            with np.errstate(all="ignore"):
                self.found.layers[runs] = with_blocks(basis, x, z)[:, None]
                losses = losses_of_layers(self.found.layers[runs], self.targets[runs], ends.losses)
                singles, pairs = self._powers(x.astype(np.complex128)).real, self._powers(z)
                self.found.product[runs] = with_blocks(basis, singles, pairs)
            ends.lowest[:] = np.where(ends.lowest == ends.losses, losses, ends.lowest)
            ends.losses[:] = losses
            self._enter(runs, ends)
            for i in runs[(ends.statuses == kernels.CONVERGED) != (losses <= self.tol)]:  # rounding decides
                self.run_alone(int(i))

    def _powers(self, z: Complex) -> Complex:
        """``z^L`` of values of any shape."""
        return spectral.integer_power(z.ravel(), self.depth).reshape(z.shape)

    def _shared(self, part: NDArray[np.int64]) -> tuple[int, Matrix, Matrix, NDArray[np.int64], float]:
        """Rule, parameters, step sizes, step limits and tolerance of the runs ``part``."""
        rule, parameter = compiled_rule(self.defaults.of(int(part[0])))
        margins = self.defaults.margins
        parameters = np.full(len(part), parameter) if margins is None else margins[part]
        limits = np.full(len(part), min(self.max_steps, 2**63 - 1))
        return rule, parameters, self.defaults.step_sizes[part], limits, self.tol

    def _enter(self, part: NDArray[np.int64], ends: Any) -> None:
        known = np.array([outcome for _, outcome in sorted(outcomes().items())])
        self.found.outcome[part], self.found.steps[part] = known[ends.statuses], ends.steps
        self.found.loss[part], self.found.lowest_loss[part] = ends.losses, ends.lowest


def _spectra(targets: Matrix) -> Iterator[tuple[NDArray[np.int64], Matrix, Complex, Matrix]]:
    """The `dlr.spectral.nearest_normal` of targets (n, d, d), those with blocks in the same places together.

    Yields indices (k,), real eigenvalues (k, m), one of each conjugate pair, and bases (k, d, d).
    """
    symmetric = np.all(targets == np.swapaxes(targets, -1, -2), axis=(-2, -1))
    if symmetric.any():
        values, bases = np.linalg.eigh(targets[symmetric])
        yield np.flatnonzero(symmetric), values, np.empty((len(values), 0), dtype=np.complex128), bases
    own = spectral.have_blocks(targets) & ~symmetric
    below = np.any(np.tril(targets, -1), axis=-1)[:, 1:]
    for places in np.unique(below[own], axis=0):
        chosen = own & np.all(below == places, axis=-1)
        forms = targets[chosen]
        yield np.flatnonzero(chosen), *blocks_of(forms, np.broadcast_to(np.eye(forms.shape[-1]), forms.shape), places)
    for i in np.flatnonzero(~own & ~symmetric):
        found = spectral.nearest_normal(targets[i])
        singles, pairs = found.split(found.eigenvalues)
        yield np.array([i]), singles[None], pairs[None], found.basis[None]
