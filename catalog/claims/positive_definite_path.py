r"""The path of gradient descent to a symmetric positive definite target: rate, monotone loss, no overshoot.

Statement
---------
Under the hypotheses of ``positive_definite`` (Phi symmetric positive definite, ``eta <= 1 / (L b^{2 - 2/L})``, start
I): for all t the error obeys ``|E_t|_F <= sqrt(d) max(b ln b, ln(1/c)) (1 - eta L c^{2 - 2/L})^t``, the loss never
rises, and no eigenvalue of the layers overshoots its root ``lambda^{1/L}``.

Proof
-----
In ``positive_definite``: each eigenvalue theta of the layers moves toward its root and never past it, so each
``|theta^L - lambda|`` shrinks, and with it the loss.

In floating point the error may be off by the rounding floor's error in each eigenvalue
(`dlr.rounding.rounding_floor`, as an error ``sqrt(2 floor)``), twice where two losses are compared. An eigenvalue may
be off by the rounding of its update, whose terms are ``L + 2`` operations on numbers of at most ``b^{1/L}``, and of the
root, 6 more: ``(L + 8) epsilon b^{1/L}``.

Link: https://arxiv.org/abs/1802.06093, theorem on symmetric positive definite targets.
"""

import math

import numpy as np
from hypothesis import strategies as st

from catalog import conditions, strategies, trajectories
from catalog.claim import Control, Evidence, Kind, Problem, claim
from catalog.claims.positive_definite import (
    floor,
    instance,
    long_steps,
    one_negative,
    problems,
    rotations,
    saddle_start,
    small_step,
)
from catalog.sources import bhl
from catalog.traits import margin_positive, symmetric
from dlr import solve, spectral, theory

HORIZON = 1_000
SOURCE = bhl("symmetric positive definite targets")
THEOREM = (symmetric, margin_positive, small_step)


@st.composite
def draws(draw: st.DrawFn) -> Problem:
    """Condition numbers to 1e6 at every depth to 64: a pointwise claim needs no run to the end."""
    target = draw(
        st.one_of(
            strategies.positive_definite(),
            strategies.positive_definite(min_eigenvalue=0.1, max_eigenvalue=10.0),
            strategies.positive_definite(min_eigenvalue=1e-3, max_eigenvalue=1.0),
        )
    )
    return instance(target, draw(st.integers(1, 64)), draw(st.sampled_from([1.0, 0.5, 0.1])))


@claim(
    "P3b",
    source=SOURCE,
    kind=Kind.UPPER_BOUND,
    hypotheses=(*THEOREM, conditions.identity_start),
    quantity=trajectories.DECAY,
    problems=problems,
    draws=draws,
    controls=(
        Control("rotations", drops=symmetric, draws=rotations),
        Control("one negative eigenvalue", drops=margin_positive, draws=one_negative),
        Control("longer steps", drops=small_step, draws=long_steps),
        Control("zero start", drops=conditions.identity_start, draws=saddle_start),
    ),
)
def positive_definite_error_shrinks(problem: Problem) -> Evidence:
    """On a symmetric positive definite target the error stays below a geometric bound at every step."""
    solution = solve(
        problem.target,
        problem.depth,
        problem.algorithm,
        tol=0.0,
        max_steps=HORIZON,
        initial_layers=problem.layers,
    )
    c, b = theory.positive_definite_range(problem.target)
    start = math.sqrt(len(problem.target)) * max(b * math.log(b), -math.log(c))
    ratio = trajectories.slowness(
        trajectories.losses(solution),
        HORIZON,
        start=start,
        rate=problem.step_size * problem.depth * c ** (2 - 2 / problem.depth),
        floor=math.sqrt(2 * floor(problem)),
    )
    return Evidence(ratio, 1.0, steps=solution.steps, engine=solution.engine)


@claim(
    "P3c",
    source=SOURCE,
    kind=Kind.INVARIANT,
    hypotheses=THEOREM,
    quantity="largest rise of |E|_F in a step",
    problems=problems,
    draws=draws,
    controls=(Control("longer steps", drops=small_step, draws=long_steps),),
    artefacts={
        "symmetric": "no rise seen on 1,000 drawn rotations and normal targets at the same step size",
        "margin-positive": "no rise seen on 1,000 random diagonal targets with a negative eigenvalue",
    },
)
def positive_definite_loss_never_rises(problem: Problem) -> Evidence:
    """On a symmetric positive definite target no step raises the excess loss."""
    solution = solve(problem.target, problem.depth, problem.algorithm, tol=0.0, max_steps=HORIZON)
    errors = np.sqrt(2 * trajectories.losses(solution))
    rise = float(np.max(np.diff(errors), initial=0.0))
    return Evidence(rise, 2 * math.sqrt(2 * floor(problem)), steps=solution.steps, engine=solution.engine)


@claim(
    "P3d",
    source=SOURCE,
    kind=Kind.INVARIANT,
    hypotheses=THEOREM,
    quantity="largest step of an eigenvalue past its root",
    problems=problems,
    draws=draws,
    controls=(Control("longer steps", drops=small_step, draws=long_steps),),
    artefacts={
        "symmetric": "eigenvalues of 1,000 drawn normal targets stayed on the near side of their principal root",
        "margin-positive": "1,000 random diagonal targets: eigenvalues stayed short of their principal root",
    },
)
def positive_definite_never_overshoots(problem: Problem) -> Evidence:
    """On a symmetric positive definite target no eigenvalue of the layers overshoots its root ``lambda^{1/L}``."""
    spectrum = spectral.spectrum(problem.target)
    root = spectrum.eigenvalues ** (1 / problem.depth)
    away = np.where(root == 1, 0, 1 - root)
    away = away / np.where(away == 0, 1, np.abs(away))
    past = -math.inf
    steps = HORIZON // 10
    for _, z in trajectories.reduced(problem, spectrum, steps):
        past = max(past, float(np.max(-((z - root) * np.conj(away)).real)))
    _, b = theory.positive_definite_range(problem.target)
    allowance = (problem.depth + 8) * float(np.finfo(np.float64).eps) * b ** (1 / problem.depth)
    return Evidence(past if past == past else math.inf, allowance, steps=steps, engine="spectral")
