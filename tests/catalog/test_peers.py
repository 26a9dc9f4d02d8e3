"""The table of ratios reports no time before results agree, and runs with the peers that are there."""

from io import StringIO

import numpy as np
import pytest

import dlr
from catalog.benchmarks import peers, solvers
from catalog.benchmarks.solvers import SOLVERS, Case

SMALL = (
    Case("general", 3, 4, 20),
    Case("general", 3, 4, 50, tol=0.2425),
    Case("normal", 5, 3, 20),
    Case("batch", 2, 3, 50, count=7, tol=1e-2),
)


@pytest.mark.parametrize("case", SMALL, ids=str)
def test_every_solver_that_is_installed_gives_the_same_results(case):
    ours, *others = solvers.solvers_of(case)
    expected = SOLVERS[ours](case)()
    assert np.all(np.asarray(expected[1]) > 0)
    for name in set(others) - {"gemm", "torch.compile"}:
        try:
            result = SOLVERS[name](case)()
        except ImportError:
            continue
        for mine, other in zip(expected, result, strict=True):
            np.testing.assert_allclose(other, mine, rtol=1e-9, atol=1e-12)


def test_a_run_ends_at_the_tolerance():
    assert SOLVERS["numpy tuned"](SMALL[1])()[1] == 10


def test_the_matrix_products_of_a_step_are_three_for_each_layer_but_the_first(monkeypatch):
    made, product = [], np.dot
    monkeypatch.setattr(np, "dot", lambda *given, **options: made.append(options) or product(*given, **options))
    assert SOLVERS["gemm"](Case("general", 2, 4, 5))() == (None, None, None)
    assert len(made) == 5 * (3 + 2 * 3)
    assert {options["out"].shape for options in made} == {(2, 2)}


class Pipe:
    """Gives messages one after the other, and keeps what is sent."""

    def __init__(self, *messages):
        self.messages, self.sent = list(messages), []
        self.send = self.sent.append

    def recv(self):
        if not self.messages:
            raise EOFError
        return self.messages.pop(0)


@pytest.mark.parametrize(
    ("steps", "tol", "seconds"), [(None, 0.0, 2 / 12), (np.int64(4), 0.0, 2 / 4), (np.array([1, 3]), 0.1, 2 / 4)]
)
def test_a_solvers_process_answers_with_results_and_then_with_times(steps, tol, seconds, monkeypatch):
    cases, clock, pinned = [], iter(range(10, 100, 2)), []

    def prepare(case):
        cases.append(case)
        return lambda: (1.0, steps, None)

    monkeypatch.setitem(SOLVERS, "batch", prepare)
    monkeypatch.setattr(peers, "LEAST", 6.0)
    monkeypatch.setattr(peers.time, "perf_counter", lambda: next(clock))
    monkeypatch.setattr(peers.os, "sched_setaffinity", lambda *given: pinned.append(given), raising=False)
    pipe = Pipe(Case("general", 2, 3, 4, tol=tol), "run", None, "not read")
    peers.serve("batch", pipe)
    assert (pipe.sent, pipe.messages, pinned) == ([(1.0, steps, None), pytest.approx(seconds)], ["not read"], [])
    assert [case.max_steps for case in cases] == [4, 12 if tol == 0 else 4]


def test_a_solver_that_is_missing_or_fails_says_so_and_goes_on(monkeypatch):
    def prepare(case):
        raise ImportError if case.depth == 1 else ValueError

    monkeypatch.setitem(SOLVERS, "jax jit", prepare)
    pinned = []
    monkeypatch.setattr(peers.os, "sched_getaffinity", lambda process: {3, 5}, raising=False)
    monkeypatch.setattr(peers.os, "sched_setaffinity", lambda *given: pinned.append(given), raising=False)
    pipe = Pipe(Case("general", 2, 1, 1), Case("general", 2, 2, 1))
    peers.serve("jax jit", pipe)
    assert (pipe.sent, pinned) == (["not installed", "failed (ValueError)"], [(0, {5})])


@pytest.mark.parametrize("name", ["compiled", "spectral", "reference"])
def test_an_engine_is_asked_for_by_its_name_and_keeps_no_history(name, monkeypatch):
    asked, solve = [], dlr.solve
    monkeypatch.setattr(dlr, "solve", lambda *given, **options: asked.append(options) or solve(*given, **options))
    case = SMALL[2]
    SOLVERS[name](case)()
    assert asked == [{"tol": case.tol, "max_steps": case.max_steps, "engine": name, "history": False}]


def test_a_batch_ends_target_by_target():
    steps = SOLVERS["batch"](SMALL[-1])()[1]
    assert len(set(steps.tolist())) > 1


@pytest.mark.parametrize("wrong", range(3))
def test_no_time_is_reported_of_results_that_differ(wrong):
    def ask(name, message):
        assert message != "run", "timed before the results were compared"
        result = [np.array(1.0), np.array(7), np.eye(2)]
        if name == "jax jit":
            result[wrong] = result[wrong] + 1e-7
        return result

    with pytest.raises(SystemExit, match="jax jit disagrees with compiled on Case") as caught:
        peers.measure(SMALL[0], ask, 1)
    theirs, ours = (ask(name, "")[wrong] for name in ("jax jit", "compiled"))
    assert str(caught.value).endswith(f", no times are reported: {theirs}, {ours}")


def test_each_keeps_its_least_time_and_a_missing_peer_its_reason():
    turns = {}

    def ask(name, message):
        if name == "jax jit":
            return "not installed"
        if message != "run":
            return (None, None, None) if name == "gemm" else (1.0, 7, np.eye(2))
        turns[name] = turns.get(name, -1) + 1
        return [3.0, 2.0, 5.0][turns[name]]

    measured = peers.measure(SMALL[0], ask, 3)
    assert measured.pop("jax jit") == "not installed"
    assert measured == dict.fromkeys(set(solvers.solvers_of(SMALL[0])) - {"jax jit"}, 2.0)


def test_a_short_run_is_timed_over_more_steps_that_go_as_far():
    case = Case("general", 2, 8, 3000)
    longer = peers.lengthened(case, peers.LEAST / 19.5)
    assert longer.max_steps == 20 * case.max_steps
    assert longer.max_steps * longer.step_size == pytest.approx(case.max_steps * case.step_size)
    assert peers.lengthened(case, 2 * peers.LEAST) == case
    assert peers.lengthened(SMALL[-1], 1e-6) == SMALL[-1], "it ends where it has converged"


def test_a_peer_that_fails_at_last_is_listed_as_such():
    def ask(name, message):
        if message == "run":
            return "failed (MemoryError)" if name == "jax jit" else 1.0
        return 1.0, 7, np.eye(2)

    assert peers.measure(SMALL[0], ask, 2)["jax jit"] == "failed (MemoryError)"


def test_an_engine_that_fails_ends_the_table():
    with pytest.raises(SystemExit, match=r"compiled failed \(ValueError\) on Case"):
        peers.measure(SMALL[0], lambda name, message: "failed (ValueError)", 1)


def test_the_table(monkeypatch, capsys):
    monkeypatch.setattr(peers, "CASES", SMALL[-1:])
    assert peers.main(["--rounds", "1", "--only", "batch"]) == 0
    header, row = capsys.readouterr().out.strip().splitlines()
    assert header.split()[:4] == ["batch", "d", "L", "batch"]
    assert row.split()[:3] == ["2", "3", "1"]
    assert float(row.split()[3]) > 0


def test_each_row_is_seen_as_soon_as_it_is_there_and_only_those_asked_for(monkeypatch):
    class Output(StringIO):
        """Shows what was flushed."""

        seen = ""

        def flush(self):
            self.seen = self.getvalue()

    def measure(case, ask, rounds):
        seen.append(len(output.seen.splitlines()))
        return dict.fromkeys(solvers.solvers_of(case), 1.0)

    def exponents(rounds):
        for label in "ab":
            seen.append(len(output.seen.splitlines()))
            yield label, 1.0

    output, seen = Output(), []
    monkeypatch.setattr(peers, "CASES", (SMALL[0], SMALL[0], SMALL[-1]))
    monkeypatch.setattr(peers, "measure", measure)
    monkeypatch.setattr(peers, "exponents", exponents)
    monkeypatch.setattr("sys.stdout", output)
    assert peers.main(["--only", "general"]) == 0
    assert peers.main(["--only", "exponents"]) == 0
    assert seen == [2, 3, 4, 7]
    assert len(output.getvalue().splitlines()) == 8


def test_ratios_are_of_the_engine(monkeypatch, capsys):
    monkeypatch.setattr(peers, "CASES", SMALL[-1:])
    monkeypatch.setattr(peers, "measure", lambda *_: {"batch": 2.0, "one at a time": 20.0, "jax vmap": "not installed"})
    assert peers.main(["--only", "batch"]) == 0
    assert capsys.readouterr().out.split()[-6:] == ["2", "3", "1", "10", "not", "installed"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [(["--rounds", "0"], "--rounds: must be at least 1, got 0"), (["--only", "speed"], "invalid choice: 'speed'")],
)
def test_bad_arguments(arguments, message, capsys):
    with pytest.raises(SystemExit) as caught:
        peers.main(arguments)
    assert caught.value.code == 2
    assert message in capsys.readouterr().err


def test_the_module_is_a_command(run_module):
    code, out, _ = run_module("catalog.benchmarks.peers", "--help")
    assert (code, "usage: catalog.benchmarks.peers [-h] [--rounds N]" in out) == (0, True)


def test_normal_targets_are_rotated_by_angles_up_to_one_and_a_half():
    target = Case("normal", 6, 2, 1).targets()[0]
    assert target @ target.T == pytest.approx(np.eye(6), abs=1e-14)
    angles = np.sort(np.angle(np.linalg.eigvals(target)))
    assert angles[3:] == pytest.approx([0.1, 0.8, 1.5])
    assert np.all(np.abs(target[:2, 2:]) > 1e-3)


TO_THE_LIMIT = [case for case in solvers.CASES if case.tol == 0.0 and case.dimension <= 64]


@pytest.mark.parametrize("case", TO_THE_LIMIT, ids=str)
def test_no_run_stands_still_before_its_limit(case):
    assert SOLVERS["compiled"](case)()[1] == case.max_steps
