"""`solve`: train the network to a target, and report what happened."""

from dataclasses import dataclass, field, replace

import numpy as np
from array_api_compat import array_namespace, is_numpy_array

from dlr.algorithms import Algorithm, GradientDescent, PowerProjection
from dlr.arguments import InputError, integer, number, one_of, square_matrices, square_matrix
from dlr.coverage import promise
from dlr.engines import CHECK_EVERY, ENGINES, Outcome, Run, choose, to_host
from dlr.matrices import margin, relative_margin
from dlr.theory import ROUNDING, checked_margin
from dlr.types import Array, Matrix

DEFAULT_MAX_STEPS = 100_000
LONGEST_DEFAULT = 1_000_000


@dataclass(frozen=True)
class Solution:
    """A finished run.

    Attributes
    ----------
    outcome : Outcome
    steps : int
        Steps taken.
    losses : ndarray, shape (steps + 1,)
        Excess loss of every iterate, the start included; first and last only where history was not kept.
    lowest_loss : float
        Least excess loss of all iterates.
    layers : array, shape (L, d, d)
        Last finite layers, ``Theta_1`` first.
    product : array, shape (d, d)
        Their end-to-end product.
    step_size : float
    step_size_source : str
        ``"given"``, the claim whose theorem it comes from, or ``"default"`` where no theorem covers the run.
    engine : str
    algorithm : Algorithm
    """

    outcome: Outcome
    steps: int
    losses: Matrix = field(repr=False)
    lowest_loss: float
    layers: Array = field(repr=False)
    product: Array = field(repr=False)
    step_size: float
    step_size_source: str
    engine: str
    algorithm: Algorithm

    @property
    def converged(self) -> bool:
        """Whether the tolerance was reached."""
        return self.outcome is Outcome.CONVERGED

    @property
    def loss(self) -> float:
        """Excess loss of the last finite iterate."""
        return float(self.losses[-1])

    @property
    def message(self) -> str:
        """One line: outcome, steps, loss and what to do."""
        return f"{self.outcome.name} after {self.steps:,} steps at excess loss {self.loss:.3g}: {self.outcome.value}"


@np.errstate(all="ignore")  # overflow is an outcome here, not an accident
def solve(
    target: Array,
    depth: int,
    algorithm: Algorithm | None = None,
    *,
    tol: float = 1e-9,
    max_steps: int | None = None,
    engine: str = "auto",
    initial_layers: Array | None = None,
    history: bool = True,
    check_every: int | None = None,
) -> Solution:
    """Train a depth-L linear residual network to ``target`` from identity layers.

    Parameters
    ----------
    target : array, shape (d, d)
        Phi, real and finite: a list, a NumPy array, or a float64 torch or JAX array, on any device, where the
        run and its results then stay.
    depth : int
        Number of layers L >= 1.
    algorithm : Algorithm, optional
        Plain gradient descent by default.
    tol : float
        Excess loss to reach, >= 0.
    max_steps : int, optional
        By default the step bound of the theorem that covers the run, at most a million; else 100,000.
    engine : {"auto", "reference", "compiled", "spectral"}
        ``reference`` iterates the layers with the operations of the target's namespace; ``compiled`` does the same
        in a compiled loop, for NumPy targets and dlr's algorithms; ``spectral`` runs the exact reduction of a
        normal target, from the identity only. ``auto`` takes the fastest that applies (`dlr.engines.choose`).
    initial_layers : array, shape (L, d, d), optional
        Another start, ``Theta_1`` first.
    history : bool
        Keep the excess loss of every iterate.
    check_every : int, optional
        ``reference`` only: steps between two looks at the losses, 1 for NumPy and 32 elsewhere, where each look
        waits for the device. Results do not depend on it.

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
    target = _checked_precision("target", square_matrices("target", target))
    host = square_matrix("target", to_host(target))
    depth = integer("depth", depth)
    tol = number("tol", tol, minimum=0)
    one_of("engine", engine, ["auto", *ENGINES])
    if initial_layers is not None:
        initial_layers = _checked_layers(initial_layers, target, depth)
    run, source = plan(
        target,
        host,
        depth,
        GradientDescent() if algorithm is None else algorithm,
        tol,
        max_steps,
        history=history,
        initial_layers=initial_layers,
        check_every=_checked_interval(check_every, target),
    )
    engine = choose(engine, run)
    result = ENGINES[engine](run)
    return Solution(
        outcome=result.outcome,
        steps=result.steps,
        losses=result.losses,
        lowest_loss=result.lowest_loss,
        layers=result.layers,
        product=result.product,
        step_size=run.step_size,
        step_size_source=source,
        engine=engine,
        algorithm=run.algorithm,
    )


def plan(
    target: Array,
    host: Matrix,
    depth: int,
    algorithm: Algorithm,
    tol: float,
    max_steps: int | None,
    *,
    history: bool = True,
    initial_layers: Array | None = None,
    check_every: int = 1,
) -> tuple[Run, str]:
    """The run of checked arguments, with margin, step size and step limit settled, and the step size's source.

    ``host`` is the target as a NumPy array. No theorem is consulted where the caller has settled everything.
    """
    algorithm = for_target(algorithm, host)
    step_size, source = algorithm.step_size, "given"
    if step_size is None or max_steps is None:
        promised = promise(host, depth, algorithm, tol)
        if initial_layers is not None:  # the theorems start at the identity
            promised = replace(promised, source="default", steps=None)
        step_size, source = promised.step_size, source if step_size else promised.source
        if max_steps is None:
            max_steps = DEFAULT_MAX_STEPS if promised.steps is None else min(promised.steps, LONGEST_DEFAULT)
    run = Run(
        target=target,
        depth=depth,
        algorithm=algorithm,
        step_size=step_size,
        tol=tol,
        max_steps=integer("max_steps", max_steps, minimum=0),
        history=history,
        initial_layers=initial_layers,
        check_every=check_every,
    )
    return run, source


def for_target(algorithm: Algorithm, target: Matrix) -> Algorithm:
    """``algorithm`` with the margin of power projection filled in or checked.

    Raises
    ------
    InputError
        If it is no algorithm, or the target lacks the margin.
    """
    if isinstance(algorithm, type) or not isinstance(algorithm, Algorithm):
        raise InputError(
            f"algorithm must have name, step_size and step, got {algorithm!r}: pass for example dlr.GradientDescent()"
        )
    if not isinstance(algorithm, PowerProjection):
        return algorithm
    own = margin(target)
    if relative_margin(target) <= ROUNDING:
        raise InputError(
            f"target must have a positive margin for power projection, got {own:.3g}: use another algorithm"
        )
    return replace(
        algorithm, margin=min(1.0, own) if algorithm.margin is None else checked_margin(target, algorithm.margin)
    )


def _checked_layers(layers: Array, target: Array, depth: int) -> Array:
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
