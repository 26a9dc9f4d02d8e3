"""``dlr sweep show``: medians of what reached the tolerance with how much did, the same files from the same runs."""

import csv
import io
import json
import math
import os
import re
import sqlite3
from collections import defaultdict
from contextlib import closing
from importlib.util import find_spec
from pathlib import Path
from statistics import fmean, median

import pytest
from rich.text import Text

import catalog
import dlr
from catalog.app import sweep_tables
from catalog.app.figures import heat_map
from catalog.sweeps import maps, selection, store, table

SPEC = {
    "target": ["definite-plus-skew", "cayley"],
    "depth": [1, 2, 4],
    "step_size": ["default", "0.5 cap", "1.2 cap"],
    "seeds": 4,
    "tol": 1e-4,
    "max_steps": 200,
}
"""The longest step is beyond what any minimum allows."""


@pytest.fixture(scope="module")
def swept(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A store in which some runs reach the tolerance, some do not, and some can't be made."""
    file = tmp_path_factory.mktemp("swept") / "a store?.sqlite"
    catalog.sweep(catalog.Spec(**SPEC), file, workers=1)
    refused = catalog.Spec(["householder", "cayley"], depth=2, algorithm="power-projection", max_steps=200, tol=1e-4)
    assert catalog.sweep(refused, file, workers=1).refused == 2
    return str(file)


def rows_of(file: str) -> list[dict[str, object]]:
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.row_factory = sqlite3.Row
        return [dict(row) for row in connection.execute("SELECT * FROM cells")]


def of_run(value: str, row: dict[str, object]) -> float:
    if value == "time":
        return row["steps"] * row["step_size"] * row["depth"]
    if value == "rate":
        ratio = row["start_loss"] / row["loss"] if row["loss"] else math.inf
        return math.log(ratio) / (2 * of_run("time", row))
    return row["converged" if value == "success" else value]


@pytest.mark.parametrize("value", maps.VALUES)
def test_a_map_is_what_the_rows_say(swept, value):
    with store.reading(swept) as kept:
        runs = selection.selected(kept, ["algorithm=gradient-descent"])
        found = maps.map_of(runs, "depth", "step_rule", value)
    assert found.over == {"family": 2, "seed": 4, "dimension": 1} | found.over
    groups = defaultdict(list)
    for row in rows_of(swept):
        if row["algorithm"] == "gradient-descent":
            groups[row["depth"], row["step_rule"]].append(row)
    assert set(groups) == set(found.entries)
    assert (found.across, found.down) == ((1, 2, 4), ("default", "0.5 cap", "1.2 cap"))
    for place, rows in groups.items():
        entry = found.entries[place]
        assert (entry.runs, entry.refused) == (len(rows), 0) == (8, 0)
        assert entry.converged == sum(row["outcome"] == "CONVERGED" for row in rows)
        assert entry.success == entry.converged / 8
        of_all = value not in ("steps", "time")
        counted = [of_run(value, row) for row in rows if of_all or row["outcome"] == "CONVERGED"]
        counted = [number for number in counted if math.isfinite(number)]
        take = fmean if value == "success" else median
        assert entry.value == (pytest.approx(take(counted)) if counted else None)
    assert (found.runs, found.refused) == (72, 0)
    assert 0 < found.converged < 72


def test_a_cell_may_have_the_least_or_the_largest_value(swept):
    with store.reading(swept) as kept:
        runs = selection.selected(kept, ["step_rule=default"])
        least, middle, largest = (maps.map_of(runs, "depth", take=take) for take in ("least", "median", "largest"))
    steps = [row["steps"] for row in rows_of(swept) if (row["step_rule"], row["depth"]) == ("default", 4)]
    found = [taken.entries[4, None].value for taken in (least, middle, largest)]
    assert found == [min(steps), median(steps), max(steps)]
    assert "least of the runs that reached the tolerance" in least.taken


def test_steps_of_runs_that_failed_are_never_shown(swept, run):
    with store.reading(swept) as kept:
        found = maps.map_of(selection.selected(kept, ["step_rule=1.2 cap"]), "depth", "step_rule")
    assert {entry.value for entry in found.entries.values()} == {None}
    assert all(row["steps"] is not None for row in rows_of(swept) if row["step_rule"] == "1.2 cap")
    code, out, _ = run("sweep", "show", swept, "--x", "depth", "--where", "step_rule=1.2 cap")
    assert code == 0
    assert re.findall(r"^ *(\d) +(\S+) +(\d+/\d+)$", out, re.MULTILINE) == [(depth, "-", "0/8") for depth in "124"]
    drawn = heat_map.spec(found)["data"]["values"]
    assert {rect["class"] for rect in drawn} == {heat_map.FAILED_WORDS}
    assert "in 3 cells no run did" in heat_map.described(found)


def test_what_can_not_be_run_is_neither_a_success_nor_a_failure(swept, run):
    code, out, _ = run("sweep", "show", swept, "--x", "family", "--where", "algorithm=power-projection")
    assert code == 0
    assert "0 of 0 runs reached the tolerance, 2 can't be run" in out
    assert re.search(r"^ *cayley +- +0/0 +1$", out, re.MULTILINE)
    with store.reading(swept) as kept:
        found = maps.map_of(selection.selected(kept), "algorithm", "family", "success")
    assert {entry.value for entry in found.entries.values() if not entry.runs} == {None}


def test_a_part_of_a_cell_is_as_large_as_its_share_of_successes():
    entries = {(1, 1): maps.Entry(5.0, 16, 4, 0), (2, 1): maps.Entry(9.0, 2, 2, 0)}
    found = maps.Map("a", "b", "steps", (1, 2), (1,), entries, {}, {})
    spec = heat_map.spec(found)
    whole, part, other = spec["data"]["values"]
    areas = [(rect["x2"] - rect["x"]) * (rect["y2"] - rect["y"]) for rect in (whole, part, other)]
    assert areas[1] / areas[0] == pytest.approx(4 / 16, rel=1e-3)
    assert areas[2] == areas[0]
    assert whole["class"] == heat_map.FAILED_WORDS != part["class"] != other["class"]


@pytest.mark.parametrize(
    "values", [[1.0], [2.0, 2.0], [0.0, 1.0], [12, 13, 14], [1, 10, 1e5], [-1, 3], [0, 1e-9, 1], [1, 3, math.inf]]
)
def test_every_value_has_a_class(values):
    edges = heat_map.class_edges(values)
    names = heat_map.class_names(edges)
    assert len(names) == len(set(names)) == max(len(edges) - 1, 1) <= len(heat_map.SHADES)
    assert edges == sorted(edges)
    assert (edges[0], edges[-1]) == (min(values), max(values))


def test_a_rate_needs_time_and_losses_that_are_numbers_above_0():
    assert maps._rate(1.0, math.exp(-2), 5, 0.1, 2) == pytest.approx(1.0)
    for given in ((0.0, 1.0, 5), (1.0, 0.0, 5), (math.inf, 1.0, 5), (1.0, math.inf, 5), (1.0, 0.5, 0)):
        assert maps._rate(*given, 0.1, 2) is None


def test_lines_of_a_subtitle_are_as_long_as_they_may_be():
    assert heat_map._lines("aa bb c", 5 * heat_map.LETTER) == ["aa bb", "c"]
    assert heat_map._lines("aa bb c", 4 * heat_map.LETTER) == ["aa", "bb c"]
    assert heat_map._lines("aaaaa b", 4 * heat_map.LETTER) == ["aaaaa", "b"]
    assert heat_map._lines("a-b-c d", 4 * heat_map.LETTER) == ["a-b-c", "d"]


def test_classes_are_logarithmic_where_values_are_far_apart():
    assert heat_map.class_edges([1.0, 8.0])[1:3] == [1.3, 1.8]
    assert heat_map.class_edges([0.0, 1.0, 8.0])[1:3] == [1.3, 1.8]
    assert heat_map.class_edges([1.0, 7.9])[1:3] == [2.0, 3.0]
    assert heat_map.class_edges([-1.0, 8.0])[1:3] == [0.29, 1.6]
    assert heat_map.class_edges([1.0, 1.1]) == [1.0, 1.1, 1.1]
    assert heat_map.class_edges([0.0, 0.0]) == [0.0, 0.0]


@pytest.mark.parametrize(("values", "listed"), [(range(12), "10, 11"), (range(13), "4, 5, ..., 12")])
def test_many_values_are_listed_by_the_first_and_the_last(values, listed):
    assert sweep_tables._listed(values).endswith(listed)


@pytest.mark.parametrize(
    ("values", "names"),
    [([math.inf, math.inf], ["inf"]), ([2.0, math.inf], ["2 to inf"]), ([None, 2.0], ["2"]), ([None, None], [])],
)
def test_a_class_says_no_more_than_its_values(values, names):
    entries = {(place, 1): maps.Entry(value, 1, 0, 0) for place, value in enumerate(values)}
    found = heat_map.spec(maps.Map("a", "b", "loss", (0, 1), (1,), entries, {}, {}))
    assert found["encoding"]["fill"]["scale"]["domain"] == names + [heat_map.FAILED_WORDS] * (None in values)


def test_where_picks_runs_and_several_values_of_a_column_add_up(swept):
    with store.reading(swept) as kept:
        counts = [
            len(selection.selected(kept, where))
            for where in ([], ["depth=2"], ["depth=2", "depth=4"], ["depth=2", "family=cayley", "seed=1"], ["tol=1e-4"])
        ]
    assert counts == [74, 26, 50, 3, 74]


def test_where_takes_a_value_as_it_is_shown(tmp_path, run):
    file = tmp_path / "margins.sqlite"
    margins = [0.05, 0.0697475396981, 0.123451, 0.123449, 0.25]
    with store.opened(file) as kept:
        rows = [(str(k), k, "CONVERGED", 1, 3, margin) for k, margin in enumerate(margins)]
        kept.add([(("key", "seed", "outcome", "converged", "steps", "margin"), rows)])
    with store.reading(file) as kept:
        for written in ("0.06975", "0.0697475", "0.0697475396981", "0.12345", "0.123451"):
            if written == "0.12345":
                with pytest.raises(dlr.InputError, match=r"tell one of its values .* from 0\.123449, 0\.123451$"):
                    selection.selected(kept, [f"margin={written}"])
            else:
                [found] = selection.selected(kept, [f"margin={written}"]).values("margin")
                assert found == pytest.approx(float(written), rel=1e-4)
        for written in ("0.07", "0.06974", "0.0697476"):
            with pytest.raises(dlr.InputError, match="where margin must be one of its values"):
                selection.selected(kept, [f"margin={written}"])
    code, out, _ = run("sweep", "show", str(file), "--x", "margin", "--where", "margin=0.06975", "--where", "seed=1")
    assert (code, "1 of 1 run " in out) == (0, True)


def test_why_runs_can_not_be_made_is_told(swept, run, tmp_path):
    reasons = sorted(row["refusal"] for row in rows_of(swept) if row["refusal"])
    assert len(set(reasons)) == 2
    for more in ([], ["--x", "family"]):
        code, out, _ = run("sweep", "show", swept, "--where", "algorithm=power-projection", *more)
        assert (code, out.count(f"1 can't be run: {reasons[0]}; and 1 other reason\n")) == (0, 1)
        assert ": target must" not in run("sweep", "show", swept, "--where", "step_rule=0.5 cap", *more)[1]
    file = tmp_path / "most.sqlite"
    with store.opened(file) as kept:
        rows = [(str(k), "REFUSED", 0, reason) for k, reason in enumerate(["one", "the\n[b]other", "the\n[b]other"])]
        kept.add([(("key", "outcome", "converged", "refusal"), rows)])
    assert (
        "3 runs: 3 REFUSED\n2 can't be run: the [b]other; and 1 other reason\n\n" in run("sweep", "show", str(file))[1]
    )


def test_shares_have_even_classes_and_none_and_all_their_own():
    shares = (0.0, 1e-9, 0.24, 0.25, 0.5, 0.75, 0.999, 1.0)
    entries = {(place, 1): maps.Entry(share, 10**9, round(share * 10**9), 0) for place, share in enumerate(shares)}
    found = maps.Map("a", "b", "success", tuple(range(len(shares))), (1,), entries, {}, {})
    drawn = heat_map.spec(found)
    names = list(heat_map.SHARES)
    assert [rect["class"] for rect in drawn["data"]["values"]] == [names[k] for k in (0, 1, 1, 2, 3, 4, 4, 5)]
    scale = drawn["encoding"]["fill"]["scale"]
    assert scale["domain"] == names
    assert (scale["range"][0], scale["range"][-1]) == (heat_map.SHADES[-1], heat_map.SHADES[0])


def test_a_plot_says_what_is_taken_and_where(swept, run, tmp_path):
    pytest.importorskip("vl_convert")
    file = str(tmp_path / "map.svg")
    where = ["--where", "algorithm=gradient-descent", "--where", "family=cayley"]
    for value, taken in (
        ("steps", "median of the runs that reached the"),
        ("success", "of all runs, over seed (4 values)"),
    ):
        code, _, _ = run(
            "sweep", "show", swept, "--x", "depth", "--y", "step_rule", "--value", value, *where, "--plot", file
        )
        drawn = Path(file).read_text(encoding="utf-8")
        assert (code, drawn.count(f">{taken}")) == (0, 1)
        assert drawn.count("where algorithm=gradient-descent, family=cayley<") == 1
        assert "Where algorithm=gradient-descent, family=cayley" in drawn


def test_the_legend_is_above_the_map_and_fits_a_telephone(swept):
    with store.reading(swept) as kept:
        runs = selection.selected(kept, ["algorithm=gradient-descent"])
        for value in maps.VALUES:
            legend = heat_map.spec(found := maps.map_of(runs, "depth", "step_rule", value))["encoding"]["fill"]
            names, legend = legend["scale"]["domain"], legend["legend"]
            wide = heat_map.LETTER * max(map(len, names)) + heat_map.SYMBOL
            assert legend["orient"] == "top"
            assert legend["columns"] * wide <= heat_map.NARROW < (legend["columns"] + 1) * wide
            assert max(map(len, legend["title"])) * heat_map.LETTER <= heat_map.NARROW
            assert " ".join(legend["title"]) == maps.VALUES[found.value].meaning


def test_an_overview_lists_every_column_with_values(swept, run):
    code, out, _ = run("sweep", "show", swept)
    assert code == 0
    assert out.startswith("74 runs: ")
    assert re.search(r"^depth +3  1, 2, 4$", out, re.MULTILINE)
    assert re.search(r"^step_rule +3  default, 0.5 cap, 1.2 cap$", out, re.MULTILINE)
    assert "algorithm_radius" not in out


def test_a_map_is_turned_where_only_that_fits():
    across, down = tuple(range(30)), ("a", "b")
    entries = {(x, y): maps.Entry(float(x), 1, 1, 0) for x in across for y in down}
    lines = list(sweep_tables.Grid(maps.Map("x", "y", "steps", across, down, entries, {}, {})).lines(40))
    assert (len(lines), lines[0].plain.split(), lines[-1].plain.split()) == (
        31,
        ["x", "\\", "y", "a", "b"],
        ["29", "29", "1/1", "29", "1/1"],
    )


def test_a_list_of_cells_is_aligned_at_the_right():
    across, down = (1, 100), ("a", "bcd")
    entries = {(x, y): maps.Entry(float(x), 1, 1, 0) for x in across for y in down}
    rows = sweep_tables._listing(maps.Map("x", "why", "steps", across, down, entries, {}, {}))
    assert [line.plain for line in rows.lines(80)] == [
        "why    x  steps  reached",
        "  a    1      1      1/1",
        "  a  100    100      1/1",
        "bcd    1      1      1/1",
        "bcd  100    100      1/1",
    ]


def test_an_overview_fits_where_lists_are_long(swept):
    with store.reading(swept) as kept:
        contents = sweep_tables.overview(selection.selected(kept))
        lines = [line.plain for content in contents[1:] for line in content.lines(58)]
    assert max(map(len, lines)) <= 58
    assert len(lines) > len(contents[1].columns[0].cells) + 1


@pytest.mark.parametrize("width", [40, 80, 120, 10**6])
def test_a_map_fits_or_is_one_cell_a_line(swept, width):
    with store.reading(swept) as kept:
        found = maps.map_of(selection.selected(kept, ["algorithm=gradient-descent"]), "seed", "step_rule")
    lines = [line.plain for line in sweep_tables.Grid(found).lines(width)]
    assert all(isinstance(line, str) and len(line) <= width for line in lines)
    assert len(lines) == 1 + (12 if width == 40 else 3)
    assert sum(line.count("/6") for line in lines) == 12
    assert Text(lines[0]).plain.split()[0] == "step_rule"


def test_the_same_runs_give_the_same_files(swept, run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    turned = catalog.Spec(**{**SPEC, "target": SPEC["target"][::-1], "depth": [4, 2, 1]})
    catalog.sweep(turned, "other.sqlite", workers=1)
    picked = ["--where", "algorithm=gradient-descent", "--x", "depth", "--y", "seed"]
    for name, file in (("a", swept), ("b", "other.sqlite")):
        files = ["--csv", f"{name}.csv", "--json", f"{name}.json"]
        if find_spec("vl_convert"):
            files += ["--plot", f"{name}.svg"]
        if find_spec("duckdb"):
            files += ["--parquet", f"{name}.parquet"]
        assert run("sweep", "show", file, *picked, *files)[0] == 0
    pairs = [(file, file.with_stem("b")) for file in tmp_path.glob("a.*")]
    assert {one.suffix for one, _ in pairs} >= {".csv", ".json"}
    for one, other in pairs:
        assert one.read_bytes() == other.read_bytes(), one.suffix
    rows = list(csv.DictReader(io.StringIO(Path("a.csv").read_text(encoding="utf-8"))))
    assert len(rows) == 72
    assert {row["key"] for row in rows} == {row["key"] for row in rows_of("other.sqlite")}
    made = json.loads(Path("a.json").read_text(encoding="utf-8"))
    assert sum(entry["runs"] for entry in made["entries"]) == 72
    assert (made["x"], made["y"], made["value"], made["down"]) == ("depth", "seed", "steps", [0, 1, 2, 3])


def test_parquet_holds_what_the_csv_does(swept, tmp_path):
    duckdb = pytest.importorskip("duckdb")
    from catalog.sweeps import parquet

    with store.reading(swept) as kept:
        (tmp_path / "runs.parquet").write_bytes(parquet.parquet_bytes(kept))
        header, rows = kept.header(), list(kept.rows())
    found = duckdb.sql(f"SELECT * FROM '{tmp_path}/runs.parquet'")
    assert found.columns == header
    assert found.fetchall() == rows


def test_a_store_is_read_as_it_is(swept, run, tmp_path, monkeypatch):
    """Nothing is written to it, in a folder that takes nothing, either, and while another writes to it."""
    folder = tmp_path / "shut"
    folder.mkdir()
    copy = folder / "copy.sqlite"
    copy.write_bytes(Path(swept).read_bytes())
    copy.chmod(0o444)
    folder.chmod(0o555)
    assert run("sweep", "show", str(copy))[0] == 0
    assert list(folder.iterdir()) == [copy]
    assert copy.read_bytes() == Path(swept).read_bytes()
    folder.chmod(0o755)
    opened, connect = [], sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda name, **more: opened.append(name) or connect(name, **more))
    monkeypatch.setattr(os, "access", lambda *_: False)  # as for one who may not write there
    assert run("sweep", "show", str(copy))[0] == 0
    assert opened[0].endswith("copy.sqlite?mode=ro&immutable=1")
    monkeypatch.undo()
    with closing(sqlite3.connect(swept, isolation_level=None)) as writer, writer:
        writer.execute("BEGIN IMMEDIATE")
        assert run("sweep", "show", swept)[0] == 0
        writer.execute("ROLLBACK")


def test_the_csv_of_a_command_is_that_of_the_store(swept, run):
    with store.reading(swept) as kept:
        assert run("sweep", "show", swept, "--csv", "-")[1] == "".join(table.csv_pieces(kept))


BAD = [
    (["--x", "dept"], "column 'dept' is unknown: did you mean depth"),
    (["--x", "steps"], "column 'steps' is unknown: did you mean"),
    (["--x", "depth", "--y", "seeed"], "column 'seeed' is unknown: did you mean seed"),
    (["--x", "depth", "--y", "depth"], "y must be another column than x, got 'depth'"),
    (["--x", "depth", "--value", "step"], "value 'step' is unknown: did you mean steps"),
    (["--x", "depth", "--take", "mean"], "take 'mean' is unknown: did you mean median"),
    (["--x", "depth", "--where", "depht=2"], "column 'depht' is unknown: did you mean depth"),
    (["--x", "depth", "--where", "depth=3"], "where depth must be one of its values, got '3': choose from 1, 2, 4"),
    (["--x", "depth", "--where", "depth=two"], "where depth must be a number, got 'two'"),
    (["--x", "depth", "--where", "depth"], "where must be name=value, got 'depth'"),
    (["--x", "depth", "--where", "depth="], "where must be name=value, got 'depth='"),
    (["--where", "depth=4", "--where", "family=householder"], "where must leave a run, got ['depth=4', 'family=h"),
    (["--y", "depth"], "x must be given beside --y"),
    (["--plot", "map.svg"], "x must be given beside --plot"),
    (["--json"], "x must be given beside --json"),
    (["--x", "depth", "--plot", "map.svg"], "y must be given beside --plot"),
    (["--x", "depth", "--y", "seed", "--plot", "map.pdf"], "plot must end in .svg or .png, got 'map.pdf'"),
    (["--x", "depth", "--json", "-", "--csv", "-"], "json must be a file beside --csv -"),
    (["--csv", "/no/such/folder/runs.csv"], "there is no folder /no/such/folder"),
]


@pytest.mark.parametrize(("arguments", "message"), BAD, ids=[" ".join(arguments) for arguments, _ in BAD])
def test_a_mistake_is_told_in_one_line(swept, run, arguments, message):
    code, out, err = run("sweep", "show", swept, *arguments)
    assert (code, out) == (2, "")
    assert message in err
    assert len(err.splitlines()) == 1


@pytest.mark.parametrize("option", ["csv", "json", "parquet", "plot"])
def test_the_store_is_never_written_over(swept, run, tmp_path, monkeypatch, option):
    monkeypatch.chdir(tmp_path)
    before = Path(swept).read_bytes()
    Path("runs.svg").write_bytes(before)
    Path("soft").symlink_to("runs.svg")
    Path("hard").hardlink_to("runs.svg")
    names = ["runs.svg", "./runs.svg", str(tmp_path / "runs.svg"), "soft", "hard", "runs.svg-wal", "runs.svg-shm"]
    for shown, name in [("runs.svg", name) for name in names] + [("soft", "runs.svg"), ("soft", "runs.svg-wal")]:
        code, out, err = run("sweep", "show", shown, "--x", "depth", "--y", "seed", f"--{option}", name)
        assert (code, out, len(err.splitlines())) == (2, "", 1)
        assert err.startswith(f"dlr: error: {option} must be another file than the store, got '{name[:20]}")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["hard", "runs.svg", "soft"]
    assert Path("runs.svg").read_bytes() == before
    assert run("sweep", "show", "runs.svg")[0] == 0


def test_libraries_that_are_missing_are_named(swept, run, monkeypatch, tmp_path):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    monkeypatch.chdir(tmp_path)
    code, out, err = run("sweep", "show", swept, "--parquet", "runs.parquet")
    assert (code, out) == (2, "")
    assert err == "dlr: error: parquet needs duckdb: pip install 'deep-linear-residual[parquet]'\n"
    code, out, err = run("sweep", "show", swept, "--x", "depth", "--y", "seed", "--plot", "map.svg")
    assert (code, out) == (2, "")
    assert "deep-linear-residual[plot]" in err
    assert list(tmp_path.iterdir()) == []


def test_stores_that_are_none(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("notes.txt").write_text("not a database, but long enough to be one" * 30, encoding="utf-8")
    Path("nothing.sqlite").touch()
    with closing(sqlite3.connect("foreign.sqlite")) as connection, connection:
        connection.execute("CREATE TABLE cells (key)")
    with store.opened("empty.sqlite"):
        pass
    with store.opened("newer.sqlite") as kept:
        kept.connection.execute("PRAGMA user_version = 3")
    for name, message in {
        "absent.sqlite": "does not exist",
        ".": "is no file",
        "notes.txt": "is no SQLite file: pass the one that dlr sweep wrote",
        "nothing.sqlite": "holds no runs",
        "empty.sqlite": "holds no runs",
        "foreign.sqlite": "is another program's database: pass the one that dlr sweep wrote",
        "newer.sqlite": "is of a newer version",
        "x" * 300: "can't be opened",
    }.items():
        code, out, err = run("sweep", "show", name)
        assert (code, out, len(err.splitlines())) == (2, "", 1), err
        assert message in err
    assert not Path("absent.sqlite").exists()


def test_too_many_values_for_a_map(tmp_path):
    file = tmp_path / "many.sqlite"
    with store.opened(file) as kept:
        kept.add([(("key", "seed", "outcome", "converged"), [(str(k), k, "STALLED", 0) for k in range(401)])])
    with store.reading(file) as kept:
        for name, told in (("seed=8", "1"), ("seed=400", "1")):
            assert len(selection.selected(kept, [name])) == int(told)
        with pytest.raises(dlr.InputError, match=r"choose from 0, 1, 2, 3, 4, 5, 6, 7, \.\.\.$"):
            selection.selected(kept, ["seed=401"])
        with pytest.raises(dlr.InputError, match=r"got '9': choose from 0, 1, 2, 3, 4, 5, 6, 7$"):
            selection._as_shown("seed", "9", 9, range(8))
    with store.opened(file) as kept:
        kept.connection.execute("DELETE FROM cells WHERE seed = 0")
        assert len(maps.map_of(selection.selected(kept), "seed").across) == 400
        kept.add([(("key", "seed", "outcome", "converged"), [("0", 0, "STALLED", 0)])])
    with store.reading(file) as kept, pytest.raises(dlr.InputError, match=r"x must have at most 400 values, got 401"):
        maps.map_of(selection.selected(kept), "seed")


def test_what_some_runs_lack_varies(tmp_path):
    file = tmp_path / "parts.sqlite"
    names = ("key", "depth", "outcome", "converged", "steps", "algorithm_radius", "tol", "skew")
    rows = [("a", 2, "CONVERGED", 1, 10, 0.5, 0.1, 1.0), ("b", 2, "CONVERGED", 1, 20, None, 0.1, 1.0)]
    with store.opened(file) as kept:
        kept.add([(names, [*rows, ("c", 4, "CONVERGED", 1, 30, 0.5, 0.1, 2.0)])])
    with store.reading(file) as kept:
        found = maps.map_of(selection.selected(kept), "depth")
    assert found.over == {"algorithm_radius": 2}
    assert found.constant == {"tol": 0.1}
    assert found.entries[2, None].value == 15


@pytest.mark.parametrize(
    ("values", "ordered"),
    [
        ([2.0, None, 1.0], [None, 1.0, 2.0]),
        (["cap", "0.5 cap", "10.0 cap", "2.0 cap"], ["0.5 cap", "cap", "2.0 cap", "10.0 cap"]),
        (["1.05 cap", "cap", "0.95 cap"], ["0.95 cap", "cap", "1.05 cap"]),
        (["default", "0.1", "0.05", "0.5 default"], ["0.05", "0.1", "0.5 default", "default"]),
        (
            ["1.1 cap", "proved", "0.5 cap", "default", "0.1 default"],
            ["0.1 default", "default", "proved", "0.5 cap", "1.1 cap"],
        ),
        (["b a", "x"], ["b a", "x"]),
        (["0.5 cap", 7.0, None, 0.1], [None, 0.1, 7.0, "0.5 cap"]),
    ],
)
def test_values_are_in_their_order(values, ordered):
    assert sorted(values, key=selection.in_order) == ordered


def test_labels_tell_values_apart():
    assert selection.labels([0.123456, 0.123458]) == ["0.123456", "0.123458"]
    assert selection.labels([0.123456, 0.2, None, 3, "cap"]) == ["0.1235", "0.2", "none", "3", "cap"]
    assert selection.shown(1 / 3) == "0.333333333333"


def test_a_file_that_is_called_show_is_a_spec_by_its_path(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("show").write_text('target = "lehmer"\ndepth = 1\n', encoding="utf-8")
    code, out, _ = run("sweep", "./show", "--store", "made.sqlite", "--workers", "1")
    assert (code, out) == (0, "1 cells: 1 computed, 0 known\n")
    code, _, err = run("sweep", "show")
    assert code == 2
    assert err.startswith("dlr sweep show: error: the following arguments are required: STORE")
