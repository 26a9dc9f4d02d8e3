"""A fresh clone publishes the committed history, and the page opens in a browser without a network."""

import json
import re
import subprocess
import threading
from html.parser import HTMLParser
from pathlib import Path

import pytest
from browser import launched, needs_chromium

from catalog.benchmarks.dashboard import command as dashboard
from catalog.benchmarks.dashboard import page

ROOT = Path(__file__).parents[2]


class Page(HTMLParser):
    """What the page holds: links, references to load, table text, points."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.sections: dict[str, int] = {}
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list) -> None:
        attributes = dict(attrs)
        if tag == "a":
            self.links.append(attributes["href"])
        elif "src" in attributes or "href" in attributes:
            self.loaded.append(attributes.get("src") or attributes["href"])
        if tag == "section":
            self.sections[attributes["id"]] = 0
        if tag == "circle":
            self.sections[list(self.sections)[-1]] += 1


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page that the documented command publishes in a fresh clone."""
    pytest.importorskip("asv")
    if not (ROOT / ".git").exists():
        pytest.skip("no git history here to publish")
    clone = tmp_path_factory.mktemp("clone")
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(clone)
        assert dashboard.main(["--no-serve"]) == 0
    return clone / dashboard.PAGE


def check(page: Page) -> None:
    """The summary links to every graph, iteration counts and runtimes among them, and every graph has points."""
    assert [link.removeprefix("#") for link in page.links if link.startswith("#")] == list(page.sections)
    assert all(page.sections.values())
    for method in ("track_iterations", "time_", "peakmem_", "track_bound_ratio", "track_success"):
        assert [name for name in page.sections if f".{method}" in name], method


def test_page_needs_no_other_host(published: Path) -> None:
    text = published.read_text(encoding="utf-8")
    check(Page(text))
    assert Page(text).loaded == ["data:,"]
    assert "<script" not in text


DAY = 86_400_000
INDEX = {
    "project": "deep & linear",
    "hash_length": 4,
    "benchmarks": {
        "speed.B.time_b": {"name": "speed.B.time_b", "unit": "seconds", "params": [["2", "8"], ["'a'"]]},
        "steps.A.track_iterations": {"name": "steps.A.track_iterations", "unit": "steps", "params": []},
        "speed.C.peakmem_c": {"name": "speed.C.peakmem_c", "unit": "bytes", "params": []},
        "speed.C.peakmem_d": {"name": "speed.C.peakmem_d", "unit": "bytes", "params": [["1", "2", "3"]]},
        "speed.timeraw_e": {"name": "speed.timeraw_e", "unit": "seconds", "params": [["1", "2"]]},
        "bounds.F.track_bound_ratio": {"name": "bounds.F.track_bound_ratio", "unit": "ratio", "params": []},
        "steps.A.track_success": {"name": "steps.A.track_success", "unit": "reached", "params": []},
        "another": {"name": "another", "unit": "", "params": []},
    },
    "revision_to_hash": {"0": "aaaa1111", "1": "bbbb2222", "3": "cccc3333"},
    "revision_to_date": {"0": 0, "1": DAY, "3": 3 * DAY},
}
GRAPHS = {
    "machine-here/speed.B.time_b": [[0, [0.25, None]], [1, [0.5, 0.002]], [3, [0.75, 0.004]]],
    "machine-there/steps.A.track_iterations": [[0, 1234]],
    "machine-here/speed.C.peakmem_c": [[0, None]],
    "machine-here/speed.C.peakmem_d": [[0, [2.5e9, 3.5e6, 12]]],
    "machine-here/speed.timeraw_e": [[0, [2.5, 3.25e-6]]],
    "machine-here/bounds.F.track_bound_ratio": [[0, 0.25], [1, -0.5]],
    "machine-here/steps.A.track_success": [[0, 0], [1, 1]],
    "machine-here/another": [[3, 4]],
    "summary/machine-here/speed.B.time_b": [[0, [9, 9]]],
}
JUMP = ["speed.B.time_b(8, 'a')", "graphs/machine-here/speed.B.time_b.json", {}, None, 0, 0, [[1, 3, 0.002, 0.004]]]


def test_the_page_of_a_few_results(tmp_path: Path) -> None:
    """Values to four digits with their unit, changes, a regression and gaps; a page that a reader has looked at."""
    (tmp_path / "index.json").write_text(json.dumps(INDEX), encoding="utf-8")
    (tmp_path / "regressions.json").write_text(json.dumps({"regressions": [JUMP]}), encoding="utf-8")
    for name, points in GRAPHS.items():
        path = tmp_path / "graphs" / f"{name}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(points), encoding="utf-8")
    expected = (ROOT / "tests" / "data" / "dashboard.html").read_text(encoding="utf-8")
    assert page.html_page(tmp_path).partition("<h1>")[2].split() == expected.partition("<h1>")[2].split()


@pytest.mark.parametrize("values", [(0.0, 50.0, 100.0), (1.0, 10.0, 100.0)], ids=["from zero", "over decades"])
def test_a_graph_is_linear_or_logarithmic_as_its_values_need(values: tuple[float, ...]) -> None:
    graph = page.Graph("track_steps", "steps", {"one": list(enumerate(values))})
    drawn = page._section(graph, "reference", "anchor", dict.fromkeys(range(3), "a commit"), set())
    heights = [float(height) for height in re.findall(r'<circle[^>]* cy="([-\d.]+)"', drawn)]
    assert len(heights) == 3
    assert heights[0] - heights[1] == pytest.approx(heights[1] - heights[2], abs=0.2)
    assert heights[0] > heights[2]


@needs_chromium
def test_page_opens_in_a_browser(published: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (published.with_name("broken.html")).write_text(
        "<script>missing()</script><script src='https://example.com/a.js'></script>"
    )
    monkeypatch.chdir(published.parents[2])
    with launched() as opened, dashboard.server(port=0) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}"
        with opened(f"{address}/dashboard.html") as seen:
            assert seen.console == []
            assert seen.requests == [f"{address}/dashboard.html"]
            check(Page(seen.page.content()))
        with opened(f"{address}/broken.html") as seen:
            assert seen.console != []
            assert "https://example.com/a.js" in seen.requests
        server.shutdown()


def test_bad_use_is_one_line_that_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit, match="2"):
        dashboard.main([])
    assert "run from the root of a checkout" in capsys.readouterr().err
    (tmp_path / "asv.conf.json").write_text("{}", encoding="utf-8")
    with pytest.raises(SystemExit, match="2"):
        dashboard.main(["-3"])
    assert "N must be at least 0, got -3" in capsys.readouterr().err
    assert dashboard.main([]) == 1
    assert "asv publish" in capsys.readouterr().err
    monkeypatch.setattr(dashboard, "publish", lambda: None)
    with dashboard.server(port=0) as taken, pytest.raises(SystemExit, match="2"):
        dashboard.main(["--port", str(taken.server_port)])
    assert "choose another with --port" in capsys.readouterr().err
    monkeypatch.setattr(dashboard, "find_spec", lambda name: None)
    with pytest.raises(SystemExit, match="2"):
        dashboard.main([])
    assert "pip install" in capsys.readouterr().err
