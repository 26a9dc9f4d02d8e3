"""How a run is cut into blocks, how often its losses are read and how much of it is kept change no number."""

import tracemalloc

import numpy as np
import pytest
from engine_runs import ALGORITHMS, SHEAR, run_on
from hypothesis import example, given
from hypothesis import strategies as st

import dlr
from dlr.engines import ENGINES
from dlr.solver import CHECK_EVERY


@pytest.mark.parametrize("engine", list(ENGINES))
@pytest.mark.parametrize("tol", [0.3, 1e-9, 0.0])
def test_history_changes_no_number(engine, tol):
    full, short = (
        run_on(np.diag([2.0, 0.5]), 4, dlr.Penalized(0.5), engine=engine, tol=tol, history=history)
        for history in (True, False)
    )
    np.testing.assert_array_equal(short.losses, full.losses[[0, -1]] if full.steps else full.losses)
    assert (short.steps, short.outcome, short.lowest_loss) == (full.steps, full.outcome, full.lowest_loss)
    np.testing.assert_array_equal(short.layers, full.layers)


@pytest.mark.parametrize("engine", ["compiled", "spectral"])
def test_blocks_leave_no_trace(engine, monkeypatch):
    def run():
        return run_on(np.diag([2.0, 0.3]), 5, dlr.GradientDescent(0.001), engine=engine, max_steps=500)

    whole = run()
    monkeypatch.setattr("dlr.engines.SHORT_WORK", 1)  # a block of one step, then blocks on another thread
    monkeypatch.setattr("dlr.engines.LONGEST_BLOCK", 7)
    blocks = run()
    np.testing.assert_array_equal(blocks.losses, whole.losses)
    np.testing.assert_array_equal(blocks.layers, whole.layers)
    assert (blocks.steps, blocks.outcome, blocks.lowest_loss) == (whole.steps, whole.outcome, whole.lowest_loss)


@pytest.mark.parametrize("engine", ["compiled", "spectral"])
def test_memory_does_not_grow_with_the_steps(engine):
    def peak(steps, history):
        tracemalloc.start()
        run = dlr.solve([[2.0]], 3, dlr.GradientDescent(1e-9), tol=0.0, max_steps=steps, engine=engine, history=history)
        size = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert run.steps == steps
        return size

    peak(10, True)  # what is imported and compiled on the way
    few, many = peak(200_000, False), peak(1_000_000, False)
    assert many < 1.1 * few
    assert peak(1_000_000, True) > 8_000_000


@pytest.mark.parametrize("check_every", [2, 7, CHECK_EVERY, 10_000])
@example(algorithm=dlr.GradientDescent(0.05), tol=1e-9, scale=1.0).via("converges between two looks")
@example(algorithm=dlr.StepAndProject(0.01, step_size=0.05), tol=0.0, scale=1.0).via("stalls")
@example(algorithm=dlr.GradientDescent(1.0), tol=1e-9, scale=50.0).via("diverges")
@example(algorithm=dlr.StepAndProject(0.5, step_size=1e300), tol=1e-9, scale=1e150).via("layers that are not finite")
@given(st.sampled_from(ALGORITHMS), st.sampled_from((1e-3, 1e-9)), st.sampled_from((1.0, 5.0)))
def test_how_often_losses_are_read_changes_nothing(check_every, algorithm, tol, scale):
    target = scale * np.array([[1.0, 0.5], [-0.2, 0.8]])
    every, seldom = (
        run_on(target, 4, algorithm, engine="reference", tol=tol, check_every=interval) for interval in (1, check_every)
    )
    assert (seldom.steps, seldom.outcome, seldom.lowest_loss) == (every.steps, every.outcome, every.lowest_loss)
    np.testing.assert_array_equal(seldom.losses, every.losses)
    np.testing.assert_array_equal(seldom.layers, every.layers)


def test_losses_are_read_once_in_a_block(monkeypatch):
    import array_api_strict as xp

    reads = []
    monkeypatch.setattr("dlr.iteration.to_host", lambda array: reads.append(array) or np.asarray(array))
    dlr.solve(xp.asarray([[1.0, 0.5], [-0.2, 0.8]]), 3, dlr.GradientDescent(1e-3), max_steps=10 * CHECK_EVERY)
    assert len(reads) <= 2 * 10


@pytest.mark.parametrize("value", [0, -1, 1.5, True])
def test_check_every_is_checked(value):
    with pytest.raises(dlr.InputError, match="check_every must be"):
        dlr.solve(SHEAR, 2, check_every=value)
