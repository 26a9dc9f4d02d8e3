r"""The margin that gradient flow keeps, gradient descent seems to keep at every depth.

Statement
---------
C5 (conjecture). For gradient descent at ``eta L b^{2 - 2/L} <= 1/2``, every d, every L and a target of margin g > 0,
the margin of ``Phi R_t^T`` stays at least g, and ``sigma_min(W_t)`` at least ``min(1, g)``.

Proof
-----
Open. For gradient flow the margin of ``Phi R_t^T`` never falls where L = 2 or d = 2 (flow-learns-with-a-margin); else
it may fall on the way. What is missing for gradient descent is a bound on how far finite steps leave the flow.

Searched: 22,306 runs of up to 60 steps from 518 starts (``dlr falsify``, 14 minutes in all, seeds 101 and 201 to 209,
the even ones from three layers on) found no violation. As the ratio is 1 at the start, where R = I, such a search
cannot climb far. So 8,135 runs of 60 or 200 steps climbed toward the largest ratio after R has turned by 0.3
(Frobenius norm), in dimension 3 to 5 at depths 3 to 16: they ended at multiples of the identity plus a skew part with
a kernel, where the margin stays g exactly. The largest ratio of all was 1 + 1.5e-13.

Link: https://arxiv.org/abs/1802.06093, theorems on margins.
"""

import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from hypothesis import strategies as st

from catalog import _work, conditions, ingredients
from catalog.artefact import Artefact
from catalog.claim import Claim, Control, Evidence, Kind
from catalog.claims import conjectures
from catalog.claims._paths import seen_along
from catalog.claims._points import norm_or_one
from catalog.claims.gradient_flow import SOURCE, moderate, polar_factors
from catalog.traits import margin_positive
from dlr import Penalized, Problem, StepAndProject
from dlr._norms import margins
from dlr._passes import product
from dlr.algorithms import Algorithm
from dlr.matrices import margin
from dlr.rounding import matrix_rounding
from dlr.solver import at_step_size
from dlr.types import Matrix


def stays(problem: Problem) -> float:
    """The largest of ``g / margin(Phi R_t^T)`` and ``min(1, g) / sigma_min(W_t)``; infinite if the run diverges."""

    def look(layers: Matrix) -> Matrix:
        products = product(layers)
        turned = margins(problem.target @ polar_factors(products).mT)
        return np.column_stack([turned, np.linalg.svd(products, compute_uv=False)[:, -1]])

    g, (losses, seen) = margin(problem.target), seen_along(problem, look)
    if len(losses) <= problem.max_steps:
        return math.inf
    turned, least = seen.T
    ratios = np.where(turned > 0, g / turned, math.inf), np.where(least > 0, min(1.0, g) / least, math.inf)
    return float(np.max(ratios))


def step_problems(target: Matrix, depth: int) -> Iterator[Problem]:
    """On a named target: half of the positive definite step size, for sixty steps."""
    yield from (limited(problem) for problem in conjectures.problems(target, depth))


def limited(problem: Problem) -> Problem:
    """The problem with at most sixty steps."""
    return replace(problem, tol=0.0, max_steps=_work.horizon(60, problem.target, problem.depth, cost=5))


def with_skew_part() -> st.SearchStrategy[Problem]:
    """Planar targets ``[[a, -k], [k, b]]`` at small depths."""
    return st.builds(
        lambda a, b, k, depth: limited(conjectures.instance(np.array([[a, -k], [k, b]]), depth)),
        st.floats(0.3, 2),
        st.floats(0.3, 2),
        st.floats(1, 5),
        conjectures.DEPTHS,
    )


def unbalanced() -> st.SearchStrategy[Problem]:
    """From the layers 10 I, I/10, I, ..., I."""

    def build(problem: Problem) -> Problem:
        layers = problem.start
        layers[0] *= 10
        layers[1] /= 10
        return replace(problem, initial_layers=layers)

    return with_skew_part().map(build)


def other_algorithms() -> st.SearchStrategy[Problem]:
    """A penalty, a projection, a first layer that is faster."""

    def with_another(problem: Problem, algorithm: Algorithm) -> Problem:
        return replace(problem, algorithm=at_step_size(algorithm, problem.step_size))

    algorithms: list[Algorithm] = [Penalized(0.1), StepAndProject(0.5), ingredients.FirstLayerFaster()]
    return st.builds(with_another, conjectures.with_margin().map(limited), st.sampled_from(algorithms))


@Claim.define(
    "C5",
    source=SOURCE,
    kind=Kind.CONJECTURE,
    partner="C1",
    hypotheses=(margin_positive, *conjectures.COMMON, conjectures.small_step, moderate),
    quantity="g over the margin of Phi R^T, or over sigma_min(W)",
    symbols=(("R", "the orthogonal polar factor of W"), ("g", "margin of Phi")),
    problems=step_problems,
    draws=lambda: conjectures.with_margin().map(limited),
    depths=(2, 5),
    controls=(
        Control(
            "a flipped axis",
            drops=margin_positive,
            draws=lambda: conjectures.flipped().map(limited),
        ),
        Control("unbalanced start", drops=conditions.identity_start, draws=unbalanced),
        Control(
            "longer steps",
            drops=conjectures.small_step,
            draws=lambda: ingredients.with_longer_steps(with_skew_part(), 8, 16),
        ),
    ),
    proof_only=(
        Artefact(
            conditions.plain_gradient_descent,
            other_algorithms,
            because="a penalty and a projection pull to the identity, which has the margin",
            tries=428,
            seconds=40,
            seed=1,
        ),
    ),
)
def margin_stays(problem: Problem) -> Evidence:
    """Gradient descent keeps the margin of Phi R^T at the target's, and the product's singular values above it or 1.

    Observed is the largest of ``g / margin(Phi R_t^T)`` and ``min(1, g) / sigma_min(W_t)``. Rounding moves R by the
    product's condition number times as much.
    """
    g, size = abs(margin(problem.target)), norm_or_one(problem.target)
    slack = matrix_rounding(len(problem.target), 8 + problem.depth) * size / g * size / min(1.0, g)
    return Evidence(stays(problem), 1.0, slack, problem.max_steps, "reference")
