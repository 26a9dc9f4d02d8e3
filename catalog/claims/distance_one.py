r"""No near-identity theorem can allow a distance above 1.

Statement
---------
For every D > 1 and unit vector u the target ``Phi = I - D u u^T`` is at distance ``|Phi - I|_F = D`` from the identity,
and gradient descent, step-and-project and penalized gradient descent from the identity (L >= 2, step sizes as in
the negative-eigenvalue theorem) never get excess loss below ``(D - 1)^2 / 2``. So the 1/12 of the near-identity
theorem could at best become 1, where the excess loss at the start is 1/2.

Proof
-----
Phi is symmetric with eigenvalue ``1 - D < 0`` along u and 1 elsewhere; the negative-eigenvalue theorem gives
``(1 - D)^2 / 2``. With u the first coordinate vector, Phi is ``diag(-s, 1, ..., 1)`` with ``D = 1 + s``.

Link: https://arxiv.org/abs/1802.06093, remark after the theorem on targets near the identity.
"""

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from hypothesis import strategies as st

from catalog import conditions, ingredients
from catalog.claim import Claim, Control, Evidence, Kind
from catalog.claims.negative_eigenvalue_targets import (
    ON_THE_REDUCTION,
    deep,
    drawn,
    largest_step_size,
    long_steps,
    lowest_loss,
    plain,
    problems,
    step_size,
)
from catalog.sources import bhl
from catalog.traits import Trait, symmetric
from dlr import Problem
from dlr.matrices import distance_to_identity, symmetric_part
from dlr.types import Matrix


def deviation(matrix: Matrix) -> float:
    """``|I - Phi - D u u^T|_F / D`` with ``D = |Phi - I|_F`` and the best u; infinite at D = 0, or without symmetry."""
    if not symmetric.holds(matrix):
        return math.inf
    values: Matrix = np.asarray(np.linalg.eigvalsh(np.eye(len(matrix)) - matrix), dtype=np.float64)
    distance = math.hypot(*values)
    return math.hypot(*values[:-1], values[-1] - distance) / distance if distance > 0 else math.inf


one_direction = Trait("Phi = I - D u u^T", "lowered in one direction", "relative deviation", deviation, at_most=True)
beyond_one = Trait("D = |Phi - I|_F > 1", "beyond distance 1", "distance to I", distance_to_identity, threshold=1.0)


def lowered(distance: float, direction: Sequence[float]) -> Matrix:
    """``I - distance u u^T`` with u along ``direction``, or along the diagonal where that is zero."""
    u = np.array(direction if any(direction) else np.ones(len(direction)), dtype=float)
    return np.asarray(np.eye(len(u)) - distance * np.outer(u, u) / (u @ u))


def targets(smallest: float, largest: float) -> st.SearchStrategy[Matrix]:
    """``I - D u u^T`` with D in a range and directions of small integers."""
    directions = st.lists(st.integers(-3, 3), min_size=1, max_size=8)
    return st.builds(lowered, st.floats(smallest, largest), directions)


def floor(problem: Problem) -> float:
    """``(D - 1)^2 / 2``, from the eigenvalue ``1 - D``, which does not cancel."""
    return float(np.linalg.eigvalsh(symmetric_part(problem.target))[0]) ** 2 / 2


def draws() -> st.SearchStrategy[Problem]:
    """Distances just above 1 to 10, all algorithms, depths to 64."""
    return drawn(st.one_of(targets(1.001, 2.0), targets(1.001, 10.0)))


def inside_one() -> st.SearchStrategy[Problem]:
    """The same targets at distances below 1, which are positive definite."""
    return st.builds(plain, targets(0.1, 0.9), st.integers(2, 8))


def raised() -> st.SearchStrategy[Problem]:
    """``I + D u u^T``: as far away, in the other direction."""
    return st.builds(plain, targets(1.2, 3.0).map(lambda target: 2 * np.eye(len(target)) - target), st.integers(2, 8))


def one_layer() -> st.SearchStrategy[Problem]:
    """Depth 1, where gradient descent learns everything."""
    return st.builds(plain, targets(1.2, 3.0), st.just(1))


def shallow() -> st.SearchStrategy[Problem]:
    """Plain gradient descent at depth 2 to 4."""
    return st.builds(plain, targets(1.2, 2.0), st.integers(2, 4))


def dense_runs() -> st.SearchStrategy[Problem]:
    """The layers themselves, in dimensions where rounding breaks the symmetry, until it leaves the saddle."""
    directions = st.lists(st.integers(1, 3), min_size=2, max_size=4)
    return st.builds(
        lambda target, depth: replace(plain(target, depth, 0.8), engine="compiled", max_steps=15_000),
        st.builds(lowered, st.floats(2.5, 4.0), directions),
        st.integers(3, 5),
    )


@Claim.define(
    "P2",
    source=bhl("near-identity theorem, sharpness"),
    kind=Kind.LOWER_BOUND,
    partner="P4b",
    hypotheses=(one_direction, beyond_one, *ON_THE_REDUCTION, step_size),
    quantity="lowest excess loss",
    problems=problems,
    confined=("condition", "margin"),
    draws=draws,
    depths=(2, 3, 8),
    largest_step_size=largest_step_size,
    floor=floor,
    controls=(
        Control("raised instead of lowered", drops=one_direction, draws=raised),
        Control("distance below 1", drops=beyond_one, draws=inside_one),
        Control("one layer", drops=deep, draws=one_layer),
        Control("longer steps at odd depth", drops=step_size, draws=long_steps),
        Control(
            "zero-asymmetric start",
            drops=conditions.identity_start,
            draws=lambda: ingredients.from_zero_asymmetric(shallow()),
        ),
        Control(
            "the first layer faster",
            drops=conditions.regularized_descent,
            draws=lambda: ingredients.with_the_first_layer_faster(shallow()),
        ),
        Control("the layers in floating point", drops=conditions.exact_arithmetic, draws=dense_runs),
    ),
)
def distance_one_fails(problem: Problem) -> Evidence:
    """At every distance D > 1 from the identity some target's excess loss never falls below ``(D - 1)^2 / 2``.

    Observed is the lowest excess loss over the horizon.
    """
    return lowest_loss(problem, floor(problem))
