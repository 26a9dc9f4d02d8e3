r"""The normal dichotomy: a normal target is learned unless an eigenvalue lies on the negative real axis.

Statement
---------
Let Phi be normal and start at the identity.

N2a. For an eigenvalue lambda let m be the distance from 0 to the segment ``[1, lambda]``, ``h = m/2``,
``D = |lambda - 1|`` and ``M = max(1, |lambda|) + h``. If m > 0 and

    ``eta L <= min( M^{-(2 - 2/L)}, 0.35 / (M^{1 - 2/L} D), 1.4 h / (M^{1 - 2/L} D^2) )``

for every eigenvalue, the eigenvalues w of the product satisfy ``|w_t - lambda| <= D (1 - (4/5) eta L h^{2 - 2/L})^t``
for all t; so with the least h of all, ``|E_t|_F <= |Phi - I|_F (1 - (4/5) eta L h^{2 - 2/L})^t``.

N2b. If Phi has negative real eigenvalues ``-s_j`` and L >= 2, gradient descent, step-and-project (any radius) and
penalized gradient descent (any kappa >= 0) keep the excess loss at ``1/2 sum s_j^2`` or above: for every step size
if L is even, for ``eta (1 + max s_j) <= 1`` and ``eta kappa <= 1`` if L is odd.

Proof of N2a
------------
By the exact reduction, ``z+ = z - eta g`` from ``z_0 = 1`` with ``g = conj(z)^{L-1} e``, ``e = z^L - lambda``. Expand
``w+ = (z - eta g)^L``: as ``z^{L-1} g = |w|^{2 - 2/L} e``,

    ``e+ = (1 - a) e + R``,  ``a = eta L |w|^{2 - 2/L}``,  ``|R| <= |w| phi(x)``,  ``x = eta L |w|^{1 - 2/L} |e|``,

with ``phi(x) = exp(x) - 1 - x >= (1 + x/L)^L - 1 - x``. Suppose ``h <= |w| <= M`` and ``|e| <= D`` up to step t. Then
``a <= 1`` and, for L >= 2, ``x <= 0.35``, where ``phi(x) <= x/5`` and ``phi(x) <= 0.564 x^2``. First,
``|R| <= |w| x / 5 = a |e| / 5``, so ``|e+| <= (1 - (4/5) a) |e|``: that is the rate, as ``|w| >= h``. Second,
unrolling, ``w_t = lambda + c_t (1 - lambda) + n_t`` with c_t in [0, 1] and ``|n_t| <= sum |R_s|``; and since
``|e_s| - |e_{s+1}| >= (4/5) a_s |e_s|``,

    ``|R_s| <= 0.564 a_s eta L |w_s|^{1 - 2/L} |e_s|^2 <= 0.705 eta L M^{1 - 2/L} D (|e_s| - |e_{s+1}|)``,

which sums to at most ``0.705 eta L M^{1 - 2/L} D^2 <= h``. So w_t stays within h of the segment, which gives
``m - h <= |w_t| <= M`` for the next step. For L = 1, R = 0 and ``eta <= 1`` suffices. ``|E|_F^2`` is the sum of the
``|e|^2``.

Dividing R by the ``|w|`` at hand, not by its bounds, and summing it by telescoping makes the second and third limit
on the step size ``(M/h)^{2 - 2/L}`` times as large as bounding each factor by itself would.

Proof of N2b
------------
A real eigenvalue keeps a real z, with the recursion of the symmetric theorem, negative-eigenvalue-fails; its proof
holds word for word. Checked on the exact reduction, as there; an eigenvalue counts where it is real to the last bit.

Link: https://arxiv.org/abs/1802.06093 for the symmetric half; the dichotomy is this project's.
"""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from hypothesis import strategies as st

from catalog import conditions, strategies, trajectories
from catalog.claim import Condition, Control, Evidence, Kind, Problem, claim
from catalog.claims import _contraction, negative_eigenvalue
from catalog.claims.negative_eigenvalue import strength
from catalog.sources import here
from catalog.traits import clear_of_negative_axis, normal
from dlr import GradientDescent, Penalized, StepAndProject, matrices, theory
from dlr.types import Matrix

HORIZON = 2_000

small_step = conditions.step_size_at_most(
    "eta L <= min(M^(2/L - 2), 0.35 M^(2/L - 1) / D, 1.4 h M^(2/L - 1) / D^2)",
    lambda problem: theory.normal_dichotomy_step_size(problem.target, problem.depth),
)


def instance(target: Matrix, depth: int, fraction: float = 1.0) -> Problem:
    """Gradient descent at a fraction of the dichotomy's step size."""
    eta = fraction * theory.normal_dichotomy_step_size(target, depth)
    return Problem(target, depth, GradientDescent(eta), max_steps=HORIZON)


def problems(target: Matrix, depth: int) -> Iterator[Problem]:
    """On a named target: the largest step size."""
    yield instance(target, depth)


def clear_of_the_axis() -> st.SearchStrategy[Matrix]:
    """Normal targets with eigenvalues up to 20 degrees from the negative axis, d to 16."""
    return st.one_of(
        *(
            strategies.normal(
                min_dimension=low, max_dimension=high, min_modulus=0.2, max_modulus=5.0, max_angle=np.pi - 0.35
            )
            for low, high in ((1, 8), (1, 8), (9, 16))
        )
    )


def draws() -> st.SearchStrategy[Problem]:
    """Any direction, depths to 64."""
    return st.builds(instance, clear_of_the_axis(), st.integers(1, 64), st.sampled_from([1.0, 0.5, 0.1]))


def turned() -> st.SearchStrategy[Problem]:
    """Normal, not near the identity: every step and every layer counts."""
    angles = st.floats(0.5, 2.5).map(lambda angle: matrices.plane_rotations(np.array([angle]), 2))
    return st.builds(instance, angles, st.integers(2, 16))


def across_the_axis() -> st.SearchStrategy[Problem]:
    """``diag(-s, 1, ..., 1)``: the straight path from 1 to -s runs through 0."""
    flipped = st.builds(
        lambda s, d: np.diag([-s] + [1.0] * (d - 1)), st.sampled_from([1.0, 0.5, 2.0]), st.integers(1, 4)
    )
    return st.builds(instance, flipped, st.integers(2, 8))


def shears() -> st.SearchStrategy[Problem]:
    """``[[1, k], [0, 1]]``: eigenvalues that say nothing of the shear, and a step size that ignores it."""
    return st.builds(
        lambda k, depth: instance(np.array([[1.0, k], [0.0, 1.0]]), depth), st.floats(2, 20), st.integers(2, 8)
    )


@claim(
    "N2a",
    source=here("normal dichotomy, clear of the negative axis"),
    kind=Kind.UPPER_BOUND,
    hypotheses=(clear_of_negative_axis, conditions.plain_gradient_descent, conditions.identity_start, small_step),
    quantity=trajectories.DECAY,
    problems=problems,
    draws=draws,
    depths=(1, 2, 8, 64),
    controls=(
        Control("across the axis", drops=clear_of_negative_axis, draws=across_the_axis),
        Control("shears", drops=clear_of_negative_axis, draws=shears),
        Control("penalty", drops=conditions.plain_gradient_descent, draws=lambda: conditions.penalized(turned())),
        Control("zero start", drops=conditions.identity_start, draws=lambda: _contraction.zero_start(turned())),
        Control("longer steps", drops=small_step, draws=lambda: _contraction.longer(turned(), 4, 64)),
    ),
)
def normal_dichotomy(problem: Problem) -> Evidence:
    """Gradient descent learns every normal target without eigenvalues on the closed negative real axis.

    Observed compares ``|Phi - I|_F (1 - (4/5) eta L h^{2 - 2/L})^t`` with the error at every step.
    """
    return _contraction.decay(
        problem,
        start=matrices.distance_to_identity(problem.target),
        rate=theory.normal_dichotomy_rate(problem.target, problem.depth, problem.step_size),
        reach=max(1.0, float(np.linalg.norm(problem.target, 2))) + 0.5,
    )


def covered_step(problem: Problem) -> bool:
    """Any step size at even depth; at odd depth the theorem's."""
    largest = theory.negative_axis_step_size(problem.target, problem.depth, strength(problem))
    return problem.depth % 2 == 0 or problem.step_size <= largest * (1 + theory.ROUNDING)


axis_step = Condition("L even, or eta (1 + max s) <= 1 and eta kappa <= 1", covered_step)
on_axis = Condition(
    "a negative real eigenvalue", lambda problem: len(theory.negative_axis_eigenvalues(problem.target)) > 0
)


def stuck(
    target: Matrix, depth: int, algorithm: GradientDescent | StepAndProject | Penalized, fraction: float
) -> Problem:
    """The algorithm at a fraction of the largest step size of odd depths."""
    kappa = algorithm.strength if isinstance(algorithm, Penalized) else 0.0
    eta = fraction * theory.negative_axis_step_size(target, depth, kappa)
    return Problem(target, depth, replace(algorithm, step_size=eta), tol=0.0, max_steps=HORIZON)


def stuck_problems(target: Matrix, depth: int) -> Iterator[Problem]:
    """On a named target: the three algorithms at the largest step size of odd depths."""
    for algorithm in (GradientDescent(), StepAndProject(radius=0.5), Penalized(strength=0.1)):
        yield stuck(target, depth, algorithm, 1.0)


@st.composite
def stuck_draws(draw: st.DrawFn) -> Problem:
    """A negative eigenvalue beside a normal block clear of the axis, in a rotated basis; or a symmetric target."""
    if draw(st.booleans()):
        block = draw(clear_of_the_axis())
        size = len(block) + 1
        whole = np.zeros((size, size))
        whole[0, 0], whole[1:, 1:] = -draw(st.sampled_from([1.0, 0.1, 0.5, 2.0, 5.0])), block
        Q = draw(strategies.orthogonal(min_dimension=size, max_dimension=size))
        target = Q @ whole @ Q.T
    else:
        target = draw(strategies.negative_eigenvalue())
    depth = draw(st.integers(2, 64))
    fractions = [1.0, 0.1, 0.01] if depth % 2 else [1.0, 0.1, 0.01, 3.0]
    return stuck(target, depth, draw(negative_eigenvalue.algorithms()), draw(st.sampled_from(fractions)))


def triangular() -> st.SearchStrategy[Problem]:
    """``[[-s, k], [0, -s/2]]``: real negative eigenvalues, but no invariant axis that the layers must share."""
    return st.builds(
        lambda s, k, depth: stuck(np.array([[-s, k], [0.0, -s / 2]]), depth, GradientDescent(), 0.5 / depth),
        st.floats(0.25, 1),
        st.floats(0.5, 4),
        st.integers(2, 4),
    )


@claim(
    "N2b",
    source=here("normal dichotomy, on the negative axis"),
    kind=Kind.LOWER_BOUND,
    hypotheses=(normal, on_axis, negative_eigenvalue.deep, axis_step, conditions.identity_start),
    quantity="lowest excess loss",
    problems=stuck_problems,
    confined=("margin",),
    draws=stuck_draws,
    depths=(2, 3, 8),
    controls=(
        Control("triangular", drops=normal, draws=triangular),
        Control("positive spectrum", drops=on_axis, draws=negative_eigenvalue.positive_spectrum),
        Control("one layer", drops=negative_eigenvalue.deep, draws=negative_eigenvalue.one_layer),
        Control("longer steps at odd depth", drops=axis_step, draws=negative_eigenvalue.long_steps),
        Control(
            "zero-asymmetric start", drops=conditions.identity_start, draws=negative_eigenvalue.zero_asymmetric_start
        ),
    ),
)
def negative_axis_fails(problem: Problem) -> Evidence:
    """A normal target is never learned to below half the sum of its squared negative real eigenvalues.

    Observed is the lowest excess loss over the horizon.
    """
    reducible = normal.holds(problem.target) and problem.layers is None
    floor = theory.negative_axis_floor(problem.target)
    return negative_eigenvalue.lowest_loss(problem, floor, "spectral" if reducible else "auto")
