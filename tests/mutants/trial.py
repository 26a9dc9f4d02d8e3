"""One mutant in a copy of the repository: the tests run in a process forked from one that has the libraries loaded."""

import importlib
import os
import select
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, settings

from .edits import Mutant

LIBRARIES = ("numpy", "scipy.linalg", "scipy.sparse", "scipy.io", "numba", "rich.console", "array_api_strict", "flint")
EXAMPLES = 20
PATIENCE = 30.0
"""Seconds that a test may take before the mutant counts as hanging, beside 20 times what it takes without a mutant."""

MEMORY = 16 * 2**30
"""Bytes of data; what is reserved and not used, as by the V8 that draws figures, does not count."""

NO_TESTS = 5

settings.register_profile(
    "mutants",
    parent=settings.get_profile("ci"),
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate, Phase.target],
)


@dataclass(frozen=True)
class Verdict:
    """What the tests made of a mutant.

    Attributes
    ----------
    killed : bool
    test : str
        The test that noticed.
    tests : int
        How many could have.
    seconds : float
    """

    killed: bool
    test: str
    tests: int
    seconds: float


def load_libraries() -> None:
    """Load what every trial needs and no mutant changes."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    for name in LIBRARIES:
        importlib.import_module(name)


def copy_repository(root: Path, copy: Path) -> None:
    """Copy what git tracks or would track."""
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listed, cwd=root, capture_output=True, check=True, text=True).stdout
    for name in names.split("\0"):
        if name and (root / name).exists():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(root / name, copy / name)


class Trials:
    """Tries mutants one after the other, each in a fresh copy at the same place.

    Parameters
    ----------
    base : Path
        A copy of the repository in which the tests have run once, so that it holds what Python and Numba compiled.
    place : Path
        Where the copies go.
    """

    def __init__(self, base: Path, place: Path) -> None:
        self.base, self.place = base, place

    def __call__(self, mutant: Mutant, tests: dict[str, float]) -> Verdict:
        """Run tests, given with the seconds that they take, in their order, until one fails."""
        start = time.perf_counter()
        shutil.rmtree(self.place, ignore_errors=True)
        shutil.copytree(self.base, self.place)
        edited = self.place / mutant.module
        edited.write_text(mutant.text, encoding="utf-8")
        os.utime(edited, (0, 0))  # unlike that of the original, whose compiled file is beside it
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            run_tests(self.place, list(tests), writing)
        os.close(writing)
        try:
            killed, test = self._watch(child, reading, tests)
        finally:
            os.close(reading)
            shutil.rmtree(self.place, ignore_errors=True)
        return Verdict(killed, test, len(tests), time.perf_counter() - start)

    def _watch(self, child: int, reading: int, tests: dict[str, float]) -> tuple[bool, str]:
        """Follow the tests of a child: whether one failed or hung, and which."""
        running, failed, said = "at collection", "", b""
        while True:
            if not select.select([reading], [], [], PATIENCE + 20 * tests.get(running, 1.0))[0]:
                os.killpg(child, signal.SIGKILL)
                os.waitpid(child, 0)
                return True, f"{running} (hangs)"
            read = os.read(reading, 2**16)
            *lines, said = (said + read).split(b"\n")
            for line in lines:
                word, _, name = line.decode().partition(" ")
                running, failed = (name, failed) if word == "runs" else (running, failed or name)
            if not read:
                code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
                return code != 0, failed or f"{running} (exit code {code})" if code else ""


def run_tests(place: Path, tests: list[str], writing: int) -> None:
    """Run tests in a forked process, say which over the pipe, and end the process."""
    import resource  # which Windows lacks

    code = 1
    try:
        os.setsid()
        resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
        os.chdir(place)
        sys.path[:0] = [str(place)]
        os.environ["PYTHONPATH"] = str(place)
        nothing = os.open(os.devnull, os.O_RDWR)
        for stream in range(3):
            os.dup2(nothing, stream)
        files = list(dict.fromkeys(test.partition("::")[0] for test in tests))
        options = ["-x", "-q", "-p", "no:cacheprovider", "--hypothesis-profile=mutants", "--tb=no"]
        options += ["-W", "ignore::pytest.PytestAssertRewriteWarning"]  # Hypothesis is loaded already
        code = int(pytest.main([*options, *files], plugins=[InOrder(tests, writing)]))
    finally:
        os._exit(code)


class InOrder:
    """A pytest plugin that runs the tests named, in this order, after those that only the mutant has."""

    def __init__(self, tests: list[str], writing: int) -> None:
        self.rank = {name: i for i, name in enumerate(tests)}
        self.writing = writing

    def _say(self, word: str, name: str) -> None:
        os.write(self.writing, f"{word} {' '.join(name.split())}\n".encode())

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self._say("failed", f"{report.nodeid} at collection")

    def pytest_collection_modifyitems(self, items: list[Any]) -> None:
        items[:] = sorted((i for i in items if i.nodeid in self.rank), key=lambda item: self.rank[item.nodeid])

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        self._say("runs", nodeid)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self._say("failed", report.nodeid)
