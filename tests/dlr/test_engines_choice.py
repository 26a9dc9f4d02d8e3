"""``auto`` takes the fastest engine that can run a problem; engines refuse what they can't run, and cost no import."""

import subprocess
import sys

import numpy as np
import pytest
from engine_runs import SHEAR, InPython

import dlr


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
