"""The network's product, loss and gradients against independent computations."""

import array_api_strict as strict
import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog import strategies
from dlr import GradientDescent, Penalized, StepAndProject, matrices, network
from dlr.types import Matrix

EPS = float(np.finfo(np.float64).eps)


@st.composite
def problems(draw: st.DrawFn, max_depth: int = 5, max_dimension: int = 4) -> tuple[Matrix, Matrix]:
    d = draw(st.integers(1, max_dimension))
    matrices = strategies.general(min_dimension=d, max_dimension=d, max_entry=3.0)
    layers = draw(st.lists(matrices, min_size=1, max_size=max_depth))
    return np.array(layers), draw(matrices)


def random_problem(depth: int, d: int, seed: int = 0) -> tuple[Matrix, Matrix]:
    rng = np.random.default_rng(seed)
    return rng.standard_normal((depth, d, d)), rng.standard_normal((d, d))


def absolute_gradients(layers: Matrix, target: Matrix) -> Matrix:
    """Gradients with every sign positive: componentwise scale of their rounding errors."""
    return network.gradients(np.abs(layers), -np.abs(target))


def scale(layers: Matrix, target: Matrix) -> float:
    """Bound on loss and gradients from norms, at least 1."""
    norms = np.maximum(1.0, np.linalg.norm(layers, axis=(-2, -1)))
    return float(np.prod(norms) * (np.prod(norms) + np.linalg.norm(target)))


@pytest.mark.parametrize(("depth", "d"), [(1, 1), (1, 3), (2, 2), (3, 2), (4, 1), (5, 3)])
def test_gradients_are_high_precision_central_differences(depth: int, d: int) -> None:
    layers, target = random_problem(depth, d)

    def loss(values: list[mpmath.mpf]) -> mpmath.mpf:
        W = mpmath.eye(d)
        for i in range(depth):
            W = mpmath.matrix([[values[(i * d + j) * d + k] for k in range(d)] for j in range(d)]) * W
        return sum((W[j, k] - mpmath.mpf(target[j, k])) ** 2 for j in range(d) for k in range(d)) / 2

    with mpmath.workdps(60):
        values, h = [mpmath.mpf(x) for x in layers.ravel()], mpmath.mpf(10) ** -20
        expected = []
        for i in range(len(values)):
            up, down = list(values), list(values)
            up[i] += h
            down[i] -= h
            expected.append(float((loss(up) - loss(down)) / (2 * h)))
        exact_loss = float(loss(values))
    bound = 8 * depth * d * EPS * absolute_gradients(layers, target)
    assert np.all(np.abs(network.gradients(layers, target) - np.reshape(expected, layers.shape)) <= bound)
    assert float(network.loss(layers, target)) == pytest.approx(exact_loss, rel=1e-13)


@given(problems())
def test_gradients_are_complex_step_derivatives(problem: tuple[Matrix, Matrix]) -> None:
    layers, target = problem
    expected = np.empty_like(layers)
    for index in np.ndindex(layers.shape):
        moved = layers.astype(complex)
        moved[index] += 1e-30j
        W = np.linalg.multi_dot([np.eye(len(target)), *moved[::-1], np.eye(len(target))])
        expected[index] = np.sum((W - target) ** 2).imag / 2e-30
    bound = 16 * len(layers) * len(target) * EPS * absolute_gradients(layers, target)
    assert np.all(np.abs(network.gradients(layers, target) - expected) <= bound)


def test_product_applies_the_first_layer_first() -> None:
    first, second = np.array([[1.0, 1.0], [0.0, 1.0]]), np.array([[2.0, 0.0], [0.0, 3.0]])
    np.testing.assert_array_equal(network.product(np.array([first, second])), [[2.0, 2.0], [0.0, 3.0]])
    assert float(network.loss(np.array([first, second]), np.zeros((2, 2)))) == (4 + 4 + 9) / 2


def test_batch_is_a_loop_of_single_networks() -> None:
    rng = np.random.default_rng(1)
    layers, targets = rng.standard_normal((2, 3, 4, 5, 5)), rng.standard_normal((2, 3, 5, 5))
    loss, gradients = network.loss_and_gradients(layers, targets)
    assert loss.shape == (2, 3)
    assert gradients.shape == layers.shape
    for index in np.ndindex(2, 3):
        bound = 1e-13 * scale(layers[index], targets[index])
        single = network.loss_and_gradients(layers[index], targets[index])
        assert abs(loss[index] - single[0]) <= bound
        np.testing.assert_allclose(gradients[index], single[1], rtol=0, atol=bound)
        np.testing.assert_allclose(network.product(layers)[index], network.product(layers[index]), rtol=0, atol=bound)
    np.testing.assert_array_equal(network.loss(layers, targets), loss)


def test_one_network_has_a_loss_and_gradients_for_each_target_of_a_batch() -> None:
    rng = np.random.default_rng(1)
    layers, targets = rng.standard_normal((4, 5, 5)), rng.standard_normal((5, 5, 5))
    loss, gradients = network.loss_and_gradients(layers, targets)
    for i, target in enumerate(targets):
        single, bound = network.loss_and_gradients(layers, target), 1e-13 * scale(layers, target)
        assert abs(loss[i] - single[0]) <= bound
        np.testing.assert_allclose(gradients[i], single[1], rtol=0, atol=bound)


class Counting(np.ndarray):
    """An array that counts the matrix products made with it."""

    products = 0

    def __matmul__(self, other: Matrix) -> Matrix:
        Counting.products += 1
        return np.matmul(self, other)


@pytest.mark.parametrize("depth", [1, 2, 3, 10])
def test_gradients_take_a_linear_number_of_matrix_products(depth: int) -> None:
    layers, target = random_problem(depth, 3)
    expected = network.gradients(layers, target)
    Counting.products = 0
    gradients = network.gradients(layers.view(Counting), target.view(Counting))
    assert depth - 1 <= Counting.products <= 3 * depth - 2
    np.testing.assert_array_equal(gradients, expected)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_array_api_strict_gives_the_numbers_of_numpy(dtype: str) -> None:
    layers, target = (array.astype(dtype) for array in random_problem(4, 3))
    strict_layers, strict_target = strict.asarray(layers), strict.asarray(target)
    for function in (network.loss, network.gradients):
        result = function(strict_layers, strict_target)
        assert isinstance(result, type(strict_target))
        assert result.dtype == strict_target.dtype
        np.testing.assert_array_equal(np.asarray(result), function(layers, target))
    np.testing.assert_array_equal(np.asarray(network.product(strict_layers)), network.product(layers))
    for start in (network.identity_layers, network.zero_asymmetric_layers):
        result = start(strict_target, 4)
        assert result.dtype == strict_target.dtype
        np.testing.assert_array_equal(np.asarray(result), start(target, 4))


def test_starts_are_fresh_writable_and_batched() -> None:
    target = np.zeros((2, 3, 3))
    identity, asymmetric = network.identity_layers(target, 4), network.zero_asymmetric_layers(target, 4)
    assert identity.shape == asymmetric.shape == (2, 4, 3, 3)
    assert np.all(identity == np.eye(3))
    assert np.all(asymmetric[:, :3] == np.eye(3))
    assert not np.any(asymmetric[:, 3])
    identity[0, 0, 0, 0] = 5.0
    assert np.sum(identity == 5.0) == 1
    assert not np.any(network.zero_asymmetric_layers(np.eye(2), 1))


@given(problems(), st.data())
def test_gradients_turn_with_the_basis(problem: tuple[Matrix, Matrix], data: st.DataObject) -> None:
    layers, target = problem
    d = len(target)
    Q = data.draw(strategies.orthogonal(min_dimension=d, max_dimension=d))
    loss, gradients = network.loss_and_gradients(layers, target)
    turned_loss, turned = network.loss_and_gradients(Q @ layers @ Q.T, Q @ target @ Q.T)
    bound = 100 * len(layers) * d**2 * EPS * scale(layers, target)
    np.testing.assert_allclose(turned, Q @ gradients @ Q.T, rtol=0, atol=bound)
    assert abs(turned_loss - loss) <= bound


@pytest.mark.parametrize("depth", [1, 2, 4])
def test_population_equals_sample_on_whitened_data(depth: int) -> None:
    layers, target = random_problem(depth, 3, seed=2)
    rng = np.random.default_rng(3)
    n = 11
    rows = np.linalg.qr(rng.standard_normal((n, n)))[0]
    X, noise = np.sqrt(n) * rows[:3], 0.7 * rows[3:6]  # X X^T / n = I, noise X^T = 0
    np.testing.assert_allclose(X @ X.T / n, np.eye(3), atol=1e-14)
    Y = target @ X + noise
    residual = network.product(layers) @ X - Y
    bound = 1e-13 * scale(layers, target)
    sample_loss = np.sum(residual**2) / (2 * n) - np.sum(noise**2) / (2 * n)
    assert abs(sample_loss - network.loss(layers, target)) <= bound
    for i in range(depth):
        below, above = X, np.eye(3)
        for j in range(i):
            below = layers[j] @ below
        for j in range(i + 1, depth):
            above = layers[j] @ above
        np.testing.assert_allclose(
            above.T @ residual @ below.T / n, network.gradients(layers, target)[i], rtol=0, atol=bound
        )


def test_what_is_made_is_on_the_device_of_what_is_given() -> None:
    place = strict.Device("device1")
    target = strict.asarray([[2.0, 0.5], [0.0, 1.0]], device=place)
    layers = network.identity_layers(target, 3)
    made = [layers, network.zero_asymmetric_layers(target, 3), *network.loss_and_gradients(layers, target)]
    moved = layers + network.gradients(layers, target)
    made += [matrices.clip_to_ball(moved, 0.1), matrices.lift_to_margin(target, 1.5)]
    made += [matrices.margin_positive_layers(matrices.lift_to_margin(target, 1.5), 2)]
    made += [kind.step(moved, layers, 0.1) for kind in (GradientDescent(), StepAndProject(0.1), Penalized(0.3))]
    assert {array.device for array in made} == {place}
