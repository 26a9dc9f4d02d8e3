"""What claims share is what each would compute, is dropped when it grows, and is never another algorithm's."""

import numpy as np
import pytest

import dlr
from catalog import sharing
from catalog.claims import _points
from dlr import Problem


def problem(size: float = 1.0, **changes) -> Problem:
    return Problem(np.diag([size, 1.0]), 2, dlr.GradientDescent(0.1), **changes)


def test_a_result_is_kept_and_cannot_be_changed():
    calls = []
    once = sharing.shared(lambda problem: calls.append(problem) or np.ones(3))
    assert once(problem()) is once(problem())
    assert len(calls) == 1
    with pytest.raises(ValueError, match="read-only"):
        once(problem())[0] = 2.0


@pytest.mark.parametrize(
    "changes",
    [
        {"max_steps": 1},
        {"tol": 1.0},
        {"engine": "reference"},
        {"initial_layers": np.zeros((2, 2, 2))},
        {"size": 2.0},
    ],
)
def test_another_problem_has_another_result(changes):
    calls = []
    once = sharing.shared(lambda problem: calls.append(problem) or np.ones(3))
    once(problem())
    once(problem(**changes))
    assert len(calls) == 2


def test_an_algorithm_of_others_is_run_each_time():
    class Other(dlr.GradientDescent):
        pass

    calls = []
    once = sharing.shared(lambda problem: calls.append(problem) or np.ones(3))
    for _ in range(2):
        once(Problem(np.eye(2), 2, Other(0.1)))
    assert len(calls) == 2


def test_the_oldest_are_dropped(monkeypatch):
    monkeypatch.setattr(sharing, "MOST_BYTES", 100)
    calls = []
    once = sharing.shared(lambda problem: calls.append(problem) or np.ones(6))
    for size in (1.0, 2.0, 3.0, 3.0, 2.0, 1.0):
        once(problem(size))
    assert [found.target[0, 0] for found in calls] == [1.0, 2.0, 3.0, 1.0]


def test_what_is_made_of_a_matrix_is_kept_for_some(monkeypatch):
    monkeypatch.setattr(sharing, "MOST_MATRICES", 2)
    calls = []
    once = sharing.of_matrix(lambda matrix: calls.append(matrix) or matrix.sum(axis=-1))
    for size in (1.0, 2.0, 2.0, 1.0, 3.0, 3.0, 2.0, 1.0):
        assert np.array_equal(once(np.diag([size, 1.0])), [size, 1.0])
    assert [found[0, 0] for found in calls] == [1.0, 2.0, 3.0, 1.0]
    once(np.ones((1, 4)))
    assert np.array_equal(once(np.ones((2, 2))), [2.0, 2.0])
    with pytest.raises(ValueError, match="read-only"):
        once(np.eye(2))[0] = 2.0


@pytest.mark.parametrize("steps", [0, 1, 3, 10, 30])
def test_a_run_in_parts_is_the_whole_run(steps):
    target = np.array([[2.0, 1.0], [-1.0, 0.5]])
    whole = dlr.solve(target, 3, dlr.StepAndProject(0.5), tol=0.0, max_steps=steps, engine="reference")
    np.testing.assert_array_equal(_points.reached(target, 3, steps), whole.layers)
