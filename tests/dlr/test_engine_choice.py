"""``auto`` takes the fastest engine that can run a problem; engines refuse what they can't run, and cost no import."""

import subprocess
import sys

import numpy as np
import pytest
from engine_runs import SHEAR, InPython

import dlr
from dlr import spectral
from dlr.engine_choice import NEGLIGIBLE


@pytest.mark.parametrize(
    ("target", "algorithm", "options", "engine"),
    [
        (np.diag([2.0, 1.0]), dlr.GradientDescent(), {}, "spectral"),
        (np.diag([2.0, 1.0]), dlr.PowerProjection(), {}, "spectral"),
        (np.diag([2.0, 1.0]), InPython(dlr.GradientDescent(0.1)), {}, "spectral"),
        (np.diag([2.0, 1.0]), dlr.GradientDescent(), {"initial_layers": np.stack([np.eye(2)] * 3)}, "compiled"),
        (SHEAR, dlr.GradientDescent(), {}, "compiled"),
        (SHEAR, dlr.StepAndProject(0.1), {}, "compiled"),
        (SHEAR, dlr.Penalized(0.1), {}, "compiled"),
        (np.array([[1.0, 0.5], [0.0, 1.0]]), dlr.PowerProjection(), {}, "compiled"),
        (SHEAR, InPython(dlr.GradientDescent(0.1)), {}, "reference"),
    ],
)
def test_the_rules_of_auto(target, algorithm, options, engine):
    assert dlr.solve(target, 3, algorithm, max_steps=3, **options).engine == engine


def test_a_namespace_of_its_own_stays_on_reference():
    import array_api_strict as xp

    assert dlr.solve(xp.eye(2) * 2, 3, max_steps=3).engine == "reference"
    for engine in ("compiled", "spectral"):
        with pytest.raises(dlr.InputError, match="NumPy target"):
            dlr.solve(xp.eye(2), 3, engine=engine)


def test_compiled_refuses_an_algorithm_it_does_not_know():
    with pytest.raises(dlr.InputError, match="use engine='reference'"):
        dlr.solve(SHEAR, 3, InPython(dlr.GradientDescent(0.1)), engine="compiled")


def test_importing_dlr_imports_no_compiler():
    code = "import dlr, sys; print([m for m in ('numba', 'scipy', 'hypothesis', 'vl_convert') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8").stdout.strip() == "[]"


def test_a_departure_beyond_rounding_is_not_reduced_however_large_the_tolerance():
    for tol in (1e-9, 0.05):
        assert dlr.solve([[1.5, 1e-9], [0.0, 1.0]], 2, tol=tol, max_steps=1).engine == "compiled"


@pytest.mark.parametrize("size", [0.5, 0.95, 2.0])
def test_a_target_normal_up_to_rounding_is_reduced_where_steps_do_not_oscillate_nor_rounding_matters(size):
    """Steps may be ``1 / (L max(1, |Phi|)^(2 - 2/L))`` long, the effect of rounding a share of ``sqrt(2 tol)``."""
    turned = np.linalg.qr(np.random.default_rng(0).standard_normal((3, 3)))[0]
    target = size * turned @ dlr.matrices.plane_rotations(np.array([0.7]), 3) @ turned.T
    longest = 1 / (3 * max(1.0, size) ** (4 / 3))
    for share, engine in ((0.99, "spectral"), (1.01, "compiled")):
        assert dlr.solve(target, 3, dlr.GradientDescent(share * longest), max_steps=0).engine == engine
    found = spectral.nearest_normal(target)
    effect = found.departure * spectral.amplification(found.eigenvalues)
    for share, engine in ((0.99, "compiled"), (1.01, "spectral")):
        tol = (share * effect / NEGLIGIBLE) ** 2 / 2
        assert dlr.solve(target, 3, dlr.GradientDescent(0.9 * longest), tol=tol, max_steps=0).engine == engine


@pytest.mark.parametrize("sign", [1, -1])
def test_single_precision_takes_what_it_can_hold(sign):
    largest = float(np.finfo(np.float32).max)
    dlr.solve([[sign * largest]], 1, engine="single", max_steps=0)
    with pytest.raises(dlr.InputError, match=r"engine 'single' needs entries of target up to 3\.4e\+38, got 3\.7e\+38"):
        dlr.solve([[sign * 1.1 * largest]], 1, engine="single", max_steps=0)
    with pytest.raises(dlr.InputError, match="engine 'single' needs entries of initial_layers up to"):
        dlr.solve([[1.0]], 1, engine="single", max_steps=0, initial_layers=[[[sign * 1.1 * largest]]])
    with pytest.raises(dlr.InputError, match="engine 'single' needs entries of targets up to"):
        dlr.solve_batch([[[1.0]], [[sign * 1.1 * largest]]], 1, engine="single", max_steps=0)
