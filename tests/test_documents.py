"""Every command and snippet in README and CONTRIBUTING runs, and prints what the page shows.

Each page is one session, with the packages of a copy of this checkout, so that later blocks build on earlier ones: that
of CONTRIBUTING inside the copy, which it changes, that of README in a folder of its own. A ``text`` block shows
the output of the block before it, with ``...`` for any text; ``# exit code N`` ends a command that fails on purpose.
"""

import os
import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from forks import PYTEST, Parent, forking

ROOT = Path(__file__).parents[1]
EXAMPLE = ROOT / "tests" / "data" / "lab-targets"
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)

ENVIRONMENT = {  # these make the environment that this test already runs in
    "python3 -m venv .venv && .venv/bin/pip install --quiet --editable '.[dev]'",
    "source .venv/bin/activate",
}
BY_TESTS = (  # the first needs the history
    "python -m catalog.benchmarks.dashboard",  # test_dashboard.py
    "python -m catalog.benchmarks.peers --only batch --rounds 1",  # test_peers.py
    "python -m catalog.benchmarks.sweeps",  # test_benchmarks.py
    "python -m catalog.benchmarks.compilation",  # test_compilation.py
)
ELSEWHERE = {"nox", "nox --session oldest", "pre-commit install"}  # these make environments of their own
MUTANTS = 'python -m tests.mutants --count 24 --seconds 90 --least 0.9 --seed "$(git rev-parse HEAD)"'
BY_CI = {"ruff check .", "ruff format --check .", "mypy", "sphinx-build -EnW docs docs/_build", MUTANTS, ".ci/run"}


@dataclass(frozen=True)
class Copy:
    """A copy of this checkout, and a process that runs commands with its packages."""

    folder: Path
    environment: dict[str, str]
    parent: Parent


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory, copy_parts) -> Iterator[Copy]:
    checkout = tmp_path_factory.mktemp("documents") / "checkout"
    copy_parts(checkout, "catalog", "dlr", "docs", "tests", "pyproject.toml", "asv.conf.json", "CONTRIBUTING.md")
    for name in ("damped_turn", "shallow_learns", "shrinking"):  # the page makes them, as a reader of it may have done
        for sort in ("families", "claims", "algorithms"):
            (checkout / "catalog" / sort / f"{name}.py").unlink(missing_ok=True)
    environment = {**os.environ, "PYTHONPATH": f"{checkout}{os.pathsep}{EXAMPLE}", "COLUMNS": "140"}
    with forking(sys.executable, checkout, environment) as parent:
        yield Copy(checkout, environment, parent)


@pytest.fixture
def session(copied: Copy):
    """Run a block in a folder: stdout of all its commands."""

    def run(language: str, text: str, folder: Path) -> str:
        if language == "python":
            commands = [(["-W", "error", "-c", text], 0)]
        else:
            lines = [line for line in text.splitlines() if not by_others(line)]
            commands = [(words(for_a_test(line)), exit_code(line)) for line in lines]
        output = ""
        for command, wanted in commands:
            if command[0] == "bash":
                done = subprocess.run(
                    command, cwd=folder, env=copied.environment, capture_output=True, encoding="utf-8", check=False
                )
            else:
                done = copied.parent.run(*command, folder=folder)
            told = f"{command[-1]}: exit code {done.returncode}\n{done.stdout}{done.stderr}"
            assert done.returncode == wanted, told
            output += done.stdout
        return output

    return run


PROGRAMS = {"dlr": ["-m", "catalog.app.cli"], "pytest": ["-m", *PYTEST], "python": []}


def words(line: str) -> list[str]:
    """A command as arguments of Python; one that is none of Python's as those of the shell."""
    program, *arguments = shlex.split(line, comments=True)
    return [*PROGRAMS[program], *arguments] if program in PROGRAMS else ["bash", "-c", line]


def by_others(line: str) -> bool:
    """Whether a command is not run here, but by .ci/run in its own environment or by another test."""
    in_readme = any(command == line or command.endswith(f" && .venv/bin/{line}") for command in setup_commands())
    return line in ENVIRONMENT | ELSEWHERE | BY_CI or in_readme or line.startswith(BY_TESTS)


def setup_commands() -> list[str]:
    """The README's set-up commands, which .ci/run reads from the README."""
    return [
        line
        for line in (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
        if line.startswith("python3 -m venv")
    ]


def for_a_test(line: str) -> str:
    """The command to run: tests are only collected, those of new modules are run by test_new.py."""
    return line.replace("pytest ", "pytest -q --collect-only ", 1) if line.startswith("pytest ") else line


def exit_code(line: str) -> int:
    match = re.search(r"# exit code (\d)$", line)
    return int(match[1]) if match else 0


def shows(output: str, shown: str) -> bool:
    """Whether ``output`` is what a page shows, where ``...`` may stand for anything."""
    clean = "\n".join(line.rstrip() for line in output.strip().splitlines())
    return re.fullmatch(re.escape(shown.strip()).replace(re.escape("..."), ".*?"), clean, re.DOTALL) is not None


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md"])
def test_page_runs_as_written(session, copied: Copy, tmp_path: Path, page: str) -> None:
    folder, output = copied.folder if page == "CONTRIBUTING.md" else tmp_path, ""
    for language, text in BLOCK.findall((ROOT / page).read_text(encoding="utf-8")):
        if language == "text":
            assert shows(output, text), f"{page} shows\n{text}\nbut the output is\n{output}"
        elif language == "toml":
            declared = tomllib.loads(text)["project"]["entry-points"]
            assert (
                declared
                == tomllib.loads((EXAMPLE / "pyproject.toml").read_text(encoding="utf-8"))["project"]["entry-points"]
            )
        else:
            assert language in {"sh", "python"}, f"a block of {language!r} is run by nobody"
            output = session(language, text, folder)


def test_what_others_run_is_run_by_ci() -> None:
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert "grep '^python3 -m venv' README.md" in script
    assert len(setup_commands()) == 2
    for command in BY_CI - {".ci/run"}:
        assert f"$programs/{command}\n" in script
    assert "'.[dev]'" in script


def test_page_names_only_what_exists() -> None:
    for page in ("README.md", "CONTRIBUTING.md"):
        for name in re.findall(r"`((?:catalog|tests|dlr|\.ci)/[\w./-]*)`", (ROOT / page).read_text(encoding="utf-8")):
            assert (ROOT / name).exists() or name.endswith(("damped_turn.py", "shallow_learns.py")), name


def test_a_false_page_is_caught(session, tmp_path: Path) -> None:
    for language, text in (("sh", "dlr solve rotatoin --depth 2"), ("python", "import nothing_of_this_name")):
        with pytest.raises(AssertionError, match="exit code"):
            session(language, text, tmp_path)
    assert shows("a 1 b\n", "a ... b")
    assert not shows("a 1 c\n", "a ... b")
    assert not shows("more\na 1 b\n", "a ... b")
