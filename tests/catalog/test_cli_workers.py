"""``dlr validate`` finds the same on any number of processes, and whatever becomes of them."""

import json
from collections.abc import Iterator
from concurrent.futures import BrokenExecutor, Future
from contextlib import contextmanager, redirect_stdout
from dataclasses import replace
from io import StringIO
from typing import Any

import pytest

from catalog import registry
from catalog.app import cli, validate
from catalog.loops import LOOPS
from catalog.sweeps.executors import ThisProcess

ASKED = "validate", "--claim", "P2", "--claim", "P3", "--claim", "I2", "--json"


def found(out: str) -> list[dict[str, Any]]:
    return [{**record, "seconds": 0} for record in json.loads(out)]


@pytest.fixture(scope="module")
def alone() -> list[dict[str, Any]]:
    """What is found in one process."""
    with redirect_stdout(StringIO()) as out:
        assert cli.main(ASKED) == 0
    return found(out.getvalue())


def test_two_processes_find_what_one_does(run, alone, monkeypatch: pytest.MonkeyPatch) -> None:
    here: list[str] = []

    def check(claims: Any, target: Any, found: Any) -> None:
        here.append(target.name)
        original(claims, target, found)

    original = validate.check
    monkeypatch.setattr(validate, "PAIRS", 1)
    monkeypatch.setattr(validate, "check", check)
    code, out, err = run(*ASKED, "--workers", "2")
    assert (code, found(out), err) == (0, alone, "")
    assert len(here) < len(registry.targets())


class Others(ThisProcess):
    """An executor that fails one of its calls to check, takes none from another on, and runs none after some."""

    def __init__(self, failing: int = 1000, broken: int = 1000, running: int = 1000) -> None:
        self.failing, self.broken, self.running, self.number = failing, broken, running, 0
        self.compiled: list[Any] = []
        self.loops: list[Future[Any]] = []
        self.calls: list[tuple[Future[Any], Any]] = []
        self.ended: BaseException | None = None

    def submit(self, function: Any, /, *arguments: Any, **options: Any) -> Future[Any]:
        if function is validate.compile_loops:
            self.loops.append(super().submit(lambda: self.compiled.append(arguments)))
            return self.loops[-1]
        self.number += 1
        if self.number == self.broken:
            raise BrokenExecutor
        call: Future[Any] = Future()
        if self.number <= self.running:
            call = super().submit(None if self.number == self.failing else function, *arguments, **options)
        self.calls.append((call, lambda: function(*arguments)))
        return call

    @contextmanager
    def processes(self, workers: int, start: str) -> Iterator["Others"]:
        try:
            yield self
        except BaseException as error:
            self.ended = error
            raise


def put(executor: Others, patch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    """Put it in the place of other processes; returns the loops that this process then compiles."""
    compiled: list[tuple[int, int]] = []
    patch.setattr(validate, "PAIRS", 1)
    patch.setattr("catalog.sweeps.executors.processes", executor.processes)
    patch.setattr(validate, "compile_loops", lambda *loops: compiled.append(loops))
    return compiled


@pytest.mark.parametrize("executor", [Others(2, 4), Others(broken=1), Others(2, 9, 4)])
def test_what_others_leave_is_checked_here(executor: Others, run, alone, monkeypatch: pytest.MonkeyPatch) -> None:
    put(executor, monkeypatch)
    code, out, err = run(*ASKED, "--workers", "4")
    assert (code, found(out), err) == (0, alone, "")
    assert executor.number == min(executor.broken, len(registry.targets()))
    assert executor.ended is None


def test_an_interrupt_keeps_what_was_found_and_ends_the_processes(run, alone, monkeypatch: pytest.MonkeyPatch) -> None:
    executor = Others(running=1)
    put(executor, monkeypatch)

    def interrupted(claims: Any, target: Any, found: Any) -> None:
        original(claims, target, found)
        call, work = executor.calls[-1]
        call.set_result(work())
        monkeypatch.setattr(validate, "check", original)
        raise KeyboardInterrupt

    original = validate.check
    monkeypatch.setattr(validate, "check_elsewhere", lambda names, target: elsewhere(names, target, original))
    monkeypatch.setattr(validate, "check", interrupted)
    code, out, err = run(*ASKED, "--workers", "2")
    largest = sorted(registry.targets(), key=lambda target: -len(target.matrix))
    done = {largest[0].name, largest[1].name, largest[-1].name}
    records = [{**record, "partial": True} for record in alone if record["target"] in done]
    assert found(out) == records
    total = len(registry.targets())
    assert (code, err) == (130, f"dlr: interrupted, {len(records)} checks done, on 3 of {total} targets\n")
    assert isinstance(executor.ended, KeyboardInterrupt)


def elsewhere(names: Any, target: Any, check: Any) -> validate.Found:
    """In another process `check` is not interrupted."""
    found: validate.Found = [], {}
    check(map(registry.claim_named, names), target, found)
    return found


def test_what_is_left_out_has_the_reason_of_the_first_target(run, monkeypatch: pytest.MonkeyPatch) -> None:
    def problems(target: Any, depth: int) -> Any:
        raise ArithmeticError(f"{len(target)} x {len(target)}")

    def problems_unless_small(target: Any, depth: int) -> Any:
        return [] if len(target) < 5 else problems(target, depth)

    for name, raising in (("I2", problems), ("P3", problems_unless_small)):
        claim = registry.claim_named(name)
        monkeypatch.setitem(registry.all_claims(), claim.name, replace(claim, problems=raising))
    code, out, err = run(*ASKED)
    assert err.count("left out") == 2
    put(Others(running=5), monkeypatch)
    again, found_again, said_again = run(*ASKED, "--workers", "2")
    assert (again, found(found_again), said_again) == (code, found(out), err)


def test_there_are_as_many_processes_as_have_enough_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(validate, "processors", lambda: 3)
    pairs = validate.PAIRS
    assert [validate.workers_for(count, None) for count in (0, 2 * pairs - 1, 2 * pairs, 9 * pairs)] == [1, 1, 2, 3]
    assert [validate.workers_for(9 * pairs, workers) for workers in (1, 2, 1000)] == [1, 2, 9]


def test_each_loop_is_compiled_once(run, monkeypatch: pytest.MonkeyPatch) -> None:
    awaited: list[Any] = []
    monkeypatch.setattr(validate, "wait", awaited.append)
    one, two, three = ((i, len(LOOPS)) for i in range(len(LOOPS)))
    for workers, others, this in ((2, [one], [two, three]), (3, [one, two], [three]), (8, [one, two, three], [])):
        executor = Others()
        compiled = put(executor, monkeypatch)
        assert run("validate", "--claim", "P2", "--workers", str(workers))[0] == 0
        assert (executor.compiled, compiled) == (others, this)
        assert awaited[-1] == executor.loops
