"""A step in exact arithmetic, and what characterizes the result of each algorithm; derived in ``single_steps``."""

import math
from dataclasses import dataclass

import numpy as np

from catalog.claims._points import gradient_rounding, norm, reach
from catalog.dyadic import Dyadic
from dlr import Problem
from dlr._norms import spectral_norms
from dlr.matrices import symmetric_part
from dlr.rounding import EPSILON, matrix_rounding
from dlr.types import Matrix


@dataclass(frozen=True)
class Taken:
    """A step: layers before and after it, in floating point, and what it must have been, exactly.

    Attributes
    ----------
    before, after : ndarray, shape (L, d, d)
    moved : Dyadic, shape (L, d, d)
        The layers ``Y_i``, for penalized gradient descent with its penalty.
    rounding : ndarray, shape (L,)
        How far rounding may move the ``Y_i``, in Frobenius norm.
    """

    before: Matrix
    after: Matrix
    moved: Dyadic
    rounding: Matrix


def exact_product(layers: Dyadic) -> Dyadic:
    """``Theta_L ... Theta_1`` of a stack, the first one applied first."""
    result = layers[0]
    for i in range(1, len(layers.units)):
        result = layers[i] @ result
    return result


def exact_gradients(layers: Dyadic, target: Dyadic) -> Dyadic:
    """``(Theta_L ... Theta_{i+1})^T (Theta_L ... Theta_1 - Phi) (Theta_{i-1} ... Theta_1)^T`` for each i, a stack."""
    depth = len(layers.units)
    below = [layers[0]]
    for i in range(1, depth):
        below.append(layers[i] @ below[-1])
    backward = below[-1] - target
    found = []
    for i in reversed(range(1, depth)):
        found.append(backward @ below[i - 1].transposed)
        backward = layers[i].transposed @ backward
    return Dyadic.stack([backward, *reversed(found)])


def taken(problem: Problem, before: Matrix, after: Matrix, strength: float) -> Taken:
    """The step from the layers before to those after it, with what it must be under a penalty of this strength."""
    depth, identity = len(before), np.eye(len(problem.target))
    theta, eta, kappa = Dyadic.of(before), Dyadic.of(problem.step_size), Dyadic.of(strength)
    gradients = exact_gradients(theta, Dyadic.of(problem.target))
    moved = theta - eta * (gradients + kappa * (theta - Dyadic.of(identity)))
    sizes = np.linalg.norm(before, axis=(-2, -1)) + np.linalg.norm(moved.floats(), axis=(-2, -1))
    sizes = sizes + problem.step_size * strength * np.linalg.norm(before - identity, axis=(-2, -1))
    rounding = problem.step_size * gradient_rounding(before, problem.target, 2 * depth + 2) + 2 * EPSILON * sizes
    return Taken(before, after, moved, rounding)


def step_deviation(step: Taken) -> float:
    """Largest distance of a layer from where it must be, in units of its rounding allowance."""
    exact = (Dyadic.of(step.after) - step.moved).floats()
    return float(np.max(np.linalg.norm(exact, axis=(-2, -1)) / step.rounding))


def ball_deviation(step: Taken, radius: float) -> float:
    """Largest violation of the two conditions of step-and-project, in units of their rounding allowances."""
    identity = np.eye(len(step.after[0]))
    A, Y, B = step.after - identity, step.moved.floats(), (step.moved - Dyadic.of(step.after)).floats()
    _, values, right = np.linalg.svd(B)
    lengths, d = spectral_norms(A), len(identity)
    sizes = lengths + values[:, 0]
    delta = step.rounding + matrix_rounding(d, 6) * (1 + spectral_norms(Y - identity))
    allowed = (sizes + 2 * radius) * (delta + matrix_rounding(d, 2) * sizes) + delta**2
    aligned = np.linalg.norm(A.mT @ B - radius * (right.mT * values[:, None]) @ right, axis=(-2, -1))
    return float(np.max(np.maximum((lengths - radius) / delta, aligned / allowed)))


def power_deviation(step: Taken, margin: float) -> float:
    """Largest violation of the conditions of power projection, in units of their rounding allowances."""
    depth, d = step.after.shape[:2]
    exact = exact_product(step.moved)
    difference = (exact_product(Dyadic.of(step.after)) - exact).floats()
    size = reach(step.moved.floats())
    p = depth * float(np.max(step.rounding)) * size + matrix_rounding(d, 11 * depth + 8) * (size + margin)
    B = symmetric_part(difference)
    A = symmetric_part(exact.floats()) + B - margin * np.eye(d)
    found = [
        float(np.linalg.norm(difference - B)) / p,
        -float(np.linalg.eigvalsh(A)[0]) / p,
        -float(np.linalg.eigvalsh(B)[0]) / p,
        float(np.linalg.norm(A @ B)) / ((norm(A) + norm(B)) * p + p**2),
    ]
    left, values, right = np.linalg.svd(step.after[0])
    G, largest = left @ right, float(np.max(spectral_norms(step.after)))
    e = matrix_rounding(d, 10) * largest
    turned = np.linalg.norm(step.after[1:] @ G - G @ step.after[:-1], axis=(-2, -1))
    found.append(float(np.max(turned, initial=0.0)) / (2 * e + 4 * e * largest / values[-1]))
    angle = math.cos(math.pi / (2 * depth)) - float(np.linalg.eigvalsh(symmetric_part(G))[0])
    found.append(angle / (2 * e / values[-1] + matrix_rounding(d, 2)))
    return max(found) if all(map(math.isfinite, found)) else math.inf
