"""A run ends with the same outcome on every engine; a mistake in an algorithm is not taken for divergence."""

import numpy as np
import pytest
from engine_runs import SHEAR, InPython, run_on

import dlr
from dlr.engines import ENGINES
from dlr.matrices import balanced_factorization, project_to_margin
from dlr.network import loss, product

IN_DOUBLE = [name for name in ENGINES if name != "single"]


@pytest.mark.parametrize("engine", IN_DOUBLE)
@pytest.mark.parametrize(
    ("target", "depth", "algorithm", "options", "outcome"),
    [
        (np.diag([2.0, 0.5]), 4, dlr.GradientDescent(0.05), {"tol": 1e-9}, "CONVERGED"),
        (np.eye(3), 4, dlr.GradientDescent(0.05), {"tol": 0.0}, "CONVERGED"),
        (np.diag([2.0, 0.5]), 4, dlr.GradientDescent(0.05), {"max_steps": 7}, "STEP_LIMIT"),
        (np.diag([2.0, 0.5]), 4, dlr.GradientDescent(0.05), {"max_steps": 0}, "STEP_LIMIT"),
        (np.diag([2.0, 0.5]), 4, dlr.StepAndProject(0.0, step_size=0.05), {}, "STALLED"),
        (np.diag([2.0, 1.0]), 4, dlr.StepAndProject(0.0, step_size=0.05), {}, "STALLED"),  # an error of exactly 0
        (np.diag([2.0, 0.5]), 4, dlr.StepAndProject(0.01, step_size=0.05), {}, "STALLED"),
        (np.diag([50.0, 2.0]), 4, dlr.GradientDescent(1.0), {}, "DIVERGED"),
        (np.diag([50.0, 2.0]), 4, dlr.Penalized(1.0, step_size=1.0), {}, "DIVERGED"),
        (np.diag([1e200, 2.0]), 4, dlr.GradientDescent(1e-3), {}, "DIVERGED"),
        (np.diag([1e150, 1e149]), 4, dlr.PowerProjection(step_size=1e300), {}, "DIVERGED"),
        (np.diag([1e150, 2.0]), 4, dlr.StepAndProject(0.5, step_size=1e300), {}, "DIVERGED"),
        ([[1e150]], 1, dlr.StepAndProject(0.5, step_size=1e10), {}, "STALLED"),  # finite, but its square is not
        ([[1e150]], 1, dlr.PowerProjection(step_size=1e158), {}, "DIVERGED"),  # finite, but twice it is not
    ],
)
def test_outcomes_are_those_of_every_engine(engine, target, depth, algorithm, options, outcome):
    solution = run_on(target, depth, algorithm, engine=engine, **options)
    assert solution.outcome.name == outcome
    assert solution.steps == len(solution.losses) - 1
    assert np.isfinite(solution.layers).all()
    assert solution.steps == run_on(target, depth, algorithm, engine="reference", **options).steps


def test_errors_of_an_algorithm_are_not_taken_for_divergence():
    class Broken(InPython):
        def step(self, layers, gradients, step_size):
            raise ValueError("a mistake of its own")

    with pytest.raises(ValueError, match="a mistake of its own"):
        dlr.solve(SHEAR, 3, Broken(dlr.GradientDescent(0.1)), max_steps=3)


@pytest.mark.parametrize("target", [SHEAR, np.diag([2.0, 0.5])], ids=["layers", "eigenvalues"])
def test_nan_from_finite_numbers_is_a_mistake_and_no_divergence(target):
    class NotANumber(InPython):
        def step(self, layers, gradients, step_size):
            return layers * np.nan

        def reduced_step(self, z, gradients, step_size, depth):
            return z * np.nan

    with pytest.raises(dlr.InputError, match="must return numbers, got NaN from finite layers"):
        dlr.solve(target, 3, NotANumber(dlr.GradientDescent(0.1)))


def test_an_algorithm_that_refuses_what_is_not_finite_has_diverged():
    class Refusing(InPython):
        def step(self, layers, gradients, step_size):
            following = layers - step_size * gradients
            project_to_margin(product(following), 1.0)
            return following

    solution = dlr.solve(SHEAR, 3, Refusing(dlr.GradientDescent(1e300)), max_steps=3)
    assert solution.outcome.name == "DIVERGED"
    assert np.isfinite(solution.layers).all()


@pytest.mark.parametrize(
    ("algorithm", "advice"),
    [
        (dlr.GradientDescent(0.2), "lower step_size"),  # goes up and down between two values
        (dlr.GradientDescent(1e-4), "raise max_steps"),
        (dlr.Penalized(2.0, step_size=1e-4), "raise max_steps"),  # a penalty may raise the loss at any step size
    ],
)
def test_advice_at_the_step_limit(algorithm, advice):
    target = np.diag([2.0, 0.5])
    near = balanced_factorization(1.01 * target, 4) if isinstance(algorithm, dlr.Penalized) else None
    solution = dlr.solve(target, 4, algorithm, max_steps=2000, initial_layers=near)
    assert solution.outcome is dlr.Outcome.STEP_LIMIT
    assert advice in solution.message


def test_a_reduction_reports_the_losses_of_its_eigenvalues_where_the_layers_have_the_same():
    target = np.array([[2.0, 0.5, 0.1], [0.5, 1.0, 0.3], [0.1, 0.3, 1.5]])
    short, long = (dlr.solve(target, 3, engine="spectral", tol=0.0, max_steps=steps) for steps in (5, 9))
    np.testing.assert_array_equal(short.losses, long.losses[:6])


LARGE = 1e12 * np.array([[2.0, 0.5, 0.1], [0.5, 1.0, 0.3], [0.1, 0.3, 1.5]])
"""Near a loss of 0 the layers of so large a target have another loss than their eigenvalues."""


@pytest.mark.parametrize("algorithm", [dlr.GradientDescent(), InPython(dlr.GradientDescent())], ids=["loop", "Python"])
@pytest.mark.parametrize("multiple", [3, 10, 30, 300])
def test_where_rounding_keeps_the_layers_above_the_tolerance_the_run_goes_on(multiple, algorithm):
    tol = multiple * dlr.solve(LARGE, 2, algorithm, tol=0.0).loss
    solution = dlr.solve(LARGE, 2, algorithm, tol=tol)
    assert solution.engine == "spectral"
    assert solution.outcome is dlr.Outcome.CONVERGED
    assert solution.losses.shape == (solution.steps + 1,)
    assert solution.losses[-1] == solution.loss == loss(solution.layers, LARGE) <= tol
    assert solution.lowest_loss <= solution.loss
    last = dlr.solve(LARGE, 2, algorithm, tol=tol, history=False)
    assert (last.outcome, last.steps, last.loss) == (solution.outcome, solution.steps, solution.loss)
    assert last.losses.tolist() == [solution.losses[0], solution.loss]
    for limit in range(solution.steps - 12, solution.steps + 1):
        limited = dlr.solve(LARGE, 2, algorithm, tol=tol, max_steps=limit)
        assert limited.outcome is (dlr.Outcome.CONVERGED if limited.loss <= tol else dlr.Outcome.STEP_LIMIT)
        assert limited.steps == limit


def test_of_a_run_without_steps_there_is_one_loss():
    assert dlr.solve(np.eye(2), 3, history=False).losses.tolist() == [0.0]


def test_eigenvalues_without_an_error_end_a_run_whose_layers_have_one():
    solution = dlr.solve([[2.0, 0.5], [0.5, 1.0]], 1, dlr.GradientDescent(1.0), tol=0.0, engine="spectral")
    assert (solution.outcome, solution.steps) == (dlr.Outcome.STALLED, 1)
    assert 0 < solution.loss < 1e-30


def test_where_no_further_step_would_reach_the_tolerance_the_run_ends():
    tol = dlr.solve(LARGE, 2, tol=0.0).loss / 4
    reached = dlr.solve(LARGE, 2, tol=tol)
    assert reached.outcome is dlr.Outcome.STALLED
    assert reached.loss > tol
    limited = dlr.solve(LARGE, 2, tol=tol, max_steps=reached.steps - 1)
    assert limited.outcome is dlr.Outcome.STEP_LIMIT


def test_solutions_can_be_compared():
    first, second = (dlr.solve(SHEAR, 2, dlr.GradientDescent(0.1)) for _ in range(2))
    assert first == first
    assert first != second
    for engine in ENGINES:
        solution = dlr.solve(np.diag([2.0, 0.5]), 3, engine=engine)
        assert solution.layers.flags.writeable
        assert solution.product.flags.writeable
