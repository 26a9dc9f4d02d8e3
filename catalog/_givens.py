"""Orthogonal matrices as lists of Givens rotations, for the strategies, with a bound on their rounding."""

import math
from fractions import Fraction
from typing import TypeAlias

import numpy as np

from dlr.types import Matrix

Turn: TypeAlias = tuple[float, float]  # cosine and sine
Rotations: TypeAlias = list[tuple[int, int, Turn]]  # in the plane of coordinates i < j

EPS = float(np.finfo(np.float64).eps)
_SLOPES = tuple(map(Fraction, ("1", "1/2", "1/3", "2", "3", "2/3", "3/2", "1/4", "1/10", "1/100", "10")))


def turns(max_angle: float) -> tuple[Turn, ...]:
    """Turns in both directions, by ``max_angle`` and by smaller angles whose ``tan(angle / 2)`` is rational."""
    slopes = [sign * t for t in _SLOPES for sign in (1, -1) if 2 * math.atan(t) <= max_angle]
    rational = [(float((1 - t * t) / (1 + t * t)), float(2 * t / (1 + t * t))) for t in slopes]
    cosine, sine = math.cos(max_angle), 0.0 if max_angle == math.pi else math.sin(max_angle)
    return (*rational, (cosine, sine), (cosine, -sine))


ALL_TURNS = turns(math.pi)


def frame(size: int, rotations: Rotations) -> Matrix:
    Q = np.eye(size)
    for i, j, (cosine, sine) in rotations:
        Q[[i, j]] = np.array([[cosine, -sine], [sine, cosine]]) @ Q[[i, j]]
    return Q


def symmetric_with(values: Matrix, rotations: Rotations) -> Matrix:
    Q = frame(len(values), rotations)
    A = (Q * values) @ Q.T
    return np.asarray((A + A.T) / 2 + 0.0)


def eigenvalue_rounding(values: Matrix, rotations: Rotations) -> float:
    """Bound on the rounding error of an eigenvalue in `symmetric_with`; 0 without rotations."""
    # Let u = eps / 2. The product errs by d^2 u max|values|, each rotation by 6 u in the frame, which enters twice.
    return (len(values) ** 2 + 8 * len(rotations)) * EPS * float(np.max(abs(values))) if rotations else 0.0
