"""Figures show what was computed, as text, with an alternative, on light and on dark."""

import json
import math
import os
import re
from collections import Counter
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

import catalog
import dlr
from catalog.app.figures import drawing, heat_map, loss_curve, phase_plane, ratios, run_of_normal, sweep_maps
from catalog.app.report import near_saddle, small_figures
from catalog.app.validate import Record
from catalog.claim import Kind
from catalog.claim_parts import Promise
from catalog.guarantees import promises_for
from catalog.sweeps import maps


def run_of(name: str, depth: int, **options) -> loss_curve.LossFigure:
    solution = dlr.solve(catalog.target(name).matrix, depth, **options)
    promised = promises_for(solution.problem)
    return loss_curve.LossFigure(solution, promised, f"{name} <{depth}>")


def scale_of(figure: loss_curve.LossFigure) -> str:
    return figure.spec()["layer"][0]["encoding"]["x"]["scale"].get("type", "linear")


@pytest.mark.parametrize(("steps", "scale"), [(200, "linear"), (201, "symlog")])
def test_from_where_on_axes_are_logarithmic(steps, scale):
    assert scale_of(small_run([(steps, None)], tol=0.01)) == scale


def test_a_long_run_is_on_logarithmic_axes_and_a_short_one_is_not():
    assert scale_of(run_of("householder", 4, max_steps=100_000)) == "symlog"
    assert scale_of(run_of("householder", 4, max_steps=50)) == "linear"


def test_every_step_of_a_short_run_and_both_ends_of_a_long_one_are_drawn():
    short, long = run_of("rotation", 8).solution, run_of("householder", 4, max_steps=100_000).solution
    steps, losses = loss_curve.shown_points(short)
    assert steps.tolist() == list(range(short.steps + 1))
    assert losses.tolist() == short.losses.tolist()
    steps, losses = loss_curve.shown_points(long)
    assert (steps[0], steps[1], steps[-1]) == (0, 1, 100_000)
    assert np.all(np.diff(steps) > 0)
    assert losses.tolist() == long.losses[steps].tolist()


@pytest.mark.parametrize(
    ("name", "depth", "options", "texts"),
    [
        ("householder", 4, {"max_steps": 50}, ["P2: never below 0.5", "householder &lt;4&gt;"]),
        ("lehmer", 8, {"algorithm": dlr.GradientDescent(0.01)}, [r"P3: within [\d,]+ steps", "tolerance 1e-9"]),
    ],
    ids=["floor", "steps"],
)
def test_what_is_proved_is_drawn_and_told(name, depth, options, texts):
    pytest.importorskip("vl_convert")
    figure = run_of(name, depth, **options)
    drawn = figure.drawn(".svg")
    for text in texts:
        assert re.search(rf"<text[^>]*>{text}</text>", drawn), text
    assert re.search(r' role="img" aria-label="[^"]*(?:proves at most|proves that it never is below)', drawn)
    assert figure.drawn(".png").startswith(b"\x89PNG")


@pytest.mark.parametrize("scale", [1.0, 1e150, 1e-150])
def test_any_run_can_be_drawn(scale):
    pytest.importorskip("vl_convert")
    solution = dlr.solve(scale * np.eye(2), 2, tol=0.0, max_steps=300)
    assert "NaN" not in loss_curve.LossFigure(solution, [], "a run").drawn(".svg")


def test_the_bound_behind_a_promise_is_above_the_run_and_reaches_the_tolerance_when_promised():
    figure = run_of("lehmer", 8, algorithm=dlr.GradientDescent(0.01))
    [promise] = [made for made in figure.promised if made.claim == "P3"]
    bound = loss_curve.proved_losses(figure.solution.problem, promise, np.arange(promise.steps + 1))
    assert np.all(figure.solution.losses <= bound[: figure.solution.steps + 1])
    assert bound[-1] <= figure.solution.problem.tol < bound[-20]
    drawn = [layer["data"]["values"] for layer in figure.spec()["layer"] if layer["mark"]["type"] == "line"]
    assert len(drawn) == 2
    assert drawn[1][-1]["loss"] == pytest.approx(bound[drawn[1][-1]["step"]])


def test_a_bound_is_drawn_from_edge_to_edge_of_the_figure(monkeypatch):
    figure = run_of("lehmer", 8, algorithm=dlr.GradientDescent(0.01))
    low, high = figure.spec()["layer"][0]["encoding"]["y"]["scale"]["domain"]
    losses = [2 * high, high, math.sqrt(low * high), low, low / 2]
    monkeypatch.setattr(loss_curve, "proved_losses", lambda *given: np.pad(losses, (0, len(given[2]) - 5)))
    drawn = [layer["data"]["values"] for layer in figure.spec()["layer"] if layer["mark"]["type"] == "line"]
    assert [(point["step"], point["loss"]) for point in drawn[1]] == [(k, losses[k]) for k in (1, 2, 3)]


def test_nothing_is_behind_a_figure_and_its_ink_follows_the_viewer():
    pytest.importorskip("vl_convert")
    figure = run_of("rotation", 2)
    light = drawing.svg(figure.spec(), figure.title, figure.description)
    assert "<rect" not in light
    assert not set(drawing.ON_DARK) & set(re.findall(r"#\w{6}", drawing.on_dark(light)))
    adapting = drawing.adapting(light)
    for before, after in drawing.ON_DARK.items():
        assert f'svg [fill="{before}"] {{ fill: {after} }}' in adapting


def test_the_plane_shows_the_steps_of_each_target():
    plane = phase_plane.plane(4, per_unit=2)
    assert plane.steps.shape == (len(plane.imaginary), len(plane.real)) == (5, 11)
    for row, column in [(2, 4), (1, 1), (0, 8)]:
        a, b = plane.real[column], plane.imaginary[row]
        assert plane.steps[row, column] == dlr.solve([[a, -b], [b, a]], 4).steps
    below = plane.real < 0
    assert np.all(plane.steps[0, below] == -1)
    assert np.all(plane.steps[1:] >= 0)


@pytest.mark.parametrize("merged", [True, False])
def test_the_plane_is_covered_once_by_its_cells(merged):
    plane = phase_plane.plane(2, per_unit=2)
    cells = phase_plane.spec(plane, merged)["layer"][0]["data"]["values"]
    seen = {}
    for cell in cells:  # the later ones are on top
        for a in plane.real:
            for b in (*plane.imaginary, *-plane.imaginary[1:]):
                if cell["x"] < a < cell["x2"] and cell["y"] < b < cell["y2"]:
                    assert (a, b) not in seen
                    seen[a, b] = cell["steps"]
    expected = {
        (a, b): phase_plane.class_of(int(plane.steps[abs(row), column]))
        for column, a in enumerate(plane.real)
        for row, b in enumerate((*plane.imaginary, *-plane.imaginary[:0:-1]), -0)
        for row in [row if row < 5 else 9 - row]
    }
    assert seen == expected


def record(claim: str, kind: Kind, ratio: float | None) -> Record:
    texts = dict.fromkeys(("name", "source", "target", "algorithm", "quantity", "engine"), claim)
    numbers = dict.fromkeys(("distance", "observed", "bound", "seconds"), 0.0)
    return Record(**texts, **numbers, claim=claim, kind=kind.value, depth=1, holds=True, ratio=ratio, steps=0)


def test_ratios_has_a_row_for_each_claim_that_bounds_more_than_rounding():
    records = [record("P1", Kind.UPPER_BOUND, ratio) for ratio in (0.123, 0.1249, None, 0.5, math.nan)]
    records += [record("P2", Kind.LOWER_BOUND, ratio) for ratio in (30.0, 1.5)] + [record("I1", Kind.IDENTITY, 0.3)]
    rows = ratios.rows(records)
    assert [(row.claim, row.ratios) for row in rows] == [("P1", (0.12, 0.5)), ("P2", (1.5, 30.0))]
    assert [ratios.nearest(row) for row in rows] == [0.5, 1.5]


@pytest.mark.parametrize(
    ("name", "image"), [("a.SVG", ".svg"), ("a.png", ".png"), ("-", ".svg"), ("/dev/full", ".svg")]
)
def test_the_name_of_a_file_tells_its_format(name, image):
    assert drawing.format_of(name) == image


def test_other_formats_are_refused_before_the_work(run, monkeypatch):
    monkeypatch.setattr("dlr.solver.run", None)
    code, out, err = run("solve", "rotation", "--depth", "2", "--plot", "out.pdf")
    assert (code, out, err) == (2, "", "dlr: error: plot must end in .svg or .png, got 'out.pdf'\n")


def small_plane(depth: int) -> phase_plane.Plane:
    """Six eigenvalues, each of another colour."""
    steps = np.array([[-1, 0, 16], [10_000, 50, 1_000]])
    return phase_plane.Plane(depth, np.array([-0.5, 0.0, 0.5]), np.array([0.0, 0.5]), steps)


def small_run(promised: list[tuple[int | None, float | None]], **options) -> loss_curve.LossFigure:
    """A run on the number 2 with invented promises, of steps or a floor."""
    solution = dlr.solve([[2.0]], 1, algorithm=dlr.GradientDescent(0.25), **options)
    invented = [Promise(f"X{k}", "x", 0.25, 0.5, *both) for k, both in enumerate(promised)]
    return loss_curve.LossFigure(solution, invented, "a run")


def lehmer_run() -> loss_curve.LossFigure:
    """A run of few steps with the bound behind what is promised of it."""
    solution = dlr.solve([[0.75]], 1, algorithm=dlr.GradientDescent(0.5), tol=1e-3)
    return loss_curve.LossFigure(solution, promises_for(solution.problem), "a run")


SIDES = ("width", "height")


def small_rows() -> list[ratios.Row]:
    """A claim of each direction, with ratios beyond the edges."""
    records = [record("P1", Kind.UPPER_BOUND, ratio) for ratio in (0.1, 1e-5)]
    return ratios.rows(records + [record("P2", Kind.LOWER_BOUND, ratio) for ratio in (1e7, 2.0)])


NUMBERS, RATIOS = small_figures.decades("number", [0.5, 2e4]), small_figures.decades("a & b", [30.0, 200.0], one=True)
LINES = [
    small_figures.Curve("L = 1", [(0.5, 1.0), (1.0, 20.0)], [(0.5, 3.0), (1.0, 2.0)]),
    small_figures.Curve("L < 2", [(0.5, 1.0), (1.5, 20.0)]),
    small_figures.Curve("L = 4", [(0.5, 1.0), (9.0, 0.1), (1e4, 0.1)]),
    small_figures.Curve("L = 8", [(2.0, 7.0)]),
]
TICKED = [(0.5, 3.0), (0.5, 2.0), (0.2, 11.0), (1.0, 100.0), (1e-3, 1e4), (1.0, 1e9), (1e-12, 1.0)]
RUNS = [SimpleNamespace(steps=3, losses=np.array(losses)) for losses in ([2.0, 0.5, 0.0, 1e-320], [0.0] * 4)]
PLACES = {  # a value on success, on partial success, at failure, and of a run that can't be made
    (2, 0.5): maps.Entry(20.0, 4, 4, 0),
    (4, 0.5): maps.Entry(300.0, 4, 1, 0),
    (2, 1.0): maps.Entry(None, 4, 0, 0),
    (4, 1.0): maps.Entry(None, 0, 0, 4),
}
SWEPT = maps.Map("depth", "skew", "steps", (2, 4), (0.5, 1.0, None), PLACES, {"seed": 4}, {"tol": 1e-6})
SPECS = {
    "plane": lambda: phase_plane.spec(small_plane(2)),
    "plane, cell by cell": lambda: phase_plane.spec(small_plane(1), merged=False),
    "short run": lambda: small_run([(None, 0.02), (None, 0.03), (7, None), (40, None)], tol=0.01).spec(),
    "long run": lambda: small_run([(300, None), (None, 1e-200)], tol=1e-250, max_steps=20).spec(),
    "no step": lambda: small_run([], tol=1.0).spec(),
    "promise at the middle": lambda: small_run([(7, None)], tol=0.0, max_steps=14).spec()["layer"][1:3],
    "bound": lambda: lehmer_run().spec()["layer"],
    "sizes of maps": lambda: [
        [heat_map.spec(maps.Map("a", "b", "loss", *map(range, shape), PLACES, {}, {}))[side] for side in SIDES]
        for shape in ((1, 1), (12, 9), (20, 40), (100, 100))
    ],
    "far limit": lambda: small_run([(100_000, None)], tol=0.01).spec(),
    "ratios": lambda: ratios.spec(small_rows()),
    "run of a normal target": lambda: run_of_normal.spec([0.5, 0.1, 1e-12], {"floor": 0.25}),
    "run with promised steps": lambda: run_of_normal.spec([40.0], {"steps": 7}),
    "escape": lambda: near_saddle._spec(np.array([2.0, 0.5]), np.array([2.0, 0.5, 0.4, 0.1]), 4, 0.5, 1, 2),
    "no escape": lambda: near_saddle._spec(np.array([2.0, 0.5]), np.array([2.0, 0.5, 0.5]), 2, 0.5, 1, 0)["layer"][4:],
    "small": lambda: [
        small_figures.scatter([(0.5, 20.0), (3.0, 1.0)], NUMBERS, RATIOS, "two < three", 1.0),
        small_figures.curves(LINES, NUMBERS, small_figures.decades("loss", [0.0, math.inf]), "lines", 0.25),
        small_figures.curves(LINES[:1], RATIOS, NUMBERS, "line", None),
        small_figures.spectrum([1j, -1j, -2 + 0j, 0.5 + 0j], "four", ways=True),
        small_figures.spectrum([0.25 + 0j, 0j], "two", ways=False),
    ],
    "axes": lambda: {
        "ticks": [loss_curve.ticks(low, high) for low, high in TICKED],
        "decades": [loss_curve.decades(last) for last in (0, 1, 9, 10, 2_000)],
        "sampled": [loss_curve.sampled(last, 6).tolist() for last in (0, 5, 6, 1_000)],
        "shown": [[points.tolist() for points in loss_curve.shown_points(run)] for run in RUNS],
    },
    "heat map": lambda: heat_map.spec(SWEPT),
    "heat map in words": lambda: [heat_map.title(SWEPT), heat_map.described(SWEPT)],
    "maps as measured": lambda: {
        figure.name: Counter(rect["class"] for rect in heat_map.spec(found, figure.inner)["data"]["values"])
        for figure, found in ((figure, sweep_maps.recorded()[figure.name]) for figure in sweep_maps.FIGURES)
    },
    "axes of a map": lambda: (
        [heat_map._axis("a_b", range(count)) for count in (26, 27)] + [heat_map._axis("it's", ["a\\b", 0.123456, None])]
    ),
    "in words": lambda: [
        small_run([(None, 0.02), (None, 0.03), (7, None), (40, None)], tol=0.01).description,
        phase_plane.described(small_plane(2)),
        ratios.described(small_rows()),
    ],
    "all figures": lambda: drawing.LOOK,
}
"""One figure of each kind in every form, small enough to read."""

FILE = Path(__file__).parents[1] / "data" / "figures.json"
RECORDED = json.loads(FILE.read_text(encoding="utf-8"))


def rounded(part):
    """Numbers to ten digits, which no platform's rounding changes."""
    if isinstance(part, dict):
        return {name: rounded(value) for name, value in part.items()}
    if isinstance(part, list):
        return [rounded(value) for value in part]
    return float(f"{part:.10g}") if isinstance(part, float) else part


@pytest.mark.parametrize("name", SPECS)
def test_a_figure_is_as_it_was_when_somebody_looked(name):
    found = json.loads(json.dumps(rounded(SPECS[name]())))
    if os.environ.get("DLR_RECORD_SCREENS"):
        RECORDED[name] = found
        lines = ",\n".join(f"{json.dumps(each)}: {json.dumps(RECORDED[each])}" for each in SPECS if each in RECORDED)
        FILE.write_text(f"{{\n{lines}\n}}\n", encoding="utf-8")
    assert found == RECORDED.get(name), "look at it, and if it should be so, run again with DLR_RECORD_SCREENS=1"
