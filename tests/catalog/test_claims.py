"""Every claim holds on its draws, and fails on those of its negative controls; test_cli_validate has named targets."""

import math
from collections.abc import Callable

import pytest
from claim_draws import drawn
from hypothesis import settings

import catalog
from catalog.app.falsification import Search
from catalog.artefact import Artefact
from catalog.claim import Claim, Evidence, Kind
from catalog.testing import CLAIM_CHECKS
from dlr import Problem

CLAIMS = list(catalog.all_claims().values())

every_claim = pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.name)
ARTEFACTS = [(claim, artefact) for claim in CLAIMS for artefact in claim.proof_only]


@every_claim
@pytest.mark.parametrize("check", CLAIM_CHECKS, ids=lambda check: check.__name__)
def test_conformance(claim: Claim, check: Callable[[Claim], None]) -> None:
    check(claim)


@every_claim
def test_rounding_is_small_beside_what_is_compared(claim: Claim) -> None:
    seen = [claim(problem) for problem in drawn(claim.name)]
    sizes = [max(abs(evidence.observed), abs(evidence.bound)) for evidence in seen]
    small = [evidence.slack <= 1e-6 * size + 1e-15 for evidence, size in zip(seen, sizes, strict=True)]
    assert sum(small) >= 0.8 * len(small)
    assert sum(evidence.bound != 0 for evidence in seen) >= 0.8 * len(seen), "a bound of 0 says little"


def allowance(claim: Claim, problem: Problem) -> float:
    """What rounding is allowed, relative to what is compared; for a claim that bounds rounding, its bound."""
    evidence = claim(problem)
    if claim.kind.bounds_rounding:
        return evidence.bound
    return evidence.slack / max(abs(evidence.bound), abs(evidence.observed))


@every_claim
def test_rounding_of_a_point_grows_no_faster_than_the_number_of_products(claim: Claim) -> None:
    """Four times the layers, at most five times the allowance: the fifth is for terms whose size also grows."""
    if claim(drawn(claim.name)[0]).engine != "direct":
        return  # along a run it grows with the steps, and is compared with what the run does
    for name in ("lehmer", "rotation", "geometric-spectrum", "identity-perturbation", "definite-plus-skew"):
        shallow, deep = (list(claim.problems(catalog.target(name).matrix, depth))[:1] for depth in (8, 32))
        for problem, deeper in zip(shallow, deep, strict=True):
            if claim.dropped(problem) == claim.dropped(deeper) == []:
                assert allowance(claim, deeper) <= 5 * allowance(claim, problem), name


@pytest.mark.parametrize(
    ("claim", "artefact"), ARTEFACTS, ids=[f"{claim.name}: {artefact.drops.name}" for claim, artefact in ARTEFACTS]
)
def test_artefact_drops_just_its_hypothesis_and_no_violation_is_found(claim: Claim, artefact: Artefact) -> None:
    tries = settings().max_examples
    search = Search(claim, artefact.drops.name, artefact.seed)
    hardest = search.run(tries, most_seconds=tries / 20)
    assert hardest is not None
    assert not hardest.violates
    assert search.outside <= search.tries, "the draws must drop the one hypothesis"


@every_claim
def test_claim_applies_to_some_named_target(claim: Claim) -> None:
    assert any(claim.applies_to(member.matrix) for member in catalog.targets())


@pytest.mark.parametrize(
    ("kind", "observed", "holds"),
    [
        (Kind.UPPER_BOUND, 1.0, True),
        (Kind.UPPER_BOUND, 1.2, False),
        (Kind.LOWER_BOUND, 1.0, True),
        (Kind.LOWER_BOUND, 0.8, False),
        (Kind.INVARIANT, 1.2, False),
        (Kind.IDENTITY, 1.2, False),
        (Kind.CONJECTURE, 1.2, False),
        (Kind.UPPER_BOUND, math.nan, False),
        (Kind.LOWER_BOUND, math.nan, False),
    ],
)
def test_evidence_holds_by_kind(kind: Kind, observed: float, holds: bool) -> None:
    assert Evidence(observed, bound=1.0, slack=0.1).holds(kind) is holds


def test_ratio_is_none_for_a_zero_bound() -> None:
    assert Evidence(0.0, bound=0.0).ratio is None
    assert Evidence(1.0, bound=4.0).ratio == 0.25
