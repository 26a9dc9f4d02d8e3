"""`solve`: outcomes, what a solution holds, where its step size comes from, engines and starts."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import dlr
from catalog import strategies
from dlr import Algorithm, GradientDescent, Outcome, Penalized, PowerProjection, StepAndProject, network
from dlr.rounding import contraction_rounding
from dlr.solution import SWINGING
from dlr.types import Matrix

SPD = np.array([[3.0, 1.0], [1.0, 2.0]])
SHEAR = np.array([[1.5, 0.7], [0.0, 1.2]])
ROTATION = np.array([[0.6, -0.8], [0.8, 0.6]])
NEAR = np.array([[1.0, 0.05], [0.0, 1.02]])
ENGINES = ["reference", "spectral"]
ALGORITHMS = [GradientDescent, lambda **o: StepAndProject(1.0, **o), lambda **o: Penalized(0.1, **o), PowerProjection]


def assert_consistent(solution: dlr.Solution, target: Matrix, depth: int) -> None:
    assert solution.losses.shape == (solution.steps + 1,)
    assert solution.loss == solution.losses[-1]
    assert solution.lowest_loss == np.min(solution.losses)
    assert solution.layers.shape == (depth, *np.shape(target))
    assert np.all(np.isfinite(solution.layers))
    assert solution.converged == (solution.outcome is Outcome.CONVERGED)
    assert solution.message.startswith(f"{solution.outcome.name} after {solution.steps:,} steps at excess loss ")
    assert solution.message.endswith((solution.outcome.value, SWINGING))
    assert "\n" not in solution.message


@pytest.mark.parametrize("engine", ENGINES)
def test_losses_are_those_of_the_iterates(engine: str) -> None:
    solution = dlr.solve(SPD, 4, max_steps=6, engine=engine, tol=0)
    layers = network.identity_layers(SPD, 4)
    for i in range(7):
        loss, gradients = network.loss_and_gradients(layers, SPD)
        assert solution.losses[i] == pytest.approx(loss, rel=1e-12)
        layers = layers - (solution.step_size * gradients if i < 6 else 0)
    np.testing.assert_allclose(solution.layers, layers, rtol=0, atol=1e-13)
    np.testing.assert_allclose(solution.product, network.product(layers), rtol=0, atol=1e-13)
    assert (solution.outcome, solution.steps) == (Outcome.STEP_LIMIT, 6)
    assert_consistent(solution, SPD, 4)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("tol", [1e-2, 1e-9, 1e-20])
def test_converges_at_the_first_loss_below_the_tolerance(engine: str, tol: float) -> None:
    solution = dlr.solve(SPD, 8, tol=tol, engine=engine)
    assert solution.outcome is Outcome.CONVERGED
    assert solution.losses[-1] <= tol < solution.losses[-2]
    assert_consistent(solution, SPD, 8)


def test_a_loss_equal_to_the_tolerance_converges() -> None:
    assert dlr.solve([[3.0]], 2, tol=2.0).steps == 0
    assert dlr.solve([[3.0]], 2, tol=2.0).converged


@pytest.mark.parametrize("engine", ENGINES)
def test_stalls_where_the_ball_ends(engine: str) -> None:
    solution = dlr.solve([[3.0]], 2, StepAndProject(radius=0.1), engine=engine)
    assert solution.outcome is Outcome.STALLED
    assert solution.layers == pytest.approx(np.full((2, 1, 1), 1.1))
    assert solution.losses[-1] != solution.losses[-2]  # the step that changed nothing is not counted
    assert_consistent(solution, [[3.0]], 2)
    assert dlr.solve([[3.0]], 2, StepAndProject(radius=0.0), engine=engine).steps == 0


@pytest.mark.parametrize("engine", ENGINES)
def test_zero_tolerance_ends_on_exactly_zero_or_stalls_at_rounding(engine: str) -> None:
    assert dlr.solve(np.eye(3), 5, tol=0, engine=engine).converged
    solution = dlr.solve(SPD, 4, tol=0, engine=engine)
    assert solution.outcome is Outcome.STALLED or solution.loss == 0
    error = contraction_rounding(2, 4, 4.0, solution.step_size, rate=4 * solution.step_size)
    assert solution.loss <= error**2 / 2


@pytest.mark.parametrize("depth", [1, 2, 5])
@pytest.mark.parametrize("target", [SPD, SHEAR, ROTATION], ids=["SPD", "shear", "rotation"])
def test_diverges_with_the_last_finite_iterate(target: Matrix, depth: int) -> None:
    solution = dlr.solve(target, depth, GradientDescent(step_size=1e6), max_steps=500)
    assert solution.outcome is Outcome.DIVERGED
    assert solution.steps >= 1
    assert np.all(np.isfinite(solution.losses))
    np.testing.assert_allclose(network.loss(solution.layers, target), solution.loss, rtol=1e-9)
    assert_consistent(solution, target, depth)


@pytest.mark.parametrize("depth", [1, 2, 5])
@pytest.mark.parametrize("make", ALGORITHMS)
@pytest.mark.parametrize("target", [[[1e200]], [[1e308]], [[1e200, 1.0], [0.0, 1e200]]], ids=["1e200", "1e308", "pair"])
def test_a_target_too_large_diverges_at_the_start(target: Matrix, make: type[Algorithm], depth: int) -> None:
    solution = dlr.solve(target, depth, make())
    assert (solution.outcome, solution.steps, solution.losses.tolist()) == (Outcome.DIVERGED, 0, [np.inf])
    assert np.all(solution.layers == np.eye(len(target)))


EXTREME = {"large": [[1e150]], "tiny": [[1e-300]], "subnormal": [[5e-324]], "spread": [[1e-200, 0.0], [0.0, 1.0]]}


@pytest.mark.parametrize("make", ALGORITHMS)
@pytest.mark.parametrize("name", EXTREME)
def test_extreme_targets_run(name: str, make: type[Algorithm]) -> None:
    target = EXTREME[name]
    if make is PowerProjection and name in ("subnormal", "spread"):
        with pytest.raises(dlr.InputError, match="target must have a positive margin"):
            dlr.solve(target, 5, make())
    else:
        assert_consistent(dlr.solve(target, 5, make(), max_steps=20), target, 5)


@given(
    target=strategies.margin_positive(max_dimension=4),
    depth=st.integers(1, 6),
    make=st.sampled_from(ALGORITHMS),
    step_size=st.sampled_from([1e-300, 1e-3, 1.0, 1e3, 1e10, 1e100, 1e308]),
    engine=st.sampled_from(["auto", "reference"]),
)
def test_every_step_size_gives_a_consistent_solution(
    target: Matrix, depth: int, make: type[Algorithm], step_size: float, engine: str
) -> None:
    solution = dlr.solve(target, depth, make(step_size=step_size), max_steps=20, engine=engine)
    assert solution.step_size == step_size
    assert_consistent(solution, target, depth)


@pytest.mark.parametrize("make", ALGORITHMS)
@pytest.mark.parametrize("step_size", [1e307, 1e308])
def test_a_step_that_overflows_diverges_on_the_layers(step_size: float, make: type[Algorithm]) -> None:
    for target in (np.diag([10.0, 10.0, 10.0, 1.0]), np.diag([10.0, 0.3, 2.0, 1.0]), 8 * SHEAR):  # did not end
        solution = dlr.solve(target, 1, make(step_size=step_size), max_steps=50, engine="reference")
        assert_consistent(solution, target, 1)
        assert make is not GradientDescent or solution.outcome is Outcome.DIVERGED


@given(
    target=strategies.general(max_dimension=4),
    depth=st.integers(1, 5),
    make=st.sampled_from(ALGORITHMS[:3]),
    step_size=st.sampled_from([None, 0.1, 10.0, 1e100]),
)
def test_history_changes_only_the_losses(
    target: Matrix, depth: int, make: type[Algorithm], step_size: float | None
) -> None:
    algorithm = make(step_size=step_size)
    full = dlr.solve(target, depth, algorithm, max_steps=30)
    short = dlr.solve(target, depth, algorithm, max_steps=30, history=False)
    for name in ("outcome", "steps", "loss", "lowest_loss", "step_size", "engine"):
        assert getattr(full, name) == getattr(short, name)
    np.testing.assert_array_equal(full.layers, short.layers)
    assert short.losses.tolist() == [full.losses[0], full.losses[-1]][: 1 + (full.steps > 0)]


def test_lowest_loss_is_kept_where_the_loss_rises_again() -> None:
    for history in (True, False):
        options = {"tol": 0, "max_steps": 25, "history": history}
        solution = dlr.solve([[4.0]], 2, GradientDescent(step_size=0.27), **options)
        assert solution.lowest_loss < min(solution.losses[0], solution.loss)


def test_depth_one_is_a_quadratic() -> None:
    assert dlr.solve(SHEAR, 1, GradientDescent(step_size=1.0)).steps == 1
    assert dlr.solve(-SHEAR, 1, GradientDescent(step_size=1.0)).converged
    np.testing.assert_allclose(dlr.solve(SHEAR, 1).product, SHEAR, atol=1e-4)


def test_no_steps_allowed() -> None:
    solution = dlr.solve(SPD, 3, max_steps=0)
    assert (solution.outcome, solution.steps) == (Outcome.STEP_LIMIT, 0)
    assert solution.losses.tolist() == [(4 + 1 + 2) / 2 - 0.0]
    assert dlr.solve(np.eye(2), 3, max_steps=0).converged


@pytest.mark.parametrize("algorithm", [GradientDescent(), StepAndProject(0.5), Penalized(40.0), PowerProjection(0.5)])
@pytest.mark.parametrize("target", [SPD, NEAR, SHEAR, 0.01 * SPD], ids=["SPD", "near", "shear", "small"])
def test_default_step_size_is_one_line_for_every_target(target: Matrix, algorithm: Algorithm) -> None:
    if isinstance(algorithm, PowerProjection) and np.linalg.eigvalsh(target + target.T)[0] < 1:
        algorithm = PowerProjection()
    b = max(1.0, np.linalg.norm(target, 2))
    solution = dlr.solve(target, 3, algorithm, max_steps=1)
    assert solution.step_size_source == "default"
    assert 1 / solution.step_size == pytest.approx(6 * b ** (4 / 3) + getattr(algorithm, "strength", 0.0), rel=1e-12)
    given_size = type(algorithm)(**{**vars(algorithm), "step_size": solution.step_size / 2})
    assert dlr.solve(target, 3, given_size, max_steps=1).step_size_source == "given"


def test_default_step_limit_is_one_for_every_target(monkeypatch: pytest.MonkeyPatch) -> None:
    assert dlr.solver.DEFAULT_MAX_STEPS == 100_000
    monkeypatch.setattr(dlr.solver, "DEFAULT_MAX_STEPS", 7)
    for target in (SPD, SHEAR, np.diag([-1.0, 1.0])):
        assert dlr.solve(target, 4, tol=1e-12).steps == 7
        assert dlr.solve_batch(target[None], 4, tol=1e-12, max_steps=7).steps.tolist() == [7]


def test_the_solution_holds_its_problem() -> None:
    solution = dlr.solve(SPD, 3, tol=1e-4)
    assert (solution.problem.depth, solution.problem.tol) == (3, 1e-4)
    again = dlr.run(solution.problem)
    assert (again.steps, again.loss) == (solution.steps, solution.loss)
    assert solution == solution
    assert solution != again


@pytest.mark.parametrize("engine", ["reference", "compiled", "spectral"])
def test_layers_can_be_written_to(engine: str) -> None:
    dlr.solve(SPD, 3, engine=engine).layers[0, 0, 0] = 7.0
