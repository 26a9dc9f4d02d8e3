"""A gallery of deliberately wrong steps, put in the place of an algorithm's own."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeAlias

import numpy as np

from dlr import Penalized, PowerProjection, Problem, StepAndProject

Step: TypeAlias = Callable[[Any, Any, float], Any]
"""From state (layers, or their eigenvalues), gradients and step size to the next state."""

Wrong: TypeAlias = Callable[[Step, Any, Any, float], Any]
"""The same with the right step first."""


def scaled(factor: float) -> Wrong:
    """The step times a factor."""
    return lambda step, state, gradients, eta: step(state, gradients, factor * eta)


def in_turn(*factors: float) -> Callable[[], Wrong]:
    """Steps times each factor in turn."""

    def make() -> Wrong:
        taken = iter(range(10**9))
        return lambda step, state, gradients, eta: step(state, gradients, factors[next(taken) % len(factors)] * eta)

    return make


def stale() -> Wrong:
    """Each step with the gradients of the one before."""
    kept: list[Any] = []

    def wrong(step: Step, state: Any, gradients: Any, eta: float) -> Any:
        before = kept.pop() if kept else gradients
        kept.append(gradients)
        return step(state, before if before.shape == gradients.shape else gradients, eta)

    return wrong


def turned_round(step: Step, layers: Any, gradients: Any, eta: float) -> Any:
    """Gradients transposed."""
    return step(layers, gradients.mT if gradients.ndim == 3 else np.conj(gradients), eta)


def one_left_out(step: Step, layers: Any, gradients: Any, eta: float) -> Any:
    """The last layer, or eigenvalue, not moved."""
    weights = np.ones(len(gradients))
    weights[-1] = 0
    return step(layers, weights.reshape(-1, *[1] * (gradients.ndim - 1)) * gradients, eta)


def off_by_one(step: Step, layers: Any, gradients: Any, eta: float) -> Any:
    """Each layer moved by the gradient of its neighbour."""
    return step(layers, np.roll(gradients, 1, axis=0), eta)


def over_projected(step: Step, layers: Any, gradients: Any, eta: float) -> Any:
    """The correction of a projection or penalty taken twice."""
    plain = layers - eta * gradients
    return plain + 2 * (step(layers, gradients, eta) - plain)


def uncorrected(step: Step, layers: Any, gradients: Any, eta: float) -> Any:
    """The correction of a projection or penalty left out."""
    return layers - eta * gradients


def wrong_side(step: Step, layers: Any, gradients: Any, eta: float) -> Any:
    """The correction of a projection or penalty with its sign changed."""
    plain = layers - eta * gradients
    return 2 * plain - step(layers, gradients, eta)


GALLERY: dict[str, Callable[[], Wrong]] = {
    "never moves": lambda: lambda step, state, gradients, eta: state,
    "half steps": lambda: scaled(0.5),
    "three quarter steps": lambda: scaled(0.75),
    "one and a half steps": lambda: scaled(1.5),
    "double steps": lambda: scaled(2.0),
    "0.3 steps": lambda: scaled(0.3),
    "alternating steps": in_turn(1.95, 0.05),
    "wrong sign": lambda: scaled(-1.0),
    "zero gradient": lambda: lambda step, state, gradients, eta: step(state, 0 * gradients, eta),
    "transposed gradient": lambda: turned_round,
    "one layer left out": lambda: one_left_out,
    "neighbour's gradient": lambda: off_by_one,
    "stale gradient": stale,
    "correction left out": lambda: uncorrected,
    "correction doubled": lambda: over_projected,
    "correction on the wrong side": lambda: wrong_side,
}
"""By name; each call makes a fresh one."""


def corrected(problem: Problem) -> bool:
    """Whether the problem's algorithm corrects its gradient step."""
    return isinstance(problem.algorithm, StepAndProject | Penalized | PowerProjection)


def with_wrong_step(problem: Problem, name: str) -> Problem:
    """The same problem with a wrong step in its algorithm, which passes for the right one by its type."""
    right, wrong = problem.algorithm, GALLERY[name]()

    def step(self: Any, layers: Any, gradients: Any, step_size: float) -> Any:
        return wrong(right.step, layers, gradients, step_size)

    def reduced_step(self: Any, z: Any, gradients: Any, step_size: float, depth: int) -> Any:
        def own(z: Any, gradients: Any, eta: float) -> Any:
            return right.reduced_step(z, gradients, eta, depth)  # type: ignore[attr-defined]

        return wrong(own, z, gradients, step_size)

    kind = type(f"Wrong{type(right).__name__}", (type(right),), {"step": step, "reduced_step": reduced_step})
    return replace(problem, algorithm=kind(**vars(right)))
