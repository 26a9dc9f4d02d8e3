"""A batch gives every target what `dlr.solve` gives it alone."""

import threading
import time
from dataclasses import dataclass
from typing import ClassVar

import array_api_strict as strict
import numpy as np
import pytest
import scipy.linalg
from array_api_compat import array_namespace
from hypothesis import given
from hypothesis import strategies as st

import dlr
from catalog import strategies
from dlr import kernels

ALGORITHMS = (
    dlr.GradientDescent(),
    dlr.GradientDescent(0.03),
    dlr.StepAndProject(radius=0.1),
    dlr.Penalized(strength=0.3),
)


def assert_alone(batch, targets, *arguments, **options):
    for index in np.ndindex(batch.steps.shape):
        alone = dlr.solve(targets[index], *arguments, **options)
        assert batch.outcome[index] is alone.outcome
        assert batch.steps[index] == alone.steps
        assert batch.engine[index] == alone.engine
        assert batch.step_size[index] == alone.step_size
        assert batch.loss[index] == alone.loss
        assert batch.lowest_loss[index] == alone.lowest_loss
        np.testing.assert_array_equal(batch.layers[index], alone.layers)
        np.testing.assert_allclose(batch.product[index], alone.product, rtol=0, atol=1e-12)


@given(st.data(), st.integers(1, 8), st.integers(1, 9), st.sampled_from(ALGORITHMS), st.sampled_from((1e-3, 1e-8)))
def test_a_batch_is_one_at_a_time(data, dimension, depth, algorithm, tol):
    size = {"min_dimension": dimension, "max_dimension": dimension}
    kinds = st.one_of(
        strategies.near_the_identity(max_distance=0.8, **size),
        strategies.positive_definite(min_eigenvalue=0.1, max_eigenvalue=5.0, **size),
        strategies.negative_eigenvalue(max_magnitude=2.0, **size),
    )
    targets = np.stack(data.draw(st.lists(kinds, min_size=1, max_size=20)))
    options = {"tol": tol, "max_steps": 100}
    assert_alone(dlr.solve_batch(targets, depth, algorithm, **options), targets, depth, algorithm, **options)


def structured(count: int, dimension: int) -> np.ndarray:
    """Symmetric targets, two block-diagonal forms, normal targets up to rounding and general ones, in turn."""
    generator = np.random.default_rng(dimension)
    targets = np.eye(dimension) + generator.uniform(-0.3, 0.3, (count, dimension, dimension))
    basis = np.linalg.qr(generator.standard_normal((dimension, dimension)))[0]
    turns = dlr.matrices.plane_rotations(generator.uniform(-1.0, 1.0, (count, dimension // 2)), dimension)
    targets[0::5] += np.swapaxes(targets[0::5], -1, -2)
    targets[1::5] = turns[1::5]
    targets[2::5] = turns[2::5, ::-1, ::-1]
    targets[3::5] = basis @ turns[3::5] @ basis.T
    return targets


@pytest.mark.parametrize("dimension", [2, 5])
@pytest.mark.parametrize(
    "algorithm",
    [
        dlr.GradientDescent(),
        dlr.StepAndProject(radius=0.1),
        dlr.Penalized(0.3, step_size=0.1),
        dlr.PowerProjection(),
    ],
    ids=lambda algorithm: algorithm.name,
)
def test_every_structure_side_by_side(dimension, algorithm):
    targets = structured(15, dimension)
    batch = dlr.solve_batch(targets, 6, algorithm, tol=1e-10, max_steps=100, threads=2)
    assert set(batch.engine) == {"spectral", "compiled"}
    assert_alone(batch, targets, 6, algorithm, tol=1e-10, max_steps=100)


@pytest.mark.parametrize("algorithm", [dlr.GradientDescent(0.5), dlr.PowerProjection()], ids=["plain", "power"])
def test_every_target_has_its_own_step_size(algorithm):
    targets = structured(10, 3)
    sizes = np.geomspace(1e-4, 0.05, 10).reshape(2, 5)
    options = {"tol": 1e-6, "max_steps": 50}
    batch = dlr.solve_batch(targets.reshape(2, 5, 3, 3), 4, algorithm, step_sizes=sizes, **options)
    for target, size, index in zip(targets, sizes.ravel(), np.ndindex(2, 5), strict=True):
        alone = dlr.solve(target, 4, dlr.solver.at_step_size(algorithm, float(size)), **options)
        assert (batch.steps[index], batch.loss[index], batch.step_size[index]) == (alone.steps, alone.loss, size)


def test_every_arrangement_of_blocks_side_by_side():
    """Forms whose blocks are in some of the same places are decomposed apart."""
    turn, blocks = [[0.9, -0.2], [0.2, 0.9]], [[[1.1]], [[0.8]]]
    parts = [[turn, turn], [turn, *blocks], [blocks[0], turn, blocks[1]], [*blocks, turn], [*blocks, *blocks]]
    targets = np.array([scipy.linalg.block_diag(*part) for part in parts for _ in range(2)])
    batch = dlr.solve_batch(targets, 3)
    assert set(batch.engine) == {"spectral"}
    assert_alone(batch, targets, 3)


@dataclass(frozen=True)
class Shortened:
    """Gradient descent by at most a given length, of all layers that it is given together."""

    step_size: float = 0.1
    name: ClassVar[str] = "shortened"

    def step(self, layers, gradients, step_size):
        xp = array_namespace(layers)
        length = float(xp.max(xp.abs(gradients)))
        return layers - step_size / max(1.0, 10 * length) * gradients


@pytest.mark.parametrize("engine", ["single", "reference"])
def test_an_algorithm_of_others_sees_one_run_at_a_time(engine):
    targets = np.array([[[3.0, 0.5], [0.0, 1.0]], [[1.1, 0.0], [0.1, 0.9]]])
    options = {"engine": engine, "max_steps": 5, "tol": 0.0}
    assert_alone(dlr.solve_batch(targets, 2, Shortened(), **options), targets, 2, Shortened(), **options)
    there = dlr.solve_batch(strict.asarray(targets), 2, Shortened(), **options)
    for i, target in enumerate(targets):
        alone = dlr.solve(strict.asarray(target), 2, Shortened(), **options)
        np.testing.assert_array_equal(np.asarray(there.layers[i, ...]), np.asarray(alone.layers))


def test_many_large_structures_side_by_side():
    targets = structured(60, 12)
    batch = dlr.solve_batch(targets, 6, threads=2)
    assert_alone(batch, targets, 6)


def test_a_tolerance_that_the_eigenvalues_reach_and_the_layers_do_not():
    symmetric = structured(200, 6)[4::5] + 2 * np.eye(6)
    targets = 1e12 * (symmetric + np.swapaxes(symmetric, -1, -2))
    least = dlr.solve_batch(targets, 2, tol=0.0).loss
    for tol, outcomes in ((np.median(least), {"CONVERGED", "STALLED"}), (2 * np.max(least), {"CONVERGED"})):
        batch = dlr.solve_batch(targets, 2, tol=tol)
        assert {outcome.name for outcome in batch.outcome} == outcomes
        assert_alone(batch, targets, 2, tol=tol)


@pytest.mark.parametrize("dimension", [1, 2, 5, 6, 7, 9])
@pytest.mark.parametrize("engine", ["compiled", "reference"])
def test_every_outcome_side_by_side(dimension, engine):
    generator = np.random.default_rng(dimension)
    noise = generator.standard_normal((3, 40, dimension, dimension))
    targets = np.eye(dimension) + np.linspace(0.0, 12.0, 120).reshape(3, 40, 1, 1) * noise
    targets[0, 7] *= 1e200
    batch = dlr.solve_batch(targets, 5, dlr.GradientDescent(0.05), max_steps=60, engine=engine)
    assert {"CONVERGED", "DIVERGED", "STEP_LIMIT"} == {outcome.name for outcome in batch.outcome.flat}
    assert batch.steps.shape == (3, 40)
    assert batch.layers.shape == (3, 40, 5, dimension, dimension)
    assert_alone(batch, targets, 5, dlr.GradientDescent(0.05), max_steps=60, engine=engine)


@pytest.mark.parametrize("tol", [0.0, 1e-4])
def test_long_runs(tol):
    targets = np.eye(3) + np.random.default_rng(3).uniform(-0.5, 0.5, (5, 3, 3))
    batch = dlr.solve_batch(targets, 4, dlr.GradientDescent(1e-3), tol=tol, max_steps=2000, engine="compiled")
    assert np.all(batch.steps > 256)
    assert set(batch.converged) == {tol > 0}
    assert_alone(batch, targets, 4, dlr.GradientDescent(1e-3), tol=tol, max_steps=2000, engine="compiled")


def test_the_lowest_loss_may_be_long_ago():
    target, algorithm = [[2.0, 3.0], [-3.0, 0.1]], dlr.Penalized(1.0, step_size=0.01)
    options = {"tol": 0.0, "max_steps": 900, "engine": "compiled"}
    assert np.argmin(dlr.solve(target, 8, algorithm, **options).losses) < 256
    targets = np.array([target] * 3)
    assert_alone(dlr.solve_batch(targets, 8, algorithm, **options), targets, 8, algorithm, **options)


def test_a_stall_side_by_side():
    targets = np.stack([np.diag([0.0, 1.0]), np.diag([2.0, 1.0])] * 10)
    algorithm = dlr.GradientDescent(1e-30)  # below half an ulp: no step moves a layer
    batch = dlr.solve_batch(targets, 3, algorithm, engine="compiled", max_steps=9)
    assert {outcome.name for outcome in batch.outcome} == {"STALLED"}
    assert_alone(batch, targets, 3, algorithm, engine="compiled", max_steps=9)


def test_converged_and_stopped_starts():
    targets = np.stack([np.eye(3), 2 * np.eye(3)] * 20)
    batch = dlr.solve_batch(targets, 3, max_steps=0, engine="compiled")
    assert [outcome.name for outcome in batch.outcome[:2]] == ["CONVERGED", "STEP_LIMIT"]
    np.testing.assert_array_equal(batch.converged, [True, False] * 20)
    assert not batch.steps.any()


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_threads_change_nothing(threads):
    targets = np.eye(3) + np.random.default_rng(1).uniform(-0.5, 0.5, (500, 3, 3))
    first, second = (dlr.solve_batch(targets, 4, max_steps=50, threads=n) for n in (3, threads))
    np.testing.assert_array_equal(first.layers, second.layers)
    np.testing.assert_array_equal(first.steps, second.steps)


def test_an_error_cancels_what_is_waiting():
    runs = []

    class Broken(dlr.GradientDescent):
        def step(self, layers, gradients, step_size):
            runs.append(layers)
            time.sleep(0.01)
            raise ValueError("this one is broken")

    targets = np.eye(2) + np.random.default_rng(2).uniform(-0.2, 0.2, (200, 2, 2))
    with pytest.raises(ValueError, match="this one is broken"):
        dlr.solve_batch(targets, 3, Broken(0.1), threads=1)
    assert len(runs) < len(targets)


def test_an_interrupt_stops_what_is_running(monkeypatch):
    running, stopped = threading.Event(), []

    def wait_for_the_stop(*arguments):
        running.set()
        stop, late = arguments[-1], time.monotonic() + 10
        while not stop[()] and time.monotonic() < late:
            time.sleep(0.001)
        stopped.append(bool(stop[()]))

    def interrupt(thread, timeout):
        running.wait()
        monkeypatch.undo()
        raise KeyboardInterrupt

    monkeypatch.setattr(kernels, "run_layers", wait_for_the_stop)
    monkeypatch.setattr("threading.Thread.join", interrupt)
    with pytest.raises(KeyboardInterrupt):
        dlr.solve_batch(np.full((40, 1, 1), 2.0), 3, engine="compiled", threads=2)
    assert stopped
    assert all(stopped)


@pytest.mark.parametrize("stopped", [True, False])
def test_the_loop_looks_at_the_stop(stopped):
    layers = np.tile(np.eye(2), (2, 3, 1, 1))
    each = np.ones(2)
    limits = 0 * each, 1e-6 * each, np.full(2, 10), 0.0, np.array([stopped])
    kernels.run_layers(np.full((2, 2, 2), 3.0), layers, 2, kernels.PULL, *limits)
    assert np.array_equal(layers, np.tile(np.eye(2), (2, 3, 1, 1))) == stopped


def test_power_projection_takes_each_margin():
    targets = np.array([[[1.0 + 0.1 * i, 0.5], [0.0, 1.0 - 0.05 * i]] for i in range(14)])
    assert_alone(dlr.solve_batch(targets, 3, dlr.PowerProjection()), targets, 3, dlr.PowerProjection())


def test_a_margin_above_a_targets_own_is_refused_with_that_of_the_first():
    targets = [[[0.5, 0.0], [0.0, 1.0]], [[0.25, 0.0], [0.0, 1.0]], [[0.125, 0.0], [0.0, 1.0]]]
    with pytest.raises(dlr.InputError, match=r"margin must be at most the target's own 0\.25, got 0\.5: lower it"):
        dlr.solve_batch(targets, 2, dlr.PowerProjection(margin=0.5))
    with pytest.raises(dlr.NoMarginError, match=r"must have a positive margin for power projection, got -0\.5: "):
        dlr.solve_batch([*targets, np.diag([-0.5, 1.0])], 2, dlr.PowerProjection())


def test_each_has_its_own_steps():
    targets = np.array([[[2.0 + i, 0.5], [0.0, 1.0]] for i in range(14)])
    batch = dlr.solve_batch(targets, 3, tol=1e-3)
    assert len(set(batch.step_size)) == len(targets)
    assert_alone(batch, targets, 3, tol=1e-3)


def test_a_step_limit_beyond_all_counting():
    assert dlr.solve_batch([[[2.0, 1.0], [0.0, 2.0]]], 3, max_steps=10**20, engine="compiled").converged.all()


def test_one_matrix_is_a_batch_without_axes():
    batch = dlr.solve_batch([[2.0, 1.0], [0.0, 2.0]], 3)
    assert batch.steps.shape == ()
    assert bool(batch.converged)


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        (([[1.0, 2.0]], 3), {}, "targets must be square"),
        (([[[np.nan]]], 3), {}, "targets must be finite"),
        (([1.0], 3), {}, "targets must be a square matrix"),
        (([[[1.0]]], 0), {}, "depth must be at least 1"),
        (([[[1.0]]], 2), {"step_sizes": 0.1}, r"step_sizes must have the targets' shape \(1,\), got \(\)"),
        (([[[1.0]]], 2), {"step_sizes": [0.0]}, "step_sizes must be numbers > 0, got 0"),
        (([[[1.0]]], 2), {"step_sizes": [np.nan]}, "step_sizes must be finite"),
        (([[[1.0]]], 2), {"tol": -1.0}, "tol must be"),
        (([[[1.0]]], 2), {"max_steps": -1}, "max_steps must be"),
        (([[[1.0]]], 2), {"threads": 0}, "threads must be"),
        (([[[1.0]]], 2), {"engine": "compield"}, "did you mean compiled"),
        (([[[1.0]]], 2, "adam"), {}, "algorithm must have"),
        (([[[1.0, 2.0], [0.0, 1.0]]], 2), {"engine": "spectral"}, "target must be normal"),
        (([[[-1.0]]], 2, dlr.PowerProjection()), {}, "target must have a positive margin"),
    ],
)
def test_bad_arguments(arguments, options, message):
    with pytest.raises(dlr.InputError, match=message):
        dlr.solve_batch(*arguments, **options)
