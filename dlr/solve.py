"""`solve`: train the network to a target, and report what happened."""

from dataclasses import dataclass, field, replace

import numpy as np
from array_api_compat import array_namespace, is_numpy_array

from dlr import spectral
from dlr.algorithms import Algorithm, GradientDescent, PowerProjection, ReducibleAlgorithm
from dlr.arguments import InputError, integer, number, one_of, square_matrices, square_matrix
from dlr.coverage import promise
from dlr.engines import ENGINES, Outcome, Run
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
) -> Solution:
    """Train a depth-L linear residual network to ``target`` from identity layers.

    Parameters
    ----------
    target : array, shape (d, d)
        Phi, real and finite: a list, a NumPy array, or an array of another array-API namespace.
    depth : int
        Number of layers L >= 1.
    algorithm : Algorithm, optional
        Plain gradient descent by default.
    tol : float
        Excess loss to reach, >= 0.
    max_steps : int, optional
        By default the step bound of the theorem that covers the run, at most a million; else 100,000.
    engine : {"auto", "reference", "spectral"}
        ``reference`` iterates the layers; ``spectral`` runs the exact reduction of a normal target, from the
        identity only. ``auto`` takes ``spectral`` where it applies.
    initial_layers : array, shape (L, d, d), optional
        Another start, ``Theta_1`` first.
    history : bool
        Keep the excess loss of every iterate.

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
    target = square_matrices("target", target)
    host = square_matrix("target", target)
    depth = integer("depth", depth)
    tol = number("tol", tol, minimum=0)
    one_of("engine", engine, ["auto", *ENGINES])
    algorithm = for_target(GradientDescent() if algorithm is None else algorithm, host)
    if initial_layers is not None:
        initial_layers = _checked_layers(initial_layers, target, depth)
    promised = promise(host, depth, algorithm, tol)
    if max_steps is None:
        proved = promised.steps if initial_layers is None else None
        max_steps = DEFAULT_MAX_STEPS if proved is None else min(proved, LONGEST_DEFAULT)
    run = Run(
        target=target,
        depth=depth,
        algorithm=algorithm,
        step_size=promised.step_size,
        tol=tol,
        max_steps=integer("max_steps", max_steps, minimum=0),
        history=history,
        initial_layers=initial_layers,
    )
    engine = _choose_engine(engine, run)
    result = ENGINES[engine](run)
    return Solution(
        outcome=result.outcome,
        steps=result.steps,
        losses=np.array(result.losses),
        lowest_loss=result.lowest_loss,
        layers=result.layers,
        product=result.product,
        step_size=run.step_size,
        step_size_source=promised.source if algorithm.step_size is None else "given",
        engine=engine,
        algorithm=algorithm,
    )


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
    layers = square_matrices("initial_layers", layers)
    if layers.shape != (depth, *target.shape):
        raise InputError(
            f"initial_layers must have shape {(depth, *target.shape)}, got {tuple(layers.shape)}: pass L layers (d, d)"
        )
    if array_namespace(layers) is not array_namespace(target):
        raise InputError("initial_layers must be of the target's array namespace: convert one of them")
    return layers


def _choose_engine(engine: str, run: Run) -> str:
    """``engine``, or the one that ``auto`` means; refuses one that can't do the run."""
    reducible = (
        isinstance(run.algorithm, ReducibleAlgorithm) and run.initial_layers is None and is_numpy_array(run.target)
    )
    if engine == "spectral" and not reducible:
        raise InputError(
            "engine 'spectral' needs a NumPy target, the identity start and an algorithm with reduced_step: "
            "use engine='reference'"
        )
    if engine == "auto":
        return "spectral" if reducible and spectral.is_normal(run.target) else "reference"
    return engine
