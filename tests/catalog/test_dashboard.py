"""A fresh clone publishes the committed history; the page is read in a browser, served and from a file."""

import json
import re
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import pytest
from browser import Opened, launched, needs_chromium
from hypothesis import settings

pytest.importorskip("asv")
pytest.importorskip("vl_convert")

from planted_history import COUNT, FILL, PLANTED, REACHED, ROTATION, STEPS, Clone, Planted, write_clone, write_results

from catalog.benchmarks.dashboard import command, comparison, graphs, notes, page
from catalog.benchmarks.dashboard.history import History, read_history
from catalog.benchmarks.dashboard.judgement import Thresholds

ROOT = Path(__file__).parents[2]
NOW = datetime(2026, 10, 25, 12, tzinfo=UTC)
SIZES = {1400: 1000, 390: 844}
LOOKS = [(1400, "light"), (390, "dark"), (1400, "dark"), (390, "light")]
THOROUGH = settings.default.max_examples >= 1000


class Page(HTMLParser):
    """What the page holds: links, references to load, figures, text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.figures: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list) -> None:
        attributes = dict(attrs)
        if tag == "a":
            self.links.append(attributes["href"])
        elif "src" in attributes or "href" in attributes:
            self.loaded.append(attributes.get("src") or attributes["href"])
        if tag == "figure":
            self.figures.append(attributes["id"])


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page that the documented command publishes in a fresh clone."""
    if not (ROOT / ".git").exists():
        pytest.skip("no git history here to publish")
    clone = tmp_path_factory.mktemp("clone")
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(clone)
        assert command.main(["--no-serve"]) == 0
    return clone / command.PAGE


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Clone:
    """A clone of thirty commits, with the page in it."""
    clone = write_clone(tmp_path_factory.mktemp("planted"))
    (clone.folder / "dashboard.html").write_text(page.html_page(clone.folder, NOW), encoding="utf-8")
    return clone


@pytest.fixture(scope="module")
def history(planted: Clone) -> History:
    return read_history(planted.folder)


@pytest.fixture(scope="module")
def opened() -> Iterator[Callable[..., AbstractContextManager[Opened]]]:
    with launched() as browser:
        yield browser


@pytest.fixture
def seen(opened, planted: Clone) -> Iterator[Opened]:
    address = (planted.folder / "dashboard.html").as_uri()
    with opened(address, viewport={"width": 1400, "height": 1000}) as found:
        yield found
        assert found.console == []
        assert {one.partition("#")[0] for one in found.requests} == {address}


def test_the_committed_history_is_all_there_and_asks_for_nothing(published: Path) -> None:
    text = published.read_text(encoding="utf-8")
    found = Page(text)
    assert found.loaded == ["data:,"]
    assert {link.removeprefix("#") for link in found.links if link.startswith("#0")} <= set(found.figures)
    for method in ("track_iterations", "time_", "peakmem_", "track_bound_ratio"):
        assert [name for name in found.figures if f".{method}" in name], method
    assert not [name for name in found.figures if "track_success" in name]


def test_the_committed_history_is_long_enough_and_every_rise_of_a_count_has_its_reason() -> None:
    if not (ROOT / ".git").exists():
        pytest.skip("no git history here")
    history = read_history(ROOT)
    found = history.of_machine(command.REFERENCE)
    assert len(found.commits) >= 8
    assert "processor" in found.facts
    accepted = notes.read_notes((ROOT / notes.CHANGELOG).read_text(encoding="utf-8"))
    ends = found.commits[0], found.commits[-1]
    compared = comparison.between(found, history.commits, *ends, Thresholds.read(ROOT), accepted)
    assert [row.series.name for row in compared.unnoted if row.series.counted] == []


def test_without_scripts_the_answer_and_the_rows_are_there(planted: Clone) -> None:
    text = (planted.folder / "dashboard.html").read_text(encoding="utf-8")
    yes, without = '<span class="bad">Yes:</span>', '<span class="bad">{} without a reason</span> in the changelog'
    assert f"{yes} 3 of 20 times slower, {without.format(3)}" in text
    assert f"Counts: 1 of 4 rose, {without.format(1)}" in text
    assert "Memory: none of 4 more." in text
    for one in PLANTED:
        assert f"{planted.hashes[one.number - 1][:8]} (2026-" in text
    assert "<b>more</b>" not in text  # of the commits' messages
    assert "measured 2026-10-21 15:13 UTC" in text
    assert "<b>0 commits</b> and <b>3 days</b>" in " ".join(text.split())
    assert "Abacus, x86_64, 2 processors, 8 GiB, Linux 1.2, Python 3.13, NumPy 2.4.6" in text


def test_a_reason_stands_beside_its_change(planted: Clone) -> None:
    log = planted.folder / notes.CHANGELOG
    log.write_text(f"* Accepted after {planted.hashes[10][:8]}: `{STEPS}(*)`, because `x` < y.\n", encoding="utf-8")
    text = page.html_page(planted.folder, NOW)
    log.unlink()
    listed = text.partition("Worse in between")[0]
    assert listed.count("<code>x</code> &lt; y.") == 2  # the changes of two series after that commit
    assert '3 of 20 times slower, <span class="bad">1 without a reason</span>' in text


def test_noise_and_no_results_have_pages_of_their_own(planted: Clone, tmp_path: Path) -> None:
    clone = write_clone(tmp_path, planted=(), noise=0.04)
    text = page.html_page(tmp_path, NOW)
    assert '<span class="good">No:</span> none of 20 times slower.' in text
    assert "Counts: none of 4 rose." in text
    for file in (tmp_path / ".asv/results/reference").glob("*-*.json"):
        file.unlink()
    with pytest.raises(page.InputError, match="no results of commits that lead to HEAD"):
        page.html_page(tmp_path)
    assert clone.hashes == planted.hashes


def line_of(history: History, name: str) -> graphs.Line:
    series = {one.name: one for one in history.configurations[0].series}
    commits = history.configurations[0].commits
    success = series.get(name.replace(ROTATION, REACHED)) if ROTATION in name else None
    return graphs.line(series[name], None, commits, (0, 0), success)


def test_an_axis_names_decades_where_it_is_logarithmic(history: History) -> None:
    rotation = [line_of(history, f"{ROTATION}({p})") for p in ("2, 'gradient-descent'", "2, 'penalized'")]
    axis = graphs.axis_of(rotation, "steps")
    assert axis.log
    assert axis.names == ("10", "100", "1,000", "10,000")
    assert rotation[1].missed == (True,) * COUNT
    assert rotation[0].missed == (False,) * COUNT
    times = graphs.axis_of([line_of(history, f"{STEPS}('spectral', 4)")], "seconds")
    assert not times.log
    assert times.names == ("0", "2 ms", "4 ms", "6 ms", "8 ms")


def test_a_value_of_a_parameter_has_one_colour_and_one_dash_everywhere(history: History) -> None:
    styles = graphs.styles(history.configurations[0].series)
    colors = {(p[-1], styles[one.name][0]) for one in history.configurations[0].series if (p := one.parameters)}
    for method in (ROTATION, REACHED):
        for algorithm, color in (("'gradient-descent'", 0), ("'penalized'", 1)):
            assert styles[f"{method}(2, {algorithm})"] == (color, 0)
            assert styles[f"{method}(8, {algorithm})"] == (color, 1)
    assert len({styles[f"{FILL}({case})"] for case in range(16)}) == 16
    assert colors


def test_every_run_is_drawn_once_and_beside_the_others(history: History) -> None:
    lines = [line_of(history, f"{ROTATION}({d}, {a})") for d in (2, 8) for a in ("'gradient-descent'", "'penalized'")]
    commits = history.configurations[0].commits
    drawn = graphs.figure(lines, graphs.axis_of(lines, "steps"), commits, "t")
    runs = {
        n: drawn.partition(f"{kind}{n}_marks")[2].partition("</g>")[0] for n, kind in enumerate(["run", "missed"] * 2)
    }
    places = [part.partition('"')[0] for text in runs.values() for part in text.split('transform="translate')[1:]]
    assert len(places) == 4 * COUNT
    assert len(set(places)) == 4 * COUNT
    shift = graphs.dodged([replace(lines[0])] * 3)
    assert shift == [-0.09, 0, 0.09]


def plain(answer: str) -> str:
    """Words of an answer without its tags."""
    return " ".join(re.sub("<[^>]*>", "", answer).split())


def shown_answer(seen: Opened) -> str:
    return " ".join(seen.page.locator(".answer").inner_text().split())


@pytest.fixture(scope="module")
def passing(tmp_path_factory: pytest.TempPathFactory) -> Clone:
    """A time becomes worse and is taken back, one becomes better and worse by less, a count rises with a reason."""
    back, less = f"{STEPS}('compiled', 4)", f"{STEPS}('spectral', 4)"
    count = f"{ROTATION}(2, 'gradient-descent')"
    planted = [
        Planted(back, 10, 2.0),
        Planted(back, 20, 0.5),
        Planted(less, 10, 0.25),
        Planted(less, 20, 2.0),
        Planted(count, 15, 1.5),
    ]
    clone = write_clone(tmp_path_factory.mktemp("passing"), planted=planted)
    note = f"* Accepted after {clone.hashes[13][:8]}: `{count}`, because it is so.\n"
    (clone.folder / notes.CHANGELOG).write_text(note, encoding="utf-8")
    (clone.folder / "dashboard.html").write_text(page.html_page(clone.folder, NOW), encoding="utf-8")
    return clone


def test_what_is_taken_back_is_listed_apart_and_in_no_answer(
    passing: Clone, monkeypatch: pytest.MonkeyPatch, capsys
) -> None:
    monkeypatch.chdir(passing.folder)
    assert command.main(["--compare", "oldest", "newest"]) == 0
    out = capsys.readouterr().out
    assert "times: 0 slower, 1 faster, 19 within noise" in out
    apart = out.partition("worse in between, not in the end: 2\n")[2].partition("\n\n")[0]
    assert re.search(rf"{passing.hashes[9][:8]} .*: 2(\.\d+)?x, .*, taken back since\n", apart)
    assert re.search(
        rf"{passing.hashes[19][:8]} .*x, .*, outweighed by what became better before$", apart, re.MULTILINE
    )
    assert command.main(["--compare", "oldest", "newest", "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert (record["worse_in_between"], record["without_note"]) == (2, 0)
    rows = {one["name"]: one for one in record["series"] if one["worse_in_between"]}
    back, less = (rows[f"{STEPS}('{engine}', 4)"]["changes"] for engine in ("compiled", "spectral"))
    assert [(one["worse"], one["taken_back"]) for one in back] == [(True, True), (False, False)]
    assert [(one["worse"], one["taken_back"]) for one in less] == [(False, False), (True, False)]
    assert command.main(["--compare", "oldest", passing.hashes[14]]) == 1
    text = (passing.folder / "dashboard.html").read_text(encoding="utf-8")
    assert '<span class="good">No:</span> none of 20 times slower.' in text
    assert "Counts: 1 of 4 rose, each with a reason in the changelog." in text
    assert 'Worse in between, not in the end <span class="count">2</span>' in text


@needs_chromium
@pytest.mark.parametrize("pair", [(0, 29), (0, 14), (9, 29), (12, 20)])
def test_page_and_command_judge_alike(opened, passing: Clone, pair: tuple[int, int]) -> None:
    history = read_history(passing.folder)
    ends = [history.commits[place] for place in pair]
    accepted = notes.read_notes((passing.folder / notes.CHANGELOG).read_text(encoding="utf-8"))
    thresholds = Thresholds.read(passing.folder)
    compared = comparison.between(history.configurations[0], history.commits, *ends, thresholds, accepted)
    with opened((passing.folder / "dashboard.html").as_uri()) as seen:
        if pair != (0, 29):
            seen.page.locator(".to").select_option(str(pair[1]))
            seen.page.locator(".from").select_option(str(pair[0]))
        assert shown_answer(seen) == plain(page.answer(compared))
        counts = [int(count) for count in seen.page.locator(".changes .count").all_inner_texts()]
        assert counts == [sum(map(belongs, compared.rows)) for _, belongs in comparison.SECTIONS]
        fates = [
            comparison.fate(one) for row in compared.rows if row.in_between for one in row.found if one.change.worse
        ]
        rows = seen.page.locator(".changes").nth(1).locator("tbody tr:visible .fate").all_inner_texts()
        assert sorted(rows) == sorted(fates)
        assert seen.console == []


@needs_chromium
@pytest.mark.parametrize("pair", [(0, 29), (0, 6), (8, 18), (14, 15), (19, 29)])
def test_the_reader_chooses_the_commits(seen: Opened, planted: Clone, history: History, pair: tuple[int, int]) -> None:
    """What the script counts is what the command prints."""
    ends = [history.commits[place] for place in pair]
    thresholds = Thresholds.read(planted.folder)
    compared = comparison.between(history.configurations[0], history.commits, *ends, thresholds, ())
    seen.page.locator(".to").select_option(str(pair[1]))
    seen.page.locator(".from").select_option(str(pair[0]))
    tiles = seen.page.eval_on_selector_all(
        ".tally div", "tiles => tiles.map(t => [t.dataset.kind, [...t.querySelectorAll('dd')].map(d => d.textContent)])"
    )
    assert {name: counts for name, counts in tiles} == {
        name: [f"{count} {word}" for word, count in words.items()] for name, words in compared.summary().items()
    }
    assert shown_answer(seen) == plain(page.answer(compared))
    expected = [one for one in PLANTED if pair[0] < one.number - 1 <= pair[1]]
    rows = seen.page.locator(".changes").first.locator("tbody tr:visible").all_inner_texts()
    assert len(rows) == len(expected)
    for one in expected:
        (row,) = (row for row in rows if planted.hashes[one.number - 1][:8] in row)
        assert one.name.partition("(")[0] in row
        assert float(row.partition("x")[0]) == pytest.approx(one.factor, rel=0.04)
    slower = sum("time_" in one.name for one in expected)
    assert shown_answer(seen).startswith(f"Yes: {slower} of 20" if slower else "No: none of 20")


@needs_chromium
def test_the_address_keeps_what_is_chosen(seen: Opened, planted: Clone) -> None:
    seen.page.locator(".to").select_option("17")
    seen.page.locator(".filter").fill("rotation 8")
    hide = seen.page.locator(f"figure[data-name='{ROTATION}'] .lines button").first
    hide.click()
    assert hide.get_attribute("aria-pressed") == "false"
    assert not seen.page.locator(f"figure[data-name='{ROTATION}'] .run0_marks").is_visible()
    assert "1 of 5 graphs" in seen.page.locator(".shown").inner_text()
    seen.page.reload()
    assert seen.page.locator(".to").input_value() == "17"
    assert planted.hashes[17][:10] in seen.page.url
    assert seen.page.locator("figure:visible").count() == 1
    assert hide.get_attribute("aria-pressed") == "false"
    hide.click()
    assert seen.page.locator(f"figure[data-name='{ROTATION}'] .run0_marks").is_visible()
    seen.page.locator(".changes td a").first.click()  # to a graph that is filtered out
    assert seen.page.locator("figure:visible").count() == 5
    assert planted.hashes[17][:10] in seen.page.url
    seen.page.locator(".only").check()
    assert seen.page.locator("figure:visible").count() == 2


def reading(seen: Opened, name: str) -> str:
    return seen.page.locator(f"figure[data-name='{name}'] .read").inner_text()


@needs_chromium
@pytest.mark.parametrize("touch", [False, True], ids=["mouse", "touch"])
def test_the_nearest_run_is_read(opened, planted: Clone, history: History, touch: bool) -> None:
    address = (planted.folder / "dashboard.html").as_uri()
    series = next(one for one in history.configurations[0].series if one.name == f"{STEPS}('spectral', 4)")
    with opened(address, viewport={"width": 390, "height": 844}, has_touch=touch) as seen:
        plot = seen.page.locator(f"figure[data-name='{STEPS}'] .plot")
        plot.scroll_into_view_if_needed()
        marks = seen.page.locator(f"figure[data-name='{STEPS}'] .run2_marks path")
        box = marks.nth(20).bounding_box()
        place = box["x"] + box["width"] / 2 + 1, box["y"] - 6
        if touch:
            seen.page.touchscreen.tap(*place)
        else:
            seen.page.mouse.move(*place)
        told = reading(seen, STEPS)
        commit, run = history.commits[20], series.runs[20]
        a_second = 1000 / float(f"{run.value:.5g}")
        rate = f"{float(f'{a_second:.3g}'):,.0f} steps per second"
        interval = f"(99%: {milliseconds(run.low)} to {milliseconds(run.high)})"
        assert told.startswith(f"engine spectral, dimension 4: {milliseconds(run.value)}, {rate} {interval}")
        assert f"{commit.short}, {commit.date:%Y-%m-%d}, {commit.subject}" in told
        assert seen.console == []


def milliseconds(seconds: float) -> str:
    return f"{1000 * float(f'{seconds:.5g}'):.3g} ms"


@needs_chromium
def test_a_graph_is_read_with_the_keyboard(seen: Opened, planted: Clone) -> None:
    seen.page.locator(f"figure[data-name='{ROTATION}'] .plot").focus()
    for key in ("ArrowLeft", "ArrowUp", "ArrowUp"):
        seen.page.keyboard.press(key)
    told = reading(seen, ROTATION)
    assert "tolerance not reached" in told
    assert told.startswith("depth 2, algorithm penalized: 5,000 steps")
    assert "the same: depth 8, algorithm penalized" in told
    seen.page.keyboard.press("ArrowLeft")
    assert planted.hashes[-2][:8] in reading(seen, ROTATION)


@needs_chromium
def test_each_series_is_there_as_csv(seen: Opened, history: History) -> None:
    links = seen.page.locator(f"figure[data-name='{STEPS}'] a.csv")
    assert links.count() == 4
    content = unquote(links.nth(2).get_attribute("href").partition(",")[2]).splitlines()
    assert content[0] == f"commit,date,subject,\"{STEPS}('spectral', 4) (seconds)\",low_99,high_99"
    assert len(content) == COUNT + 1
    series = next(one for one in history.configurations[0].series if one.name == f"{STEPS}('spectral', 4)")
    assert content[-1].startswith(f'{history.commits[-1].hash},2026-10-21,"Subject of commit 30 & <b>more</b>",')
    assert float(content[-1].split(",")[3]) == pytest.approx(series.runs[-1].value, rel=1e-4)


@needs_chromium
@pytest.mark.parametrize(("width", "scheme"), LOOKS if THOROUGH else LOOKS[:2])
def test_it_fits_and_is_accessible(opened, planted: Clone, width: int, scheme: str) -> None:
    from axe_playwright_python.sync_playwright import Axe

    address = (planted.folder / "dashboard.html").as_uri()
    with opened(address, viewport={"width": width, "height": SIZES[width]}, color_scheme=scheme) as seen:
        assert seen.page.evaluate("document.documentElement.scrollWidth") == width
        smallest = seen.page.eval_on_selector_all(
            "figure svg text", "texts => Math.min(...texts.map(text => text.getBoundingClientRect().height))"
        )
        assert smallest >= 10
        found = Axe().run(seen.page).response["violations"]
        assert [(rule["id"], rule["impact"], rule["nodes"][0]["html"]) for rule in found] == []
        assert (seen.console, seen.requests) == ([], [address])


@needs_chromium
def test_pages_are_served_without_another_host(opened, published: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    published.with_name("broken.html").write_text(
        "<script>missing()</script><script src='https://a.example/a.js'></script>"
    )
    monkeypatch.chdir(published.parents[2])
    with command.server(port=0) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}"
        with opened(f"{address}/dashboard.html") as seen:
            assert seen.console == []
            assert seen.requests == [f"{address}/dashboard.html"]
            assert seen.page.locator("figure").count() == len(Page(published.read_text(encoding="utf-8")).figures)
        with opened(f"{address}/index.html") as seen:
            seen.page.get_by_text("iterations.Hilbert.track_iterations").first.wait_for()
            assert all(one.startswith(address) for one in seen.requests)
        with opened(f"{address}/broken.html") as seen:
            assert seen.console != []
            assert "https://a.example/a.js" in seen.requests
        server.shutdown()


@needs_chromium
def test_what_is_lost_is_the_answer(opened, tmp_path: Path) -> None:
    """A commit that does not build has no results at all; a page of others shows that, too."""
    clone = write_clone(tmp_path, planted=())
    path = next((tmp_path / ".asv/results/reference").glob(f"{clone.hashes[-1][:8]}-*"))
    content = json.loads(path.read_text(encoding="utf-8"))
    for row in content["results"].values():
        row[0] = None
    path.write_text(json.dumps(content), encoding="utf-8")
    (tmp_path / "page.html").write_text(page.html_page(tmp_path, NOW), encoding="utf-8")
    with opened((tmp_path / "page.html").as_uri()) as seen:
        assert seen.page.locator(".answer").inner_text().startswith("Yes: 20 of 20 times slower, 20 without a reason")
        assert seen.page.locator(".changes tbody tr:visible").count() == 28
        seen.page.locator(".to").select_option("28")
        assert seen.page.locator(".answer").inner_text().startswith("No: none of 20 times slower.")
        assert seen.console == []


@needs_chromium
def test_one_commit_is_compared_with_nothing(opened, tmp_path: Path) -> None:
    write_clone(tmp_path, left_out=lambda number: number != 7)
    text = page.html_page(tmp_path, NOW)
    assert 'aria-live="polite">Nothing was measured at both.</p>' in text
    (tmp_path / "page.html").write_text(text, encoding="utf-8")
    with opened((tmp_path / "page.html").as_uri()) as seen:
        assert seen.page.locator(".answer").inner_text() == "Nothing was measured at both."
        assert seen.page.locator("figure").count() == 5
        assert seen.console == []


@needs_chromium
def test_two_machines_are_shown_one_at_a_time(opened, tmp_path: Path) -> None:
    clone = write_clone(tmp_path, left_out=lambda number: number > 4)
    write_results(tmp_path, clone.hashes, machine="here", left_out=lambda number: number < 29)
    for file in (tmp_path / ".asv/results/here").glob("*-*.json"):  # in an environment that was there before
        text = file.read_text(encoding="utf-8")
        file.write_text(text.replace('"python": "3.13"', '"python": "/usr/bin/python3"'), encoding="utf-8")
    (tmp_path / "page.html").write_text(page.html_page(tmp_path, NOW), encoding="utf-8")
    with opened((tmp_path / "page.html").as_uri()) as seen:
        assert seen.page.locator(".sheet:visible").count() == 1
        assert "reference" in seen.page.locator(".age:visible").inner_text()
        seen.page.locator("#configuration").select_option("1")
        assert "here" in seen.page.locator(".age:visible").inner_text()
        assert seen.page.locator("#configuration option").all_inner_texts() == [
            "reference, Python 3.13, 4 commits",
            "here, 2 commits",
        ]
        seen.page.reload()
        assert "here" in seen.page.locator(".age:visible").inner_text()
        assert seen.console == []


def test_data_is_json_that_a_browser_reads(planted: Clone) -> None:
    text = (planted.folder / "dashboard.html").read_text(encoding="utf-8")
    data = json.loads(text.partition('class="data">')[2].partition("</script>")[0])
    assert len(data["commits"]) == COUNT
    assert sum(len(graph["series"]) for graph in data["graphs"]) == 4 + 16 + 4 + 4 + 1
