"""A problem: everything that one run needs, with every default filled in."""

from dataclasses import dataclass

from dlr import network
from dlr._arrays import depth_for, start_for, target_matrix
from dlr.algorithms import Algorithm, checked_algorithm
from dlr.arguments import InputError, flag, integer, number, one_of, settle, text
from dlr.types import LikeTarget

__all__ = ["ENGINE_NAMES", "Problem"]

ENGINE_NAMES = ("auto", "reference", "single", "compiled", "spectral")
"""What `Problem.engine` may be: a key of `dlr.engines.ENGINES`, or ``"auto"``."""


@dataclass(frozen=True, eq=False)
class Problem:
    """One run of an algorithm.

    Attributes
    ----------
    target : array, shape (d, d)
        Phi.
    depth : int
        Number of layers L.
    algorithm : Algorithm
        With its step size given.
    tol : float
        Excess loss to reach.
    max_steps : int
    initial_layers : array, shape (L, d, d), optional
        The start, ``Theta_1`` first; the identity where it is None.
    engine : str
        ``"auto"`` or a name from `dlr.engines.ENGINES`.
    history : bool
        Whether the excess loss of every iterate is kept, 8 bytes a step.
    check_every : int
        Steps between two readings of the losses on the reference engine.
    step_size_source : str
        Where the step size comes from, for reports: ``"given"``, ``"default"``.

    Raises
    ------
    InputError
        If a field is not what it should be, or the run does not fit in memory.
    """

    target: LikeTarget
    depth: int
    algorithm: Algorithm
    tol: float = 1e-9
    max_steps: int = 0
    initial_layers: LikeTarget | None = None
    engine: str = "auto"
    history: bool = True
    check_every: int = 1
    step_size_source: str = "given"

    def __post_init__(self) -> None:
        target = target_matrix("target", self.target)
        depth = depth_for(self.depth, target)
        start = self.initial_layers
        settle(
            self,
            target=target,
            depth=depth,
            algorithm=checked_algorithm(self.algorithm),
            tol=number("tol", self.tol, minimum=0),
            max_steps=integer("max_steps", self.max_steps, minimum=0),
            initial_layers=None if start is None else start_for("initial_layers", start, target, depth),
            engine=one_of("engine", self.engine, ENGINE_NAMES),
            history=flag("history", self.history),
            check_every=integer("check_every", self.check_every),
            step_size_source=text("step_size_source", self.step_size_source),
        )

    @property
    def step_size(self) -> float:
        """The algorithm's step size eta."""
        if self.algorithm.step_size is None:
            raise InputError("step_size must be given here, got None: dlr.solve fills it in from the target")
        return self.algorithm.step_size

    @property
    def start(self) -> LikeTarget:
        """Layers of the start, shape (L, d, d)."""
        return network.identity_layers(self.target, self.depth) if self.initial_layers is None else self.initial_layers
