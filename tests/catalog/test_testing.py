"""The checks published for other packages fail where they should: on wrong targets, families and algorithms."""

import itertools
import math
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
import pytest

import catalog
from catalog import testing, traits
from catalog.app.templates.algorithm import NewAlgorithm
from catalog.app.templates.claim import new_claim
from catalog.app.templates.family import new_family
from catalog.claim import Condition, Evidence
from catalog.family import REFUSED, Target, learned, not_learned
from catalog.parameters import real
from dlr import GradientDescent, InputError, Penalized, PowerProjection, StepAndProject

MINE = Target.of("mine", [[2.0, 0.5], [0.5, 1.0]])


@testing.parametrize_with_claims([MINE, new_family, new_family(largest=3.0)])
def test_claims_on_own_targets(target: Target, check: testing.ClaimCheck) -> None:
    check(target)


def test_every_applicable_claim_is_a_case() -> None:
    mark = testing.parametrize_with_claims([MINE])
    names = [case.id for case in mark.args[1]]
    assert names == [f"mine: {claim.name}" for claim in catalog.all_claims().values() if claim.applies_to(MINE.matrix)]
    assert "mine: positive-definite-converges" in names


def test_the_catalog_can_be_asked_twice() -> None:
    assert catalog.all_claims() is catalog.all_claims()
    assert catalog.all_families() is catalog.all_families()


def test_violated_claim_fails_with_the_numbers() -> None:
    claim = replace(catalog.all_claims()["positive-definite-converges"], check=lambda problem: Evidence(9.0, 8.0))
    with pytest.raises(AssertionError, match=r"P3 .* violated on mine, L = 1, .*: steps to tolerance is 9, .* 8"):
        testing.ClaimCheck(claim)(MINE)


@pytest.mark.parametrize(
    ("targets", "message"),
    [
        ([[1.0, 2.0]], r"targets must hold targets or families, got \[1.0, 2.0\]: use catalog.Target.of"),
        ([], r"must have a claim that applies, got \[\]"),
    ],
)
def test_nothing_to_check_is_refused(targets: list, message: str) -> None:
    with pytest.raises(InputError, match=message):
        testing.parametrize_with_claims(targets)


def test_template_family_conforms() -> None:
    testing.check_family(new_family)


def changed(**changes: object):
    return replace(new_family, **changes)


def seeded(*, dimension: int, seed: int):
    """Matrix that ignores its seed.

    Twice the identity.
    """
    return 2 * np.eye(dimension)


def misshapen(*, dimension: int, largest: float):
    """Matrix of another size.

    One row too many.
    """
    return np.diag(np.linspace(1.0, largest, dimension + 1))


def inconstant(*, dimension: int, largest: float):
    """Matrix of another size between the default and the ends.

    One row too many.
    """
    return np.diag(np.linspace(1.0, largest, dimension + (largest not in (1.0, 2.0, 10.0))))


def moody(*, dimension: int, largest: float):
    """Matrix that is never the same twice.

    Random without a seed.
    """
    return np.eye(dimension) * (1 + np.random.default_rng().random())


def undocumented(*, dimension: int, largest: float):
    return np.diag(np.linspace(1.0, largest, dimension))


class Lenient(type(new_family)):
    """A family that takes any parameter."""

    def __call__(self, **parameters: object) -> Target:
        return super().__call__()


class Clipping(type(new_family)):
    """A family that moves numbers into their range."""

    def __call__(self, **parameters: object) -> Target:
        for name, value in parameters.items():
            limits = self.parameters.get(name)
            if limits and type(value) in (int, float) and math.isfinite(value):
                parameters[name] = min(max(value, limits.minimum), limits.maximum)
        return super().__call__(**parameters)


class Parsing(type(new_family)):
    """A family that reads numbers from texts."""

    def __call__(self, **parameters: object) -> Target:
        return super().__call__(**{name: int(v) if isinstance(v, str) else v for name, v in parameters.items()})


FAMILIES = {
    "no source": (changed(source="me"), "source must be a reference"),
    "no docstring": (changed(build=undocumented), "first line of the docstring"),
    "a trait it lacks": (changed(traits=(traits.orthogonal,)), "lacks traits that its family declares.*orthogonal"),
    "a trait it lacks at a corner": (changed(traits=(traits.near_identity,)), "near-identity"),
    "a parameter too many": (changed(parameters={**new_family.parameters, "angle": real(0, 0, 1)}), "angle"),
    "another size": (changed(build=misshapen), r"has shape \(4, 4\)"),
    "another size inside the ranges": (changed(build=inconstant), r"has shape"),
    "another matrix each time": (changed(build=moody), "is not made again by its name"),
    "a wrong expectation": (
        changed(expected={**new_family.expected, "penalized": not_learned("observed")}),
        "penalized on new-family: expected 'not learned', saw 'learned'",
    ),
    "a wrong refusal": (changed(expected={**new_family.expected, "power-projection": REFUSED}), "refuses exactly"),
    "an unknown reason": (
        changed(expected={**new_family.expected, "penalized": learned("hope")}),
        "'hope' is no claim",
    ),
    "a missing algorithm": (changed(expected={"gradient-descent": learned("observed")}), "penalized"),
    "an idle seed": (
        changed(
            build=seeded,
            parameters={"dimension": new_family.parameters["dimension"], "seed": catalog.parameters.seed()},
        ),
        "seed changes nothing",
    ),
    "values out of range": (Clipping(**vars(new_family)), "should raise 'dimension must .*raised nothing"),
    "texts for numbers": (Parsing(**vars(new_family)), "should raise \"dimension must be .*got '1'\", raised nothing"),
    "any value": (Lenient(**vars(new_family)), "should raise"),
}


@pytest.mark.parametrize(("family", "message"), FAMILIES.values(), ids=FAMILIES)
def test_false_family_is_caught(family, message: str) -> None:
    with pytest.raises(AssertionError, match=message):
        testing.check_family(family)


ALGORITHMS = (
    NewAlgorithm,
    GradientDescent,
    GradientDescent(),
    StepAndProject(0.5),
    Penalized(0.1),
    PowerProjection(0.5),
)


@pytest.mark.parametrize("algorithm", ALGORITHMS, ids=repr)
def test_algorithm_conforms(algorithm) -> None:
    testing.check_algorithm(algorithm)


@dataclass
class Base:
    """An algorithm."""

    step_size: float | None = None
    name: ClassVar[str] = "base"

    def step(self, layers, gradients, step_size):
        return layers - step_size * gradients


class Stateful(Base):
    """It remembers how often it was called."""

    count = 0

    def step(self, layers, gradients, step_size):
        self.count += 1
        return layers - step_size / self.count * gradients


class InPlace(Base):
    """It changes the layers it is given."""

    def step(self, layers, gradients, step_size):
        layers -= step_size * gradients
        return layers


class Shapeless(Base):
    """It returns one layer."""

    def step(self, layers, gradients, step_size):
        return layers[0]


class Blowing(Base):
    """It returns NaN."""

    def step(self, layers, gradients, step_size):
        return layers * np.nan


class Piercing(Base):
    """It returns one infinity."""

    def step(self, layers, gradients, step_size):
        following = layers - step_size * gradients
        following[0, 0, 0] = np.inf
        return following


class Numbered(Base):
    """Its name is none."""

    name: ClassVar[int] = 3


class Disagreeing(Base):
    """Its two forms differ."""

    def reduced_step(self, z, gradients, step_size, depth):
        return z - 2 * step_size * gradients


@pytest.mark.parametrize(
    ("algorithm", "message"),
    [
        (Stateful, "same answer on a second call"),
        (InPlace, "read-only.*: step must return new arrays, and not change those it is given"),
        (Shapeless, r"must return float64 of shape \(3, 3, 3\), got float64 of shape \(3, 3\)"),
        (Blowing, "finite"),
        (Piercing, "step must return finite layers here"),
        (Numbered, "name must be a string, got 3"),
        (Disagreeing, "reduced_step and step disagree"),
        (object(), "lacks name, step_size or step"),
    ],
)
def test_false_algorithm_is_caught(algorithm, message: str) -> None:
    with pytest.raises(AssertionError, match=message):
        testing.check_algorithm(algorithm)


def test_template_claim_conforms() -> None:
    testing.check_claim(new_claim)


def restless(problem):
    """Changes what it is given."""
    problem.target.setflags(write=True)
    problem.target[:] = 0
    return Evidence(0.0, 1.0)


def moody_check():
    """A check that never observes the same."""
    seen = itertools.count()

    def check(problem):
        """Observes another number each time."""
        return Evidence(1 / (2 + next(seen)), 1.0)

    return check


def raises(problem):
    raise KeyError("x")


def holds_always(problem):
    """Nothing is asserted."""
    return Evidence(0.0, 1.0)


CLAIMS = {
    "no statement": (replace(new_claim, check=lambda problem: None), "must begin with a sentence"),
    "no controls": (replace(new_claim, controls=()), "controls must not be empty"),
    "a hypothesis without control": (
        replace(new_claim, controls=new_claim.controls[1:]),
        "controls and findings cover",
    ),
    "a predicate that raises": (
        replace(new_claim, hypotheses=(Condition("L = 1", raises), *new_claim.hypotheses[1:])),
        "N0 raised KeyError: 'x' when asked for",
    ),
    "draws outside": (replace(new_claim, draws=new_claim.controls[0].draws), r"does not satisfy \['L = 1'\]"),
    "a violation": (replace(new_claim, check=lambda problem: Evidence(2.0, 1.0)), "sentence|N0 is violated"),
    "a changed target": (replace(new_claim, check=restless), "must not change the target"),
    "another result each time": (replace(new_claim, check=moody_check()), "same on a second call"),
    "a control that drops another": (
        replace(new_claim, controls=(replace(new_claim.controls[0], draws=new_claim.draws), *new_claim.controls[1:])),
        "must drop just 'L = 1', drops",
    ),
    "a claim that can't fail": (replace(new_claim, check=holds_always), "finds no violation"),
}


@pytest.mark.parametrize(("claim", "message"), CLAIMS.values(), ids=CLAIMS)
def test_false_claim_is_caught(claim, message: str) -> None:
    with pytest.raises(AssertionError, match=message):
        testing.check_claim(claim)
