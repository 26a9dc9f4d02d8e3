r"""Two layers learn every target with a margin, by finite steps of a stated size: no symmetry, no projection.

Statement
---------
For L = 2 and a target with margin g > 0, let ``q = min(1, (4/5) g)``, ``b = max(1, |Phi|)``, ``D = |Phi - I|_F`` and

    ``eta (b + D)^2 <= q min(1/5, 2 sqrt(g / (b (4 + ln((b + D) / q)))))``.

Then gradient descent from the identity has ``|E_{t+1}|_F <= (1 - 1.85 eta q) |E_t|_F`` in every step, so that excess
loss eps takes at most ``ln(D / sqrt(2 eps)) / (1.85 eta q)`` steps: polynomially many in 1/g, b and D.

Proof
-----
With D = 0 nothing moves; let D > 0. Let ``V = [X Y]`` with ``X = Theta_1``, ``Y = Theta_2^T``, so that ``W = Y^T X``.
Let P and S be the symmetric block matrices with zero diagonal blocks and with Phi, respectively W, below them, and ``J
= diag(I, -I)``. A step is ``V' = V (I - eta F)`` with ``F = S - P``; let ``e = |F|``, which is |E|. Let ``G = V V^T /
2`` and ``Z = V J V^T / 2``, so that ``X X^T = G + Z``, ``Y Y^T = G - Z`` and ``V S = G V - Z V J``. Let ``z = |Z|``, p
the least eigenvalue of G, and mu the margin of P on the span of the rows of V: the least ``y^T P y`` over unit vectors
y there. At the start ``G = I``, ``Z = 0``, and the rows span the vectors (u, u), so that ``mu = g``.

Let ``m q = eta (b + D)^2``, so that ``m <= 1/5``, and ``s = D / (b + D)``. As ``b >= 1``, ``eta D^2 = m q s^2``, ``eta
b <= m q (1 - s)^2`` and ``eta D <= m q s (1 - s)``. Induct on

    ``p >= q``, ``|G| <= 1.06 b``, ``z <= 0.32 eta D^2``, ``mu >= (4/5) g`` and the decay.

The two diagonal blocks of V^T V, which has the norm 2 |G|, bound the other two: ``|W| <= |G|``. So ``e <= min(D, 2.06
b)``.

(|G|) ``G' <= G - 2 eta G^2 + 2 eta Z^2 + 2 eta |Phi| G + eta^2 e^2 G``. As ``4 eta |G| < 1``, the largest eigenvalue of
the right side grows with that of G; at 1.06 b it is at most 1.06 b.

(p) ``V P V^T >= 2 mu G``, so ``G' >= (1 + 2 eta mu) G - 2 eta G^2``, whose least eigenvalue grows with that of G in the
same way; at q it is at least q, as ``mu >= q``.

(E) ``E' = E - eta M(E) + eta^2 E W^T E`` with ``M(E) = E X^T X + Y^T Y E``, self-adjoint with eigenvalues from ``2 (p
- z)`` to ``2 (|G| + z)``. So |E|_F is multiplied by at most ``1 - 2 eta (p - z) + eta^2 |W| e``, and ``p >= q``.

(z) F anticommutes with J, so ``2 Z' = 2 Z - eta^2 (X E^T E X^T - Y E E^T Y^T)``. Let ``N^2 = |E X^T|_F^2 + |Y
E|_F^2``, the inner product of E and M(E). The norm of the difference of two positive semidefinite matrices is at most
the larger norm, so z grows by at most ``eta^2 N^2 / 2`` in a step. And ``|M(E)|_F^2 <= 2 (|G| + z) N^2`` and ``|E W^T
E|_F <= N^2 / 2``, so that |E|_F^2 falls by at least ``eta N^2`` times ``2 - 2 eta (|G| + z) (1 + eta^2 D^2 / 4) - eta
D``. All falls together are at most D^2; that bounds the sum of ``eta N^2``, and z by half of eta times it.

(mu) Write P, S and F in blocks, 1 for the span of the rows of V and 2 for its complement. The rows of V' are ``x = (I -
eta F) y`` for y in that span. Let ``|y| = 1`` and ``a = |F_21 y| <= e``; x has the parts ``x_1 = y - eta F_11 y`` and
``x_2 = -eta F_21 y``, and ``|x| >= 1 - eta e``. The quadratic form of ``P - mu`` is at least 0 at x_1, as P_11 is at
least mu, and at least ``-2 |Phi| |x_2|^2`` at x_2. With ``P_21 = S_21 - F_21`` in what is mixed, at x it is at least

    ``2 x_2^T P_21 x_1 - 2 |Phi| |x_2|^2 >= 2 eta ((1 - eta b) a^2 - a w - eta a e^2)``, ``w = (1 + eta e) |S_21|``.

In ``V S = G V - Z V J`` the term G V stays in the span. A unit vector there is ``V^T u`` with ``2 p |u|^2 <= 1``, so
``|S_21| <= z sqrt(|G| / p)``. Set 3/4 of ``a^2`` against ``a w`` and ``1/4 - eta b`` of it against ``eta a e^2``: mu
falls, times ``(1 - eta e)^2``, by at most ``eta h(e) + 2 eta^3 e^4 / (1 - 4 eta b)``, with h(e) the largest ``2 a w -
(3/2) a^2`` over ``a <= e``: ``(2/3) w^2`` if ``e >= (2/3) w``, else ``2 e w - (3/2) e^2``. Let now w be its bound ``(1
+ eta D) 0.32 eta D^2 sqrt(1.06 b / q)``, which is at most 0.0175 D as ``sqrt(b / q) <= b / q``. As h grows with e, and
``e <= (1 - 1.85 eta q)^t D``, the sum of h(e) is at most its first term and the integral over t, that is over ``de /
(1.85 eta q e)``:

    sum of ``eta h(e) <= (w^2 / q) ((2/3) eta q + (1 + (2/3) ln(1.5 D / w)) / 1.85)``,

which grows with eta: take the largest. Both sums, over ``(1 - eta D)^2``, are together at most g / 5.

Rounding is allowed for as in any contraction, with the layers' norms multiplying to at most 1.15 b.

Link: https://arxiv.org/abs/1802.06093, theorems on margins; the theorem is this project's.
"""

import math
from collections.abc import Iterator
from dataclasses import replace

from hypothesis import strategies as st

from catalog import _work, conditions, decay, ingredients, strategies
from catalog.claim import Claim, Contraction, Control, Evidence, Kind
from catalog.claims._points import UNIT_STEP, norm_or_one
from catalog.claims.conjectures import margin_targets
from catalog.claims.gradient_flow import two_layers
from catalog.enclosures import Number, log, sqrt
from catalog.proofs import Step
from catalog.sources import here
from catalog.traits import margin_positive
from dlr import Problem, matrices
from dlr.matrices import distance_to_identity
from dlr.rounding import contraction_rounding
from dlr.types import Matrix

KEPT, RATE, SHORT, ROOT, OFFSET = 0.8, 1.85, 0.2, 2.0, 4.0
"""The share of the margin that is kept, the rate over eta q, and the three numbers of the step size."""

REACH = 1.15
"""Bound on the product of the layers' norms, over b."""

CONSTANTS = {
    "kept": KEPT,
    "rate": RATE,
    "short": SHORT,
    "root": ROOT,
    "offset": OFFSET,
    "reach": REACH,
    "top": 1.06,
    "imbalance": 0.32,
    "least": 0.0175,
    "tail": 0.28,
    "growing": 0.85,
    "turning": 0.182,
}


def along(c: Number, s: Number) -> Number:
    """Bound on ``eta D``."""
    return c.short * s * (1 - s)


def across(c: Number, s: Number) -> Number:
    """Bound on ``eta b``."""
    return c.short * (1 - s) ** 2


def unbalance(c: Number, s: Number) -> Number:
    """Bound on z, over q."""
    return c.imbalance * c.short * s**2


def fall(c: Number, s: Number) -> Number:
    """Bound below on the fall of ``|E|_F^2`` over ``eta N^2``."""
    eigenvalues = 2 * c.top * across(c, s) + 2 * c.imbalance * along(c, s) ** 2
    return 2 - eigenvalues - along(c, s) - eigenvalues * along(c, s) ** 2 / 4


def lost_to_steps(c: Number, s: Number) -> Number:
    """The sum of ``2 eta^3 e^4 / (1 - 4 eta b)`` over ``m^2 q (1 - eta D)^2``, at most.

    The sum of ``e^4`` is at most ``D^4 / (1 - (1 - x)^4)``, ``x = 1.85 eta q``.
    """
    x = c.rate * across(c, s)
    return 2 * s**4 / ((1 - 4 * across(c, s)) * c.rate * (4 - 6 * x + 4 * x**2 - x**3) * (1 - along(c, s)) ** 2)


def lost_to_imbalance(c: Number, s: Number, v: Number) -> Number:
    """The sum of ``eta h`` over ``g (1 - eta D)^2``, at most; v is ``1 / (4 + ln((b + D) / q))``.

    At the largest step ``m = min(1/5, 2 sqrt(g v / b))``, so ``1 / m <= sqrt(b / (q v)) / (0.2 sqrt(4))``. With it
    ``ln(1.5 D / w)`` is at most a constant and ``ln((b + D) / q) + ln(1/v) / 2 + ln(1/s)``, the first of which is
    ``1/v - 4``; and ``ln(1/v) <= ln 4 + (1/v - 4) / 4``.
    """
    constant = log(3 / (2 * c.imbalance * sqrt(c.top) * c.short * sqrt(c.offset))) + log(c.offset) / 2 - c.offset - 0.5
    # v s^4 times that bound, with s ln(1/s) <= 1 - s
    logarithm = v * (s**4 * constant + s**3 * (1 - s)) + s**4 * (1 + 1 / (2 * c.offset))
    sums = 2 * v * s**4 * across(c, s) / 3 + (v * s**4 + 2 * logarithm / 3) / c.rate
    return c.imbalance**2 * c.top * c.root**2 * sums * ((1 + along(c, s)) / (1 - along(c, s))) ** 2


UNIT = {"s": (0, 1)}

PROOF = (
    Step("4 eta |G| <= {growing}, less than 1", lambda c, s: (4 * c.top * across(c, s), c.growing), CONSTANTS, UNIT),
    Step(
        "|G| stays at most {top} b",
        lambda c, s: (2 + (1 + c.top) * along(c, s) + 2 * unbalance(c, s) ** 2 / c.top, 2 * c.top),
        CONSTANTS,
        UNIT,
    ),
    Step("z <= {imbalance} eta D^2", lambda c, s: (1, 2 * c.imbalance * fall(c, s)), CONSTANTS, UNIT),
    Step(
        "the error shrinks by {rate} eta q",
        lambda c, s: (c.rate + 2 * unbalance(c, s) + c.top * along(c, s), 2),
        CONSTANTS,
        UNIT,
    ),
    Step(
        "the sum of 2 eta^3 e^4 / (1 - 4 eta b) takes {tail} m^2 q",
        lambda c, s: (lost_to_steps(c, s), c.tail),
        CONSTANTS,
        UNIT,
    ),
    Step(
        "w is at most {least} D",
        lambda c, s: ((1 + along(c, s)) * c.imbalance * sqrt(c.top) * along(c, s), c.least),
        CONSTANTS,
        UNIT,
    ),
    Step(
        "the sum of eta h takes {turning} g",
        lambda c, s, v: (lost_to_imbalance(c, s, v), c.turning),
        CONSTANTS,
        UNIT | {"v": (0, 0.25)},
    ),
    Step(
        "both together take at most what is not kept of g",
        lambda c: (c.turning + c.tail * c.short**2 * c.kept, 1 - c.kept),
        CONSTANTS,
    ),
    Step(
        "|Theta_1| |Theta_2| <= {reach} b",
        lambda c, s: (c.top + unbalance(c, s), c.reach),
        CONSTANTS,
        UNIT,
    ),
)

HORIZON = 1_000
SYMBOLS = (("g", "margin of Phi"), ("q", "``min(1, (4/5) g)``"))
SOURCE = here("two layers and the margin")


def kept_margin(problem: Problem) -> float:
    """``q``; a negative margin counts with its magnitude."""
    return min(1.0, KEPT * abs(matrices.margin(problem.target)))


def largest_step_size(problem: Problem) -> float:
    """``q min(1/5, 2 sqrt(g / (b (4 + ln((b + D) / q))))) / (b + D)^2``; 0 without a margin."""
    q, b, D = kept_margin(problem), norm_or_one(problem.target), distance_to_identity(problem.target)
    if q == 0 or not math.isfinite(b + D):
        return 0.0
    share = abs(matrices.margin(problem.target)) / b / (OFFSET + math.log((b + D) / q))
    return q / (b + D) / (b + D) * min(SHORT, ROOT * math.sqrt(share))


def contraction(problem: Problem) -> Contraction:
    """``|E_t|_F <= (1 - 1.85 eta q)^t D``."""
    rate = RATE * problem.step_size * kept_margin(problem)
    reach = REACH * norm_or_one(problem.target)
    rounding = contraction_rounding(len(problem.target), 2, reach, problem.step_size, rate)
    return Contraction(distance_to_identity(problem.target), rate, rounding)


small_step = conditions.step_size_at_most(
    "eta (b + D)^2 <= q min(1/5, 2 sqrt(g / (b (4 + ln((b + D) / q)))))", largest_step_size
)
above_rounding = conditions.above_rounding(contraction)


def instance(target: Matrix, depth: int = 2, fraction: float = 1.0, tol: float = 1e-9) -> Problem:
    """The problem at a fraction of the largest step size; the tolerance is raised above rounding."""
    problem = Problem(target, depth, UNIT_STEP, max_steps=_work.horizon(HORIZON, target, depth))
    eta = fraction * largest_step_size(problem)
    problem = ingredients.with_step_size(problem, eta) if eta > 0 else problem
    return replace(problem, tol=conditions.raised(tol, contraction(problem)))


def problems(target: Matrix, depth: int) -> Iterator[Problem]:
    """On a named target: the largest step size."""
    yield instance(target, depth)


def draws() -> st.SearchStrategy[Problem]:
    """Margins from 0.02, skew parts up to 10."""
    return st.builds(instance, margin_targets(), st.just(2), ingredients.FRACTIONS)


def mild_draws() -> st.SearchStrategy[Problem]:
    """Targets near enough to the identity for the run to end within the budget: climbing found at most 18,909 steps."""
    targets = st.one_of(
        strategies.near_the_identity(min_distance=0.01, max_distance=0.8),
        strategies.margin_positive(min_margin=0.3, max_eigenvalue=1.5, max_skew=1.0, max_dimension=3),
    )
    return st.builds(instance, targets, st.just(2), st.sampled_from([1.0, 0.75]), st.sampled_from([1e-9, 1e-6, 1e-3]))


def moderate(depth: int = 2) -> st.SearchStrategy[Problem]:
    """Distance 0.5: every step counts."""
    return st.builds(instance, strategies.near_the_identity(min_distance=0.5, max_distance=0.5), st.just(depth))


def flipped() -> st.SearchStrategy[Problem]:
    """``diag(-s, 1, ..., 1)``, never learned."""
    return st.builds(instance, ingredients.flipped_axes())


def one_layer() -> st.SearchStrategy[Problem]:
    """A single layer, which shrinks the error by ``1 - eta`` and no more; margins from 0.7."""
    return st.builds(
        instance,
        strategies.margin_positive(min_margin=0.7, max_eigenvalue=1.5, max_skew=0.5, max_dimension=3),
        st.just(1),
    )


THEOREM = (margin_positive, two_layers, conditions.plain_gradient_descent, small_step, conditions.identity_start)
CONTROLS = (
    Control("flipped axis", drops=margin_positive, draws=flipped),
    Control("one layer", drops=two_layers, draws=one_layer),
    Control("a penalty", drops=conditions.plain_gradient_descent, draws=lambda: ingredients.with_penalty(moderate())),
    Control("longer steps", drops=small_step, draws=lambda: ingredients.with_longer_steps(moderate(), 60, 240)),
    Control("zero start", drops=conditions.identity_start, draws=lambda: ingredients.from_zero(moderate())),
)


@Claim.define(
    "N7e",
    source=SOURCE,
    kind=Kind.UPPER_BOUND,
    hypotheses=(*THEOREM, above_rounding, conditions.within_budget(contraction)),
    quantity="steps to tolerance",
    symbols=SYMBOLS,
    problems=problems,
    draws=mild_draws,
    depths=(2,),
    confined=("depth",),
    largest_step_size=largest_step_size,
    contraction=contraction,
    proof=PROOF,
    controls=(
        *CONTROLS,
        Control(
            "tolerance below rounding",
            drops=above_rounding,
            draws=lambda: moderate().map(lambda problem: replace(problem, tol=1e-300)),
        ),
    ),
)
def two_layers_learn_a_margin(problem: Problem) -> Evidence:
    """Gradient descent on two layers learns every target with a margin g > 0 within the iteration bound.

    Observed is the number of steps, or one more than the bound where the tolerance is not reached within it.
    """
    return decay.steps_within(problem, contraction(problem).steps_to(problem.tol))


@Claim.define(
    "N7f",
    source=SOURCE,
    kind=Kind.UPPER_BOUND,
    hypotheses=THEOREM,
    quantity=decay.STEP_DECAY,
    symbols=SYMBOLS,
    problems=problems,
    draws=draws,
    depths=(2,),
    confined=("depth",),
    proof=PROOF,
    controls=CONTROLS,
)
def two_layers_error_shrinks(problem: Problem) -> Evidence:
    """On two layers the error to a target with a margin shrinks by ``1 - 1.85 eta min(1, (4/5) g)`` in every step."""
    return decay.decay_in_each_step(problem, contraction(problem))
