r"""In the plane gradient flow learns, at every depth, whatever is neither reflected nor turned by half.

Statement
---------
Let d = 2, ``Phi = Q A`` the polar form of a nonsingular target with singular values ``sigma_1 >= sigma_2``, and let the
layers follow gradient flow from the identity. Let ``D = |Phi - I|_F``.

N7g. If det Phi > 0, so that Q is the turn by some theta in (-pi, pi], let

    ``u(x) = 1 + cos^2(theta/2) (e^{sigma_2 x} - 1) / sigma_2 + sin^2(theta/2) (1 - e^{-sigma_1 x}) / sigma_1``.

Then ``|E_t|_F <= D / u(x)`` from the time ``(1/L) int_0^x (u / u')^{1 - 2/L}`` on. Unless ``theta = pi``, u grows
beyond all bounds: the target is learned.

For ``L >= 2`` no other nonsingular planar target is learned (reversed-directions-stay).

Proof
-----
N7g. For L = 1 the flow is ``E' = -E``, and the time is ln u(x): equality. Let ``L >= 2``. Write ``Phi z = lambda z + mu
conj(z)``; as det Phi > 0, ``lambda = rho e^{i theta}`` with ``rho + |mu| = sigma_1`` and ``rho - |mu| = sigma_2``. Let
s be the least singular value of W, and psi in [0, pi] the angle between its polar factor R and Q. By
flow-learns-with-a-margin

    ``psi' = -2 w rho sin psi``, ``w = (s_1 - s_2) / (s_1^{2/L} - s_2^{2/L}) >= (L/2) s^{1 - 2/L}``,
    ``s' >= L s^{2 - 2/L} (rho cos psi - |mu| - s)``.

In the time x with ``dx = L s^{1 - 2/L} dt`` therefore ``d psi / dx <= -rho sin psi`` and ``d s / dx >= s (rho cos psi -
|mu| - s)``. So psi is at most, and s at least, what equality gives: psi with ``sin psi = |sin theta| / v``, ``v =
cosh(rho x) + cos(theta) sinh(rho x)``, so that v' = rho v cos psi; and ``s = u' / u`` with ``u' = e^{-|mu| x} v`` and
``u(0) = u'(0) = 1``, which is the u above. As ``d/dt |E|_F <= -L s^{2 - 2/L} |E|_F``, ``|E|_F`` is at most ``D exp(-int
u'/u) = D / u(x)``; and ``dt <= (u / u')^{1 - 2/L} dx / L``.

The flow is integrated as in flow-learns-with-a-margin. The time, a Gauss-Legendre sum, is rounded up by 1e-9.

Link: https://arxiv.org/abs/1802.06093, theorems on margins; the flow statements are this project's.
"""

import numpy as np
from hypothesis import strategies as st

from catalog.claim import Claim, Condition, Control, Evidence, Kind
from catalog.claims import gradient_flow
from catalog.claims._points import norm_or_one
from catalog.claims.gradient_flow import (
    ALONG_THE_FLOW,
    decay_of,
    moderate,
)
from catalog.sources import here
from catalog.traits import positive_determinant
from catalog.trajectories import flow_of_the_product
from dlr import Problem, matrices
from dlr.matrices import symmetric_part
from dlr.rounding import power
from dlr.types import Matrix

SOURCE = here("gradient flow in the plane")

LONGEST = 40
"""Longest time, times ``L b^{2 - 2/L}``, ``b = max(1, |Phi|)``."""

NODES, WEIGHTS = np.polynomial.legendre.leggauss(8)
"""For integrals from -1 to 1."""

planar = Condition("d = 2", lambda problem: len(problem.target) == 2)


def growth(target: Matrix, x: Matrix) -> tuple[Matrix, Matrix]:
    """``u(x)`` and its derivative; beyond the plane the mean of ``cos^2(theta/2)`` over all angles of Q counts."""
    Q, _ = matrices.polar(target)
    values = np.linalg.svd(target, compute_uv=False)
    large, small, identity = float(values[0]), float(values[-1]), np.eye(len(Q))
    ahead, behind = (float(np.sum((identity + sign * Q) ** 2)) / (4 * len(Q)) for sign in (1, -1))
    u = 1 + ahead * np.expm1(small * x) / small - behind * np.expm1(-large * x) / large
    return u, ahead * np.exp(small * x) + behind * np.exp(-large * x)


def proved_times(problem: Problem, x: Matrix) -> Matrix:
    """``(1/L) int_0^x (u / u')^{1 - 2/L}`` at ascending x from 0 on, rounded up."""
    half = np.diff(x) / 2
    u, derivative = growth(problem.target, x[:-1, None] + half[:, None] * (NODES + 1))
    cells = (u / derivative) ** (1 - 2 / problem.depth) @ WEIGHTS * half
    return np.append(0.0, np.cumsum(cells)) * (1 + 1e-9) / problem.depth


def turn_of(angle: float, low: float, high: float, axis: float) -> Matrix:
    """The turn by ``angle`` times the symmetric matrix with these eigenvalues, the first one along ``axis``."""
    basis, turn = matrices.plane_rotations(np.array([axis]), 2), matrices.plane_rotations(np.array([angle]), 2)
    return np.asarray(turn @ symmetric_part((basis * np.array([low, high])) @ basis.T))


EIGENVALUES, AXES, DEPTHS = st.floats(0.2, 3), st.floats(0, 3), st.sampled_from([3, 2, 5, 17, 64])


def turned() -> st.SearchStrategy[Problem]:
    """Angles up to 3, eigenvalues from 0.2 to 3; some are multiples of a rotation, where equality holds."""
    multiples = st.builds(lambda angle, size: turn_of(angle, size, size, 0), st.floats(-3, 3), EIGENVALUES)
    others = st.builds(turn_of, st.floats(-3, 3), EIGENVALUES, EIGENVALUES, AXES)
    return st.builds(gradient_flow.problem_on, st.one_of(others, multiples), DEPTHS)


def reversed_planes(signs: tuple[float, ...] = (1.0, -1.0)) -> st.SearchStrategy[Matrix]:
    """``diag(-1, 1) A``, a reflection, and ``-A``, half a turn; A with eigenvalues from 0.2 to 3."""
    return st.builds(
        lambda sign, low, high, axis: np.array([[-1.0], [sign]]) * turn_of(0, low, high, axis),
        st.sampled_from(signs),
        EIGENVALUES,
        EIGENVALUES,
        AXES,
    )


def mirror_images() -> st.SearchStrategy[Problem]:
    """Reflections, at every depth from 2 on."""
    return st.builds(gradient_flow.problem_on, reversed_planes((1.0,)), DEPTHS)


def flipped_pairs() -> st.SearchStrategy[Problem]:
    """``diag(-s, -s, 1, ..., 1)``, of positive determinant and never learned."""
    return st.builds(
        lambda s, more, depth: gradient_flow.problem_on(np.diag([-s, -s] + [1.0] * more), depth),
        st.floats(0.5, 1),
        st.integers(1, 3),
        st.sampled_from([2, 3, 5]),
    )


@Claim.define(
    "N7g",
    source=SOURCE,
    kind=Kind.UPPER_BOUND,
    hypotheses=(planar, positive_determinant, moderate),
    quantity=ALONG_THE_FLOW,
    problems=gradient_flow.problems,
    draws=turned,
    depths=(2, 5),
    confined=("dimension",),
    controls=(
        Control("two flipped axes of three or more", drops=planar, draws=flipped_pairs),
        Control("reflections", drops=positive_determinant, draws=mirror_images),
    ),
)
def planar_flow_learns_unless_reversed(problem: Problem) -> Evidence:
    """In the plane gradient flow learns every target of positive determinant whose polar factor is not half a turn.

    Observed is the proved over the observed decay at the sampled time where they are closest.
    """
    b = norm_or_one(problem.target)
    x = np.arange(problem.max_steps + 1) / (5 * b)
    t = proved_times(problem, x)
    seen = t * problem.depth * power(b, 2 - 2 / problem.depth) <= LONGEST
    flow, error = flow_of_the_product(problem.target, problem.depth, t[seen])
    errors = np.linalg.norm(flow - problem.target, axis=(-2, -1))
    return Evidence(decay_of(errors, np.log(growth(problem.target, x[seen])[0])[1:], error), 1.0)
