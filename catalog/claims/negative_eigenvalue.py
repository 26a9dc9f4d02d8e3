r"""A symmetric target with a negative eigenvalue is never learned, whatever pulls the layers to the identity.

Statement
---------
Let Phi be symmetric and L >= 2. Start gradient descent, step-and-project (any radius) or penalized gradient
descent (any strength kappa >= 0) at the identity. If L is even, for every step size, and if L is odd, whenever
``eta (1 + |lambda_min|) <= 1`` and ``eta kappa <= 1``: for all t

    excess loss ``l_t >= 1/2 sum over negative eigenvalues of lambda_j^2``.

Proof
-----
The start is I and each update is a function of Phi, so all layers stay one symmetric ``f_t(Phi)`` and the
product has eigenvalue ``theta_j^L`` along eigenvector j, with (``s = -lambda_j > 0``)

    ``theta+ = P(theta - eta theta^{L-1} (theta^L + s) - eta kappa (theta - 1))``, ``theta_0 = 1``,

P clipping to ``[1 - r, 1 + r]`` or doing nothing. Even L: ``theta^L >= 0 > -s``, so the error along v_j is at
least s. Odd L: let theta be in [0, 1]. Then ``eta theta^{L-1} (theta^L + s) <= eta theta (1 + s) <= theta``, as
L >= 2 and theta <= 1, so the gradient step stays in [0, theta]; the penalty adds ``eta kappa (1 - theta)``, in
``[0, 1 - theta]``; P moves toward 1. So theta stays in [0, 1] and ``theta^L >= 0`` again. Sum the squared errors
over the negative eigenvalues.

This is a statement about exact arithmetic: the dense iteration loses the symmetry to rounding and, after a
horizon that grows like log(1/precision), leaves the saddle. So the claim is checked on the exact
reduction (`dlr.spectral`), where a real eigenvalue stays exactly real. There, rounding is monotone, so each
squared error keeps its bound; what is left is the sum of d terms and the eigenvalues' own rounding.

Link: https://arxiv.org/abs/1802.06093, theorems on symmetric targets with a negative eigenvalue.
"""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from hypothesis import strategies as st

from catalog import conditions, strategies
from catalog.claim import Condition, Control, Evidence, Kind, Problem, claim
from catalog.sources import bhl
from catalog.traits import negative_margin, symmetric
from dlr import GradientDescent, Penalized, StepAndProject, matrices, network, solve, theory
from dlr.types import Matrix

HORIZON = 2_000


def strength(problem: Problem) -> float:
    """Penalty strength kappa, 0 for the other algorithms."""
    return problem.algorithm.strength if isinstance(problem.algorithm, Penalized) else 0.0


def covered_step(problem: Problem) -> bool:
    """Any step size at even depth; at odd depth the theorem's."""
    largest = theory.negative_eigenvalue_step_size(problem.target, problem.depth, strength(problem))
    return problem.depth % 2 == 0 or problem.step_size <= largest


step_size = Condition("L even, or eta (1 + |lambda_min|) <= 1 and eta kappa <= 1", covered_step)
deep = conditions.depth_at_least(2)


def problems(target: Matrix, depth: int) -> Iterator[Problem]:
    """On a named target: the three algorithms at the largest step size an odd depth allows."""
    for algorithm in (GradientDescent(), StepAndProject(radius=0.5), Penalized(strength=0.1)):
        kappa = algorithm.strength if isinstance(algorithm, Penalized) else 0.0
        eta = theory.negative_eigenvalue_step_size(target, depth, kappa)
        yield Problem(target, depth, replace(algorithm, step_size=eta), tol=0.0, max_steps=HORIZON)


def algorithms() -> st.SearchStrategy[GradientDescent | StepAndProject | Penalized]:
    """The three algorithms of the theorem, with radii and strengths of every size."""
    return st.one_of(
        st.just(GradientDescent()),
        st.builds(StepAndProject, radius=st.sampled_from([0.5, 0.0, 0.1, 1.0, 3.0])),
        st.builds(Penalized, strength=st.sampled_from([0.1, 0.0, 1.0, 10.0])),
    )


def draws() -> st.SearchStrategy[Problem]:
    """Depths to 64; odd ones up to the largest step size, even ones beyond it."""
    return instances(strategies.negative_eigenvalue())


@st.composite
def instances(draw: st.DrawFn, targets: st.SearchStrategy[Matrix]) -> Problem:
    """One of the three algorithms on a drawn target."""
    target = draw(targets)
    depth = draw(st.integers(2, 64))
    algorithm = draw(algorithms())
    kappa = algorithm.strength if isinstance(algorithm, Penalized) else 0.0
    fraction = draw(st.sampled_from([1.0, 0.1, 0.01] if depth % 2 else [1.0, 0.1, 0.01, 3.0]))
    eta = fraction * theory.negative_eigenvalue_step_size(target, depth, kappa)
    return Problem(target, depth, replace(algorithm, step_size=eta), tol=0.0, max_steps=HORIZON)


def plain(target: Matrix, depth: int, fraction: float = 0.2) -> Problem:
    """Plain gradient descent at a fraction of the odd-depth step size over L."""
    eta = fraction * theory.negative_eigenvalue_step_size(target, depth) / depth
    return Problem(target, depth, GradientDescent(eta), tol=0.0, max_steps=HORIZON)


def obtuse_rotations() -> st.SearchStrategy[Problem]:
    """Plane rotations beyond a right angle: the symmetric part is negative, the target is not symmetric."""
    return st.builds(
        lambda angle, depth: plain(matrices.plane_rotations(np.array([angle]), 2), depth),
        st.floats(1.6, 2.8),
        st.integers(2, 8),
    )


def positive_spectrum() -> st.SearchStrategy[Problem]:
    """Positive definite targets; the floor then speaks of the least eigenvalue."""
    return st.builds(plain, strategies.positive_definite(min_eigenvalue=0.5, max_eigenvalue=2.0), st.integers(2, 8))


def one_layer() -> st.SearchStrategy[Problem]:
    """Depth 1: a linear least-squares problem, which gradient descent solves for every target."""
    return st.builds(lambda target: plain(target, 1), strategies.negative_eigenvalue(max_dimension=4))


def long_steps() -> st.SearchStrategy[Problem]:
    """Odd depth and a step that can jump over zero: at ``eta (1 + s) = 2`` theta lands on the root -1."""
    return st.builds(
        lambda depth, fraction: plain(np.diag([-1.0, 1.0]), depth, fraction * depth),
        st.sampled_from([3, 5, 7]),
        st.floats(1.5, 2.5),
    )


def zero_asymmetric_start() -> st.SearchStrategy[Problem]:
    """Identity layers but for a zero last one: not one function of the target any more."""

    def build(target: Matrix, depth: int) -> Problem:
        return replace(plain(target, depth), layers=network.zero_asymmetric_layers(target, depth))

    return st.builds(build, strategies.negative_eigenvalue(max_dimension=3, max_magnitude=2.0), st.integers(2, 4))


@claim(
    "P4",
    source=bhl("symmetric targets with a negative eigenvalue"),
    kind=Kind.LOWER_BOUND,
    hypotheses=(symmetric, negative_margin, deep, step_size, conditions.identity_start),
    quantity="lowest excess loss",
    problems=problems,
    confined=("margin",),
    draws=draws,
    depths=(2, 3, 8),
    controls=(
        Control("obtuse rotations", drops=symmetric, draws=obtuse_rotations),
        Control("positive spectrum", drops=negative_margin, draws=positive_spectrum),
        Control("one layer", drops=deep, draws=one_layer),
        Control("longer steps at odd depth", drops=step_size, draws=long_steps),
        Control("zero-asymmetric start", drops=conditions.identity_start, draws=zero_asymmetric_start),
    ),
)
def negative_eigenvalue_fails(problem: Problem) -> Evidence:
    """No algorithm that keeps the layers near the identity gets below half the sum of squared negative eigenvalues.

    Observed is the lowest excess loss over the horizon.
    """
    return lowest_loss(problem, theory.negative_eigenvalue_floor(problem.target))


def lowest_loss(problem: Problem, floor: float, engine: str = "auto") -> Evidence:
    """Lowest excess loss over the horizon, against a floor with its rounding allowance.

    The loss sums d terms; each eigenvalue carries the solver's backward error ``d epsilon |Phi|``, twice.
    """
    solution = solve(
        problem.target,
        problem.depth,
        problem.algorithm,
        tol=0.0,
        max_steps=problem.max_steps,
        engine=engine,
        initial_layers=problem.layers,
        history=False,
    )
    dimension, epsilon = len(problem.target), float(np.finfo(np.float64).eps)
    spread = float(np.linalg.norm(problem.target, 2) * np.sqrt(2 * floor * dimension))
    slack = dimension * epsilon * (floor + 2 * spread)
    return Evidence(solution.lowest_loss, floor, slack, solution.steps, solution.engine)
