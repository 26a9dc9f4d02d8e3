"""How a proved bound on the error becomes a number of steps, and a run's decay a ratio."""

import math
import sys

import mpmath as mp
import numpy as np
import pytest

from catalog.claim import Contraction, Evidence
from catalog.decay import (
    decay_in_each_step,
    decay_over_run,
    decay_ratio,
    losses_to_end,
    rounding_of,
    step_decay_ratio,
    steps_within,
)
from dlr import GradientDescent, InputError, Problem, run, spectral
from dlr.rounding import contraction_rounding, matrix_rounding


@pytest.mark.parametrize("rounding", [0.0, 1e-6])
@pytest.mark.parametrize(("tol", "start", "rate"), [(0.5, np.e**3, 0.1), (1e-9, 1 / 12, 0.2), (0.02, 7.0, 0.9)])
def test_steps_are_the_least_that_the_bound_gives(tol: float, start: float, rate: float, rounding: float) -> None:
    steps = Contraction(start, rate, rounding).steps_to(tol)
    exact = mp.log(mp.mpf(start) / (mp.sqrt(2 * mp.mpf(tol)) - mp.mpf(rounding))) / mp.mpf(rate)
    assert exact - 1e-9 <= steps < exact + 1
    assert start * (1 - rate) ** steps + rounding <= math.sqrt(2 * tol) * (1 + 1e-12)


def test_steps_at_the_edges() -> None:
    assert Contraction(1.0, 0.1, 0.0).steps_to(0.5) == 0
    assert Contraction(0.0, 0.1, 0.0).steps_to(0.5) == 0
    assert Contraction(0.3, 0.0, 0.0).steps_to(0.5) == 0
    assert Contraction(1.0001, 1.0, 0.0).steps_to(0.5) == 1
    most = int(sys.float_info.max)
    for rate in (0.0, 5e-324, 1e-310):
        assert Contraction(np.e, rate, 0.0).steps_to(0.5) == most
    assert Contraction(np.inf, 0.1, 0.0).steps_to(0.5) == most
    assert Contraction(2.0, 0.1, 1.0).steps_to(0.5) == most


def test_a_tolerance_is_resolved_ten_roundings_up() -> None:
    assert Contraction(1.0, 0.1, 0.1).resolves(0.5)
    assert not Contraction(1.0, 0.1, 0.1 * (1 + 1e-9)).resolves(0.5)
    assert not Contraction(1.0, 0.1, math.inf).resolves(0.5)


def losses(*errors: float) -> np.ndarray:
    return np.array(errors) ** 2 / 2


def test_decay_at_the_bound_has_ratio_one() -> None:
    bound = Contraction(2.0, 0.25, 0.0)
    exact = [2.0 * 0.75**t for t in range(6)]
    assert decay_ratio(losses(*exact), 5, bound) == pytest.approx(1)
    assert step_decay_ratio(losses(*exact), bound) == pytest.approx(1)
    assert decay_ratio(losses(*(e * 0.9**t for t, e in enumerate(exact))), 5, bound) < 1
    assert decay_ratio(losses(*(e * 1.01 for e in exact)), 5, bound) > 1


def test_one_slow_step_shows_in_the_steps_alone() -> None:
    bound = Contraction(1.0, 0.5, 0.0)
    uneven = losses(1.0, 0.1, 0.09, 0.001)
    assert decay_ratio(uneven, 3, bound) < 1
    assert step_decay_ratio(uneven, bound) == pytest.approx(math.log(2) / math.log(1 / 0.9))


def test_rounding_is_allowed_and_no_more() -> None:
    bound = Contraction(1.0, 0.5, 1e-3)
    assert decay_ratio(losses(1.0, 0.5, 0.001, 0.001), 100, bound) <= 1 + 1e-12
    assert decay_ratio(losses(1.0, 0.5, 0.0011, 0.0011), 100, bound) > 1
    assert step_decay_ratio(losses(1.0, 0.5, 0.001, 0.001, 0.001), bound) <= 1 + 1e-12


def test_no_decay_is_infinite() -> None:
    bound = Contraction(1.0, 0.5, 0.0)
    for bad in (losses(1.0, 1.0), losses(1.0, np.inf), losses(1.0, np.nan)):
        assert decay_ratio(bad, 1, bound) == math.inf
        assert step_decay_ratio(bad, bound) == math.inf


HALVING = Problem(np.array([[2.0]]), 1, GradientDescent(0.5), tol=1e-3, max_steps=6)
"""Its error begins at 1 and halves in each step: the loss is below 1e-3 after 5."""


@pytest.mark.parametrize(("allowed", "observed", "steps"), [(10, 5, 5), (5, 5, 5), (4, 5, 4), (0, 1, 0)])
def test_steps_to_the_tolerance_are_counted_up_to_one_more_than_allowed(
    allowed: int, observed: int, steps: int
) -> None:
    assert steps_within(HALVING, allowed) == Evidence(observed, allowed, steps=steps, engine="spectral")


def test_a_run_is_followed_beyond_its_tolerance() -> None:
    for check, rate in (
        (decay_over_run, 0.5),
        (decay_in_each_step, 0.5),
        (decay_over_run, 0.75),
        (decay_in_each_step, 0.75),
    ):
        found = check(HALVING, Contraction(1.0, rate, 0.0))
        assert found.observed == pytest.approx(math.log(1 - rate) / math.log(0.5), rel=1e-9)
        assert (found.bound, found.slack, found.steps, found.engine) == (1.0, 0.0, 6, "spectral")


def test_losses_go_on_after_a_stall_and_end_at_infinity_after_a_divergence() -> None:
    ended = run(HALVING)
    assert losses_to_end(ended).tolist() == ended.losses.tolist()
    stalled = run(Problem(np.array([[2.0]]), 1, GradientDescent(1e-30), max_steps=3))
    assert losses_to_end(stalled).tolist() == [0.5, 0.5]
    diverged = run(Problem(np.array([[2.0]]), 2, GradientDescent(1e200), max_steps=9))
    assert losses_to_end(diverged).tolist() == [*diverged.losses, math.inf]


def test_the_last_loss_counts_up_to_the_horizon() -> None:
    bound = Contraction(1.0, 0.5, 0.0)
    assert decay_ratio(losses(1.0, 0.25), 1, bound) == pytest.approx(0.5)
    assert decay_ratio(losses(1.0, 0.25), 8, bound) == pytest.approx(4)
    assert decay_ratio(losses(0.25), 6, bound) == pytest.approx(3)
    assert decay_ratio(losses(1.0, 0.25, 0.25), 1, bound) == pytest.approx(1)


def test_an_error_of_nothing_has_decayed_enough() -> None:
    for bound in (Contraction(1.0, 0.5, 0.0), Contraction(1.0, 0.5, 1e-3)):
        assert decay_ratio(losses(1.0, 0.0), 1, bound) == 0
        assert step_decay_ratio(losses(1.0, 0.0), bound) == 0
        assert step_decay_ratio(losses(1.0), bound) == 0
    assert decay_ratio(losses(1.0, 0.5), 1, Contraction(1.0, 1.0, 0.0)) == pytest.approx(53)
    assert step_decay_ratio(losses(1.0, 0.5), Contraction(1.0, 1.0, 0.0)) == pytest.approx(53)


@pytest.mark.parametrize("bad", [[], [[1.0]], [-1.0], [1.0, -1e-300]])
def test_what_are_no_losses_is_refused(bad: list) -> None:
    for measure in (
        lambda values: decay_ratio(values, 1, Contraction(1, 1, 0)),
        lambda values: step_decay_ratio(values, Contraction(1, 1, 0)),
    ):
        with pytest.raises(InputError, match="losses must be one or more numbers >= 0, got"):
            measure(bad)


def test_rounding_of_an_iteration_on_layers_may_grow_on_the_way() -> None:
    target = np.array([[2.0, 0.5], [0.5, 1.0]])
    parts = contraction_rounding(2, 3, 2.5, 0.1, 0.2), matrix_rounding(2, 4) * 2.5
    problem = Problem(target, 3, GradientDescent(0.1))
    assert rounding_of(problem, 2.5, 0.2) == pytest.approx(sum(parts), rel=1e-12, abs=0)
    growth = spectral.amplification(np.linalg.eigvalsh(target).astype(complex))
    assert growth > 2
    on_layers = Problem(target, 3, GradientDescent(0.1), engine="compiled")
    assert rounding_of(on_layers, 2.5, 0.2) == pytest.approx(sum(parts) * growth, rel=1e-12, abs=0)
