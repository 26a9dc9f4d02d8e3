"""The report in a real browser: it can be read without scripts, and what is chosen changes what is drawn."""

import math
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import pytest
from browser import Opened, launched, needs_chromium
from report_pages import CLAIMS, DEPTHS, SECTIONS, TARGETS, THOROUGH, few_depths, small_page

import dlr
from catalog.app import cli
from catalog.app.figures import phase_plane
from catalog.app.report import plane_data

pytestmark = needs_chromium


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("report")
    with few_depths(), pytest.MonkeyPatch.context() as patch:
        small_page(folder, lambda *arguments: (cli.main(arguments), "", ""), patch)
    return (folder / "small.html").as_uri()


@pytest.fixture(scope="module")
def opened() -> Iterator[Callable[..., AbstractContextManager[Opened]]]:
    with launched() as browser:
        yield browser


@pytest.fixture
def seen(opened, address: str) -> Iterator[Opened]:
    with opened(address, viewport={"width": 1400, "height": 1000}) as found:
        yield found
        assert found.console == []
        assert found.requests == [address]


def fills(seen: Opened) -> list[str]:
    return seen.page.eval_on_selector_all(".cells_marks path", "cells => cells.map(cell => cell.getAttribute('fill'))")


def shown(seen: Opened, line: str) -> bool:
    return seen.page.locator(f".{line}_marks line").evaluate("line => line.style.display") != "none"


def drawn(seen: Opened, selector: str) -> str:
    return seen.page.locator(selector).get_attribute("d")


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
def test_all_is_there(opened, address: str, scripts: bool) -> None:
    with opened(address, java_script_enabled=scripts) as seen:
        for section in SECTIONS:
            assert seen.page.locator(f"#{section}").is_visible(), section
        for figure in ("#phase-plane svg", "#run svg", "#ratios svg", "#escape svg"):
            assert seen.page.locator(figure).is_visible(), figure
        assert seen.page.locator(".claim").count() == len(CLAIMS)
        assert seen.page.locator(".target").count() == len(TARGETS) + 1
        assert "after 58 steps" in seen.page.locator("#chosen").inner_text()
        assert seen.page.locator(".controls").is_visible() == scripts
        assert (seen.console, seen.requests) == ([], [address])


def color(steps: int) -> str:
    """Colour of a cell."""
    found = [shade for most, shade in phase_plane.CLASSES.items() if 0 <= steps <= most]
    return found[0] if found else phase_plane.NEVER


def test_depth_changes_the_colours(seen: Opened) -> None:
    for depth in DEPTHS:
        seen.page.locator(f"input[name=depth][value='{depth}']").check()
        plane = phase_plane.plane(depth)
        upper = [color(int(steps)) for row in plane.steps[:0:-1] for steps in row]
        lower = [color(int(steps)) for row in plane.steps for steps in row]
        assert fills(seen) == upper + lower
        assert f"at depth {depth} " in seen.page.locator("#chosen").inner_text()
        assert seen.page.locator("#depth-shown").inner_text() == str(depth)
        assert seen.page.locator(".never_marks").is_visible() == (depth > 1)


def test_a_point_that_is_chosen_shows_its_own_run(seen: Opened) -> None:
    before = [drawn(seen, "#track"), drawn(seen, ".loss_marks path")]
    box = seen.page.locator(".cells_marks").bounding_box()
    unit = box["width"] / 5.125  # the plane from -2 to 3 and half a cell on either side
    seen.page.mouse.click(box["x"] + 2.0625 * unit, box["y"] + box["height"] / 2 - unit)  # at i
    after = [drawn(seen, "#track"), drawn(seen, ".loss_marks path")]
    assert before[0] != after[0]
    assert before[1] != after[1]
    told = seen.page.locator("#chosen").inner_text()
    solution = dlr.solve([[0.0, -1.0], [1.0, 0.0]], 8)
    assert told.startswith(f"λ = 0 + 1i: at depth 8 excess loss 1e-9 is reached after {solution.steps:,} steps")
    steps, losses = len(after[1].split("L")) - 1, solution.losses
    assert steps == solution.steps
    assert len(after[0].split("L")) - 1 == solution.steps
    data = plane_data.phase(DEPTHS).data["run"]
    heights = [float(point.split(",")[1]) for point in after[1][1:].split("L")]
    expected = [
        data["height"] * math.log(data["high"] / loss) / math.log(data["high"] / data["low"]) for loss in losses
    ]
    assert heights == pytest.approx([min(y, data["height"]) for y in expected], abs=0.06)


def test_a_point_is_chosen_with_the_keyboard(seen: Opened) -> None:
    before = drawn(seen, "#track")
    seen.page.locator("#imaginary").focus()
    seen.page.keyboard.press("ArrowLeft")
    assert seen.page.locator("#chosen").inner_text().startswith("λ = −1: at depth 8 excess loss 1e-9 is not reached")
    assert "never falls below 1." in seen.page.locator("#chosen").inner_text()
    assert drawn(seen, "#track") != before
    assert shown(seen, "floor")
    seen.page.locator("#real").focus()
    for _ in range(12):
        seen.page.keyboard.press("ArrowRight")
    assert seen.page.locator("#chosen").inner_text().startswith("λ = 2: ")
    assert not shown(seen, "floor")
    assert shown(seen, "promise")


def test_a_tick_shows_the_checks_that_it_stands_for(seen: Opened) -> None:
    seen.page.locator("#ratios .ticks_marks path").first.click(force=True)
    told = [line for line in seen.page.locator("#tick").inner_text().splitlines() if line]
    rows = seen.page.eval_on_selector_all(
        "#claim-positive-definite-converges .checks tbody tr",
        "rows => rows.map(row => [...row.cells].map(c => c.textContent.trim()))",
    )
    target, depth, algorithm, observed, bound, ratio, verdict = min(rows, key=lambda row: float(row[5]))
    check = f"{target}, L = {depth}, {algorithm}: observed {observed}, bound {bound}, ratio {ratio}, {verdict}"
    option = "--target" if target in TARGETS else "--target-file"
    assert [line.partition(option)[0] for line in told] == ["P3", check, "dlr validate --claim P3 "]
    assert target in told[-1]


@pytest.mark.parametrize("scheme", ["light", "dark"] if THOROUGH else ["light"])
def test_it_is_accessible(opened, address: str, scheme: str) -> None:
    from axe_playwright_python.sync_playwright import Axe

    with opened(address, viewport={"width": 390, "height": 844}, color_scheme=scheme) as seen:
        found = Axe().run(seen.page).response["violations"]
        assert [(rule["id"], rule["impact"], rule["nodes"][0]["html"]) for rule in found] == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_a_telephone(opened, address: str, scheme: str) -> None:
    with opened(address, viewport={"width": 390, "height": 844}, color_scheme=scheme) as seen:
        assert seen.page.evaluate("document.documentElement.scrollWidth") == 390
        assert (
            seen.page.evaluate("getComputedStyle(document.body).backgroundColor")
            == {
                "light": "rgb(255, 255, 255)",
                "dark": "rgb(13, 17, 23)",
            }[scheme]
        )
