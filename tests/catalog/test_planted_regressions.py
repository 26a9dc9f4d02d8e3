"""The benchmarks find regressions that are planted in a small history of this project, each at its commit."""

import json
import os
import subprocess
import sys

import pytest

COUNT = "iterations.Hilbert.track_iterations(8, 'gradient-descent')"
TIME = "speed.Steps.time_steps('spectral', 4)"

HALF_STEPS = """
_count = solve


def solve(target, depth, algorithm=None, **options):
    largest = _count(target, depth, algorithm, **{**options, "max_steps": 0}).step_size
    return _count(target, depth, GradientDescent(largest / 2), **options)
"""

WORK = """
_quick_{milliseconds} = solve


def solve(*arguments, **options):
    import time

    until = time.process_time() + ({milliseconds} / 1000 if options["max_steps"] > 1 else 0)
    while time.process_time() < until:
        pass
    return _quick_{milliseconds}(*arguments, **options)
"""

NOTHING = "\n# nothing\n"

HISTORY = {
    "start": WORK.format(milliseconds=100),  # so that a busy computer is no regression
    "twice the steps": HALF_STEPS,
    "slower": WORK.format(milliseconds=500),
    "something else": NOTHING,
}


@pytest.fixture(scope="module")
def regressions(tmp_path_factory: pytest.TempPathFactory, copy_parts) -> dict[str, list[str]]:
    """Every commit of the history measured and published: the regressions of 2x or more, by their commits' messages."""
    pytest.importorskip("asv")
    folder = tmp_path_factory.mktemp("history")
    copy_parts(folder, "dlr", "catalog", "asv.conf.json", ".gitignore")
    environment = {**os.environ, "ASV_PYTHONPATH": str(folder), "HOME": str(folder)}

    def run(*command: str) -> str:
        done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, encoding="utf-8", check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout.strip()

    def git(*arguments: str) -> str:
        return run("git", "-c", "user.name=test", "-c", "user.email=test@example.com", *arguments)

    asv = (sys.executable, "-m", "asv")
    git("init", "--quiet")
    run(*asv, "machine", "--yes", "--machine", "test")
    messages = {}
    for message, change in HISTORY.items():
        with (folder / "dlr" / "__init__.py").open("a", encoding="utf-8") as file:
            file.write(change)
        git("add", "dlr", "catalog", "asv.conf.json")
        git("commit", "--quiet", "--message", message)
        commit = git("rev-parse", "HEAD")
        messages[commit] = message
        only = [f"--bench=^{name.replace('(', '[(]').replace(')', '[)]')}$" for name in (COUNT, TIME)]
        fast = ["--attribute=repeat=3", "--attribute=warmup_time=0", "--attribute=number=1", "--attribute=rounds=1"]
        where = ["--machine=test", f"--environment=existing:{sys.executable}", f"--set-commit-hash={commit}"]
        run(*asv, "run", *where, *only, *fast)
    run(*asv, "publish")
    found = json.loads((folder / ".asv/html/regressions.json").read_text(encoding="utf-8"))["regressions"]
    hashes = json.loads((folder / ".asv/html/index.json").read_text(encoding="utf-8"))["revision_to_hash"]
    return {
        name: [messages[hashes[str(last)]] for _, last, before, after in jumps if after >= 2 * before]
        for name, *_, jumps in found
    }


def test_both_are_found_at_their_commits(regressions: dict[str, list[str]]) -> None:
    assert regressions == {COUNT: ["twice the steps"], TIME: ["slower"]}
