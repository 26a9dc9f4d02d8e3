"""The four algorithms: steps by hand, dense against reduced, the penalty against its loss."""

import math
import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import dlr
from catalog import strategies
from dlr import Algorithm, GradientDescent, Penalized, PowerProjection, StepAndProject, matrices, network
from dlr.types import Matrix

J = np.array([[0.0, -1.0], [1.0, 0.0]])
ALGORITHMS = [
    GradientDescent(),
    StepAndProject(radius=0.15),
    StepAndProject(radius=2.0),
    Penalized(strength=0.2),
    PowerProjection(),
]
every_algorithm = pytest.mark.parametrize("algorithm", ALGORITHMS, ids=repr)


def one(value: float, depth: int = 2) -> Matrix:
    return np.full((depth, 1, 1), value)


@pytest.mark.parametrize(
    ("algorithm", "expected"),
    [  # layers 1.5 with W = 2.25, target 3.25: both gradients are 1.5 (2.25 - 3.25) = -1.5
        (GradientDescent(), 1.65),
        (StepAndProject(radius=0.6), 1.6),
        (StepAndProject(radius=0.7), 1.65),
        (Penalized(strength=0.5), 1.65 - 0.1 * 0.5 * 0.5),
        (PowerProjection(margin=1.0), 1.65),
    ],
    ids=repr,
)
def test_step_on_one_by_one_layers(algorithm: Algorithm, expected: float) -> None:
    gradients = network.gradients(one(1.5), np.array([[3.25]]))
    np.testing.assert_allclose(gradients, one(-1.5))
    np.testing.assert_allclose(algorithm.step(one(1.5), gradients, 0.1), one(expected), rtol=1e-14)
    reduced = algorithm.reduced_step(np.array([1.5 + 0j]), np.array([-1.5 + 0j]), 0.1, 2)
    np.testing.assert_allclose(reduced, [expected], rtol=1e-14)


def test_power_projection_lifts_the_product_to_the_margin() -> None:
    step = PowerProjection(margin=0.49).step(one(1.0), one(0.9), 1.0)  # product 0.01, lifted to 0.49
    np.testing.assert_allclose(step, one(0.7), rtol=1e-14)
    reduced = PowerProjection(margin=0.49).reduced_step(np.array([1.0 + 0j]), np.array([0.9 + 0j]), 1.0, 2)
    np.testing.assert_allclose(reduced, [0.7], rtol=1e-14)


def test_steps_on_a_rotating_pair_by_hand() -> None:
    layers, target = np.array([np.eye(2)] * 2), 1 * np.eye(2) + 4 * J  # error -4 J, in every layer
    gradients = network.gradients(layers, target)
    np.testing.assert_allclose(gradients, [-4 * J] * 2)
    plain = np.eye(2) + 0.4 * J
    np.testing.assert_allclose(GradientDescent().step(layers, gradients, 0.1), [plain] * 2)
    clipped = StepAndProject(radius=0.3).step(layers, gradients, 0.1)
    np.testing.assert_allclose(clipped, [np.eye(2) + 0.3 * J] * 2, atol=1e-15)
    w = (1 + 0.4j) ** 2  # real part 0.84, lifted to 0.9
    root = (0.9 + 1j * w.imag) ** 0.5
    projected = PowerProjection(margin=0.9).step(layers, gradients, 0.1)
    np.testing.assert_allclose(projected, [root.real * np.eye(2) + root.imag * J] * 2, atol=1e-14)


def test_layers_step_at_once_and_each_by_its_own_gradient() -> None:
    layers, target = np.array([[[2.0]], [[3.0]]]), np.array([[5.0]])  # W - Phi = 1
    step = GradientDescent().step(layers, network.gradients(layers, target), 0.1)
    np.testing.assert_allclose(step, [[[1.7]], [[2.8]]])


@pytest.mark.parametrize("depth", [1, 2, 3, 5])
def test_penalized_step_descends_the_penalized_loss(depth: int) -> None:
    rng = np.random.default_rng(depth)
    layers, target, strength = rng.standard_normal((depth, 3, 3)), rng.standard_normal((3, 3)), 0.7

    def penalized_loss(layers: np.ndarray) -> complex:
        W = np.linalg.multi_dot([np.eye(3), *layers[::-1], np.eye(3)])
        return np.sum((W - target) ** 2) / 2 + strength / 2 * np.sum((layers - np.eye(3)) ** 2)

    derivative = np.empty_like(layers)
    for index in np.ndindex(layers.shape):
        moved = layers.astype(complex)
        moved[index] += 1e-30j
        derivative[index] = penalized_loss(moved).imag / 1e-30
    step = Penalized(strength=strength).step(layers, network.gradients(layers, target), 0.01)
    np.testing.assert_allclose(step, layers - 0.01 * derivative, rtol=1e-11, atol=1e-13)


def assert_engines_agree(target: Matrix, depth: int, algorithm: Algorithm, max_steps: int) -> None:
    options = {"tol": 0.0, "max_steps": max_steps}
    dense = dlr.solve(target, depth, algorithm, engine="reference", **options)
    reduced = dlr.solve(target, depth, algorithm, engine="spectral", **options)
    assert (dense.engine, reduced.engine) == ("reference", "spectral")
    shared = min(dense.steps, reduced.steps) + 1  # rounding decides when exactly a run stalls
    scale = max(1.0, float(np.linalg.norm(target)))
    errors = [np.sqrt(2 * run.losses[:shared]) for run in (dense, reduced)]  # |E|_F, absolute error as in W
    np.testing.assert_allclose(*errors, rtol=0, atol=1e-10 * scale)
    np.testing.assert_allclose(dense.product, reduced.product, rtol=0, atol=1e-10 * scale)
    np.testing.assert_allclose(dense.layers, reduced.layers, rtol=0, atol=1e-10 * scale)


TARGETS = {
    "symmetric": np.array([[2.0, 0.5, 0.0], [0.5, 1.0, 0.3], [0.0, 0.3, 0.7]]),
    "rotation": np.kron(np.eye(2), [[math.cos(1.2), -math.sin(1.2)], [math.sin(1.2), math.cos(1.2)]]),
    "normal": np.array([[1.5, -1.0, 0.0], [1.0, 1.5, 0.0], [0.0, 0.0, 0.6]]),
}


@every_algorithm
@pytest.mark.parametrize("depth", [1, 2, 3, 8, 12])
@pytest.mark.parametrize("target", TARGETS.values(), ids=TARGETS)
def test_dense_and_reduced_runs_agree(target: Matrix, depth: int, algorithm: Algorithm) -> None:
    Q = np.linalg.qr(np.random.default_rng(0).standard_normal(target.shape))[0]
    assert_engines_agree(Q @ target @ Q.T, depth, algorithm, 300)


@every_algorithm
@given(
    target=strategies.normal(max_dimension=5, min_modulus=0.5, max_modulus=3.0, max_angle=1.3), depth=st.integers(1, 12)
)
def test_dense_and_reduced_runs_agree_on_normal_targets(target: Matrix, depth: int, algorithm: Algorithm) -> None:
    assert_engines_agree(target, depth, algorithm, 60)


@given(target=strategies.symmetric(max_dimension=4, min_eigenvalue=-3.0, max_eigenvalue=3.0), depth=st.integers(1, 8))
def test_dense_and_reduced_runs_agree_on_indefinite_targets(target: Matrix, depth: int) -> None:
    assert_engines_agree(target, depth, GradientDescent(), 40)


@given(target=strategies.margin_positive(max_dimension=5, max_skew=3.0), depth=st.integers(2, 6))
def test_power_projection_keeps_margin_and_balance(target: Matrix, depth: int) -> None:
    solution = dlr.solve(target, depth, PowerProjection(), max_steps=15, engine="reference")
    margin = solution.algorithm.margin
    assert margin == min(1.0, matrices.margin(target))
    assert matrices.margin(solution.product) >= margin - 1e-12 * depth * np.linalg.norm(target)
    values = np.linalg.svd(solution.layers, compute_uv=False)
    np.testing.assert_allclose(values, np.broadcast_to(values[0], values.shape), rtol=1e-9)


@given(target=strategies.general(max_dimension=4), radius=st.sampled_from([0.0, 0.1, 1.0]), depth=st.integers(1, 5))
def test_step_and_project_stays_in_the_ball(target: Matrix, radius: float, depth: int) -> None:
    solution = dlr.solve(target, depth, StepAndProject(radius=radius, step_size=0.5), max_steps=10)
    residual = solution.layers - np.eye(len(target))
    assert np.max(np.linalg.norm(residual, 2, axis=(-2, -1))) <= radius + 1e-13


def test_names_are_distinct_and_registered() -> None:
    registered = dlr.algorithms.PAPER_ALGORITHMS
    assert set(registered) == {"gradient-descent", "step-and-project", "penalized", "power-projection"}
    assert all(name == kind.name for name, kind in registered.items())


def test_an_eigenvalue_at_the_identity_stays_there_without_a_warning() -> None:
    z, gradients = np.array([1.0 + 0j, 2.0 + 0j]), np.array([0j, 0j])
    with warnings.catch_warnings(action="error"):
        assert StepAndProject(radius=0.5).reduced_step(z, gradients, 0.1, 2).tolist() == [1.0, 1.5]
