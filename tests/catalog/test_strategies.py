"""The strategies, before any theorem relies on them: promised structure, reach, shrinking, bad arguments."""

import inspect
import math
import re
from fractions import Fraction
from functools import cache
from random import Random

import mpmath
import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, find, given, settings
from hypothesis import strategies as st

from catalog import strategies
from dlr.arguments import InputError

EPS = np.finfo(np.float64).eps
SEARCH = settings(
    max_examples=3000, database=None, deadline=None, report_multiple_bugs=False, phases=[Phase.generate, Phase.shrink]
)

DEFAULTS = {
    "orthogonal": strategies.orthogonal(),
    "with_spectrum": strategies.with_spectrum(eigenvalues=strategies.spectra()),
    "with_singular_values": strategies.with_singular_values(singular_values=strategies.spectra(min_eigenvalue=0)),
    "symmetric": strategies.symmetric(),
    "positive_definite": strategies.positive_definite(),
    "negative_eigenvalue": strategies.negative_eigenvalue(),
    "margin_positive": strategies.margin_positive(),
    "near_identity": strategies.near_identity(),
    "normal": strategies.normal(),
    "general": strategies.general(),
    "general, positive determinant": strategies.general(positive_determinant=True),
}


def tolerance(matrix, power=1):
    """Rounding of a few products of d x d matrices of this norm."""
    return 20 * len(matrix) ** 2 * EPS * np.linalg.norm(matrix) ** power


def decimals(low, high):
    """Floats of 12 decimals: none so small that its square underflows."""
    return st.floats(low, high).map(lambda value: round(value, 12))


def limits(low, high):
    """Pairs low <= a <= b <= high, equal ones included."""
    return st.tuples(decimals(low, high), decimals(low, high)).map(sorted)


@cache
def drawn(strategy, count=200):
    """Draws under a fixed seed; a rejected draw would be missing from the count."""
    found = []

    @settings(
        max_examples=count,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def collect(value):
        found.append(value)

    collect()
    return found


def minimal(strategy, condition=lambda matrix: True):
    return find(strategy, condition, settings=SEARCH, random=Random(0)).tolist()


def symmetric_bitwise(matrix):
    return matrix.tobytes() == matrix.T.tobytes()


def diagonal(matrix):
    return np.array_equal(matrix, np.diag(np.diag(matrix)))


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


class TestStructure:
    @given(st.data(), st.integers(1, 12), st.integers(0, 5))
    def test_dimensions(self, data, low, extra):
        assert low <= data.draw(strategies.dimensions(min_dimension=low, max_dimension=low + extra)) <= low + extra

    @pytest.mark.parametrize("name", DEFAULTS)
    @given(data=st.data())
    def test_every_matrix_is_finite_square_float64_and_writable(self, name, data):
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
            strategies.near_identity,
            strategies.normal,
            strategies.general,
        ],
    )
    @given(data=st.data())
    def test_dimensions_are_held(self, strategy, data):
        low = data.draw(st.integers(1, 10))
        high = data.draw(st.integers(low, 10))
        assert low <= len(data.draw(strategy(min_dimension=low, max_dimension=high))) <= high

    @given(st.data(), limits(-1e9, 1e9))
    def test_spectra_stay_in_range(self, data, bounds):
        low, high = bounds
        values = data.draw(strategies.spectra(min_eigenvalue=low, max_eigenvalue=high, max_dimension=20))
        assert 1 <= len(values) <= 20
        assert all(type(value) is float and low <= value <= high for value in values)

    @pytest.mark.parametrize("reflections", [True, False])
    @given(data=st.data())
    def test_orthogonal(self, reflections, data):
        Q = data.draw(strategies.orthogonal(reflections=reflections))
        assert np.linalg.norm(Q.T @ Q - np.eye(len(Q))) <= tolerance(Q)
        assert reflections or np.linalg.det(Q) > 0

    @given(st.data(), st.lists(decimals(-1e3, 1e3), min_size=1, max_size=6))
    def test_with_spectrum(self, data, values):
        matrix = data.draw(strategies.with_spectrum(eigenvalues=st.just(values)))
        assert symmetric_bitwise(matrix)
        assert np.max(abs(np.linalg.eigvalsh(matrix) - np.sort(values))) <= tolerance(np.diag(values))

    @given(st.data(), st.lists(decimals(0, 1e3), min_size=1, max_size=6), st.booleans())
    def test_with_singular_values(self, data, values, reflections):
        listed = st.just(values)
        matrix = data.draw(strategies.with_singular_values(singular_values=listed, reflections=reflections))
        singular_values = np.linalg.svd(matrix, compute_uv=False)
        assert np.max(abs(singular_values - np.sort(values)[::-1])) <= tolerance(np.diag(values))
        if not reflections and min(values) > tolerance(matrix):
            assert np.linalg.det(matrix) > 0

    @given(st.data(), limits(-100, 100))
    def test_symmetric(self, data, bounds):
        low, high = bounds
        matrix = data.draw(strategies.symmetric(min_eigenvalue=low, max_eigenvalue=high))
        assert symmetric_bitwise(matrix)
        eigenvalues = np.linalg.eigvalsh(matrix)
        assert low - tolerance(matrix) <= eigenvalues[0]
        assert eigenvalues[-1] <= high + tolerance(matrix)

    @given(st.data(), st.sampled_from([1, 2, 17.5, 1e6, 1e12]), limits(1e-6, 1e6))
    def test_positive_definite(self, data, limit, bounds):
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

    def test_positive_definite_holds_its_largest_condition_after_rounding(self):
        strategy = strategies.positive_definite(
            min_dimension=4, max_dimension=4, min_eigenvalue=1, max_eigenvalue=1e18, max_condition=1e9
        )
        tight = [A for A in drawn(strategy) if np.linalg.cond(A) > 0.99e9 and not diagonal(A)]
        assert len(tight) >= 3
        for matrix in tight:
            eigenvalues = exact_eigenvalues(matrix)
            assert eigenvalues[-1] <= 1e9 * (1 + 1e-12) * eigenvalues[0]

    @given(st.data(), limits(1, 1e6))
    def test_positive_definite_at_a_condition(self, data, bounds):
        low, high = bounds
        matrix = data.draw(strategies.positive_definite(min_condition=low, max_condition=high, max_dimension=4))
        eigenvalues = exact_eigenvalues(matrix)
        assert eigenvalues[-1] <= high * (1 + 1e-12) * eigenvalues[0]
        assert eigenvalues[-1] + tolerance(matrix) >= low * (eigenvalues[0] - tolerance(matrix))

    @given(st.data(), limits(1e-2, 1e2))
    def test_margin_positive_up_to_a_margin(self, data, bounds):
        low, high = bounds
        strategy = strategies.margin_positive(
            min_margin=low, max_margin=high, max_eigenvalue=10 * high, max_dimension=4
        )
        matrix = data.draw(strategy)
        least = np.linalg.eigvalsh((matrix + matrix.T) / 2)[0]
        assert low - tolerance(matrix) <= least <= high + tolerance(matrix)

    @given(st.data(), limits(1e-3, 1e3))
    def test_negative_eigenvalue(self, data, bounds):
        low, high = bounds
        matrix = data.draw(strategies.negative_eigenvalue(min_magnitude=low, max_magnitude=high, max_dimension=6))
        assert symmetric_bitwise(matrix)
        eigenvalues = exact_eigenvalues(matrix)
        assert eigenvalues[0] <= -low
        assert np.max(abs(np.linalg.eigvalsh(matrix))) <= high + tolerance(matrix)

    @given(st.data(), limits(1e-3, 1e3), st.sampled_from([0, 0.3, 10, 1e4]))
    def test_margin_positive(self, data, bounds, skew):
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
    def test_near_identity(self, data, bounds):
        low, high = bounds
        matrix = data.draw(strategies.near_identity(min_distance=low, max_distance=high))
        identity = np.eye(len(matrix))
        entries = zip(matrix.ravel().tolist(), identity.ravel().tolist(), strict=True)
        assert sum((Fraction(a) - Fraction(b)) ** 2 for a, b in entries) <= Fraction(high) ** 2
        assert low - tolerance(identity) <= np.linalg.norm(matrix - identity) <= high

    @given(st.data(), limits(0, 100), st.floats(0, math.pi) | st.sampled_from([0, 1, 3, math.pi]))
    def test_normal(self, data, bounds, max_angle):
        low, high = bounds
        matrix = data.draw(strategies.normal(min_modulus=low, max_modulus=high, max_angle=max_angle))
        assert np.linalg.norm(matrix @ matrix.T - matrix.T @ matrix) <= tolerance(matrix, power=2)
        eigenvalues = np.linalg.eigvals(matrix)
        assert np.all(abs(eigenvalues) <= high + tolerance(matrix))
        assert np.all(abs(eigenvalues) >= low - tolerance(matrix))
        assert np.all(abs(eigenvalues) * (abs(np.angle(eigenvalues)) - max_angle) <= 4 * tolerance(matrix))

    @given(st.data(), st.floats(1e-3, 1e3), st.booleans())
    def test_general(self, data, max_entry, positive):
        matrix = data.draw(strategies.general(max_entry=max_entry, positive_determinant=positive, max_dimension=5))
        assert np.max(abs(matrix)) <= max_entry
        assert not positive or exact_determinant(matrix) > 0


class TestReach:
    @pytest.mark.parametrize("name", DEFAULTS)
    def test_no_strategy_stays_in_one_corner(self, name):
        matrices = drawn(DEFAULTS[name])
        assert len(matrices) == 200
        assert {1, 2, 3, 4, 8} <= {len(matrix) for matrix in matrices}
        assert sum(len(matrix) >= 5 and not diagonal(matrix) for matrix in matrices) >= 25
        assert sum(np.array_equal(matrix, np.eye(len(matrix))) for matrix in matrices) <= 60
        assert len({matrix.tobytes() for matrix in matrices}) >= 100
        assert any(np.count_nonzero(matrix) == matrix.size >= 16 for matrix in matrices)

    @pytest.mark.parametrize("name", ["margin_positive", "near_identity", "general", "with_singular_values"])
    def test_nonsymmetric_and_nonnormal_draws_are_common(self, name):
        matrices = drawn(DEFAULTS[name])
        commutators = [np.linalg.norm(A @ A.T - A.T @ A) - tolerance(A, power=2) for A in matrices]
        assert sum(size > 0 for size in commutators) >= 60

    def test_positive_definite_covers_the_decades_of_condition(self):
        conditions = np.array([np.linalg.cond(A) for A in drawn(DEFAULTS["positive_definite"])])
        counts, _ = np.histogram(np.log10(conditions), bins=[-1, 1, 2, 3, 4, 5, 5.99, 7])
        assert np.all(counts >= 3)

    @pytest.mark.parametrize(("low", "high"), [(-10, 10), (1e-6, 1e6), (0.91, 0.92), (2, 2)])
    def test_spectra_hit_both_ends_and_the_inside(self, low, high):
        lists = drawn(strategies.spectra(min_eigenvalue=low, max_eigenvalue=high))
        values = np.concatenate(lists)
        assert np.mean(values == low) >= 0.05
        assert np.mean(values == high) >= 0.05
        assert low == high or np.mean((low < values) & (values < high)) >= 0.3

    def test_spectra_spread_over_every_decade(self):
        values = np.concatenate(drawn(strategies.spectra(min_eigenvalue=1e-6, max_eigenvalue=1e6)))
        counts, _ = np.histogram(np.log10(values), bins=np.arange(-6, 7))
        assert np.all(counts >= 5)

    def test_symmetric_draws_are_definite_indefinite_and_singular(self):
        extremes = [np.linalg.eigvalsh(A)[[0, -1]] for A in drawn(DEFAULTS["symmetric"])]
        for wanted in (lambda a, b: a > 0.1, lambda a, b: b < -0.1, lambda a, b: a < -0.1 and b > 0.1):
            assert sum(bool(wanted(a, b)) for a, b in extremes) >= 3
        assert any(min(abs(np.linalg.eigvalsh(A))) < 1e-12 for A in drawn(DEFAULTS["symmetric"], 1000))

    def test_negative_eigenvalue_draws_one_or_several_and_its_limit(self):
        spectra = [np.linalg.eigvalsh(A) for A in drawn(DEFAULTS["negative_eigenvalue"])]
        counts = [np.count_nonzero(spectrum < -1e-9) for spectrum in spectra]
        assert counts.count(1) >= 15
        assert sum(count >= 3 for count in counts) >= 15
        assert any(abs(spectrum[0] + 0.01) < 1e-12 for spectrum in spectra)

    def test_margin_is_attained(self):
        margins = [np.linalg.eigvalsh((A + A.T) / 2)[0] for A in drawn(DEFAULTS["margin_positive"])]
        assert sum(margin <= 0.1 * (1 + 1e-9) for margin in margins) >= 10
        assert sum(margin >= 0.5 for margin in margins) >= 10

    def test_distance_is_attained(self):
        distances = [np.linalg.norm(A - np.eye(len(A))) for A in drawn(DEFAULTS["near_identity"])]
        assert sum(distance >= (1 - 1e-12) / 12 for distance in distances) >= 10
        assert sum(1e-3 < distance < 0.08 for distance in distances) >= 10

    def test_determinants_take_both_signs(self):
        for name in ("orthogonal", "with_singular_values", "general"):
            signs = [np.sign(np.linalg.det(matrix)) for matrix in drawn(DEFAULTS[name])]
            assert min(signs.count(1), signs.count(-1)) >= 15

    def test_positive_determinant_does_not_mean_positive_minors(self):
        matrices = drawn(DEFAULTS["general, positive determinant"])
        assert sum(A[0, 0] < 0 for A in matrices) >= 15
        assert any(A[0, 0] == 0 for A in matrices)

    @pytest.mark.parametrize("max_angle", [1.0, math.pi])
    def test_normal_angles_reach_their_limit_in_both_directions(self, max_angle):
        strategy = strategies.normal(min_modulus=1, max_angle=max_angle)
        angles = np.concatenate([np.angle(np.linalg.eigvals(A)) for A in drawn(strategy)])
        assert np.mean(abs(angles) >= max_angle - 1e-9) >= 0.03
        assert np.mean((abs(angles) > 0.1) & (abs(angles) < max_angle - 0.1)) >= 0.2
        planes = drawn(strategies.normal(min_dimension=2, max_dimension=2, min_modulus=1, max_angle=max_angle))
        skews = [np.sign(A[0, 1] - A[1, 0]) for A in planes]
        assert min(skews.count(1), skews.count(-1)) >= 5


class TestShrinking:
    def test_smallest_of_each(self):
        expected = {name: [[1.0]] for name in DEFAULTS}
        expected |= {"negative_eigenvalue": [[-1.0]], "general": [[0.0]]}
        assert {name: minimal(strategy) for name, strategy in DEFAULTS.items()} == expected

    @pytest.mark.parametrize("dimension", [2, 3])
    def test_smallest_of_a_given_dimension_is_the_identity(self, dimension):
        for name in ("positive_definite", "symmetric", "margin_positive", "near_identity", "normal"):
            strategy = getattr(strategies, name)(min_dimension=dimension)
            assert minimal(strategy) == np.eye(dimension).tolist()

    def test_ill_conditioned(self):
        strategy = strategies.positive_definite()
        assert minimal(strategy, lambda A: np.linalg.cond(A) >= 3) == np.diag([1.0, 3.0]).tolist()
        strategy = strategies.positive_definite(min_dimension=3)
        assert minimal(strategy, lambda A: np.linalg.cond(A) >= 3) == np.diag([1.0, 1.0, 3.0]).tolist()

        assert minimal(strategies.positive_definite(min_condition=3)) == np.diag([1.0, 3.0]).tolist()

    def test_small_margin(self):
        assert minimal(strategies.margin_positive(max_margin=0.5)) == [[0.5]]
        strategy = strategies.margin_positive(max_margin=0.5, min_dimension=2)
        assert minimal(strategy) == np.diag([0.5, 1.0]).tolist()

    def test_drawn_spectra_and_singular_values(self):
        listed = strategies.spectra(min_eigenvalue=0, max_eigenvalue=5)
        for strategy in (
            strategies.with_spectrum(eigenvalues=listed),
            strategies.with_singular_values(singular_values=listed),
        ):
            assert minimal(strategy, lambda A: len(A) == 2 and np.linalg.norm(A, 2) > 1) == np.diag([1.0, 2.0]).tolist()

    def test_off_diagonal(self):
        strategy = strategies.symmetric()
        assert minimal(strategy, lambda A: len(A) > 1 and A[0, 1] > 0.01)

    def test_indefinite(self):
        expected = np.diag([-1.0, 1.0]).tolist()
        assert minimal(strategies.negative_eigenvalue(), lambda A: len(A) == 2) == expected

    def test_nonsymmetric(self):
        for strategy in (strategies.margin_positive(), strategies.general(positive_determinant=True)):
            matrix = minimal(strategy, lambda A: not symmetric_bitwise(A))
            assert len(matrix) == 2
            assert {abs(entry) for row in matrix for entry in row} == {0.0, 1.0} or matrix == [[1, 1], [-1, 1]]

    def test_at_a_distance(self):
        matrix = minimal(strategies.near_identity(max_distance=2), lambda A: np.any(np.eye(len(A)) != A))
        assert matrix == [[2.0]]

    def test_turning(self):
        strategy = strategies.normal()
        assert minimal(strategy, lambda A: np.any(np.linalg.eigvals(A).imag)) == [[0.0, -1.0], [1.0, 0.0]]

    def test_reflection(self):
        assert minimal(strategies.orthogonal(), lambda Q: np.linalg.det(Q) < 0) == [[-1.0]]


BAD_ARGUMENTS = [
    (strategies.dimensions, {"min_dimension": 0}, "min_dimension must be at least 1, got 0"),
    (strategies.dimensions, {"min_dimension": 4, "max_dimension": 3}, "max_dimension must be at least 4, got 3"),
    (strategies.dimensions, {"max_dimension": 2.0}, "max_dimension must be an integer, got 2.0"),
    (strategies.spectra, {"min_eigenvalue": math.nan}, "min_eigenvalue must be finite, got nan"),
    (strategies.spectra, {"min_eigenvalue": 2, "max_eigenvalue": 1}, "max_eigenvalue must be a number >= 2, got 1"),
    (strategies.orthogonal, {"min_dimension": True}, "min_dimension must be an integer, got True"),
    (strategies.orthogonal, {"reflections": 1}, "reflections must be a bool, got 1"),
    (strategies.with_spectrum, {"eigenvalues": [1, 2]}, "eigenvalues must be a strategy of lists, got [1, 2]"),
    (strategies.with_singular_values, {"singular_values": 3}, "singular_values must be a strategy of lists, got 3"),
    (
        strategies.with_singular_values,
        {"singular_values": strategies.spectra(), "reflections": None},
        "reflections must be a bool, got None",
    ),
    (strategies.symmetric, {"max_eigenvalue": math.inf}, "max_eigenvalue must be finite, got inf"),
    (strategies.symmetric, {"max_eigenvalue": -11}, "max_eigenvalue must be a number >= -10, got -11"),
    (strategies.symmetric, {"max_dimension": 0}, "max_dimension must be at least 1, got 0"),
    (strategies.positive_definite, {"min_eigenvalue": 0}, "min_eigenvalue must be a number > 0, got 0"),
    (strategies.positive_definite, {"max_eigenvalue": 1e-4}, "max_eigenvalue must be a number >= 0.001, got 0.0001"),
    (strategies.positive_definite, {"max_condition": 0.5}, "max_condition must be a number >= 1 <= 1e+12, got 0.5"),
    (strategies.positive_definite, {"min_condition": 0.5}, "min_condition must be a number >= 1 <= 1e+12, got 0.5"),
    (
        strategies.positive_definite,
        {"min_condition": 9, "max_condition": 8},
        "max_condition must be a number >= 9 <= 1e+12, got 8",
    ),
    (strategies.positive_definite, {"min_condition": 2, "max_dimension": 1}, "max_dimension must be at least 2, got 1"),
    (
        strategies.positive_definite,
        {"min_condition": 9, "max_eigenvalue": 0.008},
        "min_condition must be a number <= 8, got 9",
    ),
    (strategies.positive_definite, {"max_condition": 1e13}, "max_condition must be a number >= 1 <= 1e+12, got 1e+13"),
    (strategies.negative_eigenvalue, {"min_magnitude": -1}, "min_magnitude must be a number > 0, got -1"),
    (strategies.negative_eigenvalue, {"max_magnitude": "2"}, "max_magnitude must be a number >= 0.01, got '2'"),
    (strategies.margin_positive, {"min_margin": 0}, "min_margin must be a number > 0, got 0"),
    (strategies.margin_positive, {"max_eigenvalue": 0.05}, "max_eigenvalue must be a number >= 0.1, got 0.05"),
    (strategies.margin_positive, {"max_margin": 0.05}, "max_margin must be a number >= 0.1 <= 10, got 0.05"),
    (strategies.margin_positive, {"max_margin": 11}, "max_margin must be a number >= 0.1 <= 10, got 11"),
    (strategies.margin_positive, {"max_skew": -1}, "max_skew must be a number >= 0, got -1"),
    (strategies.near_identity, {"min_distance": -0.1}, "min_distance must be a number >= 0, got -0.1"),
    (strategies.near_identity, {"min_distance": 0.5}, "max_distance must be a number >= 0.5, got 0.0833333"),
    (strategies.normal, {"min_modulus": -1}, "min_modulus must be a number >= 0, got -1"),
    (strategies.normal, {"max_modulus": None}, "max_modulus must be a number >= 0, got None"),
    (strategies.normal, {"max_angle": 4}, "max_angle must be a number >= 0 <= 3.14159, got 4"),
    (strategies.general, {"max_entry": 0}, "max_entry must be a number > 0, got 0"),
    (strategies.general, {"positive_determinant": "yes"}, "positive_determinant must be a bool, got 'yes'"),
]


@pytest.mark.parametrize(("strategy", "arguments", "message"), BAD_ARGUMENTS)
def test_bad_argument_is_named_with_its_value_and_a_fix_when_the_strategy_is_made(strategy, arguments, message):
    with pytest.raises(InputError) as caught:
        strategy(**arguments)
    line = str(caught.value)
    assert line.startswith(message)
    assert ": pass " in line
    assert "\n" not in line


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: strategies.with_spectrum(eigenvalues=st.just([])), "eigenvalues must not be empty, got a draw"),
        (
            lambda: strategies.with_spectrum(eigenvalues=st.just([1, math.inf])),
            "eigenvalues must be finite, got inf",
        ),
        (
            lambda: strategies.with_singular_values(singular_values=st.just([1, -2])),
            "singular_values must be a number >= 0, got -2",
        ),
    ],
)
def test_bad_list_is_named_when_drawn(make, message):
    with pytest.raises(InputError, match=message):
        drawn(make())


PUBLISHED = [
    value for name, value in vars(strategies).items() if inspect.isfunction(value) and not name.startswith("_")
]
PUBLISHED = [value for value in PUBLISHED if value.__module__ == strategies.__name__]


@pytest.mark.parametrize("strategy", PUBLISHED, ids=lambda strategy: strategy.__name__)
def test_arguments_are_keyword_only_paired_and_documented(strategy):
    parameters = inspect.signature(strategy).parameters
    assert {parameter.kind for parameter in parameters.values()} == {inspect.Parameter.KEYWORD_ONLY}
    paired = {"dimension", "condition", "margin", "distance", "modulus", "magnitude"}
    for kind in paired & {name[4:] for name in parameters}:
        assert {f"min_{kind}", f"max_{kind}"} <= set(parameters)
    for name in set(parameters) - {"min_dimension", "max_dimension"}:  # those are in the module's docstring
        assert re.search(rf"^    .*\b{name}\b.* : ", strategy.__doc__, re.MULTILINE), name
    assert "shrink" in strategy.__doc__


def test_published_strategies():
    assert {strategy.__name__ for strategy in PUBLISHED} == {
        *(name.partition(",")[0] for name in DEFAULTS),
        "dimensions",
        "spectra",
    }
