"""Papers as data: their facts, their BibTeX as BibTeX reads it, and what ``dlr cite`` prints of them."""

import json
import re
from pathlib import Path

import pytest

from catalog import registry, sources
from catalog.sources import ACHG, BHL, HM, PROJECT, WWM, Paper, Source, bibliography
from dlr import InputError, __version__

ROOT = Path(__file__).parents[2]
PAPERS = [value for value in vars(sources).values() if isinstance(value, Paper)]
REQUIRED = {"inproceedings": {"author", "title", "booktitle", "year"}, "misc": {"author", "title", "year"}}
ENTRY = re.compile(r"@(\w+)\{([^\s,{}]+),\n((?:  \w+ = \{.*\},\n)+)\}")
FIELD = re.compile(r"  (\w+) = \{(.*)\},\n")


def read(text: str) -> dict[str, dict[str, str]]:
    """Fields of each entry by key, the entry's type as ``entry``; braces are counted as BibTeX does."""
    entries: dict[str, dict[str, str]] = {}
    for part in text.rstrip("\n").split("\n\n"):
        match = ENTRY.fullmatch(part)
        assert match is not None, part
        fields = FIELD.findall(match[3])
        assert match[2] not in entries, f"key {match[2]} twice"
        assert len(dict(fields)) == len(fields), f"a field twice in {part}"
        for _, value in fields:
            depths = [value[:end].count("{") - value[:end].count("}") for end in range(len(value) + 1)]
            assert min(depths) == depths[-1] == 0, f"braces of {value} don't balance"
            assert value.strip("{} ")
        entries[match[2]] = {"entry": match[1], **dict(fields)}
    return entries


def made(author: str = "Doe, Jane", *, key: str = "doe2027", title: str = "On margins", identifier: str = "") -> Paper:
    """A paper that does not exist."""
    return Paper(key, (author,), title, 2027, "Somewhere", identifier)


@pytest.mark.parametrize("paper", PAPERS, ids=lambda paper: paper.key)
def test_bibtex_of_each_paper_can_be_read(paper: Paper) -> None:
    (fields,) = read(paper.bibtex()).values()
    assert REQUIRED[fields["entry"]] <= set(fields)
    assert len(fields["author"].split(" and ")) == len(paper.authors)
    assert fields["title"] == f"{{{paper.title}}}"
    assert fields["year"] == str(paper.year)


def test_keys_are_unique() -> None:
    assert len({paper.key.lower() for paper in PAPERS}) == len(PAPERS) == 5


@pytest.mark.parametrize(
    ("source", "text", "identifier"),
    [
        (sources.bhl("x"), "Bartlett, Helmbold, Long 2018, x", "1802.06093"),
        (sources.hm("x"), "Hardt, Ma 2017, x", "1611.04231"),
        (sources.achg("x"), "Arora, Cohen, Golowich, Hu 2019, x", "1810.02281"),
        (sources.wwm("x"), "Wu, Wang, Ma 2019, x", "1911.00645"),
        (sources.here("x"), "this project, after Bartlett, Helmbold, Long 2018, x", "1802.06093"),
    ],
)
def test_tables_call_a_source_by_names_and_year(source: Source, text: str, identifier: str) -> None:
    assert str(source) == text
    assert source.link == f"https://arxiv.org/abs/{identifier}"
    assert source.constants == "derived here"


def test_facts_are_those_of_the_citation_file() -> None:
    cited = " ".join((ROOT / "CITATION.cff").read_text(encoding="utf-8").split())
    assert f"title: {PROJECT.title} type: software version: {__version__} " in cited
    assert PROJECT.venue.endswith(f"version {__version__}")
    assert f"- name: {PROJECT.authors[0]} " in cited
    assert f"Copyright (c) {PROJECT.year} {PROJECT.authors[0]}" in (ROOT / "LICENSE").read_text(encoding="utf-8")
    names = [name.split(", ") for name in BHL.authors]
    assert " ".join(f"- family-names: {family} given-names: {given}" for family, given in names) in cited
    start, end = dict(BHL.details)["pages"].split("--")
    assert f"title: >- {BHL.title} authors: " in cited
    assert f"{BHL.venue} (PMLR {dict(BHL.details)['volume']}) year: {BHL.year} start: {start} end: {end}" in cited
    assert f"url: {BHL.link}" in cited


@pytest.mark.parametrize("name", registry.all_claims())
def test_every_claim_cites_a_paper_with_year_and_link(name: str) -> None:
    source = registry.claim_named(name).source
    assert [paper for paper in source.papers if paper.year > 1900 and paper.link.startswith("https://")]
    assert source.link.startswith("https://")
    assert source.theorem


@pytest.mark.parametrize(
    ("plain", "latex"),
    [
        ("Ünal & Söhne, A_1", r"{\"{U}}nal \& S{\"{o}}hne, A\_1"),
        ("Erdős, Paul", r"Erd{\H{o}}s, Paul"),
        ("Łoś, Jerzy", r"{\L}o{\'{s}}, Jerzy"),
        ("Sjo\u0308strand, J.", r"Sj{\"{o}}strand, J."),
        ("100% $5 #1, ~^", r"100\% \$5 \#1, {\textasciitilde}{\textasciicircum}"),
        ("Doe}, J{\\", r"Doe{\textbraceright}, J{\textbraceleft}{\textbackslash}"),
        ("伊藤, 清", "伊藤, 清"),
    ],
)
def test_what_latex_reads_otherwise_is_escaped(plain: str, latex: str) -> None:
    fields = read(made(f"Doe, {plain}", title=plain).bibtex())["doe2027"]
    assert fields["author"] == f"Doe, {latex}"
    assert fields["title"] == f"{{{latex}}}"


def test_a_name_without_comma_is_one_organization() -> None:
    assert read(made("Smith and Sons").bibtex())["doe2027"]["author"] == "{Smith and Sons}"


@pytest.mark.parametrize(
    ("identifier", "wanted"),
    [
        ("1002.01234", {"eprint": "1002.01234", "archivePrefix": "arXiv", "url": "https://arxiv.org/abs/1002.01234"}),
        (
            "math/0211159",
            {"eprint": "math/0211159", "archivePrefix": "arXiv", "url": "https://arxiv.org/abs/math/0211159"},
        ),
        ("10.1137/1_2", {"doi": "10.1137/1_2", "url": "https://doi.org/10.1137/1_2"}),
        ("https://example.org/a_b", {"url": "https://example.org/a_b"}),
        ("", {}),
    ],
)
def test_identifier_says_where_it_is(identifier: str, wanted: dict[str, str]) -> None:
    paper = made(identifier=identifier)
    fields = read(paper.bibtex())["doe2027"]
    assert {name: fields[name] for name in ("doi", "eprint", "archivePrefix", "url") if name in fields} == wanted
    assert paper.link == wanted.get("url", "")


@pytest.mark.parametrize(
    ("make", "fragments"),
    [
        (lambda: made(key="doe 2027"), ["key", "'doe 2027'"]),
        (lambda: made(key="doe,2027"), ["key", "'doe,2027'"]),
        (lambda: Paper("doe", "Doe, Jane", "x", 2027, "y", ""), ["authors", "tuple", "'Doe, Jane'"]),
        (lambda: Paper("doe", (), "x", 2027, "y", ""), ["authors", "()"]),
        (lambda: made(""), ["authors", "('',)"]),
        (lambda: made(identifier="10.1/x}"), ["identifier", "'10.1/x}'"]),
        (lambda: Paper("doe", ("Doe",), "x", 2027, "y", "", entry="artikel"), ["entry", "did you mean article"]),
        (lambda: Paper("doe", ("Doe",), "x", 10_000, "y", ""), ["year", "at most 9999", "10000"]),
        (lambda: Source("Doe 2027", "x", "https://example.org"), ["paper", "Paper", "'Doe 2027'"]),
    ],
)
def test_bad_argument_is_one_line(make, fragments: list[str]) -> None:
    with pytest.raises(InputError) as caught:
        make()
    assert len(str(caught.value).splitlines()) == 1
    assert all(fragment in str(caught.value) for fragment in fragments), caught.value


def test_a_key_that_two_papers_have_is_told_apart() -> None:
    first, second, third = made(title="First"), made(title="Second", key="Doe2027"), made(title="Third")
    entries = bibliography(Source(paper, "x") for paper in (first, second, first, third))
    assert {paper.title: entry.key for paper, entry in entries.items()} == {
        "First": "doe2027",
        "Second": "Doe2027a",
        "Third": "doe2027aa",
    }


@pytest.mark.parametrize(
    ("asked", "papers"),
    [
        (["P3"], [BHL]),
        (["positive-definite-converges"], [BHL]),
        (["P3", "P4", "P3"], [BHL]),
        (["H2", "P3", "N1"], [HM, BHL, PROJECT]),
        (["N1"], [PROJECT, BHL]),
    ],
)
def test_cite_prints_each_paper_of_the_claims_once(run, asked: list[str], papers: list[Paper]) -> None:
    code, out, err = run("cite", *asked)
    assert code == 0
    assert err == ""
    assert list(read(out)) == [paper.key for paper in papers]
    assert out == "\n\n".join(paper.bibtex() for paper in papers) + "\n"


def test_cite_without_claims_prints_all_papers(run) -> None:
    code, out, _ = run("cite")
    assert code == 0
    assert {paper.key for paper in (BHL, HM, PROJECT, ACHG, WWM)} <= set(read(out))


def test_cite_json_says_which_claims_cite_a_paper(run) -> None:
    code, out, _ = run("cite", "P4", "N3", "N1", "P4", "--json")
    assert code == 0
    records = {record["key"]: record for record in json.loads(out)}
    assert {key: record["claims"] for key, record in records.items()} == {
        BHL.key: ["P4", "N1"],
        ACHG.key: ["N3"],
        PROJECT.key: ["N1"],
    }
    record = records[BHL.key]
    assert record["authors"] == list(BHL.authors)
    assert (record["year"], record["link"], record["details"]["volume"]) == (2018, BHL.link, "80")
    assert record["bibtex"] == BHL.bibtex()
