r"""Every matrix of positive determinant is a product of layers near the identity: the balanced factorization.

Statement
---------
Let ``det Phi > 0``, ``Phi = R P`` its polar form, ``g = max |ln sigma_j(Phi)|`` and, with the powers of R from
its real Schur form, ``Theta_i = R^{i/L} P^{1/L} R^{-(i-1)/L}``. Then ``Theta_L ... Theta_1 = Phi`` exactly, every layer
has singular values ``sigma_j(Phi)^{1/L}``, and ``|Theta_i - I| <= (e^{g/L} - 1) + 2 sin(pi / (2 L))``. For ``L >= 3 g``
that is at most ``(pi + 6 g / 5) / L``, which implies Hardt and Ma's ``(4 pi + 3 g) / L``.

Proof
-----
The product telescopes to ``R^{L/L} (P^{1/L})^L = R P``. A layer is an orthogonal matrix times ``P^{1/L}`` times
an orthogonal matrix, so it has the singular values of ``P^{1/L}``. With ``A = R^{(i-1)/L} P^{1/L} R^{-(i-1)/L}``,

    ``|Theta_i - I| = |R^{1/L} (A - I) + (R^{1/L} - I)| <= |P^{1/L} - I| + |R^{1/L} - I|``.

The eigenvalues of ``P^{1/L}`` lie between ``e^{-g/L}`` and ``e^{g/L}``, so the first norm is at most
``e^{g/L} - 1``. R has determinant 1: its eigenvalues -1 come in pairs, each pair a plane that turns by pi, so R is
a rotation of planes by angles in ``(-pi, pi]`` and ``R^{1/L} - I`` has singular values ``2 |sin(angle / (2 L))|``.
Last, ``2 sin(x / 2) <= x``, and ``(e^x - 1) / x`` grows and is below 1.187 at 1/3: ``e^x - 1 <= 6 x / 5`` up to there.

``L >= 3 g`` can't be left out of the linear form: the exponential is there, at ``Phi = e^g I`` and L = 1.
Rounding: a layer costs 12 operations (SVD, polar product, Schur form, two for the root, two for each
rotation power, two to assemble, one to spare), each `dlr.rounding.matrix_rounding`, relative to ``|Phi|^{1/L}``; L of
them and their product add up to ``12 (L + 1)`` relative to ``|Phi|``. A least-squares root moves with its
singular value: an error ``d^2 eps |Phi|`` in sigma is ``d^2 eps |Phi| sigma^{1/L - 1} / L`` in ``sigma^{1/L}``. The
exponent 1/L is rounded too, which changes a root by the factor ``1 + eps g / L`` and moves the product's singular value
by ``eps sigma |ln sigma|``, which is 0 where sigma is.

Link: https://arxiv.org/abs/1611.04231, theorem 2.1; https://arxiv.org/abs/1802.06093, power projection.
"""

import math
from collections.abc import Iterator

import numpy as np
from hypothesis import strategies as st

from catalog import strategies
from catalog.artefact import Artefact
from catalog.claim import Claim, Condition, Control, Evidence, Kind
from catalog.claims._points import UNIT_STEP, norm
from catalog.enclosures import expm1_over
from catalog.proofs import Step
from catalog.sources import bhl, hm
from catalog.traits import positive_determinant
from dlr import Problem, matrices, network
from dlr.rounding import EPSILON, matrix_rounding
from dlr.types import Matrix

OPERATIONS = 12
"""Matrix operations behind a layer."""

DEPTH, SLOPE = 3, 1.2
"""``L >= 3 g``, and 6/5."""

CONSTANTS = {"depth": DEPTH, "quotient": 1.187, "slope": SLOPE}

PROOF = (
    Step(
        "(e^x - 1) / x <= {quotient} at x = g/L = t/{depth}",
        lambda c, t: (expm1_over(t / c.depth), c.quotient),
        CONSTANTS,
        {"t": (0, 1)},
    ),
    Step("e^x - 1 <= {slope} x", lambda c: (c.quotient, c.slope), CONSTANTS),
)


def log_spread(matrix: Matrix) -> float:
    """``g = max |ln sigma_j|`` over the singular values, infinite for a singular matrix."""
    values = np.linalg.svd(matrix, compute_uv=False)
    return max(math.log(values[0]), -math.log(values[-1])) if values[-1] > 0 else math.inf


def largest_residual(problem: Problem) -> float:
    """``e^{g/L} - 1 + 2 sin(pi / (2 L))``."""
    spread = log_spread(problem.target) / problem.depth
    return (math.expm1(spread) if spread < 700 else math.inf) + 2 * math.sin(math.pi / (2 * problem.depth))


def largest_residual_if_deep(problem: Problem) -> float:
    """``(pi + 6 g / 5) / L``."""
    return (math.pi + SLOPE * log_spread(problem.target)) / problem.depth


deep = Condition("L >= 3 g", lambda problem: problem.depth >= DEPTH * log_spread(problem.target))
balanced = Condition("balanced layers", lambda problem: problem.initial_layers is None)


def factors(problem: Problem) -> Matrix:
    """The factorization; without positive determinant, of the nearest matrix that has it up to rounding."""
    if positive_determinant.holds(problem.target):
        return matrices.near_identity_factorization(problem.target, problem.depth)
    return matrices.balanced_layers(problem.target, problem.depth)


def miss(layers: Matrix, target: Matrix) -> float:
    """``|Theta_L ... Theta_1 - Phi| / |Phi|``."""
    return norm(network.product(layers) - target) / norm(target)


def allowance(problem: Problem) -> float:
    """Rounding allowance on `miss`, of singular matrices, too."""
    values = np.linalg.svd(problem.target, compute_uv=False)
    positive = values[values > 0]
    moved = np.max(positive / values[0] * abs(np.log(positive)), initial=0.0)
    return matrix_rounding(len(values), OPERATIONS * (problem.depth + 1)) + EPSILON * float(moved)


def radius(layers: Matrix) -> float:
    """``max |Theta_i - I|``."""
    return float(np.max(np.linalg.norm(layers - np.eye(layers.shape[-1]), 2, axis=(-2, -1))))


def layer_rounding(problem: Problem) -> float:
    """Rounding allowance on ``|Theta_i - I|`` and its bound: that of a layer, and that of ``e^{g/L}``."""
    values = np.linalg.svd(problem.target, compute_uv=False)
    stretch = math.exp(log_spread(problem.target) / problem.depth)
    one = matrix_rounding(len(values), 1) * stretch
    exponent = EPSILON * stretch * log_spread(problem.target) / problem.depth
    return float(OPERATIONS * one + one * values[0] / values[-1] / problem.depth + exponent)


def problem_on(target: Matrix, depth: int) -> Problem:
    """The problem of a target and a depth."""
    return Problem(target, depth, UNIT_STEP)


def problems(target: Matrix, depth: int) -> Iterator[Problem]:
    """On a named target: the depth as it is."""
    yield problem_on(target, depth)


def deep_problems(target: Matrix, depth: int) -> Iterator[Problem]:
    """On a named target: the depth, or the least that the linear form needs."""
    spread = log_spread(target)
    if spread < math.inf:
        yield problem_on(target, max(depth, math.ceil(3 * spread)))


@st.composite
def half_turns(draw: st.DrawFn, spread: float) -> Matrix:
    """Positive definite times ``diag(-1, ..., -1, 1, ..., 1)``: a rotation with repeated eigenvalues -1 and 1."""
    P = draw(strategies.positive_definite(min_dimension=2, min_eigenvalue=1 / spread, max_eigenvalue=spread))
    turned = 2 * draw(st.integers(1, len(P) // 2))
    return np.where(np.arange(len(P)) < turned, -1.0, 1.0)[:, None] * P


def positive(spread: float) -> st.SearchStrategy[Matrix]:
    """Matrices of positive determinant with singular values from ``1 / spread`` to ``spread``."""
    sizes = ((1, 8), (9, 20))
    spectra = [
        strategies.spectra(min_dimension=low, max_dimension=high, min_eigenvalue=1 / spread, max_eigenvalue=spread)
        for low, high in sizes
    ]
    return st.one_of(
        *(strategies.with_singular_values(singular_values=values, reflections=False) for values in spectra),
        strategies.orthogonal(reflections=False),
        half_turns(spread),
        half_turns(1.0),
    )


@st.composite
def draws(draw: st.DrawFn) -> Problem:
    """Depths to 64, condition numbers to 1e6; half turns and repeated eigenvalues of the rotation often."""
    exact = strategies.general(positive_determinant=True, max_dimension=5)
    return problem_on(draw(st.one_of(positive(1e3), exact)), draw(st.integers(1, 64)))


@st.composite
def deep_draws(draw: st.DrawFn) -> Problem:
    """Depths to 64, singular values over the whole range ``e^{-L/3}`` to ``e^{L/3}``, at most 1e3."""
    depth = draw(st.integers(1, 64))
    return problem_on(draw(positive(min(1e3, math.exp(0.999 * depth / 3)))), depth)


def negative_determinant() -> st.SearchStrategy[Problem]:
    """Determinant < 0 by a sign change of the first row, singular values within ``e^{1/4}`` of 1."""

    def build(matrix: Matrix, depth: int) -> Problem:
        return problem_on(np.vstack([-matrix[:1], matrix[1:]]), depth)

    return st.builds(build, positive(math.exp(0.25)), st.integers(1, 64))


def shallow() -> st.SearchStrategy[Problem]:
    """Singular values from 50 to 1,000 at depth 1 to 3."""
    spectra = strategies.spectra(min_eigenvalue=50.0, max_eigenvalue=1e3)
    targets = strategies.with_singular_values(singular_values=spectra, reflections=False)
    return st.builds(problem_on, targets, st.integers(1, 3))


def lopsided() -> st.SearchStrategy[Problem]:
    """The factorization ``I ... I Phi``."""

    def build(target: Matrix, depth: int) -> Problem:
        layers = network.identity_layers(target, depth)
        layers[0] = target
        return Problem(target, depth, UNIT_STEP, initial_layers=layers)

    return st.builds(build, positive(1e3), st.integers(2, 8))


reflected = Control("negative determinant", drops=positive_determinant, draws=negative_determinant)


def _nearness(problem: Problem, bound: float) -> Evidence:
    layers = factors(problem)
    exact = miss(layers, problem.target) <= allowance(problem)
    return Evidence(radius(layers) if exact else math.inf, bound, layer_rounding(problem))


@Claim.define(
    "H1a",
    source=hm("theorem 2.1, in a sharper form"),
    kind=Kind.UPPER_BOUND,
    hypotheses=(positive_determinant,),
    quantity="largest |Theta_i - I|",
    symbols=(("g", "largest ``|ln sigma_j(Phi)|``"),),
    problems=problems,
    draws=draws,
    controls=(reflected,),
)
def near_identity_factorization_exists(problem: Problem) -> Evidence:
    """Every matrix of positive determinant has L factors within ``e^(g/L) - 1 + 2 sin(pi / 2L)`` of the identity.

    Observed is infinite where the product misses the target by more than rounding.
    """
    return _nearness(problem, largest_residual(problem))


@Claim.define(
    "H1b",
    source=hm("theorem 2.1"),
    kind=Kind.UPPER_BOUND,
    hypotheses=(positive_determinant, deep),
    quantity="largest |Theta_i - I|",
    symbols=(("g", "largest ``|ln sigma_j(Phi)|``"),),
    problems=deep_problems,
    draws=deep_draws,
    proof=PROOF,
    controls=(reflected, Control("shallow", drops=deep, draws=shallow)),
)
def near_identity_factorization_linear(problem: Problem) -> Evidence:
    """Every matrix of positive determinant has L factors within ``(pi + 6g/5) / L`` of the identity once ``L >= 3g``.

    Observed is infinite where the product misses the target by more than rounding.
    """
    return _nearness(problem, largest_residual_if_deep(problem))


@Claim.define(
    "I7",
    source=bhl("power projection"),
    kind=Kind.IDENTITY,
    hypotheses=(positive_determinant,),
    quantity="relative error of the product",
    problems=problems,
    draws=draws,
    controls=(reflected,),
)
def balanced_factorization_exact(problem: Problem) -> Evidence:
    """The layers of the balanced factorization multiply to the matrix.

    Observed is the spectral norm of what is missing, relative to the matrix; the bound is rounding.
    """
    return Evidence(miss(factors(problem), problem.target), allowance(problem))


@Claim.define(
    "I8",
    source=bhl("power projection"),
    kind=Kind.IDENTITY,
    hypotheses=(positive_determinant, balanced),
    quantity="deviation over its rounding allowance",
    problems=problems,
    draws=draws,
    controls=(Control("all in the first layer", drops=balanced, draws=lopsided),),
    proof_only=(
        Artefact(
            positive_determinant,
            reflected.draws,
            because="of a negative determinant the layers factor the matrix with its least singular vector reversed, "
            "and share its singular values as well",
            tries=3_556,
            seconds=40,
            seed=1,
        ),
    ),
)
def balanced_layers_share_singular_values(problem: Problem) -> Evidence:
    """Every layer of the balanced factorization has the L-th roots of the matrix's singular values.

    Observed is the largest deviation of a singular value of a layer, in units of its rounding allowance.
    """
    layers = factors(problem) if problem.initial_layers is None else problem.initial_layers
    values = np.linalg.svd(problem.target, compute_uv=False)
    roots = values ** (1 / problem.depth)
    rounding = matrix_rounding(len(values), OPERATIONS) * roots[0]
    off = matrix_rounding(len(values), 2) * values[0]
    # a root moves by at most off (sigma - off)^(1/L - 1) / L, and by at most off^(1/L)
    slopes = np.maximum(values - off, np.finfo(float).tiny) ** (1 / problem.depth - 1) / problem.depth
    moved = np.minimum(off * slopes, off ** (1 / problem.depth))
    deviations = abs(np.linalg.svd(layers, compute_uv=False) - roots)
    return Evidence(float(np.max(deviations / (rounding + moved))), 1.0)
