"""Every deliberately wrong solver is caught by the claims alone, on their own draws."""

import pytest
from claim_draws import drawn
from wrong_solvers import GALLERY, corrected, scaled, with_wrong_step

import catalog
from catalog.claim import Claim
from dlr import InputError

CLAIMS = {claim.identifier: claim for claim in catalog.all_claims().values()}
STEPS = ["I10", "I10b", "I10c", "I10d"]
"""The claims that compare every step with its definition."""


def catches(claim: Claim, name: str) -> bool:
    """Whether the claim fails on one of its problems with this wrong step; one that can't be run is no catch."""
    for problem in drawn(claim.name):
        if name.startswith("correction") and not corrected(problem):
            continue
        try:
            if not claim(with_wrong_step(problem, name)).holds(claim.kind):
                return True
        except InputError:
            continue
    return False


def runs(claim: Claim) -> bool:
    """Whether the claim's check runs the problem's algorithm."""
    return claim(drawn(claim.name)[0]).engine != "direct"


@pytest.mark.parametrize("name", GALLERY)
def test_every_wrong_solver_is_caught(name: str) -> None:
    assert any(catches(claim, name) for claim in CLAIMS.values() if runs(claim))


@pytest.mark.parametrize("name", GALLERY)
@pytest.mark.parametrize("identifier", STEPS)
def test_every_wrong_solver_is_caught_by_its_steps(identifier: str, name: str) -> None:
    """Against exact arithmetic, in the algorithm that it is put into; that of I10 has no correction to get wrong."""
    assert catches(CLAIMS[identifier], name) != (identifier == "I10" and name.startswith("correction"))


@pytest.mark.parametrize("identifier", CLAIMS)
def test_every_claim_about_a_run_or_its_partner_catches_the_solver_that_never_moves(identifier: str) -> None:
    claim = CLAIMS[identifier]
    if runs(claim):
        caught = catches(claim, "never moves")
        assert caught != bool(claim.partner), "a claim that no standstill violates names its partner, and no other does"
        assert caught or catches(CLAIMS[claim.partner], "never moves")


@pytest.mark.parametrize(
    "identifier", ["P1b", "P3b", "P4", "P5b", "I4", "I10", "I10b", "I10c", "I10d", "N2a", "N3", "N4"]
)
def test_the_right_step_in_the_same_place_is_not_caught(identifier: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(GALLERY, "right", lambda: scaled(1.0))
    claim = CLAIMS[identifier]
    for problem in drawn(claim.name)[:5]:
        assert claim(with_wrong_step(problem, "right")).holds(claim.kind)
