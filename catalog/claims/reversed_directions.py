r"""Directions that the target's polar factor reverses stay: two layers, or any depth in the plane, never learn them.

Statement
---------
Let the layers follow gradient flow from the identity, and let ``Phi = Q A`` be the polar form of a nonsingular target.

N7d. Let L = 2, or d = 2 and ``L >= 2``. If -1 is an eigenvalue of Q, m times, then for all t

    ``l_t >= 1/2 (sum of the m smallest sigma_i(Phi)^2)``.

With flow-learns-unless-reversed and planar-flow-learns-unless-reversed: where L = 2, or d = 2 and ``L >= 2``, gradient
flow learns a nonsingular target if and only if its orthogonal polar factor has no eigenvalue -1.

Proof
-----
Let ``W = R B`` be the polar form of the product.

L = 2. By the proof of polar-factor-by-cayley ``G = Q^T R`` is ``Z X^{-1}`` with ``X + Z = e^{t A} (I + Q^T)`` and ``X
- Z = e^{-t A} (I - Q^T)``. On ``N = X ker(I + Q^T) = e^{-t A} ker(I + Q^T)``, of dimension m, ``Z = -X`` gives ``G =
-I``, and so does ``G^T``. With P the projection to N, ``|E|_F = |G B - A|_F >= |P (G B - A) P|_F = |P (B + A) P|_F >=
|P A P|_F``, as B and A are positive; by Cauchy's interlacing that is at least the root of the sum of the m smallest
squared eigenvalues of A.

d = 2. No singular value of W reaches 0 in finite time, so det W stays positive. If det Phi < 0, then m = 1, and every
matrix of positive determinant is at least as far from Phi as the nearest singular one, that is sigma_2. Else ``Q = -I``
and m = 2: Phi is symmetric and keeps W so, hence positive definite, and ``|W - Phi|_F = |W + A|_F >= |A|_F``.

For d = 4 and L = 3 it is false: the control "three layers" is learned.

Rounding of Q. An eigenvalue -1 is one up to rounding. What is missing grows along the way by ``e^{2 |Phi| t}`` for L =
2, where Z - X decays and Z + X grows; in the plane the angle between R and -Q grows at the rate ``2 w |lambda| <= L
b^{1 - 2/L} |Phi|`` (planar-flow-learns-unless-reversed), ``b = max(1, |Phi|)``. Over the sampled times that is at most
e^8.

Link: https://arxiv.org/abs/1802.06093, theorems on margins; the flow statements are this project's.
"""

import math
from collections.abc import Iterator

import numpy as np
from hypothesis import strategies as st

from catalog.claim import Claim, Condition, Control, Evidence, Kind
from catalog.claims import gradient_flow
from catalog.claims._points import norm_or_one
from catalog.claims.gradient_flow import LONG, SHORT, distances, half_turns, moderate, on_both, problem_on
from catalog.claims.planar_flow import reversed_planes
from dlr import Problem, matrices
from dlr.rounding import matrix_rounding, power
from dlr.types import Matrix

two_layers_or_planar = Condition(
    "L = 2, or d = 2 and L > 2",
    lambda problem: problem.depth == 2 or (len(problem.target) == 2 and problem.depth > 2),
)
a_half_turn = Condition("Q has the eigenvalue -1", lambda problem: half_turns(problem.target) > 0)


def problems(target: Matrix, depth: int) -> Iterator[Problem]:
    """On a named target, unless it is large: the flow for the shorter time."""
    yield from gradient_flow.problems(target, depth, SHORT)


def draws() -> st.SearchStrategy[Problem]:
    """Flows to targets whose polar factor has the eigenvalue -1, for the shorter time."""
    return on_both(gradient_flow.reversed_targets(), reversed_planes(), SHORT)


def turned_targets() -> st.SearchStrategy[Problem]:
    """Quarter turns of small matrices, learned soon."""
    return st.builds(
        lambda angle, low: problem_on(
            matrices.plane_rotations(np.array([angle]), 2) @ np.diag([1.0, low]), 2, 2 * LONG
        ),
        st.floats(0.5, 1.5),
        st.floats(0.8, 1.0),
    )


def exception_at_depth_three() -> st.SearchStrategy[Problem]:
    """A polar factor of half a turn beside a quarter turn, for long enough."""
    exception = np.array([[-4.0, 0, 1, -2], [0, -4, 1, 0], [-2, 0, 0, -3], [-1, -1, 3, 0]])
    return st.floats(0.8, 1.2).map(lambda scale: problem_on(scale * exception, 3, 1_500))


def one_layer() -> st.SearchStrategy[Problem]:
    """One layer, which learns everything."""
    return st.builds(problem_on, reversed_planes(), st.just(1))


@Claim.define(
    "N7d",
    source=gradient_flow.SOURCE,
    kind=Kind.LOWER_BOUND,
    hypotheses=(two_layers_or_planar, a_half_turn, moderate),
    quantity="lowest excess loss along the flow",
    problems=problems,
    draws=draws,
    depths=(2,),
    confined=("margin",),
    controls=(
        Control("a quarter turn", drops=a_half_turn, draws=turned_targets),
        Control("three layers", drops=two_layers_or_planar, draws=exception_at_depth_three),
        Control("one layer", drops=two_layers_or_planar, draws=one_layer),
    ),
)
def reversed_directions_stay(problem: Problem) -> Evidence:
    """Gradient flow leaves as many of the smallest singular values unlearned as Q has eigenvalues -1.

    Observed is the lowest excess loss at the sampled times; rounding of Q grows along the way.
    """
    t, errors, error = distances(problem)
    values = np.linalg.svd(problem.target, compute_uv=False)
    largest, depth = float(values[0]), problem.depth
    m = max(1, half_turns(problem.target))
    bound = float(np.sum(values[-m:] ** 2)) / 2
    exponent = depth * power(norm_or_one(problem.target), 1 - 2 / depth) * largest * float(t[-1])
    rounding = matrix_rounding(len(values), 8) * largest / float(values[-1])
    moved = error + 2 * largest * math.exp(min(exponent, SHORT / 5)) * rounding
    return Evidence(float(np.min(errors)) ** 2 / 2, bound, moved * (math.sqrt(2 * bound) + moved))
