"""The measured maps are those of the shipped specs: their digests, some of their cells made again, and what is said."""

import re

import pytest
from hypothesis import settings

import catalog
from catalog.app.figures import captions, drawing, heat_map, sweep_maps
from catalog.claims.conjectures import largest_distance
from catalog.sweeps import maps, selection, store
from catalog.sweeps.spec_file import SHIPPED, content_of, read_spec, spec_of

THOROUGH = settings.default.max_examples >= 1000

KEYS = {"step_rule": "step_size", "asked_engine": "engine", "engine": "engine", "seed": "seeds", "depth": "depth"}
"""Keys of a spec, by the columns of a store."""

APART = 0.3
"""How far apart, relatively, two processors may see the median time of an escape: a rounding error a hundred times
larger leaves ``ln(100) / ln(2^24)`` sooner, of the less precise one."""


def narrowed(spec: str, **values: object) -> catalog.Spec:
    """A shipped spec with one value for each of these columns."""
    content = content_of(spec)
    for column, value in values.items():
        if column in KEYS:
            content[KEYS[column]] = value
        else:
            content["parameters"] = {**content["parameters"], column: value}
    return spec_of(content)


def some_of(figure: sweep_maps.Figure) -> list[tuple[object, object]]:
    """Places to be made again: two, or of a thorough test all; of what rounding decides one at a low depth."""
    found = sweep_maps.recorded()[figure.name]
    x, y = [place for place in found.across if place != "1.1 cap"], found.down  # beyond the cap rounding decides
    if figure.rounded:
        return [(3, y[-1])]
    if THOROUGH:
        return [place for place in found.entries if place[0] in x]
    return [(x[0], y[-1]), (x[-1], y[len(y) // 2])]


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_spec_says_what_it_asks_and_is_drawn(name):
    spec = read_spec(name)
    assert spec.title.endswith("?")
    assert len(spec) >= 500
    assert name in {figure.spec for figure in sweep_maps.FIGURES}


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_spec_runs_small(name, tmp_path):
    content = content_of(name)
    parameters = {key: [read_spec(name).parameters[key][-1]] for key in content["parameters"]}
    few = {"depth": [2, 3], "step_size": read_spec(name).step_size[:1], "max_steps": 1_500}
    few |= {"seeds": 1} if "seeds" in content else {}
    small = spec_of({**content, **few, "parameters": parameters})
    tally = catalog.sweep(small, tmp_path / "small.sqlite", workers=1)
    assert (tally.computed, tally.refused) == (len(small), 0)


@pytest.mark.parametrize("figure", sweep_maps.FIGURES, ids=lambda figure: figure.name)
def test_the_record_is_of_the_spec_as_it_is(figure):
    again = "run python -m catalog.app.remeasure FOLDER again"
    assert sweep_maps.content()[figure.name]["digest"] == sweep_maps.digest(figure.spec), again
    found, spec = sweep_maps.recorded()[figure.name], read_spec(figure.spec)
    assert set(found.entries) == {(x, y) for x in found.across for y in found.down}
    shown = len(spec) // (len(spec.step_size) if any("step_rule" in one for one in figure.where) else 1)
    shown //= len(spec.engine) if any("engine" in one for one in figure.where) else 1
    assert (found.runs, found.refused) == (shown, 0)
    for values in (found.across, found.down):
        assert list(values) == sorted(values, key=selection.in_order)
    assert sweep_maps.of_record(figure, sweep_maps.to_record(figure, found)) == found


@pytest.mark.parametrize("figure", sweep_maps.FIGURES, ids=lambda figure: figure.name)
def test_cells_made_again_are_as_recorded(figure, tmp_path):
    recorded = sweep_maps.recorded()[figure.name]
    for number, (x, y) in enumerate(some_of(figure)):
        picked = dict(one.split("=") for one in figure.where)
        few = {"seed": 1} if figure.rounded else {}
        if figure.name == "saddle-escape-engines":
            few |= {"dimension": 3, "engine": y, "seed": 3}
        spec = narrowed(figure.spec, **{**picked, figure.x: x, figure.y: y, **few})
        file = tmp_path / f"{number}.sqlite"
        catalog.sweep(spec, file, workers=1)
        with store.reading(file) as kept:
            runs = selection.selected(kept)
            again = maps.map_of(runs, figure.x, figure.y, figure.value, figure.take).entries[x, y]
        before = recorded.entries[x, y]
        if figure.rounded:
            assert again.success == before.success == 1
            assert again.value == pytest.approx(before.value, rel=APART)
        else:
            assert (again.runs, again.converged) == (before.runs, before.converged)
            assert again.value == (None if before.value is None else pytest.approx(before.value, rel=1e-4))


@pytest.mark.parametrize("name", ["near-identity-worst", "near-identity-random"])
def test_rates_are_at_least_what_is_proved_and_what_is_conjectured(name):
    rates = captions.values(sweep_maps.recorded()[name])
    for depth, at, rate in rates:
        distance = round(1 - at, 9) if name == "near-identity-worst" else at
        assert distance > 1 / 12 or rate >= 0.73
        assert distance > largest_distance(depth) or rate >= 0.4
        if name == "near-identity-worst" and distance > largest_distance(depth) + 0.04:
            assert rate < 0.4


def test_rates_to_a_margin_are_at_least_the_conjectured_ones():
    for depth, margin, rate in captions.values(sweep_maps.recorded()["margin-rate"]):
        assert rate >= 0.8 * margin ** (2 - 2 / depth)


def test_single_precision_escapes_sooner_by_the_ratio_of_the_logarithms():
    found = sweep_maps.recorded()["saddle-escape-engines"]
    for depth in found.across[1:]:
        for double in ("reference", "compiled"):
            ratio = found.entries[depth, double].value / found.entries[depth, "single"].value
            assert ratio == pytest.approx(53 / 24, rel=0.1)
    assert all(found.entries[2, engine].converged == 0 for engine in found.down)


@pytest.mark.parametrize("figure", sweep_maps.FIGURES, ids=lambda figure: figure.name)
def test_what_is_said_of_a_figure_is_short_and_has_its_origin(figure):
    found = sweep_maps.recorded()[figure.name]
    told = figure.told(found)
    assert told.startswith("Measured in ")
    assert f"{found.runs:,} runs" in told
    assert len(told) < 620
    assert not re.search(r"nan|inf\b|None|e[+-]\d\d\b(?<!1\.2e-16)", told)
    assert heat_map.spec(found, figure.inner)["data"]["values"]
    assert len(heat_map.described(found)) < 500


def test_a_figure_is_drawn_with_its_name(tmp_path):
    pytest.importorskip("vl_convert")
    figure = sweep_maps.FIGURES[0]
    drawn = figure.drawn(sweep_maps.recorded()[figure.name])
    assert f"<title>{figure.title}</title>" in drawn
    assert "0.73 to 1" in drawn
    assert drawing.on_dark(drawn) != drawn
