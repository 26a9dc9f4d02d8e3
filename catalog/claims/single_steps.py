r"""Every step of the four algorithms is the one that the paper defines, to rounding.

Statement
---------
Let ``Y_i = Theta_i - eta dl/dTheta_i`` from any layers Theta of a network of any target. The next layers are

1. of gradient descent, ``Y_i``;
2. of penalized gradient descent, ``Y_i - eta kappa (Theta_i - I)``;
3. of step-and-project, the nearest ones to ``Y_i`` with ``|X_i - I| <= r``;
4. of power projection, the balanced factorization of the nearest gamma-positive matrix to ``Y_L ... Y_1``.

Proof
-----
These are definitions. The check computes Y from the layers before the step in exact arithmetic (`catalog.dyadic`), with
no code in common with the solver, and asks of the layers after it what characterizes them:

3. With ``A = X - I`` and ``B = Y - X``, X is nearest to Y in the ball exactly when ``|A| <= r`` and
   ``<B, Z> <= <B, A>`` for all ``|Z| <= r``, that is ``r |B|_* <= <A, B>`` with the sum of the singular values. It is
   so exactly when ``A^T B = r (B^T B)^{1/2}``: the trace of this gives the inequality; and if ``B = U beta V^T``, the
   inequality makes ``u_j^T A v_j = r`` wherever ``beta_j > 0``, hence ``A^T u_j = r v_j`` as ``|A| <= r``.
4. Let P be the product of the X_i and ``A = sym(P) - gamma I``, ``B = sym(P) - sym(Y_L ... Y_1)``. P is nearest exactly
   when P has the skew part of the product of the Y_i and A, B are positive semidefinite with ``A B = 0`` (Moreau). Let
   ``X_1 = G H`` be the polar form. The X_i are the balanced factorization of their product exactly when
   ``X_{i+1} G = G X_i`` for all i and G turns by at most ``pi/(2 L)``: then ``P = G^L H^L`` is the polar form of P, and
   G the principal root of its rotation.

Rounding. r(k) is `dlr.rounding.matrix_rounding` of k operations, all norms are of the layers before and after. A
gradient is ``2 L + 2`` operations, in whatever order, on factors whose norms multiply to at most ``R (R + |Phi|)``, R
being the product of the ``max(1, |Theta_i|)``. Adding it to a layer, and a penalty, rounds four times at most, each
time a sum S of the sizes of what is added. So Y is off by ``a = eta r(2 L + 2) R (R + |Phi|) + 2 epsilon S``, which is
all for 1 and 2. For 3 an SVD and the product of its factors cost ``delta = a + r(6) (1 + |Y - I|)``; and since ``(B^T
B)^{1/2}`` moves by at most sqrt(2) times as much as B, the equation is off by ``(|A| + |B| + 2 r) (delta + r(2) (|A| +
|B|)) + delta^2``. For 4 the product of the Y_i is off by ``w = L a Y + r(L) Y``, Y being the product of the ``max(1,
|Y_i|)``; lifting it and factoring it, 10 operations a layer, by ``p = w + r(10 L + 8) (Y + gamma)`` in total, A B by
``(|A| + |B|) p + p^2``. A layer is off by ``e = r(10) max |X_i|``, hence G by ``2 e / s`` with s the least singular
value of X_1, and ``X_{i+1} G - G X_i`` by ``2 e + 4 e max |X_i| / s``. All this for ``p <= gamma / 10``: then what is
factored has a margin, too, and a rotation by less than a quarter turn.

Link: https://arxiv.org/abs/1802.06093, the definitions of the algorithms.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
from hypothesis import strategies as st

from catalog import conditions, ingredients
from catalog.claim import Claim, Condition, Control, Evidence, Kind
from catalog.claims._points import layers, norm, radii, reach, reached, targets
from catalog.claims._steps import Taken, ball_deviation, power_deviation, step_deviation, taken
from catalog.sources import bhl
from dlr import GradientDescent, Outcome, Penalized, PowerProjection, Problem, StepAndProject, network, run
from dlr._norms import spectral_norms
from dlr.algorithms import Algorithm
from dlr.rounding import matrix_rounding, power
from dlr.solver import default_step_size
from dlr.types import Array, Matrix

MOST_WORK = 2**15
"""Largest ``L d^3`` of a problem on a named target: d = 16 at depth 8, where a step takes about a second."""

STEPS = 3
"""Steps that are checked, each from where the one before it ended."""


def checked_steps(
    problem: Problem,
    deviation: Callable[[Taken], float],
    strength: float = 0.0,
    applies: Callable[[Problem, Matrix], bool] = lambda problem, before: True,
) -> Evidence:
    """The largest deviation over `STEPS` steps, or to the last one that is in range and where the check applies.

    Each step is from the layers that the one before it gave.
    """
    engine = "auto" if problem.engine == "spectral" else problem.engine
    before, steps, worst = np.asarray(problem.start), 0, 0.0
    while steps < STEPS and (steps == 0 or (stays_in_range(problem, before) and applies(problem, before))):
        step = replace(problem, initial_layers=before, tol=0.0, max_steps=1, engine=engine)
        solution = run(step)
        if solution.converged and solution.steps == 0:  # the loss is exactly 0: no run goes on from there
            break
        after, steps = np.asarray(solution.layers), steps + 1
        if solution.outcome is Outcome.DIVERGED:
            return Evidence(math.inf, 1.0, steps=steps, engine=solution.engine)
        worst = float(np.maximum(worst, deviation(taken(problem, before, after, strength))))  # NaN stays, and fails
        before = after
    return Evidence(worst, 1.0, steps=steps, engine=solution.engine)


def stays_in_range(problem: Problem, before: Matrix) -> bool:
    """Whether what a step from these layers computes stays far below the largest float."""
    whole, largest = reach(before), float(np.max(spectral_norms(before)))
    pull = float(getattr(problem.algorithm, "strength", 0.0)) * (1 + largest)
    y = 1 + largest + problem.step_size * (whole * (whole + norm(problem.target)) + pull)
    return bool(power(y, 2 * problem.depth) <= 1e200)


in_range = Condition("no overflow", lambda problem: stays_in_range(problem, np.asarray(problem.start)), practical=True)


def resolves_margin(problem: Problem, before: Matrix) -> bool:
    """Whether rounding moves the product of a step from these layers by at most a tenth of gamma."""
    moved = before - problem.step_size * network.gradients(before, problem.target)
    if not np.all(np.isfinite(moved)):
        return False
    margin = ingredients.gamma(problem)
    size = reach(moved) + margin
    return bool(matrix_rounding(len(problem.target), 11 * problem.depth + 8) * size <= margin / 10)


resolved = Condition("gamma >= 10 rounding errors", lambda problem: resolves_margin(problem, np.asarray(problem.start)))
projecting = Condition("step-and-project", lambda problem: type(problem.algorithm) is StepAndProject)
pulling = Condition("penalized gradient descent", lambda problem: type(problem.algorithm) is Penalized)


def problems_of(*algorithms: Algorithm) -> Callable[[Matrix, int], Iterator[Problem]]:
    """On a named target: the default step size, from layers that step-and-project reaches in 3 steps.

    None on a target that is large: exact arithmetic would take hours.
    """

    def problems(target: Matrix, depth: int) -> Iterator[Problem]:
        if depth * len(target) ** 3 > MOST_WORK:
            return
        start = reached(target, depth, 3)
        for algorithm in algorithms:
            eta = default_step_size(target, depth, algorithm)
            yield ingredients.with_step_size(Problem(target, depth, algorithm, initial_layers=start), eta)

    return problems


def draws_of(
    algorithm: Callable[[int], st.SearchStrategy[Algorithm]], deepest: int = 12
) -> Callable[[], st.SearchStrategy[Problem]]:
    """Targets of every kind, from layers near the identity and from the identity, on either engine."""

    @st.composite
    def draw_one(draw: st.DrawFn) -> Problem:
        target = draw(targets())
        depth = draw(st.integers(1, deepest if len(target) <= 4 else 5))
        chosen = draw(algorithm(depth))
        eta = draw(st.sampled_from([1.0, 0.1, 2.0])) * default_step_size(target, depth, chosen)
        start = draw(st.one_of(layers(len(target), depth), st.none()))
        engine = draw(st.sampled_from(["auto", "reference"]))
        problem = Problem(target, depth, chosen, initial_layers=start, engine=engine)
        return ingredients.with_step_size(problem, max(eta, 5e-324))

    return lambda: draw_one()


@dataclass(frozen=True)
class Uncorrected:
    """Gradient descent that is given the parameters of the other algorithms and ignores them."""

    radius: float = 0.05
    strength: float = 1.0
    margin: float = 1.0
    step_size: float | None = None
    name: ClassVar[str] = "uncorrected"

    def step(self, layers: Array, gradients: Array, step_size: float) -> Array:
        """Next layers."""
        return layers - step_size * gradients


def uncorrected(draws: Callable[[], st.SearchStrategy[Problem]]) -> Callable[[], st.SearchStrategy[Problem]]:
    """The same problems with `Uncorrected`."""
    return lambda: draws().map(
        lambda problem: replace(problem, algorithm=Uncorrected(step_size=problem.step_size), engine="reference")
    )


def pulled() -> st.SearchStrategy[Problem]:
    """The problems of gradient descent with a penalty."""
    return gradient_draws().map(lambda problem: replace(problem, algorithm=Penalized(1.0, problem.step_size)))


def about(
    identifier: str,
    algorithm: Condition,
    control: str,
    draws: Callable[[], st.SearchStrategy[Problem]],
    *more: Control,
) -> dict[str, Any]:
    """What the four claims have in common; the control drops the algorithm, and more ones each their hypothesis."""
    return {
        "identifier": identifier,
        "source": bhl("definitions of the algorithms"),
        "kind": Kind.IDENTITY,
        "hypotheses": (algorithm, *(control.drops for control in more), in_range),
        "quantity": "deviation over its rounding allowance",
        "controls": (Control(control, drops=algorithm, draws=draws), *more),
    }


gradient_draws = draws_of(lambda depth: st.just(GradientDescent()))
penalized_draws = draws_of(lambda depth: st.builds(Penalized, st.sampled_from([1.0, 0.0, 0.1, 10.0])))
projected_draws = draws_of(lambda depth: st.builds(StepAndProject, radii(depth)))


def resolving(problem: Problem) -> Problem:
    """The problem at a step, quartered as often as needed, whose rounding stays below the margin."""
    while not resolves_margin(problem, np.asarray(problem.start)):
        problem = ingredients.with_step_size(problem, problem.step_size / 4)
    return problem


def power_draws() -> st.SearchStrategy[Problem]:
    """Margins from 0.001 to 1."""
    margins = st.sampled_from([1.0, 0.5, 0.1, 1e-3])
    return draws_of(lambda depth: st.builds(PowerProjection, margins), deepest=8)().map(resolving)


def far_targets() -> st.SearchStrategy[Problem]:
    """Normal entries of size 1e12: a step so long that rounding hides the rotation of the product."""
    return st.builds(
        lambda seed, d, depth: Problem(
            1e12 * np.random.default_rng(seed).standard_normal((d, d)), depth, PowerProjection(0.5, 0.5 / depth)
        ),
        st.integers(0, 999),
        st.integers(2, 5),
        st.integers(5, 8),
    )


FAR = Control("long steps", drops=resolved, draws=far_targets)


@Claim.define(
    **about("I10", conditions.plain_gradient_descent, "penalized", pulled),
    problems=problems_of(GradientDescent()),
    draws=gradient_draws,
)
def gradient_steps(problem: Problem) -> Evidence:
    """Every step of gradient descent subtracts eta times the exact gradient of every layer.

    Observed is the largest deviation of a layer over three steps, in units of its rounding allowance.
    """
    return checked_steps(problem, step_deviation)


@Claim.define(
    **about("I10b", pulling, "without penalty", uncorrected(penalized_draws)),
    problems=problems_of(Penalized(1.0)),
    draws=penalized_draws,
)
def penalized_steps(problem: Problem) -> Evidence:
    """Every step of penalized gradient descent subtracts eta times the exact gradient plus ``kappa (Theta_i - I)``.

    Observed is the largest deviation of a layer over three steps, in units of its rounding allowance.
    """
    return checked_steps(problem, step_deviation, float(getattr(problem.algorithm, "strength", math.nan)))


@Claim.define(
    **about("I10c", projecting, "without projection", uncorrected(projected_draws)),
    problems=problems_of(StepAndProject(0.5), StepAndProject(0.01)),
    draws=projected_draws,
    symbols=(("r", "radius of the ball around the identity"),),
)
def projected_steps(problem: Problem) -> Evidence:
    """Every step of step-and-project goes to the layers nearest to the exact gradient step with ``|Theta_i - I| <= r``.

    Observed is the largest violation of what characterizes them over three steps, in units of its rounding allowance.
    """
    radius = float(getattr(problem.algorithm, "radius", math.nan))
    return checked_steps(problem, lambda step: ball_deviation(step, radius))


@Claim.define(
    **about("I10d", conditions.power_projection, "without projection", uncorrected(power_draws), FAR),
    problems=problems_of(PowerProjection(1.0)),
    draws=power_draws,
    depths=(2, 3),
)
def power_projection_steps(problem: Problem) -> Evidence:
    """Every step of power projection balances the gamma-positive matrix nearest to the product of an exact step.

    Observed is the largest violation of what characterizes it over three steps, in units of its rounding allowance.
    """
    margin = float(getattr(problem.algorithm, "margin", math.nan))
    return checked_steps(problem, lambda step: power_deviation(step, margin), applies=resolves_margin)
