"""What asv stored is read as it was measured, each run at its commit."""

import json
import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from made_history import COMMITS, HISTORY, Run, commit, engine, times, tracked
from planted_history import DAY, FIRST, git, write_commits

import catalog.benchmarks.dashboard.history as under_test
from catalog.benchmarks.dashboard.history import InputError, read_commits, read_history

STEPS, COUNT, PLAIN = "speed.Steps.time_steps", "iterations.Rotation.track_iterations", "bounds.P3.track_ratio"
BENCHMARKS = {
    PLAIN: ("track", "ratio", "2", [], []),
    STEPS: ("time", "seconds", "1", ["engine", "dimension"], [["'spectral'", "'compiled'"], ["16", "4"]]),
    COUNT: ("track", "steps", "3.1", ["depth"], [["2", "8"]]),
}
STARTED = 1_790_000_000_000
"""Milliseconds, as asv counts."""

STATS = [{"ci_99_a": 0.9, "ci_99_b": 1.2}, {"ci_99_a": -math.inf, "ci_99_b": math.inf}, None, {"ci_99_a": 3.5}]
SAMPLES = [[1.0, 1.1], None, None, [4.0]]


def write(folder: Path, machine: str, of: str, results: dict[str, list], environment: str = "env", **about) -> None:
    """Results of one commit, by benchmark: values, parameters, version, start, and of a time statistics and samples."""
    place = folder / ".asv/results" / machine
    place.mkdir(parents=True, exist_ok=True)
    host = {"machine": machine, "cpu": "Abacus", "arch": "x86_64", "num_cpu": "2", "ram": str(2**33), "os": "Linux 1"}
    (place / "machine.json").write_text(json.dumps({**host, "version": 1}), encoding="utf-8")
    listed = [
        {"name": n, "type": k, "unit": u, "version": v, "param_names": names, "params": p}
        for n, (k, u, v, names, p) in BENCHMARKS.items()
    ]
    benchmarks = {**{one["name"]: {**one, "code": "", "timeout": 60.0} for one in listed}, "version": 2}
    (folder / ".asv/results/benchmarks.json").write_text(json.dumps(benchmarks), encoding="utf-8")
    content = {
        "commit_hash": of,
        "env_name": environment,
        "date": 0,
        "params": {"machine": machine, "python": "3.13", "numpy": "2.4.6", **about},
        "python": "3.13",
        "requirements": {},
        "env_vars": {},
        "result_columns": ["result", "params", "version", "started_at", "stats_ci_99_a", "stats_ci_99_b", "samples"],
        "results": results,
        "durations": {},
        "version": 2,
    }
    (place / f"{of[:8]}-{environment}.json").write_text(json.dumps(content), encoding="utf-8")


def counted(values: Sequence[float | None] | None, version: str = "3.1", listed: Sequence[str] = ("2", "8")) -> list:
    return [values, [list(listed)], version, STARTED]


@pytest.fixture
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    pytest.importorskip("asv")
    monkeypatch.setattr(under_test, "read_commits", lambda root: COMMITS)
    return tmp_path


def test_every_number_is_where_it_was_measured(folder: Path) -> None:
    ends = [[None if one is None else one.get(end) for one in STATS] for end in ("ci_99_a", "ci_99_b")]
    measured = [[1.0, 2.0, None, math.nan], BENCHMARKS[STEPS][4], "1", STARTED + 5000, *ends, SAMPLES]
    write(folder, "here", commit(3).hash, {STEPS: measured, PLAIN: [[0.25], [], "2", None], COUNT: counted([7, None])})
    history = read_history(folder)
    assert history.commits == COMMITS
    assert history.elsewhere == ()
    (found,) = history.configurations
    assert (found.machine, found.environment) == ("here", "env")
    assert found.commits == (commit(3),)
    assert found.measured == datetime(2026, 9, 21, 14, 13, 25, tzinfo=UTC)
    assert [one.name for one in found.series] == [
        PLAIN,
        f"{COUNT}(2)",
        f"{COUNT}(8)",
        *(f"{STEPS}('{name}', {dimension})" for name in ("spectral", "compiled") for dimension in (16, 4)),
    ]
    assert [(one.unit, one.kind) for one in found.series[1::2]] == [("steps", "track"), *[("seconds", "time")] * 2]
    assert found.series[-1].parameters == (("engine", "'compiled'"), ("dimension", "4"))
    assert [run.value for one in found.series[:2] for run in one.runs] == [0.25, 7]
    assert found.series[2].runs[0].failed
    assert found.series[0].runs[0].measured is None
    runs = [one.runs[0] for one in found.series[3:]]
    assert [run.commit for run in runs] == [commit(3)] * 4
    assert [run.value for run in runs[:2]] == [1.0, 2.0]
    assert [run.failed for run in runs] == [False, False, True, True]
    assert [(run.low, run.high) for run in runs] == [(0.9, 1.2), *[(-math.inf, math.inf)] * 2, (3.5, math.inf)]
    assert [run.stats for run in runs] == [STATS[0], STATS[1], {}, STATS[3]]
    assert [run.samples for run in runs] == [(1.0, 1.1), None, None, (4.0,)]


def test_runs_are_in_the_order_of_the_commits_and_of_the_version_on_record(folder: Path) -> None:
    for place, values, version in ((12, [12, 120], "3.1"), (2, [2, 20], "3.1"), (7, [7, 70], "3"), (9, None, "3.1")):
        write(folder, "here", commit(place).hash, {COUNT: counted(values, version), "gone.track_b": counted([1, 2])})
    elsewhere = tuple(digit * 40 for digit in "abcdef")
    for other in elsewhere:
        write(folder, "here", other, {COUNT: counted([0, 0])})
    history = read_history(folder)
    assert history.elsewhere == elsewhere
    (found,) = history.configurations
    assert [[(run.commit.place, str(run.value)) for run in one.runs] for one in found.series] == [
        [(2, "2.0"), (9, "nan"), (12, "12.0")],
        [(2, "20.0"), (9, "nan"), (12, "120.0")],
    ]


def test_values_of_a_parameter_that_are_not_listed_any_more_come_last(folder: Path) -> None:
    write(folder, "here", commit(1).hash, {COUNT: counted([1, 2, 3], listed=["8", "16", "1"])})
    write(folder, "here", commit(2).hash, {COUNT: counted([1, 2])})
    (found,) = read_history(folder).configurations
    assert [one.parameters[0][1] for one in found.series] == ["2", "8", "1", "16"]


def test_the_newest_results_tell_of_machine_and_versions(folder: Path) -> None:
    for place, numpy in ((4, "2.3"), (8, "2.4"), (1, "2.0")):
        write(folder, "here", commit(place).hash, {COUNT: counted([1, 2])}, numpy=numpy, scipy="1.17")
    (found,) = read_history(folder).configurations
    assert found.facts == {
        "processor": "Abacus, x86_64, 2 processors, 8 GiB",
        "system": "Linux 1",
        "Python": "3.13",
        "NumPy": "2.4",
        "SciPy": "1.17",
    }


def test_what_is_not_known_of_a_machine_is_left_out(folder: Path) -> None:
    about = {"cpu": "", "num_cpu": "", "ram": "much", "os": "", "python": "/usr/bin/python3"}
    write(folder, "here", commit(4).hash, {COUNT: counted([1, 2])}, **about)
    (found,) = read_history(folder).configurations
    assert found.facts == {"processor": "x86_64", "NumPy": "2.4.6"}


def test_the_configuration_with_most_commits_is_first_and_the_newest_one_is_that_of_its_machine(folder: Path) -> None:
    def add(machine: str, environment: str, *places: int, names: Sequence[str] = (COUNT,)) -> None:
        for place in places:
            results = {COUNT: counted([1, 2]), PLAIN: [[0.5], [], "2", STARTED]}
            write(folder, machine, commit(place).hash, {name: results[name] for name in names}, environment)

    add("one", "a", 1)
    add("there", "last", 2, 3, 9)
    add("there", "other", 6, 7, 8)
    add("here", "b", 4, 5)
    add("here", "a", 4, 5, names=[COUNT, PLAIN])
    history = read_history(folder)
    names = [(one.machine, one.environment) for one in history.configurations]
    assert names == [("there", "last"), ("there", "other"), ("here", "a"), ("here", "b"), ("one", "a")]
    assert history.of_machine("there").environment == "last"
    assert history.of_machine("here").environment == "a"
    many = tuple(replace(history.configurations[0], machine=name) for name in "dbface")
    with pytest.raises(InputError, match="machine must be one with results, a, b, c, d, e, f, got 'moon'"):
        replace(history, configurations=many).of_machine("moon")
    with pytest.raises(InputError, match="machine must be one with results, no machine, got 'moon'"):
        replace(history, configurations=()).of_machine("moon")


def test_without_benchmarks_as_asv_writes_them_there_is_one_line(folder: Path) -> None:
    refused = r"\.asv/results has no benchmarks.json that can be read .*: measure first"
    with pytest.raises(InputError, match=refused):
        read_history(folder)
    write(folder, "here", commit(1).hash, {COUNT: counted([1, 2])})
    file = folder / ".asv/results/benchmarks.json"
    for version in (1, 3):
        file.write_text(
            json.dumps({**json.loads(file.read_text(encoding="utf-8")), "version": version}), encoding="utf-8"
        )
        with pytest.raises(InputError, match=refused):
            read_history(folder)


def test_a_run_without_the_time_when_it_was_measured_leaves_it_open() -> None:
    found = HISTORY.configurations[0]
    assert found.measured == datetime(2026, 9, 21, 13, tzinfo=UTC)
    untimed = tuple(replace(one, runs=tuple(replace(run, measured=None) for run in one.runs)) for one in found.series)
    assert replace(found, series=untimed).measured is None


def test_series_are_named_as_asv_does_and_in_words() -> None:
    series = times(STEPS, {1: 0.5}, *engine("compiled", 4))
    assert series.name == f"{STEPS}('compiled', 4)"
    assert series.described == f"{STEPS}, engine compiled, dimension 4"
    assert tracked(PLAIN, "ratio", {1: 0.5}).name == PLAIN


@pytest.mark.parametrize(
    ("unit", "rate"),
    [
        ("reached", True),
        ("cells per second", True),
        ("B/second", True),
        ("GB/s", True),
        ("seconds", False),
        ("s", False),
    ],
)
def test_of_rates_and_of_what_is_reached_more_is_better(unit: str, rate: bool) -> None:
    assert tracked(PLAIN, unit, {1: 0.5}).higher_is_better == rate


def test_a_count_is_exact_and_a_peak_of_memory_is_not() -> None:
    assert tracked(PLAIN, "ratio", {1: 0.5}).counted
    assert not times(STEPS, {1: 0.5}).counted


def test_a_run_has_no_interval_unless_it_says_so() -> None:
    run = Run(commit(1), 2.0)
    assert (run.low, run.high, run.stats, run.samples, run.measured) == (-math.inf, math.inf, {}, None, None)


def test_commits_are_those_that_lead_to_head_oldest_first(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="has no git history: run from the root of a clone"):
        read_commits(tmp_path / "nowhere")
    hashes = write_commits(tmp_path, 3)
    git(tmp_path, "checkout", "--quiet", "-b", "aside")
    git(tmp_path, "-c", "user.name=a", "-c", "user.email=b", "commit", "--quiet", "--allow-empty", "-m", "aside")
    git(tmp_path, "checkout", "--quiet", "main")
    found = read_commits(tmp_path)
    assert [one.hash for one in found] == hashes
    assert [one.place for one in found] == [1, 2, 3]
    assert [one.date for one in found] == [datetime.fromtimestamp(FIRST + DAY * n, UTC) for n in (1, 2, 3)]
    assert str(found[1]) == f"{hashes[1][:8]} (2026-09-23, Subject of commit 2 & <b>more</b>)"
