"""A claim as an object: which problems it has, what it covers and promises, where it stands in a list."""

import math
from collections.abc import Iterable, Iterator
from dataclasses import replace

import numpy as np
import pytest

from catalog import traits
from catalog.claim import ALWAYS, IN_RANGE, Claim, Condition, Contraction, Control, Evidence, Kind
from catalog.sources import bhl
from dlr import GradientDescent, InputError, Problem
from dlr.types import Matrix

SHORT = Condition("at most 3 layers", lambda problem: problem.depth <= 3)
QUICK = Condition("tolerance above 0", lambda problem: problem.tol > 0, practical=True)
SHEAR = np.array([[1.0, 1.0], [0.0, 1.0]])


def problems(target: Matrix, depth: int) -> Iterator[Problem]:
    yield Problem(target, depth, GradientDescent(0.1))


@Claim.define(
    "C9",
    source=bhl("theorem 1"),
    kind=Kind.UPPER_BOUND,
    hypotheses=(traits.symmetric, SHORT, QUICK),
    quantity="depth",
    problems=problems,
    draws=lambda: None,
    largest_step_size=lambda problem: 0.5,
    contraction=lambda problem: Contraction(1.0, 0.1, 0.0),
    floor=lambda problem: 0.25,
)
def small_depth(problem: Problem) -> Evidence:
    """The depth is at most
    its square.

    And so on.
    """
    return Evidence(problem.depth, problem.depth**2)


def at(target: Iterable, depth: int = 2, step_size: float | None = 0.1, **options: object) -> Problem:
    return Problem(np.array(target), depth, GradientDescent(step_size), **options)


def test_a_claim_is_named_after_its_check() -> None:
    assert (small_depth.identifier, small_depth.name, small_depth.origin) == ("C9", "small-depth", __name__)
    assert small_depth.statement == "The depth is at most its square."
    assert small_depth.depths == (2, 5, 8)
    assert small_depth(at(np.eye(2), 3)) == Evidence(3, 9)


def test_hypotheses_that_a_problem_drops_are_told() -> None:
    assert small_depth.dropped(at(np.eye(2))) == []
    assert small_depth.dropped(at(SHEAR, 4, tol=0.0)) == ["symmetric", SHORT.name, QUICK.name]
    assert small_depth.dropped(at(np.eye(2), engine="single")) == ["double precision"]
    assert small_depth.dropped(at(1e151 * np.eye(2))) == [IN_RANGE.name]


@pytest.mark.parametrize(
    ("largest", "within"), [(0.0, True), (1e-150, True), (0.9e-150, False), (1e150, True), (1.1e150, False)]
)
def test_entries_are_0_or_of_a_scale_whose_squares_are_numbers(largest: float, within: bool) -> None:
    for sign in (1, -1):
        assert IN_RANGE.holds(at([[sign * largest, 0.0], [0.0, 0.0]])) is within
        assert list(small_depth.problems_for([[sign * largest, 0.0], [0.0, 0.0]])) != [] or not within


def test_what_only_keeps_checks_short_is_no_part_of_the_theorem() -> None:
    assert small_depth.covers(at(np.eye(2), tol=0.0))
    for outside in (at(SHEAR), at(np.eye(2), 4), at(1e151 * np.eye(2)), at(np.eye(2), engine="single")):
        assert not small_depth.covers(outside)
    assert len(ALWAYS) == 2


def test_problems_are_those_inside_the_hypotheses_at_each_depth() -> None:
    claim = replace(small_depth, depths=(1, 3, 4))
    assert [problem.depth for problem in claim.problems_for(np.eye(2))] == [1, 3]
    assert not claim.applies_to(SHEAR)
    assert not claim.applies_to(1e200 * np.eye(2))
    assert claim.applies_to(np.zeros((2, 2)))
    nearly = np.array([[2.0, 0.5 * (1 + 2.0**-52)], [0.5, 1.0]])
    assert [problem.target.tolist() for problem in claim.problems_for(nearly)] == [
        ((nearly + nearly.T) / 2).tolist(),
        ((nearly + nearly.T) / 2).tolist(),
    ], "the nearest symmetric matrix"


def test_a_promise_has_the_largest_step_size_where_none_is_given() -> None:
    made = small_depth.promise(at(np.eye(2), step_size=None, tol=0.5))
    assert (made.claim, made.name, made.step_size, made.largest_step_size) == ("C9", "small-depth", 0.5, 0.5)
    assert (made.steps, made.floor) == (0, pytest.approx(0.25, rel=1e-12))
    assert small_depth.promise(at(np.eye(2), step_size=0.1)).step_size == 0.1
    free = replace(small_depth, largest_step_size=lambda problem: math.inf)
    assert free.promise(at(np.eye(2), step_size=None)).step_size == 0.25, "the default"
    for none in (0.0, -1.0, math.nan):
        assert (
            replace(small_depth, largest_step_size=lambda _, none=none: none).promise(at(np.eye(2), step_size=None))
            is None
        )


def test_a_promise_needs_the_hypotheses_and_something_to_promise() -> None:
    assert small_depth.promise(at(SHEAR)) is None
    assert small_depth.promise(at(np.eye(2), tol=0.0)).steps is not None, "a practical limit is none of the theorem"
    bare = replace(small_depth, contraction=None, floor=None)
    assert not bare.promises_something
    assert bare.promise(at(np.eye(2))) is None
    open_question = replace(small_depth, kind=Kind.CONJECTURE)
    assert not open_question.promises_something
    assert open_question.promise(at(np.eye(2))) is None
    assert replace(small_depth, largest_step_size=None).promise(at(np.eye(2))) is None
    steps = replace(small_depth, floor=None)
    assert steps.promises_something
    assert steps.promise(at(np.eye(2))).floor is None
    floor = replace(small_depth, contraction=None)
    assert floor.promises_something
    assert floor.promise(at(np.eye(2))).steps is None
    rounded = replace(steps, contraction=lambda problem: Contraction(1.0, 0.1, 1.0))
    assert rounded.promise(at(np.eye(2))) is None, "rounding is above the tolerance"
    assert replace(floor, floor=lambda problem: 1e-40).promise(at(np.eye(2))).floor == 0, "rounding may take all of it"


def test_claims_stand_in_the_order_of_their_letters_and_numbers_and_those_of_others_last() -> None:
    wanted = ["P1", "P3", "P3b", "P10", "H1a", "I2", "N7", "C1", "a.P1", "b-2.C9"]
    made = [replace(small_depth, identifier=identifier) for identifier in wanted]
    assert [claim.identifier for claim in sorted(made[::-1], key=lambda claim: claim.order)] == wanted


@pytest.mark.parametrize("identifier", ["p1", "X1", "P", "1", "P1bb", "P1B", ".P1", "a b.P1", "-a.P1", "P1 "])
def test_what_is_no_identifier_is_refused(identifier: str) -> None:
    with pytest.raises(InputError, match=r"identifier .* must be P, H, I, N or C and a number"):
        replace(small_depth, identifier=identifier)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: replace(small_depth, hypotheses=(3,)), "hypotheses must be a tuple of Trait or Condition, got (3,)"),
        (lambda: replace(small_depth, depths=(0,)), "depths must be at least 1, got 0"),
        (lambda: replace(small_depth, symbols=(("h",),)), "symbols must be pairs, got ('h',)"),
        (lambda: replace(small_depth, floor=3), "floor must be a function, got 3"),
        (lambda: replace(small_depth, partner=3), "partner must be a string, got 3"),
        (lambda: Control("a", 3, lambda: None), "drops must be of type Trait or Condition, got 3"),
        (lambda: Condition("a", lambda _: True, practical=1), "practical must be a bool, got 1"),
    ],
)
def test_what_is_no_part_of_a_claim_is_refused(make, message: str) -> None:
    with pytest.raises(InputError) as caught:
        make()
    assert str(caught.value).startswith(message)
