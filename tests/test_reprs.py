"""What a prompt and a notebook show of results, targets and claims: short, escaped, without scripts."""

import re
from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pytest

import catalog
import dlr
from catalog.family import Target
from catalog.sources import Paper, Source
from dlr import _html

SOLUTION = dlr.solve(np.diag([1.0, -1.0]), 2, max_steps=20)
BATCH = dlr.solve_batch([[[2.0]], [[-1.0]], [[1.0]]], 2, max_steps=40)
ROTATION = catalog.target("rotation")
P3 = catalog.all_claims()["positive-definite-converges"]
SHOWN = [SOLUTION, BATCH, ROTATION, P3]


def texts(shown) -> str:
    return " ".join(ElementTree.fromstring(shown._repr_html_()).itertext())


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        (SOLUTION, "<solution STEP_LIMIT after 20 steps at excess loss 0.5>"),
        (BATCH, "<batch of 3 runs: 2 CONVERGED, 1 STEP_LIMIT>"),
        (replace(BATCH, outcome=BATCH.outcome[:0]), "<batch of no runs>"),
        (ROTATION, "<target rotation, 4 x 4>"),
        (catalog.target("rotation", angle=1.5), "<target rotation(angle=1.5), 4 x 4>"),
        (P3, "<claim P3 positive-definite-converges>"),
    ],
)
def test_a_prompt_shows_one_short_line(shown, expected: str) -> None:
    assert repr(shown) == expected


@pytest.mark.parametrize("shown", SHOWN, ids=repr)
def test_a_notebook_shows_one_small_closed_element_without_scripts(shown) -> None:
    elements = list(ElementTree.fromstring(shown._repr_html_()).iter())
    assert len(shown._repr_html_()) < 4_000
    assert {element.tag for element in elements} <= {
        *("table", "caption", "b", "tr", "th", "td", "br", "a", "svg", "polyline")
    }
    assert not {name for element in elements for name in element.attrib if name.startswith("on")}


def test_a_notebook_shows_what_there_is_to_know() -> None:
    assert all(part in texts(SOLUTION) for part in (SOLUTION.message, "2 x 2 target, L = 2", "0.25 (default)"))
    assert all(part in texts(BATCH) for part in ("3 runs", "(3,)", "spectral"))
    assert all(part in texts(ROTATION) for part in ("rotation, 4 x 4", "-0.416", "schur-form"))
    assert all(part in texts(P3) for part in ("symmetric positive definite", "eta <= 1 / (L b^(2 - 2/L))", "arxiv.org"))
    assert "1 - 0.73 eta L in every step" in texts(catalog.all_claims()["near-identity-error-shrinks"])
    assert texts(replace(BATCH, outcome=BATCH.outcome[:0])) == "no runs"


def test_traits_are_listed_in_the_order_of_the_alphabet() -> None:
    shown = texts(Target.of("mine", np.diag([2.0, 1.0])))
    names = sorted(catalog.traits.of(np.diag([2.0, 1.0])))
    assert len(names) > 5
    assert sorted(names, key=lambda name: re.search(rf"(?<![\w-]){name}(?![\w-])", shown).start()) == names


def test_text_of_others_is_escaped() -> None:
    hostile = '<script>alert("x")</script>'
    target = Target.of(hostile, np.eye(12))
    assert f"{hostile}, 12 x 12" in texts(target)
    assert texts(target).count("...") == 9 + 10
    assert (texts(target).count(" 1"), texts(target).count(" 0")) == (9 + 2, 72)  # the title has two
    for address in (f"https://{hostile}", f"javascript:{hostile}"):
        claim = replace(P3, name=hostile, source=Source(Paper("k", ("K",), "t", 2000, "", ""), hostile))
        shown = ElementTree.fromstring(claim._repr_html_())
        assert "script" not in {element.tag for element in shown.iter()}
        link = _html.link(address)
        assert (link == address) == address.startswith("javascript")
        assert "<script>" not in _html.written(link)


def test_a_curve_has_few_points_and_falls_with_the_losses() -> None:
    line = ElementTree.fromstring(_html.curve(np.geomspace(1.0, 1e-9, 10_000)).text)[0].attrib["points"].split()
    heights = [float(point.split(",")[1]) for point in line]
    assert (len(line), line[0], line[-1]) == (100, "0,0", "240,48")
    assert heights == sorted(heights)
    assert ElementTree.fromstring(_html.curve(np.zeros(1)).text)[0].attrib["points"] == "0,0"
