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
from dlr.arguments import brief, integer, number, one_of

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
    assert integer("n", 5, maximum=5) == 5
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
    assert [brief(10**9, width) for width in (11, 10, 9)] == ["1000000000", "1000000000", "100000..."]
    assert brief(2**1999 - 1).endswith("...")
    assert brief(2**1999) == "<an integer of 2000 bits>"


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


TAKEN: list[tuple[Callable[..., object], tuple[Any, ...], object]] = [
    (arguments.listed, ([1, 2],), (1, 2)),
    (arguments.listed, ((x for x in "ab"),), ("a", "b")),
    (arguments.listed, ({"a": 1},), ("a",)),
    (arguments.mapping, ({"a": 1}, int), {"a": 1}),
    (arguments.mapping, ({"a": 1, "b": 0.5}, int, float), {"a": 1, "b": 0.5}),
    (arguments.mapping, ({}, int), {}),
    (arguments.instances, ((1, "a"), int, str), (1, "a")),
    (arguments.instances, ((), int), ()),
    (arguments.instance, ("a", int, str), "a"),
    (arguments.flag, (False,), False),
    (arguments.text, ("",), ""),
    (arguments.function, (len,), len),
    (arguments.one_of, ("b", ["a", "b"]), "b"),
]


@pytest.mark.parametrize(("check", "given", "taken"), TAKEN)
def test_what_is_meant_is_taken(check: Callable[..., object], given: tuple[Any, ...], taken: object) -> None:
    assert check("x", *given) == taken


LEFT: list[tuple[Callable[..., object], tuple[Any, ...], str]] = [
    (arguments.listed, ("ab",), "x must be a list, got 'ab': pass [first, ...]"),
    (arguments.listed, (b"ab",), "x must be a list, got b'ab': pass [first, ...]"),
    (arguments.listed, (3,), "x must be a list, got 3: pass [first, ...]"),
    (arguments.mapping, ({1: 1}, int), "x must map strings to int, got {1: 1}: pass a dict, {} for none"),
    (arguments.mapping, ({"a": "b"}, int, float), "x must map strings to int or float, got {'a': 'b'}: "),
    (arguments.mapping, ([], int), "x must map strings to int, got []: "),
    (arguments.instances, ([1], int), "x must be a tuple of int, got [1]: pass (first, ...), () for none"),
    (arguments.instances, ((1, "a"), int), "x must be a tuple of int, got (1, 'a'): "),
    (arguments.instance, ("a", int, float), "x must be of type int or float, got 'a': pass an instance"),
    (arguments.flag, (0,), "x must be a bool, got 0: pass True or False"),
    (arguments.text, (b"a",), "x must be a string, got b'a': pass text in quotes"),
    (arguments.function, ("len",), "x must be a function, got 'len': pass a callable"),
    (arguments.one_of, (3, ["b", "a"]), "x 3 is unknown: choose from a, b"),
]


@pytest.mark.parametrize(("check", "given", "message"), LEFT)
def test_what_is_something_else_is_left(check: Callable[..., object], given: tuple[Any, ...], message: str) -> None:
    with pytest.raises(InputError) as caught:
        check("x", *given)
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize(
    ("value", "limits", "message"),
    [
        (2, {"minimum": 3}, "x must be at least 3, got 2: pass an int >= 3"),
        (6, {"maximum": 5}, "x must be at most 5, got 6: pass an int in that range"),
        (1.0, {"minimum": 0}, "x must be an integer, got 1.0: pass an int >= 0"),
    ],
)
def test_an_integer_out_of_range_is_told_the_range(value: Any, limits: dict[str, int], message: str) -> None:
    with pytest.raises(InputError) as caught:
        integer("x", value, **limits)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("value", "limits", "message"),
    [
        (0.5, {"minimum": 1}, "x must be a number >= 1, got 0.5: pass a value in that range"),
        (2.5, {"minimum": 1, "maximum": 2}, "x must be a number >= 1 <= 2, got 2.5: pass a value in that range"),
        (0, {"above": 0}, "x must be a number > 0, got 0: pass a value in that range"),
        (INF, {"above": 0}, "x must be finite, got inf: pass a number > 0"),
        (INF, {"maximum": 3, "finite": False}, "x must be a number <= 3, got inf: pass a value in that range"),
        ("1", {"minimum": 1}, "x must be a number >= 1, got '1': pass a real number"),
    ],
)
def test_a_number_out_of_range_is_told_the_range(value: Any, limits: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError) as caught:
        number("x", value, **limits)
    assert str(caught.value) == message


def test_what_is_not_finite_is_taken_where_it_may_be() -> None:
    assert number("x", INF, finite=False) == INF
    assert number("x", -INF, maximum=3, finite=False) == -INF
    assert np.isnan(number("x", NAN, minimum=0, maximum=1, above=0, finite=False)), "NaN is in every range"


def test_the_three_nearest_names_are_told() -> None:
    with pytest.raises(InputError) as told:
        one_of("name", "spectra", ["spectral", "spectrum", "spectre", "reference"])
    assert str(told.value) == "name 'spectra' is unknown: did you mean spectral or spectre or spectrum?"
