"""``dlr validate`` finds the same on any number of processes, and whatever becomes of them."""

import json
from collections.abc import Iterator
from concurrent.futures import BrokenExecutor, Future
from contextlib import contextmanager
from typing import Any

import pytest

from catalog.app import validate
from catalog.loops import LOOPS
from catalog.sweeps.executors import ThisProcess

ASKED = "validate", "--claim", "P2", "--claim", "P3", "--claim", "I2", "--json"


def found(out: str) -> list[dict[str, Any]]:
    return [{**record, "seconds": 0} for record in json.loads(out)]


def test_two_processes_find_what_one_does(run, monkeypatch: pytest.MonkeyPatch) -> None:
    alone = found(run(*ASKED)[1])
    monkeypatch.setattr(validate, "PAIRS", 1)
    monkeypatch.setattr(validate, "guarded", None)  # nothing is checked here
    code, out, err = run(*ASKED, "--workers", "2")
    assert (code, found(out), err) == (0, alone, "")


class Failing(ThisProcess):
    """An executor in which a call to check fails, by its number, and from another one on takes none."""

    def __init__(self, failing: int = 1000, broken: int = 1000) -> None:
        self.failing, self.broken, self.number = failing, broken, 0
        self.calls: list[Any] = []
        self.ended: BaseException | None = None

    def submit(self, function: Any, /, *arguments: Any, **options: Any) -> Future[Any]:
        if function is validate.compile_loops:
            return super().submit(lambda: self.calls.append(arguments))
        self.number += 1
        if self.number == self.broken:
            raise BrokenExecutor
        return super().submit(None if self.number == self.failing else function, *arguments, **options)

    @contextmanager
    def local(self, workers: int) -> Iterator["Failing"]:
        try:
            yield self
        except BaseException as error:
            self.ended = error
            raise


def put(executor: Failing, patch: pytest.MonkeyPatch) -> None:
    patch.setattr(validate, "PAIRS", 1)
    patch.setattr("catalog.sweeps.executors.local", executor.local)


def test_what_lost_processes_leave_is_checked(run, monkeypatch: pytest.MonkeyPatch) -> None:
    alone = found(run(*ASKED)[1])
    executor = Failing(2, 4)
    put(executor, monkeypatch)
    code, out, err = run(*ASKED, "--workers", "4")
    assert (code, found(out), err) == (0, alone, "")
    assert executor.calls == [(0, 3), (1, 3), (2, 3)]
    assert (executor.number, executor.ended) == (4, None)


def test_an_interrupt_keeps_what_was_found_and_ends_the_processes(run, monkeypatch: pytest.MonkeyPatch) -> None:
    def first(calls: dict[Future[Any], list[int]]) -> Iterator[Future[Any]]:
        yield next(iter(calls))
        raise KeyboardInterrupt

    alone = found(run(*ASKED)[1])
    executor = Failing()
    put(executor, monkeypatch)
    monkeypatch.setattr(validate, "as_completed", first)
    code, out, err = run(*ASKED, "--workers", "2")
    records = [{**record, "partial": False} for record in found(out)]
    targets = {record["target"] for record in records}
    assert len(targets) == 1
    assert records == [record for record in alone if record["target"] in targets]
    assert (code, err) == (130, f"dlr: interrupted, {len(records)} of {len(alone)} checks done\n")
    assert isinstance(executor.ended, KeyboardInterrupt)


def test_there_are_as_many_processes_as_have_enough_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(validate, "processors", lambda: 3)
    pairs = validate.PAIRS
    assert [validate.workers_for(count, None) for count in (0, 2 * pairs - 1, 2 * pairs, 9 * pairs)] == [1, 1, 2, 3]
    assert [validate.workers_for(9 * pairs, workers) for workers in (1, 2, 1000)] == [1, 2, 9]


def test_each_loop_is_compiled_once(monkeypatch: pytest.MonkeyPatch) -> None:
    for workers, shares in ((2, [(0, 2), (1, 2)]), (3, [(0, 3), (1, 3), (2, 3)]), (8, [(0, 3), (1, 3), (2, 3)])):
        executor = Failing()
        validate.compiling(executor, workers)
        assert executor.calls == shares
        assert sorted(loop for first, apart in shares for loop in LOOPS[first::apart]) == sorted(LOOPS)
