"""The command that makes the sweeps of the measured maps anew, with sweeps and stores replaced by what is on record."""

import catalog
from catalog.app import remeasure
from catalog.app.figures import sweep_maps


def test_the_record_is_as_the_command_writes_it(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(catalog, "sweep", lambda spec, file: f"{spec} in {file}")
    monkeypatch.setattr(remeasure, "measured", lambda figure, file: sweep_maps.recorded()[figure.name])
    monkeypatch.setattr(remeasure, "FILE", tmp_path / "measured.json")
    for _ in range(2):  # the folder is made, or there
        assert remeasure.main([str(tmp_path / "stores")]) == 0
        told = [f"{one.name}: {one.spec} in {tmp_path}/stores/{one.spec}.sqlite" for one in sweep_maps.FIGURES]
        assert capsys.readouterr().out.splitlines() == told
    assert (tmp_path / "measured.json").read_bytes() == sweep_maps.FILE.read_bytes()


def test_the_module_is_a_command(run_module, monkeypatch):
    monkeypatch.setattr(catalog, "sweep", None)
    assert run_module("catalog.app.remeasure") == (2, "", "usage: python -m catalog.app.remeasure FOLDER\n")


def test_a_map_is_of_the_runs_that_the_figure_picks(tmp_path):
    figure = next(one for one in sweep_maps.FIGURES if one.take == "least" and one.y == "distance")
    parameters = {"distance": [0.05, 0.4], "dimension": 2}
    steps = ["0.1 default", "default"]
    spec = catalog.Spec("identity-perturbation", depth=[2, 3], step_size=steps, seeds=3, parameters=parameters)
    catalog.sweep(spec, tmp_path / "runs.sqlite", workers=1)
    found = remeasure.measured(figure, tmp_path / "runs.sqlite")
    assert (found.x, found.y, found.value, found.take, found.runs) == ("depth", "distance", "rate", "least", 12)
