"""A problem: everything that one run needs, with every default filled in."""

from dataclasses import dataclass

from dlr import network
from dlr.algorithms import Algorithm
from dlr.types import LikeTarget


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
        Whether the excess loss of every iterate is kept.
    check_every : int
        Steps between two readings of the losses on the reference engine.
    step_size_source : str
        ``"given"`` or ``"default"``.
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

    @property
    def step_size(self) -> float:
        """The algorithm's step size eta."""
        assert self.algorithm.step_size is not None, "a problem's algorithm has its step size given"
        return self.algorithm.step_size

    @property
    def start(self) -> LikeTarget:
        """Layers of the start, shape (L, d, d)."""
        return network.identity_layers(self.target, self.depth) if self.initial_layers is None else self.initial_layers
