"""Every engine computes the run of ``reference``: losses, layers and product agree to rounding."""

import numpy as np
import pytest
from engine_runs import ALGORITHMS, SHEAR, InPython, run_on
from hypothesis import given
from hypothesis import strategies as st

import dlr
from catalog import strategies
from dlr.rounding import matrix_rounding

algorithms = st.sampled_from(ALGORITHMS)
depths = st.integers(1, 12)


def assert_same_run(first, second, tolerance=1e-10):
    assert first.outcome is second.outcome
    assert first.steps == second.steps
    assert first.losses.shape == second.losses.shape
    np.testing.assert_allclose(first.losses, second.losses, rtol=1e-7, atol=tolerance)
    np.testing.assert_allclose(first.layers, second.layers, atol=tolerance)
    np.testing.assert_allclose(first.product, second.product, atol=tolerance)
    assert first.lowest_loss == pytest.approx(second.lowest_loss, rel=1e-7, abs=tolerance)


def assert_agree(first, second, tolerance=1e-10):
    """Compare two runs up to the end of the shorter one: rounding decides at which step a run stalls."""
    steps = min(first.steps, second.steps)
    np.testing.assert_allclose(first.losses[: steps + 1], second.losses[: steps + 1], rtol=1e-7, atol=tolerance)
    np.testing.assert_allclose(first.product, second.product, atol=tolerance)
    np.testing.assert_allclose(first.layers, second.layers, atol=tolerance)


@given(strategies.near_the_identity(max_dimension=12, max_distance=0.5), depths, algorithms)
def test_compiled_is_the_reference(target, depth, algorithm):
    assert_agree(*(run_on(target, depth, algorithm, engine=name, tol=0.0) for name in ("reference", "compiled")))


@pytest.mark.parametrize("dimension", [1, 3, 4, 5, 8, 9, 13, 40])
@pytest.mark.parametrize("depth", [1, 2, 3, 8])
@pytest.mark.parametrize("algorithm", [*ALGORITHMS, dlr.PowerProjection()], ids=lambda algorithm: algorithm.name)
def test_compiled_is_the_reference_at_every_size(dimension, depth, algorithm):
    noise = np.random.default_rng(dimension).standard_normal((dimension, dimension))
    target = np.eye(dimension) + 0.1 * noise / np.sqrt(dimension)
    runs = [run_on(target, depth, algorithm, engine=name) for name in ("reference", "compiled")]
    assert runs[0].converged == runs[1].converged
    (assert_same_run if runs[0].converged else assert_agree)(*runs)


@pytest.mark.parametrize("engine", ["reference", "compiled"])
@pytest.mark.parametrize("radius", [0.01, 1.0, 5.0, 40.0])
def test_only_singular_values_beyond_the_radius_are_cut(engine, radius):
    """One layer is at the target after a step of length 1, and then projected."""
    left, right = (np.linalg.qr(np.random.default_rng(seed).standard_normal((3, 3)))[0] for seed in (0, 1))
    for shares in ([0.4, 0.3, 0.2], [0.9, 0.8, 0.7], [1.5, 0.9, 0.2], [7.0, 3.0, 2.0]):
        target, projected = (
            np.eye(3) + radius * left @ np.diag(np.minimum(shares, most)) @ right for most in (np.inf, 1.0)
        )
        solution = run_on(target, 1, dlr.StepAndProject(radius, step_size=1.0), engine=engine, max_steps=1)
        np.testing.assert_allclose(solution.layers, [projected], rtol=0, atol=1e-14 * (1 + 7 * radius))


@given(strategies.margin_positive(max_dimension=9, min_margin=0.3, max_eigenvalue=3.0, max_skew=2.0), depths)
def test_compiled_power_projection_is_the_reference(target, depth):
    runs = [
        run_on(target, depth, dlr.PowerProjection(), engine=name, tol=0.0, max_steps=60)
        for name in ("reference", "compiled")
    ]
    assert_agree(*runs, tolerance=1e-9)


@pytest.mark.parametrize("engine", ["reference", "compiled"])
@pytest.mark.parametrize("depth", [8, 64, 512])
def test_rounding_of_a_power_projection_grows_no_faster_than_depth(engine, depth):
    """A step errs by the rounding of 10 operations a layer; the target is on the margin's boundary, so that it acts."""
    target = np.array([[1.0, -0.11, -0.05], [0.11, 1.0, 0.03], [0.05, -0.03, 1.0]])
    solution = run_on(target, depth, dlr.PowerProjection(1.0, 0.5 / depth), engine=engine, tol=0.0, max_steps=100)
    errors = np.sqrt(2 * solution.losses[60:])  # a step halves the error: what is left is the rounding of two steps
    assert max(errors) <= 2 * matrix_rounding(3, 10 * depth + 8) * np.linalg.norm(target, 2)


@given(strategies.normal(min_modulus=0.2, max_modulus=2.0, max_angle=2.0), depths, algorithms)
def test_spectral_is_the_reference(target, depth, algorithm):
    assert_agree(*(run_on(target, depth, algorithm, engine=name, tol=0.0) for name in ("reference", "spectral")))


@given(
    strategies.normal(min_modulus=0.2, max_modulus=3.0),
    depths,
    st.sampled_from(
        (
            dlr.GradientDescent(0.02),
            dlr.StepAndProject(radius=0.2, step_size=0.02),
            dlr.Penalized(strength=0.3, step_size=0.02),
        )
    ),
)
def test_the_compiled_reduction_is_the_numpy_one(target, depth, algorithm):
    runs = [run_on(target, depth, a, engine="spectral", tol=1e-6) for a in (algorithm, InPython(algorithm))]
    assert_agree(*runs)


@given(strategies.positive_definite(min_eigenvalue=0.2, max_eigenvalue=3.0), depths)
def test_the_compiled_reduction_of_power_projection_is_the_numpy_one(target, depth):
    margin = min(1.0, dlr.matrices.margin(target))
    algorithm = dlr.PowerProjection(margin, 0.01)
    runs = [run_on(target, depth, a, engine="spectral", tol=1e-6) for a in (algorithm, InPython(algorithm))]
    assert_agree(*runs)


@pytest.mark.parametrize("engine", ["reference", "compiled"])
def test_another_start(engine):
    start = dlr.network.zero_asymmetric_layers(SHEAR, 3)
    solution = dlr.solve(SHEAR, 3, dlr.GradientDescent(0.05), engine=engine, initial_layers=start, max_steps=1)
    expected = start - 0.05 * dlr.network.gradients(start, SHEAR)
    np.testing.assert_allclose(solution.layers, expected, atol=1e-15)
    np.testing.assert_array_equal(start, dlr.network.zero_asymmetric_layers(SHEAR, 3))
