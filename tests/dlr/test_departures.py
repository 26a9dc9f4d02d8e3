"""Nearly symmetric and nearly normal targets: the loss reported is that of the layers, whatever engine runs."""

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import dlr
from catalog import strategies
from dlr import network
from dlr.types import Matrix

DEPARTURES = [10.0**-k for k in range(4, 17)] + [0.0]


@st.composite
def nearly(draw: st.DrawFn, kind: st.SearchStrategy[Matrix]) -> Matrix:
    """A matrix of a kind, and a change of relative size 1e-4 to 1e-16, or none."""
    matrix = draw(kind)
    d = len(matrix)
    change = draw(strategies.general(min_dimension=d, max_dimension=d)) + np.triu(np.ones((d, d)), 1)
    size = draw(st.sampled_from(DEPARTURES)) * np.linalg.norm(matrix) / max(np.linalg.norm(change), 1.0)
    return np.asarray(matrix + size * change)


def rounding(solution: dlr.Solution, target: Matrix) -> float:
    """Rounding error of 2 L matrix products of this size, as an error of the loss at the end of the run."""
    reach = max(1.0, *np.linalg.norm(solution.layers, 2, axis=(1, 2))) ** len(solution.layers)
    error = 2 * len(solution.layers) * len(target) ** 2 * 2.0**-52 * (reach + float(np.linalg.norm(target)))
    return error * (np.sqrt(2 * solution.loss) + error)


@given(nearly(st.one_of(strategies.symmetric(), strategies.normal())), st.integers(1, 8), st.booleans())
@example(np.array([[100.0, 1e-4], [0.0, 100.0]]), 2, False)
@example(np.array([[-1.0, 9.5e-13], [0.0, 1.0]]), 2, False)
@example(np.array([[1.0, 1e-9], [0.0, 2.0]]), 3, True)
def test_the_loss_reported_is_that_of_the_layers(target: Matrix, depth: int, batch: bool) -> None:
    solution = dlr.solve(target, depth, max_steps=3000, history=False)
    allowed = 1e-7 * solution.loss + rounding(solution, target)
    assert abs(network.loss(solution.layers, target) - solution.loss) <= allowed
    if batch:
        same = dlr.solve_batch(target[None], depth, max_steps=3000)
        assert (same.outcome[0], same.steps[0]) == (solution.outcome, solution.steps)
        assert abs(network.loss(same.layers[0], target) - same.loss[0]) <= allowed


learned = st.one_of(
    strategies.positive_definite(min_eigenvalue=0.1, max_eigenvalue=4.0),
    strategies.normal(min_modulus=0.3, max_modulus=3.0, max_angle=2.4),
)


@given(nearly(learned), st.integers(1, 8))
def test_engines_agree_on_targets_near_a_learned_one(target: Matrix, depth: int) -> None:
    chosen, dense = (dlr.solve(target, depth, engine=e, max_steps=20_000) for e in ("auto", "compiled"))
    assert chosen.outcome is dense.outcome
    assert abs(chosen.steps - dense.steps) <= 1  # where the loss meets the tolerance to the last digits
    common = min(chosen.steps, dense.steps)
    allowed = 1e-6 * dense.losses[common] + rounding(dense, target)
    assert abs(chosen.losses[common] - dense.losses[common]) <= allowed


@pytest.mark.parametrize(
    ("target", "tol", "engine"),
    [
        (np.diag([2.0, -1.0]), 0.0, "spectral"),  # exact, a saddle
        (np.array([[2.0, 1e-15], [0.0, 1.0]]), 1e-9, "spectral"),
        (np.array([[2.0, 1e-15], [0.0, 1.0]]), 1e-20, "compiled"),  # the tolerance would notice
        (np.array([[2.0, 1e-11], [0.0, 1.0]]), 1e-9, "compiled"),
        (np.array([[-1.0, 1e-16], [0.0, 1.0]]), 1e-9, "compiled"),  # at a saddle every departure counts
    ],
)
def test_the_reduction_is_taken_where_the_departure_cannot_matter(target: Matrix, tol: float, engine: str) -> None:
    assert dlr.solve(target, 2, tol=tol, max_steps=10).engine == engine
    assert dlr.solve_batch(target[None], 2, tol=tol, max_steps=10).engine[0] == engine


def test_other_algorithms_and_long_steps_are_reduced_where_the_form_is_exact() -> None:
    near, exact = np.array([[2.0, 1e-15], [0.0, 1.0]]), np.diag([2.0, 1.0])
    for algorithm in (dlr.Penalized(0.1), dlr.StepAndProject(0.5), dlr.PowerProjection(), dlr.GradientDescent(0.5)):
        assert dlr.solve(near, 2, algorithm, max_steps=5).engine == "compiled"
        assert dlr.solve(exact, 2, algorithm, max_steps=5).engine == "spectral"


@pytest.mark.parametrize(("scale", "depth", "tol"), [(1e12, 1, 1e-9), (1e9, 2, 1e-9), (1.0, 1, 0.0), (1.0, 3, 1e-28)])
def test_no_tolerance_is_reached_that_the_eigenvectors_hide(scale: float, depth: int, tol: float) -> None:
    factor = np.random.default_rng(0).standard_normal((6, 6))
    target = scale * (factor @ factor.T + np.eye(6))
    target = target / 2 + target.T / 2
    for solution in (dlr.solve(target, depth, tol=tol), dlr.solve(target, depth, tol=tol, history=False)):
        assert solution.engine == "spectral"
        loss = network.loss(solution.layers, target)
        assert solution.loss == pytest.approx(float(loss), rel=1e-5)
        assert solution.converged == (loss <= tol)
    batch = dlr.solve_batch(target[None], depth, tol=tol)
    assert (batch.outcome[0], batch.loss[0]) == (solution.outcome, solution.loss)
