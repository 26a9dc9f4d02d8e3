"""Planted slowdowns and rises are named with their commit and factor, and noise is called noise."""

import json
import math
import random
import re
from dataclasses import replace
from pathlib import Path

import pytest

pytest.importorskip("asv")

from planted_history import (
    COUNT,
    ENVIRONMENT,
    FILL,
    PLANTED,
    RATIO,
    ROTATION,
    STEPS,
    Clone,
    Planted,
    git,
    write_clone,
    write_results,
)

from catalog.benchmarks.dashboard import command, notes
from catalog.benchmarks.dashboard.comparison import all_judged
from catalog.benchmarks.dashboard.history import Commit, Run, Series, read_history
from catalog.benchmarks.dashboard.judgement import Judged, Thresholds, judged, usual_scatter
from catalog.benchmarks.dashboard.units import shown, shown_rate

ONCE_IN_A_WHILE = 3
"""Seeds of the noise that are tried."""


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Clone:
    return write_clone(tmp_path_factory.mktemp("planted"))


@pytest.fixture
def compare(clone: Clone, monkeypatch: pytest.MonkeyPatch, capsys):
    """Run ``--compare`` in the clone, or in a folder: exit code and what it prints."""

    def run(*arguments: str, folder: Path = clone.folder) -> tuple[int, str]:
        monkeypatch.chdir(folder)
        code = command.main(["--compare", *arguments])
        return code, capsys.readouterr().out

    return run


def found_in(folder: Path) -> dict[str, Judged]:
    configuration = read_history(folder).configurations[0]
    return {one.series.name: one for one in all_judged(configuration, Thresholds.read(folder)) if one.changes}


@pytest.mark.parametrize("seed", range(ONCE_IN_A_WHILE))
def test_each_planted_change_is_found_at_its_commit_and_nothing_else(clone: Clone, tmp_path: Path, seed: int) -> None:
    copy_history(clone, tmp_path)
    write_results(tmp_path, clone.hashes, seed=seed)
    found = found_in(tmp_path)
    assert found.keys() == {planted.name for planted in PLANTED}
    for planted in PLANTED:
        (change,) = found[planted.name].changes
        assert change.after.commit.hash == clone.hashes[planted.number - 1]
        assert change.located
        assert change.worse
        assert change.factor == pytest.approx(planted.factor, rel=0.04)


def copy_history(clone: Clone, folder: Path) -> None:
    """The same commits in another folder."""
    git(folder, "clone", "--quiet", str(clone.folder), ".")
    (folder / "asv.conf.json").write_bytes((clone.folder / "asv.conf.json").read_bytes())


def test_where_it_may_also_have_been_is_said(clone: Clone, tmp_path: Path) -> None:
    """With much noise a change of 10% may seem to come a commit too early; then the right one is named beside it."""
    copy_history(clone, tmp_path)
    name = f"{STEPS}('compiled', 4)"
    beside = 0
    for seed in range(7):
        write_results(tmp_path, clone.hashes, planted=[Planted(name, 12, 1.1)], seed=seed, noise=0.035)
        for one in found_in(tmp_path).values():
            assert one.series.name == name
            (change,) = one.changes
            places = {change.after.commit.place, *(commit.place for commit in change.perhaps)}
            assert 12 in places
            assert max(places) - min(places) <= 3
            beside += len(places) > 1
    assert beside


def test_the_text_answers_in_a_line_each(compare, clone: Clone) -> None:
    code, out = compare("oldest", "newest")
    assert code == 1
    lines = out.splitlines()
    assert lines[0] == f"from {clone.hashes[0][:8]} (2026-09-22, Subject of commit 1 & <b>more</b>)"
    assert lines[1] == f"to   {clone.hashes[-1][:8]} (2026-10-21, Subject of commit 30 & <b>more</b>)"
    assert "Abacus, x86_64, 2 processors, 8 GiB, Linux 1.2, Python 3.13, NumPy 2.4.6" in lines[2]
    assert "times: 3 slower, 0 faster, 17 within noise" in lines
    assert "memory: 0 more, 0 less, 4 within noise" in lines
    assert "counts: 1 rose, 0 fell, 3 unchanged" in lines
    named = [line.split()[1:] for line in lines if re.match(r" +[\d.]+x", line)]
    assert [" ".join(words).partition(":")[0] for words in named] == [
        f"{STEPS}('spectral', 4)",
        f"{ROTATION}(2, 'gradient-descent')",
        f"{STEPS}('compiled', 16)",
        f"{STEPS}('compiled', 4)",
    ]
    assert f"{clone.hashes[15][:8]} (2026-10-07, Subject of commit 16 & <b>more</b>): 1.50x, exact" in out
    assert "14 steps -> 21 steps" in out
    assert "4 without a note" in out
    assert f"Accepted after {clone.hashes[14][:8]}: `NAME`, because ..." in out


@pytest.mark.parametrize(
    ("before", "after"),
    [(1, 7), (8, 30), (12, 15), (15, 16), (13, 20)],
)
def test_only_what_is_between_counts(compare, clone: Clone, before: int, after: int) -> None:
    code, out = compare(clone.hashes[before - 1], clone.hashes[after - 1], "--json")
    found = json.loads(out)
    planted = [one for one in PLANTED if before < one.number <= after]
    assert code == (1 if planted else 0)
    rows = {row["name"]: row for row in found["series"] if row["outcome"] == "worse"}
    assert rows.keys() == {one.name for one in planted}
    assert found["without_note"] == len(planted)
    for one in planted:
        (change,) = rows[one.name]["changes"]
        assert change["until"] == clone.hashes[one.number - 1]
        assert change["factor"] == pytest.approx(one.factor, rel=0.04)
        assert change["reason"] is None


def test_a_rate_is_better_when_it_is_higher(clone: Clone) -> None:
    for one in found_in(clone.folder).values():
        rate = replace(one.series, unit="cells per second")
        assert [replace(change, series=rate).worse for change in one.changes] == [False]


def test_noise_alone_passes(compare, clone: Clone, tmp_path: Path) -> None:
    copy_history(clone, tmp_path)
    write_results(tmp_path, clone.hashes, planted=(), seed=5, noise=0.05)
    code, out = compare("oldest", "newest", folder=tmp_path)
    assert code == 0
    assert "times: 0 slower, 0 faster, 20 within noise" in out
    assert "without a note" not in out


def test_notes_accept_what_they_name_and_only_the_first_change(compare, clone: Clone, tmp_path: Path) -> None:
    copy_history(clone, tmp_path)
    name = f"{STEPS}('compiled', 4)"
    write_results(tmp_path, clone.hashes, planted=[Planted(name, 10, 1.5), Planted(name, 20, 1.5)])
    log = tmp_path / notes.CHANGELOG
    log.write_text(
        f"# Changes\n\n* Something else.\n* Accepted after {clone.hashes[8][:8]}: `other`,\n  `speed.*.time_*(*, 4)`,"
        " because the answer\n  is right now.\n* Another.\n",
        encoding="utf-8",
    )
    (note,) = notes.read_notes(log.read_text(encoding="utf-8"))
    assert note.reason == "the answer is right now."
    code, out = compare(clone.hashes[5], clone.hashes[15], folder=tmp_path)
    assert code == 0
    assert "noted: the answer is right now." in out
    assert "CHANGELOG.md says why" in out
    code, out = compare(clone.hashes[5], "newest", folder=tmp_path)
    assert code == 1
    for place, accepted in ((18, False), (9, False), (8, True), (0, True), (10, False)):
        text = re.sub("after [0-9a-f]+", f"after {clone.hashes[place][:8]}", log.read_text(encoding="utf-8"))
        log.write_text(text, encoding="utf-8")
        code, _ = compare(clone.hashes[5], clone.hashes[15], folder=tmp_path)
        assert code == (0 if accepted else 1)


def test_a_commit_without_results_makes_a_range(compare, clone: Clone, tmp_path: Path) -> None:
    copy_history(clone, tmp_path)
    write_results(tmp_path, clone.hashes, left_out=lambda number: number % 3 != 1)
    code, out = compare(clone.hashes[12], clone.hashes[15], folder=tmp_path)  # 14 and 15 are not measured
    assert code == 1
    assert f"one of 3 commits after {clone.hashes[12][:8]} until {clone.hashes[15][:8]} " in out
    assert "counts: 1 rose" in out


def edit(folder: Path, commit: str, change) -> None:
    path = folder / ".asv/results/reference" / f"{commit[:8]}-{ENVIRONMENT}.json"
    content = json.loads(path.read_text(encoding="utf-8"))
    change(content["results"])
    path.write_text(json.dumps(content), encoding="utf-8")


@pytest.mark.parametrize("nothing", [None, math.nan])
def test_a_result_that_is_lost_is_worse(compare, clone: Clone, tmp_path: Path, nothing: float | None) -> None:
    copy_history(clone, tmp_path)
    write_results(tmp_path, clone.hashes, planted=())
    for name in (ROTATION, FILL):
        edit(tmp_path, clone.hashes[-1], lambda results, name=name: results[name][0].__setitem__(0, nothing))
    code, out = compare("oldest", "newest", folder=tmp_path)
    assert code == 1
    assert re.search(r"lost +iterations.Rotation.track_iterations\(2, 'gradient-descent'\): 14 steps -> no result", out)
    assert "no result any more" in out
    assert "2 without a note" in out


def test_a_benchmark_that_fails_once_is_lost_there_and_nowhere_else(compare, clone: Clone, tmp_path: Path) -> None:
    copy_history(clone, tmp_path)
    write_results(tmp_path, clone.hashes, planted=())
    edit(tmp_path, clone.hashes[9], lambda results: results[FILL][0].__setitem__(0, None))
    assert compare("oldest", "newest", folder=tmp_path)[0] == 0
    code, out = compare("oldest", clone.hashes[9], folder=tmp_path)
    assert code == 1
    assert "1 without a note" in out


def test_another_version_is_another_measurement(clone: Clone, tmp_path: Path) -> None:
    copy_history(clone, tmp_path)
    write_results(tmp_path, clone.hashes)
    for commit in clone.hashes[:10]:
        edit(tmp_path, commit, lambda results: results[ROTATION].__setitem__(2, "0"))
    (one,) = (s for s in read_history(tmp_path).configurations[0].series if s.name == f"{ROTATION}(2, 'penalized')")
    assert len(one.runs) == COUNT - 10


def test_a_single_run_far_off_is_no_change(clone: Clone, tmp_path: Path) -> None:
    copy_history(clone, tmp_path)
    write_results(tmp_path, clone.hashes, planted=())

    def slow(results: dict) -> None:
        results[FILL][0] = [1.6 * value for value in results[FILL][0]]

    edit(tmp_path, clone.hashes[14], slow)
    assert found_in(tmp_path) == {}
    edit(tmp_path, clone.hashes[15], slow)
    edit(tmp_path, clone.hashes[16], slow)
    found = found_in(tmp_path)
    assert len(found) == 16
    assert {tuple(c.after.commit.place for c in one.changes) for one in found.values()} == {(15, 18)}


def test_ratios_are_not_judged_and_units_are_said(clone: Clone) -> None:
    series = {one.name: one for one in read_history(clone.folder).configurations[0].series}
    assert not Thresholds.read(clone.folder).judges(series[RATIO])
    assert series[f"{STEPS}('compiled', 4)"].described == f"{STEPS}, engine compiled, dimension 4"
    said = [
        shown(*pair) for pair in ((0.0123, "seconds"), (123.4, "seconds"), (5e7, "bytes"), (5000, "steps"), (0.4, ""))
    ]
    assert said == ["12.3 ms", "123 s", "50 MB", "5,000 steps", "0.4"]
    assert shown_rate("speed.Strategies.time_strategies", 0.0131) == "7,630 draws per second"


@pytest.mark.parametrize(
    ("values", "note", "code", "said"),
    [
        ([14, 19], "", 0, "counts: 0 rose, 0 fell, 2 unchanged"),
        ([13, 18], "", 0, "counts: 0 rose, 2 fell, 0 unchanged"),
        ([14, 20], "", 1, "Rotation.track_iterations(8, 'gradient-descent'): 19 steps -> 20 steps"),
        ([None, 19], "", 1, "14 steps -> no result"),
        (None, "", 1, "2 without a note"),
        ([14, 20], "Accepted after {reference}: `iterations.Rotation.track_iterations(8, *)`, because", 0, "noted"),
        ([15, 20], "Accepted after {reference}: `iterations.Rotation.track_iterations(8, *)`, because", 1, "1 without"),
        ([14, 20], "Accepted after {older}: `*`, because", 1, "1 without"),
    ],
)
def test_counts_of_two_machines(
    compare, clone: Clone, tmp_path: Path, values: list | None, note: str, code: int, said: str
) -> None:
    copy_history(clone, tmp_path)
    older, reference, head = clone.hashes[9], clone.hashes[12], clone.hashes[-1]
    text = note.format(older=older[:8], reference=reference[:8])
    (tmp_path / notes.CHANGELOG).write_text(f"# Changelog\n\n* {text} of this.\n", encoding="utf-8")
    for machine, commit, counts in (
        ("reference", older, [1, 1]),
        ("reference", reference, [14, 19]),
        ("ci", head, values),
    ):
        write_results(tmp_path, clone.hashes, machine=machine, left_out=lambda n, c=commit: clone.hashes[n - 1] != c)
        path = next((tmp_path / ".asv/results" / machine).glob(f"{commit[:8]}-*"))
        content = json.loads(path.read_text(encoding="utf-8"))
        row = [counts, [["2", "8"], ["'gradient-descent'"]], "1", 0, 0]
        content["results"] = {ROTATION: row, STEPS: content["results"][STEPS]}
        path.write_text(json.dumps(content), encoding="utf-8")
    found, out = compare("newest", "HEAD", "--machine", "ci", "--reference", "reference", folder=tmp_path)
    assert found == code
    assert said in out
    assert "times" not in out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["newest", "oldest"], "commit A must be older than B"),
        (["oldest", "no-such-name"], "commit must be a name that git knows, got 'no-such-name'"),
        (["oldest", "newest", "--machine", "moon"], "machine must be one with results, reference, got 'moon'"),
        (["oldest", "--help-me"], "expected 2 arguments"),
    ],
)
def test_bad_use_of_compare_is_one_line(compare, arguments: list[str], said: str, capsys) -> None:
    with pytest.raises(SystemExit, match="2"):
        compare(*arguments)
    assert said in capsys.readouterr().err


def test_no_results_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "asv.conf.json").write_text("{}", encoding="utf-8")
    for said in ("has no git history", "measure first"):
        with pytest.raises(SystemExit, match="2"):
            command.main(["--compare", "oldest", "newest"])
        assert said in capsys.readouterr().err
        git(tmp_path, "init", "--quiet")
        git(tmp_path, "-c", "user.name=a", "-c", "user.email=b", "commit", "--quiet", "--allow-empty", "-m", "c")


def test_what_would_be_noticed_is_noticed_and_no_less(clone: Clone, tmp_path: Path) -> None:
    """A newest run that is that much longer is a change, and one a little shorter than that is none."""
    copy_history(clone, tmp_path)
    write_results(tmp_path, clone.hashes, planted=(), noise=0.04)
    configuration = read_history(tmp_path).configurations[0]
    thresholds = Thresholds.read(tmp_path)
    for one in all_judged(configuration, thresholds)[:8]:
        if one.series.kind != "time":
            continue
        level = one.levels[clone.hashes[-1]]
        found = []
        for factor in (0.97, 1.03):
            value = level * one.noticed * factor
            commit = Commit("f" * 40, COUNT + 1, one.series.runs[-1].commit.date, "next")
            run = Run(commit, value, value * 0.99, value * 1.01, {"ci_99_a": value * 0.99, "ci_99_b": value * 1.01})
            longer = replace(one.series, runs=(*one.series.runs, run))
            found.append(len(judged(longer, thresholds.of(longer), usual_scatter(configuration)).changes))
        assert found == [0, 1]


def longer_by(series: Series, *factors: float, width: float = 0.01, last: float | None = None) -> Series:
    """A series of times with more runs, of given lengths, and confidence intervals, the last of another width."""
    values = [*(run.value for run in series.runs), *factors]
    runs = []
    for place, value in enumerate(values, start=1):
        commit = replace(series.runs[0].commit, place=place, hash=f"{place:040d}")
        half = value * (width if last is None or place < len(values) else last)
        low, high = value - half, value + half
        runs.append(Run(commit, value, low, high, {"ci_99_a": low, "ci_99_b": high}))
    return replace(series, runs=tuple(runs))


@pytest.fixture(scope="module")
def plain(clone: Clone) -> Series:
    """A time that is always 1, of ten runs that differ by 2%."""
    commits = read_history(clone.folder).commits
    return Series("a.time_b", (), "seconds", "time", tuple(Run(commits[i], 1 + 0.02 * (i % 2)) for i in range(10)))


@pytest.mark.parametrize(
    ("factors", "width", "changes"),
    [
        ([1.5], 0.01, 1),
        ([1.4, 1, 1, 1.5], 0.01, 0),  # not much more than the run before that was taken back
        ([1.4, 1, 1, 2.2], 0.01, 1),
        ([1.5, 1.5], 0.3, 0),  # so uncertain that two say no more
        ([1] * 20 + [1.045] * 20, 0.0001, 0),  # surely, but by less than the threshold
        ([1] * 20 + [1.07] * 20, 0.0001, 1),
    ],
)
def test_what_a_change_needs(plain: Series, factors: list[float], width: float, changes: int) -> None:
    assert len(judged(longer_by(plain, *factors, width=width), 0.05).changes) == changes


def test_one_run_must_pass_the_test_on_its_samples(plain: Series) -> None:
    found = [judged(longer_by(plain, 1.5, last=last), 0.05).changes for last in (0.1, 0.4)]
    assert [len(changes) for changes in found] == [1, 0]


def test_noise_that_is_not_usual_is_noise(plain: Series) -> None:
    """Short histories of scatter 15%, where the machine's is 3%: at most 3 in 100 are said to change."""
    drawn = random.Random(2)
    found = 0
    for _ in range(300):
        factors = [math.exp(drawn.gauss(0, 0.15)) for _ in range(6)]
        found += bool(judged(replace(plain, runs=longer_by(plain, *factors).runs[10:]), 0.05).changes)
    assert 0 < found <= 9


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("oldest", "HEAD", "HEAD ({29}) has no results on machine reference: measure it, or take {instead}{27}"),
        ("newest", "HEAD", "HEAD ({29}) has no results on machine reference: measure it, or take {instead}{27}"),
        ("HEAD~15", "newest", "HEAD~15 ({14}) has no results on machine reference: measure it, or take {instead}{13}"),
        ("HEAD~28", "newest", "HEAD~28 ({1}) has no results on machine reference: measure it, or take oldest, {4}"),
    ],
)
def test_no_verdict_on_a_commit_without_results(
    compare, clone: Clone, tmp_path: Path, before: str, after: str, said: str, capsys
) -> None:
    copy_history(clone, tmp_path)
    write_results(tmp_path, clone.hashes, left_out=lambda number: number < 5 or number == 15 or number > 28)
    with pytest.raises(SystemExit, match="2"):
        compare(before, after, folder=tmp_path)
    error = capsys.readouterr().err
    shorts = [commit[:8] for commit in clone.hashes]
    assert said.format(*shorts, instead="the newest one before it that has, ") in error


def test_a_series_without_a_run_at_the_second_commit_has_no_verdict(compare, clone: Clone, tmp_path: Path) -> None:
    copy_history(clone, tmp_path)
    write_results(tmp_path, clone.hashes)
    edit(tmp_path, clone.hashes[-1], lambda results: results.pop(STEPS))
    code, out = compare("oldest", "newest", folder=tmp_path)
    assert code == 1
    assert "times: 0 slower, 0 faster, 16 within noise" in out
    assert "not measured at both: 4" in out


def test_a_loss_is_no_part_of_what_became_better(compare, clone: Clone, tmp_path: Path) -> None:
    copy_history(clone, tmp_path)
    write_results(tmp_path, clone.hashes, planted=[Planted(f"{FILL}(0)", 10, 0.5)])
    edit(tmp_path, clone.hashes[19], lambda results: results[FILL][0].__setitem__(0, None))
    code, out = compare("oldest", clone.hashes[19], folder=tmp_path)
    assert code == 1
    assert "1 without a note" in out
