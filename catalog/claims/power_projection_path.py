r"""On the way of power projection every product keeps its margin, and the layers stay balanced.

Statement
---------
In the situation of the power projection theorem (margin-converges) every product W_t is gamma-positive, and all layers
of an iterate have the same singular values.

Proof
-----
The projection makes each product gamma-positive, and the factorization makes the layers balanced; the identity, with
which both start, is so for gamma <= 1. In floating point a step errs as in margin-converges, relative to the norm of
the product, which the step size bounds: after longer steps the product may diverge, and its rounding grows with it.

Link: https://arxiv.org/abs/1802.06093, power projection theorem.
"""

import math

import numpy as np

from catalog.artefact import Artefact
from catalog.claim import Claim, Evidence, Kind
from catalog.claims._paths import seen_along
from catalog.claims.power_projection import (
    ABOVE_ONE,
    LONG_STEPS,
    NEGATIVE,
    SOURCE,
    THEOREM,
    UNBALANCED,
    UNPROJECTED,
    draws,
    feasible_start,
    inside_margin,
    margins_above_one,
    margins_above_the_targets,
    problems,
    step_rounding,
)
from catalog.ingredients import gamma, largest_product
from catalog.sharing import shared
from dlr import Problem
from dlr._norms import margins
from dlr._passes import product
from dlr.rounding import matrix_rounding
from dlr.types import Matrix


@shared
def observations(problem: Problem) -> Matrix:
    """Margin of the product and spread of the layers' singular values at every step, up to a loss that is not finite.

    Returns
    -------
    ndarray, shape (n, 2)
        With ``max_steps + 1`` rows where every loss is finite.
    """

    def look(layers: Matrix) -> Matrix:
        values = np.linalg.svd(layers, compute_uv=False)
        return np.column_stack([margins(product(layers)), np.max(np.ptp(values, axis=-2), axis=-1)])

    return seen_along(problem, look)[1]


@Claim.define(
    "P5c",
    source=SOURCE,
    kind=Kind.INVARIANT,
    partner="P5b",
    hypotheses=THEOREM,
    quantity="gamma - margin of the product, largest over all steps",
    symbols=(("M", "``|Phi| + D``"),),
    problems=problems,
    draws=draws,
    controls=(ABOVE_ONE, LONG_STEPS, NEGATIVE, UNPROJECTED),
    proof_only=(
        Artefact(
            inside_margin,
            margins_above_the_targets,
            because="the projection keeps the margin whatever the target",
            tries=741,
            seconds=45,
            seed=1,
        ),
    ),
)
def margin_is_kept(problem: Problem) -> Evidence:
    """Power projection keeps every product gamma-positive."""
    found = observations(problem)[:, 0]
    shortfall = float(np.max(gamma(problem) - found)) if len(found) > problem.max_steps else math.inf
    return Evidence(shortfall, step_rounding(problem), steps=problem.max_steps, engine="reference")


@Claim.define(
    "P5d",
    source=SOURCE,
    kind=Kind.INVARIANT,
    partner="P5b",
    hypotheses=THEOREM,
    quantity="spread of singular values between layers, largest over all steps",
    symbols=(("M", "``|Phi| + D``"),),
    problems=problems,
    draws=draws,
    controls=(LONG_STEPS, UNBALANCED, UNPROJECTED),
    proof_only=(
        Artefact(
            inside_margin,
            margins_above_the_targets,
            because="the factorization balances them whatever the target",
            tries=310,
            seconds=45,
            seed=1,
        ),
        Artefact(
            feasible_start,
            margins_above_one,
            because="the factorization balances them whatever the margin",
            tries=263,
            seconds=45,
            seed=1,
        ),
    ),
)
def layers_stay_balanced(problem: Problem) -> Evidence:
    """Power projection keeps the layers balanced: all have the same singular values.

    A layer is three products of rotations and a root of norm at most ``M^{1/L}``, after an SVD and a Schur form.
    """
    spreads = observations(problem)[:, 1]
    spread = float(np.max(spreads)) if len(spreads) > problem.max_steps else math.inf
    allowance = matrix_rounding(len(problem.target), 8) * largest_product(problem.target) ** (1 / problem.depth)
    return Evidence(spread, allowance, steps=problem.max_steps, engine="reference")
