"""The worked example of an outside package: built, installed into a fresh environment, and used there."""

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Callable
from pathlib import Path

import pytest
from forks import PYTEST, Done, forking

ROOT = Path(__file__).parents[1]
EXAMPLE = ROOT / "tests" / "data" / "lab-targets"


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh virtual environment with the example in it, and this project with its dependencies in reach."""
    folder = tmp_path_factory.mktemp("fresh")
    venv.create(folder / "venv", symlinks=True)
    bin_folder = "Scripts" if os.name == "nt" else "bin"
    python = folder / "venv" / bin_folder / "python"
    paths = {"base": str(folder / "venv"), "platbase": str(folder / "venv")}
    site = Path(sysconfig.get_path("purelib", scheme="venv", vars=paths))
    shared = [sysconfig.get_path("purelib"), sysconfig.get_path("platlib"), str(ROOT)]
    (site / "shared.pth").write_text("\n".join(dict.fromkeys(shared)), encoding="utf-8")
    shutil.copytree(EXAMPLE, folder / "source", ignore=shutil.ignore_patterns("__pycache__"))
    options = ["--quiet", "--disable-pip-version-check", "--no-index", "--no-deps", "--no-build-isolation"]
    install = [sys.executable, "-m", "pip", "--python", str(python), "install", *options, str(folder / "source")]
    done = subprocess.run(install, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr
    assert (site / "lab_targets" / "damped_rotation.py").exists()
    return python


@pytest.fixture(scope="module")
def run(environment: Path):
    """Run Python of the fresh environment, away from this checkout."""
    outside = {name: value for name, value in os.environ.items() if name not in {"PYTHONPATH", "COLUMNS"}}
    folder = environment.parents[2]
    with forking(environment, folder, outside) as parent:
        yield lambda *arguments: parent.run(*arguments, folder=folder)


@pytest.fixture(scope="module")
def dlr(run: Callable[..., Done]):
    """Run a command that ends well: stdout."""

    def command(*arguments: str) -> str:
        done = run("-m", "catalog.app.cli", *arguments)
        assert done.returncode == 0, done.stderr
        progress = "dlr: checked "  # on a slow machine
        assert [line for line in done.stderr.splitlines() if not line.startswith(progress)] == []
        return done.stdout

    return command


def test_targets_lists_its_family_among_the_others(dlr: Callable[..., str]) -> None:
    listed = {target["name"]: target for target in json.loads(dlr("targets", "--json"))}
    assert "rotation" in listed
    assert listed["lab.damped-rotation"]["parameters"] == {"angle": 2.0, "damping": 0.8}
    assert "normal" in listed["lab.damped-rotation"]["traits"]


def test_plugins_lists_all_it_brings(dlr: Callable[..., str]) -> None:
    listed = json.loads(dlr("plugins", "--json"))
    assert {plugin["distribution"] for plugin in listed} == {"lab-targets"}
    assert {plugin["version"] for plugin in listed} == {"1.2.0"}
    assert [entry for plugin in listed for entry in plugin["entries"]] == [
        "lab.damped-rotation",
        "lab.one-layer-learns",
        "lab.weight-decay",
    ]
    assert not [plugin for plugin in listed if plugin["reasons"]]


def test_validate_checks_its_claim_on_every_target_and_every_claim_on_its_target(dlr: Callable[..., str]) -> None:
    arguments = "validate", "--claim", "lab.N1", "--json"
    records = json.loads(dlr(*arguments))
    assert {"rotation", "householder", "lab.damped-rotation"} <= {record["target"] for record in records}
    near = "lab.damped-rotation(angle=0.0, damping=0.95)"
    records = json.loads(dlr("validate", "--target", near, "--json"))
    assert {"P1", "P3", "P5", "lab.N1"} <= {record["claim"] for record in records}
    assert all(record["holds"] for record in records)


def test_its_algorithm_solves_and_stands_trial(run: Callable[..., Done]) -> None:
    asked = "solve", "lab.damped-rotation", "--depth", "3", "--algorithm", "lab.weight-decay"
    done = run("-m", "catalog.app.cli", *asked)
    assert done.returncode == 1  # a penalty keeps it from the target
    assert "weight-decay" in done.stdout
    done = run("-m", "catalog.app.cli", "validate", "--algorithm", "lab.weight-decay", "--claim", "P3")
    assert done.returncode == 1
    assert "violated" in done.stdout


def test_its_own_tests_pass(environment: Path, run: Callable[..., Done]) -> None:
    tests = environment.parents[2] / "source" / "tests"
    done = run("-m", *PYTEST, "-q", "--rootdir", str(tests), str(tests))
    assert done.returncode == 0, done.stdout
    assert "skipped" not in done.stdout
    assert int(done.stdout.rsplit(" passed", 1)[0].split()[-1]) >= 15
