"""One table of bad arguments: each gives one line that names the argument and its value."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import array_api_strict as strict
import numpy as np
import pytest

import dlr
from dlr import GradientDescent, InputError, Penalized, PowerProjection, StepAndProject, arguments, matrices, spectral
from dlr._arrays import square_matrices
from dlr.arguments import brief, integer, number

I2 = np.eye(2)
NAN, INF = float("nan"), float("inf")
SHEAR = [[1.0, 1.0], [0.0, 1.0]]

MATRICES: list[tuple[Any, list[str]]] = [
    ([[1.0, 2.0]], ["square", "(1, 2)"]),
    ([[1.0, NAN], [0.0, 1.0]], ["finite", "nan"]),
    ([[INF]], ["finite", "inf"]),
    ([[1e400]], ["finite", "inf"]),
    (np.array([[np.longdouble("1e400")]]), ["finite"]),
    ([[1j]], ["real", "complex", "1j"]),
    ([[10**400]], ["float64", "1000"]),
    ([1.0, 2.0], ["1 dimension"]),
    (3.0, ["0 dimension"]),
    (np.eye(2)[None], ["one matrix", "3 dimensions"]),
    ([[]], ["empty", "(1, 0)"]),
    (np.empty((0, 0)), ["empty", "(0, 0)"]),
    ([[1.0], [2.0, 3.0]], ["rectangular", "[[1.0], [2.0, 3.0]]"]),
    ([["a"]], ["numeric", "'a'"]),
    ("identity", ["numeric", "'identity'"]),
    (None, ["numeric", "None"]),
    ([[None]], ["numeric", "None"]),
    ([[object()]], ["numeric", "object"]),
    ([[True]], ["numeric", "True"]),
    (strict.asarray([[1, 2], [3, 4]]), ["floating", "int64"]),
]
TAKE_A_MATRIX: list[tuple[str, Callable[[Any], object]]] = [
    ("target", lambda value: dlr.solve(value, 2)),
    ("target", spectral.spectrum),
    ("matrix", lambda value: matrices.balanced_factorization(value, 2)),
    ("matrix", lambda value: matrices.project_to_margin(value, 0.5)),
]
DEPTHS: list[tuple[Any, list[str]]] = [
    (0, ["at least 1", "0"]),
    (-1, ["at least 1", "-1"]),
    (2.0, ["integer", "2.0"]),
    (True, ["integer", "True"]),
    ("3", ["integer", "'3'"]),
    (None, ["integer", "None"]),
]
TAKE_A_DEPTH: list[Callable[[Any], object]] = [
    lambda value: dlr.solve(I2, value),
    lambda value: matrices.balanced_factorization(I2, value),
]
STEP_SIZES: list[tuple[Any, list[str]]] = [
    (0, ["> 0", "0"]),
    (-1, ["> 0", "-1"]),
    (NAN, ["finite", "nan"]),
    (INF, ["finite", "inf"]),
    ("0.1", ["number", "'0.1'"]),
    (True, ["number", "True"]),
    (1j, ["number", "1j"]),
    (10**400, ["float64", "1000"]),
]
NEGATIVE: list[tuple[Any, list[str]]] = [(-0.5, [">= 0", "-0.5"]), (NAN, ["finite", "nan"]), ("1", ["number", "'1'"])]
ALGORITHMS: list[Callable[[Any], object]] = [
    lambda value: GradientDescent(step_size=value),
    lambda value: StepAndProject(radius=1.0, step_size=value),
    lambda value: Penalized(strength=1.0, step_size=value),
    lambda value: PowerProjection(step_size=value),
]


def rows() -> list[tuple[Callable[[], object], list[str]]]:
    """Every (call, fragments expected in its message)."""
    table: list[tuple[Callable[[], object], list[str]]] = []

    def add(call: Callable[[Any], object], name: str, values: list[tuple[Any, list[str]]]) -> None:
        table.extend((lambda value=value: call(value), [name, *fragments]) for value, fragments in values)

    for name, call in TAKE_A_MATRIX:
        add(call, f"{name} must", MATRICES)
    for call in TAKE_A_DEPTH:
        add(call, "depth must", DEPTHS)
    for call in ALGORITHMS:
        add(call, "step_size must", STEP_SIZES)
    add(lambda value: StepAndProject(radius=value), "radius must", NEGATIVE)
    add(lambda value: Penalized(strength=value), "strength must", NEGATIVE)
    add(lambda value: dlr.solve(I2, 2, tol=value), "tol must", NEGATIVE)
    margins: list[tuple[Any, list[str]]] = [
        (0, ["> 0", "0"]),
        (1.5, ["<= 1", "1.5"]),
        (NAN, ["finite", "nan"]),
        ("a", ["'a'"]),
    ]
    add(lambda value: PowerProjection(margin=value), "margin must", [row for row in margins if row[0] != 1.5])
    add(lambda value: dlr.solve(4 * I2, 2, PowerProjection(margin=value)), "margin must", [margins[1]])
    add(lambda value: matrices.project_to_margin(I2, value), "margin must", [(NAN, ["nan"]), (INF, ["inf"])])
    add(
        lambda value: dlr.solve(I2 / 4, 2, PowerProjection(margin=value)),
        "margin must be at most the target's own 0.25",
        [(0.3, ["0.3"])],
    )
    add(lambda value: dlr.solve(value, 2, PowerProjection()), "target must have a positive margin", [(-I2, ["-1"])])
    add(lambda value: dlr.solve(value, 2, engine="spectral"), "target must be normal", [(SHEAR, ["0.58", "auto"])])
    add(
        lambda value: matrices.balanced_factorization(value, 2),
        "matrix must have determinant > 0",
        [(np.diag([1.0, -2.0]), ["-1"]), (np.ones((2, 2)), ["0"])],
    )
    add(
        lambda value: dlr.solve(I2, 2, engine=value),
        "engine",
        [
            ("spectrall", ["'spectrall'", "did you mean spectral?"]),
            ("zzz", ["'zzz'", "auto, compiled, reference, single, spectral"]),
        ],
    )
    add(
        lambda value: dlr.solve(I2, 2, value),
        "algorithm must have name, step_size and step",
        [("gd", ["'gd'"]), (GradientDescent, ["GradientDescent"]), (3, ["3"])],
    )
    add(
        lambda value: dlr.solve(I2, 2, initial_layers=value),
        "initial_layers must",
        [
            (I2, ["(2, 2, 2)", "(2, 2)"]),
            (np.ones((3, 2, 2)), ["(2, 2, 2)", "(3, 2, 2)"]),
            (np.ones((2, 2, 3)), ["(2, 2, 3)"]),
            (np.full((2, 2, 2), NAN), ["finite", "nan"]),
            (strict.asarray(np.ones((2, 2, 2))), ["namespace"]),
            ("a", ["numeric", "'a'"]),
        ],
    )
    add(
        lambda value: dlr.solve(I2, 2, max_steps=value),
        "max_steps must",
        [(-1, ["at least 0", "-1"]), (1.5, ["integer", "1.5"]), (True, ["True"]), ("9", ["'9'"])],
    )
    table.append((lambda: PowerProjection().step(np.ones((2, 1, 1)), np.ones((2, 1, 1)), 0.1), ["margin must", "None"]))
    return table


TABLE = rows()


@pytest.mark.parametrize(("call", "fragments"), TABLE, ids=[" ".join(fragments) for _, fragments in TABLE])
def test_bad_argument_gives_one_clear_line(call: Callable[[], object], fragments: list[str]) -> None:
    with pytest.raises(InputError) as caught:
        call()
    message = str(caught.value)
    assert isinstance(caught.value, ValueError)
    assert "\n" not in message
    assert [fragment for fragment in fragments if fragment not in message] == []


def test_good_arguments_pass_at_the_ends_of_their_ranges() -> None:
    assert integer("n", np.int32(3)) == 3
    assert integer("n", 0, minimum=0) == 0
    assert number("x", 1, above=0, maximum=1) == 1.0
    assert number("x", np.float32(0.5), minimum=0.5) == 0.5
    assert StepAndProject(radius=0).radius == 0
    assert Penalized(strength=0).strength == 0
    assert PowerProjection(margin=1).margin == 1


def test_matrices_become_float64_or_stay_what_they_are() -> None:
    assert square_matrices("A", [[1, 2], [3, 4]]).dtype == np.float64
    assert square_matrices("A", np.eye(2, dtype=np.float32)).dtype == np.float64
    assert square_matrices("A", [[2**70]])[0, 0] == 2.0**70
    single = strict.asarray([[1.0]], dtype=strict.float32)
    assert square_matrices("A", single) is single


def test_brief_is_short_and_one_line() -> None:
    text = brief(np.zeros((50, 50)))
    assert len(text) <= 60
    assert "\n" not in text
    assert text.endswith("...")
    assert brief("a") == "'a'"


def test_fifty_names_are_listed_and_of_more_the_first_twenty():
    names = [f"name{k:02}" for k in range(51)]
    with pytest.raises(dlr.InputError, match=r"name48, name49$"):
        arguments.one_of("word", "zzz", names[:50])
    with pytest.raises(dlr.InputError, match=r"name19, \.\.\. \(51 in all\)$"):
        arguments.one_of("word", "zzz", names)


def test_an_algorithm_has_a_step_that_can_be_called():
    broken = SimpleNamespace(name="broken", step_size=0.1, step=3)
    with pytest.raises(dlr.InputError, match="step of the algorithm must be a function, got 3"):
        dlr.solve([[2.0]], 1, broken)
