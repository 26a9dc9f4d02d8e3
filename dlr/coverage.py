"""Which theorem covers a target, depth and algorithm, and what it promises before anything runs."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from dlr import theory
from dlr.algorithms import Algorithm, GradientDescent, Penalized, PowerProjection, StepAndProject
from dlr.matrices import asymmetry, distance_to_identity, non_normality, relative_margin
from dlr.types import Matrix

TINY = 1e-300
"""Stands for a tolerance of zero in step bounds, which grow with its logarithm."""


@dataclass(frozen=True)
class Promise:
    """What is known before running from the identity.

    Attributes
    ----------
    source : str
        The claim that covers the run, or ``"default"`` where none does.
    step_size : float
        The algorithm's own; else the theorem's largest; else a conservative default.
    steps : int or None
        Proved number of steps to the tolerance, where the theorem gives one.
    floor : float
        Proved lower bound on the excess loss of every iterate; 0 where there is none.
    """

    source: str
    step_size: float
    steps: int | None = None
    floor: float = 0.0


@dataclass(frozen=True)
class Theorem:
    """A theorem's domain and what it gives there; the algorithm is passed for its margin or strength."""

    source: str
    covers: Callable[[Matrix, int, Algorithm], bool]
    largest_step_size: Callable[[Matrix, int, Any], float]
    steps: Callable[[Matrix, int, float, Any, float], int] | None = None
    floor: Callable[[Matrix], float] | None = None


def promise(target: Matrix, depth: int, algorithm: Algorithm, tol: float) -> Promise:
    """What the first theorem in `THEOREMS` that covers the run promises.

    Parameters
    ----------
    target : ndarray, shape (d, d)
    depth : int
    algorithm : Algorithm
        Power projection with its margin given; a step size above the theorem's leaves the run uncovered.
    tol : float
        Excess loss to reach.
    """
    uncovered = Promise("default", algorithm.step_size or _default_step_size(target, depth, algorithm))
    return next(promises(target, depth, algorithm, tol), uncovered)


def promises(target: Matrix, depth: int, algorithm: Algorithm, tol: float) -> Iterator[Promise]:
    """What each theorem in `THEOREMS` that covers the run promises; parameters as in `promise`."""
    default = _default_step_size(target, depth, algorithm)
    for theorem in THEOREMS:
        if not theorem.covers(target, depth, algorithm):
            continue
        largest = theorem.largest_step_size(target, depth, algorithm)
        step_size = algorithm.step_size or (largest if theorem.steps else min(largest, default))
        if step_size <= largest * (1 + theory.ROUNDING):
            yield Promise(
                theorem.source,
                step_size,
                theorem.steps(target, depth, max(tol, TINY), algorithm, step_size) if theorem.steps else None,
                theorem.floor(target) if theorem.floor else 0.0,
            )


def _default_step_size(target: Matrix, depth: int, algorithm: Algorithm) -> float:
    """Half of what the positive definite theorem allows, less for a penalty's curvature."""
    b = max(1.0, float(np.linalg.norm(target, 2)))
    return 1 / (2 * depth * theory.power(b, 2 - 2 / depth) + _strength(algorithm))


def _strength(algorithm: Algorithm) -> float:
    return algorithm.strength if isinstance(algorithm, Penalized) else 0.0


def _symmetric(target: Matrix) -> bool:
    return asymmetry(target) <= theory.ROUNDING


THEOREMS = (
    Theorem(
        "negative-eigenvalue-fails",
        lambda target, depth, algorithm: (
            isinstance(algorithm, GradientDescent | StepAndProject | Penalized)
            and depth >= 2
            and _symmetric(target)
            and relative_margin(target) < -theory.ROUNDING
        ),
        lambda target, depth, algorithm: (
            theory.negative_eigenvalue_step_size(target, depth, _strength(algorithm)) if depth % 2 else math.inf
        ),
        floor=theory.negative_eigenvalue_floor,
    ),
    Theorem(
        "negative-axis-fails",
        lambda target, depth, algorithm: (
            isinstance(algorithm, GradientDescent | StepAndProject | Penalized)
            and depth >= 2
            and non_normality(target) <= theory.ROUNDING
            and len(theory.negative_axis_eigenvalues(target)) > 0
        ),
        lambda target, depth, algorithm: (
            theory.negative_axis_step_size(target, depth, _strength(algorithm)) if depth % 2 else math.inf
        ),
        floor=theory.negative_axis_floor,
    ),
    Theorem(
        "positive-definite-converges",
        lambda target, depth, algorithm: (
            isinstance(algorithm, GradientDescent) and _symmetric(target) and relative_margin(target) > theory.ROUNDING
        ),
        lambda target, depth, algorithm: theory.positive_definite_step_size(target, depth),
        lambda target, depth, tol, algorithm, step_size: theory.positive_definite_iteration_bound(
            target, depth, tol, step_size
        ),
    ),
    Theorem(
        "near-identity-converges",
        lambda target, depth, algorithm: (
            isinstance(algorithm, GradientDescent) and distance_to_identity(target) <= theory.NEAR_IDENTITY_DISTANCE
        ),
        lambda target, depth, algorithm: theory.near_identity_step_size(depth),
        lambda target, depth, tol, algorithm, step_size: theory.near_identity_iteration_bound(
            target, depth, tol, step_size
        ),
    ),
    Theorem(
        "normal-dichotomy",
        lambda target, depth, algorithm: (
            isinstance(algorithm, GradientDescent)
            and non_normality(target) <= theory.ROUNDING
            and float(np.min(theory.path_clearances(np.linalg.eigvals(target).astype(complex)))) > theory.ROUNDING
        ),
        lambda target, depth, algorithm: theory.normal_dichotomy_step_size(target, depth),
        lambda target, depth, tol, algorithm, step_size: theory.normal_dichotomy_iteration_bound(
            target, depth, tol, step_size
        ),
    ),
    Theorem(
        "margin-converges",
        lambda target, depth, algorithm: isinstance(algorithm, PowerProjection) and algorithm.margin is not None,
        lambda target, depth, algorithm: theory.margin_step_size(target, depth, algorithm.margin),
        lambda target, depth, tol, algorithm, step_size: theory.margin_iteration_bound(
            target, depth, tol, algorithm.margin, step_size
        ),
    ),
)
