"""The README in a real browser, styled as GitHub does: nothing is wider than a page of 900 pixels."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from browser import Opened, launched, needs_chromium
from markdown_it import MarkdownIt

from catalog.app import ledger

pytestmark = needs_chromium

STYLE = """
body { margin: 0; padding: 32px; font: 16px/1.5 "Noto Sans", Helvetica, Arial, sans-serif; word-wrap: break-word }
code { font: 85% ui-monospace, monospace; padding: .2em .4em; white-space: break-spaces }
pre { padding: 16px; overflow: auto } pre code { padding: 0; white-space: pre }
table { display: block; width: max-content; max-width: 100%; overflow: auto; border-collapse: collapse }
td, th { border: 1px solid; padding: 6px 13px } img { max-width: 100% }
"""
WIDER = "parts => parts.filter(part => part.scrollWidth > part.clientWidth).map(part => part.innerText)"


def rendered(text: str, folder: Path) -> str:
    body = MarkdownIt("commonmark", {"html": True}).enable("table").render(text)
    body = body.replace("docs/figures/", f"{ledger.README.parent.as_uri()}/docs/figures/")
    page = folder / "readme.html"
    page.write_text(f"<!doctype html><meta charset=utf-8><style>{STYLE}</style>{body}", encoding="utf-8")
    return page.as_uri()


@pytest.fixture(scope="module")
def opened() -> Iterator[Callable[..., AbstractContextManager[Opened]]]:
    with launched() as browser:
        yield browser


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_scrolls_sideways_and_every_figure_is_there(opened, tmp_path: Path, scheme: str) -> None:
    address = rendered(ledger.README.read_text(encoding="utf-8"), tmp_path)
    with opened(address, viewport={"width": 900, "height": 900}, color_scheme=scheme) as seen:
        assert seen.page.evaluate("document.documentElement.scrollWidth") <= 900
        assert seen.page.eval_on_selector_all("table, pre", WIDER) == []
        figures = seen.page.eval_on_selector_all("img", "all => all.map(one => [one.naturalWidth, one.currentSrc])")
        assert figures
        assert all(width > 0 and source.endswith(f"-{scheme}.svg") for width, source in figures)
        rows = seen.page.eval_on_selector_all("tbody tr", "rows => rows.map(row => row.cells.length)")
        assert rows == [4] * len(ledger.recorded())


def test_a_line_that_is_too_long_is_seen(opened, tmp_path: Path) -> None:
    with opened(rendered(f"```\n{'x' * 120}\n```\n", tmp_path), viewport={"width": 900, "height": 900}) as seen:
        assert len(seen.page.eval_on_selector_all("table, pre", WIDER)) == 1
