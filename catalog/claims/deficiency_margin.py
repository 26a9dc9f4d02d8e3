r"""Targets nearer to the identity than to the singular matrices are learned.

Statement
---------
Let ``D = |Phi - I|_F``, ``c = sigma_min(Phi) - D > 0`` (the deficiency margin of the start), ``M = |Phi| + D`` and

    ``eta L <= min( 0.76 / M^{2 - 2/L}, 0.26 c^{2 - 2/L} / (M^{3 - 4/L} D), 0.09 c^2 / (M^{2 - 2/L} D^2) )``.

Then gradient descent from the identity has ``|E_t|_F <= (1 - (3/5) eta L c^{2 - 2/L})^t D`` for all t.

The theorem is Arora, Cohen, Golowich and Hu's; constants and proof are this project's. Their step size, as quoted
second-hand, is ``c^{4 - 2/L} / (6144 L^3 |Phi|_F^{6 - 4/L})``; here 1/L replaces 1/L^3.

Proof
-----
L >= 2; for L = 1 the step is ``E+ = (1 - eta) E``. Note ``c <= 1 <= M``. Induct over t, with
``q = 1 - (3/5) eta L c^{2 - 2/L}``.

1. *Size of the product.* ``|E_t|_F <= D`` gives ``sigma_min(W) >= c`` and ``|W| <= M``.

2. *Balance.* Let delta bound all ``|Delta_j|``, ``Delta_j = Theta_{j+1}^T Theta_{j+1} - Theta_j Theta_j^T``. As
   ``Theta_{j+1}^T G_{j+1} = G_j Theta_j^T``, the terms of first order in eta cancel, and a step adds
   ``eta^2 (G_{j+1}^T G_{j+1} - G_j G_j^T)``, of norm at most ``eta^2 y^{2L-2} |E|_F^2`` where y bounds the layers'
   norms. Summed with ``|E_s|_F <= q^s D`` and ``1/(1 - q^2) <= 1/(1.5 (1 - q))``:
   ``delta <= eta y^{2L-2} D^2 / (0.9 L c^{2-2/L})``.

3. *Layers from above.* Let u be a unit vector with ``|Theta_L^T u| = |Theta_L|``, ``p_0 = u``,
   ``p_k = Theta_{L-k+1}^T p_{k-1}``. By balance ``|p_{k+1}|^2 >= |Theta_{L-k+1} p_k|^2 - delta |p_k|^2``, and by
   Cauchy and Schwarz ``|Theta_{L-k+1} p_k| >= |p_k|^2 / |p_{k-1}|``. So the ratios ``r_k = |p_k|^2 / |p_{k-1}|^2``
   lose at most delta from one to the next, and ``M^2 >= |W^T u|^2 = prod r_k >= (|Theta_L|^2 - (L-1) delta)^L``.
   Layers differ in squared norm by at most (L-1) delta, so ``y^2 <= M^{2/L} + 2 (L-1) delta`` for all of them.

4. *Layers from below.* Let s be the least singular value of all layers, ``eps = delta / s^2``. Then
   ``Theta_j Theta_j^T <= (1 + eps) Theta_{j+1}^T Theta_{j+1}``; the same chain through the inverses gives ratios that
   lose a factor of at most ``1 + eps``, so
   ``c^{-2} >= |W^{-1}|^2 >= sigma_min(Theta_L)^{-2L} (1 + eps)^{-L(L-1)/2}``; and
   ``sigma_min(Theta_L)^2 <= s^2 (1 + (L-1) eps)``. Together ``s^{2L} >= c^2 exp(-zeta)`` with
   ``zeta = 1.5 L (L-1) eps``.

5. *Constants.* Suppose ``zeta <= 0.202``. Then ``s^{2L-2} >= 0.817 c^{2-2/L}``, and by 3, as ``s^2 <= M^{2/L}``,
   ``y^{2L} <= exp((4/3) zeta) M^2``, so ``y^L <= 1.145 M``. By 2 and the third limit on eta, ``zeta <= 0.2``: the
   supposition can't stop being true along the straight line from ``Theta_t`` to ``Theta_{t+1}``, on which 1 and 2
   hold as well (it is a shorter step), so it holds throughout.

6. *Contraction.* ``E+ = E - eta M(E) + R`` with ``M(E) = sum_i A_i A_i^T E B_i^T B_i`` (products above and below
   layer i), self-adjoint with spectrum in ``[L s^{2L-2}, L y^{2L-2}]``, and ``eta L y^{2L-2} <= 1``. The terms of
   higher order add up to ``|R|_F <= y^L (e^x - 1 - x)``, ``x = eta L y^{L-2} |E|_F <= 0.3``, hence to at most
   ``0.218 eta L c^{2-2/L} |E|_F`` by the second limit. As ``0.818 - 0.218 = 0.6``, the induction goes on.

Link: https://arxiv.org/abs/1810.02281, theorem 1.
"""

from collections.abc import Iterator

import numpy as np
from hypothesis import strategies as st

from catalog import _work, conditions, decay, ingredients, strategies
from catalog.claim import Claim, Condition, Contraction, Control, Evidence, Kind
from catalog.claims._points import UNIT_STEP
from catalog.enclosures import exp, remainder_over
from catalog.ingredients import largest_product
from catalog.proofs import Step
from catalog.sources import achg
from dlr import Problem
from dlr.matrices import distance_to_identity
from dlr.rounding import ROUNDING, contraction_rounding, power
from dlr.types import Matrix

HORIZON = 500
FIRST, SECOND, THIRD, RATE = 0.76, 0.26, 0.09, 0.6
"""In the three limits on the step size, and in the rate."""

REACH = 1.145
"""``y^L / M``, rounded up."""

CONSTANTS = {
    "first": FIRST,
    "second": SECOND,
    "third": THIRD,
    "rate": RATE,
    "sum": 1.5,
    "balance": 0.9,
    "supposed": 0.202,
    "zeta": 0.2,
    "below": 0.817,
    "bottom": 0.818,
    "reach": REACH,
    "x": 0.3,
    "remainder": 0.218,
}
DEEP = {"u": (0, 0.5)}
"""``u = 1/L``."""

SPEED = {"speed": (0, "first")}
"""``eta L c^{2 - 2/L}``."""

PROOF = (
    Step("2: 1 + q >= {sum}", lambda c, speed: (c.sum, 2 - c.rate * speed), CONSTANTS, SPEED),
    Step(
        "2: delta <= eta y^(2L-2) D^2 / ({balance} L c^(2-2/L))",
        lambda c, speed: (c.balance, c.rate * (2 - c.rate * speed)),
        CONSTANTS,
        SPEED,
    ),
    Step("5: s^(2L-2) >= {below} c^(2-2/L)", lambda c: (c.below, exp(-c.supposed)), CONSTANTS),
    Step("5: y^L <= {reach} M", lambda c: (exp(2 * c.supposed / 3), c.reach), CONSTANTS),
    Step(
        "5: zeta <= {zeta} by the third limit",
        lambda c, u: (3 * c.third / (2 * c.balance) * (1 - u) * exp(c.supposed * (4 - u) / 3), c.zeta),
        CONSTANTS,
        DEEP,
    ),
    Step("5: {zeta} is less than supposed", lambda c: (c.zeta, c.supposed), CONSTANTS),
    Step("6: s^(2L-2) >= {bottom} c^(2-2/L)", lambda c: (c.bottom, exp(-c.zeta)), CONSTANTS),
    Step("6: eta L y^(2L-2) <= 1", lambda c, u: (c.first * exp(4 * c.zeta * (1 - u) / 3), 1), CONSTANTS, DEEP),
    Step("6: x <= {x}", lambda c, u: (c.second * exp(2 * c.zeta * (1 - 2 * u) / 3), c.x), CONSTANTS, DEEP),
    Step(
        "6: |R| <= {remainder} eta L c^(2-2/L) |E|",
        lambda c, u, x: (c.second * exp(c.zeta * (6 - 8 * u) / 3) * remainder_over(x), c.remainder),
        CONSTANTS,
        {**DEEP, "x": (0, "x")},
    ),
    Step("6: together {rate} eta L c^(2-2/L)", lambda c: (c.rate, exp(-c.zeta) - c.remainder), CONSTANTS),
)


def deficiency_margin_of(target: Matrix) -> float:
    """``c = sigma_min(Phi) - |Phi - I|_F``."""
    return float(np.linalg.norm(target, -2)) - distance_to_identity(target)


def largest_step_size(problem: Problem) -> float:
    """``eta L = min(0.76 / M^{2 - 2/L}, 0.26 c^{2 - 2/L} / (M^{3 - 4/L} D), 0.09 c^2 / (M^{2 - 2/L} D^2))``.

    Where the deficiency margin is negative, outside the theorem, c is its magnitude.
    """
    depth, M = problem.depth, largest_product(problem.target)
    c, distance = abs(deficiency_margin_of(problem.target)), distance_to_identity(problem.target)
    curvature = power(M, 2 - 2 / depth)
    largest = FIRST / curvature
    if distance > 0:
        largest = min(largest, SECOND * power(c, 2 - 2 / depth) / (power(M, 3 - 4 / depth) * distance))
        largest = min(largest, THIRD * (c / distance) ** 2 / curvature)
    return largest / depth


def contraction(problem: Problem) -> Contraction:
    """``|E_t|_F <= (1 - (3/5) eta L c^{2 - 2/L})^t D``."""
    target, depth, eta = problem.target, problem.depth, problem.step_size
    rate = RATE * eta * depth * power(abs(deficiency_margin_of(target)), 2 - 2 / depth)
    rounding = contraction_rounding(len(target), depth, REACH * largest_product(target), eta, rate)
    return Contraction(distance_to_identity(target), rate, rounding)


deficient = Condition("|Phi - I|_F < sigma_min(Phi)", lambda problem: deficiency_margin_of(problem.target) > ROUNDING)
small_step = conditions.step_size_at_most(
    "eta L <= min(0.76 / M^(2 - 2/L), 0.26 c^(2 - 2/L) / (M^(3 - 4/L) D), 0.09 c^2 / (M^(2 - 2/L) D^2))",
    largest_step_size,
)


def instance(target: Matrix, depth: int, fraction: float = 1.0) -> Problem:
    """Gradient descent at a fraction of the theorem's step size."""
    problem = Problem(target, depth, UNIT_STEP, max_steps=_work.horizon(HORIZON, target, depth))
    return ingredients.with_step_size(problem, fraction * largest_step_size(problem))


def problems(target: Matrix, depth: int) -> Iterator[Problem]:
    """On a named target with a deficiency margin: the largest step size."""
    if deficiency_margin_of(target) > ROUNDING:
        yield instance(target, depth)


@st.composite
def targets(draw: st.DrawFn) -> Matrix:
    """``(1 + a) I`` plus a change of norm at most half the margin ``1 + a - |a| sqrt(d)`` of that."""
    size = draw(st.one_of(strategies.dimensions(), strategies.dimensions(min_dimension=9, max_dimension=16)))
    shift = draw(st.sampled_from([0.0, 0.5, -0.4, 0.9, -0.2])) / np.sqrt(size) if size > 1 else draw(st.floats(-0.4, 9))
    margin = 1 + shift - abs(shift) * np.sqrt(size)
    used = draw(st.sampled_from([0.5, 0.0, 0.1, 0.9, 0.99]))
    change = draw(strategies.general(min_dimension=size, max_dimension=size))
    length = float(np.linalg.norm(change))
    return (1 + shift) * np.eye(size) + (used * margin / 2 / length * change if length > 0 else change)


def draws() -> st.SearchStrategy[Problem]:
    """Margins from nearly 0 to 1, depths to 64, distances to 9."""
    return st.builds(instance, targets(), st.integers(1, 64), ingredients.FRACTIONS)


def moderate() -> st.SearchStrategy[Problem]:
    """Margins of 0.2 and more, at distance 0.4."""
    return st.builds(instance, strategies.near_the_identity(min_distance=0.4, max_distance=0.4), st.integers(2, 8))


@Claim.define(
    "N3",
    source=achg("theorem 1"),
    kind=Kind.UPPER_BOUND,
    hypotheses=(deficient, conditions.plain_gradient_descent, conditions.identity_start, small_step),
    quantity=decay.DECAY,
    symbols=(("c", "deficiency margin ``sigma_min(Phi) - D``"), ("M", "``|Phi| + D``")),
    problems=problems,
    confined=("condition",),
    draws=draws,
    largest_step_size=largest_step_size,
    contraction=contraction,
    proof=PROOF,
    controls=(
        Control(
            "flipped axis",
            drops=deficient,
            draws=lambda: st.builds(instance, ingredients.flipped_axes(), st.integers(2, 8)),
        ),
        Control(
            "a penalty",
            drops=conditions.plain_gradient_descent,
            draws=lambda: ingredients.with_penalty(moderate()),
        ),
        Control("zero start", drops=conditions.identity_start, draws=lambda: ingredients.from_zero(moderate())),
        Control("longer steps", drops=small_step, draws=lambda: ingredients.with_longer_steps(moderate(), 4, 400)),
    ),
)
def deficiency_margin_converges(problem: Problem) -> Evidence:
    """Gradient descent learns every target that is nearer to the identity than to the singular matrices.

    Observed compares ``(1 - (3/5) eta L c^{2 - 2/L})^t |Phi - I|_F`` with the error at every step.
    """
    return decay.decay_over_run(problem, contraction(problem))
