r"""The projection onto the gamma-positive matrices: idempotent, firmly non-expansive, and away from singular matrices.

Statement
---------
A is gamma-positive when ``u^T A u >= gamma |u|^2`` for all u. Let P keep the skew part of a matrix and clip the
eigenvalues of its symmetric part at gamma.

1. *Idempotent.* P maps to gamma-positive matrices and leaves these as they are; so ``P(P(A)) = P(A)``.
2. *Firmly non-expansive.* ``|P(A) - P(B)|_F^2 + |(A - P(A)) - (B - P(B))|_F^2 <= |A - B|_F^2`` for all ``A`` and B. In
   particular ``|P(A) - Phi|_F <= |A - Phi|_F`` for gamma-positive Phi.
3. *Away from singular.* ``sigma_min(A) >= gamma`` for gamma-positive A.

Proof
-----
1. ``u^T A u`` sees the symmetric part only, whose eigenvalues P lifts to gamma, or leaves if they are that large.
2. The gamma-positive matrices are a closed convex set: an intersection of half-spaces, one for each u. Symmetric and
   skew matrices are orthogonal to each other, so the nearest point (Frobenius) keeps the skew part and takes the
   nearest symmetric matrix with ``eigenvalues >= gamma``, which is clipping. And nearest-point maps onto convex sets
   are firmly so: ``<A - P(A), P(B) - P(A)> <= 0`` and the same with ``A`` and B exchanged add up to
   ``|X|^2 <= <A - B, X>`` with ``X = P(A) - P(B)``. So ``|X|^2 + |A - B - X|^2``, which is
   ``|A - B|^2 + 2 (|X|^2 - <A - B, X>)``, is at most ``|A - B|^2``. A gamma-positive Phi is its own P(Phi). Reflecting
   in the set, twice as far, is non-expansive too, but not firmly.
3. ``|A u| |u| >= u^T A u >= gamma |u|^2``.

Rounding, in `dlr.rounding.matrix_rounding` relative to ``|A| + gamma``: an eigenvalue of the symmetric part is off by 1
operation, and the hypothesis allows 2; P rebuilds with 2 more. d eigenvalues make ``sqrt(d)`` in Frobenius norm.

Link: https://arxiv.org/abs/1802.06093, power projection.
"""

import math
from collections.abc import Iterator
from itertools import combinations

import numpy as np
from hypothesis import strategies as st

from catalog import strategies
from catalog.claim import Claim, Condition, Control, Evidence, Kind
from catalog.claims._points import given, norm
from catalog.ingredients import gamma
from catalog.sources import bhl
from dlr import PowerProjection, Problem, matrices
from dlr.rounding import matrix_rounding
from dlr.types import Matrix


def rounding_allowance(matrix: Matrix, margin: float, operations: int) -> float:
    """Rounding allowance in spectral norm."""
    return matrix_rounding(len(matrix), operations) * (norm(matrix) + margin)


def has_margin(problem: Problem) -> bool:
    """Whether the target is gamma-positive, up to rounding."""
    return matrices.margin(problem.target) >= gamma(problem) - rounding_allowance(problem.target, gamma(problem), 2)


margin_positive = Condition("u^T Phi u >= gamma |u|^2", has_margin)


def instance(target: Matrix, margin: float, points: Matrix | None = None) -> Problem:
    """The problem of a target, a margin and points to project."""
    depth = 1 if points is None else len(points)
    return Problem(target, depth, PowerProjection(margin, step_size=1.0), initial_layers=points)


def own_margin(target: Matrix) -> float:
    """The target's margin, at most 1; 1 where it has none."""
    margin = matrices.margin(target)
    return min(1.0, margin) if margin > 0 else 1.0


def problems(target: Matrix, depth: int) -> Iterator[Problem]:
    """On a named target: its own margin."""
    yield instance(target, own_margin(target))


def point_problems(target: Matrix, depth: int) -> Iterator[Problem]:
    """On a named target: its own margin, and L points on the line through it and zero, which is not in the set."""
    points = np.linspace(-1.0, 2.0, depth)[:, None, None] * target
    yield instance(target, own_margin(target), points)


def margins() -> st.SearchStrategy[float]:
    """Margins gamma from 0.001 to 1."""
    return st.sampled_from([1.0, 0.1, 0.5, 0.01, 0.001])


@st.composite
def draws(draw: st.DrawFn) -> Problem:
    """On the boundary, inside, and projected there from anywhere; d to 16."""
    how = draw(st.sampled_from(["boundary", "inside", "projected"]))
    if how == "projected":
        margin = draw(margins())
        anywhere = st.one_of(strategies.general(), strategies.general(min_dimension=9, max_dimension=16))
        target = matrices.project_to_margin(draw(anywhere), margin)
        return instance(target, min(margin, own_margin(target)))  # it may miss the margin by the rounding of a far lift
    target = draw(
        st.one_of(
            strategies.margin_positive(min_margin=1e-3),
            strategies.margin_positive(min_dimension=9, max_dimension=16),
        )
    )
    return instance(target, own_margin(target) * (1.0 if how == "boundary" else draw(margins())))


@st.composite
def point_draws(draw: st.DrawFn) -> Problem:
    """A gamma-positive target and up to eight points: anywhere, or some way from the target."""
    inside = draw(draws())
    d = len(inside.target)
    away = st.sampled_from([1.0, 0.0, 1e-3, 1e-9])
    matrix = strategies.general(min_dimension=d, max_dimension=d)
    near = st.builds(lambda scale, direction: inside.target + scale * direction, away, matrix)
    points = draw(st.lists(st.one_of(near, matrix), min_size=1, max_size=8))
    return instance(inside.target, gamma(inside), np.stack(points))


def indefinite() -> st.SearchStrategy[Problem]:
    """Symmetric targets with a negative eigenvalue."""
    return st.builds(instance, strategies.negative_eigenvalue(), margins())


def from_outside() -> st.SearchStrategy[Problem]:
    """The point to project is the target itself, which lies outside the set: the projection moves away from it."""
    return indefinite().map(lambda problem: instance(problem.target, gamma(problem), problem.target[None]))


@Claim.define(
    "I5",
    source=bhl("power projection"),
    kind=Kind.INVARIANT,
    hypotheses=(margin_positive,),
    quantity="move or margin missing, over its rounding allowance",
    problems=point_problems,
    confined=("depth",),
    draws=point_draws,
    controls=(Control("negative eigenvalue", drops=margin_positive, draws=from_outside),),
)
def margin_projection_idempotent(problem: Problem) -> Evidence:
    """The margin projection gives every matrix the margin, and leaves one that has it as it is.

    Observed is the largest of how far it moves the target, how far it moves a projected point again, and what projected
    points lack in margin, each in units of its rounding allowance.
    """
    Phi, margin = problem.target, gamma(problem)
    ratios = []
    for before, once in [
        (Phi, Phi),
        *((point, matrices.project_to_margin(point, margin)) for point in given(problem)),
    ]:
        moved = float(np.linalg.norm(matrices.project_to_margin(once, margin) - once))
        allowed = np.sqrt(len(Phi)) * rounding_allowance(before, margin, 5)
        ratios.append(max(moved, margin - matrices.margin(once)) / allowed)
    return Evidence(float(max(ratios)), 1.0)


@Claim.define(
    "I6",
    source=bhl("power projection"),
    kind=Kind.UPPER_BOUND,
    hypotheses=(margin_positive,),
    quantity="distance after and between moves, over that before",
    problems=point_problems,
    confined=("depth",),
    draws=point_draws,
    controls=(Control("target outside", drops=margin_positive, draws=from_outside),),
)
def margin_projection_non_expansive(problem: Problem) -> Evidence:
    """The margin projection is firmly non-expansive: what it moves apart differently, it brings together.

    Observed is the largest ``sqrt(|P(A) - P(B)|^2 + |(A - P(A)) - (B - P(B))|^2) / |A - B|``, over all pairs of points
    and for each point and the target; the rounding allowance is added to the distance before.
    """
    margin, Phi = gamma(problem), problem.target
    moved = [(point, matrices.project_to_margin(point, margin)) for point in given(problem)]
    ratios = [
        math.hypot(float(np.linalg.norm(PA - PB)), float(np.linalg.norm((A - PA) - (B - PB))))
        / (
            float(np.linalg.norm(A - B))
            + np.sqrt(2 * len(Phi)) * (rounding_allowance(A, margin, 5) + rounding_allowance(B, margin, 5))
        )
        for (A, PA), (B, PB) in combinations([*moved, (Phi, Phi)], 2)
    ]
    return Evidence(float(max(ratios)), 1.0)


@Claim.define(
    "I9",
    source=bhl("power projection"),
    kind=Kind.LOWER_BOUND,
    hypotheses=(margin_positive,),
    quantity="least singular value",
    problems=problems,
    confined=("depth",),
    draws=draws,
    depths=(1,),
    controls=(Control("negative eigenvalue", drops=margin_positive, draws=indefinite),),
)
def margin_bounds_singular_values(problem: Problem) -> Evidence:
    """A gamma-positive matrix has least singular value at least gamma."""
    margin = gamma(problem)
    least = float(np.linalg.svd(problem.target, compute_uv=False)[-1])
    return Evidence(least, margin, rounding_allowance(problem.target, margin, 3))
