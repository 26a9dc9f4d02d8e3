"""Results that several claims ask for, of runs and of targets, kept for the next claim that asks."""

import hashlib
from collections import OrderedDict
from collections.abc import Callable
from functools import wraps
from typing import TypeVar

import numpy as np

from dlr import Problem
from dlr.algorithms import PAPER_ALGORITHMS
from dlr.types import Complex, Matrix

__all__: list[str] = []

Result = TypeVar("Result", Matrix, tuple[Matrix, Matrix])
Few = TypeVar("Few", bound=float | Matrix | Complex | frozenset[str])

MOST_BYTES = 2**26
"""Bytes that the results of a function may take; the oldest are dropped."""


def shared(function: Callable[[Problem], Result]) -> Callable[[Problem], Result]:
    """Keep the arrays that a function returns, under a digest of the problem, and return them read-only.

    Only for the paper's own algorithms, whose steps depend on nothing else.
    """
    kept: OrderedDict[bytes, Result] = OrderedDict()
    held = 0

    @wraps(function)
    def once(problem: Problem) -> Result:
        nonlocal held
        if type(problem.algorithm) not in PAPER_ALGORITHMS.values():
            return function(problem)
        key = content(problem)
        if key in kept:
            return kept[key]
        kept[key] = result = function(problem)
        for array in _arrays(result):
            array.flags.writeable = False
        held += _bytes(result)
        while held > MOST_BYTES:
            held -= _bytes(kept.popitem(last=False)[1])
        return result

    return once


MOST_MATRICES = 2**10
"""Matrices of which the results of a function are kept; the oldest are dropped."""


def of_matrix(function: Callable[[Matrix], Few]) -> Callable[[Matrix], Few]:
    """Keep what a function makes of a matrix, some numbers or names, under a digest of it; arrays are read-only."""
    kept: OrderedDict[bytes, Few] = OrderedDict()

    @wraps(function)
    def once(matrix: Matrix) -> Few:
        key = hashlib.sha256(repr(matrix.shape).encode() + matrix.tobytes()).digest()
        if key not in kept:
            kept[key] = result = function(matrix)
            if isinstance(result, np.ndarray):
                result.flags.writeable = False
            if len(kept) > MOST_MATRICES:
                kept.popitem(last=False)
        return kept[key]

    return once


def _bytes(result: Matrix | tuple[Matrix, ...]) -> int:
    return sum(array.nbytes for array in _arrays(result))


def _arrays(result: Matrix | tuple[Matrix, ...]) -> tuple[Matrix, ...]:
    return result if isinstance(result, tuple) else (result,)


def content(problem: Problem) -> bytes:
    """Digest of all that the result of a run depends on."""
    start = problem.initial_layers
    numbers = (problem.depth, problem.algorithm, problem.tol, problem.max_steps, problem.engine, problem.target.shape)
    parts = [repr(numbers).encode(), np.asarray(problem.target).tobytes()]
    parts += [] if start is None else [repr(start.shape).encode(), np.asarray(start).tobytes()]
    return hashlib.sha256(b"".join(parts)).digest()
