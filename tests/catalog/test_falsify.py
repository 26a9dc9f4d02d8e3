"""``dlr falsify`` finds planted and dropped violations, makes them small, and finds none in what is proved."""

import json
import re
import subprocess
import sys
from argparse import Namespace
from dataclasses import fields, replace
from itertools import cycle, islice
from pathlib import Path

import numpy as np
import pytest
from hypothesis import Phase, settings
from hypothesis.database import InMemoryExampleDatabase

from catalog import registry
from catalog.app import hardest, perturbation, simplification
from catalog.app.attempt import Try
from catalog.app.commands import falsify_claim
from catalog.app.falsification import DRAWN, Search, control_for, drawn
from catalog.app.matrix_moves import moved_matrix
from catalog.app.perturbation import Perturbation, has_own_start, parameters_of, with_start
from catalog.claim import Claim, Evidence, Kind
from catalog.claims import near_identity
from catalog.decay import decay_in_each_step
from catalog.ingredients import with_step_size
from dlr import GradientDescent, Penalized, Problem, spectral
from dlr.arguments import InputError


def too_fast(problem):
    """A false constant: rate 1.0 in place of 0.73."""
    bound = near_identity.contraction(problem)
    return decay_in_each_step(problem, replace(bound, rate=bound.rate / 0.73))


@pytest.fixture
def planted(monkeypatch: pytest.MonkeyPatch) -> Claim:
    """P1b with a false constant, in its place in the registry."""
    claim = replace(registry.claim_named("P1b"), check=too_fast)
    everything = {**registry.all_claims(), claim.name: claim}
    monkeypatch.setattr(registry, "all_claims", lambda: everything)
    return claim


def test_a_false_constant_is_found_in_two_seconds(planted: Claim) -> None:
    Search(planted).run(most_tries=1)  # the first run compiles the loops
    search = Search(planted)
    found = search.run(most_seconds=2)
    assert found is not None
    assert found.violates
    assert planted.dropped(found.problem) == []
    small = simplification.simplified(search, found)
    assert small.violates
    assert planted.dropped(small.problem) == []
    assert simplification.complexity(small.problem) <= simplification.complexity(found.problem)
    assert len(small.problem.target) == 1


def test_simplifying_ends_after_so_many_checks(planted: Claim, monkeypatch: pytest.MonkeyPatch) -> None:
    search = Search(planted)
    found = search.run(most_tries=200)
    assert found is not None
    tried: list[Problem] = []
    monkeypatch.setattr(search, "checked", tried.append)
    monkeypatch.setattr(simplification, "CHECKS", 12)
    assert simplification.simplified(search, found) is found
    assert 12 <= len(tried) < 16


def test_the_printed_script_shows_a_planted_violation_again(run, planted: Claim, capsys) -> None:
    code, out, _ = run("falsify", "P1b", "--tries", "200")
    assert code == 1
    assert "violated" in out
    *_, imports, check = out.splitlines()
    exec(f"{imports}\n{check}", {})
    assert capsys.readouterr().out.endswith("False\n")


WITHOUT = {
    "P1b": "near-identity",
    "N2a": "closed negative",
    "N4": "zero-asymmetric",
    "P4": "exact arithmetic",
    "P5b": "power projection",
    "H2": "Theta",
    "I3": "Q_i^T Q_i",
}


def test_without_a_hypothesis_a_violation_is_found_and_its_script_runs_as_printed(run) -> None:
    scripts = []
    for claim, part in WITHOUT.items():
        code, out, err = run("falsify", claim, "--without", part, "--tries", "500", "--json")
        assert code == 1, (claim, err)
        record = json.loads(out)
        assert record["violated"], claim
        assert part in record["without"]
        assert len(record["script"].splitlines()) == 2
        scripts.append(record["script"])
    each = f"for script in {scripts!r}:\n    exec(script, {{}})\n    print('----')"
    done = subprocess.run([sys.executable, "-c", each], capture_output=True, encoding="utf-8", check=True)
    *shown, rest = done.stdout.split("----\n")
    assert rest == ""
    assert {claim: text.endswith("False\n") for claim, text in zip(WITHOUT, shown, strict=True)} == dict.fromkeys(
        WITHOUT, True
    )


@pytest.mark.parametrize("name", ["P3", "N2a", "H2", "C1", "I6", "P2"])
def test_nothing_is_found_in_what_holds(run, name: str) -> None:
    code, out, _ = run("falsify", name, "--tries", "60")
    assert code == 0
    assert "no violation found" in out
    assert "60 tries" in out


def test_a_seed_and_a_number_of_tries_make_a_search() -> None:
    first, again, other = (Search(registry.claim_named("C3"), seed=seed) for seed in (3, 3, 4))
    for search in (first, again, other):
        search.run(most_tries=80)
    assert first.hardest is not None
    assert again.hardest is not None
    assert other.hardest is not None
    assert (first.tries, first.restarts, first.outside) == (again.tries, again.restarts, again.outside)
    assert hardest.described(first.hardest) == hardest.described(again.hardest)
    assert hardest.described(first.hardest) != hardest.described(other.hardest)


def test_climbing_gets_nearer_to_the_bound_than_the_starts() -> None:
    search = Search(registry.claim_named("P3"))
    starts = search._starts()
    drawn = [tried.hardness for tried in (search.checked(next(starts)) for _ in range(300)) if tried is not None]
    found = search.run(most_tries=300)
    assert found is not None
    assert found.hardness > max(drawn)


def test_ctrl_c_ends_a_search_with_what_was_found() -> None:
    def interrupt(search: Search) -> None:
        if search.tries == 5:
            raise KeyboardInterrupt

    search = Search(registry.claim_named("I9"))
    begun = search.seed, search.min_depth, search.tries, search.restarts, search.outside, search.seconds
    assert begun == (0, 1, 0, 0, 0, 0)
    assert search.run(most_seconds=60, watch=interrupt) is not None
    assert search.stopped is not None
    assert search.tries == 5


def test_a_check_that_fails_is_a_violation_and_a_refused_problem_is_none() -> None:
    claim = registry.claim_named("I9")
    problem = next(iter(claim.problems(np.eye(2), 1)))

    def fails(problem):
        raise np.linalg.LinAlgError("did not converge")

    def refuses(problem):
        raise InputError("no")

    tried = Search(replace(claim, check=fails)).checked(problem)
    assert tried is not None
    assert tried.violates
    assert tried.hardness == np.inf
    assert tried.evidence.engine == "raised LinAlgError: did not converge"
    assert Search(replace(claim, check=refuses)).checked(problem) is None


@pytest.mark.parametrize(
    ("kind", "evidence", "hardness"),
    [
        (Kind.UPPER_BOUND, Evidence(0.5, 1.0), 0.5),
        (Kind.UPPER_BOUND, Evidence(1.0, 0.0, 2.0), 0.5),
        (Kind.UPPER_BOUND, Evidence(0.0, 0.0), 0.0),
        (Kind.UPPER_BOUND, Evidence(1e-9, 0.0), "violated"),
        (Kind.UPPER_BOUND, Evidence(np.nan, 1.0), np.inf),
        (Kind.LOWER_BOUND, Evidence(4.0, 1.0), 0.25),
        (Kind.LOWER_BOUND, Evidence(0.0, 0.0), 0.0),
        (Kind.LOWER_BOUND, Evidence(0.0, 1.0), np.inf),
        (Kind.LOWER_BOUND, Evidence(0.5, 1.0, 0.25), "violated"),
    ],
)
def test_hardness_is_above_1_where_a_claim_is_violated(kind: Kind, evidence: Evidence, hardness: float | str) -> None:
    claim = replace(registry.claim_named("P3b"), kind=kind)
    tried = Try(claim, next(iter(claim.problems(np.eye(1), 1))), evidence)
    assert (tried.hardness > 1) == tried.violates
    assert (tried.violates and tried.hardness > 1) if hardness == "violated" else tried.hardness == hardness


def test_moves_keep_exact_structure() -> None:
    rng = np.random.default_rng(0)
    A, B = np.diag([1.0, 2.0, 3.0]), np.array([[1.0, -2.0, 0.0], [2.0, 1.0, 0.0], [0.0, 0.0, -3.0]])
    A[0, 1] = A[1, 0] = 0.5
    for _ in range(300):
        A, B = moved_matrix(A, 0.2, rng), moved_matrix(B, 0.2, rng)
        assert np.array_equal(A, A.T)
        assert spectral.have_blocks(B)


MOVED = {
    "P1b": [[1.02, 0.01], [0.03, 0.99]],
    "P3b": [[1.2, 0.1], [0.1, 0.9]],
    "N2a": [[2.0, 0.0, 0.0, 0.0], [0.0, 0.7, 0.0, 0.0], [0.0, 0.0, 0.5, -0.8], [0.0, 0.0, 0.8, 0.5]],
    "P5b": [[1.2, 0.5], [-0.3, 0.9]],
    "N4": [[-1.0, 0.3], [0.1, 0.7]],
    "I2": [[1.2, 0.5, 0.1], [-0.3, 0.9, 0.0], [0.0, 0.4, 1.0]],
}
"""Targets of all structures, for claims with every kind of start and of parameters."""


def rounded(problem: Problem) -> Problem:
    """The problem with short numbers: whether an entry is exactly 0, which some moves ask, is not left to rounding."""
    layers = np.round(problem.initial_layers, 9) if has_own_start(problem) else None
    return with_start(problem, np.round(problem.target, 9), problem.depth, layers)


def moves(identifier: str) -> list[list[float]]:
    """Sixty moves of a claim's problem by a seeded generator, each from the one before it: what they lead to."""
    claim, rng = registry.claim_named(identifier), np.random.default_rng(1)
    start = problem = min(claim.problems_for(np.array(MOVED[identifier])), key=lambda p: abs(p.depth - 4))
    move, found = Perturbation(claim), []
    for k in range(60):
        moved = move(problem, (0.3, 0.05, 0.8)[k % 3], rng)
        if moved is not None:
            weights = [np.cos(np.arange(part.size)) @ part.ravel() for part in (moved.target, moved.start)]
            sizes = [len(moved.target), moved.depth, moved.max_steps]
            found.append([*sizes, moved.step_size, moved.tol, *parameters_of(moved).values(), *weights])
        problem = start if moved is None or k % 10 == 9 else rounded(moved)
    return found


def simpler(identifier: str) -> list[float]:
    """How many problems are tried as simpler ones than one of short numbers, and their sums, each weighed by place."""
    claim = registry.claim_named(identifier)
    problem = max(claim.problems_for(np.array(MOVED[identifier])), key=lambda p: p.depth if p.depth < 20 else 0)
    layers = None if problem.initial_layers is None else np.round(problem.initial_layers, 3)
    short = replace(with_step_size(problem, 0.0137), initial_layers=layers, tol=1.7e-8)
    found = [
        [candidate.depth, candidate.step_size, candidate.tol, candidate.max_steps]
        + [np.cos(np.arange(part.size)) @ part.ravel() for part in (candidate.target, candidate.start)]
        + [sum(parameters_of(candidate).values()), *simplification.complexity(candidate)]
        for candidate in simplification._simpler(short)
    ]
    return [len(found), *(np.cos(np.arange(len(found))) @ np.array(found))]


def awkward(identifier: str) -> Problem:
    """A claim's problem with a start of its own, an engine and a tolerance that are not the default."""
    problem = max(registry.claim_named(identifier).problems_for(np.array(MOVED[identifier])), key=lambda p: p.depth < 9)
    layers = np.stack([np.eye(len(problem.target)) + (k % 2) * np.array(problem.target) / 7 for k in range(3)])
    return replace(problem, depth=3, initial_layers=layers, engine="reference", tol=0.125, max_steps=7)


def same(one: Problem, other: Problem) -> bool:
    """Whether two problems are the same to the last bit."""
    pairs = [(getattr(one, field.name), getattr(other, field.name)) for field in fields(one)]
    return type(one) is type(other) and all(
        np.array_equal(*pair) if pair[0] is not None else pair[0] is pair[1] for pair in pairs
    )


@pytest.mark.parametrize("identifier", [*MOVED, "I10c", "H2"])
def test_a_script_makes_the_same_problem(identifier: str, monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    claim, made = registry.claim_named(identifier), []
    problems = list(claim.problems_for(np.array(MOVED.get(identifier, [[1.2, 0.5], [0.1, 0.9]]))))[:2]
    problems += [awkward(identifier)] if identifier in MOVED else []
    stand_in = replace(claim, check=lambda problem: made.append(problem) or Evidence(1.0, 2.0))
    monkeypatch.setattr(registry, "claim_named", lambda name: {identifier: stand_in}[name])
    for problem in problems:
        tried = Try(claim, problem, Evidence(1.0, 2.0))
        exec(simplification.script(tried), {})
        imports = re.findall(
            r"from (\S+) import", simplification.script(tried).splitlines()[0].partition("claim_named; ")[2]
        )
        assert imports == sorted(imports)
        assert same(made.pop(), problem)
        assert same(hardest.recorded_problem(hardest.described(tried)), problem)
    assert capsys.readouterr().out.count("Evidence(") == len(problems)


def test_a_step_size_is_limited_by_the_claims_own_problems_with_the_same_algorithm() -> None:
    claim = registry.claim_named("P3b")
    own = next(iter(claim.problems(np.eye(2) + 0.25, 2)))
    assert claim.largest_step_size is None
    assert Perturbation(claim)._step_size(own) == own.step_size
    other = replace(own, algorithm=Penalized(0.5, 0.01))
    assert Perturbation(claim)._step_size(other) is None
    smaller = with_step_size(own, own.step_size / 2)
    settled = [Perturbation(claim).settled(before, replace(smaller, depth=4)).step_size for before in (other, smaller)]
    largest = Perturbation(claim)._step_size(replace(own, depth=4))
    assert settled == pytest.approx([min(own.step_size / 2, largest), largest / 2])


def test_moves_lead_nowhere_where_numbers_overflow() -> None:
    rng, claim = np.random.default_rng(0), registry.claim_named("I9")
    problem = replace(next(iter(claim.problems(np.eye(2), 2))), target=1e308 * np.array([[1.0, 0.5], [0.0, 1.0]]))
    with np.errstate(all="ignore"):
        moved = [Perturbation(claim)(problem, 1.0, rng) for _ in range(40)]
    assert 0 < moved.count(None) < 40
    assert all(np.all(np.isfinite(other.target)) for other in moved if other is not None)


def test_a_point_that_takes_no_steps_takes_none_after_a_move() -> None:
    problem, rng = Problem(np.eye(2), 2, GradientDescent(0.5), tol=0.25), np.random.default_rng(0)
    moved = [perturbation._other_limits(problem, 0.5, rng) for _ in range(20)]
    assert {other.max_steps for other in moved} == {0}
    assert len({other.tol for other in moved}) > 5


def overflowing(problem: Problem) -> Evidence:
    """A check whose numbers overflow on the way."""
    return Evidence(float(1 / np.exp(np.float64(1000.0) * problem.depth)) + (problem.tol > 1), 0.5)


def test_what_overflows_in_a_check_is_for_the_check_to_judge() -> None:
    claim = replace(registry.claim_named("P3b"), check=overflowing)
    search = Search(claim)
    found = search.run(most_tries=3)
    assert found is not None
    assert not found.violates
    problem = replace(found.problem, tol=2.0)
    assert simplification.simplified(search, Try(claim, problem, Evidence(1.0, 0.5))).problem.tol > 1
    assert "_watch" not in repr(search)


def test_a_search_from_two_layers_on_looks_at_two() -> None:
    problem = next(iter(registry.claim_named("P3").problems(np.eye(2), 2)))
    for min_depth, allowed in ((1, True), (2, True), (3, False)):
        assert Search(registry.claim_named("P3"), min_depth=min_depth).allows(problem) == allowed


def test_fewer_steps_are_tried_and_no_number_twice() -> None:
    problem = Problem(np.eye(1), 1, GradientDescent(0.5), max_steps=20)
    steps = [other.max_steps for other in simplification._simpler(problem)]
    assert [number for number in steps if number < 20] == [1, 2, 5, 10, 10]


def test_fewer_layers_and_fewer_digits_are_tried_at_every_size() -> None:
    layers = [problem.depth for problem in simplification._simpler(Problem(np.eye(1), 100, GradientDescent(0.5)))]
    assert layers[:6] == [1, 2, 3, 4, 50, 99]
    rounded = list(simplification._rounded(np.array([-123_456.0, 65.0])))
    assert [numbers.tolist() for numbers in rounded[:5:2]] == [[-1e5, 0], [-123e3, 0], [-123_460, 60]]
    assert [numbers.tolist() for numbers in simplification._rounded(np.array([0.0]))] == [[0.0]] * 6
    assert [list(simplification._shorter(value)) for value in (0.0, -1.0, np.inf, np.nan)] == [[]] * 4
    assert list(dict.fromkeys(simplification._shorter(0.0137)))[:5] == [0.01, 0.02, 0.014, 0.013, 0.0137]


def test_a_step_size_is_settled_where_target_or_depth_is_another() -> None:
    before, told = Problem(np.eye(2), 3, GradientDescent(0.5)), []
    others = [replace(before, tol=1.0), replace(before, depth=2), replace(before, target=np.eye(1))]

    def settle(*problems: Problem) -> Problem:
        told.append(problems)
        return before

    found = [list(simplification._at_step_sizes(settle, before, after)) for after in others]
    assert found == [[others[0]], [others[1], before], [others[2], before]]
    assert told == [(before, others[1]), (before, others[2])]


def test_draws_for_a_search_do_not_depend_on_the_profile_that_is_loaded() -> None:
    strategy, before = registry.claim_named("P3").draws(), settings.get_current_profile_name()
    expected = drawn(strategy, [1, 2])
    assert len(expected) == DRAWN
    starts = list(islice(Search(registry.claim_named("P3"), seed=7)._starts(), 2 * DRAWN))
    assert all(same(*pair) for pair in zip(starts, drawn(strategy, [7, 0]) + drawn(strategy, [7, 1]), strict=True))
    settings.register_profile(
        "hasty", max_examples=3, deadline=1e-3, phases=[Phase.explicit], database=InMemoryExampleDatabase()
    )
    settings.load_profile("hasty")
    try:
        again = drawn(strategy, [1, 2])
    finally:
        settings.load_profile(before)
    assert len(again) == DRAWN
    assert all(same(*pair) for pair in zip(expected, again, strict=True))


MOVES = json.loads((Path(__file__).parents[1] / "data" / "moves.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("identifier", MOVED)
def test_moves_are_those_on_record(identifier: str) -> None:
    found, recorded = moves(identifier), MOVES[identifier]
    assert len(found) == len(recorded)
    for number, (moved, wanted) in enumerate(zip(found, recorded, strict=True)):
        assert moved == pytest.approx(wanted, rel=1e-6, abs=1e-9), f"if move {number} should differ, record all anew"


@pytest.mark.parametrize("identifier", MOVED)
def test_simpler_problems_are_those_on_record(identifier: str) -> None:
    assert simpler(identifier) == pytest.approx(MOVES[f"simpler {identifier}"], rel=1e-6, abs=1e-9)


@pytest.mark.parametrize("matrix", [[[1, 2], [2, -3]], [[1, -2], [2, 1]], [[1, 2], [0, 3]]])
def test_a_move_is_in_proportion_to_the_matrix(matrix: list[list[float]]) -> None:
    A, identity = np.array(matrix, dtype=float), np.eye(2)
    for seed in range(60):
        moved, scaled = (moved_matrix(c * A, 0.2, np.random.default_rng(seed)) for c in (1.0, 2.0**20))
        away = np.stack([(moved - identity).ravel(), (A - identity).ravel()])
        if np.linalg.matrix_rank(away) == 2:  # not one of those in proportion to the distance to the identity
            assert np.allclose(scaled, 2.0**20 * moved, rtol=1e-9, atol=1e-3), seed


def test_another_depth_keeps_the_share_of_the_largest_step_size() -> None:
    claim = registry.claim_named("P3")
    before = with_step_size(Problem(np.diag([1.0, 3.0]), 4, GradientDescent()), 0.01)
    after = Perturbation(claim).settled(before, replace(before, depth=8))
    shares = [problem.step_size / claim.largest_step_size(problem) for problem in (before, after)]
    assert shares[0] == pytest.approx(shares[1])
    same = Perturbation(claim).settled(before, with_step_size(before, 0.005))
    assert same.step_size == 0.005


def test_a_part_of_a_name_must_be_of_one_hypothesis() -> None:
    claim = registry.claim_named("P5b")
    assert control_for(claim, "identity") == "identity start"
    with pytest.raises(InputError, match=r"hypothesis 'ma' may be .* or .*: write more of it"):
        control_for(claim, "ma")


def test_save_keeps_the_harder_one(run, tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hardest, "FILE", tmp_path / "catalog" / "records.json")
    hardest.FILE.parent.mkdir()
    code, _, err = run("falsify", "N4", "--tries", "40", "--save")
    assert code == 2
    assert "is installed, not a checkout: run this in a clone" in err
    (tmp_path / "pyproject.toml").touch()
    assert "has this one now" in run("falsify", "N4", "--tries", "40", "--save")[2]
    assert "has this one now" in run("falsify", "I9", "--tries", "40", "--save")[2]
    before = hardest.FILE.read_text(encoding="utf-8")
    assert "keeps its own" in run("falsify", "N4", "--tries", "20", "--save")[2]
    assert hardest.FILE.read_text(encoding="utf-8") == before
    assert "has this one now" in run("falsify", "N4", "--tries", "20", "--min-depth", "2", "--save")[2]
    assert list(hardest.hardest_instances()) == ["I9", "N4"]
    assert hardest.hardest_instances(min_depth=2)["N4"]["depth"] >= 2
    assert list(hardest.FILE.parent.iterdir()) == [hardest.FILE]


def test_save_is_for_claims_of_the_catalog_that_can_be_written(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    claim = registry.claim_named("P3")
    with pytest.raises(InputError, match="of another package"):
        hardest.check_savable(replace(claim, identifier="lab.P3"))
    monkeypatch.setattr(hardest, "FILE", tmp_path / "catalog" / "records.json")
    with pytest.raises(InputError, match="installed, not a checkout"):
        hardest.check_savable(claim)


def test_a_search_can_be_short_since_loops_are_compiled_before(run, monkeypatch: pytest.MonkeyPatch) -> None:
    done, search = [], Search.run
    monkeypatch.setattr("catalog.loops.compile_loops", lambda: done.append("compiled"))
    monkeypatch.setattr(Search, "run", lambda *arguments: [done.append("searched"), search(*arguments)][1])
    assert run("falsify", "I9", "--seconds", "0.2")[0] == 0
    assert done == ["compiled", "searched"]


def seen(observed: float, bound: float, claim: str, depth: int = 1) -> Try:
    problem = Problem(np.eye(2), depth, GradientDescent(0.5))
    return Try(registry.claim_named(claim), problem, Evidence(observed, bound))


def test_of_a_number_of_steps_the_last_but_one_counts() -> None:
    assert [seen(steps, 4.0, "P3").hardness for steps in (1.0, 3.0, 4.0)] == [0.0, 0.5, 0.75]
    assert seen(5.0, 4.0, "P3").hardness == pytest.approx(1.0, abs=1e-15)
    assert seen(0.0, 0.0, "P3").hardness == 0.0
    assert seen(3.0, 4.0, "P1b").hardness == 0.75
    assert [seen(3.0, 4.0, "P1b", depth).harder_than(seen(3.0, 4.0, "P1b", 2)) for depth in (1, 2, 3)] == [
        True,
        False,
        False,
    ]


def test_a_search_tells_how_far_it_is_and_how_long_it_takes() -> None:
    search = Search(registry.claim_named("P1b"), seed=5)
    assert falsify_claim._so_far(search) == "0 tries, 0 a second, 0 starts, ratio -"
    assert (falsify_claim._left(search, 10, None), falsify_claim._left(search, None, 3.0)) == (None, 3.0)
    search.tries, search.restarts, search.outside, search.seconds = 1_200, 1, 4, 2.0
    search.hardest = seen(3.0, 4.0, "P1b")
    assert falsify_claim._so_far(search) == "1,200 tries, 600 a second, 1 start, ratio 0.75"
    assert falsify_claim._so_far(search, -1.0).endswith(", ratio 0.75, about 0 s left")
    assert falsify_claim._left(search, 4_800, None) == 6.0
    assert falsify_claim._left(search, 4_800, 3.0) == 1.0
    assert falsify_claim._left(search, 1_500, 30.0) == 0.5


@pytest.mark.parametrize("stopped", [None, KeyboardInterrupt()])
def test_what_a_search_found_is_said_in_full(capsys, monkeypatch, stopped: KeyboardInterrupt | None) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    search = Search(registry.claim_named("P1b"), tries=1_200, restarts=1, outside=4, seconds=2.0, stopped=stopped)
    search.hardest = seen(3.0, 4.0, "P1b")
    falsify_claim._report(search, search.hardest)
    cut = ", interrupted" if stopped else ""
    assert capsys.readouterr().out.splitlines() == [
        "no violation found",
        f"claim     P1b near-identity-error-shrinks: {search.claim.statement.replace('`', '')}",
        f"searched  1,200 tries, 600 a second, 1 start, ratio 0.75, 4 outside the hypotheses, 2.0 s{cut}",
        "hardest   proved over observed decay in a step: observed 3, bound 4, rounding 0; "
        "d = 2, L = 1, gradient-descent, step size 0.5; its target is",
        "",
        "1  0",
        "0  1",
    ]
    search.without, found = "near-identity", seen(5.0, 4.0, "P1b")
    falsify_claim._report(search, replace(found, problem=replace(found.problem, target=np.diag([1.2345, 2.0]))))
    lines = capsys.readouterr().out.splitlines()
    assert [line.split() for line in lines[5:7]] == [["1.2345", "0"], ["0", "2"]]
    assert lines[0] == "violated"
    assert lines[1].startswith("claim     P1b near-identity-error-shrinks without near-identity: ")
    assert lines[3].startswith("simplest  proved over observed decay in a step: observed 5, bound 4")
    assert lines[7:9] == ["", "This shows it again:"]


@pytest.mark.parametrize(
    ("identifier", "tries", "counts", "means"),
    [("P3", 25, (5, 1), (0.539592348, 25.0666666667)), ("I9", 200, (13, 5), (1.0, 1.3051643192))],
)
def test_a_search_goes_as_on_record(
    monkeypatch: pytest.MonkeyPatch, identifier: str, tries: int, counts: tuple[int, int], means: tuple[float, float]
) -> None:
    """From two starts that are always the same: draws are others with another version of Hypothesis."""
    claim, seen = registry.claim_named(identifier), []
    starts = [
        *claim.problems(np.diag([1.03, 0.98]), 2),
        *claim.problems(np.array([[1.02, 0.01], [0.01, 1.01]]), 3),
    ]
    search = Search(claim, seed=3)
    monkeypatch.setattr(search, "_starts", lambda: cycle(starts))
    search.run(tries, watch=lambda search: seen.append((search.hardest.hardness, search.hardest.size)))
    assert (search.outside, search.restarts) == counts
    assert (search.tries, len(seen)) == (tries, tries + search.outside)
    assert np.mean(seen, axis=0) == pytest.approx(means, rel=1e-6), "if a search should go another way, record it"


@pytest.mark.parametrize(("saved", "told"), [(True, "has this one now"), (False, "keeps its own, which is as hard")])
def test_whether_a_record_is_kept_is_said(saved: bool, told: str, capsys, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hardest, "save", lambda search: saved)
    search = Search(registry.claim_named("P1b"), tries=1_200, restarts=1, seconds=2.0)
    falsify_claim._finish(search, seen(3.0, 4.0, "P1b"), Namespace(json=None, save=True))
    assert capsys.readouterr().err == f"dlr: {hardest.FILE.name} {told}\n"


def test_what_a_search_found_is_data_where_it_is_asked_for(capsys) -> None:
    search = Search(registry.claim_named("P1b"), tries=1_200, restarts=1, outside=4, seconds=2.0, seed=5, min_depth=1)
    falsify_claim._finish(search, seen(3.0, 4.0, "P1b"), Namespace(json="-", save=False))
    told = json.loads(capsys.readouterr().out)
    assert {name: told[name] for name in ("claim", "without", "violated", "seed", "tries", "outside", "restarts")} == {
        **{"claim": "P1b", "without": None, "violated": False, "seed": 5, "tries": 1_200, "outside": 4, "restarts": 1},
    }
    assert (told["seconds"], told["tries_per_second"], told["interrupted"]) == (2.0, 600.0, False)
    assert (told["observed"], told["ratio"], told["script"][:6]) == (3.0, 0.75, "import")
