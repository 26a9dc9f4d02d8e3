"""Families of targets: a function from parameters to a matrix, with what is known about all members."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

import numpy as np

from catalog import traits as glossary
from catalog.parameters import Parameter
from catalog.traits import Trait
from dlr import _html
from dlr._arrays import square_matrix
from dlr.arguments import InputError, function, instance, instances, integer, mapping, one_of, settle, text
from dlr.types import ArrayInput, Matrix

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy


__all__ = ["REFUSED", "Expectation", "Family", "Target", "learned", "not_learned"]

OUTCOMES = ("learned", "not learned", "refused")
"""What `Expectation.outcome` may be."""


@dataclass(frozen=True)
class Target:
    """A named target.

    Attributes
    ----------
    name : str
        The family's name, with the parameters that differ from their defaults: ``rotation(angle=1.5)``.
    family : str
        Empty for a matrix of no family.
    parameters : mapping of str to int or float
    matrix : ndarray, shape (d, d)
        Read-only.
    traits : frozenset of str
        Recomputed from the matrix.
    """

    name: str
    family: str
    parameters: Mapping[str, float]
    matrix: Matrix = field(compare=False)
    traits: frozenset[str] = field(compare=False)

    def __post_init__(self) -> None:
        text("name", self.name)
        text("family", self.family)
        mapping("parameters", self.parameters, int, float)
        settle(self, matrix=square_matrix("matrix", self.matrix))
        instance("traits", self.traits, frozenset)

    def __repr__(self) -> str:
        return f"<target {self.name}, {len(self.matrix)} x {len(self.matrix)}>"

    def _repr_html_(self) -> str:
        """What notebooks show."""
        title = f"{self.name}, {len(self.matrix)} x {len(self.matrix)}"
        return _html.card(title, [("matrix", _html.matrix(self.matrix)), ("traits", sorted(self.traits))])

    @classmethod
    def of(cls, name: str, matrix: ArrayInput) -> Target:
        """A target of no family, with traits computed from its matrix.

        Raises
        ------
        InputError
            If ``matrix`` is not one finite real square matrix.
        """
        own = np.array(square_matrix(f"matrix of {text('name', name)}", matrix))
        own.setflags(write=False)
        return cls(name, "", {}, own, glossary.of(own))


@dataclass(frozen=True)
class Expectation:
    """What an algorithm does with a family's default target, and on what evidence.

    Attributes
    ----------
    outcome : {"learned", "not learned", "refused"}
        Whether the excess loss falls below the tolerance; power projection refuses targets without margin.
    because : str
        The claim or reference that proves it, or ``"observed"``.
    """

    outcome: Literal["learned", "not learned", "refused"]
    because: str

    def __post_init__(self) -> None:
        one_of("outcome", self.outcome, OUTCOMES)
        text("because", self.because)


@dataclass(frozen=True, eq=False)
class Family:
    """A family of targets; call it with parameters to get a `Target`.

    Attributes
    ----------
    name : str
    build : callable
        From keyword parameters to a (d, d) array.
    source : str
        Where the family comes from.
    traits : tuple of Trait
        Traits that every member has, at all admissible parameters.
    parameters : mapping of str to Parameter
    expected : mapping of str to Expectation
        By algorithm name.
    revision : int
        Raised when the definition changes, so that benchmark history starts anew.
    origin : str
        The module that defines it.
    """

    name: str
    build: Callable[..., Matrix]
    source: str
    traits: tuple[Trait, ...]
    parameters: Mapping[str, Parameter]
    expected: Mapping[str, Expectation]
    revision: int
    origin: str

    def __post_init__(self) -> None:
        text("name", self.name)
        function("build", self.build)
        text("source", self.source)
        instances("traits", self.traits, Trait)
        mapping("parameters", self.parameters, Parameter)
        mapping("expected", self.expected, Expectation)
        integer("revision", self.revision)
        text("origin", self.origin)

    @property
    def description(self) -> str:
        """First line of the family's docstring."""
        return (self.build.__doc__ or "").strip().split("\n")[0]

    def __call__(self, **parameters: float) -> Target:
        """Build the member with the given parameters and defaults for the rest.

        Raises
        ------
        InputError
            If a parameter is unknown or out of range.
        """
        name, values, matrix = self.member(**parameters)
        return replace(Target.of(name, matrix), family=self.name, parameters=values)

    def member(self, **parameters: float) -> tuple[str, dict[str, float], Matrix]:
        """Name, parameters and matrix of the member with these parameters and defaults for the rest.

        This is a `Target` without its traits, which take longer than all else.

        Raises
        ------
        InputError
            If a parameter is unknown or out of range.
        """
        for name in parameters:
            one_of(f"parameter of {self.name}", name, self.parameters)
        values = {
            name: parameter.checked(name, parameters.get(name, parameter.default))
            for name, parameter in self.parameters.items()
        }
        changed = [f"{k}={v!r}" for k, v in values.items() if v != self.parameters[k].default]
        name = self.name + (f"({', '.join(changed)})" if changed else "")
        try:
            return name, values, square_matrix(f"matrix of {name}", self.build(**values))
        except InputError:
            raise
        except Exception as error:  # another's function may raise anything
            reason = f"{type(error).__name__}: {error}"
            raise InputError(f"target {name} can't be built ({reason}): its family is broken") from error

    def strategy(self) -> SearchStrategy[Target]:
        """Draw members over all admissible parameters."""
        from hypothesis import strategies as st  # loaded where it is used: 0.3 s

        return st.builds(self, **{name: parameter.strategy() for name, parameter in self.parameters.items()})

    @staticmethod
    def define(
        *,
        source: str,
        traits: tuple[Trait, ...] = (),
        parameters: Mapping[str, Parameter],
        expected: Mapping[str, Expectation],
        revision: int = 1,
    ) -> Callable[[Callable[..., Matrix]], Family]:
        """Turn a function that builds a matrix into a `Family` named after it, with hyphens for underscores.

        Raises
        ------
        InputError
            If an argument is not what `Family` asks for.
        """
        declared = Family("", _undefined, source, traits, parameters, expected, revision, "")

        def decorate(build: Callable[..., Matrix]) -> Family:
            name = function("build", build).__name__.replace("_", "-")
            return replace(declared, name=name, build=build, origin=build.__module__)

        return decorate


def _undefined() -> Matrix:
    """Stands for the function of a family that is being defined."""
    raise NotImplementedError


def learned(because: str) -> Expectation:
    """The algorithm reaches the tolerance."""
    return Expectation("learned", because)


def not_learned(because: str) -> Expectation:
    """The algorithm does not reach the tolerance."""
    return Expectation("not learned", because)


REFUSED = Expectation("refused", "power projection needs a positive margin")
