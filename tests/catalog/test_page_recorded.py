"""The report's page of a few checks is the one on record, figures by what is told of them, formulas as written."""

import os
import re
import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from test_report import record_of

import catalog
from catalog import registry
from catalog.app.figures import phase_plane
from catalog.app.report import near_saddle, page, plane_data, target_sections
from catalog.family import Target

FILE = Path(__file__).parents[1] / "data" / "page.html"
OUTSIDE = {
    "_commit": lambda: "0123456789",
    "_python": lambda: "Python, NumPy",
    "__version__": "0.0",
}
"""What depends on the checkout and the machine."""


def findings() -> page.Findings:
    """Claims of each direction, one of them violated, on targets with a margin and without, and on two of no family."""
    wide, uneven = np.diag([2.0, *[1.0] * 12]), np.array([[2e4, -2.5], [0.25, 0.00125]])
    wide[0, 1] = 0.5
    targets = [catalog.target(name) for name in ("lehmer", "householder", "rotation")]
    targets += [Target.of("wide.npy", wide), Target.of("uneven.npy", uneven)]
    claims = [registry.claim_named(name) for name in ("P3", "P2", "C1", "I2")]
    records = [
        record_of(claim, target.name, depth, ratio)
        for claim in claims
        for target in targets
        if claim.applies_to(target.matrix)
        for depth, ratio in (((2, 25.0), (8, 12.5)) if claim.identifier == "P2" else ((2, 0.25), (8, 0.0075)))
    ]
    records += [replace(records[-1], depth=depth, holds=False, observed=6.0, ratio=2.0) for depth in (8, 64)]
    records += [replace(records[-1], depth=3, ratio=None), replace(records[-1], depth=4, ratio=0.0)]
    return page.Findings(claims, targets, records, frozenset(["wide.npy", "uneven.npy"]), left_out={"N9": "is not"})


@pytest.fixture
def plain(monkeypatch: pytest.MonkeyPatch) -> None:
    """Draw no figure, typeset no formula, look at few points of the phase plane and at nothing outside."""
    of_depths, plane = plane_data.phase, phase_plane.plane
    monkeypatch.setattr("catalog.app.figures.drawing.svg", lambda spec, title, told: f"[{title}: {told}]")
    monkeypatch.setattr("catalog.app.formulas.mathml.within_line", lambda text: text)
    monkeypatch.setattr("catalog.app.formulas.mathml.typeset", lambda latex: f"${latex}$")
    monkeypatch.setattr("catalog.app.formulas.mathml.paragraphs", lambda text: f"{text[:20]} ... {text[-20:]}")
    monkeypatch.setattr(target_sections, "POINTS", 12)
    monkeypatch.setattr(phase_plane, "plane", lambda depth: plane(depth, per_unit=2))
    monkeypatch.setattr(near_saddle, "escape", near_saddle.escape.__wrapped__)  # nothing that is kept
    monkeypatch.setattr(plane_data, "phase", lambda: of_depths.__wrapped__((1, 8)))
    monkeypatch.setattr("platform.machine", lambda: "machine")
    monkeypatch.setattr("platform.system", lambda: "system")
    for name, value in OUTSIDE.items():
        monkeypatch.setattr(page, name, value)


def rounded(number: re.Match[str]) -> str:
    """To six digits; what is rounding's own is another on each machine."""
    value = float(number[0])
    return "#" if 0 < abs(value) < 1e-14 else f"{value:.6g}"


def test_the_commit_is_that_of_the_checkout_with_a_plus_where_files_differ(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(page, "FOLDER", tmp_path / "a" / "b" / "c")
    assert page._commit() == ""
    git = ["git", "-C", str(tmp_path), "-c", "user.name=a", "-c", "user.email=b"]
    (tmp_path / "file").write_text("x")
    for words in (["init", "-q"], ["add", "file"], ["commit", "-qm", "one"]):
        subprocess.run([*git, *words], check=True)
    head = subprocess.run([*git, "rev-parse", "HEAD"], check=True, capture_output=True, text=True).stdout
    (tmp_path / "new").touch()
    assert page._commit() == head[:10]
    (tmp_path / "file").write_text("y")
    assert page._commit() == f"{head[:10]}+"
    monkeypatch.setenv("PATH", "")
    assert page._commit() == ""
    monkeypatch.undo()
    monkeypatch.setattr(page, "FOLDER", tmp_path / "a" / "b" / "c")
    (tmp_path / ".git" / "HEAD").write_text("nothing")
    assert page._commit() == ""


@pytest.mark.usefixtures("plain")
def test_the_page_is_as_on_record() -> None:
    for library in ("vl_convert", "jinja2", "docutils"):
        pytest.importorskip(library)
    text = page.html(findings())
    text = re.sub(r"<script>.*?</script>", "", text[text.index("<body") :], flags=re.DOTALL)
    text = re.sub(r"(?<=at step )\d+|(?<=T Phi - I )\S+", "#", text)  # what rounding makes of it
    text = re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d UTC", "today", text)
    text = re.sub(r"-?\d+\.\d{6,}(e[-+]\d+)?|\d(\.\d+)?e-\d+", rounded, text).replace("><", ">\n<")
    if os.environ.get("DLR_RECORD_SCREENS"):
        FILE.write_text(text, encoding="utf-8")
    assert text == FILE.read_text(encoding="utf-8"), "if it should be, run again with DLR_RECORD_SCREENS=1"
