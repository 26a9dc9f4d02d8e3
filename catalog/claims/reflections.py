r"""A target whose polar factor is a reflection is never learned at even depth, normal or not.

Statement
---------
Let ``Phi = Q A`` with A symmetric positive definite and Q orthogonal and symmetric, with eigenvalue -1 of multiplicity
m >= 1. Let L be even. Start gradient descent, step-and-project (any radius) or penalized gradient descent (any
strength) at the identity, with any step size. Then for all t

    ``l_t >= 1/2 (sum of the m smallest sigma_i(Phi)^2)``.

For symmetric Phi this is the even case of negative-eigenvalue-fails, up to the choice of the m singular values.

Proof
-----
``Phi^T = A Q = Q Phi Q``. The iterates keep ``Theta_i = Q Theta_{L+1-i}^T Q``, which holds at the identity. It gives
``W = Q W^T Q`` and ``E = Q E^T Q``, and turns the product above layer ``L + 1 - i`` into Q times the transposed product
below layer i times Q, and the other way round, so that the gradient of layer ``L + 1 - i`` is ``Q G_i^T Q``. And
``X -> Q X^T Q`` is an isometry in both norms that fixes the identity, so it commutes with the nearest point of a ball
around I and with the gradient of the penalty.

With ``L = 2k`` and ``V = Theta_k ... Theta_1``, therefore ``Q W = V^T Q V``. By Sylvester's law it has at most ``d -
m`` positive eigenvalues: its m smallest are at most 0. ``Q Phi = A`` has positive eigenvalues only, and by Hoffman
and Wielandt ``|W - Phi|_F^2 = |Q W - A|_F^2 >= sum_i (lambda_i(Q W) - lambda_i(A))^2``, both in descending order; the
last m terms are at least ``lambda_i(A)^2``.

Odd depth. ``Q W`` is symmetric again, and along gradient flow, which never makes W singular, it keeps its m negative
eigenvalues: the floor holds. It does not for discrete steps: a layer in the middle can pass through a singular matrix
while the others wait. At L = 3, on 12 random targets of dimension 2 and 3, 11 runs went below the floor at half of the
positive definite step size, as at a fifth of it; at L = 5 none did. The control "odd depth" looks there.

Exact arithmetic. In floating point the layers lose the symmetry to rounding; how long they keep the floor says
dense-reflections-fail. So the check sets each layer to the mean of itself and its mirror image after each step, where
exact arithmetic would change nothing. Every such iterate has the floor, however V was rounded; what is left is the
rounding of the loss: of L products, relative to the layers' norms, and of the eigenvalues of A.
The statement is checked in an eigenbasis of Q, where ``Q = diag(+-1)`` is exact; by equivariance that loses nothing.

Link: https://arxiv.org/abs/1802.06093, theorems on symmetric targets; the extension is this project's.
"""

import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from hypothesis import strategies as st

from catalog import _work, conditions, ingredients, strategies
from catalog.claim import Claim, Condition, Control, Evidence, Kind
from catalog.claims._points import norm_or_one, reach
from catalog.ingredients import Regularized
from catalog.sources import here
from catalog.traits import nonsingular
from catalog.trajectories import mirrored_iterates
from dlr import GradientDescent, Problem, matrices
from dlr._norms import spectral_norms
from dlr.matrices import symmetric_part
from dlr.rounding import ROUNDING, floor_rounding, matrix_rounding, power
from dlr.solver import at_step_size
from dlr.types import Matrix

HORIZON = 120


def signs_of(target: Matrix) -> Matrix:
    """The diagonal of Q, where ``Q = diag(+-1)``: the signs of the target's diagonal, as A's is positive."""
    return np.where(np.diag(target) < 0, -1.0, 1.0)


def is_reflected(target: Matrix) -> bool:
    """Whether the target is ``diag(+-1) A``, not all signs 1, A symmetric to the last bit and positive definite."""
    A = signs_of(target)[:, None] * target
    return bool(np.any(np.diag(target) < 0) and np.array_equal(A, A.T) and matrices.relative_margin(A) > ROUNDING)


reflected = Condition(
    "Phi = Q A, Q = diag(+-1) other than I, A symmetric positive definite",
    lambda problem: is_reflected(problem.target),
)
even = Condition("L even", lambda problem: problem.depth % 2 == 0)


def left_out(target: Matrix) -> float:
    """Root of the sum of the m smallest squared singular values, m the number of negative signs, at least 1."""
    m = max(1, int(np.sum(signs_of(target) < 0)))
    return math.hypot(*np.linalg.svd(target, compute_uv=False)[-m:])


def floor(target: Matrix) -> float:
    """Half its square."""
    return left_out(target) * left_out(target) / 2


def promised_floor(target: Matrix) -> float:
    """The floor, lowered by what rounding may add to it: proved for a run in exact arithmetic."""
    return max(0.0, floor(target) - floor_rounding(target, floor(target)))


def in_eigenbasis(target: Matrix) -> Matrix | None:
    """The nearest target of exact form, in an eigenbasis of Q; None where the polar factor is no reflection.

    A target of exact form is returned unchanged.
    """
    if is_reflected(target) or not nonsingular.holds(target):
        return target
    Q, A = matrices.polar(target)
    values, basis = np.linalg.eigh(symmetric_part(Q))
    inverse = np.asarray(np.linalg.inv(target), dtype=np.float64)
    condition = float(spectral_norms(target)) * float(spectral_norms(inverse))
    if np.linalg.norm(Q - Q.T) > matrix_rounding(len(target), 8) * condition or values[0] > 0:
        return None
    return np.asarray(np.where(values < 0, -1.0, 1.0)[:, None] * symmetric_part(basis.T @ A @ basis))


def instance(target: Matrix, depth: int, algorithm: Regularized, fraction: float = 1.0) -> Problem:
    """The algorithm at a fraction of ``1 / (L max(1, |Phi|)^{2 - 2/L})``."""
    b = norm_or_one(target)
    eta = max(fraction / (depth * power(b, 2 - 2 / depth)), 5e-324)
    horizon = _work.horizon(HORIZON, target, depth)
    return Problem(target, depth, at_step_size(algorithm, eta), tol=0.0, max_steps=horizon)


def problems(target: Matrix, depth: int) -> Iterator[Problem]:
    """On a named target with a reflection as its polar factor: the three algorithms."""
    own = in_eigenbasis(target)
    if own is not None:
        for algorithm in ingredients.regularized():
            yield instance(own, depth, algorithm)


@st.composite
def reflected_targets(draw: st.DrawFn, max_dimension: int = 8, min_eigenvalue: float = 0.05) -> Matrix:
    """``diag(-1, ..., -1, 1, ..., 1) A``: A of every kind, at least one sign of -1."""
    A = draw(
        strategies.positive_definite(
            min_eigenvalue=min_eigenvalue, max_eigenvalue=3.0, max_condition=1e4, max_dimension=max_dimension
        )
    )
    return np.where(np.arange(len(A)) < draw(st.integers(1, len(A))), -1.0, 1.0)[:, None] * A


def draws() -> st.SearchStrategy[Problem]:
    """Even depths to 64, steps up to three times the positive definite theorem's."""
    depths = st.sampled_from([2, 4, 6, *range(2, 65, 2)])
    return st.builds(
        instance, reflected_targets(), depths, ingredients.regularized_draws(), st.sampled_from([1.0, 0.5, 0.1, 3.0])
    )


def plain(target: Matrix, depth: int) -> Problem:
    """Plain gradient descent at half of the step size, for the controls."""
    return instance(target, depth, GradientDescent(), 0.5)


def turned() -> st.SearchStrategy[Problem]:
    """``[[-a, k], [0, -a]]``, k > 0: only negative eigenvalues, but the polar factor is a rotation below pi."""
    return st.builds(
        lambda a, k, depth: plain(np.array([[-a, k], [0.0, -a]]), depth),
        st.floats(0.5, 1),
        st.floats(1, 3),
        st.sampled_from([2, 4]),
    )


def odd() -> st.SearchStrategy[Problem]:
    """Three layers, A of dimension 2 with an angle between its axes and those of Q, and time to get below the floor."""

    def build(low: float, high: float, angle: float) -> Problem:
        basis = matrices.plane_rotations(np.array([angle]), 2)
        A = symmetric_part((basis * np.array([low, high])) @ basis.T)
        return replace(plain(np.array([[-1.0], [1.0]]) * A, 3), max_steps=500)

    return st.builds(build, st.floats(0.8, 1), st.floats(1.5, 2), st.floats(0.5, 1))


def from_elsewhere() -> st.SearchStrategy[Problem]:
    """Identity layers, the first one ``diag(-1, 1, ..., 1)``, from where nothing is in the way."""

    def build(target: Matrix, depth: int) -> Problem:
        problem = plain(target, depth)
        layers = problem.start
        layers[0] = np.diag(signs_of(target))
        return Problem(target, depth, problem.algorithm, 0.0, problem.max_steps, initial_layers=layers)

    return st.builds(build, reflected_targets(3, 0.5), st.sampled_from([2, 4]))


def unequal() -> st.SearchStrategy[Problem]:
    """The first layer faster than the others, so that the symmetry is lost."""
    return ingredients.with_the_first_layer_faster(st.builds(plain, reflected_targets(3, 0.5), st.sampled_from([2, 4])))


@Claim.define(
    "N6",
    source=here("reflections in the polar factor"),
    kind=Kind.LOWER_BOUND,
    partner="P4b",
    hypotheses=(reflected, even, conditions.regularized_descent, conditions.identity_start),
    quantity="lowest excess loss, the symmetry kept",
    symbols=(("m", "number of eigenvalues -1 of Q"),),
    problems=problems,
    draws=draws,
    depths=(2, 4, 8),
    confined=("margin",),
    controls=(
        Control("a rotation below pi", drops=reflected, draws=turned),
        Control("odd depth", drops=even, draws=odd),
        Control("the first layer faster", drops=conditions.regularized_descent, draws=unequal),
        Control("a reflected first layer", drops=conditions.identity_start, draws=from_elsewhere),
    ),
)
def reflections_fail(problem: Problem) -> Evidence:
    """At even depth a target whose polar factor is a reflection is never learned: m singular values stay out.

    Observed is the lowest excess loss over the horizon; as many singular values count as Q has eigenvalues -1.
    """
    bound, rounding = floor(problem.target), floor_rounding(problem.target, floor(problem.target))
    iterates = mirrored_iterates(problem, problem.max_steps)
    observed, lowest = min(iterates, key=lambda iterate: iterate[0])  # no loss of NaN is lower
    evaluated = matrix_rounding(len(problem.target), problem.depth) * reach(np.asarray(lowest))
    slack = rounding + evaluated * (math.sqrt(2 * bound) + evaluated)
    return Evidence(observed, bound, slack, problem.max_steps, "reference")
