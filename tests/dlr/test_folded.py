"""The loop over folded layers takes the steps of ``reference``, at depths that fill its quarters and at others."""

import numpy as np
import pytest
from engine_runs import run_on

import dlr
from dlr import kernels
from dlr.kernels import folded
from dlr.rounding import EPSILON, matrix_rounding

DEPTHS = [*range(1, 14), 16, 33]
PLAIN, PULLED = dlr.GradientDescent(0.01), dlr.Penalized(strength=0.5, step_size=0.01)


def layers_near_identity(depth, dimension, seed=0):
    noise = np.random.default_rng(seed).standard_normal((depth, dimension, dimension))
    return np.eye(dimension) + 0.3 * noise / depth


@pytest.fixture
def used(monkeypatch):
    """The calls of the loop."""
    calls, loop = [], folded.iterate_folded
    monkeypatch.setattr(folded, "iterate_folded", lambda *arguments: calls.append(loop(*arguments)))
    return calls


@pytest.mark.parametrize("algorithm", [PLAIN, PULLED], ids=lambda algorithm: algorithm.name)
@pytest.mark.parametrize("dimension", [1, 2])
@pytest.mark.parametrize("depth", DEPTHS)
def test_a_step_is_that_of_the_reference_up_to_rounding(depth, dimension, algorithm, used):
    """Twice the allowance of `catalog.claims.single_steps`, for two engines; all layers differ."""
    start, target = layers_near_identity(depth, dimension), layers_near_identity(1, dimension, 1)[0]
    runs = [
        run_on(target, depth, algorithm, engine=name, initial_layers=start, max_steps=1)
        for name in ("reference", "compiled")
    ]
    reach = np.prod(np.maximum(1, np.linalg.norm(start, 2, axis=(1, 2))))
    error = matrix_rounding(dimension, 2 * depth + 2) * reach * (reach + np.linalg.norm(target, 2))
    allowed = algorithm.step_size * error + 4 * EPSILON * np.linalg.norm(start, axis=(1, 2)).max()
    assert len(used) == 1
    assert np.abs(runs[0].layers - runs[1].layers).max() <= 2 * allowed
    moved = 2 * np.sqrt(dimension) * (error + depth * reach * 2 * allowed)
    sizes = np.sqrt(2 * runs[0].losses)
    assert np.all(np.abs(runs[1].losses - runs[0].losses) <= (sizes + moved) * moved + 4 * EPSILON * sizes**2)
    assert np.abs(runs[1].layers - start).min() > 0


@pytest.mark.parametrize("first", [1, 2, 3, 4])
def test_going_on_from_the_end_is_one_longer_run(first):
    start, target = layers_near_identity(6, 2), layers_near_identity(1, 2, 1)[0]
    ends = {"engine": "compiled", "tol": 0.0}
    whole = run_on(target, 6, PULLED, initial_layers=start, max_steps=9, **ends)
    begun = run_on(target, 6, PULLED, initial_layers=start, max_steps=first, **ends)
    ended = run_on(target, 6, PULLED, initial_layers=begun.layers, max_steps=9 - first, **ends)
    np.testing.assert_array_equal(ended.layers, whole.layers)
    np.testing.assert_array_equal([*begun.losses, *ended.losses[1:]], whole.losses)


@pytest.mark.parametrize("where", range(5))
def test_a_run_goes_on_while_one_entry_of_one_layer_moves(where):
    """Where one layer is zero and the others are not, only that one has a gradient."""
    start = np.tile(np.eye(2), (5, 1, 1))
    start[where] = 0.0
    for entry in np.ndindex(2, 2):
        target = np.zeros((2, 2))
        target[entry] = 1.0
        solution = run_on(target, 5, PLAIN, engine="compiled", initial_layers=start, max_steps=1)
        expected = start.copy()
        expected[where][entry] = PLAIN.step_size
        assert solution.outcome is dlr.Outcome.STEP_LIMIT
        np.testing.assert_array_equal(solution.layers, expected)


def test_a_run_ends_where_nothing_moves():
    start = layers_near_identity(5, 2)
    solution = run_on(np.eye(2), 5, dlr.GradientDescent(1e-30), engine="compiled", initial_layers=start)
    assert (solution.outcome, solution.steps) == (dlr.Outcome.STALLED, 0)
    np.testing.assert_array_equal(solution.layers, start)


def test_after_an_overflow_the_last_finite_layers_are_left():
    start = layers_near_identity(7, 2)
    runs = [
        run_on(50 * np.eye(2), 7, dlr.GradientDescent(0.5), engine=name, initial_layers=start)
        for name in ("reference", "compiled")
    ]
    assert [run.outcome for run in runs] == [dlr.Outcome.DIVERGED] * 2
    assert runs[0].steps == runs[1].steps > 0
    np.testing.assert_allclose(runs[1].layers, runs[0].layers, rtol=1e-10)


def test_each_network_of_a_stack_ends_by_itself():
    """Some after an odd and some after an even number of steps, one that diverges among them."""
    targets = np.stack([layers_near_identity(1, 2, seed)[0] for seed in range(5)])
    targets[2, 0, 1] = 1e200
    batch = dlr.solve_batch(targets, 6, PLAIN, tol=1e-3, engine="compiled", threads=1)
    for n, target in enumerate(targets):
        alone = run_on(target, 6, PLAIN, engine="compiled", tol=1e-3, max_steps=None)
        assert (batch.outcome[n], batch.steps[n], batch.loss[n]) == (alone.outcome, alone.steps, alone.loss)
        np.testing.assert_array_equal(batch.layers[n], alone.layers)
    assert len(set(batch.steps % 2)) == 2


def test_projections_run_on_the_other_loop(used):
    for algorithm in (dlr.StepAndProject(radius=0.1), dlr.PowerProjection(margin=0.5)):
        run_on(np.eye(2) * 1.5, 3, algorithm, engine="compiled", max_steps=2)
    assert not used
    assert kernels.size_for(1) == folded.DIMENSION
