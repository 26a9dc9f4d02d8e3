"""A violation made small and readable, and the script that shows it again."""

import math
from collections.abc import Iterator
from dataclasses import fields, replace
from typing import Any

import numpy as np

from catalog.app.attempt import Try
from catalog.app.falsification import Search
from catalog.app.perturbation import (
    Perturbation,
    has_own_start,
    named_start,
    parameters_of,
    with_parameters,
    with_start,
)
from dlr import Problem
from dlr.arguments import InputError
from dlr.solver import at_step_size
from dlr.types import Matrix

CHECKS = 1_000
"""Simpler problems that are tried."""


def simplified(search: Search, found: Try) -> Try:
    """The simplest problem found that still violates the claim, inside the same hypotheses as ``found``.

    Greedily: fewer dimensions, fewer layers, shorter numbers, fewer steps.
    """
    settle, left = Perturbation(search.claim, search.without).settled, CHECKS
    pending = _simpler(found.problem)
    with np.errstate(all="ignore"):
        while left > 0:
            candidate = next(pending, None)
            if candidate is None:
                break
            for problem in _at_step_sizes(settle, found.problem, candidate):
                if complexity(problem) >= complexity(found.problem):
                    continue
                left -= 1
                tried = search.checked(problem)
                if tried is not None and tried.violates:
                    found, pending = tried, _simpler(problem)
                    break
    return found


def complexity(problem: Problem) -> tuple[int, ...]:
    """What makes a problem hard to read, the worst first."""
    start = _length(np.unique(problem.start, axis=0)) if has_own_start(problem) else problem.initial_layers is not None
    numbers = [problem.step_size, problem.tol, *parameters_of(problem).values()]
    return len(problem.target), problem.depth, start, _length(problem.target), _length(numbers), problem.max_steps


def _length(numbers: Matrix | list[float]) -> int:
    """Characters of the numbers, counting one more for each that is not 0."""
    flat = [float(x) for x in np.ravel(numbers)]
    return sum(len(repr(x).removesuffix(".0")) + (x != 0) for x in flat)


def _at_step_sizes(settle: Any, before: Problem, after: Problem) -> Iterator[Problem]:
    """As it is, and with the step size where it was relative to the largest."""
    yield after
    if after.target is not before.target or after.depth != before.depth:
        try:
            yield settle(before, after)
        except (InputError, ArithmeticError, np.linalg.LinAlgError):
            return


def _simpler(problem: Problem) -> Iterator[Problem]:
    """Problems that may be simpler, the greatest gains first."""
    A, depth = problem.target, problem.depth
    layers = problem.initial_layers if has_own_start(problem) else None
    if type(problem) is Problem:
        for axis in range(len(A)) if len(A) > 1 else ():
            kept = np.delete(np.arange(len(A)), axis)
            yield with_start(problem, A[kept][:, kept], depth, None if layers is None else layers[:, kept][:, :, kept])
    for fewer in dict.fromkeys((1, 2, 3, 4, depth // 2, depth - 1)):
        if 0 < fewer < depth:
            yield with_start(problem, A, fewer, None if layers is None else layers[:fewer])
    if layers is not None:
        yield replace(problem, initial_layers=np.broadcast_to(layers.mean(axis=0), layers.shape).copy())
        yield from (replace(problem, initial_layers=rounded) for rounded in _rounded(layers))
    for rounded in (np.eye(len(A)), *_rounded(A), *_entry_by_entry(A)):
        yield with_start(problem, rounded, depth, layers)
    for eta in _shorter(problem.step_size):
        yield replace(problem, algorithm=at_step_size(problem.algorithm, eta))
    for name, value in parameters_of(problem).items():
        yield from (with_parameters(problem, **{name: shorter}) for shorter in _shorter(value))
    for tol in (1e-9, 1e-6, *_shorter(problem.tol)):
        yield replace(problem, tol=tol)
    for steps in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, problem.max_steps // 2):
        if steps < problem.max_steps:
            yield replace(problem, max_steps=steps)


def _rounded(numbers: Matrix) -> Iterator[Matrix]:
    scale = math.floor(math.log10(np.max(np.abs(numbers)) or 1.0))
    for digits in range(6):
        yield np.round(numbers, digits - scale) + 0.0


def _shorter(value: float) -> Iterator[float]:
    """The same number to a few digits, rounded to the nearest, down and up."""
    if value > 0 and math.isfinite(value):
        for digits in range(5):
            unit = 10.0 ** (math.floor(math.log10(value)) - digits)
            if unit == 0:  # fewer digits are left of a subnormal number
                return
            for count in (round(value / unit), math.floor(value / unit), math.ceil(value / unit)):
                if count > 0:
                    yield float(f"{count * unit:.{digits + 1}g}")


def _entry_by_entry(A: Matrix) -> Iterator[Matrix]:
    """One entry, its mirror image and the like-valued ones of its block or matrix made 0, 1 or shorter."""
    for i, j in zip(*np.nonzero(A), strict=True):
        value, entry = A[i, j], np.zeros(A.shape, dtype=bool)
        entry[i, j] = True
        for new in dict.fromkeys([0.0, 1.0, -1.0, *(math.copysign(short, value) for short in _shorter(abs(value)))]):
            for same in (np.abs(A) == abs(value), entry | entry.T):
                yield np.where(same, new * np.sign(A) * np.sign(value), A) + 0.0


def script(found: Try) -> str:
    """Two lines of Python that check the problem again."""
    problem = found.problem
    kinds = {type(problem), type(problem.algorithm)}
    imports = "; ".join(f"from {kind.__module__} import {kind.__name__}" for kind in sorted(kinds, key=str))
    given = [repr_of(problem.target), str(problem.depth), _algorithm(problem)]
    for field in fields(problem)[3:]:
        value = getattr(problem, field.name)
        if field.name == "initial_layers" and value is not None:
            given.append(f"initial_layers={_layers(problem)}")
        elif isinstance(value, np.ndarray) or value != field.default:
            given.append(f"{field.name}={repr_of(value)}")
    made = f"{type(problem).__name__}({', '.join(given)})"
    modules = [name for name in ("matrices", "network") if f"{name}." in made]
    if modules:
        imports = f"from dlr import {', '.join(modules)}; {imports}"
    return (
        f"import numpy as np; from catalog.registry import claim_named; {imports}\n"
        f'claim = claim_named("{found.claim.identifier}"); evidence = claim({made}); '
        "print(evidence, evidence.holds(claim.kind))"
    )


def repr_of(value: Any) -> str:
    """Python of a value, of a matrix as a NumPy array."""
    if isinstance(value, np.ndarray):
        return f"np.array({value.tolist()!r})"
    return repr(value.item() if isinstance(value, np.generic) else value)


def _algorithm(problem: Problem) -> str:
    given = {**parameters_of(problem), "step_size": problem.step_size}
    return f"{type(problem.algorithm).__name__}({', '.join(f'{name}={repr_of(x)}' for name, x in given.items())})"


def _layers(problem: Problem) -> str:
    layers = problem.initial_layers
    assert layers is not None, "a start that is not the identity has its layers given"
    name = named_start(problem)
    if name == "zero":
        return f"np.zeros({layers.shape})"
    if name is not None:
        made = {"balanced": "matrices.balanced_layers", "zero-asymmetric": "network.zero_asymmetric_layers"}[name]
        return f"{made}({repr_of(problem.target)}, {problem.depth})"
    distinct, order = np.unique(layers, axis=0, return_inverse=True)
    return f"{repr_of(distinct)}[{order.ravel().tolist()}]"
