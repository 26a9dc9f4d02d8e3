"""New algorithm: say here in one line what it changes about gradient descent."""

from dataclasses import dataclass
from typing import ClassVar

from dlr.arguments import number
from dlr.types import Array, Complex


@dataclass(frozen=True)
class NewAlgorithm:
    """Gradient descent on the excess loss plus ``kappa/2 sum_i |Theta_i|_F^2``.

    Parameters
    ----------
    strength : float
        kappa >= 0.
    step_size : float, optional
        eta > 0; None takes the solver's.

    Raises
    ------
    InputError
        If strength or step size is out of range.
    """

    strength: float = 0.01
    step_size: float | None = None
    name: ClassVar[str] = "new-algorithm"

    def __post_init__(self) -> None:
        number("strength", self.strength, minimum=0)
        if self.step_size is not None:
            number("step_size", self.step_size, above=0)

    def step(self, layers: Array, gradients: Array, step_size: float) -> Array:
        """Next layers, from layers and excess-loss gradients of shape (L, d, d)."""
        return layers - step_size * (gradients + self.strength * layers)

    def reduced_step(self, z: Complex, gradients: Complex, step_size: float, depth: int) -> Complex:
        """Next layer eigenvalues on a normal target; delete this method where the step is no function of them."""
        return z - step_size * (gradients + self.strength * z)
