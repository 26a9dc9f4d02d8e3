r"""The path of gradient descent to a symmetric positive definite target: rate, monotone loss, no overshoot.

Statement
---------
Under the hypotheses of `positive_definite_targets` (Phi symmetric positive definite, plain gradient descent from I,
``eta <= 1 / (L b^{2 - 2/L})``), for all t the error obeys
``|E_t|_F <= sqrt(d) max(b ln b, ln(1/c)) (1 - eta L c^{2 - 2/L})^t``, the loss never rises, and no eigenvalue of the
layers overshoots its root ``lambda^{1/L}``. The loss never rises for any symmetric target, if ``b = max(1, |Phi|)``
and, where an eigenvalue is negative, ``eta (1 + |lambda_min|) <= 1``.

Proof
-----
In `positive_definite_targets`: each eigenvalue theta of the layers moves toward its root and never past it, so each
``|theta^L - lambda|`` shrinks, and with it the loss. Along an eigenvalue ``lambda <= 0``, theta stays in [0, 1] and
falls (negative-eigenvalue-fails), so ``theta^L - lambda >= 0`` falls.

In floating point the error may be off by the rounding of `positive_definite_targets.contraction`, twice where two
losses are compared. An eigenvalue may be off by the rounding of its update, whose terms are ``L + 2`` operations on
numbers of at most ``b^{1/L}``, and of the root, 6 more: ``(L + 8) epsilon b^{1/L}``.

Link: https://arxiv.org/abs/1802.06093, theorem on symmetric positive definite targets.
"""

import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from hypothesis import strategies as st

from catalog import conditions, decay, ingredients, strategies, trajectories
from catalog.artefact import Artefact
from catalog.claim import Claim, Control, Evidence, Kind
from catalog.claims._points import UNIT_STEP, norm_or_one
from catalog.claims.negative_eigenvalue_targets import odd_step_size
from catalog.claims.positive_definite_targets import (
    LONG,
    NEGATIVE,
    PULLED,
    THEOREM,
    TURNED,
    ZERO,
    contraction,
    instance,
    largest_step_size,
    small_step,
    some,
    spectral_range,
)
from catalog.sources import bhl
from catalog.traits import positive_definite, symmetric
from dlr import Penalized, Problem, matrices, run, spectral
from dlr.rounding import EPSILON, matrix_rounding
from dlr.types import Complex, Matrix

HORIZON = 1_000
SOURCE = bhl("symmetric positive definite targets")


def problems(target: Matrix, depth: int) -> Iterator[Problem]:
    """On a named target: the largest step size."""
    yield replace(instance(target, depth), max_steps=HORIZON)


@st.composite
def draws(draw: st.DrawFn) -> Problem:
    """Condition numbers to 1e6 at every depth to 64: a pointwise claim needs no run to the end."""
    target = draw(
        st.one_of(
            strategies.positive_definite(min_eigenvalue=0.4, max_eigenvalue=2.5),
            strategies.positive_definite(min_eigenvalue=0.1, max_eigenvalue=10.0),
            strategies.positive_definite(),
            strategies.positive_definite(min_eigenvalue=1e-3, max_eigenvalue=1.0),
        )
    )
    problem = instance(target, draw(st.integers(1, 64)), draw(ingredients.FRACTIONS))
    return replace(problem, max_steps=HORIZON)


LONGER = Control("longer steps", drops=small_step, draws=lambda: ingredients.with_longer_steps(some(), 2.5, 8))


def to_horizon(control: Control) -> Control:
    """The control with runs of `HORIZON` steps."""
    return replace(control, draws=lambda: control.draws().map(lambda problem: replace(problem, max_steps=HORIZON)))


CONTROLS = tuple(to_horizon(control) for control in (TURNED, NEGATIVE, LONG, PULLED, ZERO))


@Claim.define(
    "P3b",
    source=SOURCE,
    kind=Kind.UPPER_BOUND,
    hypotheses=THEOREM,
    quantity=decay.DECAY,
    problems=problems,
    draws=draws,
    controls=CONTROLS,
)
def positive_definite_error_shrinks(problem: Problem) -> Evidence:
    """On a symmetric positive definite target the error stays below a geometric bound at every step."""
    return decay.decay_over_run(problem, contraction(problem))


# The loss, on any symmetric target.


def largest_symmetric_step(problem: Problem) -> float:
    """``min(1 / (L max(1, |Phi|)^{2 - 2/L}), 1 / (1 + |lambda_min|))``, the latter if lambda_min < 0."""
    return min(largest_step_size(problem), odd_step_size(matrices.margin(problem.target), 0.0))


symmetric_step = conditions.step_size_at_most(
    "eta <= min(1 / (L b^(2 - 2/L)), 1 / (1 + |lambda_min|))", largest_symmetric_step
)


def symmetric_instance(target: Matrix, depth: int, fraction: float = 1.0) -> Problem:
    """Gradient descent to a symmetric target at a fraction of the largest step size."""
    problem = Problem(target, depth, UNIT_STEP, max_steps=HORIZON)
    return ingredients.with_step_size(problem, max(fraction * largest_symmetric_step(problem), 5e-324))


def symmetric_problems(target: Matrix, depth: int) -> Iterator[Problem]:
    """On a named symmetric target: the largest step size."""
    if symmetric.holds(target):
        yield symmetric_instance(target, depth)


def symmetric_draws() -> st.SearchStrategy[Problem]:
    """Positive definite and indefinite targets, depths to 64."""
    targets = st.one_of(
        strategies.positive_definite(min_eigenvalue=0.1, max_eigenvalue=10.0),
        strategies.symmetric(),
        strategies.negative_eigenvalue(),
    )
    return st.builds(symmetric_instance, targets, st.integers(1, 64), ingredients.FRACTIONS)


def general_draws() -> st.SearchStrategy[Problem]:
    """Targets that are not symmetric: turned, sheared, any."""
    targets = st.one_of(
        strategies.general(min_dimension=2, max_dimension=4),
        strategies.margin_positive(min_dimension=2, max_dimension=4),
        ingredients.shears(0.1, 20),
    )
    return st.builds(symmetric_instance, targets, st.integers(1, 16), ingredients.FRACTIONS).filter(
        lambda problem: not symmetric.holds(problem.target)
    )


def rise(problem: Problem) -> Evidence:
    """Largest rise of ``|E|_F`` in a step."""
    solution = run(replace(problem, tol=0.0))
    errors = np.sqrt(2 * decay.losses_to_end(solution))
    largest = float(np.max(np.diff(errors), initial=0.0))
    d, depth, size = len(problem.target), problem.depth, norm_or_one(problem.target)
    allowance = 2 * (math.sqrt(d) * (depth + 8) * EPSILON + matrix_rounding(d, depth + 4)) * size
    return Evidence(largest, allowance, steps=solution.steps, engine=solution.engine)


def strongly_pulled() -> st.SearchStrategy[Problem]:
    """Penalties with ``eta kappa`` of 1.6 to 1.9: the pull to the identity throws the layers past it."""
    return st.builds(
        lambda problem, pull: replace(
            problem, algorithm=Penalized(pull / problem.step_size, problem.step_size), max_steps=HORIZON
        ),
        some(),
        st.floats(1.6, 1.9),
    )


def far_start() -> st.SearchStrategy[Problem]:
    """All layers ``3 I``, where the loss curves more than the step size allows."""
    return some().map(lambda problem: replace(problem, initial_layers=3 * problem.start, max_steps=HORIZON))


@Claim.define(
    "P3c",
    source=SOURCE,
    kind=Kind.INVARIANT,
    partner="P3b",
    hypotheses=(symmetric, conditions.plain_gradient_descent, conditions.identity_start, symmetric_step),
    quantity="largest rise of |E|_F in a step",
    problems=symmetric_problems,
    draws=symmetric_draws,
    controls=(
        Control("longer steps", drops=symmetric_step, draws=lambda: to_horizon(LONGER).draws()),
        Control("a strong penalty", drops=conditions.plain_gradient_descent, draws=strongly_pulled),
        Control("far start", drops=conditions.identity_start, draws=far_start),
    ),
    proof_only=(
        Artefact(
            symmetric,
            general_draws,
            because="the largest eigenvalue of the loss's Hessian may stay below 2 / eta for other targets as well",
            tries=10_903,
            seconds=58,
            seed=1,
        ),
    ),
)
def symmetric_loss_never_rises(problem: Problem) -> Evidence:
    """On a symmetric target no step of gradient descent from the identity raises the excess loss."""
    return rise(problem)


# No eigenvalue overshoots its root.


def slightly_negative() -> st.SearchStrategy[Problem]:
    """``diag(-s, 2, ..., 2)`` at depth 3 with a small s: the eigenvalue passes its complex root on the way to zero."""
    return st.builds(
        lambda s, d: replace(instance(np.diag([-s] + [2.0] * d), 3), max_steps=HORIZON),
        st.floats(0.02, 0.05),
        st.integers(0, 3),
    )


def ahead() -> st.SearchStrategy[Problem]:
    """The first layer at its root already, the others at the identity: all of them are pushed on."""

    def build(problem: Problem) -> Problem:
        spectrum = spectral.spectrum(problem.target)
        layers = problem.start
        layers[0] = spectrum.matrix(spectrum.eigenvalues ** (1 / problem.depth))
        return replace(problem, initial_layers=layers, max_steps=50)

    return some().map(build)


@Claim.define(
    "P3d",
    source=SOURCE,
    kind=Kind.INVARIANT,
    partner="P3b",
    hypotheses=THEOREM,
    quantity="largest step of an eigenvalue past its root",
    problems=problems,
    draws=draws,
    controls=(
        Control("slightly negative", drops=positive_definite, draws=slightly_negative),
        to_horizon(LONGER),
        Control("a strong penalty", drops=conditions.plain_gradient_descent, draws=strongly_pulled),
        Control("one layer ahead", drops=conditions.identity_start, draws=ahead),
    ),
)
def positive_definite_never_overshoots(problem: Problem) -> Evidence:
    """On a symmetric positive definite target no eigenvalue of the layers overshoots its root ``lambda^{1/L}``."""
    spectrum = spectral.spectrum(problem.target)
    root = spectrum.eigenvalues ** (1 / problem.depth)
    away = np.where(root == 1, 0, 1 - root)
    away = away / np.where(away == 0, 1, np.abs(away))
    past = float(np.max(-((eigenvalues_of_layers(problem, spectrum) - root) * np.conj(away)).real))
    _, b = spectral_range(problem.target)
    allowance = (problem.depth + 8) * EPSILON * b ** (1 / problem.depth)
    return Evidence(past if past == past else math.inf, allowance, steps=problem.max_steps, engine="spectral")


def eigenvalues_of_layers(problem: Problem, spectrum: spectral.Spectrum) -> Matrix | Complex:
    """Layer eigenvalues of all iterates; for other starts than the identity, diagonals in the target's eigenbasis."""
    if problem.initial_layers is None:
        return np.array([z for _, z in trajectories.eigenvalue_iterates(problem, spectrum, problem.max_steps)])
    layers = np.array([layers for _, layers in trajectories.layer_iterates(problem, problem.max_steps)])
    return np.diagonal(spectrum.basis.T @ layers @ spectrum.basis, 0, -2, -1)
