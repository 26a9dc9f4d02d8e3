r"""The layer gradients: derivatives of the excess loss that turn with the coordinates.

Statement
---------
1. *Gradient formula.* The step direction of gradient descent is the derivative of the excess loss in every layer,
   ``dl/dTheta_i = (Theta_L ... Theta_{i+1})^T E (Theta_{i-1} ... Theta_1)^T``.
2. *Equivariance.* For orthogonal ``Q_0, ..., Q_L``, turning layers and target, ``Theta_i -> Q_i Theta_i Q_{i-1}^T`` and
   ``Phi -> Q_L Phi Q_0^T``, turns the product as the target and every layer gradient as its layer.

Proof
-----
1. ``dl = tr(E^T dW)`` and ``dW = A dTheta_i B`` with ``A`` the product of the layers above i and ``B`` of those below,
   so ``dl = tr((A^T E B^T)^T dTheta_i)``.
2. ``Q_2 A Q_1^T Q_1 B Q_0^T = Q_2 A B Q_0^T``, and the same for transposes.

Rounding, in `dlr.rounding.matrix_rounding`: a gradient is 2 L + 2 operations. 1: the complex step costs twice that, its
products being complex, and errs by its square, nothing. Taking the step and reading it off again are 2 more, and two
roundings of a layer, half an ulp each, which count ``epsilon |Theta_i|_F / eta``. 2: turning a layer takes 2 operations
and ``Q^T Q`` is off by at most 8, for each of 2 L factors; computing both sides takes 2 more.

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
from dlr._steps import next_layers
from dlr.rounding import EPSILON, matrix_rounding
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
    step = next_layers(problem.algorithm, layers, network.gradients(layers, target), problem.step_size)
    claimed = (layers - step) / problem.step_size
    direction = np.cos(1 + np.sqrt(2) * np.arange(layers.size)).reshape(layers.shape)
    moved = np.broadcast_to(layers, (depth, *layers.shape)).astype(np.complex128)
    moved[np.arange(depth), np.arange(depth)] += 1j * STEP * direction
    derivative = network.loss(moved, target).imag / STEP
    along = np.sum(claimed * direction, axis=(-2, -1))
    stored = EPSILON * np.linalg.norm(layers, axis=(-2, -1)) / problem.step_size
    rounding = gradient_rounding(layers, target, 6 * (depth + 1) + 2) + stored
    return Evidence(float(np.max(abs(along - derivative) / (rounding * np.linalg.norm(direction, axis=(-2, -1))))), 1.0)


# Equivariance: the second matrix is the stack Q_0, ..., Q_L.

orthogonal = Condition(
    "Q_i^T Q_i = I",
    lambda problem: bool(
        len(second_matrix(problem)) == problem.depth + 1
        and np.all(
            np.linalg.norm(
                second_matrix(problem).mT @ second_matrix(problem) - np.eye(len(problem.target)), axis=(-2, -1)
            )
            <= matrix_rounding(len(problem.target), 8)
        )
    ),
)


@st.composite
def turned(draw: st.DrawFn) -> Problem:
    """A point, and up to three rotations or reflections in turn."""
    problem = draw(points())
    d = len(problem.target)
    drawn = draw(st.lists(strategies.orthogonal(min_dimension=d, max_dimension=d), min_size=1, max_size=3))
    return with_second_matrix(problem, np.stack([drawn[i % len(drawn)] for i in range(problem.depth + 1)]))


def turned_problems(target: Matrix, depth: int) -> Iterator[Problem]:
    """On a named target: every plane of coordinates turned by another angle, behind every layer."""
    angles = np.arange(1.0, depth + 2)[:, None] * np.arange(1.0, len(target) // 2 + 1)
    Q = matrices.plane_rotations(angles, len(target))
    yield with_second_matrix(Problem(target, depth, UNIT_STEP, initial_layers=reached(target, depth, 10)), Q)


def scaled() -> st.SearchStrategy[Problem]:
    """Twice the identity, at depth 2 and more: one layer would not notice."""
    return points(min_depth=2).map(
        lambda problem: with_second_matrix(problem, 2 * np.stack([np.eye(len(problem.target))] * (problem.depth + 1)))
    )


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
    """Turning what is between the layers by orthogonal matrices turns the product and the gradients with them.

    Observed is the largest deviation, of product or gradients, in units of its rounding allowance.
    """
    layers, Q, depth = given(problem), second_matrix(problem), problem.depth
    Phi, turned_layers = Q[-1] @ problem.target @ Q[0].T, Q[1:] @ layers @ Q[:-1].mT
    product = network.product(turned_layers) - Q[-1] @ network.product(layers) @ Q[0].T
    gradients = network.gradients(turned_layers, Phi) - Q[1:] @ network.gradients(layers, problem.target) @ Q[:-1].mT
    whole = matrix_rounding(len(Phi), 12 * (depth + 1)) * reach(layers)
    each = gradient_rounding(layers, problem.target, 24 * (depth + 1))
    return Evidence(max(norm(product) / whole, float(np.max(np.linalg.norm(gradients, axis=(-2, -1)))) / each), 1.0)
