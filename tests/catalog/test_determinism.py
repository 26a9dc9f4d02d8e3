"""The same command gives the same bytes of JSON, times apart: across processes, hash seeds and BLAS threads."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from catalog.app import process

TIMES = {"seconds", "tries_per_second"}
COMMANDS = {
    "solve": ["solve", "large.npy", "--depth", "2", "--max-steps", "1", "--json"],
    "validate": ["validate", "--claim", "P3", "--claim", "N2a", "--claim", "I9", "--json"],
    "falsify": ["falsify", "P3", "--tries", "30", "--json"],
}
ONE_AFTER_ANOTHER = """
import json, sys
from catalog.app import cli, process
process.prepare()
for command in json.loads(sys.argv[1]):
    cli.main(command)
    print("\f")
"""
SETTINGS = [{"OPENBLAS_NUM_THREADS": "1", "PYTHONHASHSEED": "1"}, {"OPENBLAS_NUM_THREADS": "2", "PYTHONHASHSEED": "2"}]


def without_times(value: object) -> object:
    if isinstance(value, dict):
        return {name: without_times(item) for name, item in value.items() if name not in TIMES}
    return [without_times(item) for item in value] if isinstance(value, list) else value


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """What each command prints in each setting, the two settings side by side."""
    folder: Path = tmp_path_factory.mktemp("large")
    np.save(folder / "large.npy", np.random.default_rng(0).standard_normal((150, 150)))
    running = [
        subprocess.Popen(
            [sys.executable, "-c", ONE_AFTER_ANOTHER, json.dumps(list(COMMANDS.values()))],
            cwd=folder,
            env={**os.environ, **setting},
            stdout=subprocess.PIPE,
            encoding="utf-8",
        )
        for setting in SETTINGS
    ]
    printed = [one.communicate()[0].split("\f") for one in running]
    return {name: [texts[place] for texts in printed] for place, name in enumerate(COMMANDS)}


@pytest.mark.parametrize("name", COMMANDS)
def test_same_command_same_bytes(printed: dict[str, list[str]], name: str) -> None:
    first, second = (json.dumps(without_times(json.loads(text))) for text in printed[name])
    assert first == second
    assert len(first) > 500


def test_one_thread_whatever_the_environment_says(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in process.THREADS:
        monkeypatch.setenv(name, "7")
    monkeypatch.setattr("signal.signal", lambda number, handler: None)
    process.prepare()
    assert [os.environ[name] for name in process.THREADS] == ["1"] * len(process.THREADS)


def test_other_results_are_other_bytes() -> None:
    records = [{"steps": 3, "seconds": 0.1}, {"steps": 3, "seconds": 0.2}, {"steps": 4, "seconds": 0.1}]
    first, same, other = map(without_times, records)
    assert first == same
    assert first != other
