"""The command measures, compares, publishes and serves what it is asked to, and says in a line what it can't do."""

import json
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from io import StringIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.request import urlopen

import pytest
from made_history import COMMITS, HISTORY, MEASURED, commit
from planted_history import git, write_commits

from catalog.benchmarks.dashboard import command, comparison
from catalog.benchmarks.dashboard.history import InputError

REFERENCE, OTHER = HISTORY.configurations


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is taken for the root of a checkout."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(command, "find_spec", lambda name: name)
    (tmp_path / "asv.conf.json").write_text('{"regressions_thresholds": {".*track_.*": 0.001}}', encoding="utf-8")
    return tmp_path


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> list[tuple[list[str], dict[str, Any]]]:
    """Commands that would have been run in other processes, each a success."""
    found: list[tuple[list[str], dict[str, Any]]] = []

    def run(arguments: list[str], **options: Any) -> subprocess.CompletedProcess:
        found.append((arguments, options))
        return subprocess.CompletedProcess(arguments, 0, stdout="", stderr="")

    monkeypatch.setattr(command.subprocess, "run", run)
    return found


@pytest.fixture
def compare(fitting, checkout: Path, monkeypatch: pytest.MonkeyPatch, capsys) -> Callable[..., tuple[int, str]]:
    """Run ``--compare`` in the history made by hand, where commits are named by their number."""
    monkeypatch.setattr(command, "read_history", lambda root: HISTORY)
    monkeypatch.setattr(command, "hash_of", lambda name: commit(int(name)).hash)

    def run(*arguments: str) -> tuple[int, str]:
        code = command.main(["--compare", *arguments])
        return code, capsys.readouterr().out

    return run


def machines(monkeypatch: pytest.MonkeyPatch) -> dict[str, dict[str, str]]:
    """What asv would keep of machines from now on, by their names."""
    saved: dict[str, dict[str, str]] = {}
    machine = SimpleNamespace(get_defaults=lambda: {"os": "wrong", "cpu": "Abacus"})
    collection = SimpleNamespace(save=saved.__setitem__)
    monkeypatch.setitem(sys.modules, "asv.machine", SimpleNamespace(Machine=machine, MachineCollection=collection))
    return saved


def refused(arguments: list[str], capsys) -> str:
    """What the command says where it ends with exit code 2."""
    with pytest.raises(SystemExit, match="2"):
        command.main(arguments)
    return capsys.readouterr().err.splitlines()[-1].partition("error: ")[2]


def test_bad_use_is_one_line_that_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit, match="2"):
        command.main([])
    assert "run from the root of a checkout" in capsys.readouterr().err
    monkeypatch.setattr(command, "find_spec", lambda name: name)
    (tmp_path / "asv.conf.json").write_text("{}", encoding="utf-8")
    for arguments, said in (
        (["-3"], "N must be at least 0, got -3"),
        (["--every", "-1"], "--every must be at least 0"),
    ):
        with pytest.raises(SystemExit, match="2"):
            command.main(arguments)
        assert said in capsys.readouterr().err
    for arguments, said in (([], "asv publish"), (["2"], "failed: git rev-list --first-parent HEAD")):
        assert command.main(arguments) == 1
        assert said in capsys.readouterr().err
    monkeypatch.setattr(command, "publish", lambda: None)
    with command.server(port=0) as taken, pytest.raises(SystemExit, match="2"):
        command.main(["--port", str(taken.server_port)])
    assert "choose another with --port" in capsys.readouterr().err
    monkeypatch.setattr(command, "find_spec", lambda name: None)
    with pytest.raises(SystemExit, match="2"):
        command.main([])
    assert "pip install" in capsys.readouterr().err


def test_the_package_is_a_command(run_module) -> None:
    code, out, _ = run_module("catalog.benchmarks.dashboard", "--help")
    assert (code, out.split()[:4]) == (0, ["usage:", "python", "-m", "catalog.benchmarks.dashboard"])


def test_two_commits_of_a_machine_are_compared(compare) -> None:
    code, out = compare("oldest", "12")
    assert code == 1
    assert out.startswith(f"from {commit(1)}\nto   {commit(12)}\non   reference: Abacus")
    code, out = compare("15", "newest", "--machine", "reference", "--reference", "reference", "--json")
    found = json.loads(out)
    assert (found["before"]["place"], found["after"]["place"], found["machines"]) == (15, 20, ["reference"])


def test_counts_of_another_machine_are_compared_in_any_order(compare) -> None:
    _, out = compare("newest", "newest", "--machine", "ci", "--reference", "reference", "--json")
    found = json.loads(out)
    assert (found["before"]["place"], found["after"]["place"]) == (20, 19)
    assert found["machines"] == ["reference", "ci"]


def test_exit_code_is_that_of_what_has_no_note(compare, checkout: Path) -> None:
    name = "iterations.Rotation.track_iterations(2, 'gradient-descent')"
    pair = "9", "10"
    code, out = compare(*pair, "--json")
    rows = {row["name"]: row["outcome"] for row in json.loads(out)["series"]}
    assert (code, [one for one, outcome in rows.items() if outcome == "worse"]) == (1, [name])
    note = f"* Accepted after {commit(9).short}: `{name}`, because it is so.\n"
    (checkout / "CHANGELOG.md").write_text(note, encoding="utf-8")
    assert compare(*pair)[0] == 0


def test_what_can_not_be_compared_is_one_line(compare, monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    short = {place: commit(place).short for place in (4, 7, 12, 13, 15)}
    for pair in (("12", "7"), ("7", "7")):
        said = refused(["--compare", *pair], capsys)
        assert said == f"commit A must be older than B, got {short[int(pair[0])]} and {short[7]}: swap them"
    assert refused(["--compare", "14", "newest"], capsys) == (
        f"14 ({commit(14).short}) has no results on machine reference: measure it, or take the newest one before it "
        f"that has, {short[13]}"
    )
    late = replace(REFERENCE, series=tuple(one for one in REFERENCE.series if one.runs[0].commit.place > 8))
    with pytest.raises(InputError, match=f"^3 .{commit(3).short}. has no .* take oldest, {commit(9).short}$"):
        command.named("3", COMMITS, late)
    monkeypatch.setattr(command, "hash_of", lambda name: name)
    with pytest.raises(InputError, match=f"^{commit(22).short} has no results"):
        command.named(commit(22).hash, COMMITS, REFERENCE)
    with pytest.raises(InputError, match="commit must be one that leads to HEAD, oldest or newest, got 'aside'"):
        command.named("aside", COMMITS, REFERENCE)


def test_nothing_measured_at_both_is_one_line(compare, monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    none = comparison.Comparison(commit(1), commit(2), ("reference",), {}, ())
    monkeypatch.setattr(comparison, "between", lambda *_: none)
    said = refused(["--compare", "1", "2"], capsys)
    assert said == f"nothing was measured at both {commit(1).short} and {commit(2).short}: measure, or choose others"


def test_each_commit_that_was_measured_has_its_name() -> None:
    assert command.named("oldest", COMMITS, OTHER) == commit(18)
    assert command.named("newest", COMMITS, OTHER) == commit(19)
    assert command.named("newest", COMMITS, REFERENCE) == commit(MEASURED[-1])


def test_a_name_of_git_is_a_commit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hashes = write_commits(tmp_path, 2)
    git(tmp_path, "tag", "a-tag", "HEAD~1")
    monkeypatch.chdir(tmp_path)
    assert [command.hash_of(name) for name in ("HEAD", "a-tag", hashes[0][:9])] == [hashes[1], hashes[0], hashes[0]]
    for wrong in ("HEAD:file", "--all", ""):
        with pytest.raises(InputError, match="must be a name that git knows"):
            command.hash_of(wrong)


def test_commits_are_measured_that_have_no_results_yet(ran, monkeypatch: pytest.MonkeyPatch) -> None:
    saved = machines(monkeypatch)
    monkeypatch.setattr("platform.system", lambda: "System")
    monkeypatch.setattr("platform.release", lambda: "6.1.0-23-kind")
    command.measure(["a", "b"], "here", "speed.*")
    options = ["--machine", "here", "--skip-existing", "--bench", "speed.*"]
    assert ran == [([sys.executable, "-m", "asv", "run", *options, "HASHFILE:-"], {"input": "a\nb", "text": True})]
    assert saved == {"here": {"os": "System 6.1", "cpu": "Abacus", "machine": "here"}}


def test_a_page_is_published_and_served_after_measuring_if_asked_to(
    checkout: Path, monkeypatch: pytest.MonkeyPatch, capsys
) -> None:
    done: list[tuple] = []
    monkeypatch.setattr(command, "chosen", lambda *arguments: done.append(arguments) or ["a"])
    monkeypatch.setattr(command, "measure", lambda *arguments: done.append(arguments))
    monkeypatch.setattr(command, "publish", lambda: done.append(("published",)))
    for arguments, expected in (
        ([], []),
        (["3"], [(3, 0, []), (["a"], "here", ".")]),
        (["--every", "4"], [(0, 4, []), (["a"], "here", ".")]),
        (["--also", "x", "--also", "y", "--machine", "m", "--bench", "b"], [(0, 0, ["x", "y"]), (["a"], "m", "b")]),
    ):
        done.clear()
        assert command.main([*arguments, "--no-serve"]) == 0
        assert done == [*expected, ("published",)]
        assert capsys.readouterr().out == f"wrote {command.PAGE}\n"


def test_serving_ends_with_an_interrupt(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Pipe(StringIO):
        """Shows what was flushed."""

        seen = ""

        def flush(self) -> None:
            self.seen = self.getvalue()

    def interrupted(self: Any) -> None:
        said.append(out.seen.splitlines()[-1])
        raise KeyboardInterrupt

    out, said = Pipe(), []
    monkeypatch.setattr(command, "publish", lambda: None)
    monkeypatch.setattr(command.ThreadingHTTPServer, "serve_forever", interrupted)
    monkeypatch.setattr(sys, "stdout", out)
    assert command.main(["--port", "0"]) == 0
    (line,) = said
    assert line.startswith("serving http://127.0.0.1:")
    assert line.endswith("/dashboard.html, Ctrl-C stops")
    assert command.argument_parser().parse_args([]).port == 8080


def test_what_is_served_is_the_folder_of_the_page_to_this_computer(checkout: Path) -> None:
    command.PAGE.parent.mkdir(parents=True)
    command.PAGE.write_text("the page", encoding="utf-8")
    with command.server(0) as site:
        threading.Thread(target=site.serve_forever, args=(0.01,), daemon=True).start()
        host, port = site.server_address[:2]
        assert host == "127.0.0.1"
        with urlopen(f"http://127.0.0.1:{port}/{command.PAGE.name}") as answer:
            assert answer.read() == b"the page"
        site.shutdown()


@pytest.mark.parametrize("offline", [True, False])
def test_publishing_writes_the_page_beside_the_pages_of_asv(
    checkout: Path, ran, monkeypatch: pytest.MonkeyPatch, offline: bool
) -> None:
    command.PAGE.parent.mkdir(parents=True)
    monkeypatch.setattr(command, "find_spec", lambda name: name if offline else None)
    monkeypatch.setattr("catalog.benchmarks.dashboard.page.html_page", lambda root: f"of {root}")
    command.publish()
    assert command.PAGE.read_text(encoding="utf-8") == "of ."
    expected = [[sys.executable, "-m", "asv", "publish"]]
    if offline:
        expected.append([sys.executable, "-m", "asv_tachyon", "install", "--no-backup", ".asv/html"])
    assert [arguments for arguments, _ in ran] == expected
    assert all(options["check"] for _, options in ran)
    assert ran[offline][1].get("stdout") == (subprocess.DEVNULL if offline else None)


def test_commits_are_chosen_from_the_end_by_number_and_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys
) -> None:
    hashes = write_commits(tmp_path)
    (tmp_path / "asv.conf.json").write_text("{}", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(command, "find_spec", lambda name: name)
    newest_first = hashes[::-1]
    assert command.chosen(2, 0) == newest_first[:2]
    assert command.chosen(1, 10) == [newest_first[0], hashes[19], hashes[9]]
    assert command.chosen(0, 30, ["HEAD~2", "HEAD"]) == [newest_first[0], newest_first[2]]
    with pytest.raises(SystemExit, match="2"):
        command.main(["--also", "nothing"])
    assert "commit must be a name that git knows, got 'nothing'" in capsys.readouterr().err


def test_a_measurement_that_breaks_off_is_not_passed_over(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    machines(monkeypatch)
    codes = iter([0, 2, 1])
    monkeypatch.setattr(
        command.subprocess, "run", lambda run, **_: subprocess.CompletedProcess(run, next(codes), stdout="", stderr="")
    )
    command.measure(["a"], "here", ".")
    command.measure(["a"], "here", ".")
    with pytest.raises(subprocess.CalledProcessError) as caught:
        command.measure(["a"], "here", ".")
    assert (caught.value.returncode, caught.value.cmd[1:4]) == (1, ["-m", "asv", "run"])
