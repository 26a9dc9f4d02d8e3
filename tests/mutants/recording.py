"""A pytest plugin that records which functions of `dlr` and `catalog` each test runs.

What a cache or a fixture computed once counts for every test that uses it.
"""

import functools
import json
import os
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path
from types import CodeType
from typing import Any

import pytest
from hypothesis import Phase, settings

TOOL = 4
ROOT = Path.cwd()
PACKAGES = tuple(f"{ROOT / package}{os.sep}" for package in ("dlr", "catalog"))
PROCESSES = ("subprocess.py", "popen_fork.py", "popen_spawn_posix.py")

settings.register_profile(
    "recording",
    parent=settings.get_profile("ci"),
    max_examples=2,
    deadline=None,
    database=None,
    phases=[Phase.explicit, Phase.generate],
)

current: set[str] = set()
by_test: dict[str, Any] = {}
by_file: dict[str, list[str]] = {}
by_fixture: defaultdict[tuple[str, str], set[str]] = defaultdict(set)


def started(code: CodeType, offset: int) -> Any:
    """Note a function the first time that a test runs it."""
    if code.co_filename.startswith(PACKAGES):
        current.add(f"{os.path.relpath(code.co_filename, ROOT)}:{code.co_firstlineno}")
    elif code.co_filename.endswith(PROCESSES):
        current.add("a process")
    return sys.monitoring.DISABLE


@contextmanager
def collecting(into: set[str]):
    """Put what runs meanwhile into one set, and into those around it."""
    before = set(current)
    current.clear()
    sys.monitoring.restart_events()
    try:
        yield
    finally:
        into |= current
        current.update(before)


def recorded(cache: Callable[..., Any]) -> Callable[..., Any]:
    """A cache whose every hit counts as running what was run to fill it."""

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        cached = cache(function)
        filled: defaultdict[Any, set[str]] = defaultdict(set)

        @functools.wraps(function)
        def call(*args: Any, **options: Any) -> Any:
            key = (args, tuple(options.items()))
            if key in filled:
                current.update(filled[key])
                return cached(*args, **options)
            with collecting(filled[key]):
                return cached(*args, **options)

        call.cache_clear = cached.cache_clear
        return call

    return decorate


functools.cache = recorded(functools.cache)  # before a module that uses it is loaded


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--record", help="file for the functions that each test runs")


def pytest_configure(config: pytest.Config) -> None:
    sys.monitoring.use_tool_id(TOOL, "functions that each test runs")
    sys.monitoring.register_callback(TOOL, sys.monitoring.events.PY_START, started)
    sys.monitoring.set_events(TOOL, sys.monitoring.events.PY_START)


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector: pytest.Collector):
    ran: set[str] = set()
    with collecting(ran):
        report = yield
    if isinstance(collector, pytest.Module):
        by_file[collector.nodeid] = sorted(ran)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_fixture_setup(fixturedef: pytest.FixtureDef[Any]):
    with collecting(by_fixture[fixturedef.argname, fixturedef.baseid]):
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Function):
    start, ran = time.perf_counter(), set[str]()
    with collecting(ran):
        result = yield
    for definitions in item._fixtureinfo.name2fixturedefs.values():
        for definition in definitions:
            ran |= by_fixture[definition.argname, definition.baseid]
    by_test.setdefault(item.nodeid, {"passed": True})
    by_test[item.nodeid] |= {"seconds": round(time.perf_counter() - start, 4), "ran": sorted(ran)}
    return result


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if not report.passed:
        by_test.setdefault(report.nodeid, {})["passed"] = False


def pytest_unconfigure(config: pytest.Config) -> None:
    sys.monitoring.set_events(TOOL, sys.monitoring.events.NO_EVENTS)
    if by_test:
        worker = getattr(config, "workerinput", {}).get("workerid", "")
        Path(config.getoption("record") + worker).write_text(
            json.dumps({"tests": by_test, "files": by_file}), encoding="utf-8"
        )
