"""`solve` with other starts, array namespaces, engines and algorithms."""

import array_api_strict as strict
import numpy as np
import pytest

import dlr
from dlr import Algorithm, GradientDescent, InputError, Outcome, Penalized, StepAndProject, network
from dlr.types import Array

SHEAR = np.array([[1.5, 0.7], [0.0, 1.2]])
SPD = np.array([[3.0, 1.0], [1.0, 2.0]])
NEGATIVE = np.diag([-1.0, 2.0])


def test_initial_layers_are_honoured() -> None:
    start = network.zero_asymmetric_layers(NEGATIVE, 3)
    copy = start.copy()
    solution = dlr.solve(NEGATIVE, 3, GradientDescent(0.05), initial_layers=start, max_steps=2000)
    assert solution.losses[0] == 2.5  # the product of the start is zero
    assert solution.converged
    assert solution.engine == "compiled"
    np.testing.assert_array_equal(start, copy)
    assert dlr.solve(NEGATIVE, 3, GradientDescent(0.05), max_steps=2000).lowest_loss >= 0.5


def test_initial_layers_are_ordered_first_layer_first() -> None:
    start = np.array([[[1.0, 1.0], [0.0, 1.0]], [[2.0, 0.0], [0.0, 3.0]]])
    solution = dlr.solve(SHEAR, 2, initial_layers=start, max_steps=0)
    np.testing.assert_array_equal(solution.product, start[1] @ start[0])
    np.testing.assert_array_equal(solution.layers, start)


@pytest.mark.parametrize("algorithm", [None, StepAndProject(radius=0.3), Penalized(strength=0.05)], ids=repr)
@pytest.mark.parametrize("target", [SHEAR, SPD], ids=["shear", "SPD"])
def test_array_api_strict_runs_like_numpy(target: Array, algorithm: Algorithm | None) -> None:
    ours = dlr.solve(target, 3, algorithm, engine="reference", max_steps=200)
    theirs = dlr.solve(strict.asarray(target), 3, algorithm, max_steps=200)
    assert theirs.engine == "reference"
    assert (theirs.outcome, theirs.steps) == (ours.outcome, ours.steps)
    for mine, other in ((ours.layers, theirs.layers), (ours.product, theirs.product)):
        assert isinstance(other, type(strict.asarray(0.0)))
        np.testing.assert_allclose(np.asarray(other), mine, rtol=0, atol=1e-13)
    np.testing.assert_allclose(theirs.losses, ours.losses, rtol=1e-9, atol=1e-18)
    start = strict.asarray(network.zero_asymmetric_layers(target, 3))
    assert dlr.solve(strict.asarray(target), 3, initial_layers=start, max_steps=1).steps == 1


def test_single_precision_is_refused() -> None:
    with pytest.raises(InputError, match=r"target must be float64, got .*float32"):
        dlr.solve(strict.asarray(SHEAR, dtype=strict.float32), 3)


def test_auto_takes_the_reduction_exactly_where_it_applies() -> None:
    assert dlr.solve(SPD, 2, max_steps=1).engine == "spectral"
    assert dlr.solve(SHEAR, 2, max_steps=1).engine == "compiled"
    assert dlr.solve(SPD, 2, max_steps=1, engine="reference").engine == "reference"
    assert dlr.solve(SPD, 2, max_steps=1, initial_layers=network.identity_layers(SPD, 2)).engine == "compiled"


@pytest.mark.parametrize(
    ("target", "options", "message"),
    [
        (SHEAR, {}, "target must be normal"),
        (SPD, {"initial_layers": network.identity_layers(SPD, 2)}, "engine 'spectral' needs"),
        (strict.asarray(SPD), {}, "engine 'spectral' needs"),
    ],
    ids=["non-normal", "initial layers", "array-api-strict"],
)
def test_the_reduction_is_refused_elsewhere(target: Array, options: dict[str, Array], message: str) -> None:
    with pytest.raises(InputError, match=message):
        dlr.solve(target, 2, engine="spectral", **options)


class SignDescent:
    """An algorithm from outside the package, without a reduced step."""

    name = "sign-descent"
    step_size = 0.01

    def step(self, layers: Array, gradients: Array, step_size: float) -> Array:
        return layers - step_size * np.sign(gradients)


def test_an_outside_algorithm_runs_on_the_reference_engine() -> None:
    solution = dlr.solve(np.diag([1.2, 1.2]), 2, SignDescent(), max_steps=5)
    assert (solution.engine, solution.steps, solution.outcome) == ("reference", 5, Outcome.STEP_LIMIT)
    np.testing.assert_allclose(solution.layers[0], 1.05 * np.eye(2))
    with pytest.raises(InputError, match="engine 'spectral' needs"):
        dlr.solve(SPD, 2, SignDescent(), engine="spectral")


def test_targets_are_left_alone_and_lists_accepted() -> None:
    target = SHEAR.copy()
    solution = dlr.solve(target, 3)
    np.testing.assert_array_equal(target, SHEAR)
    np.testing.assert_array_equal(dlr.solve(SHEAR.tolist(), 3).losses, solution.losses)
    np.testing.assert_array_equal(dlr.solve(np.asfortranarray(SHEAR), 3).losses, solution.losses)
    assert dlr.solve([[2]], np.int64(3)).converged
