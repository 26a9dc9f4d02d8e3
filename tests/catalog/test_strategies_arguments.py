"""Arguments of the strategies are keyword-only, paired and documented; a bad one is named with its value and a fix."""

import inspect
import math
import re

import pytest
from hypothesis import strategies as st
from strategy_draws import DEFAULTS, drawn

from catalog import strategies
from dlr.arguments import InputError

BAD_ARGUMENTS = [
    (strategies.dimensions, {"min_dimension": 0}, "min_dimension must be at least 1, got 0"),
    (strategies.dimensions, {"min_dimension": 4, "max_dimension": 3}, "max_dimension must be at least 4, got 3"),
    (strategies.dimensions, {"max_dimension": 2.0}, "max_dimension must be an integer, got 2.0"),
    (strategies.spectra, {"min_eigenvalue": math.nan}, "min_eigenvalue must be finite, got nan"),
    (strategies.spectra, {"min_eigenvalue": 2, "max_eigenvalue": 1}, "max_eigenvalue must be a number >= 2, got 1"),
    (strategies.orthogonal, {"min_dimension": True}, "min_dimension must be an integer, got True"),
    (strategies.orthogonal, {"reflections": 1}, "reflections must be a bool, got 1"),
    (strategies.with_spectrum, {"eigenvalues": [1, 2]}, "eigenvalues must be a strategy of lists, got [1, 2]"),
    (strategies.with_singular_values, {"singular_values": 3}, "singular_values must be a strategy of lists, got 3"),
    (
        strategies.with_singular_values,
        {"singular_values": strategies.spectra(), "reflections": None},
        "reflections must be a bool, got None",
    ),
    (strategies.symmetric, {"max_eigenvalue": math.inf}, "max_eigenvalue must be finite, got inf"),
    (strategies.symmetric, {"max_eigenvalue": -11}, "max_eigenvalue must be a number >= -10, got -11"),
    (strategies.symmetric, {"max_dimension": 0}, "max_dimension must be at least 1, got 0"),
    (strategies.positive_definite, {"min_eigenvalue": 0}, "min_eigenvalue must be a number > 0, got 0"),
    (strategies.positive_definite, {"max_eigenvalue": 1e-4}, "max_eigenvalue must be a number >= 0.001, got 0.0001"),
    (strategies.positive_definite, {"max_condition": 0.5}, "max_condition must be a number >= 1 <= 1e+12, got 0.5"),
    (strategies.positive_definite, {"min_condition": 0.5}, "min_condition must be a number >= 1 <= 1e+12, got 0.5"),
    (
        strategies.positive_definite,
        {"min_condition": 9, "max_condition": 8},
        "max_condition must be a number >= 9 <= 1e+12, got 8",
    ),
    (strategies.positive_definite, {"min_condition": 2, "max_dimension": 1}, "max_dimension must be at least 2, got 1"),
    (
        strategies.positive_definite,
        {"min_condition": 9, "max_eigenvalue": 0.008},
        "min_condition must be a number <= 8, got 9",
    ),
    (strategies.positive_definite, {"max_condition": 1e13}, "max_condition must be a number >= 1 <= 1e+12, got 1e+13"),
    (strategies.negative_eigenvalue, {"min_magnitude": -1}, "min_magnitude must be a number > 0, got -1"),
    (strategies.negative_eigenvalue, {"max_magnitude": "2"}, "max_magnitude must be a number >= 0.01, got '2'"),
    (strategies.margin_positive, {"min_margin": 0}, "min_margin must be a number > 0, got 0"),
    (strategies.margin_positive, {"max_eigenvalue": 0.05}, "max_eigenvalue must be a number >= 0.1, got 0.05"),
    (strategies.margin_positive, {"max_margin": 0.05}, "max_margin must be a number >= 0.1 <= 10, got 0.05"),
    (strategies.margin_positive, {"max_margin": 11}, "max_margin must be a number >= 0.1 <= 10, got 11"),
    (strategies.margin_positive, {"max_skew": -1}, "max_skew must be a number >= 0, got -1"),
    (strategies.near_the_identity, {"min_distance": -0.1}, "min_distance must be a number >= 0, got -0.1"),
    (strategies.near_the_identity, {"min_distance": 0.5}, "max_distance must be a number >= 0.5, got 0.0833333"),
    (strategies.normal, {"min_modulus": -1}, "min_modulus must be a number >= 0, got -1"),
    (strategies.normal, {"max_modulus": None}, "max_modulus must be a number >= 0, got None"),
    (strategies.normal, {"max_angle": 4}, "max_angle must be a number >= 0 <= 3.14159, got 4"),
    (strategies.general, {"max_entry": 0}, "max_entry must be a number > 0, got 0"),
    (strategies.general, {"positive_determinant": "yes"}, "positive_determinant must be a bool, got 'yes'"),
]


@pytest.mark.parametrize(("strategy", "arguments", "message"), BAD_ARGUMENTS)
def test_bad_argument_is_named_with_its_value_and_a_fix_when_the_strategy_is_made(strategy, arguments, message):
    with pytest.raises(InputError) as caught:
        strategy(**arguments)
    line = str(caught.value)
    assert line.startswith(message)
    assert ": pass " in line
    assert "\n" not in line


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: strategies.with_spectrum(eigenvalues=st.just([])), "eigenvalues must not be empty, got a draw"),
        (
            lambda: strategies.with_spectrum(eigenvalues=st.just([1, math.inf])),
            "eigenvalues must be finite, got inf",
        ),
        (
            lambda: strategies.with_singular_values(singular_values=st.just([1, -2])),
            "singular_values must be a number >= 0, got -2",
        ),
    ],
)
def test_bad_list_is_named_when_drawn(make, message):
    with pytest.raises(InputError, match=message):
        drawn(make())


PUBLISHED = [
    value for name, value in vars(strategies).items() if inspect.isfunction(value) and not name.startswith("_")
]
PUBLISHED = [value for value in PUBLISHED if value.__module__ == strategies.__name__]


@pytest.mark.parametrize("strategy", PUBLISHED, ids=lambda strategy: strategy.__name__)
def test_arguments_are_keyword_only_paired_and_documented(strategy):
    parameters = inspect.signature(strategy).parameters
    assert {parameter.kind for parameter in parameters.values()} == {inspect.Parameter.KEYWORD_ONLY}
    paired = {"dimension", "condition", "margin", "distance", "modulus", "magnitude"}
    for kind in paired & {name[4:] for name in parameters}:
        assert {f"min_{kind}", f"max_{kind}"} <= set(parameters)
    for name in set(parameters) - {"min_dimension", "max_dimension"}:  # those are in the module's docstring
        assert re.search(rf"^.*\b{name}\b.* : ", inspect.getdoc(strategy), re.MULTILINE), name
    assert "shrink" in inspect.getdoc(strategy)


def test_published_strategies():
    assert {strategy.__name__ for strategy in PUBLISHED} == {
        *(name.partition(",")[0] for name in DEFAULTS),
        "dimensions",
        "spectra",
    }
