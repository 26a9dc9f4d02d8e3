"""The cells of a sweep: what a spec means, what each cell gives, and what it depends on."""

import json
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import catalog
import dlr
from catalog import registry
from catalog.sweeps import axes, spec_file, specification, work
from catalog.sweeps.spec_file import read_spec
from catalog.sweeps.step_rules import step_rule

BASE = {
    "target": "definite-plus-skew",
    "depth": [2, 3],
    "parameters": {"margin": [0.2, 0.9], "skew": {"from": 0.0, "to": 2.0, "count": 3}},
    "step_size": ["default", "0.5 cap", 0.05],
    "seeds": 2,
    "tol": 1e-6,
}


def rows_of(spec: catalog.Spec, together: int = 1000) -> dict[str, dict[str, object]]:
    """The row of each cell by key, computed in parts of so many blocks."""
    blocks = [spec.block(place) for place in range(spec.block_count)]
    found = {}
    for start in range(0, len(blocks), together):
        for names, rows in work.compute(blocks[start : start + together], 60.0).tables:
            found |= {row[0]: dict(zip(names, row, strict=True)) for row in rows}
    return found


def keys_of(**changed: object) -> set[str]:
    return {cell.key for cell in catalog.Spec(**{**BASE, **changed}).cells()}


def test_a_spec_has_every_combination_once():
    spec = catalog.Spec(**BASE)
    assert len(spec) == len(keys_of()) == 2 * 2 * 3 * 3 * 2
    assert sum(len(spec.block(place)) for place in range(spec.block_count)) == len(spec)


LONGER = {
    "depth": [2, 3, 4],
    "parameters": {"margin": [0.2, 0.5, 0.9], "skew": [0.0, 1.0, 2.0]},
    "step_size": ["default", "0.5 cap", 0.05, "cap"],
    "seeds": 3,
    "tol": [1e-6, 1e-3],
    "algorithm": ["penalized(strength=0.1)", "gradient-descent"],
    "target": ["definite-plus-skew(dimension=5)", "definite-plus-skew"],
    "max_steps": [10, 100_000],
    "engine": ["auto", "reference"],
}


def test_a_setting_of_several_blocks_has_every_cell_once():
    cells = [cell.key for cell in catalog.Spec("cayley", depth=[1, 2], seeds=600).cells()]
    assert len(cells) == len(set(cells)) == 1200


@pytest.mark.parametrize("axis", LONGER)
def test_a_value_more_on_an_axis_changes_no_other_cell(axis: str):
    before, after = catalog.Spec(**BASE), catalog.Spec(**{**BASE, axis: LONGER[axis]})
    assert len(after) > len(before)
    cells = {cell.key: (cell.parameters, cell.seed, str(cell.step_size)) for cell in after.cells()}
    assert all(cells[cell.key] == (cell.parameters, cell.seed, str(cell.step_size)) for cell in before.cells())


def test_another_axis_at_its_default_changes_no_cell():
    without = {**BASE, "parameters": {"margin": [0.2, 0.9]}}
    assert {cell.key for cell in catalog.Spec(**without).cells()} < {
        cell.key for cell in catalog.Spec(**{**BASE, "parameters": {"skew": [1.0, 2.0], "margin": [0.2, 0.9]}}).cells()
    }


@pytest.mark.parametrize(
    "changed",
    [
        {"depth": [4, 5]},
        {"tol": 1e-5},
        {"max_steps": 7},
        {"engine": "reference"},
        {"engine": "single"},
        {"step_size": ["2 default", "proved", 0.051]},
        {"seeds": [2, 3]},
        {"target": "definite-plus-skew(dimension=4)"},
        {"algorithm": "step-and-project(radius=0.5)"},
        {"parameters": {"margin": [0.2, 0.9], "skew": [0.5, 0.7, 0.9]}},
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_every_input_is_in_the_key(changed: dict[str, object]):
    assert not keys_of() & keys_of(**changed)


def test_an_option_is_the_same_wherever_it_is_written():
    assert keys_of(algorithm="penalized(strength=0.5)") == keys_of(algorithm="penalized", options={"strength": 0.5})
    assert not keys_of(algorithm="penalized(strength=0.5)") & keys_of(algorithm="penalized(strength=0.6)")


def test_a_version_has_keys_of_its_own(monkeypatch: pytest.MonkeyPatch):
    before = keys_of()
    monkeypatch.setattr(dlr, "__version__", "99")
    assert not before & keys_of()


def test_a_revision_has_keys_and_draws_of_its_own(monkeypatch: pytest.MonkeyPatch):
    before = {cell.key: cell.parameters["seed"] for cell in catalog.Spec(**BASE).cells()}
    assert len(set(before.values())) == 2 * 3 * 2  # margin, skew and number: the same at each depth and step size
    family = replace(catalog.all_families()["definite-plus-skew"], revision=7)
    monkeypatch.setattr(registry, "all_families", lambda: {family.name: family})
    after = {cell.key: cell.parameters["seed"] for cell in catalog.Spec(**BASE).cells()}
    assert not before.keys() & after.keys()
    assert not set(before.values()) & set(after.values())


def test_keys_of_a_block_are_side_by_side():
    """So that a batch changes few pages of the store's index."""
    parameters = {"skew": [0.0, 1.0], "margin": [0.2, 0.2001, 0.9], "dimension": 3}
    spec = catalog.Spec(
        "definite-plus-skew", depth=[2, 3], tol=[0.1, 0.01], parameters=parameters, seeds=350, step_size=["cap", 0.1]
    )
    blocks = {cell.key: place for place in range(spec.block_count) for cell in spec.block(place).cells()}
    assert len(blocks) == len(spec) == 16_800
    order = [blocks[key] for key in sorted(blocks)]
    assert sum(before != after for before, after in pairwise(order)) == spec.block_count - 1 == 67


def test_a_key_is_setting_parameters_seed_and_digest():
    parameters = {"skew": 1.0, "margin": [0.25, 1.0]}
    block = catalog.Spec("definite-plus-skew(dimension=2)", depth=3, parameters=parameters, seeds=[7]).block(0)
    first, second = block.keys()
    places = ["400000", "3fd000", "3ff000", "401c00"]  # 2, 1/4, 1 and 7: dimension, margin and skew by name, then seed
    assert [first[4 + 6 * i : 10 + 6 * i] for i in range(4)] == places
    assert [second[4 + 6 * i : 10 + 6 * i] for i in range(4)] == [places[0], places[2], *places[2:]]
    assert first[:4] == second[:4]
    assert first[28:] != second[28:]
    assert len(first) == len(second) == 28 + 24


def test_rows_are_those_of_single_runs():
    found = rows_of(catalog.Spec(**BASE))
    assert len(found) == 72
    for row in found.values():
        target = catalog.target(row["target"])
        assert target.parameters["margin"] == row["margin"]
        size = row["step_size"] if row["step_rule"] != "default" else None
        alone = dlr.solve(target.matrix, row["depth"], dlr.GradientDescent(size), tol=row["tol"], history=False)
        got = [row[name] for name in ("outcome", "steps", "loss", "lowest_loss", "step_size", "engine", "dimension")]
        wanted = [alone.outcome.name, alone.steps, alone.loss, alone.lowest_loss, alone.step_size, alone.engine, 3]
        assert got == wanted
        assert row["converged"] == alone.converged


def test_rows_do_not_depend_on_what_is_run_together(monkeypatch: pytest.MonkeyPatch):
    spec = catalog.Spec(**{**BASE, "engine": ["auto", "single"], "max_steps": 300})
    before = rows_of(spec)
    monkeypatch.setattr(work, "FIRST", 1)
    monkeypatch.setattr(work, "GROWTH", 1)
    assert rows_of(spec, 1) == before


def test_step_sizes_are_what_they_say():
    target = catalog.target("lehmer").matrix
    spec = catalog.Spec("lehmer", depth=4, step_size=["default", "0.5 default", "cap", "proved", 0.25], max_steps=0)
    sizes = {row["step_rule"]: row["step_size"] for row in rows_of(spec).values()}
    norm = np.linalg.norm(target, 2)
    assert sizes["default"] == dlr.solver.default_step_size(target, 4, dlr.GradientDescent())
    assert sizes["0.5 default"] == sizes["default"] / 2
    assert sizes["cap"] == pytest.approx(2 / (4 * norm**1.5), rel=1e-14)
    assert sizes["proved"] == max(made.step_size for made in catalog.promises(target, 4) if made.steps)
    assert sizes["0.25"] == 0.25


def test_single_precision_leaves_a_saddle_sooner():
    spec = catalog.Spec("escapable-saddle", depth=3, engine=["reference", "single"], tol=0.4)
    found = {row["engine"]: row["steps"] for row in rows_of(spec).values()}
    assert found["single"] < 0.7 * found["reference"]


def test_what_can_not_be_run_says_why():
    spec = catalog.Spec(["householder", "lehmer"], depth=2, algorithm="power-projection", step_size=["proved", 0.1])
    rows = rows_of(spec).values()
    assert [row["outcome"] for row in rows] == ["REFUSED", "REFUSED", "CONVERGED", "CONVERGED"]
    assert [row["refusal"] for row in rows if row["outcome"] != "REFUSED"] == [None, None]
    assert all(row["steps"] is None and not row["converged"] for row in rows if row["outcome"] == "REFUSED")
    assert {row["refusal"][:50] for row in rows if row["refusal"]} == {
        "target must have a positive margin for power proje",
    }


def test_what_can_not_be_run_is_found_among_what_can():
    angles = [0.25, 0.5, 2.0, 0.75, 2.5]
    spec = catalog.Spec("rotation", depth=2, algorithm="power-projection", parameters={"angle": angles})
    outcomes = {row["angle"]: row["outcome"] for row in rows_of(spec).values()}
    assert outcomes == {angle: "CONVERGED" if angle < 2 else "REFUSED" for angle in angles}


def test_time_that_is_over_leaves_the_rest():
    blocks = [catalog.Spec(**BASE).block(place) for place in range(2)]
    first = work.compute(blocks, 0.0)
    assert first.cells == work.FIRST
    done, left = first.cells, first.rest
    while left:
        more = work.compute(left, 0.0)
        done, left = done + more.cells, more.rest
    assert done == 72


@given(
    st.floats(-1e3, 1e3), st.floats(1e-3, 1e3), st.integers(2, 50), st.sampled_from(("linear", "log")), st.booleans()
)
@example(low=-100.5, length=0.001, count=50, scale="linear", whole=False)
def test_ranges_begin_and_end_where_they_say(low, length, count, scale, whole):
    low = abs(low) + 1e-3 if scale == "log" else low
    ends = (round(low) + 1, round(low) + 2 + round(length)) if whole else (low, low + length)
    found = axes.values_of("x", {"from": ends[0], "to": ends[1], "count": count, "scale": scale}, lambda _, x: x)
    assert (found[0], found[-1]) == ends
    assert list(found) == sorted(set(found))
    assert len(found) == count or (whole and scale == "log")
    steps = np.diff(np.log(found) if scale == "log" else found)
    rounded = 10.0 ** (1 - axes.DIGITS) / 2 * (1 if scale == "log" else max(abs(end) for end in ends))
    assert whole or np.ptp(steps) <= 4 * rounded + 1e-14 * np.max(np.abs(np.log(found) if scale == "log" else found))


@pytest.mark.parametrize(
    ("given", "values"),
    [
        ({"from": 1, "to": 4}, [1, 2, 3, 4]),
        ({"from": 0.0, "to": 1.0, "count": 4}, [0.0, 0.333333333333, 0.666666666667, 1.0]),
        ({"from": 1, "to": 16, "count": 5, "scale": "log"}, [1, 2, 4, 8, 16]),
        ({"from": 1, "to": 4, "count": 10, "scale": "log"}, [1, 2, 3, 4]),
        ({"from": 0.0, "to": 0.9, "count": 10}, [0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]),
        ([{"from": 1, "to": 2}, 5], [1, 2, 5]),
        (np.array([1.5, 2.5]), [1.5, 2.5]),
        (3, [3]),
    ],
    ids=str,
)
def test_axes_as_they_are_written(given, values):
    assert list(axes.values_of("x", given, lambda _, x: x)) == values


@pytest.mark.parametrize("written", ["default", "0.5 default", "2.0 cap", "proved", "0.001"])
def test_a_step_rule_is_written_as_it_is_read(written: str):
    given = float(written) if written[0] == "0" and " " not in written else written
    assert str(step_rule("step_size", given)) == written
    assert str(step_rule("step_size", step_rule("step_size", given))) == written


def test_a_range_of_multiples():
    spec = catalog.Spec("lehmer", depth=2, step_size={"from": 0.5, "to": 1.5, "count": 3, "of": "cap"})
    assert [str(rule) for rule in spec.step_size] == ["0.5 cap", "cap", "1.5 cap"]


def test_a_file_of_a_spec(tmp_path: Path):
    (tmp_path / "own.json").write_text(json.dumps([[2.0, 0.5], [0.5, 1.0]]), encoding="utf-8")
    file = tmp_path / "spec.toml"
    file.write_text('target = ["own.json", "lehmer(dimension=2)"]\ndepth = { from = 1, to = 2 }\n', encoding="utf-8")
    found = [
        (row["target"], row["family"], row["depth"], row["dimension"]) for row in rows_of(read_spec(file)).values()
    ]
    own, named = ("own.json", None), ("lehmer(dimension=2)", "lehmer")
    assert found == [(*own, 1, 2), (*own, 2, 2), (*named, 1, 2), (*named, 2, 2)]
    by_hand = catalog.Spec(np.array([[2.0, 0.5], [0.5, 1.0]]), depth=[1, 2])
    assert {cell.key for cell in by_hand.cells()} < {cell.key for cell in read_spec(str(file)).cells()}


LEHMER = 'target = "lehmer"\n'
PLAIN = LEHMER + "depth = 2\n"
LINES = {  # a spec's lines, and what is said of them
    "depth = 2": "target must be given",
    'target = "lehmer"': "depth must be given",
    'target = "lehmre"\ndepth = 2': "target 'lehmre' is unknown: did you mean lehmer",
    'target = "lehmer(size=2)"\ndepth = 2': "parameter of lehmer 'size' is unknown",
    'target = "lehmer(dimension=99)"\ndepth = 2': "dimension must be at most 12, got 99",
    'target = "absent.npy"\ndepth = 2': "absent.npy does not exist",
    "target = 3\ndepth = 2": "target must be a square matrix",
    "target = []\ndepth = 2": r"target must have a value, got \[\]",
    'target = "lehmer"\ndepth = 0': "depth must be at least 1, got 0",
    'target = "lehmer"\ndepth = 2.5': "depth must be an integer, got 2.5",
    'target = "lehmer"\ndepth = "2"': "depth must be an integer, got '2'",
    'target = "lehmer"\ndepth = [1, 2, 2]': "depth must have every value once, got 2 twice",
    LEHMER + "depth = { from = 0, to = 3 }": "depth must be at least 1, got 0",
    LEHMER + "depth = { from = 1 }": "depth.to must be given",
    LEHMER + "depth = { form = 1, to = 2 }": "key of the range depth 'form' is unknown: did you mean from",
    LEHMER + "depth = { from = 3, to = 1 }": "depth.to|depth.* must be at least 3, got 1",
    LEHMER + "depth = { from = 1, to = 9, count = 1 }": "depth.count must be at least 2, got 1",
    LEHMER + 'depth = { from = 1, to = 9, scale = "lag" }': "depth.scale 'lag' is unknown",
    LEHMER + 'depth = { from = 0, to = 9, count = 3, scale = "log" }': "depth.from must be a number > 0, got 0",
    LEHMER + "depth = { from = 1, to = 99999999 }": "depth.to must be at most 1,000,000, got 99,999,999",
    LEHMER + "depth = { from = 2, to = 1000002 }": "depth.to must be at most 1,000,001, got 1,000,002",
    PLAIN + "step_size = { from = 0.5, to = 0.5, count = 3 }": "step_size.to must be above step_size.from 0.5, got 0.5",
    'target = "lehmer"\ndeepth = 2': "key of the spec 'deepth' is unknown: did you mean depth",
    PLAIN + 'algorithm = "adam"': "algorithm 'adam' is unknown",
    PLAIN + 'algorithm = "nowhere:thing"': "algorithm 'nowhere:thing' can't be imported",
    PLAIN + 'algorithm = "penalized"': "strength must be given for penalized",
    PLAIN + "[options]\nradius = 1": "radius does not apply to gradient-descent",
    PLAIN + "[options]\nradios = 1": "key of options 'radios' is unknown: did you mean radius",
    PLAIN + 'algorithm = "penalized"\n[options]\nstrength = [1, -1]': "strength must be .* got -1",
    PLAIN + 'algorithm = "penalized(radius=1)"': "radius does not apply to penalized, got 1: drop",
    PLAIN + 'algorithm = "penalized(strength=1)"\n[options]\nstrength = 1': "options.strength must not",
    PLAIN + "step_size = 0": "step_size must be a number > 0, got 0",
    PLAIN + 'step_size = "0 cap"': "step_size must be a number > 0, got 0",
    PLAIN + 'step_size = "half cap"': "step_size must start with a number, got 'half cap'",
    PLAIN + 'step_size = "2 caps"': "step_size 'caps' is unknown: did you mean cap",
    PLAIN + 'step_size = "0.1"': "step_size must be a number, default, proved, cap",
    PLAIN + "tol = -1": "tol must be a number >= 0, got -1",
    PLAIN + "tol = nan": "tol must be finite, got nan",
    PLAIN + "max_steps = -1": "max_steps must be at least 0, got -1",
    PLAIN + "max_steps = 1e5": "max_steps must be an integer, got 100000.0",
    PLAIN + f"max_steps = {2**63}": f"max_steps must be at most {2**63 - 1}",
    LEHMER + f"depth = {2**63}": f"depth must be at most {2**63 - 1}",
    f'target = "cayley"\ndepth = 2\nseeds = [{2**63}]': f"seeds must be at most {2**63 - 1}",
    'target = "cayley"\ndepth = 2\nseeds = 1000001': "seeds must be at most 1000000, got 1000001",
    PLAIN + 'engine = "fast"': "engine 'fast' is unknown",
    PLAIN + "seeds = 3": "seeds must be left out for target lehmer",
    'target = "cayley"\ndepth = 2\nseeds = 0': "seeds must be at least 1, got 0",
    'target = "cayley"\ndepth = 2\nseeds = [-1]': "seeds must be at least 0, got -1",
    'target = "cayley(seed=1)"\ndepth = 2\nseeds = 3': "its seed is given already",
    PLAIN + "parameters = 3": "parameters must map names to values, got 3",
    PLAIN + "[parameters]\nangle = 1": "parameter of lehmer 'angle' is unknown",
    PLAIN + "[parameters]\ndimension = { from = 2, to = 13 }": "parameters.dimension must be at most 12, got 13",
    PLAIN + "[parameters]\ndimension = [2, 99]": "parameters.dimension must be at most 12, got 99",
    'target = "lehmer(dimension=3)"\ndepth = 2\n[parameters]\ndimension = 2': "parameters.dimension must not be",
    PLAIN + "title = 3": "title must be a string, got 3",
    "target = [": "is not valid TOML",
    'target = "lehmer"\ntarget = "lehmer"': "is not valid TOML",
    'target = "cayley"\nseeds = { from = 0, to = 999999 }\ndepth = { from = 1, to = 999999 }\n[parameters]\nsize = '
    "{ from = 1, to = 2, count = 100000 }": "axes must make at most",
}


@pytest.mark.parametrize("lines", LINES)
def test_a_spec_that_can_not_be_used(tmp_path: Path, lines: str):
    file = tmp_path / "spec.toml"
    file.write_text(lines, encoding="utf-8")
    with pytest.raises(dlr.InputError, match=LINES[lines]) as refused:
        read_spec(str(file))
    assert "\n" not in str(refused.value)


def test_a_matrix_has_no_parameters_and_draws_nothing():
    matrix = np.diag([2.0, 1.0])
    with pytest.raises(dlr.InputError, match=r"parameters\.angle must be left out for target matrix "):
        catalog.Spec(matrix, depth=2, parameters={"angle": 1.0})
    with pytest.raises(dlr.InputError, match="seeds must be left out for target matrix "):
        catalog.Spec(matrix, depth=2, seeds=2)


def test_the_benchmark_of_sweeps_is_a_command(run_module):
    code, out, _ = run_module("catalog.benchmarks.sweeps", "--help")
    assert (code, out.split()[:2]) == (0, ["usage:", "catalog.benchmarks.sweeps"])


def test_a_file_is_read_as_utf_8_with_its_mark_or_without(tmp_path: Path):
    file = tmp_path / "spec.toml"
    for mark in ("", "\ufeff"):
        file.write_text(f'{mark}{PLAIN}title = "größer?"\n', encoding="utf-8")
        assert read_spec(file).title == "größer?"


def test_a_worker_has_one_thread_and_is_told_every_limit(monkeypatch: pytest.MonkeyPatch):
    solve, told = dlr.solve_batch, []
    monkeypatch.setattr(dlr, "solve_batch", lambda *given, **options: told.append(options) or solve(*given, **options))
    rows_of(catalog.Spec("lehmer", depth=2, step_size=0.125, tol=0.25, max_steps=3, engine="reference"))
    [options] = told
    assert options.pop("step_sizes").tolist() == [0.125]
    assert options == {"tol": 0.25, "max_steps": 3, "engine": "reference", "threads": 1}


def test_columns_of_parameters_are_told_from_others():
    assert [work.column_of(name) for name in ("angle", "Angle", "depth")] == [
        "angle",
        "parameter_Angle",
        "parameter_depth",
    ]


def test_places_and_names_that_there_are_not():
    spec = catalog.Spec("lehmer", depth=[1, 2])
    assert [spec.block(place).setting.depth for place in (0, 1)] == [1, 2]
    for place in (-1, 2):
        with pytest.raises(dlr.InputError, match=f"place must be at .* got {place}"):
            spec.block(place)
    with pytest.raises(dlr.InputError, match=r"parameters must map names to values, got \{"):
        catalog.Spec("lehmer", depth=2, parameters={"dimension": 2, 1: 3})
    lowest = -(2**63)
    assert axes.values_of("x", {"from": lowest, "to": lowest + 1}, lambda _, x: x)[0] == lowest
    with pytest.raises(dlr.InputError, match=r"x\.from must be at least"):
        axes.values_of("x", {"from": lowest - 1, "to": lowest}, lambda _, x: x)


def test_limits_are_the_last_that_is_allowed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    assert len(axes.values_of("x", {"from": 1, "to": axes.MOST_VALUES}, lambda _, x: x)) == axes.MOST_VALUES
    monkeypatch.setattr(axes, "MOST_VALUES", 3)
    assert axes.values_of("x", [1, 2, 3], lambda _, x: x) == (1, 2, 3)
    with pytest.raises(dlr.InputError, match="x must have at most 3 values, got more: split it"):
        axes.values_of("x", [1, 2, 3, 4], lambda _, x: x)
    file = tmp_path / "spec.toml"
    file.write_text(PLAIN, encoding="utf-8")
    monkeypatch.setattr(spec_file, "MOST_BYTES", len(PLAIN))
    assert len(read_spec(file)) == 1
    monkeypatch.setattr(spec_file, "MOST_BYTES", len(PLAIN) - 1)
    with pytest.raises(dlr.InputError, match=r"^spec .*toml must have at most 27 bytes, got more: use ranges$"):
        read_spec(file)
    monkeypatch.setattr(specification, "MOST_CELLS", 72)
    assert len(catalog.Spec(**BASE)) == 72
    monkeypatch.setattr(specification, "MOST_CELLS", 71)
    with pytest.raises(dlr.InputError, match="axes must make at most 71 cells, got 72: drop values"):
        catalog.Spec(**BASE)


@pytest.mark.parametrize("name", ["absent.toml", "."])
def test_a_spec_that_can_not_be_read(name: str):
    with pytest.raises(dlr.InputError, match=f"spec {name} "):
        read_spec(name)
