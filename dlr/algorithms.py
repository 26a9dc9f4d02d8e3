r"""The paper's four algorithms: frozen dataclasses that turn gradients into the next layers.

Anything with ``name``, ``step_size`` and ``step`` is an algorithm. One that also has ``reduced_step`` can run
on the exact reduction for normal targets (`dlr.spectral`), where all layers are equal and each eigenvalue
follows its own recursion. Source: Bartlett, Helmbold, Long 2018; the penalty and the projection are two
examples of regularizers that pull the layers to the identity.
"""

from dataclasses import dataclass
from typing import ClassVar, Protocol, runtime_checkable

import numpy as np
from array_api_compat import device

from dlr._arrays import namespace
from dlr.arguments import InputError, brief, function, number, settle, text
from dlr.matrices import clip_to_ball, lift_to_margin, margin_positive_layers
from dlr.network import product
from dlr.spectral import integer_power
from dlr.types import Array, Complex

__all__ = [
    "PAPER_ALGORITHMS",
    "Algorithm",
    "GradientDescent",
    "NoMarginError",
    "Penalized",
    "PowerProjection",
    "ReducibleAlgorithm",
    "StepAndProject",
    "checked_algorithm",
    "has_its_reduction",
    "penalty_strength",
]


@runtime_checkable
class Algorithm(Protocol):
    """The attributes and the method that `dlr.solve` needs of an algorithm."""

    @property
    def name(self) -> str:
        """Name in tables and records."""

    @property
    def step_size(self) -> float | None:
        """Step size eta > 0; None takes `dlr.solver.default_step_size`."""

    def step(self, layers: Array, gradients: Array, step_size: float) -> Array:
        """Next layers, from layers and excess-loss gradients of shape (..., L, d, d), which are for reading only."""


@runtime_checkable
class ReducibleAlgorithm(Algorithm, Protocol):
    """An algorithm that can also run on the eigenvalues of a normal target."""

    def reduced_step(self, z: Complex, gradients: Complex, step_size: float, depth: int) -> Complex:
        """Next layer eigenvalues z, from ``gradients = conj(z)^{L-1} (z^L - lambda)``, both of shape (k,)."""


@dataclass(frozen=True)
class GradientDescent:
    """Gradient descent on all layers at once: ``Theta_i -= eta dl/dTheta_i``.

    Parameters
    ----------
    step_size : float, optional
        eta > 0; None takes `dlr.solver.default_step_size`.

    Raises
    ------
    InputError
        If the step size is not a positive finite number.
    """

    step_size: float | None = None
    name: ClassVar[str] = "gradient-descent"

    def __post_init__(self) -> None:
        settle(self, step_size=_step_size(self.step_size))

    def step(self, layers: Array, gradients: Array, step_size: float) -> Array:
        """Next layers."""
        return layers - step_size * gradients

    def reduced_step(self, z: Complex, gradients: Complex, step_size: float, depth: int) -> Complex:
        """Next layer eigenvalues."""
        return z - step_size * gradients


@dataclass(frozen=True)
class StepAndProject:
    """Gradient step, then projection of each layer to the nearest matrix with ``|Theta_i - I| <= radius``.

    Parameters
    ----------
    radius : float
        Spectral-norm radius r >= 0 around the identity.
    step_size : float, optional
        As in `GradientDescent`.

    Raises
    ------
    InputError
        If radius or step size is out of range.
    """

    radius: float
    step_size: float | None = None
    name: ClassVar[str] = "step-and-project"

    def __post_init__(self) -> None:
        settle(self, radius=number("radius", self.radius, minimum=0), step_size=_step_size(self.step_size))

    def step(self, layers: Array, gradients: Array, step_size: float) -> Array:
        """Next layers."""
        return clip_to_ball(layers - step_size * gradients, self.radius)

    def reduced_step(self, z: Complex, gradients: Complex, step_size: float, depth: int) -> Complex:
        """Next layer eigenvalues: the gradient step, then ``|z - 1|`` clipped at the radius."""
        residual = z - step_size * gradients - 1
        length = np.abs(residual)
        return 1 + np.where(length > self.radius, self.radius * residual / np.where(length > 0, length, 1), residual)


@dataclass(frozen=True)
class Penalized:
    """Gradient descent on the excess loss plus ``kappa/2 sum_i |Theta_i - I|_F^2``.

    Parameters
    ----------
    strength : float
        Penalty kappa >= 0.
    step_size : float, optional
        As in `GradientDescent`.

    Raises
    ------
    InputError
        If strength or step size is out of range.
    """

    strength: float
    step_size: float | None = None
    name: ClassVar[str] = "penalized"

    def __post_init__(self) -> None:
        settle(self, strength=number("strength", self.strength, minimum=0), step_size=_step_size(self.step_size))

    def step(self, layers: Array, gradients: Array, step_size: float) -> Array:
        """Next layers."""
        identity: Array = namespace(layers).eye(layers.shape[-1], dtype=layers.dtype, device=device(layers))
        return layers - step_size * (gradients + self.strength * (layers - identity))

    def reduced_step(self, z: Complex, gradients: Complex, step_size: float, depth: int) -> Complex:
        """Next layer eigenvalues: the gradient step plus the pull ``eta kappa (1 - z)``."""
        return z - step_size * (gradients + self.strength * (z - 1))


@dataclass(frozen=True)
class PowerProjection:
    """Gradient step, projection of the product onto the margin-positive matrices, balanced factorization.

    Parameters
    ----------
    margin : float, optional
        gamma > 0; None takes the target's own margin, at most 1.
    step_size : float, optional
        As in `GradientDescent`.

    Raises
    ------
    InputError
        If margin or step size is not positive; `dlr.solve` also refuses a margin above 1 or above the target's own.
    """

    margin: float | None = None
    step_size: float | None = None
    name: ClassVar[str] = "power-projection"

    def __post_init__(self) -> None:
        margin = None if self.margin is None else number("margin", self.margin, above=0)
        settle(self, margin=margin, step_size=_step_size(self.step_size))

    def step(self, layers: Array, gradients: Array, step_size: float) -> Array:
        """Next layers; NaN where the step overflows."""
        W = lift_to_margin(product(layers - step_size * gradients), self._margin())
        return margin_positive_layers(W, layers.shape[-3])

    def reduced_step(self, z: Complex, gradients: Complex, step_size: float, depth: int) -> Complex:
        """Next layer eigenvalues: real part of ``z^L`` lifted to the margin, then its principal root."""
        w = integer_power(z - step_size * gradients, depth)
        root: Complex = (np.maximum(w.real, self._margin()) + 1j * w.imag) ** (1 / depth)
        return root

    def _margin(self) -> float:
        if self.margin is None:
            raise InputError("margin must be a number > 0 here, got None: dlr.solve fills it in from the target")
        return self.margin


def _step_size(value: object) -> float | None:
    return None if value is None else number("step_size", value, above=0)


def checked_algorithm(algorithm: Algorithm) -> Algorithm:
    """``algorithm`` if it has what `Algorithm` asks for.

    Raises
    ------
    InputError
        If it lacks ``name``, ``step_size`` or ``step``, or these are not a string, a positive number or None, and a
        function.
    """
    if type(algorithm) in PAPER_KINDS:
        return algorithm
    if isinstance(algorithm, type) or not isinstance(algorithm, Algorithm):
        raise InputError(
            f"algorithm must have name, step_size and step, got {brief(algorithm)}: pass dlr.GradientDescent(), for one"
        )
    text("name of the algorithm", algorithm.name)
    _step_size(algorithm.step_size)
    function("step of the algorithm", algorithm.step)
    return algorithm


def has_its_reduction(algorithm: Algorithm) -> bool:
    """Whether the algorithm has ``reduced_step``, and not one that it inherits beside a ``step`` of its own."""
    if type(algorithm) in PAPER_KINDS:
        return True
    checked_algorithm(algorithm)
    owners = [
        next((kind for kind in type(algorithm).__mro__ if name in vars(kind)), None)
        for name in ("step", "reduced_step")
    ]
    return isinstance(algorithm, ReducibleAlgorithm) and owners[0] is owners[1]


class NoMarginError(InputError):
    """Power projection was asked for on a target without a positive margin."""


def penalty_strength(algorithm: Algorithm) -> float:
    """Strength kappa of an algorithm's penalty; 0 for an algorithm without a penalty."""
    algorithm = checked_algorithm(algorithm)
    return algorithm.strength if isinstance(algorithm, Penalized) else 0.0


PAPER_KINDS = (GradientDescent, StepAndProject, Penalized, PowerProjection)

PAPER_ALGORITHMS: dict[str, type[GradientDescent | StepAndProject | Penalized | PowerProjection]] = {
    kind.name: kind for kind in PAPER_KINDS
}
"""The paper's algorithms by name."""
