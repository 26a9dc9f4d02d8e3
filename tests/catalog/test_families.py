"""Every target family is what it declares, at its defaults and over all admissible parameters."""

import json
import math
import pkgutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

import catalog.families
from catalog import registry, standard_trial, testing
from catalog import traits as glossary
from catalog.family import Family, Target
from catalog.guarantees import promises
from catalog.neighbours import exact_neighbours
from dlr import Algorithm, InputError

FAMILIES = {name: family for name, family in registry.all_families().items() if "." not in name}  # no plug-ins'
DECLARED = json.loads((Path(__file__).parents[1] / "data" / "declared.json").read_text(encoding="utf-8"))
TRIALS = [(name, algorithm) for name in FAMILIES for algorithm in standard_trial.TRIED]

every_family = pytest.mark.parametrize("family", FAMILIES.values(), ids=FAMILIES)
every_trial = pytest.mark.parametrize(("name", "algorithm"), TRIALS)


def test_there_are_enough_families() -> None:
    assert len(FAMILIES) >= 20


def test_each_module_defines_the_family_of_its_name() -> None:
    modules = {info.name for info in pkgutil.iter_modules(catalog.families.__path__) if not info.name.startswith("_")}
    assert {family.origin.rpartition(".")[2] for family in FAMILIES.values()} == modules
    assert {name.replace("-", "_") for name in FAMILIES} == modules


@every_family
@pytest.mark.parametrize("check", testing.FAMILY_CHECKS, ids=lambda check: check.__name__)
def test_conformance(family: Family, check: Callable[[Family], None]) -> None:
    check(family)


@every_family
def test_family_has_a_dimension_and_is_found_by_its_name(family: Family) -> None:
    assert "dimension" in family.parameters
    with pytest.raises(InputError, match="'dimensions' is unknown: did you mean dimension"):
        family(dimensions=3)
    assert registry.target(family.name) == family()


ALMOST_SURELY = {"ginibre": {"nonsingular"}}
"""What a member may lack, of a seed that nobody has found."""


def corners(family: Family) -> Iterator[Target]:
    """The default member, others of its seeds, those with one parameter at an end of its range, and with all there."""
    yield family()
    for seed in range(1, 6) if "seed" in family.parameters else ():
        yield family(seed=seed)
    for name, parameter in family.parameters.items():
        yield family(**{name: parameter.minimum})
        yield family(**{name: parameter.maximum})
    for end in ("minimum", "maximum"):
        yield family(**{name: getattr(parameter, end) for name, parameter in family.parameters.items()})


@pytest.mark.parametrize("name", [name for name in FAMILIES if name in DECLARED])
def test_a_trait_of_all_members_is_declared(name: str) -> None:
    """Of every family of ours: who writes another declares what its tests shall check."""
    family = FAMILIES[name]
    shared = frozenset.intersection(*(member.traits for member in corners(family)))
    assert {trait.name for trait in family.traits} == shared - ALMOST_SURELY.get(family.name, set())


def test_the_trial_has_the_four_algorithms() -> None:
    assert set(standard_trial.TRIED) == {"gradient-descent", "step-and-project", "penalized", "power-projection"}


@every_trial
def test_cited_theorem_covers_the_trial(name: str, algorithm: str) -> None:
    target, expected = FAMILIES[name](), FAMILIES[name].expected[algorithm]
    if expected.outcome == "refused":
        return
    proved = proved_outcomes(target, standard_trial.TRIED[algorithm])
    if expected.because == "observed":
        assert proved == set()
    else:
        assert (expected.outcome, expected.because) in proved


def proved_outcomes(target: Target, algorithm: Algorithm) -> set[tuple[str, str]]:
    """Outcomes of the standard trial that claims prove, at step sizes that they cover, with the claims' names.

    A normal target is also checked as its Schur blocks, whose form is exact; the outcome is the same.
    """
    found = set()
    for neighbour in exact_neighbours(target.matrix):
        for promise in promises(neighbour.matrix, standard_trial.DEPTH, algorithm, standard_trial.TOL):
            if promise.floor is not None and promise.floor > standard_trial.TOL:
                found.add(("not learned", promise.name))
            if promise.steps is not None and promise.steps <= standard_trial.MAX_STEPS:
                found.add(("learned", promise.name))
    return found


@pytest.mark.parametrize("trait", glossary.ALL)
def test_each_trait_divides_the_targets(trait: str) -> None:
    having, lacking = registry.targets(trait), registry.targets(f"not-{trait}")
    assert having
    assert lacking
    assert {target.name for target in having} | {target.name for target in lacking} == set(registry.all_families())


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


def test_unknown_algorithm() -> None:
    with pytest.raises(InputError, match="algorithm 'gradient' is unknown: did you mean gradient-descent"):
        standard_trial.observe(registry.target("rotation"), "gradient")


def test_queries_can_be_asked_twice() -> None:
    script = (
        "import catalog; [catalog.all_families(), catalog.all_claims(), catalog.all_families(), catalog.all_claims()]"
    )
    subprocess.run([sys.executable, "-c", script], check=True)


def test_clearance_of_a_negative_eigenvalue_is_exactly_zero() -> None:
    values = np.array([-0.5000000000000002, -1e-17, -1e200, 0.0, 0.25, 2.0, 1j, -1 + 1j])
    np.testing.assert_allclose(glossary.path_clearances(values), [0, 0, 0, 0, 0.25, 1, 0.5**0.5, 0.2**0.5], rtol=1e-15)
