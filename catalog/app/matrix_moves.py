"""Moves of a matrix: another one near it, of the same structure where that is exact.

A symmetric matrix stays symmetric and one of real Schur blocks keeps its blocks, to the last bit.
"""

import math

import numpy as np

from dlr import spectral
from dlr.matrices import symmetric_part
from dlr.types import Matrix


def moved_matrix(A: Matrix, size: float, rng: np.random.Generator) -> Matrix:
    """A matrix at a relative distance of about ``size``."""
    identity, scale = np.eye(len(A)), float(np.max(np.abs(A))) or 1.0
    kind = rng.choice(["scaled", "from the identity", "own", "own", "own"])
    if kind == "scaled":
        return np.asarray(factor(size, rng) * A)
    if kind == "from the identity":
        return np.asarray(identity + factor(size, rng) * (A - identity))
    diagonal = not np.any(A - np.diag(np.diag(A)))
    if np.array_equal(A, A.T) and not (diagonal and rng.random() < 0.3):
        return _moved_symmetric(A, size, scale, rng)
    return (_moved_blocks if spectral.have_blocks(A) else _moved_general)(A, size, scale, rng)


def factor(size: float, rng: np.random.Generator) -> float:
    """A factor whose logarithm is normal with deviation ``size``."""
    return float(np.exp(size * rng.standard_normal()))


def _moved_symmetric(A: Matrix, size: float, scale: float, rng: np.random.Generator) -> Matrix:
    d = len(A)
    kind = rng.choice(["noise", "entry", "spectrum", "shift", "equal", "turned"])
    if kind in ("noise", "entry"):
        change = size * scale * rng.standard_normal((d, d))
        if kind == "entry":
            change *= np.arange(d * d).reshape(d, d) == rng.integers(d * d)
        return symmetric_part(A + change)
    values, Q = np.linalg.eigh(A)
    if kind == "spectrum":
        values = values * np.exp(size * rng.standard_normal(d))
    elif kind == "shift":
        values[rng.integers(d)] += size * scale * rng.standard_normal()
    elif kind == "equal":
        values[rng.integers(d)] = values[rng.integers(d)]
    else:
        Q = _turn(d, size, rng) @ Q
    return symmetric_part((Q * values) @ Q.T)


def _turn(d: int, size: float, rng: np.random.Generator) -> Matrix:
    """A plane rotation by an angle of about ``size``."""
    i, j, angle = rng.integers(d), rng.integers(d), size * rng.standard_normal()
    turn = np.eye(d)
    if i != j:
        turn[[i, j, i, j], [i, j, j, i]] = math.cos(angle), math.cos(angle), -math.sin(angle), math.sin(angle)
    return turn


def _moved_blocks(A: Matrix, size: float, scale: float, rng: np.random.Generator) -> Matrix:
    """A block's entries moved, or two blocks of one row made a pair."""
    B, i, d = A.copy(), int(rng.integers(len(A))), len(A)
    if i > 0 and A[i, i - 1] != 0:
        i -= 1
    more = size * scale * rng.standard_normal(2)
    alone = i + 1 == d or (A[i + 1, i] == 0 and (i + 2 == d or A[i + 2, i + 1] != 0 or rng.random() < 0.7))
    if alone:
        B[i, i] += more[0]
    else:
        B[i + 1, i + 1] = B[i, i] = A[i, i] + more[0]
        B[i + 1, i] = A[i + 1, i] + more[1]
        B[i, i + 1] = -B[i + 1, i]
    return B


def _moved_general(A: Matrix, size: float, scale: float, rng: np.random.Generator) -> Matrix:
    d = len(A)
    kind = rng.choice(["noise", "entry", "relative", "singular values", "skew", "turned", "one side"])
    if kind == "noise":
        return np.asarray(A + size * scale * rng.standard_normal((d, d)))
    if kind == "entry":
        B = A.copy()
        B[rng.integers(d), rng.integers(d)] += size * scale * rng.standard_normal()
        return B
    if kind == "relative":
        return np.asarray(A * (1 + size * rng.standard_normal((d, d))))
    if kind == "singular values":
        U, values, V = np.linalg.svd(A)
        return np.asarray((U * (values * np.exp(size * rng.standard_normal(d)))) @ V)
    if kind == "skew":
        return np.asarray(symmetric_part(A) + factor(size, rng) * (A - A.T) / 2)
    turn = _turn(d, size, rng)
    return np.asarray(turn @ A @ turn.T if kind == "turned" else turn @ A)
