"""The site has a place for every claim, family, trait and command, and each place is written once."""

from collections import Counter

import pytest

import pages
from catalog import registry, traits

PAGES = dict(pages.all_pages())
LINES = Counter(line for text in PAGES.values() for line in text.splitlines())


@pytest.mark.parametrize(
    "line",
    [
        *(f".. _claim-{name}:" for name in registry.all_claims()),
        *(f".. _target-{name}:" for name in registry.all_families()),
        *(f"``{name}``" for name in traits.ALL),
        *(f".. py:currentmodule:: {name}" for name in ("dlr", "catalog", "dlr.network", "catalog.testing")),
        *(f"dlr {command}" for command in ("validate", "solve", "falsify")),
        "# Benchmarks",
        "# Where things are",
    ],
)
def test_it_is_on_one_page(line):
    assert LINES[line] == 1


def test_every_command_shows_its_help():
    text = PAGES["reference/commands.rst"]
    commands = [line for line in text.splitlines() if line.startswith("dlr ")]
    assert commands
    assert all(f"   usage: {command} [-h]" in text for command in commands)


def test_every_hypothesis_and_control_is_shown():
    for claim in registry.all_claims().values():
        text = PAGES[f"theory/{claim.origin.rpartition('.')[2]}.rst"]
        for control in claim.controls:
            assert f"* {control.name}: without " in text
        assert text.count("* ") >= len(claim.hypotheses) + len(claim.controls)


def test_findings_name_the_claims_that_check_them():
    text = PAGES["theory/findings.rst"]
    for claim in registry.all_claims().values():
        if claim.proof_only or claim.source.after is not None:
            assert f":ref:`claim-{claim.name}`" in text


def test_pages_of_nothing_are_removed(tmp_path, monkeypatch):
    monkeypatch.setattr(pages, "draw", lambda docs: None)
    (tmp_path / "theory").mkdir()
    (tmp_path / "theory" / "withdrawn.rst").write_text("gone", encoding="utf-8")
    pages.write(tmp_path)
    assert {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*.*")} == set(PAGES)
