"""Runs that do not fit in memory are refused with the size they need, and that size is not underestimated."""

import re
import tracemalloc
from collections.abc import Callable

import array_api_strict as strict
import numpy as np
import pytest

import dlr
from dlr import GradientDescent, InputError, PowerProjection, StepAndProject, _memory, matrices, network
from dlr._arrays import LAYER, STACKS
from dlr.algorithms import Algorithm
from dlr.arguments import brief
from dlr.batch import RESULTS, TARGET

SYMMETRIC = np.array([[2.0, 0.5], [0.5, 1.0]])


def peak(call: Callable[[], object]) -> int:
    """Most bytes that a call has allocated at a time."""
    call()  # imports and compiles
    tracemalloc.start()
    try:
        call()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("engine", ["reference", "single", "compiled", "spectral"])
@pytest.mark.parametrize("algorithm", [GradientDescent(), StepAndProject(0.5), PowerProjection()], ids=repr)
@pytest.mark.parametrize(("dimension", "depth"), [(2, 500), (5, 100), (40, 10), (100, 1)])
def test_a_run_takes_no_more_than_is_asked_for(engine: str, algorithm: Algorithm, dimension: int, depth: int) -> None:
    target = np.eye(dimension) + np.diag(np.full(dimension - 1, 0.1), 1)
    target = target @ target.T if engine == "spectral" else target
    needed = 8 * STACKS * (depth + 1) * dimension**2 + LAYER * depth
    assert peak(lambda: dlr.solve(target, depth, algorithm, max_steps=2, engine=engine)) <= needed


@pytest.mark.parametrize(("dimension", "depth", "count"), [(1, 8, 1000), (4, 8, 500), (5, 8, 300), (20, 8, 20)])
def test_a_batch_takes_no_more_than_is_asked_for(dimension: int, depth: int, count: int) -> None:
    targets = np.eye(dimension) + np.random.default_rng(0).uniform(-0.1, 0.1, (count, dimension, dimension)) / dimension
    needed = 8 * depth * dimension**2 * (RESULTS * count + STACKS * 2) + TARGET * count
    assert peak(lambda: dlr.solve_batch(targets, depth, max_steps=2, threads=2)) <= needed
    needed = (8 * depth * dimension**2 * STACKS + TARGET) * count
    assert peak(lambda: dlr.solve_batch(targets, depth, max_steps=2, threads=2, engine="single")) <= needed


@pytest.mark.parametrize(
    "call",
    [
        lambda depth: dlr.solve(SYMMETRIC, depth),
        lambda depth: dlr.solve_batch([SYMMETRIC], depth),
        lambda depth: dlr.Problem(SYMMETRIC, depth, GradientDescent(0.1)),
        lambda depth: network.identity_layers(SYMMETRIC, depth),
        lambda depth: network.zero_asymmetric_layers(SYMMETRIC, depth),
        lambda depth: matrices.balanced_factorization(SYMMETRIC, depth),
        lambda depth: matrices.margin_positive_layers(SYMMETRIC, depth),
    ],
)
@pytest.mark.parametrize("depth", [10_000, 10**19, 10**5000], ids=["10,000", "10**19", "10**5000"])
def test_a_depth_that_does_not_fit_names_the_size(
    call: Callable[[int], object], depth: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_memory, "limit", lambda: 10**5)
    said = rf"^depth must fit in memory, got {re.escape(brief(depth))}: needs .* GB of at most 0\.0001 GB, "
    with pytest.raises(InputError, match=said):
        call(depth)


SIZES = [
    (lambda: dlr.solve(SYMMETRIC, 10_000), 1e4 * (8 * 12 * 4 + 1000) + 8 * 12 * 4),
    (lambda: dlr.solve_batch([SYMMETRIC], 10_000, threads=1), 1e4 * 8 * 4 * (4 + 12) + 1000),
    (lambda: dlr.solve_batch([SYMMETRIC] * 9, 10_000, threads=1, engine="single"), 9 * (1e4 * 8 * 4 * 12 + 1000)),
    (lambda: network.identity_layers(SYMMETRIC, 10_000), 1e4 * 8 * 4),
    (lambda: network.zero_asymmetric_layers(SYMMETRIC, 10_000), 1e4 * 8 * 4),
    (lambda: matrices.balanced_factorization(SYMMETRIC, 10_000), 10_001 * 8 * 4 * 5),
    (lambda: matrices.margin_positive_layers(SYMMETRIC, 10_000), 10_001 * 8 * 4 * 6),
    (lambda: matrices.plane_rotations([0.1], 10_000), 1e8 * 8),
]


@pytest.mark.parametrize(("call", "size"), SIZES)
def test_the_size_is_told(call: Callable[[], object], size: float, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_memory, "limit", lambda: 10**5)
    with pytest.raises(InputError, match=rf": needs {size / 1e9:.3g} GB of at most"):
        call()


def test_the_limit_is_a_share_of_what_there_is(monkeypatch: pytest.MonkeyPatch) -> None:
    _memory.limit.cache_clear()
    monkeypatch.setattr(_memory, "_physical", lambda: 1000)
    monkeypatch.setattr(_memory, "_written", lambda path: None)
    assert _memory.limit() == 500
    _memory.limit.cache_clear()
    monkeypatch.setattr(_memory, "_written", lambda path: 100)
    assert _memory.limit() == 50
    _memory.limit.cache_clear()
    monkeypatch.setattr(_memory, "_physical", lambda: None)
    monkeypatch.setattr(_memory, "_written", lambda path: None)
    assert _memory.limit() == _memory.UNKNOWN / 2
    _memory.limit.cache_clear()


def test_sizes_are_written_in_gigabytes() -> None:
    assert _memory.readable(3 * 10**9) == "3 GB"
    assert _memory.readable(8 * 10**5000) == "about 1e4991 GB"


def test_a_depth_is_refused_from_the_first_that_needs_more_than_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    needed = 8 * STACKS * (3 + 1) * 4 + LAYER * 3
    monkeypatch.setattr(_memory, "limit", lambda: needed)
    dlr.Problem(SYMMETRIC, 3, GradientDescent(0.1))
    with pytest.raises(InputError, match="depth must fit in memory, got 4: needs"):
        dlr.Problem(SYMMETRIC, 4, GradientDescent(0.1))
    monkeypatch.setattr(_memory, "limit", lambda: needed - 1)
    with pytest.raises(InputError, match="depth must fit in memory, got 3: needs"):
        dlr.Problem(SYMMETRIC, 3, GradientDescent(0.1))


ASKED = [
    (lambda depth: network.identity_layers(SYMMETRIC, depth), lambda depth: 8 * depth * 4),
    (lambda depth: network.zero_asymmetric_layers(SYMMETRIC, depth), lambda depth: 8 * depth * 4),
    (lambda depth: matrices.balanced_factorization(SYMMETRIC, depth), lambda depth: 5 * 8 * (depth + 1) * 4),
    (lambda depth: matrices.margin_positive_layers(SYMMETRIC, depth), lambda depth: 6 * 8 * (depth + 1) * 4),
    (
        lambda depth: dlr.solve_batch([SYMMETRIC] * 9, depth, threads=2, max_steps=0),
        lambda depth: 8 * depth * 4 * (RESULTS * 9 + STACKS * 2) + TARGET * 9,
    ),
    (
        lambda depth: dlr.solve_batch(strict.asarray([SYMMETRIC] * 9), depth, threads=2, max_steps=0),
        lambda depth: max((8 * depth * 4 * STACKS + TARGET) * 9, 8 * STACKS * (depth + 1) * 4 + LAYER * depth),
    ),
    (lambda dimension: matrices.plane_rotations([[0.1]] * 3, dimension), lambda dimension: 8 * 3 * dimension**2),
]


@pytest.mark.parametrize(("call", "size"), ASKED)
def test_what_fits_exactly_is_not_refused(
    call: Callable[[int], object], size: Callable[[int], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_memory, "limit", lambda: size(3))
    call(3)
    monkeypatch.setattr(_memory, "limit", lambda: size(3) - 1)
    with pytest.raises(InputError, match=r"^(depth|dimension) must fit in memory, got 3: needs"):
        call(3)
