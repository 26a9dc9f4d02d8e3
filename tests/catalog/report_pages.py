"""A small report, of a few claims, targets and depths; one target has a name that could be taken for markup."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import settings

from catalog.app.report import plane_data

THOROUGH = settings.default.max_examples >= 1000
NASTY = "a<b>&'\".json"
SECTIONS = ("plane", "ratios", "claims", "escape", "sweeps", "coverage", "algorithms", "targets", "symbols")
CLAIMS = ("P3", "C1")
TARGETS = ("lehmer", "householder")
DEPTHS = plane_data.DEPTHS if THOROUGH else (1, 8)


@contextmanager
def few_depths() -> Iterator[None]:
    """Pages have the phase plane at `DEPTHS`."""
    of_depths = plane_data.phase
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(plane_data, "phase", lambda: of_depths(DEPTHS))
        yield


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
