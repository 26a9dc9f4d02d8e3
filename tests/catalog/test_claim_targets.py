"""What claims build for their draws is what its name says."""

import math

import numpy as np
import pytest
from hypothesis import find

from catalog.claims import _points, distance_one
from catalog.claims.distance_one import lowered
from catalog.claims.factorization import factors
from catalog.claims.planar_flow import growth, proved_times, turn_of
from catalog.claims.power_projection import Unprojected
from catalog.claims.single_steps import resolves_margin, resolving
from catalog.ingredients import FirstLayerFaster, with_step_size
from catalog.registry import claim_named
from dlr import GradientDescent, PowerProjection, Problem, matrices


@pytest.mark.parametrize("direction", [[0, 0, 0], [1, -2, 3], [0, 2, 0]])
def test_a_lowered_identity_is_lowered_in_one_direction(direction: list[int]) -> None:
    target, u = lowered(2.5, direction), np.array(direction if any(direction) else [1, 1, 1], dtype=float)
    assert np.linalg.eigvalsh(target) == pytest.approx([-1.5, 1, 1])
    assert target @ u == pytest.approx(-1.5 * u)


def test_a_turn_of_an_ellipse_has_both() -> None:
    target = turn_of(2.0, 0.5, 3.0, 0.7)
    Q, A = matrices.polar(target)
    assert pytest.approx(matrices.plane_rotations(np.array([2.0]), 2)) == Q
    axis = np.array([np.cos(0.7), np.sin(0.7)])
    assert A @ axis == pytest.approx(0.5 * axis)
    assert np.trace(A) == pytest.approx(3.5)


def test_radii_are_those_at_which_depth_counts_and_a_few_others() -> None:
    for radius in (0.1, 0.01, 0.0, 3 / 10, 0.5, 0.9):
        find(_points.radii(10), lambda drawn, radius=radius: drawn == radius)
    assert find(_points.radii(1), lambda drawn: drawn >= 0.9) == 0.9


def test_layers_near_the_identity_are_as_near_as_they_say() -> None:
    layers = find(_points.layers(3, 2), lambda drawn: not np.allclose(drawn, np.eye(3)))
    assert layers == pytest.approx(np.stack([0.5 * np.eye(3)] * 2)), "shrinks to (1 - 1/L) I"


def test_a_target_without_the_determinant_is_factored_as_its_nearest() -> None:
    reflected = np.diag([2.0, -1e-3])
    problem = Problem(reflected, 3, GradientDescent(1.0))
    assert claim_named("I7")(problem).observed == pytest.approx(1e-3)
    assert factors(problem) == pytest.approx(matrices.balanced_layers(reflected, 3))


def test_a_step_is_quartered_until_it_resolves_the_margin() -> None:
    target = 1e12 * np.array([[1.0, -2.0], [0.5, 1.0]])
    problem = Problem(target, 5, PowerProjection(0.5, 0.1))
    settled = resolving(problem)
    quarters = np.log(problem.step_size / settled.step_size) / np.log(4)
    assert quarters == pytest.approx(round(quarters))
    assert [resolves_margin(at, at.start) for at in (settled, with_step_size(settled, 4 * settled.step_size))] == [1, 0]


def test_beyond_the_plane_the_mean_over_all_angles_grows() -> None:
    turn = np.eye(3)
    turn[:2, :2] = matrices.plane_rotations(np.array([1.0]), 2)
    u, derivative = growth(turn @ np.diag([3.0, 2.0, 0.5]), np.array([0.0, 0.7]))
    ahead = (2 * np.cos(0.5) ** 2 + 1) / 3
    assert u == pytest.approx([1, 1 + ahead * (np.exp(0.35) - 1) / 0.5 + (1 - ahead) * (1 - np.exp(-2.1)) / 3])
    assert derivative == pytest.approx([1, ahead * np.exp(0.35) + (1 - ahead) * np.exp(-2.1)])


def test_times_of_the_planar_flow_are_rounded_up() -> None:
    x = np.linspace(0, 2, 21)
    times = proved_times(Problem(turn_of(2.0, 0.5, 3.0, 0.7), 1, GradientDescent(1.0)), x)[1:]
    exact = np.log(growth(turn_of(2.0, 0.5, 3.0, 0.7), x)[0])[1:]
    assert np.all(times > exact)
    assert times == pytest.approx(exact, rel=2e-9)


def test_algorithms_of_controls_differ_from_gradient_descent_as_they_say() -> None:
    layers = np.arange(12.0).reshape(3, 2, 2)
    gradients = np.cos(layers)
    longer = np.array([2.0, 1.0, 1.0])[:, None, None]
    assert FirstLayerFaster().step(layers, gradients, 0.1) == pytest.approx(layers - 0.1 * longer * gradients)
    assert Unprojected(0.5).step(layers, gradients, 0.1) == pytest.approx(layers - 0.1 * gradients)


def test_the_deviation_from_one_lowered_direction_is_relative_to_the_distance() -> None:
    distance = math.hypot(0.5, 0.25, 0.1)
    expected = math.hypot(0.1, 0.25, 0.5 - distance) / distance
    assert distance_one.deviation(np.diag([0.5, 0.75, 0.9])) == pytest.approx(expected, rel=1e-14)
    assert distance_one.deviation(np.eye(3)) == math.inf
