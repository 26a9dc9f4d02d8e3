"""Array arguments: what each check refuses, on one line, and what it makes of the rest."""

from collections.abc import Callable
from functools import partial
from typing import Any

import array_api_strict as strict
import numpy as np
import pytest

from dlr import InputError, _memory
from dlr._arrays import (
    DEEPEST,
    LAYER,
    STACKS,
    complex_vector,
    depth_for,
    double_precision,
    finite_array,
    layer_stack,
    like,
    matrix_stack,
    real_array,
    square_matrices,
    square_matrix,
    start_for,
    target_matrix,
)

I2 = np.eye(2)
LAYERS = np.ones((4, 3, 2, 2))
NAN = np.array([[np.nan, 0.0], [0.0, 1.0]])
SINGLE = strict.asarray(I2, dtype=strict.float32)


class Table:
    """An array of another library, where ``mask`` is a method, as pandas has it."""

    def __array__(self, *_: object, **__: object) -> np.ndarray:
        return 2 * I2

    def mask(self, condition: object) -> "Table":
        return self


def nested(levels: int) -> list[Any]:
    """A number in so many lists."""
    value: Any = 1.0
    for _ in range(levels):
        value = [value]
    return value


REFUSED: list[tuple[Callable[..., Any], tuple[Any, ...], str]] = [
    (square_matrices, ([1.0],), "must be a square matrix, got 1 dimension(s): pass shape (d, d)"),
    (square_matrices, (np.ones((2, 3)),), "must be square, got shape (2, 3): pass shape (d, d)"),
    (square_matrices, (np.ones((0, 0)),), "must not be empty, got shape (0, 0)"),
    (square_matrices, (NAN,), "must be finite, got NaN or infinity"),
    (square_matrices, (strict.asarray(NAN),), "must be finite, got NaN or infinity"),
    (square_matrices, (1j * I2,), "must be real, got complex"),
    (square_matrices, (strict.asarray(1j * I2),), "must hold real floating numbers, got dtype"),
    (square_matrix, (I2[None],), "must be one matrix, got 3 dimensions: pass shape (d, d)"),
    (target_matrix, (I2[None],), "must be one matrix, got 3 dimensions: pass shape (d, d)"),
    (target_matrix, (SINGLE,), "must be float64, got"),
    (real_array, (strict.asarray(I2),), "must be a NumPy array or nested lists, got Array: convert it"),
    (finite_array, ([np.inf],), "must be finite, got NaN or infinity"),
    (matrix_stack, ([1.0],), "must be a square matrix, got 1 dimension(s): pass shape (..., d, d)"),
    (matrix_stack, (np.ones((5, 2, 3)),), "must be square, got shape (5, 2, 3): pass shape (..., d, d)"),
    (layer_stack, (I2,), "must be a stack of layers, got 2 dimension(s): pass shape (..., L, d, d)"),
    (layer_stack, (np.ones((5, 2, 3)),), "must be square, got shape (5, 2, 3): pass shape (..., L, d, d)"),
    (layer_stack, (np.ones((0, 2, 2)),), "must not be empty, got shape (0, 2, 2)"),
    (like, (np.eye(3), LAYERS), "must have the layers' dimension 2, got shape (3, 3): pass shape (..., 2, 2)"),
    (like, (strict.asarray(I2), LAYERS), "must be of the layers' array namespace, got"),
    (like, (np.ones((3, 2, 2)), LAYERS), "must have the layers' batch shape (4,), got (3,)"),
    (complex_vector, (strict.asarray([1j]),), "must be a NumPy array, got Array: convert it"),
    (complex_vector, (np.ones(3), 2), "must have shape (2,), got (3,): pass one for each eigenvalue"),
    (double_precision, (SINGLE,), "must be float64, got"),
    (start_for, (LAYERS[0], I2, 2), "must have shape (2, 2, 2), got (3, 2, 2): pass L layers (d, d)"),
    (start_for, (strict.asarray(LAYERS[0]), I2, 3), "must be of the target's array namespace: convert one of them"),
    (start_for, (LAYERS[0], strict.asarray(I2), 3), "must be of the target's array namespace: convert one of them"),
    (real_array, ([[1.0], [2.0, 3.0]],), "must be a rectangular array, got [[1.0], [2.0, 3.0]]"),
    (real_array, (nested(DEEPEST + 2),), f"must be an array, got lists nested more than {DEEPEST} deep"),
    (real_array, ([[True]],), "must be numeric, got [[True]]"),
    (real_array, (np.array([[1.0, None]]),), "must be numeric, got"),
    (real_array, (np.array([[1.0, 1j]], dtype=object),), "must be numeric, got"),
    (real_array, ([["1"]],), "must be numeric, got [['1']]"),
    (real_array, ([[10**400]],), "must fit in float64, got"),
    (real_array, (np.ma.masked_array(I2),), "must not be masked, got"),
    (real_array, ([np.ma.masked_array([1.0]), [2.0]],), "must not be masked, got"),
    (real_array, (np.broadcast_to(1.0, (10**6, 10**6)),), "must fit in memory, got (1000000, 1000000)"),
    (real_array, (np.broadcast_to(1.0, (10**12, 2, 2)),), "must fit in memory, got (1000000000000, 2, 2)"),
    (real_array, (range(10**12),), "must fit in memory, got range(0, 1000000000000)"),
]


@pytest.mark.parametrize(("check", "arguments", "message"), REFUSED)
def test_an_array_is_refused_with_what_is_wanted(
    check: Callable[..., Any], arguments: tuple[Any, ...], message: str
) -> None:
    with pytest.raises(InputError) as caught:
        check("x", *arguments)
    assert str(caught.value).startswith(f"x {message}")


ACCEPTED: list[tuple[Callable[..., Any], Any, Any]] = [
    (square_matrices, [[1, 2], [3, 4]], np.float64),
    (square_matrices, SINGLE, strict.float32),
    (square_matrix, np.eye(2, dtype=np.float32), np.float64),
    (real_array, np.asfortranarray(I2), np.float64),
    (real_array, nested(DEEPEST), np.float64),
    (real_array, Table(), np.float64),
    (real_array, [float("nan")], np.float64),
    (real_array, I2.view(np.matrix), np.float64),
    (real_array, [[2**70]], np.float64),
    (matrix_stack, np.eye(2, dtype=np.float32), np.float32),
    (matrix_stack, np.eye(2, dtype=np.float16), np.float64),
    (matrix_stack, np.eye(2, dtype=np.longdouble), np.float64),
    (matrix_stack, np.eye(2, dtype=np.complex64), np.complex64),
    (matrix_stack, np.eye(2, dtype=np.clongdouble), np.complex128),
    (matrix_stack, NAN, np.float64),
    (layer_stack, strict.asarray(1j * LAYERS), strict.complex128),
    (complex_vector, [1.0, 2.0], np.complex128),
    (complex_vector, np.ones(2, dtype=np.complex64), np.complex128),
    (partial(complex_vector, length=2), np.ones(2), np.complex128),
]


@pytest.mark.parametrize(("check", "value", "dtype"), ACCEPTED)
def test_an_array_has_the_precision_that_is_promised(check: Callable[..., Any], value: Any, dtype: Any) -> None:
    found = check("x", value)
    assert found.dtype == dtype
    assert type(found) is not np.matrix
    if isinstance(value, np.ndarray) and value.dtype == dtype and type(value) is np.ndarray:
        assert found is value, "nothing need be copied"


@pytest.mark.parametrize("shape", [(2, 2), (1, 2, 2), (4, 2, 2), (5, 1, 2, 2)])
def test_targets_fit_layers_with_any_batch_shape_that_broadcasts(shape: tuple[int, ...]) -> None:
    assert like("x", np.ones(shape), LAYERS).shape == shape


def test_a_start_and_a_depth_that_fit_are_what_they_were() -> None:
    np.testing.assert_array_equal(start_for("x", LAYERS[0], I2, 3), LAYERS[0])
    assert depth_for(np.int8(3), I2) == 3


def test_a_depth_is_refused_from_the_first_whose_run_does_not_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    """A stack of targets counts as a whole."""
    needed = 8 * STACKS * (5 + 1) * 3 * 2 * 2 + LAYER * 5
    monkeypatch.setattr(_memory, "limit", lambda: needed)
    assert depth_for(5, np.ones((3, 2, 2))) == 5
    with pytest.raises(InputError, match=r"depth must fit in memory, got 6: needs .* lower it or the dimension 2"):
        depth_for(6, np.ones((3, 2, 2)))
