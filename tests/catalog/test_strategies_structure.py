"""Every draw has the structure that its strategy promises, before any theorem relies on it."""

import math
from fractions import Fraction

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategy_draws import DEFAULTS, diagonal, drawn, symmetric_bitwise, tolerance

from catalog import ingredients, strategies
from catalog._draws import DYADIC, SIMPLE, simple_between, small_entries
from catalog._givens import turns


def decimals(low, high):
    """Floats of 12 decimals: none so small that its square underflows."""
    return st.floats(low, high).map(lambda value: round(value, 12))


def limits(low, high):
    """Pairs low <= a <= b <= high, equal ones included."""
    return st.tuples(decimals(low, high), decimals(low, high)).map(sorted)


def exact_eigenvalues(matrix):
    """Eigenvalues in 50 digits, ascending: the matrix's own, free of the rounding of `eigvalsh`."""
    with mpmath.workdps(50):
        return list(mpmath.eigsy(mpmath.matrix(matrix.tolist()), eigvals_only=True))


def exact_determinant(matrix):
    rows = [[Fraction(entry) for entry in row] for row in matrix.tolist()]
    result = Fraction(1)
    for column in range(len(rows)):
        pivot = next((i for i in range(column, len(rows)) if rows[i][column]), None)
        if pivot is None:
            return Fraction(0)
        if pivot != column:
            rows[column], rows[pivot] = rows[pivot], rows[column]
            result = -result
        result *= rows[column][column]
        for row in rows[column + 1 :]:
            factor = row[column] / rows[column][column]
            row[column:] = [a - factor * b for a, b in zip(row[column:], rows[column][column:], strict=True)]
    return result


@given(st.data(), st.integers(1, 12), st.integers(0, 5))
def test_dimensions(data, low, extra):
    assert low <= data.draw(strategies.dimensions(min_dimension=low, max_dimension=low + extra)) <= low + extra


@pytest.mark.parametrize("name", DEFAULTS)
@given(data=st.data())
def test_every_matrix_is_finite_square_float64_and_writable(name, data):
    matrix = data.draw(DEFAULTS[name])
    assert matrix.dtype == np.float64
    assert matrix.ndim == 2
    assert matrix.shape[0] == matrix.shape[1]
    assert 1 <= len(matrix) <= 8
    assert np.all(np.isfinite(matrix))
    assert matrix.flags.writeable


@pytest.mark.parametrize(
    "strategy",
    [
        strategies.orthogonal,
        strategies.symmetric,
        strategies.positive_definite,
        strategies.negative_eigenvalue,
        strategies.margin_positive,
        strategies.near_the_identity,
        strategies.normal,
        strategies.general,
    ],
)
@given(data=st.data())
def test_dimensions_are_held(strategy, data):
    low = data.draw(st.integers(1, 10))
    high = data.draw(st.integers(low, 10))
    assert low <= len(data.draw(strategy(min_dimension=low, max_dimension=high))) <= high


@given(st.data(), limits(-1e9, 1e9))
def test_spectra_stay_in_range(data, bounds):
    low, high = bounds
    values = data.draw(strategies.spectra(min_eigenvalue=low, max_eigenvalue=high, max_dimension=20))
    assert 1 <= len(values) <= 20
    assert all(type(value) is float and low <= value <= high for value in values)


@pytest.mark.parametrize("reflections", [True, False])
@given(data=st.data())
def test_orthogonal(reflections, data):
    Q = data.draw(strategies.orthogonal(reflections=reflections))
    assert np.linalg.norm(Q.T @ Q - np.eye(len(Q))) <= tolerance(Q)
    assert reflections or np.linalg.det(Q) > 0


@given(st.data(), st.lists(decimals(-1e3, 1e3), min_size=1, max_size=6))
def test_with_spectrum(data, values):
    matrix = data.draw(strategies.with_spectrum(eigenvalues=st.just(values)))
    assert symmetric_bitwise(matrix)
    assert np.max(abs(np.linalg.eigvalsh(matrix) - np.sort(values))) <= tolerance(np.diag(values))


@given(st.data(), st.lists(decimals(0, 1e3), min_size=1, max_size=6), st.booleans())
def test_with_singular_values(data, values, reflections):
    listed = st.just(values)
    matrix = data.draw(strategies.with_singular_values(singular_values=listed, reflections=reflections))
    singular_values = np.linalg.svd(matrix, compute_uv=False)
    assert np.max(abs(singular_values - np.sort(values)[::-1])) <= tolerance(np.diag(values))
    if not reflections and min(values) > tolerance(matrix):
        assert np.linalg.det(matrix) > 0


@given(st.data(), limits(-100, 100))
def test_symmetric(data, bounds):
    low, high = bounds
    matrix = data.draw(strategies.symmetric(min_eigenvalue=low, max_eigenvalue=high))
    assert symmetric_bitwise(matrix)
    eigenvalues = np.linalg.eigvalsh(matrix)
    assert low - tolerance(matrix) <= eigenvalues[0]
    assert eigenvalues[-1] <= high + tolerance(matrix)


@given(st.data(), st.sampled_from([1, 2, 17.5, 1e6, 1e12]), limits(1e-6, 1e6))
def test_positive_definite(data, limit, bounds):
    low, high = bounds
    matrix = data.draw(
        strategies.positive_definite(max_condition=limit, min_eigenvalue=low, max_eigenvalue=high, max_dimension=6)
    )
    assert symmetric_bitwise(matrix)
    eigenvalues = exact_eigenvalues(matrix)
    assert eigenvalues[0] > 0
    assert eigenvalues[-1] <= limit * (1 + 1e-12) * eigenvalues[0]
    assert low - tolerance(matrix) <= eigenvalues[0]
    assert eigenvalues[-1] <= high + tolerance(matrix)


def test_positive_definite_holds_its_largest_condition_after_rounding():
    strategy = strategies.positive_definite(
        min_dimension=4, max_dimension=4, min_eigenvalue=1, max_eigenvalue=1e18, max_condition=1e9
    )
    tight = [A for A in drawn(strategy) if np.linalg.cond(A) > 0.99e9 and not diagonal(A)]
    assert len(tight) >= 3
    for matrix in tight:
        eigenvalues = exact_eigenvalues(matrix)
        assert eigenvalues[-1] <= 1e9 * (1 + 1e-12) * eigenvalues[0]


@given(st.data(), limits(1, 1e6))
def test_positive_definite_at_a_condition(data, bounds):
    low, high = bounds
    matrix = data.draw(strategies.positive_definite(min_condition=low, max_condition=high, max_dimension=4))
    eigenvalues = exact_eigenvalues(matrix)
    assert eigenvalues[-1] <= high * (1 + 1e-12) * eigenvalues[0]
    assert eigenvalues[-1] + tolerance(matrix) >= low * (eigenvalues[0] - tolerance(matrix))


@given(st.data(), limits(1e-2, 1e2))
def test_margin_positive_up_to_a_margin(data, bounds):
    low, high = bounds
    strategy = strategies.margin_positive(min_margin=low, max_margin=high, max_eigenvalue=10 * high, max_dimension=4)
    matrix = data.draw(strategy)
    least = np.linalg.eigvalsh((matrix + matrix.T) / 2)[0]
    assert low - tolerance(matrix) <= least <= high + tolerance(matrix)


@given(st.data(), limits(1e-3, 1e3))
def test_negative_eigenvalue(data, bounds):
    low, high = bounds
    matrix = data.draw(strategies.negative_eigenvalue(min_magnitude=low, max_magnitude=high, max_dimension=6))
    assert symmetric_bitwise(matrix)
    eigenvalues = exact_eigenvalues(matrix)
    assert eigenvalues[0] <= -low
    assert np.max(abs(np.linalg.eigvalsh(matrix))) <= high + tolerance(matrix)


@given(st.data(), limits(1e-3, 1e3), st.sampled_from([0, 0.3, 10, 1e4]))
def test_margin_positive(data, bounds, skew):
    margin, high = bounds
    matrix = data.draw(
        strategies.margin_positive(min_margin=margin, max_eigenvalue=high, max_skew=skew, max_dimension=6)
    )
    with mpmath.workdps(50):
        exact = mpmath.matrix(matrix.tolist())
        least = min(mpmath.eigsy((exact + exact.T) / 2, eigvals_only=True))
    assert least >= margin * (1 - 1e-12)
    assert np.linalg.eigvalsh(matrix + matrix.T)[-1] / 2 <= high + tolerance(matrix)
    assert np.max(abs(matrix - matrix.T)) / 2 <= skew + tolerance(matrix)
    assert skew or symmetric_bitwise(matrix)


@given(st.data(), limits(0, 3) | limits(0, 1e-7) | st.just([0, 1 / 12]))
def test_near_identity(data, bounds):
    low, high = bounds
    matrix = data.draw(strategies.near_the_identity(min_distance=low, max_distance=high))
    identity = np.eye(len(matrix))
    entries = zip(matrix.ravel().tolist(), identity.ravel().tolist(), strict=True)
    assert sum((Fraction(a) - Fraction(b)) ** 2 for a, b in entries) <= Fraction(high) ** 2
    assert low - tolerance(identity) <= np.linalg.norm(matrix - identity) <= high


@given(st.data(), limits(0, 100), st.floats(0, math.pi) | st.sampled_from([0, 1, 3, math.pi]))
def test_normal(data, bounds, max_angle):
    low, high = bounds
    matrix = data.draw(strategies.normal(min_modulus=low, max_modulus=high, max_angle=max_angle))
    assert np.linalg.norm(matrix @ matrix.T - matrix.T @ matrix) <= tolerance(matrix, power=2)
    eigenvalues = np.linalg.eigvals(matrix)
    assert np.all(abs(eigenvalues) <= high + tolerance(matrix))
    assert np.all(abs(eigenvalues) >= low - tolerance(matrix))
    assert np.all(abs(eigenvalues) * (abs(np.angle(eigenvalues)) - max_angle) <= 4 * tolerance(matrix))


@given(st.data(), st.floats(1e-3, 1e3), st.booleans())
def test_general(data, max_entry, positive):
    matrix = data.draw(strategies.general(max_entry=max_entry, positive_determinant=positive, max_dimension=5))
    assert np.max(abs(matrix)) <= max_entry
    assert not positive or exact_determinant(matrix) > 0


def test_table_of_entries_begins_with_zero_and_has_both_signs_of_what_a_few_bits_hold():
    assert DYADIC[0] == 0
    assert len(set(DYADIC)) == len(DYADIC) == 13
    assert set(DYADIC) == {-entry for entry in DYADIC}
    assert all((4 * entry).is_integer() for entry in DYADIC)
    assert set(small_entries(1.0)) == {entry for entry in DYADIC if abs(entry) <= 1}
    assert small_entries(0.7)[-2:] == (0.7, -0.7)


@pytest.mark.parametrize(
    ("low", "high", "first", "decades"),
    [
        (-10.0, 10.0, [1.0, 0.0, -1.0, 2.0, -2.0], range(-5, 2)),
        (0.0, 0.5, [0.0, 0.5, 1 / 3, 0.1, 0.2], range(-7, 0)),
        (0.02, 300.0, [1.0, 2.0, 3.0, 0.5, 1.5], range(-2, 3)),
        (-300.0, -0.02, [-1.0, -2.0, -3.0, -0.5, -1.5], range(-2, 3)),
        (0.0, 0.0, [0.0], []),
        (5.5, 6.5, [], []),
    ],
)
def test_simple_numbers_are_of_every_decade_between_the_ends(low, high, first, decades):
    found = simple_between(low, high)
    assert found[:5] == first
    assert all(low <= number <= high for number in found)
    assert len(set(found)) == len(found)
    exact = {Fraction(10) ** k * x for k in range(-9, 5) for x in SIMPLE}
    assert {abs(number) for number in found} <= {float(x) for x in exact} | {0.0}
    for k in decades:
        assert any(0.99 * 10.0**k <= abs(number) < 9 * 10.0**k for number in found), k
    least = min((abs(number) for number in found if number), default=0.0)
    assert not decades or 0.3 * 10.0 ** decades[0] <= least


@pytest.mark.parametrize("angle", [0.3, math.pi / 2, 2.0, math.pi])
def test_turns_go_in_both_directions_by_an_angle_and_smaller_ones(angle):
    found = set(turns(angle))
    assert found == {(cosine, -sine) for cosine, sine in found}
    assert [math.hypot(*turn) for turn in found] == pytest.approx([1.0] * len(found), rel=1e-15)
    assert max(abs(math.atan2(sine, cosine)) for cosine, sine in found) == pytest.approx(angle)
    assert ((0.0, 1.0) in found) is (angle >= math.pi / 2)


@pytest.mark.parametrize(
    ("ratio", "others", "first"),
    [(0.25, [0.5, 1.25, 2.0], 1.566068514982149), (2.0, [4.0, 4.0, 4.0], 3.9999802661676216)],
)
def test_a_saddle_has_one_negative_eigenvalue_and_a_basis_of_its_seed(ratio, others, first):
    target, again, other = (ingredients.saddle(4, seed, 2.0, ratio) for seed in (7, 7, 8))
    assert np.array_equal(target, target.T)
    assert np.linalg.eigvalsh(target) == pytest.approx([-2.0, *others])
    assert np.array_equal(target, again)
    assert np.min(np.abs(target - other)) > 1e-3
    assert np.diag(target)[0] == pytest.approx(first)
