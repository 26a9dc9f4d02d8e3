"""Checks that a claim is what it declares, and can fail; `catalog.testing` publishes them."""

from __future__ import annotations

import importlib
import math
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from catalog.claim import Claim, Condition, Control, Evidence, Kind
from catalog.plugins import reason
from dlr import Problem

if TYPE_CHECKING:
    from hypothesis import settings

__all__: list[str] = []


def says_what_and_where_from(claim: Claim) -> None:
    """The statement is a sentence, the module holds a proof, and the source has a link."""
    assert claim.statement.endswith("."), f"the check's docstring must begin with a sentence, got {claim.statement!r}"
    module = importlib.import_module(claim.origin)
    assert "Proof" in (module.__doc__ or ""), f"the docstring of {claim.origin} must hold a proof"
    assert claim.source.link.startswith("https://"), f"source must have a link, got {claim.source.link!r}"


def each_hypothesis_can_be_dropped(claim: Claim) -> None:
    """Each hypothesis is practical, dropped by a control, or a finding: only the proof seems to need it."""
    dropped = {control.drops.name for control in claim.controls}
    names = {hypothesis.name for hypothesis in claim.hypotheses}
    assert claim.controls, "a claim that can't fail is a defect: controls must not be empty"
    artefacts = {artefact.drops.name for artefact in claim.proof_only}
    covered = dropped | artefacts | _practical(claim)
    assert covered == names, f"hypotheses are {sorted(names)}, controls and findings cover {sorted(covered)}"
    assert not dropped & artefacts, "a hypothesis that a control drops is no finding"


def answers_for_any_matrix(claim: Claim) -> None:
    """Hypotheses and problems are defined on every matrix, whatever its size and scale."""
    jordan = np.eye(3, k=1)
    for matrix in (np.ones((1, 1)), np.zeros((2, 2)), -np.eye(2), jordan, 1e-300 * jordan, 1e200 * np.eye(2)):
        try:
            list(claim.problems_for(matrix))
        except Exception as error:
            raise AssertionError(
                f"{claim.identifier} raised {reason(error)} when asked for {matrix.tolist()}"
            ) from error


def holds_where_drawn(claim: Claim) -> None:
    """Problems that Hypothesis draws satisfy all hypotheses, and the claim holds on them."""
    from hypothesis import given, settings, target

    def check(problem: Problem) -> None:
        assert claim.dropped(problem) == [], f"a drawn problem does not satisfy {claim.dropped(problem)}"
        evidence = claim(problem)
        if evidence.ratio is not None and math.isfinite(evidence.ratio):
            target(-evidence.ratio if claim.kind is Kind.LOWER_BOUND else evidence.ratio, label="toward the bound")
        assert evidence.holds(claim.kind), f"{claim.identifier} is violated: {evidence}"

    check.__annotations__["problem"] = claim.name  # else all claims are one in Hypothesis's database of examples
    settings(deadline=None)(given(claim.draws())(check))()


def looks_and_leaves_no_trace(claim: Claim) -> None:
    """The check returns evidence, the same again on a second call, and changes neither target nor start."""
    from hypothesis import given, settings

    @settings(deadline=None, max_examples=5)
    @given(claim.draws())
    def check(problem: Problem) -> None:
        before = problem.target.copy(), problem.start.copy()
        evidence, again = claim(problem), claim(problem)
        assert isinstance(evidence, Evidence), f"the check must return Evidence, got {evidence!r}"
        same = repr((evidence.observed, evidence.bound)) == repr((again.observed, again.bound))  # NaN is the same, too
        assert same, f"the check must observe the same on a second call, got {evidence} and {again}"
        assert np.array_equal(before[0], problem.target), "the check must not change the target"
        assert np.array_equal(before[1], problem.start), "the check must not change the start"

    check()


def controls_drop_just_their_hypothesis(claim: Claim) -> None:
    """Problems of a control satisfy all hypotheses but the one that it drops; practical ones don't count."""
    for control in claim.controls:
        _drops_just_its_hypothesis(claim, control)


def _drops_just_its_hypothesis(claim: Claim, control: Control) -> None:
    from hypothesis import given, settings

    @settings(deadline=None, max_examples=20)
    @given(control.draws())
    def check(problem: Problem) -> None:
        dropped = [name for name in claim.dropped(problem) if name not in _practical(claim)]
        wanted = control.drops.name
        assert dropped == [wanted], f"control {control.name!r} must drop just {wanted!r}, drops {dropped}"

    check()


def controls_find_a_violation(claim: Claim) -> None:
    """The claim is violated by a problem of each control."""
    for control in claim.controls:
        assert _finds_a_violation(claim, control), f"control {control.name!r} finds no violation in 1,000 problems"


class _Found(BaseException):
    """A violation; no `Exception`, so that Hypothesis ends its search at once, and does not run and print it again."""


def _finds_a_violation(claim: Claim, control: Control) -> bool:
    from hypothesis import given

    @_long_search()
    @given(control.draws())
    def search(problem: Problem) -> None:
        if not claim(problem).holds(claim.kind):
            raise _Found

    try:
        search()
    except _Found:
        return True
    return False


def _long_search() -> settings:
    """Without health checks, as in `hypothesis.find`: draws may be slow, or seldom fit, if only one is a violation."""
    from hypothesis import HealthCheck, Phase, settings

    return settings(
        max_examples=1000,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )


CLAIM_CHECKS: tuple[Callable[[Claim], None], ...] = (
    says_what_and_where_from,
    each_hypothesis_can_be_dropped,
    answers_for_any_matrix,
    holds_where_drawn,
    looks_and_leaves_no_trace,
    controls_drop_just_their_hypothesis,
    controls_find_a_violation,
)


def _practical(claim: Claim) -> set[str]:
    return {h.name for h in claim.hypotheses if isinstance(h, Condition) and h.practical}
