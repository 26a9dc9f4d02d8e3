"""Every engine agrees with exact arithmetic within a derived bound, and no wrong solver does."""

from dataclasses import replace
from fractions import Fraction
from functools import cache
from typing import Any

import numpy as np
import pytest
from exact_iterates import exact_iterates, exact_loss
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog import strategies
from catalog.agreement import DOUBLE, SINGLE, Allowed, allowed
from catalog.app.wrong_solvers import GALLERY, scaled, with_wrong_step
from catalog.certificates import certify
from dlr import GradientDescent, Penalized, PowerProjection, Problem, StepAndProject, run, solver, spectral
from dlr.algorithms import Algorithm

pytest.importorskip("flint")

SHEARED = np.array([[1.25, 0.75], [-0.25, 1.0]])
TURNED = np.array([[1.0, -0.5], [0.5, 1.0]])
EDGE = np.array([[1.5, -0.5], [0.5, 1.0]])
"""Its margin is 1, so that power projection acts in every step."""
SYMMETRIC = np.array([[2.0, 0.5, 0.0], [0.5, 1.0, 0.25], [0.0, 0.25, 0.75]])
SKEWED = np.eye(4) + 0.5 * np.triu(np.ones((4, 4)), 1) - 0.25 * np.tril(np.ones((4, 4)), -1)
PROBLEMS = {
    "number": (np.array([[0.375]]), 5),
    "one layer": (SHEARED, 1),
    "general": (SHEARED, 3),
    "blocks": (TURNED, 4),
    "edge": (EDGE, 3),
    "symmetric": (SYMMETRIC, 2),
    "negative": (np.diag([-1.0, 0.5]), 3),
    "of dimension 4": (SKEWED, 2),
}
ALGORITHMS = (GradientDescent(), StepAndProject(0.0625), Penalized(0.25), PowerProjection())
STEPS = {"gradient-descent": 10, "penalized": 10, "step-and-project": 5, "power-projection": 3}
NON_VACUOUS = 1e-6
"""Largest bound that says something here; what a wrong solver does is from 1e-3 on."""


def problem_for(name: str, algorithm: Algorithm, steps: int | None = None) -> Problem:
    """The algorithm at its default step size, on one of the problems."""
    target, depth = PROBLEMS[name]
    most = STEPS[algorithm.name] if steps is None else steps
    return solver.problem_for(target, depth, algorithm, tol=0.0, max_steps=most, engine="reference")


Followed = tuple[list[Any], list[Allowed]]


def followed(problem: Problem, epsilon: float = DOUBLE) -> Followed:
    """Exact iterates, and how far others may be from each."""
    exact = list(exact_iterates(problem, problem.max_steps))
    return exact, list(allowed(problem, [layers.astype(float) for layers in exact], epsilon))


@cache
def followed_once(name: str, algorithm: Algorithm) -> Followed:
    """`followed`, for all tests that look at the same problem."""
    return followed(problem_for(name, algorithm))


def excess(problem: Problem, expected: Followed) -> float:
    """How many times as far as allowed a run is from the exact one: its last layers, or the loss of any step.

    A run that stops early, since a step changes nothing or everything, stays there.
    """
    exact, bounds = expected
    solution = run(problem)
    losses = [*solution.losses, *[solution.losses[-1]] * (problem.max_steps - solution.steps)]
    off = [abs(loss - exact_loss(problem, layers)) for loss, layers in zip(losses, exact, strict=True)]
    distance = float(np.linalg.norm((exact[-1] - solution.layers).astype(float)))
    return max(distance / bounds[-1].layers, *(far / bound.loss for far, bound in zip(off, bounds, strict=True)))


@pytest.mark.parametrize("name", PROBLEMS)
@pytest.mark.parametrize("algorithm", ALGORITHMS, ids=lambda algorithm: algorithm.name)
def test_every_engine_agrees_with_exact_arithmetic(algorithm: Algorithm, name: str) -> None:
    if name == "negative" and isinstance(algorithm, PowerProjection):
        return  # it has no margin
    problem, expected = problem_for(name, algorithm), followed_once(name, algorithm)
    assert expected[1][-1].layers <= NON_VACUOUS
    engines = ["reference", "compiled", *(["spectral"] if spectral.have_blocks(problem.target) else [])]
    for engine in engines:
        assert excess(replace(problem, engine=engine), expected) <= 1, engine


@settings(max_examples=max(2, settings.default.max_examples // 50))
@given(strategies.margin_positive(max_dimension=4, min_margin=0.5, max_eigenvalue=2.0), st.integers(1, 4), st.data())
def test_every_engine_agrees_on_any_target(target, depth: int, data: st.DataObject) -> None:
    algorithm = data.draw(st.sampled_from(ALGORITHMS))
    problem = solver.problem_for(target, depth, algorithm, tol=0.0, max_steps=3)
    expected = followed(problem)
    for engine in ("reference", "compiled", "auto"):
        assert excess(replace(problem, engine=engine), expected) <= 1, engine


@pytest.mark.parametrize("name", ["general", "edge"])
@pytest.mark.parametrize("algorithm", ALGORITHMS, ids=lambda algorithm: algorithm.name)
def test_single_precision_agrees_within_its_own_bound(algorithm: Algorithm, name: str) -> None:
    problem = replace(problem_for(name, algorithm, steps=2), engine="single")
    exact, bounds = followed(problem, SINGLE)
    solution = run(problem)
    np.testing.assert_array_equal(solution.layers, solution.layers.astype(np.float32))
    distance = float(np.linalg.norm((exact[2] - solution.layers).astype(float)))
    assert followed_once(name, algorithm)[1][2].layers < distance <= bounds[2].layers


@pytest.mark.parametrize("wrong", list(GALLERY))
@pytest.mark.parametrize("algorithm", ALGORITHMS, ids=lambda algorithm: algorithm.name)
def test_no_wrong_solver_agrees(algorithm: Algorithm, wrong: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(GALLERY, "right", lambda: scaled(1.0))
    if wrong.startswith("correction") and isinstance(algorithm, GradientDescent):
        return  # it has none
    name = "edge" if isinstance(algorithm, PowerProjection) else "general"
    problem = problem_for(name, algorithm)
    assert excess(with_wrong_step(problem, "right"), followed_once(name, algorithm)) <= 1
    assert excess(with_wrong_step(problem, wrong), followed_once(name, algorithm)) > 1


@pytest.mark.parametrize("wrong", [name for name in GALLERY if not name.startswith("correction")])
def test_no_wrong_solver_stays_in_the_intervals_of_a_certificate(wrong: str) -> None:
    problem, (_, bounds) = problem_for("general", GradientDescent()), followed_once("general", GradientDescent())
    found = certify(*PROBLEMS["general"], steps=problem.max_steps)

    def leaves(problem: Problem) -> bool:
        solution = run(problem)
        losses = [*solution.losses, *[solution.losses[-1]] * (problem.max_steps - solution.steps)]
        for point in found["checkpoints"]:
            low, high = (float(Fraction(end)) for end in point["loss"])
            more = bounds[point["step"]].loss
            if not low - more <= losses[point["step"]] <= high + more:
                return True
        return False

    assert not leaves(problem)
    assert leaves(with_wrong_step(problem, wrong))


@pytest.mark.parametrize("name", PROBLEMS)
def test_a_certificate_holds_the_losses_at_50_digits(name: str) -> None:
    problem = problem_for(name, GradientDescent())
    losses = [exact_loss(problem, layers) for layers in followed_once(name, GradientDescent())[0]]
    for point in certify(*PROBLEMS[name], step_size=problem.step_size, steps=problem.max_steps)["checkpoints"]:
        low, high = map(Fraction, point["loss"])
        assert low * (1 - Fraction(1, 2**52)) <= losses[point["step"]] <= high * (1 + Fraction(1, 2**52))
