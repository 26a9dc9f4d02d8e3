r"""Gradient flow turns the polar factor toward the target's: the margin never falls, and two layers learn.

Statement
---------
Let the layers follow gradient flow from the identity, W their product, R the orthogonal polar factor of W and
``Phi = Q A`` the polar form of a nonsingular target. Let ``D = |Phi - I|_F``.

N7a. For L = 2 and every d, and for d = 2 and every L: the margin of ``Phi R_t^T`` never falls. So if Phi has margin
g > 0, ``|E_t|_F <= D exp(-L min(1, g)^{2 - 2/L} t)``: every target with a margin is learned.

N7b. For L = 2, if Q has no eigenvalue -1: let ``K = (I - Q^T) (I + Q^T)^{-1}``, which is skew. Then ``Q^T R_t`` is the
Cayley transform ``(I - H) (I + H)^{-1}`` of ``H = e^{-t A} K e^{-t A}``, and tends to I.

N7c. So there ``|E_t|_F <= D / (1 + 2 int_0^t e^{2 M})`` with ``M(t) = int_0^t margin(Phi R^T)``, which tends to 0:
every target whose polar factor has no eigenvalue -1 is learned, and no other (reversed-directions-stay).

Proof
-----
From balanced layers the product follows ``W' = -sum_j (W W^T)^{(L-j)/L} E (W^T W)^{(j-1)/L}``. Let ``W = U S V^T``,
``R = U V^T``, ``Y = Phi R^T`` with symmetric part T and skew part J. The entries jk and kj of ``U^T W' V``, in the
basis U, give ``s_r' = L s_r^{2 - 2/L} (Y_rr - s_r)`` and ``R' = F R`` with ``F_jk = 2 J_jk (s_j - s_k) / (s_j^{2/L} -
s_k^{2/L})``. No singular value reaches 0 in finite time.

N7a. L = 2: ``F = 2 J``, so ``Y' = -2 Y J`` and ``T' = J T - T J + 2 J^T J``: the first two terms turn T, the last
raises its eigenvalues. d = 2: write ``Phi z = lambda z + mu conj(z)``, ``lambda = rho e^{i theta}``, and R as the
turn by phi; then ``phi' = 2 w rho sin(theta - phi)`` with w > 0, so phi moves toward theta, and the margin of Y is
``rho cos(theta - phi) - |mu|``. Now ``Y_rr >= g``, so ``s_r >= min(1, g)``; and ``d/dt |E|_F^2 / 2 <= -L
sigma_min(W)^{2 - 2/L} |E|_F^2``, as each of the L terms is that large.

N7b. ``R' = Phi - R Phi^T R``, so ``G = Q^T R`` obeys ``G' = A - G A G``, a Riccati equation: ``G = Z X^{-1}`` with
``Z' = A X``, ``X' = A Z``, so ``X + Z = e^{t A} (I + Q^T)`` and ``X - Z = e^{-t A} (I - Q^T)``. With
``X = e^{t A} (I + e^{-2 t A} K) (I + Q^T) / 2``, ``I - G = (X - Z) X^{-1} = 2 H (I + H)^{-1}``.

N7c. ``s' >= 2 s (margin(Y) - s)`` for the least singular value s. Where that is an equality ``s = u' / (2u)`` with
``u = 1 + 2 int e^{2 M}``; and ``|E_t|_F <= D exp(-2 int s)``. As H tends to 0, Y tends to ``Q A Q^T``, which has a
margin.

The flow is integrated by an explicit Runge-Kutta method of order 8 at two relative tolerances, 1e-10 and 1e-8; the
larger of their differences over the sampled times counts as the error of the former. The integral of N7c is bounded
from below: the margin is at least its value at the last grid point.

Link: https://arxiv.org/abs/1802.06093, theorems on margins; the flow statements are this project's.
"""

import math
from collections.abc import Iterator

import numpy as np
from hypothesis import strategies as st

from catalog import ingredients, strategies
from catalog.artefact import Artefact
from catalog.claim import Claim, Condition, Control, Evidence, Kind
from catalog.claims._points import UNIT_STEP, norm, norm_or_one
from catalog.sharing import shared
from catalog.sources import here
from catalog.traits import margin_positive, nonsingular
from catalog.trajectories import flow_of_the_product
from dlr import Problem, matrices
from dlr._norms import margins
from dlr.matrices import margin
from dlr.rounding import matrix_rounding, power
from dlr.types import Matrix

SOURCE = here("gradient flow and the margin")

ALONG_THE_FLOW = "proved over observed decay along the flow"

LONG = 60
"""Times that are looked at: every fifth of ``1 / (L b^{2 - 2/L})``, ``b = max(1, |Phi|)``."""

SHORT = 40
"""The same where rounding grows along the way, by ``e^{2 |Phi| t}``."""

LARGEST = 32
"""Largest dimension at which the flow to a given target is integrated."""


def times(problem: Problem) -> Matrix:
    """The sampled times, 0 among them."""
    b = norm_or_one(problem.target)
    return np.arange(problem.max_steps + 1) / (5 * problem.depth * power(b, 2 - 2 / problem.depth))


def polar_factors(products: Matrix) -> Matrix:
    """Orthogonal polar factors of matrices (..., d, d)."""
    left, _, right = np.linalg.svd(products)
    return np.asarray(left @ right)


def half_turns(target: Matrix) -> int:
    """Multiplicity of the eigenvalue -1 of the polar factor, up to rounding."""
    left, values, right = np.linalg.svd(target)
    if values[-1] == 0:
        return 0
    allowed = matrix_rounding(len(target), 8) * values[0] / values[-1]
    return int(np.sum(np.linalg.svd(np.eye(len(target)) + left @ right, compute_uv=False) <= allowed))


two_layers = Condition("L = 2", lambda problem: problem.depth == 2)
two_layers_or_planar = Condition("L = 2 or d = 2", lambda problem: problem.depth == 2 or len(problem.target) == 2)
no_half_turn = Condition(
    "Q has no eigenvalue -1",
    lambda problem: nonsingular.holds(problem.target) and half_turns(problem.target) == 0,
)
moderate = Condition(
    "singular values from 0.001 to 1,000, for the integration",
    lambda problem: bool(np.all(np.abs(np.log(np.linalg.svd(problem.target, compute_uv=False))) <= math.log(1e3))),
    practical=True,
)


def problem_on(target: Matrix, depth: int, steps: int = LONG) -> Problem:
    """The flow to a target at a depth, for so many times."""
    return Problem(target, depth, UNIT_STEP, tol=0.0, max_steps=steps)


def problems(target: Matrix, depth: int, steps: int = LONG) -> Iterator[Problem]:
    """On a named target, unless it is large: the flow at the depth."""
    if len(target) <= LARGEST:
        yield problem_on(target, depth, steps)


PLANAR_DEPTHS = st.sampled_from([5, 3, 2, 9, 17, 64])


def on_both(
    two: st.SearchStrategy[Matrix], planar: st.SearchStrategy[Matrix], steps: int = LONG
) -> st.SearchStrategy[Problem]:
    """Targets of every dimension at depth 2, planar ones at every depth."""
    return st.one_of(
        st.builds(problem_on, two, st.just(2), st.just(steps)),
        st.builds(problem_on, planar, PLANAR_DEPTHS, st.just(steps)),
    )


def decay_of(errors: Matrix, exponents: Matrix, error: float) -> float:
    """Proved over observed exponential decay from the first to the other times, where they are closest.

    Parameters
    ----------
    errors : ndarray, shape (n + 1,)
        ``|E_t|_F``.
    exponents : ndarray, shape (n,)
        ``ln`` of the proved factor between the first and each other error.
    error : float
        Bound on the error of ``errors``; where these are not above a hundred times it, nothing is compared.
    """
    start, later = errors[0], errors[1:]
    seen = later > 100 * error
    fallen = np.log(start / (later[seen] - error))
    if np.any(fallen <= 0):
        return math.inf
    return float(np.max(exponents[seen] / fallen, initial=0.0))


@shared
def flow(problem: Problem) -> tuple[Matrix, Matrix]:
    """The product at the sampled times, and the integration's error, shape ()."""
    products, error = flow_of_the_product(problem.target, problem.depth, times(problem))
    return products, np.array(error)


def distances(problem: Problem) -> tuple[Matrix, Matrix, float]:
    """Sampled times, ``|E_t|_F`` at them, and the integration's error."""
    products, error = flow(problem)
    return times(problem), np.linalg.norm(products - problem.target, axis=(-2, -1)), float(error)


def with_margin() -> st.SearchStrategy[Problem]:
    """Margins from 0.1, skew parts to 3."""
    return on_both(
        strategies.margin_positive(min_margin=0.1, max_eigenvalue=3.0, max_skew=3.0),
        strategies.margin_positive(min_margin=0.1, max_eigenvalue=3.0, max_skew=3.0, min_dimension=2, max_dimension=2),
    )


def deep_and_spatial() -> st.SearchStrategy[Problem]:
    """Dimension 3, at depths 3, 8 and 64."""
    return st.builds(
        problem_on,
        strategies.margin_positive(min_margin=0.1, max_eigenvalue=3.0, max_skew=3.0, min_dimension=3, max_dimension=3),
        st.sampled_from([3, 8, 64]),
    )


@Claim.define(
    "N7a",
    source=SOURCE,
    kind=Kind.UPPER_BOUND,
    hypotheses=(margin_positive, two_layers_or_planar, moderate),
    quantity=ALONG_THE_FLOW,
    symbols=(("g", "margin of Phi"),),
    problems=problems,
    draws=with_margin,
    depths=(2, 5),
    confined=("depth",),
    controls=(
        Control(
            "a flipped axis",
            drops=margin_positive,
            draws=lambda: ingredients.flipped_axes().map(lambda target: problem_on(target, 2)),
        ),
    ),
    proof_only=(
        Artefact(
            two_layers_or_planar,
            deep_and_spatial,
            because="the margin may fall on the way, by a thousandth of g on [[.138, 879.52, -9.841], [-879.52, "
            "1728.8, -.734], [9.841, .734, .488]] at depth 64, but was not seen below g",
            tries=427,
            seconds=50,
            seed=1,
        ),
    ),
)
def flow_learns_with_a_margin(problem: Problem) -> Evidence:
    """Gradient flow learns every target with a margin g > 0, at the rate ``L min(1, g)^(2 - 2/L)``.

    Observed is the proved over the observed decay at the sampled time where they are closest.
    """
    t, errors, error = distances(problem)
    rate = problem.depth * min(1.0, abs(margin(problem.target))) ** (2 - 2 / problem.depth)
    return Evidence(decay_of(errors, rate * t[1:], error), 1.0)


def cayley_transform(skew: Matrix) -> Matrix:
    """``(I - K) (I + K)^{-1}`` of matrices (..., d, d); where ``I + K`` is singular, of its pseudoinverse."""
    identity = np.eye(skew.shape[-1])
    return np.asarray((identity - skew) @ np.linalg.pinv(identity + skew))


def rotations_by_formula(target: Matrix, t: Matrix) -> Matrix:
    """``R_t`` of N7b at the times t, shape (n, d, d)."""
    Q, A = matrices.polar(target)
    values, basis = np.linalg.eigh(A)
    falling = (basis * np.exp(-t[:, None, None] * values)) @ basis.T
    return Q @ cayley_transform(falling @ cayley_transform(Q.T) @ falling)


@st.composite
def turning(draw: st.DrawFn) -> Problem:
    """A rotation by angles up to 2.5 times a positive definite matrix with eigenvalues from 0.2 to 3."""
    A = draw(strategies.positive_definite(min_eigenvalue=0.2, max_eigenvalue=3.0))
    Q = draw(strategies.normal(min_dimension=len(A), max_dimension=len(A), min_modulus=1, max_modulus=1, max_angle=2.5))
    return problem_on(Q @ A, 2)


@st.composite
def reversed_targets(draw: st.DrawFn) -> Matrix:
    """``Q A`` as in `turning`, but with the eigenvalue -1 of Q once or more."""
    A = draw(strategies.positive_definite(min_eigenvalue=0.2, max_eigenvalue=3.0))
    Q, m = -np.eye(len(A)), draw(st.integers(1, len(A)))
    if m < len(A):
        size = len(A) - m
        Q[m:, m:] = draw(
            strategies.normal(min_dimension=size, max_dimension=size, min_modulus=1, max_modulus=1, max_angle=2.5)
        )
    return Q @ A


def deeper() -> st.SearchStrategy[Problem]:
    """Turned planar targets as in `turning`, at depth 3 and more: the polar factor takes another path."""
    return st.builds(
        lambda angle, low, depth: problem_on(
            matrices.plane_rotations(np.array([angle]), 2) @ np.diag([2.0, low]), depth
        ),
        st.floats(1, 2.5),
        st.floats(0.4, 1.6),
        st.integers(3, 8),
    )


def reversed_draws() -> st.SearchStrategy[Problem]:
    """Flows to targets whose polar factor has the eigenvalue -1."""
    return st.builds(lambda target: problem_on(target, 2, SHORT), reversed_targets())


@Claim.define(
    "N7b",
    source=SOURCE,
    kind=Kind.IDENTITY,
    hypotheses=(two_layers, no_half_turn, moderate),
    quantity="deviation from the formula over its allowance",
    symbols=(("R", "the orthogonal polar factor of W"), ("K", "``(I - Q^T) (I + Q^T)^{-1}``")),
    problems=problems,
    draws=turning,
    depths=(2,),
    confined=("depth",),
    controls=(
        Control("three layers and more", drops=two_layers, draws=deeper),
        Control("half turns", drops=no_half_turn, draws=reversed_draws),
    ),
)
def polar_factor_by_cayley(problem: Problem) -> Evidence:
    """Along the flow of two layers Q^T R is the Cayley transform of ``e^(-t A) K e^(-t A)``, K that of Q^T.

    Observed is the largest deviation at the sampled times, in units of what integration and rounding allow.
    """
    products, error = flow(problem)
    least = np.linalg.svd(products, compute_uv=False)[:, -1]
    values = np.linalg.svd(problem.target, compute_uv=False)
    turned = 1 + norm(cayley_transform(matrices.polar(problem.target)[0].T))
    rounding = matrix_rounding(len(values), 20) * turned**2 * float(values[0] / values[-1])
    deviation = np.linalg.norm(
        polar_factors(products) - rotations_by_formula(problem.target, times(problem)), 2, axis=(-2, -1)
    )
    return Evidence(float(np.max(deviation / (4 * error / least + rounding))), 1.0)


def log_divisors(problem: Problem, t: Matrix) -> Matrix:
    """Lower bounds on ``ln(1 + 2 int_0^t e^{2 M})`` at the times t but the first.

    The margin never falls, so M lies above the line through its last value with the margin there as slope.
    """
    from scipy.special import exprel

    fine = np.linspace(0, t[-1], 20 * (len(t) - 1) + 1)
    turned = problem.target @ rotations_by_formula(problem.target, fine).mT
    rates = 2 * margins(turned)[:-1]
    width = t[-1] / (len(fine) - 1)
    exponents = np.concatenate([[0.0], np.cumsum(rates * width)])[:-1]
    cells = np.exp(exponents) * width * exprel(rates * width)
    return np.asarray(np.log1p(2 * np.cumsum(cells))[19::20])


def small_and_deeper() -> st.SearchStrategy[Problem]:
    """A tenth of a plane rotation at depth 3, where small singular values are slower than at depth 2."""
    return st.floats(0.5, 2).map(lambda angle: problem_on(0.1 * matrices.plane_rotations(np.array([angle]), 2), 3, 200))


@Claim.define(
    "N7c",
    source=SOURCE,
    kind=Kind.UPPER_BOUND,
    hypotheses=(two_layers, no_half_turn, moderate),
    quantity=ALONG_THE_FLOW,
    problems=problems,
    draws=turning,
    depths=(2,),
    confined=("depth",),
    controls=(
        Control("half turns", drops=no_half_turn, draws=reversed_draws),
        Control("three layers, small targets", drops=two_layers, draws=small_and_deeper),
    ),
)
def flow_learns_unless_reversed(problem: Problem) -> Evidence:
    """Gradient flow of two layers learns every target whose orthogonal polar factor has no eigenvalue -1.

    Observed is the proved over the observed decay at the sampled time where they are closest.
    """
    t, errors, error = distances(problem)
    return Evidence(decay_of(errors, log_divisors(problem, t), error), 1.0)
