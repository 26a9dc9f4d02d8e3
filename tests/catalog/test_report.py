"""The report says what was checked, all of it, and needs nothing but itself."""

import importlib
import json
import re
import shlex
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from report_pages import NASTY, SECTIONS, drawn_once, few_depths, small_page

import catalog
import dlr
from catalog import registry
from catalog.app import counterexamples
from catalog.app.report import (
    coverage,
    near_saddle,
    page,
    plane_data,
    target_sections,
    theorem_cards,
    tick_checks,
    trials,
)
from catalog.app.tables import readable
from catalog.app.validate import Record
from catalog.claim import Claim, Kind
from catalog.family import Target


class Parsed(HTMLParser):
    """Anchors, links, what is loaded, headings, and the rows of the tables of checks, by claim."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.anchors: list[str] = []
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.order: list[str] = []
        self.checks: dict[str, list[list[str]]] = {}
        self.claim, self.inside, self.text = "", False, ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list) -> None:
        given = dict(attrs)
        self.order.append(given.get("class") or tag)
        if "id" in given:
            self.anchors.append(given["id"])
        if tag == "article":
            self.claim = given["id"].removeprefix("claim-")
        if tag == "a":
            self.links.append(given["href"])
        elif "src" in given or (tag == "link" and "href" in given):
            self.loaded.append(given.get("src") or given["href"])
        if tag == "table":
            self.inside = given.get("class") == "checks"
        if tag == "tr" and self.inside:
            self.checks.setdefault(self.claim, []).append([])
        if tag == "td" and self.inside:
            self.checks[self.claim][-1].append("")

    def handle_data(self, data: str) -> None:
        self.text += data
        if self.inside and self.checks.get(self.claim) and self.checks[self.claim][-1]:
            self.checks[self.claim][-1][-1] += data.strip()

    def handle_endtag(self, tag: str) -> None:
        self.inside &= tag != "table"


@pytest.fixture(scope="module", autouse=True)
def quick() -> Iterator[None]:
    with few_depths(), drawn_once():
        yield


@pytest.fixture(scope="module")
def records() -> list[Record]:
    """Two checks of each claim, on the first target that it applies to, as if they had been made."""
    made = []
    for claim in catalog.all_claims().values():
        target = next(target for target in catalog.targets() if claim.applies_to(target.matrix))
        for depth, ratio in ((2, 0.123), (8, 0.1249)):
            made.append(record_of(claim, target.name, depth, 1 / ratio if claim.kind is Kind.LOWER_BOUND else ratio))
    return made


def record_of(claim: Claim, target: str, depth: int, ratio: float) -> Record:
    return Record(
        **{"claim": claim.identifier, "name": claim.name, "kind": claim.kind.value, "source": str(claim.source)},
        **{"target": target, "distance": 0.0, "depth": depth, "algorithm": "gradient-descent", "holds": True},
        **{"observed": 3 * ratio, "bound": 3.0, "ratio": ratio, "quantity": claim.quantity, "steps": 1},
        **{"engine": "direct", "seconds": 0.0},
    )


@pytest.fixture(scope="module")
def whole(records: list[Record]) -> str:
    """The page of everything."""
    pytest.importorskip("vl_convert")
    return page.html(page.Findings(list(catalog.all_claims().values()), catalog.targets(), records))


@pytest.fixture(scope="module")
def parsed(whole: str) -> Parsed:
    return Parsed(whole)


def test_everything_has_its_place(parsed: Parsed, records: list[Record]) -> None:
    names = {record.name for record in records}
    wanted = {*SECTIONS, *(f"claim-{name}" for name in names)}
    wanted |= {f"target-{target.name}" for target in catalog.targets()}
    assert wanted <= set(parsed.anchors)
    assert len(parsed.anchors) == len(set(parsed.anchors))


def test_every_link_leads_somewhere_and_nothing_is_loaded(parsed: Parsed, whole: str) -> None:
    inside = {link.removeprefix("#") for link in parsed.links if link.startswith("#")}
    assert inside <= set(parsed.anchors)
    assert all(link.startswith(("#", "https://")) for link in parsed.links)
    assert parsed.loaded == ["data:,"]
    assert "url(" not in whole
    assert "@import" not in whole


def test_every_check_is_listed_as_it_was_found(parsed: Parsed, records: list[Record]) -> None:
    expected: dict[str, list[list[str]]] = {}
    for row in records:
        numbers = [readable(value) for value in (row.observed, row.bound, row.ratio)]
        expected.setdefault(row.name, []).append([row.target, str(row.depth), row.algorithm, *numbers, "holds"])
    assert {name: rows[1:] for name, rows in parsed.checks.items()} == expected


def test_every_statement_is_typeset_and_no_markup_of_docstrings_is_left(whole: str) -> None:
    shown = re.sub(r"<script.*?</script>", "", whole, flags=re.DOTALL)
    assert shown.count("<math>") > 1000
    assert "``" not in shown
    assert re.findall(r"[^<\n]{0,20}-{5,}", shown) == []


def test_each_tick_stands_for_checks_of_its_claim(records: list[Record]) -> None:
    made = tick_checks.strip(records)
    drawn = re.search(r'class="mark-rect role-mark ticks_marks">(.*?)</g>', made.drawn)
    assert drawn is not None
    assert len(made.ticks) == drawn[1].count("<path")
    by_name: dict[str, list] = {}
    for record in records:
        by_name.setdefault(record.name, []).append(record)
    for name, places in made.ticks:
        assert len({f"{by_name[name][place].ratio:.2g}" for place in places}) == 1
    drawable = sum(record.ratio is not None for record in records)
    assert sum(len(places) for _, places in made.ticks) == drawable


def test_a_cell_outside_names_a_hypothesis_that_is_missing() -> None:
    claims = list(catalog.all_claims().values())
    targets = [catalog.target(name) for name in ("rotation", "lehmer", "householder", "shear")]
    for (identifier, _), cell in coverage.cells(claims, targets, []).items():
        claim, target = registry.claim_named(identifier), catalog.target(cell.target)
        if not claim.applies_to(target.matrix):
            assert cell.missing in {hypothesis.name for hypothesis in claim.hypotheses}
    cells = coverage.cells(claims, targets, [record_of(registry.claim_named("P3"), "lehmer", 2, 0.5)])
    assert cells["P3", "rotation"].missing == "positive-definite"
    assert cells["P5", "rotation"].missing == "gamma <= margin of Phi"
    assert (cells["P3", "lehmer"].missing, cells["P3", "lehmer"].words) == ("", "0.50")


def test_a_violated_cell_says_so_and_shows_the_violation() -> None:
    claim, target = registry.claim_named("P3"), catalog.target("lehmer")
    rows = [record_of(claim, "lehmer", 2, 0.9), replace(record_of(claim, "lehmer", 8, 0.1), holds=False)]
    cell = coverage.cells([claim], [target], rows)["P3", "lehmer"]
    assert (cell.verdict, cell.words, cell.nearest) == ("violated", "violated", rows[1])


def plain(html: str) -> str:
    """Text with its formulas as letters and signs."""
    return " ".join(Parsed(html).text.split())


def test_statement_and_proof_are_the_module_s_each_in_its_place() -> None:
    claims = [registry.claim_named(name) for name in ("P3", "C1")]
    theorem, open_question = theorem_cards.theorems(claims, [], {}, {"P3": "", "C1": ""})
    assert plain(theorem.statement).startswith("Let Φ be symmetric positive definite")
    assert "Per eigenvalue" in plain(theorem.proof)
    assert "Per eigenvalue" not in plain(theorem.statement)
    assert "https" not in theorem.proof
    assert (theorem.proved, open_question.proved) == (True, False)


def test_each_source_of_a_theorem_is_named_once() -> None:
    claims = [claim for claim in catalog.all_claims().values() if claim.origin == "catalog.claims.factorization"]
    [theorem] = theorem_cards.theorems(claims, [], {}, dict.fromkeys((claim.identifier for claim in claims), ""))
    assert [source for source, _ in theorem.sources] == list(dict.fromkeys(str(claim.source) for claim in claims))
    assert len(theorem.sources) > 1
    assert all(link.startswith("https://") for _, link in theorem.sources)


def test_each_hypothesis_says_why_it_is_there() -> None:
    on_record = {identifier for identifier, _ in counterexamples.on_record()}
    for claim in filter(lambda claim: claim.identifier in on_record, catalog.all_claims().values()):
        [theorem] = theorem_cards.theorems([claim], [], {}, {claim.identifier: ""})
        kept = {artefact.drops.name for artefact in claim.proof_only}
        for hypothesis, shown in zip(claim.hypotheses, theorem.cards[0].hypotheses, strict=True):
            practical = getattr(hypothesis, "practical", False)
            start = "It only keeps" if practical else "Only the proof" if hypothesis.name in kept else "Without it: "
            assert shown.without.startswith(start), (claim.identifier, hypothesis.name)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("lehmer", ["113 steps", "656 steps"]),
        ("householder", ["not reached", "not reached"]),
    ],
)
def test_trials_say_what_became_of_gradient_descent(name: str, words: list[str]) -> None:
    section = target_sections.target_section(catalog.target(name), [], catalog.all_families())
    runs = [trial for trial in section.trials if trial.algorithm == "gradient-descent"]
    assert [trial.words for trial in runs] == words
    assert [trial.reached for trial in runs] == [not word.startswith("not") for word in words]
    assert [depth for depth, _ in section.proved] == [2, 8]
    for trial, (_, proved) in zip(runs, section.proved, strict=True):
        made = catalog.promises(
            section.target.matrix,
            trial.depth,
            dlr.GradientDescent(trial.solution.step_size),
            trial.solution.problem.tol,
        )
        steps = [f"{promise.claim}: within {promise.steps:,} steps" for promise in made if promise.steps is not None]
        floors = [f"{promise.claim}: never below {promise.floor:.4g}" for promise in made if promise.floor]
        assert proved == "; ".join(steps[:1] + floors[:1]) != ""
        far = np.linalg.norm(trial.solution.layers - np.eye(len(section.target.matrix)), 2, axis=(1, 2))
        assert trial.departure == pytest.approx(far.max())
    refused = [trial for trial in section.trials if trial.algorithm == "power-projection"]
    assert [trial.words == "no margin" for trial in refused] == [name == "householder"] * 2


def test_what_is_proved_only_of_smaller_steps_says_their_size() -> None:
    section = target_sections.target_section(catalog.target("rotation"), [], catalog.all_families())
    for _, proved in section.proved:
        assert re.fullmatch(r"nothing at this step size; N2a: within [\d,]+ steps of size [\d.e-]+", proved)


def test_the_phase_plane_says_what_the_claims_promise() -> None:
    data = plane_data.phase().data
    for depth, real, imaginary in [(8, 2.0, 0.0), (8, -1.0, 0.0), (8, -1.0, 0.25), (1, 0.0, 1.0), (1, -1.0, 0.0)]:
        [at] = [made for made in data["depths"] if made["depth"] == depth]
        place = data["imaginary"].index(imaginary) * len(data["real"]) + data["real"].index(real)
        target = np.array([[real, -imaginary], [imaginary, real]])
        solution = dlr.solve(target, depth, max_steps=10_000)
        assert at["eta"][place] == solution.step_size
        assert (f"{solution.steps:,} steps" if solution.converged else "not reached") in at["words"][place]
        promised = catalog.promises(target, depth, dlr.GradientDescent(solution.step_size))
        promised = promised or catalog.promises(target, depth)
        steps = {promise.steps for promise in promised}
        floors = {promise.floor for promise in promised}
        assert at["proved"][place] in {None, *steps}
        assert at["floor"][place] in {None, *floors}
        told = at["proved"][place] or at["floor"][place]
        assert told or (
            at["words"][place].endswith("No claim proves a number of steps or a floor here.") and depth == 1
        )


def test_the_escape_is_below_a_floor_that_the_exact_run_keeps() -> None:
    seen = near_saddle.escape()
    assert seen.floor == pytest.approx(0.5)
    assert 0 < seen.horizon < seen.left < seen.steps
    assert seen.last < 0.5 * seen.floor


def test_names_are_shown_and_never_taken_for_markup(tmp_path: Path, run, monkeypatch: pytest.MonkeyPatch) -> None:
    text = small_page(tmp_path, run, monkeypatch)
    assert NASTY not in text
    assert NASTY in Parsed(text).text
    data = json.loads(re.findall(r'<script type="application/json" id="data">(.*?)</script>', text)[0])
    assert shlex.split(data["suffixes"][NASTY]) == ["--target-file", NASTY, "-v"]


def test_a_violated_claim_is_the_first_thing_on_the_page(tmp_path: Path, run, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("vl_convert")
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "idle.py").write_text(
        "class Idle:\n"
        "    name, step_size = 'idle', None\n"
        "    def __init__(self, step_size=None):\n"
        "        self.step_size = step_size\n"
        "    def step(self, layers, gradients, step_size):\n"
        "        return layers\n"
    )
    code, _, err = run(
        "report", str(tmp_path / "out.html"), "--claim", "P3", "--target", "lehmer", "--algorithm", "idle:Idle"
    )
    assert code == 1, err
    text = (tmp_path / "out.html").read_text(encoding="utf-8")
    body = Parsed(text[text.index("<body>") :])
    assert body.order[:2] == ["body", "alarm"]
    assert "Violated: P3" in body.text
    assert "dlr validate --claim P3 --target lehmer --algorithm idle:Idle -v" in body.text
    assert "<title>4 violated" in text


def test_claims_and_targets_of_plug_ins_are_shown_as_our_own(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("vl_convert")
    monkeypatch.syspath_prepend(Path(__file__).parents[1] / "data" / "lab-targets")
    theirs = importlib.import_module("lab_targets.one_layer_learns").one_layer_learns
    family = importlib.import_module("lab_targets.damped_rotation").damped_rotation
    claim = replace(theirs, identifier=f"lab.{theirs.identifier}", name=f"lab.{theirs.name}")
    target = replace(family(), name="lab.damped-rotation")
    text = page.html(page.Findings([claim], [target], [record_of(claim, target.name, 1, 0.5)]))
    shown = Parsed(text)
    assert {f"claim-{claim.name}", "target-lab.damped-rotation", "theorem-lab_targets.one_layer_learns"} <= {
        *shown.anchors
    }
    assert claim.statement.split(".")[0] in " ".join(shown.text.split())


def test_what_is_infinite_or_no_number_is_said_in_words() -> None:
    known = counterexamples.on_record()
    assert "observed infinite, bound 1." in theorem_cards.counterexample(known["C1", "identity start"])
    assert "observed no number, bound " in theorem_cards.counterexample(known["H1a", "positive-determinant"])


def test_report_writes_beside_what_validate_prints(tmp_path: Path, run, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("vl_convert")
    monkeypatch.chdir(tmp_path)
    asked = ("--claim", "I2", "--target", "rotation")
    code, out, err = run("report", *asked)
    assert (code, err) == (0, "dlr: wrote report.html\n")
    assert out == run("validate", *asked, "--html", "other.html")[1]
    timeless = [
        re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d", "", Path(name).read_text(encoding="utf-8"))
        for name in ("report.html", "other.html")
    ]
    assert timeless[0] == timeless[1]
    code, out, err = run("report", "-", *asked)
    assert (code, out[:15], err) == (0, "<!doctype html>", "")


@pytest.mark.parametrize(("code", "told"), [(0, "dlr: wrote a.html\n"), (1, "dlr: wrote a.html\n"), (130, "")])
def test_a_page_is_named_unless_none_was_written(code: int, told: str, run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("catalog.app.commands.validate_claims.run", lambda options: code)
    assert run("report", "a.html") == (code, "", told)


def test_the_page_is_written_also_where_no_one_reads_the_rest(tmp_path: Path, run, monkeypatch) -> None:
    pytest.importorskip("vl_convert")

    def closed(content: object) -> None:
        raise BrokenPipeError

    monkeypatch.setattr("catalog.app.output.show", closed)
    monkeypatch.setattr("catalog.app.process.silence", lambda stream: None)
    (tmp_path / "own.json").write_text("[[2]]", encoding="utf-8")
    asked = ("--claim", "I2", "--target", "rotation", "--target-file", str(tmp_path / "own.json"))
    code, _, err = run("report", str(tmp_path / "out.html"), *asked)
    assert (code, err) == (0, f"dlr: wrote {tmp_path / 'out.html'}\n")
    assert (tmp_path / "out.html").read_text(encoding="utf-8").startswith("<!doctype html>")


@pytest.mark.parametrize("missing", ["vl_convert", "jinja2", "docutils"])
def test_a_library_that_is_missing_is_missed_before_the_work(
    run, monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None if name == missing else True)
    monkeypatch.setattr("catalog.app.validate.tasks_for", None)
    code, out, err = run("report")
    assert (code, out) == (2, "")
    assert err == f"dlr: error: report needs {missing.replace('_', '-')}: pip install 'deep-linear-residual[report]'\n"


def test_two_results_can_not_both_go_to_stdout(run) -> None:
    pytest.importorskip("vl_convert")
    code, out, err = run("validate", "--html", "-", "--json", "-")
    assert (code, out) == (2, "")
    assert "html must be a file beside --json -" in err


def test_a_card_draws_the_ratios_that_there_are() -> None:
    claim, ratios = registry.claim_named("P3"), {2: 0.5, 4: None, 8: -1.0}
    rows = [replace(record_of(claim, "lehmer", depth, 0.5), ratio=ratio) for depth, ratio in ratios.items()]
    shown, one = (theorem_cards.card(claim, found, {"lehmer": 10.0}, "", {}, {}) for found in (rows, rows[:1]))
    assert (shown.over_depth, shown.over_condition) == (one.over_depth, one.over_condition)
    assert shown.over_depth


@pytest.mark.parametrize(
    ("ratio", "words", "nearness"),
    [
        *((0.0099, "<0.01", 0.0099), (0.01, "0.01", 0.01), (9.99, "9.99", 1 / 9.99), (10.0, "10", 0.1)),
        *((1234.5, "1,234", 1 / 1234.5), (1.0, "1.00", 1.0), (0.0, "<0.01", 0.0), (-0.5, "<0.01", 0.0)),
        (None, "✓", 0.0),
    ],
)
def test_a_cell_shows_how_near_the_bound_is(ratio: float | None, words: str, nearness: float) -> None:
    row = replace(record_of(registry.claim_named("P3"), "lehmer", 2, 0.5), ratio=ratio)
    cell = coverage.Cell("P3", "lehmer", (row,))
    assert (cell.words, cell.nearness) == (words, pytest.approx(nearness))
    rounding = replace(row, kind=Kind.IDENTITY.value)
    assert (coverage.Cell("P3", "lehmer", (rounding,)).words, coverage.Cell("P3", "lehmer", ()).words) == (
        "✓",
        "outside",
    )


def test_a_matrix_is_shown_up_to_a_size(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "matrix of" not in theorem_cards.matrix(np.eye(theorem_cards.ENTRIES))
    assert "matrix of" in theorem_cards.matrix(np.eye(theorem_cards.ENTRIES + 1))
    targets = [Target.of("x.npy", np.eye(d)) for d in (2, 3)]
    monkeypatch.setattr(target_sections, "SHOWN", 2)
    assert [len(target_sections._shades(target)) for target in targets] == [2, 0]
    monkeypatch.setattr(trials, "LARGEST", 2)
    assert [len(trials.trials_of(target)) for target in targets] == [8, 0]


def test_a_target_of_no_family_has_its_section_too() -> None:
    pytest.importorskip("vl_convert")
    claim, large = registry.claim_named("I2"), Target.of("large.npy", np.eye(100))
    rows = [record_of(claim, "large.npy", 2, 0.1)]
    text = page.html(page.Findings([claim], [large], rows, frozenset(["large.npy"])))
    assert 'id="target-large.npy"' in text
    assert "too large to be tried here" in text
