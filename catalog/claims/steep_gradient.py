r"""Near the identity a large loss means a steep gradient: the only critical points there are global minima.

Statement
---------
If ``|Theta_i - I| <= tau < 1`` for all layers, then the excess loss l and its layer gradients satisfy

    ``sum_i |dl/dTheta_i|_F^2 >= 2 L (1 - tau)^{2 (L - 1)} l``.

In particular a critical point in that region has ``l = 0``. (Hardt and Ma's form has a factor 4, for a loss
without the 1/2.)

Proof
-----
``dl/dTheta_i = A^T E B^T`` with ``A = Theta_L ... Theta_{i+1}`` and ``B = Theta_{i-1} ... Theta_1``, L - 1 layers in
all, each with least singular value at least ``1 - tau``. So ``|A^T E B^T|_F >= sigma_min(A) sigma_min(B) |E|_F >=
(1 - tau)^{L-1} |E|_F``. Square, sum over L layers, and use ``|E|_F^2 = 2 l``. Equality: ``Theta_i = (1 - tau) I``.

Rounding: L products for E, L - 1 around it and a few more to spare make ``2 (L + 1)`` operations for a layer's
gradient, so the root of the sum is off by at most ``sqrt(L)`` times that; tau and l are off likewise.

Link: https://arxiv.org/abs/1611.04231, theorem 2.2.
"""

from collections.abc import Iterator

import numpy as np
from hypothesis import strategies as st

from catalog import strategies
from catalog.claim import Claim, Condition, Control, Evidence, Kind
from catalog.claims._points import UNIT_STEP, given, gradient_rounding, points, radii, reached, targets
from catalog.sources import hm
from dlr import GradientDescent, Problem, StepAndProject, network
from dlr.rounding import matrix_rounding
from dlr.types import Matrix


def radius(problem: Problem) -> float:
    """``tau = max |Theta_i - I|``."""
    return float(np.max(np.linalg.norm(given(problem) - np.eye(len(problem.target)), 2, axis=(-2, -1))))


def steepness(depth: int, radius: float) -> float:
    """``2 L (1 - tau)^{2 (L - 1)}``: least squared gradient norm over excess loss."""
    return 2 * depth * abs(1 - radius) ** (2 * (depth - 1))


near = Condition("|Theta_i - I| < 1", lambda problem: radius(problem) < 1)


def problems(target: Matrix, depth: int) -> Iterator[Problem]:
    """On a named target: the start, and layers that step-and-project reaches."""
    for steps in (0, 1, 10, 30):
        yield Problem(target, depth, UNIT_STEP, initial_layers=reached(target, depth, steps))


@st.composite
def along_training(draw: st.DrawFn) -> Problem:
    """Layers along training: step-and-project to any target, plain gradient descent to one near the identity."""
    depth, steps = draw(st.integers(1, 64)), draw(st.sampled_from([1, 0, 3, 10, 30]))
    if draw(st.booleans()):
        target = draw(strategies.near_the_identity())
        return Problem(target, depth, UNIT_STEP, initial_layers=reached(target, depth, steps, GradientDescent()))
    target = draw(targets())
    algorithm = StepAndProject(radius=draw(radii(depth)))
    return Problem(target, depth, UNIT_STEP, initial_layers=reached(target, depth, steps, algorithm))


def draws() -> st.SearchStrategy[Problem]:
    """Drawn layers and layers reached by training, tau up to 0.9, depths to 64."""
    return st.one_of(points(), along_training())


def far_layers() -> st.SearchStrategy[Problem]:
    """All layers ``diag(-s, 0, ..., 0)``, at depth 3 and more: flat in every direction but one, and tau = 1 + s."""

    def build(target: Matrix, depth: int, s: float) -> Problem:
        layers = np.zeros((depth, *target.shape))
        layers[:, 0, 0] = -s
        return Problem(target, depth, UNIT_STEP, initial_layers=layers)

    return st.builds(
        build,
        strategies.positive_definite(min_dimension=2, min_eigenvalue=0.5, max_eigenvalue=2.0),
        st.integers(3, 8),
        st.sampled_from([1.0, 0.5, 2.0]),
    )


@Claim.define(
    "H2",
    source=hm("theorem 2.2"),
    kind=Kind.LOWER_BOUND,
    hypotheses=(near,),
    quantity="squared gradient norm, all layers",
    symbols=(("tau", "largest ``|Theta_i - I|``"),),
    problems=problems,
    draws=draws,
    controls=(Control("far layers", drops=near, draws=far_layers),),
)
def steep_gradient(problem: Problem) -> Evidence:
    """Within tau < 1 of the identity the squared gradient norm is at least ``2 L (1 - tau)^(2L - 2)`` times the loss.

    Observed is the sum of the squared Frobenius norms of the layer gradients.
    """
    layers, depth, tau = given(problem), problem.depth, radius(problem)
    loss, gradients = network.loss_and_gradients(layers, problem.target)
    observed, bound = float(np.sum(gradients**2)), steepness(depth, tau) * float(loss)
    rounding = gradient_rounding(layers, problem.target, 2 * (depth + 1))
    slope = 2 * (depth - 1) * abs(1 - tau) ** max(2 * depth - 3, 0) * 2 * depth * float(loss)
    slack = (
        rounding * np.sqrt(depth) * (2 * np.sqrt(observed) + rounding * np.sqrt(depth))
        + steepness(depth, tau) * rounding * np.sqrt(2 * float(loss))
        + slope * matrix_rounding(len(problem.target), 2)
    )
    return Evidence(observed, bound, float(slack))
