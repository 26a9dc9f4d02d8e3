"""Every hypothesis of every claim has a counterexample on record, and each violates the claim again."""

import json
import math

import pytest

from catalog import registry
from catalog.app import counterexamples, hardest, ledger
from catalog.app.attempt import Try
from catalog.app.falsification import Search
from catalog.claim import Claim, Evidence
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


def test_a_search_has_so_many_tries_and_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    monkeypatch.setattr(Search, "run", lambda search, *limits: asked.append((search.seed, *limits)))
    assert counterexamples.searched(registry.claim_named("P3"), "identity start") is None
    assert asked == [(counterexamples.SEED, counterexamples.TRIES, counterexamples.SECONDS)]


def test_an_installed_catalog_is_not_written_to(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counterexamples, "FILE", tmp_path / "catalog" / "counterexamples.json")
    with pytest.raises(InputError, match=r"catalog in .* is installed, not a checkout: run this in a clone"):
        counterexamples.main([])
    assert list(tmp_path.iterdir()) == []


def test_the_command_rewrites_those_of_the_claims_named(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "catalog" / "counterexamples.json"
    file.parent.mkdir()
    (tmp_path / "pyproject.toml").touch()
    file.write_text(json.dumps([*RECORDS.values(), {"claim": "gone", "without": "all"}]), encoding="utf-8")
    monkeypatch.setattr(counterexamples, "FILE", file)
    claim = registry.claim_named("P1")
    first, *others = [without for identifier, without in RECORDS if identifier == "P1"]
    asked, record = [], RECORDS["P1", others[0]]

    def searched(claim: Claim, without: str) -> Try | None:
        asked.append((claim.identifier, without))
        found = Try(claim, hardest.recorded_problem(record), Evidence(math.inf, 2.0))
        return found if without == first else None

    monkeypatch.setattr(counterexamples, "searched", searched)
    counterexamples.main(["P1"])
    assert asked == [("P1", without) for without in (first, *others)]
    written = counterexamples.on_record()
    assert list(written) == [key for key in counterexamples.wanted() if key in RECORDS]
    assert {key: record for key, record in written.items() if key != ("P1", first)} == {
        key: record for key, record in RECORDS.items() if key != ("P1", first)
    }
    changed = written["P1", first]
    assert (changed["observed"], changed["bound"], changed["without"], changed["ratio"]) == ("inf", 2.0, first, "inf")
    assert claim.name not in changed.values()
    text = file.read_text(encoding="utf-8")
    assert text.startswith('[\n{"claim": ')
    assert text.endswith("}\n]\n")
    assert text.count("\n") == len(written) + 2
    asked.clear()
    counterexamples.main([])
    assert asked == list(counterexamples.wanted())


def test_the_module_is_a_command(run_module) -> None:
    assert run_module("catalog.app.counterexamples", "--check") == (None, "", "")
    refused = "counterexamples: error: claim 'P99' is unknown"
    assert run_module("catalog.app.counterexamples", "P99")[0].startswith(refused)


@pytest.mark.parametrize(("module", "found"), [(counterexamples, "P9 without all"), (ledger, "a-claim")])
def test_the_command_rewrites_or_says_what_is_missing(module, found: str, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    monkeypatch.setattr(module, "main", lambda *names: asked.append(names))
    missing = {("P9", "all"): None} if module is counterexamples else ["a-claim"]
    monkeypatch.setattr(module, "wanted" if module is counterexamples else "unrecorded", lambda: missing)
    with pytest.raises(SystemExit, match=rf"{module.__name__.rpartition('.')[2]}: {found} not on record: "):
        module.run(["--check"])
    assert asked == []
    module.run(["P1"])
    assert asked == ([(["P1"],)] if module is counterexamples else [()])
    missing.clear()
    module.run(["--check"])
    assert len(asked) == 1

    def refuse(*names: object) -> None:
        raise InputError("no checkout")

    monkeypatch.setattr(module, "main", refuse)
    with pytest.raises(SystemExit, match=r"^\w+: error: no checkout$"):
        module.run([])
