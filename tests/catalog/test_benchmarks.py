"""The benchmarks' lists against the catalog, and revisions against the matrices they stand for."""

import hashlib
import inspect
import json
import re
import runpy
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from public_surface import own

import dlr
from catalog import registry, strategies
from catalog.benchmarks import bounds, iterations, named_targets, processor, report, speed, sweeps, whole
from catalog.family import Family
from catalog.sweeps import executors
from dlr.types import Matrix

RECORD = Path(__file__).with_name("revisions.json")
RECORDED = json.loads(RECORD.read_text(encoding="utf-8"))
CONFIG = json.loads((Path(__file__).parents[2] / "asv.conf.json").read_text(encoding="utf-8"))


def fingerprint(family: Family) -> list[float]:
    """A number for each of three members, the default and two corners, that changes with any entry of the matrix."""
    corners = [{name: getattr(p, end) for name, p in family.parameters.items()} for end in ("minimum", "maximum")]
    return [weighed(family(**parameters).matrix) for parameters in ({}, *corners)]


def weighed(matrix: Matrix) -> float:
    i, j = np.indices(matrix.shape)
    return float(np.sum(np.cos(1 + i + np.sqrt(2) * j) * matrix))


def check_revision(family: Family, recorded: dict) -> None:
    """The matrices are the recorded ones, and the revision the recorded one."""
    found = fingerprint(family)
    same = np.allclose(found, recorded["fingerprint"], rtol=1e-8, atol=1e-8)
    revision = family.revision if same else max(family.revision, recorded["revision"] + 1)
    renew = f'record "{family.name}": {json.dumps({"revision": revision, "fingerprint": found})} in {RECORD.name}'
    if family.revision <= recorded["revision"]:
        assert same, f"{family.name} changed: raise its revision, in named_targets.py too, and {renew}"
    assert family.revision == recorded["revision"], f"{family.name} has a new revision: {renew}"


@pytest.mark.parametrize("name", RECORDED)
def test_a_target_changes_only_with_its_revision(name: str) -> None:
    assert name in registry.all_families(), f"{name} is gone: take it out of {RECORD.name} too"
    check_revision(registry.all_families()[name], RECORDED[name])


@pytest.mark.parametrize("name", RECORDED)
def test_ranges_are_those_on_record(name: str) -> None:
    found = {key: [p.default, p.minimum, p.maximum] for key, p in registry.all_families()[name].parameters.items()}
    assert found == RECORDED[name]["ranges"], f"tell of it in CHANGELOG.md, and record {json.dumps(found)}"


@pytest.mark.parametrize("name", RECORDED)
def test_a_change_without_a_new_revision_is_noticed(name: str) -> None:
    family = registry.all_families()[name]

    def nudged(**parameters: float) -> Matrix:
        matrix = np.array(family.build(**parameters))
        matrix[-1, -1] += 1e-6
        return matrix

    with pytest.raises(AssertionError, match="raise its revision"):
        check_revision(replace(family, build=nudged), RECORDED[name])
    with pytest.raises(AssertionError, match="has a new revision"):
        check_revision(replace(family, revision=family.revision + 1), RECORDED[name])


@pytest.mark.parametrize("name", named_targets.REVISIONS)
def test_benchmarked_targets_are_in_the_catalog_and_recorded(name: str) -> None:
    assert registry.all_families()[name].revision == named_targets.REVISIONS[name]
    assert name in RECORDED
    np.testing.assert_array_equal(named_targets.matrix(name), registry.target(name).matrix)


def test_names_in_the_lists_are_in_the_catalog() -> None:
    assert bounds.TARGETS.keys() <= registry.all_claims().keys()
    for claim, names in bounds.TARGETS.items():
        for name in names:
            assert registry.all_claims()[claim].applies_to(registry.target(name).matrix)
    convergence = {claim.name for claim in registry.all_claims().values() if claim.quantity == "steps to tolerance"}
    assert bounds.TARGETS.keys() <= convergence
    assert iterations._Iterations.params[1] == list(iterations.ALGORITHMS)
    assert all(make().name == name for name, make in iterations.ALGORITHMS.items())
    today = {"near_identity": "near_the_identity"}
    assert {today.get(name, name) for name in speed.Strategies.params[0]} == set(strategies.__all__)


def test_what_a_commit_lacks_is_not_available(monkeypatch: pytest.MonkeyPatch) -> None:
    family = registry.all_families()["rotation"]
    for found in ({}, {"rotation": replace(family, revision=2)}):
        monkeypatch.setattr(named_targets, "all_families", lambda found=found: found)
        with pytest.raises(NotImplementedError):
            iterations.Rotation().setup(2, "gradient-descent")
    monkeypatch.setattr(bounds, "all_claims", dict)
    monkeypatch.setattr(registry, "all_claims", dict)
    with pytest.raises(NotImplementedError):
        bounds.MarginConvergesOnGrcar().setup(2)
    with pytest.raises(NotImplementedError):
        speed.Validate().setup()
    with pytest.raises(NotImplementedError):
        speed.Steps().setup("engine of tomorrow", 4)


def test_cells_a_second_are_compared(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sweeps, "_dask", lambda stack: None)
    monkeypatch.setattr(executors, "local", lambda workers: nullcontext(executors.ThisProcess()))
    assert sweeps.main(["--rounds", "1", "--cells", "20"]) == 0
    rows = capsys.readouterr().out.splitlines()
    assert [row[:22].strip() for row in rows[1:]] == [
        *("plain loop", "one process", "two processes", "Dask is not installed"),
    ]
    assert rows[1].split()[-2:] == ["1.00", "1.000"]


def test_the_loop_of_the_comparison_runs_every_cell(monkeypatch: pytest.MonkeyPatch) -> None:
    ran, solve = [], dlr.solve
    monkeypatch.setattr(dlr, "solve", lambda *arguments, **options: ran.append(solve(*arguments, **options)))
    sweeps.loop(sweeps.spec_of(40))
    assert len(ran) == 40
    assert all(solution.converged for solution in ran)


def test_time_is_that_of_the_process_and_of_its_children(monkeypatch: pytest.MonkeyPatch) -> None:
    resource = pytest.importorskip("resource")
    children = {resource.RUSAGE_CHILDREN: SimpleNamespace(ru_utime=2.0, ru_stime=4.0)}
    monkeypatch.setattr(resource, "getrusage", children.__getitem__)
    monkeypatch.setattr("time.process_time", lambda: 1.0)
    assert processor.processor_time() == 7


def test_names_that_older_commits_have_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "families", "the older name", raising=False)
    assert runpy.run_path(named_targets.__file__)["all_families"] is registry.all_families
    monkeypatch.delattr(registry, "all_families")
    assert runpy.run_path(named_targets.__file__)["all_families"] == "the older name"


def test_version_is_that_of_the_target_and_nothing_else() -> None:
    assert iterations.Rotation.version == f"1.{named_targets.REVISIONS['rotation']}"
    raised = {**named_targets.REVISIONS, "rotation": 7}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(named_targets, "REVISIONS", raised)
        versions = {name: named_targets.benchmark_class("m", "n", object, name, measure=1).version for name in raised}
    assert versions == {name: "1.7" if name == "rotation" else "1.1" for name in raised}


MEASURED = {
    **{f"speed.{name}": value for name, value in own(speed).items()},
    **{module.__name__.rpartition(".")[2]: module for module in (bounds, iterations, processor, report, sweeps, whole)},
}
TEXTS = json.loads(Path(__file__).with_name("benchmarks.json").read_text(encoding="utf-8"))


def test_every_benchmark_is_on_record() -> None:
    assert MEASURED.keys() == TEXTS.keys()


@pytest.mark.parametrize("name", MEASURED)
def test_the_text_of_a_benchmark_changes_only_with_a_look_at_its_version(name: str) -> None:
    """A digest of its code, as asv takes for a version where a benchmark states none; spaces and comments apart."""
    code = re.sub(r'"""[\s\S]*?"""|#.*', "", inspect.getsource(MEASURED[name]))
    found = hashlib.sha256("".join(code.split()).encode()).hexdigest()[:12]
    assert found == TEXTS[name], f'raise the version of {name} if it measures something else, and record "{found}"'


def test_a_run_that_does_not_converge_counts_as_the_limit() -> None:
    benchmark = iterations.Householder()
    benchmark.setup(2, "gradient-descent")
    assert benchmark.track_iterations(2, "gradient-descent") == iterations.MAX_STEPS
    assert benchmark.track_success(2, "gradient-descent") == 0


def test_thresholds_are_disjoint_and_cover_every_benchmark() -> None:
    names = ["iterations.A.track_iterations(8, 'b')", "speed.A.time_b", "speed.timeraw_b", "speed.A.peakmem_b"]
    wanted = [0.001, 0.05, 0.05, 0.05]
    found = [[t for r, t in CONFIG["regressions_thresholds"].items() if re.match(r, name)] for name in names]
    assert found == [[threshold] for threshold in wanted]


@pytest.mark.parametrize("requirement", CONFIG["matrix"]["req"].values())
def test_environment_is_pinned_exactly(requirement: list[str]) -> None:
    assert [re.fullmatch(r"\d+(\.\d+)+(\.post\d+)?", version) is not None for version in requirement] == [True]
