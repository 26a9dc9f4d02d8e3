"""Conformance of every target family: what it declares is so, at the defaults and over all admissible parameters."""

import importlib
import inspect
import itertools
import math
import pkgutil
import re
import subprocess
import sys
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog import registry, trials
from catalog import traits as glossary
from catalog.family import REFUSED, Family, Target
from catalog.parameters import Parameter
from dlr import Algorithm, InputError, PowerProjection, matrices, promise

FAMILIES = registry.families()
PARAMETERS = [(name, parameter) for name, family in FAMILIES.items() for parameter in family.parameters]
TRIALS = [(name, algorithm) for name in FAMILIES for algorithm in trials.ALGORITHMS]
THEOREMS_OF_PROMISES = {
    "positive-definite-converges",
    "near-identity-converges",
    "margin-converges",
    "negative-eigenvalue-fails",
    "negative-axis-fails",
    "normal-dichotomy",
}

every_family = pytest.mark.parametrize("family", FAMILIES.values(), ids=FAMILIES)
every_parameter = pytest.mark.parametrize(("name", "parameter"), PARAMETERS)
every_trial = pytest.mark.parametrize(("name", "algorithm"), TRIALS)


def check_member(family: Family, target: Target) -> None:
    """What must hold for every member of a family."""
    matrix = target.matrix
    assert matrix.dtype == np.float64
    assert matrix.shape == (target.parameters["dimension"],) * 2
    assert np.all(np.isfinite(matrix))
    assert not matrix.flags.writeable
    missing = {trait.name: trait.evidence(matrix) for trait in family.traits if not trait.holds(matrix)}
    assert missing == {}
    if glossary.symmetric in family.traits:
        np.testing.assert_array_equal(matrix, matrix.T)
    again = registry.target(target.name)
    np.testing.assert_array_equal(again.matrix, matrix)
    assert again == target


def test_there_are_enough_families() -> None:
    assert len(FAMILIES) >= 20


def test_each_module_defines_the_family_of_its_name() -> None:
    modules = {
        info.name
        for info in pkgutil.iter_modules(importlib.import_module("catalog.families").__path__)
        if not info.name.startswith("_")
    }
    assert {family.origin.rpartition(".")[2] for family in FAMILIES.values()} == modules
    assert {name.replace("-", "_") for name in FAMILIES} == modules


@every_family
def test_family_is_documented(family: Family) -> None:
    assert len(family.source) > 10
    assert family.description.endswith(".")
    assert len(inspect.cleandoc(family.build.__doc__ or "").split("\n\n")) >= 2
    assert inspect.getmodule(family.build).__doc__


@every_family
def test_parameters_are_those_of_the_function(family: Family) -> None:
    signature = inspect.signature(family.build).parameters.values()
    assert [parameter.name for parameter in signature] == list(family.parameters)
    assert {parameter.kind for parameter in signature} == {inspect.Parameter.KEYWORD_ONLY}
    assert family().parameters == {name: parameter.default for name, parameter in family.parameters.items()}


@every_family
def test_default_member(family: Family) -> None:
    assert family().name == family.name
    check_member(family, family())


@every_family
def test_members_at_the_corners(family: Family) -> None:
    ends = [(parameter.minimum, parameter.maximum) for parameter in family.parameters.values()]
    for values in itertools.product(*ends):
        check_member(family, family(**dict(zip(family.parameters, values, strict=True))))


@every_family
@settings(deadline=None)
@given(data=st.data())
def test_drawn_members(family: Family, data: st.DataObject) -> None:
    check_member(family, data.draw(family.strategy()))


@every_family
def test_seed_matters(family: Family) -> None:
    if "seed" in family.parameters:
        assert not np.array_equal(family(seed=1).matrix, family(seed=2).matrix)


@every_parameter
def test_parameter_out_of_range(name: str, parameter: str) -> None:
    limits = FAMILIES[name].parameters[parameter]
    for value in (limits.minimum - 1, 2 * limits.maximum + 1):
        written = str(value) if limits.integral else f"{value:g}"
        with pytest.raises(InputError, match=rf"{parameter} must .*got {re.escape(written)}:"):
            FAMILIES[name](**{parameter: value})


@every_parameter
def test_parameter_of_the_wrong_kind(name: str, parameter: str) -> None:
    wrong: list[Any] = [math.nan, math.inf, "1", None, True, 1j]
    for value in wrong:
        with pytest.raises(InputError, match=rf"{parameter} must be .*got {re.escape(repr(value))}"):
            FAMILIES[name](**{parameter: value})


@every_family
def test_unknown_parameter(family: Family) -> None:
    with pytest.raises(InputError, match=f"parameter of {family.name} 'dimensions' is unknown: did you mean dimension"):
        family(dimensions=3)


@every_family
def test_expected_covers_the_four_algorithms(family: Family) -> None:
    assert list(family.expected) == list(trials.ALGORITHMS)
    assert set(trials.ALGORITHMS) == {"gradient-descent", "step-and-project", "penalized", "power-projection"}


@every_trial
def test_refused_exactly_without_margin(name: str, algorithm: str) -> None:
    without = algorithm == "power-projection" and "margin-positive" not in FAMILIES[name]().traits
    assert (FAMILIES[name].expected[algorithm] == REFUSED) == without
    assert (FAMILIES[name].expected[algorithm].outcome == "refused") == without


@every_trial
def test_expected_outcome_is_observed(name: str, algorithm: str) -> None:
    assert trials.observe(FAMILIES[name](), algorithm) == FAMILIES[name].expected[algorithm].outcome


@every_trial
def test_reason_is_a_claim_or_an_observation(name: str, algorithm: str) -> None:
    because = FAMILIES[name].expected[algorithm].because
    reference = re.fullmatch(r".+ \d{4}\b.*", because)
    assert because in {"observed", REFUSED.because, *registry.claims()} or reference


@every_trial
def test_cited_theorem_covers_the_trial(name: str, algorithm: str) -> None:
    target, expected = FAMILIES[name](), FAMILIES[name].expected[algorithm]
    if expected.outcome == "refused":
        return
    assert expected.because in {"observed", "distance-one-fails", *THEOREMS_OF_PROMISES}
    proved = proved_outcome(target, trials.ALGORITHMS[algorithm])
    if expected.because == "distance-one-fails":
        size = -target.matrix[0, 0]
        np.testing.assert_array_equal(target.matrix, np.diag([-size] + [1.0] * (len(target.matrix) - 1)))
        assert proved == ("not learned", "negative-eigenvalue-fails")
    else:
        assert proved == (None if expected.because == "observed" else (expected.outcome, expected.because))


def proved_outcome(target: Target, algorithm: Algorithm) -> tuple[str, str] | None:
    """The outcome of the trial that a theorem settles beforehand, with its name."""
    if isinstance(algorithm, PowerProjection):
        algorithm = replace(algorithm, margin=min(1.0, matrices.margin(target.matrix)))
    known = promise(target.matrix, trials.DEPTH, algorithm, trials.TOL)
    if known.floor > trials.TOL:
        return "not learned", known.source
    if known.steps is not None and known.steps <= trials.MAX_STEPS:
        return "learned", known.source
    return None


@pytest.mark.parametrize("trait", glossary.ALL)
def test_each_trait_divides_the_targets(trait: str) -> None:
    having, lacking = registry.targets(trait), registry.targets(f"not-{trait}")
    assert having
    assert lacking
    assert {target.name for target in having} | {target.name for target in lacking} == set(FAMILIES)


def test_target_by_its_written_name() -> None:
    written = registry.target("rotation(angle=1.5, planes=2)")
    assert written == registry.target("rotation", angle=1.5, planes=2)
    assert written.name == "rotation(planes=2, angle=1.5)"
    expected = [[math.cos(1.5), -math.sin(1.5)], [math.sin(1.5), math.cos(1.5)]]
    np.testing.assert_array_equal(written.matrix, np.kron(np.eye(2), expected))


def test_name_keeps_a_parameter_exactly() -> None:
    turned = registry.target("rotation", angle=math.pi)
    assert registry.target(turned.name).parameters["angle"] == math.pi


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("rotatoin", "target 'rotatoin' is unknown: did you mean rotation"),
        ("rotation(angle)", "can't be read: write it like"),
        ("rotation(angle=1.5", "can't be read: write it like"),
        ("rotation(angle=)", "can't be read: write it like"),
        ("rotation(angel=1.5)", "parameter of rotation 'angel' is unknown: did you mean angle"),
        ("rotation(planes=1.5)", "planes must be an integer, got 1.5"),
        ("rotation(angle=4)", "angle must be .*got 4"),
    ],
)
def test_unreadable_names(name: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        registry.target(name)


@pytest.mark.parametrize(
    ("parameter", "kind"), [(Parameter(2, 1, 3, integral=True), int), (Parameter(2.0, 1.0, 3.0, integral=False), float)]
)
def test_parameters_come_back_as_their_kind(parameter: Parameter, kind: type) -> None:
    assert type(parameter.checked("size", np.int64(2))) is kind


def test_unknown_algorithm() -> None:
    with pytest.raises(InputError, match="algorithm 'gradient' is unknown: did you mean gradient-descent"):
        trials.observe(registry.target("rotation"), "gradient")


def test_queries_can_be_asked_twice() -> None:
    script = "import catalog; [catalog.families(), catalog.claims(), catalog.families(), catalog.claims()]"
    subprocess.run([sys.executable, "-c", script], check=True)
