"""What is seen along a run is seen in each of its iterates, in as many stacks as it takes."""

import numpy as np
import pytest

from catalog.claims import _paths
from catalog.claims._paths import seen_along
from catalog.trajectories import layer_iterates
from dlr import GradientDescent, Problem
from dlr.types import Matrix


def entries(layers: Matrix) -> Matrix:
    return layers.reshape(len(layers), 36)


def problem(step_size: float, **changes) -> Problem:
    return Problem(np.diag([3.0, 1.0]), 9, GradientDescent(step_size), max_steps=6, **changes)


@pytest.mark.parametrize("together", [1, 80, 2**17])
@pytest.mark.parametrize(("step_size", "whole"), [(0.01, True), (10.0, False)])
def test_all_is_seen_before_the_first_loss_that_is_not_finite(
    step_size: float, whole: bool, together: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_paths, "TOGETHER", together)
    losses, seen = seen_along(problem(step_size), entries)
    assert (len(losses) == 7) == whole
    iterates = list(layer_iterates(problem(step_size), 6))
    assert losses.tolist() == [loss for loss, _ in iterates[: len(losses)]]
    np.testing.assert_array_equal(seen, [np.ravel(layers) for _, layers in iterates[: len(losses)]])
    assert whole or not np.isfinite(iterates[len(losses)][0])


def test_no_more_is_looked_at_together_than_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_paths, "TOGETHER", 80)
    sizes: list[int] = []
    seen_along(problem(0.01), lambda layers: sizes.append(len(layers)) or entries(layers))
    assert sizes == [2, 2, 2, 1]


def test_of_a_start_whose_loss_overflows_nothing_is_seen() -> None:
    losses, seen = seen_along(problem(0.1, initial_layers=np.full((9, 2, 2), 1e60)), entries)
    assert (losses.shape, seen.shape) == ((0,), (0, 36))
