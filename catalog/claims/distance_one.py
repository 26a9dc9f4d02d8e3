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

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from hypothesis import strategies as st

from catalog import conditions
from catalog.claim import Control, Evidence, Kind, Problem, claim
from catalog.claims.negative_eigenvalue import deep, instances, long_steps, lowest_loss, plain, problems, step_size
from catalog.sources import bhl
from catalog.traits import Trait
from dlr import network
from dlr.matrices import distance_to_identity
from dlr.types import Matrix


def deviation(matrix: Matrix) -> float:
    """How far ``I - Phi`` is from ``D u u^T`` with ``D = |Phi - I|_F``, relative to D."""
    change = np.eye(len(matrix)) - matrix
    distance = np.linalg.norm(change)
    largest = np.linalg.eigvalsh((change + change.T) / 2)[-1]  # D exactly where I - Phi = D u u^T, less elsewhere
    return float(1 - largest / distance) if distance > 0 else 1.0


one_direction = Trait("Phi = I - D u u^T", "lowered in one direction", "relative deviation", deviation, at_most=True)
beyond_one = Trait("D = |Phi - I|_F > 1", "beyond distance 1", "distance to I", distance_to_identity, threshold=1.0)


def lowered(distance: float, direction: Sequence[float]) -> Matrix:
    """``I - distance u u^T`` with u along ``direction``, or along the first axis where that is zero."""
    u = np.array(direction, dtype=float)
    u[0] = 1.0 if not u.any() else u[0]
    return np.asarray(np.eye(len(u)) - distance * np.outer(u, u) / (u @ u))


def targets(smallest: float, largest: float) -> st.SearchStrategy[Matrix]:
    """``I - D u u^T`` with D in a range and directions of small integers."""
    directions = st.lists(st.integers(-3, 3), min_size=1, max_size=8)
    return st.builds(lowered, st.floats(smallest, largest), directions)


def draws() -> st.SearchStrategy[Problem]:
    """Distances just above 1 to 10, all algorithms, depths to 64."""
    return instances(st.one_of(targets(1.001, 2.0), targets(1.001, 10.0)))


def inside_one() -> st.SearchStrategy[Problem]:
    """The same targets at distances below 1, which are positive definite."""
    return st.builds(plain, targets(0.1, 0.9), st.integers(2, 8))


def raised() -> st.SearchStrategy[Problem]:
    """``I + D u u^T``: as far away, in the other direction."""
    return st.builds(plain, targets(1.2, 3.0).map(lambda target: 2 * np.eye(len(target)) - target), st.integers(2, 8))


def one_layer() -> st.SearchStrategy[Problem]:
    """Depth 1, where gradient descent learns everything."""
    return st.builds(plain, targets(1.2, 3.0), st.just(1))


def zero_asymmetric_start() -> st.SearchStrategy[Problem]:
    """Identity layers but for a zero last one."""
    return st.builds(
        lambda target, depth: replace(plain(target, depth), layers=network.zero_asymmetric_layers(target, depth)),
        targets(1.2, 2.0),
        st.integers(2, 4),
    )


@claim(
    "P2",
    source=bhl("near-identity theorem, sharpness"),
    kind=Kind.LOWER_BOUND,
    hypotheses=(one_direction, beyond_one, deep, step_size, conditions.identity_start),
    quantity="lowest excess loss",
    problems=problems,
    confined=("condition", "margin"),
    draws=draws,
    depths=(2, 3, 8),
    controls=(
        Control("raised instead of lowered", drops=one_direction, draws=raised),
        Control("distance below 1", drops=beyond_one, draws=inside_one),
        Control("one layer", drops=deep, draws=one_layer),
        Control("longer steps at odd depth", drops=step_size, draws=long_steps),
        Control("zero-asymmetric start", drops=conditions.identity_start, draws=zero_asymmetric_start),
    ),
)
def distance_one_fails(problem: Problem) -> Evidence:
    """At every distance D > 1 from the identity some target's excess loss never falls below ``(D - 1)^2 / 2``.

    Observed is the lowest excess loss over the horizon.
    """
    return lowest_loss(problem, (distance_to_identity(problem.target) - 1) ** 2 / 2)
