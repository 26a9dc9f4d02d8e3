r"""From the zero-asymmetric start every target is learned, negative eigenvalues or not.

Statement
---------
Start at ``Theta_1 = ... = Theta_{L-1} = I`` and ``Theta_L = 0``. Let Phi be any matrix, ``M = |Phi| + |Phi|_F``,
``n = L - 1``, v the root of ``v (1 + v^2)^{n/2} = 1.06 M``, ``y^2 = 1 + v^2 + 1/(10 n)``,
``K = y^{2n} + n v^2 y^{2n - 2}`` and

    ``eta <= min( 1/K, 0.2 / (n v y^{3L-7} (1.11 y^2 + 0.54 n v^2) |Phi|_F), 0.09 / (n K |Phi|_F^2) )``.

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
   the third limit.

3. *Layers from below.* By Weyl's inequality ``sigma_min(Theta_j)^2 >= 1 - delta`` for j < L, so the product B below
   the last layer has ``sigma_min(B)^2 >= (1 - delta)^n >= 0.9``.

4. *Layers from above.* ``|Theta_j|^2 <= 1 + |Theta_L|^2 + delta``. And with u, p_k and
   ``r_k = |p_k|^2 / |p_{k-1}|^2`` as in deficiency-margin-converges, where now ``r_2 >= 1 + |Theta_L|^2 - delta_n``
   and later ratios lose at most their own delta_j,
   ``M >= |W^T u| >= |Theta_L| (1 + |Theta_L|^2 - delta)^{n/2} >= |Theta_L| (1 + |Theta_L|^2)^{n/2} (1 - 0.1/n)^{n/2}``.
   The last factor is at least 1/1.06, so v and y are as stated.

5. *Contraction.* ``E+ = E - eta (E B^T B + sum_{i<L} A_i A_i^T E B_i^T B_i) + R``, a self-adjoint map with spectrum
   in ``[0.9, K]``. With ``X = eta n v y^{L-3} e`` the terms of second and higher order add up to
   ``|R|_F <= y^n (v (e^X - 1 - X) + eta y^n e (e^X - 1))``, at most
   ``eta^2 e^2 n v y^{3L-7} (1.11 y^2 + 0.54 n v^2) <= 0.2 eta e`` by the second limit, which also gives ``X <= 0.2``.
   As ``0.9 - 0.2 = 0.7``, the induction goes on.

Link: https://arxiv.org/abs/1911.00645, theorem on gradient flow from the zero-asymmetric initialization.
"""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from hypothesis import strategies as st

from catalog import conditions, strategies, trajectories
from catalog.claim import Condition, Control, Evidence, Kind, Problem, claim
from catalog.claims import _contraction
from catalog.sources import wwm
from dlr import GradientDescent, network, theory
from dlr.types import Matrix

HORIZON = 500
WORK = 6_000
"""Largest number of steps times layers."""

asymmetric_start = Condition(
    "zero-asymmetric start",
    lambda problem: (
        problem.layers is not None
        and np.array_equal(problem.layers, network.zero_asymmetric_layers(problem.target, problem.depth))
    ),
)
small_step = conditions.step_size_at_most(
    "eta <= min(1/K, 0.2 / (n v y^(3L - 7) (1.11 y^2 + 0.54 n v^2) |Phi|_F), 0.09 / (n K |Phi|_F^2))",
    lambda problem: theory.zero_asymmetric_step_size(problem.target, problem.depth),
)


def instance(target: Matrix, depth: int, fraction: float = 1.0) -> Problem:
    """Gradient descent from the zero-asymmetric start at a fraction of the theorem's step size."""
    return Problem(
        target,
        depth,
        GradientDescent(fraction * theory.zero_asymmetric_step_size(target, depth)),
        max_steps=min(HORIZON, WORK // depth),
        layers=network.zero_asymmetric_layers(target, depth),
    )


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
    return st.builds(instance, scaled, st.integers(1, 64), st.sampled_from([1.0, 0.5, 0.1]))


def reflected() -> st.SearchStrategy[Problem]:
    """``diag(-s, 1)``, which the identity start never learns."""
    return st.builds(lambda s, depth: instance(np.diag([-s, 1.0]), depth), st.sampled_from([1.0, 0.5, 2.0]), DEPTHS)


def identity_start() -> st.SearchStrategy[Problem]:
    """The residual network's own start."""
    return reflected().map(lambda problem: replace(problem, layers=None))


DEPTHS = st.integers(2, 6)
"""Of the negative controls."""


@claim(
    "N4",
    source=wwm("gradient flow from the zero-asymmetric start, discrete form"),
    kind=Kind.UPPER_BOUND,
    hypotheses=(asymmetric_start, conditions.plain_gradient_descent, small_step),
    quantity=trajectories.DECAY,
    problems=problems,
    draws=draws,
    controls=(
        Control("identity start", drops=asymmetric_start, draws=identity_start),
        Control("zero start", drops=asymmetric_start, draws=lambda: _contraction.zero_start(reflected())),
        Control("a penalty", drops=conditions.plain_gradient_descent, draws=lambda: conditions.penalized(reflected())),
        Control("longer steps", drops=small_step, draws=lambda: _contraction.longer(reflected(), 4, 400)),
    ),
)
def zero_asymmetric_start_converges(problem: Problem) -> Evidence:
    """From the zero-asymmetric start gradient descent learns every target, those with negative eigenvalues included.

    Observed compares ``(1 - (7/10) eta)^t |Phi|_F`` with the error at every step.
    """
    _, norm = theory.zero_asymmetric_norms(problem.target, problem.depth)
    return _contraction.decay(
        problem,
        start=float(np.linalg.norm(problem.target)),
        rate=0.7 * problem.step_size,
        reach=theory.power(norm, problem.depth),
    )
