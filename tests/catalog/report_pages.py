"""A small report, of a few claims, targets and depths; one target has a name that could be taken for markup."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
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


@contextmanager
def drawn_once() -> Iterator[None]:
    """Pages that show the same figure have it from vl-convert once."""
    if find_spec("vl_convert") is None:
        yield
        return
    import vl_convert

    draw, drawn = vl_convert.vegalite_to_svg, dict[str, str]()

    def once(spec: dict[str, object], **options: object) -> str:
        key = json.dumps([spec, options])
        if key not in drawn:
            drawn[key] = draw(spec, **options)
        return drawn[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(vl_convert, "vegalite_to_svg", once)
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
