"""Promises: every claim on convergence or failure makes them, and a run with the promised step size keeps them."""

import math
from dataclasses import replace

import array_api_strict as strict
import numpy as np
import pytest
from claim_draws import strategy
from hypothesis import given, settings
from hypothesis import strategies as st

import catalog
import dlr
from catalog import registry, strategies
from catalog.claim import Claim, Kind, Promise
from catalog.claims import reflections
from catalog.guarantees import promises_for
from dlr import Problem
from dlr.solver import at_step_size
from dlr.types import Matrix

CLAIMS = [claim for claim in catalog.all_claims().values() if claim.promises_something]
LONGEST = 20_000

half = settings(max_examples=max(5, settings().max_examples // 2))
"""Two tests that run each promise to its end, of claims whose decay other tests follow step by step."""

every_promising_claim = pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.name)


def kept(problem: Problem, promise: Promise) -> bool:
    """Whether a run at the promised step size keeps the promise; one of too many steps is not run."""
    problem = replace(problem, algorithm=at_step_size(problem.algorithm, promise.step_size), history=False)
    if promise.steps is not None and promise.steps <= LONGEST:
        solution = dlr.run(replace(problem, max_steps=promise.steps))
        if not solution.converged or dlr.network.loss(solution.layers, problem.target) > problem.tol * (1 + 1e-6):
            return False
    if promise.floor is not None:
        solution = dlr.run(replace(problem, tol=0.0, max_steps=500))
        return bool(solution.lowest_loss >= promise.floor)
    return True


def open_problem(problem: Problem) -> Problem:
    """The problem without a step size, at a tolerance that rounding leaves within reach."""
    tol = problem.tol if problem.tol > 0 else 1e-9
    return replace(problem, algorithm=at_step_size(problem.algorithm, None), tol=tol)


def test_convergence_and_failure_are_promised() -> None:
    assert {claim.identifier for claim in CLAIMS} >= {"P1", "P2", "P3", "P4", "P5", "N2a", "N2b", "N3", "N4"}
    about_the_end = {
        claim.identifier
        for claim in catalog.all_claims().values()
        if claim.quantity in ("steps to tolerance", "lowest excess loss") and claim.kind is not Kind.CONJECTURE
    }
    assert about_the_end <= {claim.identifier for claim in CLAIMS}


@every_promising_claim
@half
@given(data=st.data())
def test_promises_on_the_draws_are_kept(claim: Claim, data: st.DataObject) -> None:
    problem = data.draw(strategy(claim.draws))
    made = promises_for(problem)
    own = [promise for promise in made if promise.claim == claim.identifier]
    assert own or (claim.contraction is not None and not claim.contraction(problem).resolves(problem.tol))
    for promise in made:
        assert promise.step_size == problem.step_size <= promise.largest_step_size
        assert kept(problem, promise), promise


@every_promising_claim
@half
@given(data=st.data(), departure=st.sampled_from([10.0**-k for k in range(6, 17)]))
def test_promises_at_the_edge_of_the_hypotheses_are_kept(claim: Claim, data: st.DataObject, departure: float) -> None:
    problem = open_problem(data.draw(strategy(claim.draws)))
    size = len(problem.target)
    change = data.draw(strategies.general(min_dimension=size, max_dimension=size)) + np.triu(np.ones((size, size)), 1)
    moved = problem.target + departure * np.linalg.norm(problem.target) * change
    for edge in (replace(problem, target=moved), problem):
        for promise in promises_for(edge):
            assert promise.step_size <= promise.largest_step_size
            assert kept(edge, promise), promise


@every_promising_claim
@given(data=st.data())
def test_no_steps_are_promised_below_rounding_or_beyond_the_step_size(claim: Claim, data: st.DataObject) -> None:
    problem = data.draw(strategy(claim.draws))
    for tol in (0.0, 1e-300):
        found = claim.promise(replace(problem, tol=tol))
        assert found is None or found.steps is None or claim.contraction(problem).start == 0
    assert claim.largest_step_size is not None
    largest = claim.largest_step_size(problem)
    if math.isfinite(2 * largest):
        longer = replace(problem, algorithm=at_step_size(problem.algorithm, math.nextafter(largest, math.inf)))
        assert claim.promise(longer) is None


@pytest.mark.parametrize("engine", ["reference", "compiled"])
def test_a_floor_of_exact_arithmetic_is_not_promised_of_the_layers_in_floating_point(engine: str) -> None:
    saddle = catalog.target("escapable-saddle").matrix
    assert [promise.floor for promise in catalog.promises(saddle, 3) if promise.floor] != []
    assert catalog.promises(saddle, 3, engine=engine) == []
    assert dlr.solve(saddle, 3, tol=0.2, engine=engine).converged


FALSE_BEFORE = {
    "tol 0": ([[3.0, 1.0], [1.0, 2.0]], 8, 0.0),
    "a departure of 1e-12": ([[-1.0, 9.5e-13], [0.0, 1.0]], 2, 1e-9),
    "a departure of 1e-6": ([[-1.0, 1e-6], [0.0, 1.0]], 2, 1e-9),
    "a departure from the axis": ([[-1.0, 1e-6], [0.0, -1.0]], 2, 1e-9),
    "ill-conditioned, below rounding": (np.diag([0.1, 10.0]), 8, 1e-26),
}


@pytest.mark.parametrize("case", FALSE_BEFORE)
def test_nothing_is_promised_that_a_run_does_not_keep(case: str) -> None:
    target, depth, tol = FALSE_BEFORE[case]
    own = [promise for promise in catalog.promises(target, depth, tol=tol) if promise.claim[0] in "PNC"]
    assert own == []


def test_other_starts_have_promises_of_their_own() -> None:
    target = np.diag([-1.0, 1.0])
    start = dlr.network.zero_asymmetric_layers(target, 2)
    [promise] = catalog.promises(target, 2, initial_layers=start)
    assert promise.claim == "N4"
    assert promise.steps is not None
    found = dlr.solve(target, 2, dlr.GradientDescent(promise.step_size), initial_layers=start, max_steps=promise.steps)
    assert found.converged
    assert [promise.claim for promise in catalog.promises(target, 2)] == ["P2", "P4", "N2b"]


def test_theorems_for_targets_without_symmetry() -> None:
    assert [promise.claim for promise in catalog.promises([[0.9, 0.25], [-0.1, 0.8]], 4)] == ["N3"]


def test_even_depths_are_covered_at_any_step_size() -> None:
    for algorithm in (dlr.GradientDescent(1e3), dlr.StepAndProject(0.3, 1e3), dlr.Penalized(9.0, 1e3)):
        even = catalog.promises(np.diag([-2.0, 1.0]), 4, algorithm)
        assert {promise.largest_step_size for promise in even} == {math.inf}
        assert all(2.0 * (1 - 1e-13) < promise.floor < 2.0 for promise in even)
        assert catalog.promises(np.diag([-2.0, 1.0]), 3, algorithm) == []


def test_power_projection_is_promised_at_its_own_margin() -> None:
    [promise] = catalog.promises([[1.0, 0.5], [0.0, 1.0]], 3, dlr.PowerProjection())
    assert promise.claim == "P5"
    with pytest.raises(dlr.NoMarginError):
        catalog.promises(-np.eye(2), 3, dlr.PowerProjection())


def test_a_claims_promise_is_the_one_it_checks() -> None:
    for name in ("near-identity-converges", "positive-definite-converges", "margin-converges"):
        claim = registry.claim_named(name)
        for target in catalog.targets():
            for problem in claim.problems_for(target.matrix):
                evidence, promise = claim(problem), claim.promise(problem)
                assert promise is not None
                assert promise.steps == evidence.bound


def test_a_floor_is_promised_with_what_rounding_may_take_from_it() -> None:
    for size in (1e-15, 1e-10, 1e-3):
        target, algorithm = np.diag([-size, 1.0]), dlr.GradientDescent(1.0)
        lowest = dlr.solve(target, 2, algorithm, tol=0.0, max_steps=500).lowest_loss
        assert all(promise.floor <= lowest for promise in catalog.promises(target, 2, algorithm))


def test_the_floor_at_reflections_is_told_with_what_rounding_may_take_from_it() -> None:
    assert 0.5 * (1 - 1e-13) < reflections.promised_floor(np.diag([-2.0, 1.0])) < 0.5
    assert reflections.promised_floor(np.diag([-2.0, 1e-17])) == 0


def test_a_floor_alone_is_promised_at_the_largest_finite_step_size() -> None:
    [promise] = [made for made in catalog.promises(np.diag([-1.0, 0.5]), 3) if made.claim == "P4"]
    assert promise.step_size == promise.largest_step_size == 0.5


class HalfStep(dlr.GradientDescent):
    """A step of its own, which passes for gradient descent by its type."""

    def step(self, layers, gradients, step_size):
        return layers - step_size / 2 * gradients


def test_an_algorithm_of_another_step_is_promised_nothing_and_not_reduced() -> None:
    assert catalog.promises([[1.05, 0.0], [0.0, 1.0]], 4, HalfStep(0.125)) == []
    ours, half = (
        dlr.solve(np.diag([2.0, 1.0]), 2, kind, max_steps=3) for kind in (HalfStep(0.1), dlr.GradientDescent(0.05))
    )
    assert (ours.engine, half.engine) == ("reference", "spectral")
    np.testing.assert_allclose(ours.losses, half.losses, rtol=1e-13)


def test_a_run_that_no_engine_can_start_is_promised_nothing() -> None:
    with pytest.raises(dlr.InputError, match="target must be normal"):
        catalog.promises([[1.0, 0.05], [0.0, 1.0]], 4, engine="spectral")


def test_targets_of_other_namespaces_are_promised_what_their_engine_keeps() -> None:
    found = catalog.promises(strict.asarray([[1.05, 0.0], [0.01, 1.0]]), 3)
    assert [promise.claim for promise in found] == ["P1", "N3"]
    assert catalog.promises(strict.asarray([[-1.0, 0.0], [0.0, 0.5]]), 3) == []


def test_a_plug_ins_claim_that_raises_promises_nothing_and_stops_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    claim = registry.claim_named("P1")
    broken = replace(claim, identifier="lab.P1", name="lab.broken", largest_step_size=lambda problem: 1 / 0)
    known = {**registry.all_claims(), "lab.broken": broken}
    monkeypatch.setattr(registry, "all_claims", lambda: known)
    assert next(promise.claim for promise in catalog.promises(np.eye(2) * 1.01, 2)) == "P1"


def test_a_claim_of_the_catalog_that_raises_is_a_fault_or_noted(monkeypatch: pytest.MonkeyPatch) -> None:
    broken = replace(registry.claim_named("P1"), largest_step_size=lambda problem: 1 / 0)
    monkeypatch.setattr(registry, "all_claims", lambda: {"broken": broken})
    problem = Problem(np.eye(2) * 1.01, 2, dlr.GradientDescent(0.1))
    with pytest.raises(ZeroDivisionError):
        promises_for(problem)
    left_out: dict[str, str] = {}
    assert promises_for(problem, left_out) == []
    assert left_out == {f"P1 {broken.name}": "ZeroDivisionError: division by zero"}


@pytest.mark.parametrize(
    ("arguments", "fragment"),
    [
        (([[1.0, 2.0]], 2), "target must be square"),
        (([[1.0]], 0), "depth must be at least 1, got 0"),
        (([[1.0]], 2, "gd"), "algorithm must have name, step_size and step, got 'gd'"),
        (([[1.0]], 2, None, -1.0), "tol must be a number >= 0, got -1"),
        (([[math.nan]], 2), "target must be finite"),
    ],
)
def test_bad_arguments_get_one_line(arguments: tuple[object, ...], fragment: str) -> None:
    with pytest.raises(dlr.InputError, match="^" + fragment.replace("(", r"\(")) as caught:
        catalog.promises(*arguments)  # type: ignore[arg-type]
    assert "\n" not in str(caught.value)


def test_scale_raises_nothing() -> None:
    matrix: Matrix = np.array([[2.0, 0.5], [0.5, 1.0]])
    for exponent in range(-300, 301, 50):
        for target in (matrix, np.array([[1.0, -0.5], [0.5, 1.0]]), np.array([[1.0, 2.0], [0.0, 1.0]])):
            with np.errstate(all="ignore"):
                for promise in catalog.promises(10.0**exponent * target, 3):
                    assert promise.step_size > 0
