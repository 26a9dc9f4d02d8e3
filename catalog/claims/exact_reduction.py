r"""For a normal target, training a network is one scalar recursion per eigenvalue.

Statement
---------
Let Phi be normal and start at the identity. For gradient descent, step-and-project, penalized gradient descent and
power projection, all layers of every iterate are one matrix ``Theta = Q z Q^T``, where ``Phi = Q lambda Q^T`` is the
real Schur form (lambda and z stand for 1x1 blocks and 2x2 blocks ``[[a, -b], [b, a]]``), and the step is
``z+ = P(z - eta g)`` from ``z_0 = 1`` with ``g = conj(z)^{L-1} (z^L - lambda)`` (plus ``kappa (z - 1)`` under a
penalty). P is the identity; clips ``|z - 1|`` at the radius; or, for power projection, lifts the real part of ``z^L``
to the margin and takes the principal L-th root.

Proof
-----
Blocks ``[[a, -b], [b, a]]`` add, multiply and transpose like complex numbers add, multiply and conjugate, so the
matrices ``Q z Q^T`` are closed under all three. If every layer is Theta, every gradient is
``(Theta^{L-1})^T (Theta^L - Phi)``: equal layers stay equal, and the gradient step is the one above. The singular
values of a block are ``|a + i b|``, twice, so clipping those of ``Theta - I`` scales z - 1. The symmetric part of a
block is a I, so the margin projection lifts a. With ``w = r e^{i phi}`` the polar form of ``Q w Q^T`` has rotation
phi and stretch r in each block; its factors commute, so each factor of the balanced factorization has eigenvalue
``r^{1/L} e^{i phi / L}``, and ``|phi| < pi`` as the real part is positive.

So a step of the dense iteration from the reduction's t-th iterate must give the reduction's next one. That is checked
for t up to 300: the comparison has no horizon, because rounding in earlier steps is common to both sides (whole runs
are compared in dense-agrees-until-horizon).

Rounding. Let y bound the layers' norms, ``B = max(y^L, |Phi|)``, and r(k) be `dlr.rounding.matrix_rounding` for k
operations. The target is normal only up to ``delta = (d^2 + 24 d) epsilon |Phi|_F`` (its products and rotations) and
its Schur form is backward stable, so what lies beside the blocks has norm at most
``tau = sqrt(d) (delta + r(1) |Phi|)``. Both sides convert z to a matrix, r(4) y each; a gradient is 3 L operations,
counting those that Q being orthogonal only to r(1) causes, and sees tau; an SVD or a penalty costs r(6) (1 + y). So
one step's layers agree to ``a = r(14) (1 + y) + eta y^{L-1} (2 r(3L) B + tau)``, the product to
``L y^{L-1} a + r(2L) B`` and the loss to the error ``|E|`` times that plus tau, plus half its square. For power
projection, a product off by ``b = L y^{L-1} a + r(2L + 8) B`` is factored again: the L-th root of the stretch moves
by at most ``sqrt(2) s^{1/L - 1} b / L`` and the rotation by ``b / s``, in each of its two powers, where s is the
least singular value, at least the margin; so a becomes ``(2 y / s + 2 s^{1/L - 1} / L) b + r(8) y``.

Link: https://arxiv.org/abs/1802.06093 for the algorithms; the reduction is this project's.
"""

import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from hypothesis import strategies as st

from catalog import conditions, ingredients, strategies
from catalog.claim import Claim, Condition, Control, Evidence, Kind
from catalog.claims._points import norm_or_one
from catalog.sources import here
from catalog.traits import margin_positive, schur_form
from dlr import (
    GradientDescent,
    Penalized,
    PowerProjection,
    Problem,
    Solution,
    StepAndProject,
    matrices,
    network,
    run,
    spectral,
)
from dlr._norms import spectral_norms
from dlr.algorithms import Algorithm
from dlr.rounding import EPSILON, matrix_rounding, power
from dlr.solver import default_step_size
from dlr.types import Matrix

moderate_step = Condition(
    "eta L max(1, |Phi|)^2 <= 1e4",
    lambda problem: problem.step_size * problem.depth * power(norm_or_one(problem.target), 2) <= 1e4,
    practical=True,
)


def instance(target: Matrix, depth: int, algorithm: Algorithm, fraction: float = 1.0, steps: int = 5) -> Problem:
    """The comparison after some steps, at a fraction of the solver's default step size."""
    eta = fraction * default_step_size(target, depth, algorithm)
    problem = Problem(target, depth, algorithm, tol=0.0, max_steps=steps)
    return ingredients.with_step_size(problem, eta) if eta > 0 else problem


def problems(target: Matrix, depth: int) -> Iterator[Problem]:
    """On a named target of exact form: each algorithm that can run on it, after 5 steps."""
    if not schur_form.holds(target):
        return
    algorithms: list[Algorithm] = [GradientDescent(), StepAndProject(radius=0.1), Penalized(strength=0.1)]
    if margin_positive.holds(target):
        algorithms.append(PowerProjection(min(1.0, matrices.margin(target))))
    for algorithm in algorithms:
        yield instance(target, depth, algorithm)


def normals(low: int, high: int, **ranges: float) -> st.SearchStrategy[Matrix]:
    """Normal targets with d from low to high."""
    return strategies.normal(min_dimension=low, max_dimension=high, **ranges)


@st.composite
def draws(draw: st.DrawFn) -> Problem:
    """Any normal target, singular and saddle-bound ones included; for power projection, with a margin."""
    acute, dimensions = draw(st.booleans()), ((1, 8), (1, 8), (9, 16))
    if acute:
        peak = draw(st.sampled_from([1.0, 3.0]))
        sizes = [normals(low, high, min_modulus=0.1, max_modulus=peak, max_angle=1.4) for low, high in dimensions]
    else:
        sizes = [*(normals(low, high) for low, high in dimensions), strategies.symmetric()]
    target = ingredients.schur_blocks(draw(st.one_of(*sizes)))
    if acute:
        own = min(1.0, matrices.margin(target))
        algorithm: Algorithm = PowerProjection(own * draw(st.sampled_from([1.0, 0.5])))
    else:
        algorithm = draw(
            st.one_of(
                st.just(GradientDescent()),
                st.builds(StepAndProject, radius=st.sampled_from([0.5, 0.0, 0.01, 0.1, 3.0])),
                st.builds(Penalized, strength=st.sampled_from([0.1, 0.0, 1.0, 10.0])),
            )
        )
    fraction, steps = draw(st.sampled_from([1.0, 0.1, 2.0])), draw(st.sampled_from([0, 1, 2, 5, 20, 100, 300]))
    if acute:  # now and then a first step that overshoots, into the margin projection
        fraction, steps = draw(st.sampled_from([(fraction, steps), (6.0, 0)]))
    return instance(target, draw(st.integers(1, 64)), algorithm, fraction, steps)


def shears() -> st.SearchStrategy[Problem]:
    """``[[1, k], [0, 1]]``, all eigenvalues 1, with each algorithm."""
    return st.builds(
        lambda k, depth, algorithm: instance(np.array([[1.0, k], [0.0, 1.0]]), depth, algorithm),
        st.floats(0.01, 1),
        st.integers(1, 8),
        st.sampled_from([GradientDescent(), StepAndProject(radius=0.5), Penalized(strength=0.1), PowerProjection(0.1)]),
    )


def zero_asymmetric_start() -> st.SearchStrategy[Problem]:
    """Layers that differ."""
    return st.builds(
        lambda target, depth: replace(
            instance(ingredients.schur_blocks(target), depth, GradientDescent()),
            initial_layers=network.zero_asymmetric_layers(target, depth),
        ),
        strategies.normal(),
        st.integers(1, 8),
    )


@Claim.define(
    "N1",
    source=here("exact reduction"),
    kind=Kind.IDENTITY,
    partner="N2a",
    hypotheses=(schur_form, conditions.identity_start, moderate_step),
    quantity="deviation over its rounding allowance",
    problems=problems,
    draws=draws,
    controls=(
        Control("shears", drops=schur_form, draws=shears),
        Control("zero-asymmetric start", drops=conditions.identity_start, draws=zero_asymmetric_start),
    ),
)
def exact_reduction(problem: Problem) -> Evidence:
    """On a normal target every iterate of every algorithm comes from one scalar recursion per eigenvalue.

    Observed is the largest deviation of layers, product and losses after one more step, dense against reduced.
    """
    found = spectral.nearest_normal(problem.target)
    blocks = found.matrix(found.eigenvalues) if found.departure > 0 else problem.target
    before, after = (reduced(replace(problem, target=blocks), steps) for steps in (0, 1))
    start = before.layers if problem.initial_layers is None else problem.initial_layers
    steps = 1 if problem.initial_layers is None else problem.max_steps + 1
    dense = run(replace(problem, tol=0.0, max_steps=steps, engine="reference", initial_layers=start))
    layer, product, loss = allowances(problem, before, after)
    deviation = max(
        float(np.linalg.norm(dense.layers - after.layers)) / (layer * math.sqrt(problem.depth)),
        float(np.linalg.norm(dense.product - after.product)) / product,
        abs(dense.loss - after.loss) / loss,
        abs(dense.losses[0] - before.loss) / loss,
    )
    return Evidence(deviation, 1.0, steps=problem.max_steps + 1, engine="reference and spectral")


def reduced(problem: Problem, more: int) -> Solution:
    """The reduction's run of ``max_steps + more`` steps."""
    steps = problem.max_steps + more
    return run(replace(problem, tol=0.0, max_steps=steps, engine="spectral", initial_layers=None))


def allowances(problem: Problem, before: Solution, after: Solution) -> tuple[float, float, float]:
    """How far rounding may move a layer, the product and the loss in one step; derived in the module's docstring."""
    d, depth, size = len(problem.target), problem.depth, float(spectral_norms(problem.target))
    y = max(float(spectral_norms(solution.layers[0])) for solution in (before, after))
    reach = max(power(y, depth), size)
    drawn = (d**2 + 24 * d) * EPSILON * float(np.linalg.norm(problem.target))
    beside = math.sqrt(d) * (drawn + matrix_rounding(d, 1) * size)
    carried = depth * power(y, depth - 1)
    gradient = power(y, depth - 1) * (2 * matrix_rounding(d, 3 * depth) * reach + beside)
    layer = matrix_rounding(d, 14) * (1 + y) + problem.step_size * gradient
    if isinstance(problem.algorithm, PowerProjection):
        least = max(ingredients.gamma(problem), float(np.linalg.norm(after.product, -2)))
        moved = carried * layer + matrix_rounding(d, 2 * depth + 8) * reach
        layer = (2 * y / least + 2 * least ** (1 / depth - 1) / depth) * moved + matrix_rounding(d, 8) * y
    product = carried * layer + matrix_rounding(d, 2 * depth) * reach
    error = product + beside
    return layer, product, math.sqrt(2 * max(before.loss, after.loss)) * error + error * error / 2
