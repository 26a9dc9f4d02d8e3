"""The site has a place for every claim, family, trait and command, and each place is written once."""

from collections import Counter

import pytest

import pages
from catalog import registry, traits


@pytest.fixture(scope="module")
def site() -> dict[str, str]:
    """The text of every page, by its path."""
    return dict(pages.all_pages())


def test_each_thing_is_on_one_page(site):
    wanted = [
        *(f".. _claim-{name}:" for name in registry.all_claims()),
        *(f".. _target-{name}:" for name in registry.all_families()),
        *(f"``{name}``" for name in traits.ALL),
        *(f".. py:currentmodule:: {name}" for name in ("dlr", "catalog", "dlr.network", "catalog.testing")),
        *(f"dlr {command}" for command in ("validate", "solve", "falsify", "sweep", "sweep show")),
        "# Benchmarks",
        "# Where things are",
    ]
    lines = Counter(line for text in site.values() for line in text.splitlines())
    assert {line: lines[line] for line in wanted if lines[line] != 1} == {}


def test_every_command_shows_its_help(site):
    text = site["reference/commands.rst"]
    commands = [line for line in text.splitlines() if line.startswith("dlr ")]
    assert commands
    assert all(f"   usage: {command} [-h]" in text for command in commands)


def test_every_hypothesis_and_control_is_shown(site):
    for claim in registry.all_claims().values():
        text = site[f"theory/{claim.origin.rpartition('.')[2]}.rst"]
        for control in claim.controls:
            assert f"* {control.name}: without " in text
        assert text.count("* ") >= len(claim.hypotheses) + len(claim.controls)


def test_findings_name_the_claims_that_check_them(site):
    text = site["theory/findings.rst"]
    for claim in registry.all_claims().values():
        if claim.proof_only or claim.source.after is not None:
            assert f":ref:`claim-{claim.name}`" in text


def test_pages_of_nothing_are_removed(site, tmp_path, monkeypatch):
    monkeypatch.setattr(pages, "draw", lambda docs: None)
    monkeypatch.setattr(pages, "all_pages", site.items)
    (tmp_path / "theory").mkdir()
    (tmp_path / "theory" / "withdrawn.rst").write_text("gone", encoding="utf-8")
    pages.write(tmp_path)
    assert {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*.*")} == set(site)
