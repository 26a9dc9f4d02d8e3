r"""No factorization of a target is flatter than the balanced one.

Statement
---------
Write ``S = L |Phi|^{2 - 2/L}``.

N9a. At layers with ``Theta_L ... Theta_1 = Phi`` the largest eigenvalue of the excess loss's Hessian is at least S.

N9b. At the balanced factorization it is exactly S.

Proof
-----
N9a. Where the error vanishes the Hessian is ``J^T J`` with ``J: (D_1, ..., D_L) -> sum_i A_i D_i B_i``,
``A_i = Theta_L ... Theta_{i+1}`` and ``B_i = Theta_{i-1} ... Theta_1``. Its largest eigenvalue is that of ``J J^T``,
which maps X to ``sum_i A_i A_i^T X B_i^T B_i``. Take ``X = u v^T`` for the top singular vectors of Phi, and
``p_i = |A_i^T u|``, ``q_i = |B_i v|``: the eigenvalue is at least ``sum_i p_i^2 q_i^2``. As ``A_i B_{i+1} = Phi``,
``p_i q_{i+1} >= u^T Phi v = |Phi|``; and ``p_L = q_1 = 1``. So the product of all ``p_i q_i`` is at least
``|Phi|^{L-1}``, and the mean of their squares is at least ``|Phi|^{2 (L-1)/L}`` by the inequality of the means.

N9b. There ``A_i A_i^T = (Phi Phi^T)^{(L-i)/L}`` and ``B_i^T B_i = (Phi^T Phi)^{(i-1)/L}``, so the map multiplies
``u_j v_k^T`` by ``sum_i sigma_j^{2 (L-i)/L} sigma_k^{2 (i-1)/L}``, which is largest for the top pair, where it is S.

Rounding. N9a: ``J J^T`` sums L maps of 2L + 4 matrix operations each, on factors whose norms multiply to at most
``reach``; so it is off by L times their `dlr.rounding.matrix_rounding` times ``reach^2``, and its eigenvalue, found to
``d^2 epsilon``, likewise. S is convex in ``|Phi|``, so for the product W it is smaller by at most its slope,
``(2 L - 2) |Phi|^{1 - 2/L}``, times ``|W - Phi|``; which is at most what the hypothesis leaves to rounding, and as much
again by which it is measured too small. N9b: a balanced layer is off by 12 operations, and by the condition number to
the power ``1 - 1/L`` over L times as much where a root is small (balanced-factorization-exact).

Link: https://arxiv.org/abs/2502.20531 (balanced minima); the bound over all factorizations is this project's.
"""

from collections.abc import Iterator

import numpy as np
from hypothesis import strategies as st

from catalog import strategies
from catalog.artefact import Artefact
from catalog.claim import Claim, Condition, Control, Evidence, Kind
from catalog.claims import factorization
from catalog.claims._points import UNIT_STEP, given, norm, reach
from catalog.sources import here
from catalog.traits import positive_determinant
from dlr import Problem, matrices, network
from dlr.rounding import matrix_rounding, power
from dlr.types import Matrix

SOURCE = here("sharpness of minima")


LARGEST_KRONECKER = 16
"""Dimension up to which ``J J^T`` is written out, with ``d^4`` entries; above it is only applied (Lanczos)."""


def least_sharpness(target: Matrix, depth: int) -> float:
    """``S = L |Phi|^{2 - 2/L}``."""
    return depth * power(norm(target), 2 - 2 / depth)


def sharpness_at(layers: Matrix) -> float:
    """Largest eigenvalue of ``J J^T``: at a minimum, of the Hessian of the excess loss.

    Parameters
    ----------
    layers : ndarray, shape (L, d, d)
    """
    depth, d = len(layers), layers.shape[-1]
    above, below = [np.eye(d)], [np.eye(d)]
    for i in range(depth - 1):
        above.append(above[-1] @ layers[depth - 1 - i])
        below.append(layers[i] @ below[-1])
    pairs = [(A @ A.T, B.T @ B) for A, B in zip(above[::-1], below, strict=True)]
    if d <= LARGEST_KRONECKER:
        return float(np.linalg.eigvalsh(sum(np.kron(A, B) for A, B in pairs))[-1])
    from scipy.sparse.linalg import LinearOperator, eigsh  # slow to import, and rarely needed

    def apply(vector: Matrix) -> Matrix:
        X = vector.reshape(d, d)
        return np.asarray(sum(A @ X @ B for A, B in pairs)).ravel()

    start = np.random.default_rng(0).standard_normal(d * d)  # seeded: the same digits in every run
    operator = LinearOperator((d * d, d * d), matvec=apply, dtype=np.float64)
    accuracy = matrix_rounding(d, d * d) / 10  # of what the claims allow an eigenvalue of a d^2 x d^2 matrix
    return float(eigsh(operator, k=1, v0=start, tol=accuracy, return_eigenvectors=False)[0])


def miss(problem: Problem) -> float:
    """``|Theta_L ... Theta_1 - Phi|_F``."""
    return float(np.linalg.norm(network.product(given(problem)) - problem.target))


def miss_rounding(problem: Problem) -> float:
    """What rounding alone makes of `miss`."""
    product = matrix_rounding(len(problem.target), problem.depth) * reach(given(problem))
    return factorization.allowance(problem) * norm(problem.target) + product


at_a_minimum = Condition("Theta_L ... Theta_1 = Phi", lambda problem: miss(problem) <= miss_rounding(problem))


def factored(layers: Matrix) -> Problem:
    """The problem of layers and their product."""
    return Problem(network.product(layers), len(layers), UNIT_STEP, initial_layers=layers)


def balanced(target: Matrix, depth: int) -> Problem:
    """The problem of a target and its balanced factorization."""
    return Problem(target, depth, UNIT_STEP, initial_layers=matrices.balanced_layers(target, depth))


def lopsided(target: Matrix, depth: int) -> Problem:
    """The factorization ``I ... I Phi``."""
    layers = network.identity_layers(target, depth)
    layers[0] = target
    return Problem(target, depth, UNIT_STEP, initial_layers=layers)


def factorizations(target: Matrix, depth: int) -> Iterator[Problem]:
    """On a named target: the factorization ``I ... I Phi`` and, with determinant > 0, the balanced one."""
    yield lopsided(target, depth)
    if positive_determinant.holds(target):
        yield balanced(target, depth)


@st.composite
def layers_near_the_identity(draw: st.DrawFn) -> Problem:
    """Up to four directions in turn, ``|Theta_i - I|`` up to 3/L; the last layer divided by what scales the first."""
    d, depth = draw(st.integers(1, 8)), draw(st.integers(1, 64))
    radius = min(0.9, draw(st.sampled_from([1.0, 0.1, 3.0])) / depth)
    drawn = draw(st.lists(strategies.general(min_dimension=d, max_dimension=d), min_size=1, max_size=4))
    units = [matrix / norm(matrix) if norm(matrix) > 0 else -np.eye(d) for matrix in drawn]
    layers = np.eye(d) + radius * np.array([units[i % len(units)] for i in range(depth)])
    scale = draw(st.sampled_from([1.0, 2.0, 0.5, 4.0]))
    layers[0] *= scale
    layers[-1] /= scale
    return factored(layers)


def with_determinant() -> st.SearchStrategy[Matrix]:
    """Positive determinant, d up to 8, condition numbers to 1e3."""
    return strategies.with_singular_values(
        singular_values=strategies.spectra(min_eigenvalue=0.03, max_eigenvalue=30.0), reflections=False
    )


def first_row_reversed(matrix: Matrix) -> Matrix:
    """The same matrix with the sign of its first row, and so of its determinant, changed."""
    return np.concatenate([-matrix[:1], matrix[1:]])


DEPTHS = st.integers(1, 64)


def without_first_row(matrix: Matrix) -> Matrix:
    """The same matrix with zeros in its first row: a singular one."""
    return np.concatenate([0 * matrix[:1], matrix[1:]])


def factorization_draws() -> st.SearchStrategy[Problem]:
    """Layers near the identity, and balanced ones, a few of singular targets; depths to 64."""
    singular = strategies.general(min_dimension=2).map(without_first_row)
    return st.one_of(
        layers_near_the_identity(),
        st.builds(balanced, with_determinant(), DEPTHS),
        st.builds(balanced, singular, DEPTHS),
    )


def not_yet() -> st.SearchStrategy[Problem]:
    """Identity layers, whose product is not the target ``s I``, s > 1."""
    return st.builds(
        lambda s, d, depth: Problem(
            s * np.eye(d), depth, UNIT_STEP, initial_layers=network.identity_layers(np.eye(d), depth)
        ),
        st.floats(1.5, 10),
        st.integers(1, 4),
        st.integers(2, 8),
    )


@Claim.define(
    "N9a",
    source=SOURCE,
    kind=Kind.LOWER_BOUND,
    hypotheses=(at_a_minimum,),
    quantity="largest eigenvalue of the Hessian",
    problems=factorizations,
    draws=factorization_draws,
    controls=(Control("identity layers", drops=at_a_minimum, draws=not_yet),),
)
def factorizations_are_sharp(problem: Problem) -> Evidence:
    """At every minimum the largest eigenvalue of the Hessian is at least ``L |Phi|^(2 - 2/L)``.

    Observed is the largest eigenvalue of ``J J^T`` at the layers given.
    """
    d, depth, size = len(problem.target), problem.depth, norm(problem.target)
    layers = given(problem)
    maps = depth * matrix_rounding(d, 2 * depth + 4 + d * d) * reach(layers) ** 2
    slope = (2 * depth - 2) * power(size, 1 - 2 / depth) if depth > 1 else 0.0
    moved = slope * 2 * miss_rounding(problem)
    return Evidence(sharpness_at(layers), least_sharpness(problem.target, depth), maps + moved)


balanced_layers = Condition(
    "balanced layers",
    lambda problem: np.array_equal(given(problem), matrices.balanced_layers(problem.target, problem.depth)),
)


def balanced_problems(target: Matrix, depth: int) -> Iterator[Problem]:
    """On a named target: its balanced factorization."""
    yield balanced(target, depth)


@Claim.define(
    "N9b",
    source=SOURCE,
    kind=Kind.UPPER_BOUND,
    hypotheses=(positive_determinant, balanced_layers),
    quantity="largest eigenvalue of the Hessian",
    problems=balanced_problems,
    draws=lambda: st.builds(balanced, with_determinant(), DEPTHS),
    controls=(
        Control(
            "all in the first layer",
            drops=balanced_layers,
            draws=lambda: st.builds(
                lambda target, depth: lopsided(3 * target / norm(target), depth), with_determinant(), st.integers(2, 8)
            ),
        ),
    ),
    proof_only=(
        Artefact(
            positive_determinant,
            lambda: st.builds(balanced, with_determinant().map(first_row_reversed), DEPTHS),
            because="of a negative determinant the layers factor the matrix with its least singular vector reversed, "
            "and are as flat",
            tries=3_635,
            seconds=40,
            seed=1,
        ),
    ),
)
def balanced_layers_are_flattest(problem: Problem) -> Evidence:
    """At the balanced factorization the largest eigenvalue of the Hessian is at most ``L |Phi|^(2 - 2/L)``.

    Observed is the largest eigenvalue of ``J J^T`` there; by factorizations-are-sharp it is no less.
    """
    d, depth = len(problem.target), problem.depth
    values = np.linalg.svd(problem.target, compute_uv=False)
    bound = least_sharpness(problem.target, depth)
    roots = 1 + power(float(values[0] / values[-1]), 1 - 1 / depth) / depth
    relative = matrix_rounding(d, 2 * (factorization.OPERATIONS + 1) * depth + 8 + d * d) * roots
    return Evidence(sharpness_at(given(problem)), bound, relative * bound)
