"""Checks that families and algorithms are what they declare; `catalog.testing` publishes them."""

from __future__ import annotations

import inspect
import itertools
import math
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from catalog import registry, standard_trial
from catalog import traits as glossary
from catalog.family import REFUSED, Family, Target
from dlr import Algorithm, network, spectral
from dlr._steps import next_eigenvalues, next_layers
from dlr.algorithms import ReducibleAlgorithm
from dlr.arguments import InputError, brief
from dlr.types import Array

__all__: list[str] = []


def check_member(family: Family, target: Target) -> None:
    """Check what must hold for every member of a family."""
    matrix = target.matrix
    assert matrix.dtype == np.float64
    assert not matrix.flags.writeable
    assert np.all(np.isfinite(matrix))
    if "dimension" in target.parameters:
        assert matrix.shape == (target.parameters["dimension"],) * 2, f"{target.name} has shape {matrix.shape}"
    missing = {trait.name: trait.evidence(matrix) for trait in family.traits if not trait.holds(matrix)}
    assert missing == {}, f"{target.name} lacks traits that its family declares: {missing}"
    if glossary.symmetric in family.traits:
        np.testing.assert_array_equal(matrix, matrix.T, err_msg=f"{target.name} must be symmetric to the bit")
    _, written = registry.parsed(target.name)
    again = family(**written)
    np.testing.assert_array_equal(again.matrix, matrix, err_msg=f"{target.name} is not made again by its name")
    assert again == target


def documented(family: Family) -> None:
    """The family has a source, a first line that is a sentence, an explanation, and a module docstring."""
    assert len(family.source) > 10, f"source must be a reference, got {family.source!r}"
    assert family.description.endswith("."), f"first line of the docstring must be a sentence: {family.description!r}"
    assert len(inspect.cleandoc(family.build.__doc__ or "").split("\n\n")) >= 2, "say what each algorithm does, and why"
    module = inspect.getmodule(family.build)
    assert inspect.getdoc(module), f"the module of {family.name} needs a docstring"


def parameters_are_the_functions(family: Family) -> None:
    """The function's parameters are the declared ones and keyword-only; the default member has the defaults."""
    signature = inspect.signature(family.build).parameters.values()
    names = [parameter.name for parameter in signature]
    assert names == list(family.parameters), f"declared {list(family.parameters)}, the function takes {names}"
    kinds = {parameter.kind for parameter in signature}
    assert kinds <= {inspect.Parameter.KEYWORD_ONLY}, f"parameters of {family.name} must be keyword-only"
    assert family().parameters == {name: parameter.default for name, parameter in family.parameters.items()}


def default_member(family: Family) -> None:
    """The default member has the name of its family and conforms."""
    assert family().name == family.name
    check_member(family, family())


def members_at_the_corners(family: Family) -> None:
    """Members where each parameter is at an end of its range."""
    ends = [(parameter.minimum, parameter.maximum) for parameter in family.parameters.values()]
    for values in itertools.product(*ends):
        check_member(family, family(**dict(zip(family.parameters, values, strict=True))))


def drawn_members(family: Family) -> None:
    """Members at parameters that Hypothesis draws."""
    from hypothesis import given, settings

    @settings(deadline=None)
    @given(family.strategy())
    def check(target: Target) -> None:
        check_member(family, target)

    check()


def seed_matters(family: Family) -> None:
    """A seed changes the matrix."""
    if "seed" in family.parameters:
        assert not np.array_equal(family().matrix, family(seed=1).matrix), "seed changes nothing"


def parameter_out_of_range(family: Family) -> None:
    """A value out of range is refused by name, with the value."""
    for name, limits in family.parameters.items():
        for value in (limits.minimum - 1 - abs(limits.minimum), limits.maximum + 1 + abs(limits.maximum)):
            written = str(value) if limits.integral else f"{value:g}"
            _refuses(family, {name: value}, rf"{name} must .*got {re.escape(written)}:")


def parameter_of_the_wrong_kind(family: Family) -> None:
    """A value of the wrong kind is refused by name, with the value."""
    wrong: list[Any] = [math.nan, math.inf, "1", None, True, 1j]
    for name, value in itertools.product(family.parameters, wrong):
        _refuses(family, {name: value}, rf"{name} must be .*got {re.escape(repr(value))}")


def unknown_parameter(family: Family) -> None:
    """An unknown parameter is refused, with the nearest names."""
    _refuses(family, {"dimensions": 3}, f"parameter of {re.escape(family.name)} 'dimensions' is unknown: ")


def expected_covers_the_algorithms(family: Family) -> None:
    """There is an expectation for each of the four algorithms."""
    wanted = list(standard_trial.TRIED)
    assert list(family.expected) == wanted, f"expected must be of {wanted}, got {list(family.expected)}"


def expected_outcomes_are_observed(family: Family) -> None:
    """Each algorithm does what is expected; power projection refuses exactly the targets without a margin."""
    default = family()
    for algorithm, expected in family.expected.items():
        without = algorithm == "power-projection" and "margin-positive" not in default.traits
        assert (expected == REFUSED) == without, f"{algorithm} refuses exactly targets without margin"
        assert (expected.outcome == "refused") == without
        seen = standard_trial.observe(default, algorithm)
        assert seen == expected.outcome, f"{algorithm} on {family.name}: expected {expected.outcome!r}, saw {seen!r}"


def expectations_have_reasons(family: Family) -> None:
    """Each expectation rests on a claim, an observation or a reference with its year."""
    for algorithm, expected in family.expected.items():
        known = {"observed", REFUSED.because, *registry.all_claims()}
        assert expected.because in known or re.fullmatch(r".+ \d{4}\b.*", expected.because), (
            f"{algorithm} on {family.name}: {expected.because!r} is no claim, 'observed' or reference with a year"
        )


FAMILY_CHECKS: tuple[Callable[[Family], None], ...] = (
    documented,
    parameters_are_the_functions,
    default_member,
    members_at_the_corners,
    drawn_members,
    seed_matters,
    parameter_out_of_range,
    parameter_of_the_wrong_kind,
    unknown_parameter,
    expected_covers_the_algorithms,
    expected_outcomes_are_observed,
    expectations_have_reasons,
)


def _refuses(family: Family, parameters: dict[str, Any], pattern: str) -> None:
    try:
        family(**parameters)
    except InputError as error:
        answer = str(error)
    else:
        answer = "nothing"
    assert re.search(pattern, answer), f"{family.name}({parameters}) should raise {pattern!r}, raised {answer}"


@contextmanager
def _failing_here() -> Iterator[None]:
    """An AssertionError in place of an `InputError`."""
    try:
        yield
    except InputError as error:
        raise AssertionError(str(error)) from error


def check_algorithm(algorithm: Algorithm | type[Algorithm]) -> None:
    """Run the conformance suite of algorithms, on an instance or on a class whose arguments have defaults.

    Raises
    ------
    AssertionError
        If the algorithm does not follow `dlr.algorithms.Algorithm`, changes its arguments, returns another result on
        a second call, or if its ``reduced_step`` disagrees with its ``step`` on a normal target.
    """
    made: Any = algorithm() if isinstance(algorithm, type) else algorithm
    assert isinstance(made, Algorithm), f"{brief(made)} lacks name, step_size or step"
    assert isinstance(made.name, str), f"name must be a string, got {brief(made.name)}"
    assert inspect.getdoc(type(made)), f"{made.name} needs a docstring"
    target, depth, eta = np.diag([2.0, 0.5, 1.5]), 3, 0.01
    target[:2, :2] = [[1.0, -0.5], [0.5, 1.0]]  # normal: a turn and an eigenvalue
    spectrum = spectral.spectrum(target)
    layers: Array = network.identity_layers(target, depth)
    z = np.ones_like(spectrum.eigenvalues)
    for _ in range(5):
        _, gradients = network.loss_and_gradients(layers, target)
        with _failing_here():
            following = next_layers(made, layers, gradients, eta)
        assert np.all(np.isfinite(following)), "step must return finite layers here"
        with _failing_here():
            again = next_layers(made, layers, gradients, eta)
        assert np.array_equal(following, again), "step must give the same answer on a second call"
        if isinstance(made, ReducibleAlgorithm):
            _, reduced = spectral.loss_and_gradients(z, spectrum, depth)
            with _failing_here():
                z = next_eigenvalues(made, z, reduced, eta, depth)
            gap = float(np.max(np.abs(following - spectrum.matrix(z))))
            assert gap <= 1e-12, f"reduced_step and step disagree by {gap:.3g} on a normal target"
        layers = following
