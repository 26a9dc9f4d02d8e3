"""Targets and families as objects: what they are compared by, and what they refuse."""

import numpy as np
import pytest

import catalog
from catalog import conformance, traits
from catalog.family import REFUSED, Expectation, Family, Target, learned, not_learned
from catalog.parameters import count, real
from dlr import InputError


def test_a_target_is_told_by_name_family_and_parameters() -> None:
    first, second = Target.of("a", np.eye(2)), Target.of("a", 2 * np.eye(2))
    assert first == second, "a family makes one matrix of each name"
    assert first != Target.of("b", np.eye(2))
    assert catalog.target("rotation") == catalog.target("rotation")
    assert catalog.target("rotation") != catalog.target("rotation", angle=1.5)


def test_a_target_of_no_family_owns_its_matrix() -> None:
    matrix = np.array([[2.0, 0.0], [0.0, 1.0]])
    made = Target.of("a", matrix)
    matrix[0, 0] = 5.0
    assert made.matrix.tolist() == [[2.0, 0.0], [0.0, 1.0]]
    assert not made.matrix.flags.writeable
    assert (made.family, made.parameters) == ("", {})
    assert made.traits == traits.of(made.matrix)


def test_what_conformance_tries_is_out_of_a_range_that_ends_at_0_or_far_away() -> None:
    @Family.define(
        source="made up for this test",
        parameters={"low": real(-1.0, -1e300, 0.0), "high": real(1.0, 0.0, 1e300)},
        expected={"gradient-descent": learned("observed")},
    )
    def wide(*, low: float, high: float) -> np.ndarray:
        """The identity."""
        return np.eye(2)

    conformance.parameter_out_of_range(wide)


def test_a_family_makes_members_from_its_parameters() -> None:
    @Family.define(
        source="made up for this test",
        parameters={"size": count(2, 1, 4), "scale": real(1.0, 0.5, 2.0)},
        expected={"gradient-descent": learned("observed")},
    )
    def scaled_identity(*, size: int, scale: float) -> np.ndarray:
        """Multiples of the identity."""
        return scale * np.eye(size)

    assert (scaled_identity.name, scaled_identity.revision) == ("scaled-identity", 1)
    assert scaled_identity.origin == __name__
    assert scaled_identity.description == "Multiples of the identity."
    member = scaled_identity(size=3, scale=2)
    assert (member.name, member.family) == ("scaled-identity(size=3, scale=2.0)", "scaled-identity")
    assert member.parameters == {"size": 3, "scale": 2.0}
    assert member.matrix.tolist() == (2 * np.eye(3)).tolist()
    assert scaled_identity(size=2).name == "scaled-identity"
    assert "positive-definite" in member.traits
    for parameters, message in (
        ({"size": 5}, "size must be at most 4, got 5"),
        ({"scale": 3.0}, "scale must be a number >= 0.5 <= 2, got 3"),
        ({"sise": 3}, "parameter of scaled-identity 'sise' is unknown: did you mean size or scale?"),
    ):
        with pytest.raises(InputError) as caught:
            scaled_identity(**parameters)
        assert str(caught.value).startswith(message)


def test_what_a_family_builds_is_checked() -> None:
    def family(build) -> Family:
        return Family("odd", build, "made up", (), {}, {}, 1, __name__)

    with pytest.raises(InputError, match=r"matrix of odd must be square, got shape \(1, 2\)"):
        family(lambda: [[1.0, 2.0]])()
    with pytest.raises(InputError, match=r"target odd can't be built \(ZeroDivisionError: .*\): its family is broken"):
        family(lambda: 1 / 0)()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Target("a", "", {"x": "1"}, np.eye(1), frozenset()), "parameters must map strings to int or float"),
        (lambda: Target("a", "", {}, np.eye(1), {"symmetric"}), "traits must be of type frozenset"),
        (lambda: Target.of("a", [[1.0, 2.0]]), "matrix of a must be square, got shape (1, 2)"),
        (lambda: Expectation("lost", "observed"), "outcome 'lost' is unknown: "),
        (lambda: Expectation("learned", 3), "because must be a string, got 3"),
    ],
)
def test_what_is_no_target_or_expectation_is_refused(make, message: str) -> None:
    with pytest.raises(InputError) as caught:
        make()
    assert str(caught.value).startswith(message)


def test_expectations_say_what_is_learned() -> None:
    assert learned("P3") == Expectation("learned", "P3")
    assert not_learned("P4") == Expectation("not learned", "P4")
    assert REFUSED.outcome == "refused"
