"""A failing draw shrinks to a simple matrix, such as ``diag(1, 3)``."""

from random import Random

import numpy as np
import pytest
from hypothesis import Phase, find, settings
from strategy_draws import DEFAULTS, symmetric_bitwise

from catalog import strategies

SEARCH = settings(
    max_examples=3000, database=None, deadline=None, report_multiple_bugs=False, phases=[Phase.generate, Phase.shrink]
)


def minimal(strategy, condition=lambda matrix: True):
    return find(strategy, condition, settings=SEARCH, random=Random(0)).tolist()


def test_smallest_of_each():
    expected = {name: [[1.0]] for name in DEFAULTS}
    expected |= {"negative_eigenvalue": [[-1.0]], "general": [[0.0]]}
    assert {name: minimal(strategy) for name, strategy in DEFAULTS.items()} == expected


@pytest.mark.parametrize("dimension", [2, 3])
def test_smallest_of_a_given_dimension_is_the_identity(dimension):
    for name in ("positive_definite", "symmetric", "margin_positive", "near_the_identity", "normal"):
        strategy = getattr(strategies, name)(min_dimension=dimension)
        assert minimal(strategy) == np.eye(dimension).tolist()


def test_ill_conditioned():
    strategy = strategies.positive_definite()
    assert minimal(strategy, lambda A: np.linalg.cond(A) >= 3) == np.diag([1.0, 3.0]).tolist()
    strategy = strategies.positive_definite(min_dimension=3)
    assert minimal(strategy, lambda A: np.linalg.cond(A) >= 3) == np.diag([1.0, 1.0, 3.0]).tolist()

    assert minimal(strategies.positive_definite(min_condition=3)) == np.diag([1.0, 3.0]).tolist()


def test_small_margin():
    assert minimal(strategies.margin_positive(max_margin=0.5)) == [[0.5]]
    strategy = strategies.margin_positive(max_margin=0.5, min_dimension=2)
    assert minimal(strategy) == np.diag([0.5, 1.0]).tolist()


def test_drawn_spectra_and_singular_values():
    listed = strategies.spectra(min_eigenvalue=0, max_eigenvalue=5)
    for strategy in (
        strategies.with_spectrum(eigenvalues=listed),
        strategies.with_singular_values(singular_values=listed),
    ):
        assert minimal(strategy, lambda A: len(A) == 2 and np.linalg.norm(A, 2) > 1) == np.diag([1.0, 2.0]).tolist()


def test_off_diagonal():
    strategy = strategies.symmetric()
    assert minimal(strategy, lambda A: len(A) > 1 and A[0, 1] > 0.01)


def test_indefinite():
    expected = np.diag([-1.0, 1.0]).tolist()
    assert minimal(strategies.negative_eigenvalue(), lambda A: len(A) == 2) == expected


def test_nonsymmetric():
    for strategy in (strategies.margin_positive(), strategies.general(positive_determinant=True)):
        matrix = minimal(strategy, lambda A: not symmetric_bitwise(A))
        assert len(matrix) == 2
        assert {abs(entry) for row in matrix for entry in row} == {0.0, 1.0} or matrix == [[1, 1], [-1, 1]]


def test_at_a_distance():
    matrix = minimal(strategies.near_the_identity(max_distance=2), lambda A: np.any(np.eye(len(A)) != A))
    assert matrix == [[2.0]]


def test_turning():
    strategy = strategies.normal()
    assert minimal(strategy, lambda A: np.any(np.linalg.eigvals(A).imag)) == [[0.0, -1.0], [1.0, 0.0]]


def test_reflection():
    assert minimal(strategies.orthogonal(), lambda Q: np.linalg.det(Q) < 0) == [[-1.0]]
