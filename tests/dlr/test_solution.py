"""What a run ends with is checked like any argument, one run or many."""

from dataclasses import replace

import numpy as np
import pytest

import dlr

SOLUTION = dlr.solve([[2.0, 0.5], [0.5, 1.0]], 3, max_steps=2)
BATCH = dlr.solve_batch([[[2.0, 0.5], [0.5, 1.0]]] * 2, 3, max_steps=2)


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("problem", None, "problem must be of type Problem, got None"),
        ("outcome", "CONVERGED", "outcome must be of type Outcome, got 'CONVERGED'"),
        ("engine", "fast", "engine 'fast' is unknown: "),
        ("steps", -1, "steps must be at least 0, got -1"),
        ("losses", "none", "losses must be numeric, got 'none'"),
        ("lowest_loss", None, "lowest_loss must be a number, got None"),
        ("layers", np.eye(2), "layers must be a stack of layers, got 2 dimension(s)"),
        ("product", np.ones(2), "product must be a square matrix, got 1 dimension(s)"),
    ],
)
def test_a_solution_is_of_what_it_says(field: str, value: object, message: str) -> None:
    with pytest.raises(dlr.InputError) as caught:
        replace(SOLUTION, **{field: value})
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        *(
            (name, [1], f"{name} must be of type ndarray, got [1]")
            for name in vars(BATCH)
            if name not in ("layers", "product")
        ),
        ("layers", np.eye(2), "layers must be a stack of layers, got 2 dimension(s)"),
        ("product", np.ones(2), "product must be a square matrix, got 1 dimension(s)"),
    ],
)
def test_solutions_of_a_batch_are_of_what_they_say(field: str, value: object, message: str) -> None:
    with pytest.raises(dlr.InputError) as caught:
        replace(BATCH, **{field: value})
    assert str(caught.value).startswith(message)


def test_lists_become_arrays() -> None:
    found = replace(SOLUTION, layers=SOLUTION.layers.tolist(), losses=[1, 2], product=SOLUTION.product.tolist())
    assert (found.layers.dtype, found.losses.dtype, found.product.dtype) == (np.float64,) * 3
    assert replace(BATCH, layers=BATCH.layers.tolist()).layers.dtype == np.float64
