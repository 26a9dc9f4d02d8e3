"""Every hypothesis of every claim has a counterexample on record, and each violates the claim again."""

import pytest

from catalog import registry
from catalog.app import counterexamples, hardest
from catalog.app.falsification import Search
from dlr.arguments import InputError

RECORDS = counterexamples.on_record()
REFRESH = "run: python -m catalog.app.counterexamples CLAIM"


def test_a_claim_on_record_has_one_for_each_hypothesis_that_a_control_drops() -> None:
    claims = {identifier for identifier, _ in RECORDS}
    assert {key for key in counterexamples.wanted() if key[0] in claims} == set(RECORDS), REFRESH
    assert len(claims) > 40


@pytest.mark.parametrize("key", sorted(RECORDS), ids=" without ".join)
def test_it_violates_the_claim_without_that_hypothesis_alone(key: tuple[str, str]) -> None:
    identifier, without = key
    search = Search(registry.claim_named(identifier), without)
    tried = search.checked(hardest.recorded_problem(RECORDS[key]))
    assert tried is not None, REFRESH
    assert tried.violates, REFRESH


def test_a_search_finds_the_one_on_record() -> None:
    claim = registry.claim_named("P3")
    found = counterexamples.searched(claim, "identity start")
    assert found is not None
    assert counterexamples.described(found, "identity start") == RECORDS["P3", "identity start"], REFRESH


def test_an_installed_catalog_is_not_written_to(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counterexamples, "FILE", tmp_path / "catalog" / "counterexamples.json")
    with pytest.raises(InputError, match=r"catalog in .* is installed, not a checkout: run this in a clone"):
        counterexamples.main([])
    assert list(tmp_path.iterdir()) == []
