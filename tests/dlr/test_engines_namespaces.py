"""``reference`` runs on any array namespace and device, in float64 alone."""

import sys

import numpy as np
import pytest
from array_api_compat import array_namespace, is_array_api_strict_namespace
from engine_runs import ALGORITHMS

import dlr


def from_strict(array):
    import array_api_strict

    if is_array_api_strict_namespace(array_namespace(array)):
        array = array.to_device(array_api_strict.Device("CPU_DEVICE"))
    return np.asarray(array)


def places():
    """Namespaces and devices to run on: strict ones always, torch and JAX where they are installed."""
    import array_api_strict

    yield pytest.param(array_api_strict, None, id="strict")
    yield pytest.param(array_api_strict, array_api_strict.Device("device1"), id="strict-device")
    try:
        import torch

        yield pytest.param(torch, None, id="torch")
        if torch.cuda.is_available():
            yield pytest.param(torch, torch.device("cuda:0"), id="torch-cuda")
    except ImportError:
        pass
    try:
        import jax

        jax.config.update("jax_enable_x64", True)
        yield pytest.param(jax.numpy, None, id="jax")
    except ImportError:
        pass


@pytest.mark.parametrize("algorithm", [*ALGORITHMS, dlr.PowerProjection()], ids=lambda algorithm: algorithm.name)
@pytest.mark.parametrize(("xp", "device"), list(places()))
def test_reference_runs_on_any_namespace_and_device(xp, device, algorithm, monkeypatch):
    host = on_host(xp, monkeypatch)
    target = xp.asarray([[1.0, 0.5], [-0.2, 0.8]], dtype=xp.float64, device=device)
    there = dlr.solve(target, 4, algorithm, max_steps=150, tol=1e-9)
    here = dlr.solve(host(target), 4, algorithm, engine="reference", max_steps=150, tol=1e-9)
    for array in (there.layers, there.product):
        assert array_namespace(array) is array_namespace(target)
        assert array.device == target.device
    assert (there.steps, there.outcome) == (here.steps, here.outcome)
    np.testing.assert_allclose(there.losses, here.losses, rtol=1e-9, atol=1e-15)
    np.testing.assert_allclose(host(there.layers), here.layers, atol=1e-12)


def on_host(xp, monkeypatch):
    """The function that copies an array of the namespace to NumPy, which the package uses from here on."""
    if "strict" in xp.__name__:  # array-api-strict refuses to convert an array on a device to NumPy
        for module in ("dlr.iteration", "dlr.solver", "dlr.batch", "dlr._stacks"):
            monkeypatch.setattr(sys.modules[module], "to_host", from_strict)
    return sys.modules["dlr.solver"].to_host


class Slower(dlr.GradientDescent):
    """An algorithm that is not known to take stacks."""

    def step(self, layers, gradients, step_size):
        return layers - step_size / 2 * gradients


EVERY_END = np.array(
    [
        [[1.0, 0.5], [-0.2, 0.8]],  # converges
        [[1.0, 0.0], [0.0, 1.0]],  # before the first step
        [[0.5, 0.0], [0.0, 2.0]],  # stalls under steps that are too short
        [[-1.0, 0.3], [0.0, 1.0]],  # the step limit
        [[9e3, 0.0], [1.0, 2.0]],  # diverges where the step size is given
        [[1e200, 0.0], [0.0, 1.0]],  # at the start
    ]
)


@pytest.mark.parametrize(
    "algorithm",
    [
        dlr.GradientDescent(),
        dlr.GradientDescent(0.1),
        dlr.GradientDescent(1e-30),
        dlr.StepAndProject(0.2),
        dlr.Penalized(0.3),
        Slower(0.1),
    ],
    ids=lambda algorithm: f"{type(algorithm).__name__}-{algorithm.step_size}",
)
@pytest.mark.parametrize(("xp", "device"), list(places()))
def test_a_batch_on_any_namespace_and_device_is_one_at_a_time(xp, device, algorithm, monkeypatch):
    host = on_host(xp, monkeypatch)
    targets = xp.asarray(EVERY_END.reshape(3, 2, 2, 2), dtype=xp.float64, device=device)
    batch = dlr.solve_batch(targets, 4, algorithm, max_steps=50, tol=1e-3)
    assert batch.outcome.shape == (3, 2)
    assert set(batch.engine.flat) == {"reference"}
    for array in (batch.layers, batch.product):
        assert array_namespace(array) is array_namespace(targets)
        assert array.device == targets.device
    for index in np.ndindex(3, 2):
        alone = dlr.solve(targets[(*index, ...)], 4, algorithm, max_steps=50, tol=1e-3)
        assert (batch.outcome[index], batch.steps[index]) == (alone.outcome, alone.steps)
        assert batch.step_size[index] == alone.step_size
        np.testing.assert_allclose(batch.loss[index], alone.loss, rtol=1e-9, atol=1e-15)
        np.testing.assert_allclose(batch.lowest_loss[index], alone.lowest_loss, rtol=1e-9, atol=1e-15)
        np.testing.assert_allclose(host(batch.layers[(*index, ...)]), host(alone.layers), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(("xp", "device"), list(places()))
def test_power_projection_of_a_batch_on_any_namespace_takes_each_margin(xp, device, monkeypatch):
    host = on_host(xp, monkeypatch)
    targets = np.array([[[1.0, 0.5], [-0.2, 0.8]], [[0.5, 0.0], [0.2, 0.4]]])
    there = dlr.solve_batch(xp.asarray(targets, dtype=xp.float64, device=device), 3, dlr.PowerProjection(), tol=1e-6)
    here = dlr.solve_batch(targets, 3, dlr.PowerProjection(), tol=1e-6, engine="reference")
    assert there.converged.all()
    np.testing.assert_array_equal(there.steps, here.steps)
    np.testing.assert_allclose(host(there.layers), here.layers, atol=1e-12)


def test_other_engines_than_the_reference_refuse_a_batch_that_is_not_numpys():
    import array_api_strict as strict

    with pytest.raises(dlr.InputError, match="engine 'compiled' needs a NumPy target"):
        dlr.solve_batch(strict.ones((2, 2, 2)), 3, engine="compiled")


@pytest.mark.parametrize(("xp", "device"), list(places()))
def test_single_precision_is_refused(xp, device):
    with pytest.raises(dlr.InputError, match=r"target must be float64, got .*float32.*: convert"):
        dlr.solve(xp.asarray([[1.0]], dtype=xp.float32, device=device), 2)
