"""The recorded ledger, the README's table and its figure are what the code says today."""

import json
import re
from html import unescape
from pathlib import Path
from types import SimpleNamespace

import pytest

import catalog
from catalog import registry
from catalog.app import ledger
from catalog.app.figures import drawing, readme
from catalog.app.validate import tasks_for
from dlr.arguments import InputError

REFRESH = "run: python -m catalog.app.ledger"


@pytest.fixture(scope="module")
def fresh(validated):
    return ledger.summarize(ledger.on_record(validated.records))


def test_ledger_lists_every_claim_and_check(fresh) -> None:
    counts = {name: (entry["targets"], entry["checks"]) for name, entry in fresh.items()}
    on_record = {name: (entry["targets"], entry["checks"]) for name, entry in ledger.recorded().items()}
    assert counts == on_record, REFRESH


def test_recorded_ratios_are_what_a_run_sees(fresh) -> None:
    ratios = {name: entry["ratio"] for name, entry in fresh.items() if "ratio" in entry}
    on_record = {name: entry["ratio"] for name, entry in ledger.recorded().items() if "ratio" in entry}
    assert ratios == pytest.approx(on_record, rel=0.02), REFRESH


def test_recorded_shares_of_the_cap_are_what_the_formulas_say() -> None:
    targets = [target for target in catalog.targets() if target.name in ledger._content()["targets"]]
    for name, entry in ledger.recorded().items():
        claim = catalog.all_claims()[name]
        problems = [task.problem for task in tasks_for([claim], targets)] if claim.contraction else []
        assert ledger.share_of_cap(claim, problems) == pytest.approx(entry.get("share_of_cap", []), rel=0.02), REFRESH
    assert ledger.recorded()["positive-definite-converges"]["share_of_cap"] == [0.5, 0.5]


def test_readme_shows_the_recorded_ledger() -> None:
    readme = ledger.README.read_text(encoding="utf-8")
    claims = [claim for claim in catalog.all_claims().values() if claim.name in ledger.recorded()]
    table = ledger.markdown(claims, ledger.recorded())
    assert ledger.with_table(readme, table) == readme, REFRESH


def test_what_is_new_is_missing_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not {*ledger.recorded()} & {*ledger.unrecorded()}
    content = ledger._content()
    less = {"targets": content["targets"][1:], "claims": dict(list(content["claims"].items())[1:])}
    before = ledger.unrecorded()
    monkeypatch.setattr(ledger, "_content", lambda: less)
    ledger.recorded.cache_clear()
    assert ledger.unrecorded() == sorted([*before, content["targets"][0], next(iter(content["claims"]))])
    ledger.recorded.cache_clear()


def test_table_goes_between_the_markers_only() -> None:
    readme = f"before\n{ledger.BEGIN}\nold\n{ledger.END}\nafter\n"
    assert ledger.with_table(readme, "new") == f"before\n{ledger.BEGIN}\n\nnew\n\n{ledger.END}\nafter\n"


def told_in(drawn: str) -> str:
    """The text alternative of a figure."""
    described = re.search(r"<desc>(.*?)</desc>", drawn)
    assert described is not None
    return unescape(described[1])


def shown_in(file: Path) -> str:
    return told_in(file.read_text(encoding="utf-8"))


def test_the_readme_shows_the_figures() -> None:
    text = ledger.README.read_text(encoding="utf-8")
    assert [file for file in readme.paths() if file.relative_to(ledger.README.parent).as_posix() not in text] == []


def test_phase_plane_shows_todays_runs() -> None:
    pytest.importorskip("vl_convert")
    drawn = readme.drawn([])
    assert list(drawn) == readme.paths()
    assert [told_in(drawn[file]) for file in readme.paths()[:2]] == [shown_in(file) for file in readme.paths()[:2]]
    for light, dark in zip(readme.paths()[::2], readme.paths()[1::2], strict=True):
        assert drawn[dark] == drawing.on_dark(drawn[light]) != drawn[light]


@pytest.mark.parametrize("file", readme.paths()[2:], ids=lambda file: file.stem)
def test_ratios_shows_the_recorded_ratios(file: Path) -> None:
    shown = {name: float(ratio) for name, ratio in re.findall(r"\b(\w+) ([\d.e+-]*\d)", shown_in(file))}
    on_record = {
        claim.identifier: ledger.recorded()[claim.name]["ratio"]
        for claim in catalog.all_claims().values()
        if ledger.recorded().get(claim.name, {}).get("ratio") is not None
    }
    assert on_record
    assert {name: shown[name] for name in on_record} == pytest.approx(on_record, rel=0.05), REFRESH


def test_the_module_is_a_command(run_module, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("catalog.app.validate.checked", None)
    assert run_module("catalog.app.ledger", "--check") == (None, "", "")


def test_an_installed_catalog_is_not_written_to(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("FILE", "README"):
        monkeypatch.setattr(ledger, name, tmp_path / "catalog" / name)
    with pytest.raises(InputError, match=r"catalog in .* is installed, not a checkout: run this in a clone"):
        ledger.main()
    assert list(tmp_path.iterdir()) == []


def test_what_is_not_on_record_makes_nothing_wrong() -> None:
    name, target = next(iter(ledger.recorded())), ledger._content()["targets"][0]
    known = SimpleNamespace(name=name, target=target)
    others = [SimpleNamespace(name="new", target=target), SimpleNamespace(name=name, target="new")]
    assert ledger.on_record([*others, known]) == [known]


@pytest.mark.parametrize("missing", ["folder", "library"])
def test_what_is_missing_is_missed_before_the_work(missing: str, tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise InputError("no library")

    monkeypatch.setattr(ledger, "tasks_for", None)
    monkeypatch.setattr(drawing, "require_library", refuse)
    folder = tmp_path / ("absent" if missing == "folder" else "")
    monkeypatch.setattr(readme, "paths", lambda: [folder / "figure.svg"])
    with pytest.raises(InputError, match=f"no {missing}"):
        ledger.main()


def test_the_command_writes_ledger_table_and_figures(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    claims = {name: registry.claim_named(name) for name in ("near-identity-converges", "margin-bounds-singular-values")}
    targets = [target for target in catalog.targets() if claims["near-identity-converges"].applies_to(target.matrix)]
    targets.append(catalog.target("lehmer"))
    figure, seen = tmp_path / "figure.svg", []
    monkeypatch.setattr(registry, "all_claims", lambda: claims)
    monkeypatch.setattr(registry, "targets", lambda: targets)
    monkeypatch.setattr(readme, "paths", lambda: [figure])
    monkeypatch.setattr(readme, "drawn", lambda records: {figure: str(seen.extend(records))})
    for name in ("FILE", "README"):
        monkeypatch.setattr(ledger, name, tmp_path / name)
    ledger.README.write_text(f"before\n{ledger.BEGIN}\n{ledger.END}\nafter\n", encoding="utf-8")
    ledger.main()
    content = json.loads(ledger.FILE.read_text(encoding="utf-8"))
    assert content["targets"] == [target.name for target in targets]
    assert list(content["claims"]) == list(claims)
    for name, entry in content["claims"].items():
        known = ledger.recorded()[name]
        assert entry["checks"] == sum(record.name == name for record in seen)
        assert [entry.get(key) for key in ("share_of_cap", "catches")] == [
            known.get(key) for key in ("share_of_cap", "catches")
        ]
    text = ledger.README.read_text(encoding="utf-8")
    assert text == ledger.with_table(text, ledger.markdown(claims.values(), content["claims"]))
    assert text.startswith(f"before\n{ledger.BEGIN}\n\n**[Bartlett")
    assert figure.read_text(encoding="utf-8") == "None"
