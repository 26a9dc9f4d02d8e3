"""The trajectories that claims follow are those of gradient descent and gradient flow."""

from itertools import pairwise

import numpy as np
import pytest

from catalog import registry
from catalog.trajectories import eigenvalue_iterates, flow_of_the_product, layer_iterates, mirrored_iterates
from dlr import GradientDescent, InputError, Penalized, PowerProjection, Problem, StepAndProject, network, run, spectral

REFLECTED = np.array([[-2.0, 0.5, -0.3], [-0.5, 1.0, 0.2], [0.3, 0.2, 1.5]])
TURNED = np.array([[1.0, -0.8], [0.8, 0.5]])


@pytest.mark.parametrize("depth", [2, 3, 4])
def test_mirrored_layers_are_those_of_gradient_descent_with_their_symmetry_exact(depth: int) -> None:
    problem = Problem(REFLECTED, depth, GradientDescent(0.05))
    signs = np.diag([-1.0, 1.0, 1.0])
    for (loss, layers), (own, mirrored) in zip(
        layer_iterates(problem, 30), mirrored_iterates(problem, 30), strict=True
    ):
        assert own == pytest.approx(loss, rel=1e-12)
        assert np.allclose(mirrored, layers, rtol=0, atol=1e-13)
        assert np.array_equal(mirrored, signs @ np.swapaxes(mirrored[::-1], -1, -2) @ signs)


def test_a_projection_of_layers_near_zero_keeps_them_mirrored() -> None:
    """The first step ends near 0, where the projection's rounding is far above the layers."""
    target = -np.eye(3)
    for i, j, value in ((0, 1, 2.70894418e-17), (0, 2, -5.63993297e-17), (1, 2, -2.88657986e-17)):
        target[i, j] = target[j, i] = value
    problem = Problem(target, 2, StepAndProject(radius=1.0, step_size=0.5))
    assert all(np.array_equal(layers[0], layers[1].T) for _, layers in mirrored_iterates(problem, 120))


@pytest.mark.parametrize(
    ("start", "step_size", "target"),
    [
        ([-1e6, -1.1e6, -1.1e6, -1e6], 0.9e-36, -1.0),  # nearly to 0, where what is rounded is far above the layers
        ([1.3, 0.7, 0.7, 1.3], 1.0, -1e6),
    ],
)
def test_a_step_to_or_from_large_negative_layers_keeps_them_mirrored(start, step_size, target) -> None:
    layers = np.array([np.diag([value, 1.0]) for value in start])
    problem = Problem(np.diag([target, 1.0]), 4, GradientDescent(step_size), initial_layers=layers)
    for _, mirrored in mirrored_iterates(problem, 1):
        assert np.array_equal(mirrored, mirrored[::-1])


def test_without_the_symmetry_nothing_is_mirrored() -> None:
    problem = Problem(TURNED, 4, GradientDescent(0.05))
    for (loss, layers), (own, mirrored) in zip(
        layer_iterates(problem, 30), mirrored_iterates(problem, 30), strict=True
    ):
        assert own == loss
        assert np.array_equal(mirrored, layers)


@pytest.mark.parametrize("iterates", [layer_iterates, mirrored_iterates])
def test_iterates_that_overflow_warn_of_nothing_and_let_others_warn(iterates) -> None:
    problem = Problem(REFLECTED, 4, GradientDescent(1e200), initial_layers=np.full((4, 3, 3), 1e100))
    before = np.geterr()
    assert [np.geterr() for _ in iterates(problem, 2)] == [before] * 3


def test_the_flow_of_one_layer_is_known() -> None:
    times = np.linspace(0, 3, 7)
    products, error = flow_of_the_product(TURNED, 1, times)
    exact = TURNED + np.exp(-times)[:, None, None] * (np.eye(2) - TURNED)
    assert np.max(np.linalg.norm(products - exact, axis=(-2, -1))) <= error <= 1e-7


@pytest.mark.parametrize("depth", [2, 5])
def test_short_steps_follow_the_flow_at_first_order(depth: int) -> None:
    off = []
    for steps in (100, 200):
        *_, (_, layers) = layer_iterates(Problem(TURNED, depth, GradientDescent(1 / steps)), steps)
        products, _ = flow_of_the_product(TURNED, depth, np.array([0.0, 1.0]))
        off.append(np.linalg.norm(network.product(np.asarray(layers)) - products[-1]))
    assert [coarse / fine for coarse, fine in pairwise(off)] == pytest.approx([2], rel=0.05)


@pytest.mark.parametrize("identifier", ["N7a", "N7b", "N7c", "N7g"])
def test_a_flow_of_no_time_is_still_at_the_identity(identifier: str) -> None:
    claim = registry.claim_named(identifier)
    problem = Problem(np.array([[1.0, -1.0], [1.0, 2.0]]), 2, GradientDescent(1.0), max_steps=0)
    assert claim(problem).holds(claim.kind)
    assert np.array_equal(flow_of_the_product(problem.target, 2, np.zeros(1))[0], np.eye(2)[None])


@pytest.mark.parametrize(
    "algorithm",
    [GradientDescent(0.05), StepAndProject(0.1, 0.05), Penalized(0.3, 0.05), PowerProjection(0.4, 0.05)],
    ids=lambda algorithm: algorithm.name,
)
def test_iterates_are_those_of_the_engines(algorithm) -> None:
    target = np.array([[0.5, -0.8], [0.8, 0.5]])
    problem, spectrum = Problem(target, 3, algorithm, tol=0.0, max_steps=4), spectral.spectrum(target)
    on_layers = list(layer_iterates(problem, 4))
    on_eigenvalues = list(eigenvalue_iterates(problem, spectrum, 4))
    assert len(on_layers) == len(on_eigenvalues) == 5
    for engine, found in (("reference", on_layers), ("spectral", on_eigenvalues)):
        wanted = run(Problem(target, 3, algorithm, tol=0.0, max_steps=4, engine=engine))
        assert [loss for loss, _ in found] == pytest.approx(wanted.losses, rel=1e-9)
    for (_, layers), (_, z) in zip(on_layers, on_eigenvalues, strict=True):
        np.testing.assert_allclose(layers, np.tile(spectrum.matrix(z), (3, 1, 1)), rtol=0, atol=1e-12)
    np.testing.assert_allclose(on_layers[-1][1], wanted.layers, rtol=0, atol=1e-12)


@pytest.mark.filterwarnings("error")
def test_what_overflows_is_not_finite_and_no_accident() -> None:
    problem, spectrum = Problem(np.diag([3.0, 1.0]), 9, GradientDescent(10.0)), spectral.spectrum(np.diag([3.0, 1.0]))
    for iterates in (layer_iterates, mirrored_iterates, lambda *run: eigenvalue_iterates(run[0], spectrum, run[1])):
        losses = [loss for loss, _ in iterates(problem, 6)]
        assert losses[0] == 2
        assert not np.isfinite(losses[-1])
    products, error = flow_of_the_product(np.array([[1e200]]), 2, np.array([0.0, 1.0]))
    assert np.isnan(products).all()
    assert np.isnan(error)


def test_no_steps_are_the_start_alone() -> None:
    problem = Problem(TURNED, 2, GradientDescent(0.1))
    for [(loss, layers)] in (list(layer_iterates(problem, 0)), list(mirrored_iterates(problem, 0))):
        assert loss == pytest.approx(np.sum((np.eye(2) - TURNED) ** 2) / 2)
        np.testing.assert_array_equal(layers, problem.start)
    [(loss, z)] = eigenvalue_iterates(
        Problem(np.diag([3.0, 1.0]), 2, GradientDescent(0.1)), spectral.spectrum(np.diag([3.0, 1.0])), 0
    )
    assert (loss, z.tolist()) == (2.0, [1, 1])


def test_the_error_of_a_flow_is_a_share_of_the_product_at_least() -> None:
    """A flow that rests at the identity, which has norm 2, is integrated without an error."""
    for times in ([0.0], [0.0, 1.0, 2.0]):
        products, error = flow_of_the_product(np.eye(4), 3, np.array(times))
        assert np.array_equal(products, np.broadcast_to(np.eye(4), (len(times), 4, 4)))
        assert error == pytest.approx(2e-10, rel=1e-9, abs=0)


def test_the_finer_of_two_integrations_is_given() -> None:
    times = np.linspace(0, 3, 7)
    products, _ = flow_of_the_product(TURNED, 1, times)
    exact = TURNED + np.exp(-times)[:, None, None] * (np.eye(2) - TURNED)
    assert np.max(np.linalg.norm(products - exact, axis=(-2, -1))) <= 1e-10


@pytest.mark.parametrize("times", [[], [0.5, 1.0], [-1.0, 0.0], [0.0, 1.0, 1.0], [[0.0, 1.0]], [1e-9]])
def test_a_flow_is_followed_from_time_0_on(times: list) -> None:
    with pytest.raises(InputError, match="times must be ascending numbers from 0 on, got"):
        flow_of_the_product(TURNED, 2, np.array(times))
