r"""From the zero-asymmetric start every target is learned, negative eigenvalues or not.

Statement
---------
Start at ``Theta_1 = ... = Theta_{L-1} = I`` and ``Theta_L = 0``. Let Phi be any matrix, ``M = |Phi| + |Phi|_F``,
``n = L - 1``, v the root of ``v (1 + v^2)^{n/2} = 1.06 M``, ``y^2 = 1 + v^2 + 1/(10 n)``,
``K = y^{2n} + n v^2 y^{2n - 2}`` and

    ``eta <= min( 1/K, 0.09 / (n K |Phi|_F^2) )``.

Then gradient descent has ``|E_t|_F <= (1 - (7/10) eta)^t |Phi|_F`` for all t.

Wu, Wang and Ma show ``l(t) <= e^{-2t} l(0)``, that is a factor ``1 - eta`` a step, for gradient flow; this is the
discrete form with constants of this project. The contrast to the negative-eigenvalue theorem: the start fails, not
the network.

Proof
-----
L >= 2; for L = 1, W is the layer and ``E+ = (1 - eta) E``. Induct over t, with ``q = 1 - (7/10) eta``, ``e = |E_t|_F``.

1. *Size of the product.* ``|W| <= |Phi| + |E|_F <= M``, as ``|E_0|_F = |Phi|_F``.

2. *Balance.* ``Theta_{j+1}^T Theta_{j+1} - Theta_j Theta_j^T`` is 0 at the start for ``j < n`` and ``-I`` for j = n.
   The terms of first order in eta cancel, as in deficiency-margin-converges; a step moves it by at most
   ``eta^2 max(|G_{j+1}|, |G_j|)^2``, where ``|G_L| <= y^n e`` and ``|G_i| <= v y^{n-1} e`` for i < L, if v bounds
   ``|Theta_L|`` and y >= v all layers' norms. Add up over all j and, with ``|E_s|_F <= q^s |Phi|_F`` and
   ``1/(1 - q^2) <= 1/(1.3 (1 - q))``, over all steps: ``delta <= eta K |Phi|_F^2 / 0.91``, so ``n delta <= 0.1`` by
   the second limit.

3. *Layers from below.* By Weyl's inequality ``sigma_min(Theta_j)^2 >= 1 - delta`` for j < L, so the product B below
   the last layer has ``sigma_min(B)^2 >= (1 - delta)^n >= 0.9``.

4. *Layers from above.* ``|Theta_j|^2 <= 1 + |Theta_L|^2 + delta``. And with u, p_k and
   ``r_k = |p_k|^2 / |p_{k-1}|^2`` as in deficiency-margin-converges, where now ``r_2 >= 1 + |Theta_L|^2 - delta_n``
   and later ratios lose at most their own delta_j,
   ``M >= |W^T u| >= |Theta_L| (1 + |Theta_L|^2 - delta)^{n/2} >= |Theta_L| (1 + |Theta_L|^2)^{n/2} (1 - 0.1/n)^{n/2}``.
   The last factor is at least 1/1.06, so v and y are as stated.

5. *Contraction.* ``E+ = E - eta (E B^T B + sum_{i<L} A_i A_i^T E B_i^T B_i) + R``, a self-adjoint map with spectrum
   in ``[0.9, K]``. With ``X = eta n v y^{L-3} e`` the terms of second and higher order add up to
   ``|R|_F <= y^n (v (e^X - 1 - X) + eta y^n e (e^X - 1))``, at most ``eta e rho`` with
   ``rho = eta e n v y^{3L-7} (1.11 y^2 + 0.54 n v^2)``, where ``rho <= 0.2`` and so ``X <= 0.19``. As
   ``0.9 - 0.2 = 0.7``, the induction goes on.

6. *Terms of higher order.* Let ``w = n v^2``, ``z = n^{1/2} |Phi|_F`` and ``h = (1.11 + 0.54 w) / (1 + w)``, which
   ``(1.11 y^2 + 0.54 w) / (y^2 (y^2 + w))`` does not exceed, as it falls with y >= 1. As ``K = y^{2n-2} (y^2 + w)`` and
   ``e <= |Phi|_F``, ``rho <= eta K z w^{1/2} y^n h``. By the limits ``eta K z <= min(z, 0.09/z) <= 0.3``. And
   ``y^n <= e^{0.05} (1 + v^2)^{n/2}``, which is at most ``e^{w/2 + 0.05}``, and by the definition of v at most
   ``2.12 e^{0.05} z / w^{1/2}``. The former and 0.3 give ``rho <= 0.2`` where w <= 0.3; the latter and ``0.09/z`` where
   w >= 0.3, since h falls with w.

Link: https://arxiv.org/abs/1911.00645, theorem on gradient flow from the zero-asymmetric initialization.
"""

import math
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
from hypothesis import strategies as st

from catalog import _work, conditions, decay, ingredients, strategies
from catalog.claim import Claim, Contraction, Control, Evidence, Kind
from catalog.claims._points import UNIT_STEP
from catalog.enclosures import Number, exp, expm1_over, log1p_over, remainder_over
from catalog.proofs import Step
from catalog.sources import wwm
from dlr import Problem, network
from dlr._norms import spectral_norms
from dlr.matrices import frobenius_norm
from dlr.rounding import contraction_rounding, power
from dlr.types import Matrix

HORIZON = 500
LAST, SPREAD, LIMIT, RATE = 1.06, 0.1, 0.09, 0.7
"""In v, in y, in the second limit on the step size, and in the rate."""

CONSTANTS = {
    "last": LAST,
    "spread": SPREAD,
    "limit": LIMIT,
    "rate": RATE,
    "higher": 0.2,
    "stretch": 1.11,
    "curvature": 0.54,
    "split": 0.3,
    "sum": 1.3,
    "balance": 0.91,
    "bottom": 0.9,
    "x": 0.19,
}
DEEP = {"u": (0, 1)}
"""``u = 1/n``."""

SMALL = {"x": (0, "x")}
"""X."""


def _h(c: Any, w: Number) -> Number:
    """``h``, from the constants."""
    return (c.stretch + c.curvature * w) / (1 + w)


PROOF = (
    Step(
        "2: 1 + q >= {sum}, as eta (1 + {spread}/n)^n <= 1",
        lambda c, u: (c.sum, 2 - c.rate * exp(-c.spread * log1p_over(c.spread * u))),
        CONSTANTS,
        DEEP,
    ),
    Step(
        "2: delta <= eta K |Phi|_F^2 / {balance}",
        lambda c, u: (c.balance, c.rate * (2 - c.rate * exp(-c.spread * log1p_over(c.spread * u)))),
        CONSTANTS,
        DEEP,
    ),
    Step("2: n delta <= {spread} by the second limit", lambda c: (c.limit / c.balance, c.spread), CONSTANTS),
    Step(
        "3: (1 - delta)^n >= {bottom}",
        lambda c, u: (c.bottom, exp(-c.limit / c.balance * log1p_over(-c.limit / c.balance * u))),
        CONSTANTS,
        DEEP,
    ),
    Step(
        "4: (1 - {spread}/n)^(-n/2) <= {last}",
        lambda c, u: (exp(c.spread * log1p_over(-c.spread * u) / 2), c.last),
        CONSTANTS,
        DEEP,
    ),
    Step("5: X <= {x}", lambda c: (c.higher / c.stretch, c.x), CONSTANTS),
    Step("5: e^X - 1 <= {stretch} X", lambda c, x: (expm1_over(x), c.stretch), CONSTANTS, SMALL),
    Step("5: e^X - 1 - X <= {curvature} X^2", lambda c, x: (remainder_over(x), c.curvature), CONSTANTS, SMALL),
    Step(
        "5: together {rate} eta",
        lambda c, u: (c.rate, exp(-c.limit / c.balance * log1p_over(-c.limit / c.balance * u)) - c.higher),
        CONSTANTS,
        DEEP,
    ),
    Step(
        "6: {limit} w e^(w + {spread}) h^2 <= {higher}^2 for w <= {split}",
        lambda c, w: (c.limit * w * exp(w + c.spread) * _h(c, w) ** 2, c.higher**2),
        CONSTANTS,
        {"w": (0, "split")},
    ),
    Step(
        "6: 2 {limit} {last} e^({spread}/2) h <= {higher} at w = {split}",
        lambda c: (2 * c.limit * c.last * exp(c.spread / 2) * _h(c, c.split), c.higher),
        CONSTANTS,
    ),
)


def norms(target: Matrix, depth: int) -> tuple[float, float]:
    """``(v, y)``: bounds on ``|Theta_L|`` and on every layer's norm."""
    reach = LAST * (float(spectral_norms(target)) + frobenius_norm(target))
    low, high = 0.0, reach
    while low < (middle := (low + high) / 2) < high:  # bisection to the last bit
        low, high = (low, middle) if middle * power(1 + power(middle, 2), (depth - 1) / 2) > reach else (middle, high)
    return high, math.sqrt(1 + power(high, 2) + SPREAD / max(depth - 1, 1))


def largest_step_size(problem: Problem) -> float:
    """``min(1 / K, 0.09 / (n K |Phi|_F^2))``; 1 for one layer."""
    v, y = norms(problem.target, problem.depth)
    n = problem.depth - 1
    curvature = power(y, 2 * n) + n * power(v, 2) * power(y, 2 * n - 2)
    limit = n * curvature * power(frobenius_norm(problem.target), 2)
    return min(1 / curvature, LIMIT / limit) if limit > 0 else 1 / curvature


def contraction(problem: Problem) -> Contraction:
    """``|E_t|_F <= (1 - (7/10) eta)^t |Phi|_F``."""
    _, y = norms(problem.target, problem.depth)
    rate = RATE * problem.step_size
    reach = power(y, problem.depth)
    rounding = contraction_rounding(len(problem.target), problem.depth, reach, problem.step_size, rate)
    return Contraction(frobenius_norm(problem.target), rate, rounding)


small_step = conditions.step_size_at_most(
    "eta <= min(1/K, 0.09 / (n K |Phi|_F^2))",
    largest_step_size,
)


def instance(target: Matrix, depth: int, fraction: float = 1.0) -> Problem:
    """Gradient descent from the zero-asymmetric start at a fraction of the theorem's step size."""
    problem = Problem(
        target,
        depth,
        UNIT_STEP,
        max_steps=_work.horizon(HORIZON, target, depth),
        initial_layers=network.zero_asymmetric_layers(target, depth),
    )
    eta = fraction * largest_step_size(problem)
    return ingredients.with_step_size(problem, eta) if eta > 0 else problem


def problems(target: Matrix, depth: int) -> Iterator[Problem]:
    """On any named target: the largest step size."""
    yield instance(target, depth)


def draws() -> st.SearchStrategy[Problem]:
    """Any target, singular ones and negative eigenvalues included, at norms from 0 to 40, depths to 64."""
    kinds = st.one_of(
        strategies.general(),
        strategies.negative_eigenvalue(),
        strategies.normal(),
        strategies.orthogonal(min_dimension=9, max_dimension=16),
    )
    scaled = st.builds(lambda target, scale: scale * target, kinds, st.sampled_from([0.1, 1.0, 0.01, 0.3]))
    return st.builds(instance, scaled, st.integers(1, 64), ingredients.FRACTIONS)


def reflected() -> st.SearchStrategy[Problem]:
    """``diag(-s, 1)``, which the identity start never learns."""
    return st.builds(lambda s, depth: instance(np.diag([-s, 1.0]), depth), st.sampled_from([1.0, 0.5, 2.0]), DEPTHS)


def identity_start() -> st.SearchStrategy[Problem]:
    """The residual network's own start."""
    return reflected().map(lambda problem: replace(problem, initial_layers=None))


DEPTHS = st.integers(2, 6)
"""Depths of the negative controls."""


@Claim.define(
    "N4",
    source=wwm("gradient flow from the zero-asymmetric start, discrete form"),
    kind=Kind.UPPER_BOUND,
    hypotheses=(conditions.zero_asymmetric_start, conditions.plain_gradient_descent, small_step),
    quantity=decay.DECAY,
    symbols=(
        ("n", "``L - 1``"),
        ("v", "root of ``v (1 + v^2)^{n/2} = 1.06 (|Phi| + |Phi|_F)``"),
        ("y", "``y^2 = 1 + v^2 + 1/(10 n)``"),
        ("K", "``y^{2n} + n v^2 y^{2n - 2}``"),
    ),
    problems=problems,
    draws=draws,
    largest_step_size=largest_step_size,
    contraction=contraction,
    proof=PROOF,
    controls=(
        Control("identity start", drops=conditions.zero_asymmetric_start, draws=identity_start),
        Control("zero start", drops=conditions.zero_asymmetric_start, draws=lambda: ingredients.from_zero(reflected())),
        Control(
            "a penalty",
            drops=conditions.plain_gradient_descent,
            draws=lambda: ingredients.with_penalty(reflected()),
        ),
        Control("longer steps", drops=small_step, draws=lambda: ingredients.with_longer_steps(reflected(), 4, 400)),
    ),
)
def zero_asymmetric_start_converges(problem: Problem) -> Evidence:
    """From the zero-asymmetric start gradient descent learns every target, those with negative eigenvalues included.

    Observed compares ``(1 - (7/10) eta)^t |Phi|_F`` with the error at every step.
    """
    return decay.decay_over_run(problem, contraction(problem))
