"""Moves of a search: another problem near a given one.

The step size keeps its share of the largest proved one, power projection its share of the target's margin, and a start
that follows from target and depth is made anew. Whether the result is inside the hypotheses is for the claim to say.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any, TypeAlias, cast

import numpy as np

from catalog._work import WORK
from catalog.app.matrix_moves import factor, moved_matrix
from catalog.claim import Claim
from catalog.conditions import raised
from catalog.ingredients import gamma
from dlr import Problem, matrices, network
from dlr.arguments import InputError
from dlr.solver import at_step_size
from dlr.types import Matrix

MOST_LAYERS = 100
MOST_ROWS = 16

Move: TypeAlias = Callable[[Problem, float, np.random.Generator], Problem]


@dataclass(frozen=True)
class Perturbation:
    """Draws problems near others.

    Attributes
    ----------
    claim : Claim
    without : str, optional
        Name of the hypothesis that the problems drop, whose repair would defeat the search.
    """

    claim: Claim
    without: str | None = None

    def __call__(self, problem: Problem, size: float, rng: np.random.Generator) -> Problem | None:
        """A problem one or two moves of relative size ``size`` away; None where the moves lead to none."""
        given = has_own_start(problem)
        moves: list[Move] = [_moved_target, _other_depth, _other_step_size, _other_limits, _other_parameters]
        weights = np.array([0.6, 0.12, 0.12, 0.08, 0.08])
        if given:
            moves, weights = [*moves, _moved_layers], np.append(weights / 2, 0.5)
        moved = problem
        try:
            for k in rng.choice(len(moves), size=rng.choice([1, 2], p=[0.7, 0.3]), replace=False, p=weights):
                moved = moves[int(k)](moved, size, rng)
            return self.settled(problem, moved)
        except (InputError, ArithmeticError, np.linalg.LinAlgError):
            return None

    def settled(self, before: Problem, after: Problem) -> Problem:
        """``after`` with margin, step size and tolerance where they were relative to what is allowed."""
        if "margin" in parameters_of(after) and after.target is not before.target:
            share = gamma(after) / min(1.0, matrices.margin(before.target))
            after = with_parameters(after, margin=share * min(1.0, matrices.margin(after.target)))
        allowed, allowed_before = self._step_size(after), self._step_size(before)
        if allowed is not None:
            eta = after.step_size
            if allowed_before is not None and (after.target is not before.target or after.depth != before.depth):
                eta *= allowed / allowed_before
            if self.without is None:
                eta = min(eta, allowed)
            after = replace(after, algorithm=at_step_size(after.algorithm, eta))
        names = {hypothesis.name for hypothesis in self.claim.hypotheses}
        if self.claim.contraction and "sqrt(2 tol) >= 10 rounding errors" in names - {self.without}:
            after = replace(after, tol=raised(after.tol, self.claim.contraction(after)))
        return after

    def _step_size(self, problem: Problem) -> float | None:
        """The largest proved, or the claim's own on this target; None where every size is or it has none."""
        if self.claim.largest_step_size is not None:
            largest = self.claim.largest_step_size(problem)
        elif has_own_start(problem):
            return None
        else:
            own = self.claim.problems(problem.target, problem.depth)
            sizes = [other.step_size for other in own if type(other.algorithm) is type(problem.algorithm)]
            largest = max(sizes, default=math.inf)
        return largest if 0 < largest < math.inf else None


STARTS: dict[str, Callable[[Matrix, int], Matrix]] = {
    "zero": lambda target, depth: np.zeros((depth, *target.shape)),
    "zero-asymmetric": network.zero_asymmetric_layers,
    "balanced": matrices.balanced_layers,
}
"""Starts, other than the identity, that follow from target and depth."""


def named_start(problem: Problem) -> str | None:
    """The name in `STARTS` of the start; None for the identity and for layers that are a choice of their own."""
    if problem.initial_layers is None:
        return None
    made = ((name, start(problem.target, problem.depth)) for name, start in STARTS.items())
    return next((name for name, layers in made if np.array_equal(layers, problem.initial_layers)), None)


def has_own_start(problem: Problem) -> bool:
    """Whether the start is a choice of its own, neither the identity nor one of `STARTS`."""
    return problem.initial_layers is not None and named_start(problem) is None


def with_start(problem: Problem, target: Matrix, depth: int, layers: Matrix | None = None) -> Problem:
    """The problem on another target and depth, with these layers or with its own kind of start."""
    name = named_start(problem) if layers is None else None
    return replace(problem, target=target, depth=depth, initial_layers=STARTS[name](target, depth) if name else layers)


def parameters_of(problem: Problem) -> dict[str, float]:
    """Parameters of the algorithm but for the step size."""
    algorithm: Any = problem.algorithm
    named = [field.name for field in fields(algorithm) if field.init] if is_dataclass(algorithm) else []
    return {name: getattr(algorithm, name) for name in named if name != "step_size"}


def with_parameters(problem: Problem, **parameters: float) -> Problem:
    """The problem with other parameters of its algorithm."""
    return replace(problem, algorithm=cast(Any, replace(cast(Any, problem.algorithm), **parameters)))


def _other_depth(problem: Problem, size: float, rng: np.random.Generator) -> Problem:
    by = max(1, round(size * problem.depth * abs(rng.standard_normal()))) * rng.choice([-1, 1])
    depth = int(np.clip(problem.depth + by, 1, MOST_LAYERS))
    layers = problem.initial_layers if has_own_start(problem) else None
    if layers is not None:
        layers = layers[np.sort(rng.choice(len(layers), size=depth, replace=depth > len(layers)))]
    return with_start(problem, problem.target, depth, layers)


def _other_step_size(problem: Problem, size: float, rng: np.random.Generator) -> Problem:
    return replace(problem, algorithm=at_step_size(problem.algorithm, problem.step_size * factor(size, rng)))


def _other_limits(problem: Problem, size: float, rng: np.random.Generator) -> Problem:
    """Another tolerance or number of steps."""
    if rng.random() < 0.5:
        return replace(problem, tol=problem.tol * factor(4 * size, rng))
    steps = max(1, round(problem.max_steps * factor(size, rng)))
    most = max(WORK // problem.depth, problem.max_steps)
    return replace(problem, max_steps=min(steps, most) if problem.max_steps else 0)


def _other_parameters(problem: Problem, size: float, rng: np.random.Generator) -> Problem:
    """Another margin, radius or strength; another target where the algorithm has none."""
    parameters = parameters_of(problem)
    if not parameters:
        return _moved_target(problem, size, rng)
    name = str(rng.choice(sorted(parameters)))
    return with_parameters(problem, **{name: parameters[name] * factor(size, rng)})


def _moved_layers(problem: Problem, size: float, rng: np.random.Generator) -> Problem:
    """Layers perturbed, pulled to the identity or away from it, exchanged; equal ones together."""
    assert problem.initial_layers is not None, "only the layers of a free start are moved"
    layers, identity = problem.initial_layers, np.eye(len(problem.target))
    distinct, order = np.unique(layers, axis=0, return_inverse=True)
    order, k = order.ravel(), rng.integers(len(distinct))
    kind = rng.choice(["all", "one", "nearer", "one nearer", "copied", "towards"])
    if kind == "all":
        distinct = distinct + size * np.max(np.abs(distinct - identity)) * rng.standard_normal(distinct.shape)
    elif kind == "one":
        distinct[k] += size * np.max(np.abs(distinct - identity)) * rng.standard_normal(identity.shape)
    elif kind == "nearer":
        distinct = identity + factor(size, rng) * (distinct - identity)
    elif kind == "one nearer":
        distinct[k] = identity + factor(size, rng) * (distinct[k] - identity)
    elif kind == "copied":
        order[order == k] = rng.integers(len(distinct))
    else:
        distinct = distinct + min(size, 1.0) * (np.mean(layers, axis=0) - distinct)
    return replace(problem, initial_layers=distinct[order])


def _moved_target(problem: Problem, size: float, rng: np.random.Generator) -> Problem:
    if rng.random() < 0.1 and type(problem) is Problem:  # what a problem of another kind holds has the old dimension
        return _other_dimension(problem, rng)
    target = moved_matrix(problem.target, size, rng)
    return with_start(problem, target, problem.depth, problem.initial_layers if has_own_start(problem) else None)


def _other_dimension(problem: Problem, rng: np.random.Generator) -> Problem:
    """A row and its column left out, or one more axis with 1 or a drawn entry of the diagonal on it."""
    A, d = problem.target, len(problem.target)
    stack = A[None] if not has_own_start(problem) else np.concatenate([A[None], cast(Matrix, problem.initial_layers)])
    if d > 1 and (rng.random() < 0.5 or d >= MOST_ROWS):
        kept = np.delete(np.arange(d), rng.integers(d))
        stack = stack[:, kept][:, :, kept]
    else:
        stack = np.pad(stack, ((0, 0), (0, 1), (0, 1)))
        stack[:, d, d] = 1.0
        stack[0, d, d] = rng.choice([1.0, A[rng.integers(d), -1], np.diag(A)[rng.integers(d)]])
    return with_start(problem, stack[0], problem.depth, stack[1:] if len(stack) > 1 else None)
