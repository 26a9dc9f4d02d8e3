"""What the project's files say of version, Pythons and checks is said once, or says the same."""

import os
import re
import tomllib
from pathlib import Path

import pytest

import dlr

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def test_version_has_one_place() -> None:
    assert PROJECT["dynamic"] == ["version"]
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert re.findall(r"^version: (.*)$", citation, re.MULTILINE) == [dlr.__version__]


def test_classifiers_begin_with_the_oldest_python_allowed() -> None:
    minors = [int(name.rpartition(".")[2]) for name in PROJECT["classifiers"] if ":: Python :: 3." in name]
    assert PROJECT["requires-python"] == f">=3.{minors[0]}"
    assert minors == list(range(minors[0], minors[-1] + 1))


def test_the_same_pythons_are_tried_everywhere() -> None:
    texts = {
        name: (ROOT / name).read_text(encoding="utf-8")
        for name in (
            "README.md",
            ".ci/run",
            "noxfile.py",
            *(f".github/workflows/{n}.yml" for n in ("checks", "warnings")),
        )
    }
    [tried] = re.findall(r"^for version in (.+); do$", texts[".ci/run"], re.MULTILINE)
    newest, *between, oldest = tried.split()
    assert between == [f"3.{minor}" for minor in range(int(newest[2:]) - 1, int(oldest[2:]), -1)]
    assert PROJECT["requires-python"] == f">={oldest}"
    assert f"Python {oldest} or later" in texts["README.md"]
    assert f'max_version="{newest}"' in texts["noxfile.py"]
    assert re.findall(r"^ +(3\.\d+)$", texts[".github/workflows/checks.yml"], re.MULTILINE) == [oldest, newest]
    assert f'python-version: "{newest}"' in texts[".github/workflows/warnings.yml"]


@pytest.mark.parametrize("sort", ["dependencies", *PROJECT["optional-dependencies"]])
def test_every_dependency_has_a_lowest_version(sort: str) -> None:
    lines = PROJECT["dependencies"] if sort == "dependencies" else PROJECT["optional-dependencies"][sort]
    own = [line for line in lines if not line.startswith(PROJECT["name"])]
    assert [line for line in own if not re.fullmatch(r"[\w-]+(\[[\w,]+\])?>=[\d.]+", line)] == []


def test_workflows_run_what_a_contributor_runs() -> None:
    folder = ROOT / ".github" / "workflows"
    commands = {file.name: re.findall(r"run: (.+)", file.read_text(encoding="utf-8")) for file in folder.iterdir()}
    assert commands == {"checks.yml": [".ci/run"], "warnings.yml": ["pipx run nox --session warnings"]}
    assert (ROOT / ".ci" / "run").stat().st_mode & 0o111 or os.name == "nt"


def test_hooks_are_the_linters_that_ci_runs() -> None:
    hooks = (ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8")
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    commands = re.findall(r"entry: (\w+(?: \w+)?)", hooks)
    assert commands == ["ruff check", "ruff format", "mypy"]
    assert all(f"$programs/{command}" in script for command in commands)
