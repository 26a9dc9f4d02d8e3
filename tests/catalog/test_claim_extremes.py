"""Runs that overflow, or have nowhere to go, and targets without what a formula divides by, end as claims say."""

import math
from dataclasses import replace

import numpy as np
import pytest

from catalog.claims import (
    dense_agreement,
    distance_one,
    gradient_flow,
    positive_definite_targets,
    power_projection,
    reflections,
    sharpness,
    two_layers,
    zero_asymmetric,
)
from catalog.registry import claim_named
from dlr import GradientDescent, Penalized, PowerProjection, Problem, matrices
from dlr.types import Matrix

TURNED = np.array([[2.0, -1.0], [1.0, 1.5]])
DEFINITE = np.array([[2.5, 0.5], [0.5, 1.5]])


@pytest.mark.parametrize(
    ("identifier", "observed"), [("P1c", math.inf), ("C5", math.inf), ("I10", math.inf), ("I4", 0.0)]
)
def test_a_run_that_overflows_has_evidence(identifier: str, observed: float) -> None:
    problem = Problem(DEFINITE, 4, GradientDescent(1e90), max_steps=5)
    evidence = claim_named(identifier)(problem)
    assert evidence.observed == observed
    assert evidence.steps <= 5


@pytest.mark.parametrize("identifier", ["P5c", "P5d"])
def test_a_power_projection_that_overflows_has_evidence(identifier: str) -> None:
    problem = Problem(TURNED, 4, PowerProjection(0.5, 1e90), max_steps=5)
    assert claim_named(identifier)(problem).observed == math.inf


@pytest.mark.parametrize("identifier", ["I10", "I10b"])
def test_a_run_that_is_at_its_target_takes_no_step_that_could_be_checked(identifier: str) -> None:
    algorithm = GradientDescent(0.1) if identifier == "I10" else Penalized(0.0, 0.1)
    evidence = claim_named(identifier)(Problem(np.eye(2), 3, algorithm))
    assert (evidence.observed, evidence.bound, evidence.steps) == (0.0, 1.0, 0)


def test_the_identity_is_lowered_in_no_direction() -> None:
    assert not distance_one.one_direction.holds(np.eye(2))


def test_steps_are_checked_until_what_they_compute_leaves_the_range() -> None:
    evidence = claim_named("I10")(Problem(1e10 * TURNED, 3, GradientDescent(1.0)))
    assert evidence.steps == 1
    assert evidence.observed <= 1
    assert claim_named("I10")(Problem(TURNED, 3, GradientDescent(0.1))).steps == 3


def test_steps_on_a_large_target_are_not_checked() -> None:
    claim = claim_named("I10")
    assert [len(list(claim.problems(np.eye(d), 8))) for d in (15, 16, 17)] == [1, 1, 0]


def test_half_turns_are_counted_up_to_rounding() -> None:
    assert [gradient_flow.half_turns(np.diag(signs)) for signs in ([1.0, 1.0], [-1.0, 2.0], [-1.0, -3.0])] == [0, 1, 2]
    assert gradient_flow.half_turns(np.diag([-1.0, 0.0])) == 0
    rounding = 8 * 4 * 2.0**-52
    for share, found in ((0.9, 2), (1.1, 0)):
        assert gradient_flow.half_turns(matrices.plane_rotations(np.array([math.pi - share * rounding]), 2)) == found
    assert gradient_flow.half_turns(np.array([[-1.0, 20 * rounding], [-20 * rounding, -0.01]])) == 2
    assert gradient_flow.half_turns(np.array([[-1.0, 200 * rounding], [-200 * rounding, -0.01]])) == 0


def test_an_error_that_does_not_fall_has_no_decay() -> None:
    times, fallen = np.array([1.0, 2.0]), np.array([1.0, 0.5, 1.0])
    assert gradient_flow.decay_of(fallen, times, 0.0) == math.inf
    assert gradient_flow.decay_of(fallen[:2], times[:1], 0.0) == pytest.approx(1 / math.log(2))
    for later, observed in ((0.101, 1 / math.log(10)), (0.099, 0.0)):  # a hundred times the error 0.001
        assert gradient_flow.decay_of(np.array([1.0, later]), times[:1], 1e-3) == pytest.approx(observed)


def test_where_no_growth_is_resolved_there_is_no_horizon() -> None:
    assert dense_agreement.horizon(dense_agreement.instance(np.eye(2), 3, fraction=1e-30)) == -1
    assert dense_agreement.horizon(dense_agreement.instance(np.eye(2), 3, offset=1.0)) < 0
    assert dense_agreement.horizon(dense_agreement.instance(np.eye(2), 3)) > 100


def test_step_sizes_where_a_formula_has_nothing_to_divide_by() -> None:
    at_target = Problem(np.eye(3), 5, PowerProjection(1.0, 0.1))
    assert power_projection.largest_step_size(at_target) == pytest.approx(1 / 5)
    without_margin = Problem(np.array([[0.0, -1.0], [1.0, 0.0]]), 2, GradientDescent(0.1))
    assert two_layers.largest_step_size(without_margin) == 0.0
    with np.errstate(over="ignore"):
        assert two_layers.largest_step_size(Problem(1.7e308 * np.eye(4), 2, GradientDescent(0.1))) == 0.0
    assert positive_definite_targets.instance(1e200 * np.eye(2), 8).step_size == 1.0


def test_reflected_targets_are_definite_and_their_polar_factor_symmetric_up_to_rounding() -> None:
    assert [reflections.is_reflected(np.diag([-1.0, least])) for least in (2e-12, 0.5e-12, 0.0)] == [True, False, False]
    assert not reflections.is_reflected(np.array([[-1.0, 2.0], [-2.0, 1.0]]))
    rounding = 8 * 36 * 2.0**-52  # of |Q - Q^T|_F, which is 2 sqrt(2) times the angle to half a turn
    for share, found in ((0.9, True), (1.1, False)):
        target = np.eye(6)
        angle = math.pi - share * rounding / math.sqrt(8)
        target[:2, :2] = matrices.plane_rotations(np.array([angle]), 2)
        assert (reflections.in_eigenbasis(target) is not None) == found
        assert reflections.in_eigenbasis(target @ np.diag([1, 1, 1, 1, 1, 0.01])) is not None  # of condition 100
    assert reflections.in_eigenbasis(2 * np.eye(3)) is None
    for seed in range(8):
        u = np.random.default_rng(seed).standard_normal(4)
        assert reflections.in_eigenbasis(np.eye(4) - 2 * np.outer(u, u) / (u @ u)) is not None
    own = reflections.in_eigenbasis(np.array([[0.6, 0.8], [0.8, -0.6]]))
    assert own == pytest.approx(np.diag([-1.0, 1.0]))


@pytest.mark.parametrize("size", [0.01, 1e-200])
def test_a_small_target_is_learned_at_the_step_size_of_a_smooth_loss(size: float) -> None:
    """The two other limits grow without bound as the target shrinks, or can't be divided by."""
    problem = Problem(size * np.diag([1.0, -1.0]), 3, GradientDescent(0.1))
    v, y = zero_asymmetric.norms(problem.target, 3)
    smooth = 1 / (y**4 + 2 * v**2 * y**2)
    assert zero_asymmetric.largest_step_size(problem) == pytest.approx(smooth, rel=1e-14)
    assert smooth == pytest.approx(1 / 1.05**2, rel=size)


def test_the_balance_limits_the_step_size_on_a_target_below_one() -> None:
    problem = Problem(0.3 * np.diag([1.0, -1.0]), 3, GradientDescent(0.1))
    v, y = zero_asymmetric.norms(problem.target, 3)
    curvature = y**4 + 2 * v**2 * y**2
    expected = 0.09 / (2 * curvature * 0.3**2 * 2)
    assert zero_asymmetric.largest_step_size(problem) == pytest.approx(expected, rel=1e-14)


@pytest.mark.parametrize("depth", [1, 2, 3, 64])
@pytest.mark.parametrize("target", [np.diag([2.0, 0.0]), np.array([[0.0, 3.0], [0.0, 0.0]]), np.diag([1.0, 1e-300])])
def test_minima_of_a_singular_target_are_known_to_rounding(target: Matrix, depth: int) -> None:
    claim, problem = claim_named("N9a"), sharpness.balanced(target, depth)
    assert not claim.dropped(problem)
    evidence = claim(problem)
    assert evidence.observed == pytest.approx(sharpness.least_sharpness(target, depth), rel=1e-11)
    assert evidence.slack < 1e-8 * evidence.bound
    assert evidence.holds(claim.kind)
    layers = problem.initial_layers * np.where(np.arange(depth) == 0, 1 + 1e-7, 1.0)[:, None, None]
    assert claim.dropped(replace(problem, initial_layers=layers)) == [sharpness.at_a_minimum.name]


def test_the_hessian_of_one_layer_is_the_identity_wherever_a_singular_target_is_missed() -> None:
    claim = claim_named("N9a")
    problem = next(iter(claim.problems(np.diag([1.0, 0.0]), 1)))
    assert not claim.dropped(problem)
    evidence = claim(problem)
    assert (evidence.observed, evidence.bound) == (1.0, 1.0)
    assert 0 < evidence.slack < 1e-12
    assert evidence.holds(claim.kind)


def test_steps_beyond_the_cap_do_not_end_where_the_loss_is_small() -> None:
    claim = claim_named("steps-beyond-the-cap-leave-a-minimum")
    problem = next(iter(claim.problems_for(np.diag([2.0, 1.0]))))
    evidence = claim(problem)
    assert evidence.steps > 0
    assert claim(replace(problem, tol=1e3)) == evidence
