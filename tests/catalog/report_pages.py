"""A small report, of a few claims and targets, one of them with a name that could be taken for markup."""

from collections.abc import Callable
from pathlib import Path

import pytest

NASTY = "a<b>&'\".json"
SECTIONS = ("plane", "ratios", "claims", "escape", "coverage", "algorithms", "targets", "symbols")
CLAIMS = ("P3", "P4", "N2a", "I2", "C1")
TARGETS = ("lehmer", "householder", "rotation", "shear")


def small_page(folder: Path, run: Callable[..., tuple[int, str, str]], monkeypatch: pytest.MonkeyPatch) -> str:
    """Write the page to ``small.html`` in a folder; returns its text."""
    pytest.importorskip("vl_convert")
    monkeypatch.chdir(folder)
    (folder / NASTY).write_text("[[2, 0.5], [0.5, 1]]", encoding="utf-8")
    claims = [part for claim in CLAIMS for part in ("--claim", claim)]
    targets = [part for target in TARGETS for part in ("--target", target)]
    code, _, err = run("report", "small.html", *claims, *targets, "--target-file", NASTY)
    assert code == 0, err
    return (folder / "small.html").read_text(encoding="utf-8")
