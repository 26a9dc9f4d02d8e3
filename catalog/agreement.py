r"""How far a run in floating point may be from the same run in exact arithmetic: a bound, step by step.

Let ``delta`` be the distance of the two runs' layers before a step, in Frobenius norm over all layers; that after it is

    ``delta+ <= K delta + rho``

with K a Lipschitz constant of the step between the two, and rho the rounding of the step from the layers that floating
point has. Both runs start at the same layers, so that ``delta_0 = 0``. All norms are spectral if not said otherwise.

Lipschitz constant. Between the two runs layer i has norm at most ``|Theta_i| + delta``. Let R be the product of these,
each at least 1, so that it bounds every product of layers, and let ``e = |W - Phi| + sqrt(L) R delta``, which bounds
the error. In the gradient ``A_i^T E B_i^T`` a change of the layers by ``dTheta_j`` changes E by at most ``R sum_j
|dTheta_j|``, and the factors around it by the products of the other layers: in total, in Frobenius norms,

    ``|dG_i| <= R^2 sum_j |dTheta_j| + R e sum_{j != i} |dTheta_j|``.

The matrix of these coefficients has norm ``Lambda = L R^2 + (L - 1) R e``. So

1. for gradient descent ``K = 1 + eta Lambda``;
2. for penalized gradient descent ``K = |1 - eta kappa| + eta Lambda``;
3. for step-and-project ``K = 1 + eta Lambda``, as the nearest point of a convex set moves no further than the point;
4. for power projection ``K = b sqrt(L) Y (1 + eta Lambda)``: the product of the moved layers, whose norms multiply to
   at most Y, moves by at most ``sqrt(L) Y`` times as much as they do, the nearest gamma-positive matrix by no more, and
   its balanced factorization by at most b times as much. All matrices between two gamma-positive ones are so, too;
   let ``W = G H`` be the polar form of one. ``sigma_min >= gamma``, so ``|dG|_F <= |dW|_F / gamma`` and ``|dH|_F <=
   sqrt(2) |dW|_F``, and ``H^{1/L}`` moves by at most ``gamma^{1/L - 1} / L`` times as much as H. The eigenvalues of G
   are ``e^{i theta}`` with ``|theta| <= pi/2``; those of two such matrices differ in angle by at most pi, hence
   ``G^t``, t in [0, 1], moves by at most ``sin(t pi/2)`` times as much as G. Layer i is ``G^{i/L} H^{1/L}
   G^{-(i-1)/L}``, so with x bounding ``|W|^{1/L}`` it moves by at most

       ``b_i = x (sin(pi i / (2 L)) + sin(pi (i - 1) / (2 L))) / gamma + sqrt(2) gamma^{1/L - 1} / L``

   times as much as W, and ``b^2`` is the sum of their squares.

Rounding. r(k) is `dlr.rounding.matrix_rounding` of k operations at the machine epsilon. As derived in
`catalog.claims.single_steps`, a moved layer is off by ``a_i = eta r(2 L + 2) R (R + |Phi|) + 2 epsilon S_i``, S_i being
the Frobenius norms of what is added up. An engine may work in a computed eigenbasis of a target whose form is exact:
then it runs to another target, ``r(4) |Phi|_F`` away, which adds ``eta R r(4) |Phi|_F`` to each ``a_i``, and turns the
layers that it gives back by r(4). For step-and-project ``r(6) (1 + |Y_i - I|)`` come on top, Y_i being the moved layer.
For power projection the product is off by ``p = sqrt(L) |a| Y + r(11 L + 8) (2 Y + gamma)``, where ``2 Y + gamma``
bounds the projected one, and x is its L-th root; a layer is off by ``u = r(10) x`` more, hence all of them by
``b (p + L u x^{L-1}) + sqrt(L) u``. gamma is lowered by p there: the computed product has the margin up to p only.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from dlr import Penalized, PowerProjection, Problem, StepAndProject, network
from dlr._norms import spectral_norms
from dlr.rounding import EPSILON, matrix_rounding
from dlr.types import Matrix

__all__: list[str] = []

DOUBLE, SINGLE = EPSILON, 2.0**-23


@dataclass(frozen=True)
class Allowed:
    """How far the iterate of a step may be from the exact one: layers in Frobenius norm, and excess loss."""

    layers: float
    loss: float


def allowed(problem: Problem, exact: list[Matrix], epsilon: float = DOUBLE) -> Iterator[Allowed]:
    """The bound for the start and each iterate, from the layers (L, d, d) of the exact ones; infinite from 1 on."""
    d, depth = len(problem.target), problem.depth
    basis, delta = matrix_rounding(d, 4, epsilon), 0.0
    for layers in exact:
        if not delta < 1:  # nothing is left to say
            yield Allowed(math.inf, math.inf)
            continue
        error = network.product(layers) - problem.target
        size, off = float(np.linalg.norm(error)), delta + basis * float(np.linalg.norm(layers))
        reach = _reach(layers, off)
        moved = math.sqrt(depth) * reach * off + matrix_rounding(d, depth, epsilon) * math.sqrt(d) * reach
        yield Allowed(off, (size + moved) * moved + matrix_rounding(d, 2, epsilon) * size**2)
        delta = _after(problem, layers, float(spectral_norms(error)), delta, epsilon)


def _reach(layers: Matrix, delta: float) -> float:
    """R: the product of the layers' norms, each at least 1."""
    return float(np.prod(np.maximum(1.0, spectral_norms(layers) + delta)))


def _after(problem: Problem, layers: Matrix, error: float, delta: float, epsilon: float) -> float:
    """``K delta + rho``."""
    d, L, eta = len(problem.target), problem.depth, problem.step_size
    algorithm = problem.algorithm
    kappa = algorithm.strength if isinstance(algorithm, Penalized) else 0.0
    R, phi = _reach(layers, delta), float(spectral_norms(problem.target))
    e = error + math.sqrt(L) * R * delta
    slope = eta * (L * R**2 + (L - 1) * R * e)
    sizes = np.linalg.norm(layers, axis=(-2, -1)) + delta
    steps = eta * R * e * math.sqrt(d) + eta * kappa * (sizes + math.sqrt(d))
    a = eta * matrix_rounding(d, 2 * L + 2, epsilon) * R * (R + phi) + 2 * epsilon * (2 * sizes + 2 * steps)
    a = a + eta * R * matrix_rounding(d, 4, epsilon) * float(np.linalg.norm(problem.target))
    K = abs(1 - eta * kappa) + slope
    if isinstance(algorithm, StepAndProject):
        a = a + matrix_rounding(d, 6, epsilon) * (2 + sizes + steps)
    if not isinstance(algorithm, PowerProjection):
        return K * delta + float(np.linalg.norm(a))
    Y = float(np.prod(np.maximum(1.0, spectral_norms(layers) + delta + eta * R * e)))
    margin = algorithm.margin or math.nan
    p = math.sqrt(L) * float(np.linalg.norm(a)) * Y + matrix_rounding(d, 11 * L + 8, epsilon) * (2 * Y + margin)
    gamma, x = margin - p, (2 * Y + margin) ** (1 / L)
    if not gamma > 0:
        return math.inf
    turns = np.sin(np.pi * np.arange(L + 1) / (2 * L))
    b = float(np.linalg.norm(x * (turns[1:] + turns[:-1]) / gamma + math.sqrt(2) * gamma ** (1 / L - 1) / L))
    off = matrix_rounding(d, 10, epsilon) * x
    return float(b * (math.sqrt(L) * Y * K * delta + p + L * off * x ** (L - 1)) + math.sqrt(L) * off)
