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
    if "strict" in xp.__name__:  # array-api-strict refuses to convert an array on a device to NumPy
        for module in ("dlr.iteration", "dlr.solver"):
            monkeypatch.setattr(sys.modules[module], "to_host", from_strict)
    target = xp.asarray([[1.0, 0.5], [-0.2, 0.8]], dtype=xp.float64, device=device)
    there = dlr.solve(target, 4, algorithm, max_steps=150, tol=1e-9)
    host = sys.modules["dlr.solver"].to_host
    here = dlr.solve(host(target), 4, algorithm, engine="reference", max_steps=150, tol=1e-9)
    for array in (there.layers, there.product):
        assert array_namespace(array) is array_namespace(target)
        assert array.device == target.device
    assert (there.steps, there.outcome) == (here.steps, here.outcome)
    np.testing.assert_allclose(there.losses, here.losses, rtol=1e-9, atol=1e-15)
    np.testing.assert_allclose(host(there.layers), here.layers, atol=1e-12)


@pytest.mark.parametrize(("xp", "device"), list(places()))
def test_single_precision_is_refused(xp, device):
    with pytest.raises(dlr.InputError, match=r"target must be float64, got .*float32.*: convert"):
        dlr.solve(xp.asarray([[1.0]], dtype=xp.float32, device=device), 2)
