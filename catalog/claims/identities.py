r"""The layer gradients: derivatives of the excess loss that turn with the coordinates.

Statement
---------
1. *Gradient formula.* The step direction of gradient descent is the derivative of the excess loss in every layer,
   ``dl/dTheta_i = (Theta_L ... Theta_{i+1})^T E (Theta_{i-1} ... Theta_1)^T``.
2. *Equivariance.* For orthogonal Q, turning all layers and the target, ``Theta_i -> Q Theta_i Q^T`` and
   ``Phi -> Q Phi Q^T``, turns the product and every layer gradient in the same way.

Proof
-----
1. ``dl = tr(E^T dW)`` and ``dW = A dTheta_i B`` with ``A`` the product of the layers above i and ``B`` of those below,
   so ``dl = tr((A^T E B^T)^T dTheta_i)``.
2. ``Q A Q^T Q B Q^T = Q A B Q^T``, and the same for transposes.

Rounding, in `dlr.rounding.matrix_rounding`: a gradient is 2 L + 2 operations. 1: the complex step costs twice that, its
products being complex, and errs by its square, nothing. 2: turning a layer takes 2 operations and ``Q^T Q`` is off by
at most 8, for each of 2 L factors; computing both sides takes 2 more.

Link: https://arxiv.org/abs/1802.06093, section 2.
"""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from hypothesis import strategies as st

from catalog import conditions, strategies
from catalog.claim import Claim, Condition, Control, Evidence, Kind
from catalog.claims._points import (
    UNIT_STEP,
    given,
    gradient_rounding,
    norm,
    points,
    reach,
    reached,
    second_matrix,
    with_second_matrix,
)
from catalog.sources import bhl
from dlr import Penalized, Problem, StepAndProject, matrices, network
from dlr.rounding import matrix_rounding
from dlr.types import Matrix

STEP = 2.0**-300
"""Complex step: its square is nothing beside 1, and it scales without rounding."""


# Gradient formula: against the complex step.


def formula_problems(target: Matrix, depth: int) -> Iterator[Problem]:
    """On a named target: layers that step-and-project reaches."""
    yield Problem(target, depth, UNIT_STEP, initial_layers=reached(target, depth, 10))


def pulled() -> st.SearchStrategy[Problem]:
    """Algorithms that follow something else than the excess loss: a penalty, a projection."""
    algorithms = [Penalized(1.0, step_size=1.0), Penalized(0.1, step_size=1.0), StepAndProject(0.1, step_size=1.0)]
    return st.builds(
        lambda problem, algorithm: replace(problem, algorithm=algorithm), points(), st.sampled_from(algorithms)
    )


@Claim.define(
    "I2",
    source=bhl("section 2"),
    kind=Kind.IDENTITY,
    hypotheses=(conditions.plain_gradient_descent,),
    quantity="deviation over its rounding allowance",
    problems=formula_problems,
    draws=points,
    controls=(Control("regularized", drops=conditions.plain_gradient_descent, draws=pulled),),
)
def gradient_formula(problem: Problem) -> Evidence:
    """The step of gradient descent follows the derivative of the excess loss in every layer.

    Observed is the largest deviation over the layers, along one fixed direction without zero entries, from the
    derivative by a complex step; in units of its rounding allowance.
    """
    layers, target, depth = given(problem), problem.target, problem.depth
    step = problem.algorithm.step(layers, network.gradients(layers, target), problem.step_size)
    claimed = (layers - step) / problem.step_size
    direction = np.cos(1 + np.sqrt(2) * np.arange(layers.size)).reshape(layers.shape)
    moved = np.broadcast_to(layers, (depth, *layers.shape)).astype(np.complex128)
    moved[np.arange(depth), np.arange(depth)] += 1j * STEP * direction
    derivative = network.loss(moved, target).imag / STEP
    along = np.sum(claimed * direction, axis=(-2, -1))
    rounding = gradient_rounding(layers, target, 6 * (depth + 1)) * np.linalg.norm(direction, axis=(-2, -1))
    return Evidence(float(np.max(abs(along - derivative) / rounding)), 1.0)


# Equivariance: the second matrix is Q.

orthogonal = Condition(
    "Q^T Q = I",
    lambda problem: (
        matrices.distance_to_identity(second_matrix(problem).T @ second_matrix(problem))
        <= matrix_rounding(len(problem.target), 8)
    ),
)


@st.composite
def turned(draw: st.DrawFn) -> Problem:
    """A point and a rotation or reflection."""
    problem = draw(points())
    d = len(problem.target)
    return with_second_matrix(problem, draw(strategies.orthogonal(min_dimension=d, max_dimension=d)))


def turned_problems(target: Matrix, depth: int) -> Iterator[Problem]:
    """On a named target: every plane of coordinates turned by another angle."""
    Q = matrices.plane_rotations(np.arange(1.0, len(target) // 2 + 1), len(target))
    yield with_second_matrix(Problem(target, depth, UNIT_STEP, initial_layers=reached(target, depth, 10)), Q)


def scaled() -> st.SearchStrategy[Problem]:
    """Twice the identity, at depth 2 and more: one layer would not notice."""
    return points(min_depth=2).map(lambda problem: with_second_matrix(problem, 2 * np.eye(len(problem.target))))


@Claim.define(
    "I3",
    source=bhl("section 2"),
    kind=Kind.IDENTITY,
    hypotheses=(orthogonal,),
    quantity="deviation over its rounding allowance",
    problems=turned_problems,
    draws=turned,
    controls=(Control("scaling", drops=orthogonal, draws=scaled),),
)
def equivariance(problem: Problem) -> Evidence:
    """Turning target and layers by an orthogonal matrix turns the product and the gradients with them.

    Observed is the largest deviation, of product or gradients, in units of its rounding allowance.
    """
    layers, Q, depth = given(problem), second_matrix(problem), problem.depth
    Phi = Q @ problem.target @ Q.T
    product = network.product(Q @ layers @ Q.T) - Q @ network.product(layers) @ Q.T
    gradients = network.gradients(Q @ layers @ Q.T, Phi) - Q @ network.gradients(layers, problem.target) @ Q.T
    whole = matrix_rounding(len(Q), 12 * (depth + 1)) * reach(layers)
    each = gradient_rounding(layers, problem.target, 24 * (depth + 1))
    return Evidence(max(norm(product) / whole, float(np.max(np.linalg.norm(gradients, axis=(-2, -1)))) / each), 1.0)
