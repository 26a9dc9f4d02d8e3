"""The engine that runs in single precision, beside the reference."""

import array_api_strict as strict
import numpy as np
import pytest
from engine_runs import ALGORITHMS, SHEAR, InPython, run_on

import dlr
from catalog import ingredients
from dlr import network
from dlr.rounding import matrix_rounding

SADDLE = ingredients.saddle(3, 0, 1.0, 0.5)
"""Eigenvalues -1, 0.5 and 1: excess loss 1/2 at the saddle, and 1/8 at the next."""


@pytest.mark.parametrize("algorithm", ALGORITHMS, ids=lambda algorithm: algorithm.name)
def test_layers_are_of_single_precision_and_the_losses_theirs(algorithm):
    solution = run_on(SHEAR, 3, algorithm, engine="single", tol=0.0, max_steps=5)
    exact = run_on(SHEAR, 3, algorithm, engine="reference", tol=0.0, max_steps=5)
    assert solution.layers.dtype == np.float64
    np.testing.assert_array_equal(solution.layers, solution.layers.astype(np.float32))
    assert solution.loss == network.loss(solution.layers, SHEAR)
    assert solution.lowest_loss == min(solution.losses)
    distance = np.linalg.norm(solution.layers - exact.layers)
    assert 0 < distance < matrix_rounding(2, 5 * 100, epsilon=2.0**-23)
    assert distance > matrix_rounding(2, 5 * 100)


@pytest.mark.parametrize(
    ("target", "algorithm", "options", "outcome"),
    [
        (np.diag([2.0, 0.5]), dlr.GradientDescent(0.05), {"tol": 1e-9}, "CONVERGED"),
        (np.eye(2), dlr.GradientDescent(0.05), {"tol": 0.0}, "CONVERGED"),
        (np.eye(2) / 3, dlr.GradientDescent(0.1), {"tol": 0.0}, "STALLED"),  # no single number is 1/3
        (np.diag([2.0, 0.5]), dlr.GradientDescent(0.05), {"max_steps": 7}, "STEP_LIMIT"),
        (np.diag([1e30, 2.0]), dlr.GradientDescent(1e10), {}, "DIVERGED"),  # would go on for a step in double
    ],
)
def test_outcomes(target, algorithm, options, outcome):
    solution = run_on(target, 4, algorithm, engine="single", **options)
    assert solution.outcome.name == outcome
    assert np.isfinite(solution.layers).all()
    assert solution.steps == len(solution.losses) - 1


def test_it_leaves_a_saddle_earlier():
    single, double = (dlr.solve(SADDLE, 4, engine=name, tol=0.45, history=False) for name in ("single", "reference"))
    assert single.converged
    assert double.converged
    assert 50 < single.steps < 0.7 * double.steps


@pytest.mark.parametrize("algorithm", ALGORITHMS, ids=lambda algorithm: algorithm.name)
def test_a_batch_does_as_one_at_a_time(algorithm):
    targets = np.stack([SHEAR, np.diag([2.0, 0.5]), np.eye(2), np.diag([1.0, 1 / 3]), np.diag([9.0, 5.0])])
    options = {"engine": "single", "tol": 1e-8, "max_steps": 99}
    batch = dlr.solve_batch(targets, 3, algorithm, threads=2, **options)
    assert set(batch.engine) == {"single"}
    for i, target in enumerate(targets):
        alone = dlr.solve(target, 3, algorithm, **options)
        assert (batch.steps[i], batch.outcome[i]) == (alone.steps, alone.outcome)
        assert (batch.loss[i], batch.lowest_loss[i]) == (alone.loss, alone.lowest_loss)
        np.testing.assert_array_equal(batch.layers[i], alone.layers)
        np.testing.assert_array_equal(batch.product[i], alone.product)


def test_other_namespaces():
    expected = dlr.solve_batch([SHEAR, SHEAR], 3, engine="single", max_steps=9, tol=0.0)
    targets = strict.asarray(np.stack([SHEAR, SHEAR]))
    batch = dlr.solve_batch(targets, 3, engine="single", max_steps=9, tol=0.0)
    alone = dlr.solve(targets[0, ...], 3, engine="single", max_steps=9, tol=0.0)
    for layers in (batch.layers[0, ...], alone.layers):
        assert layers.dtype == strict.float64
        np.testing.assert_allclose(
            np.asarray(layers), expected.layers[0], rtol=0, atol=matrix_rounding(2, 300, 2.0**-23)
        )
        np.testing.assert_array_equal(np.asarray(layers), np.asarray(layers).astype(np.float32))


def test_what_single_precision_cannot_hold():
    with pytest.raises(dlr.InputError, match=r"^engine 'single' needs entries of target up to 3\.4e\+38, got 1e\+39: "):
        dlr.solve(np.diag([1e39, 1.0]), 2, engine="single")
    with pytest.raises(
        dlr.InputError, match=r"^engine 'single' needs entries of targets up to 3\.4e\+38, got 1e\+39: "
    ):
        dlr.solve_batch([[[1.0]], [[1e39]]], 2, engine="single")
    with pytest.raises(dlr.InputError, match=r"^engine 'single' needs entries of initial_layers up to 3\.4e\+38"):
        dlr.solve(np.eye(2), 2, engine="single", initial_layers=np.full((2, 2, 2), 1e39))


def test_steps_of_others_are_taken_in_single_precision():
    seen = []

    class Watched(InPython):
        def step(self, layers, gradients, step_size):
            seen.append((layers.dtype, gradients.dtype))
            return super().step(layers, gradients, step_size)

    dlr.solve(SHEAR, 2, Watched(dlr.GradientDescent(0.1)), engine="single", max_steps=1)
    assert set(seen) == {(np.dtype(np.float32), np.dtype(np.float32))}
