"""The exact reduction: spectra rebuild their targets, and real eigenvalues stay real."""

import array_api_strict as strict
import numpy as np
import pytest
import scipy.linalg
from hypothesis import given
from hypothesis import strategies as st

from catalog import strategies
from dlr import GradientDescent, InputError, Penalized, PowerProjection, StepAndProject, network, spectral
from dlr.algorithms import ReducibleAlgorithm
from dlr.rounding import matrix_rounding
from dlr.types import Matrix

TARGETS = {
    "one by one": np.array([[-3.0]]),
    "symmetric": np.array([[2.0, 1.0, 0.0], [1.0, -2.0, 1.0], [0.0, 1.0, 0.5]]),
    "repeated real": np.diag([2.0, 2.0, -1.0, -1.0]),
    "rotation": np.array([[0.6, -0.8], [0.8, 0.6]]),
    "repeated complex": np.kron(np.eye(3), [[1.0, -2.0], [2.0, 1.0]]),
    "mixed": scipy.linalg.block_diag([[0.0, -2.0], [2.0, 0.0]], [[3.0]], [[0.6, 0.8], [-0.8, 0.6]], [[-1.0]]),
    "cycle": np.roll(np.eye(5), 1, axis=0),
    "circulant": scipy.linalg.circulant([3.0, 1.0, -2.0, 0.5, 0.0, 1.0]),
    "skew": np.array([[0.0, 1.0, 2.0], [-1.0, 0.0, 3.0], [-2.0, -3.0, 0.0]]),
    "minus identity": -np.eye(4),
    "zero": np.zeros((2, 2)),
}


def assert_rebuilds(target: Matrix) -> None:
    spectrum = spectral.spectrum(target)
    size = max(1.0, float(np.linalg.norm(target)))
    assert np.sum(spectrum.weights) == len(target)
    np.testing.assert_allclose(spectrum.basis @ spectrum.basis.T, np.eye(len(target)), atol=1e-13)
    np.testing.assert_allclose(spectrum.matrix(spectrum.eigenvalues), target, rtol=0, atol=1e-13 * len(target) * size)
    pairs = spectrum.weights == 2
    both = np.concatenate([spectrum.eigenvalues, spectrum.eigenvalues[pairs].conj()])
    assert not np.any(spectrum.eigenvalues[~pairs].imag)
    assert np.sum(both).real == pytest.approx(np.trace(target), abs=1e-12 * size)
    assert np.sum(np.abs(both) ** 2) == pytest.approx(np.sum(target**2), abs=1e-11 * size**2)


@pytest.mark.parametrize("target", TARGETS.values(), ids=TARGETS)
def test_spectrum_rebuilds_known_targets(target: Matrix) -> None:
    assert_rebuilds(target)
    Q = np.linalg.qr(np.random.default_rng(0).standard_normal(target.shape))[0]
    assert_rebuilds(Q @ target @ Q.T)


@given(strategies.normal())
def test_spectrum_rebuilds_normal_targets(target: Matrix) -> None:
    assert_rebuilds(target)


@given(strategies.normal(), st.integers(1, 6))
def test_loss_and_gradients_are_those_of_equal_layers(target: Matrix, depth: int) -> None:
    spectrum = spectral.spectrum(target)
    z = 1 + 0.3 * (spectrum.eigenvalues - 1) / (1 + np.abs(spectrum.eigenvalues))
    layers = np.broadcast_to(spectrum.matrix(z), (depth, *target.shape))
    loss, gradients = spectral.loss_and_gradients(z, spectrum, depth)
    dense_loss, dense = network.loss_and_gradients(layers, target)
    scale = 1e-13 * (1 + np.linalg.norm(target)) ** 2 * 1.3 ** (2 * depth) * len(target)
    assert abs(loss - dense_loss) <= scale
    for gradient in dense:
        np.testing.assert_allclose(spectrum.matrix(gradients), gradient, rtol=0, atol=scale)


@pytest.mark.parametrize("depth", [2, 3, 6, 7])
@pytest.mark.parametrize(
    "algorithm",
    [GradientDescent(), StepAndProject(radius=0.4), Penalized(strength=0.01), PowerProjection(margin=0.25)],
    ids=lambda algorithm: algorithm.name,
)
def test_real_eigenvalues_stay_exactly_real(algorithm: ReducibleAlgorithm, depth: int) -> None:
    spectrum = spectral.spectrum(np.diag([-1.5, -0.1, 0.3, 2.0, 3.7]))
    z = np.ones_like(spectrum.eigenvalues)
    for _ in range(4000):
        _, gradients = spectral.loss_and_gradients(z, spectrum, depth)
        z = algorithm.reduced_step(z, gradients, 0.1 / depth / 3.7, depth)
        assert not np.any(z.imag)
    assert np.all(z.real >= 0)


@pytest.mark.parametrize("depth", [3, 5])
def test_the_saddle_of_a_negative_eigenvalue_is_never_left(depth: int) -> None:
    spectrum = spectral.spectrum(np.diag([-1.0, 1.0]))
    z = np.ones_like(spectrum.eigenvalues)
    for _ in range(30_000):
        loss, gradients = spectral.loss_and_gradients(z, spectrum, depth)
        assert loss >= 0.5
        z = z - 0.3 * gradients


@given(st.integers(-9, 9), st.integers(-9, 9), st.integers(0, 15))
def test_integer_power_is_exact_on_gaussian_integers(a: int, b: int, exponent: int) -> None:
    x, y = 1, 0
    for _ in range(exponent):
        x, y = x * a - y * b, x * b + y * a
    power = spectral.integer_power(np.array([a + 1j * b]), exponent)[0]
    scale = (abs(a) + abs(b)) ** exponent
    if scale < 2**53:
        assert (power.real, power.imag) == (x, y)
    assert abs(power - (x + 1j * y)) <= 2**-48 * scale


@pytest.mark.parametrize(("base", "exponent"), [(3, 33), (-3, 33), (2, 1000), (-2, 1001), (-1, 10**6 + 1)])
def test_integer_power_is_exact_and_real_on_integers(base: int, exponent: int) -> None:
    power = spectral.integer_power(np.array([base + 0j]), exponent)[0]
    assert power.real == float(base**exponent)
    assert power.imag == 0


@pytest.mark.parametrize("scale", [1e-170, 1.0, 1e170])
def test_non_normal_targets_are_refused(scale: float) -> None:
    target = scale * np.array([[1.0, 1.0], [0.0, 1.0]])
    with pytest.raises(InputError, match=r"target must be normal, got one at distance 0\.58 \|Phi\|_F"):
        spectral.spectrum(target)
    assert spectral.spectrum(target + target.T).departure == 0


def test_departure_is_measured_linearly() -> None:
    Q = np.linalg.qr(np.random.default_rng(2).standard_normal((6, 6)))[0]
    target = Q @ np.kron(np.diag([1.0, 2.0, 3.0]), [[1.0, -1.0], [1.0, 1.0]]) @ Q.T
    assert 0 < spectral.spectrum(target).departure < 1e-13
    for size in (1e-4, 1e-8, 1e-12):
        moved = target + size * np.eye(6)[:, [1, 0, 2, 3, 4, 5]]
        assert size / 10 < spectral.nearest_normal(moved).departure < 3 * size
        with pytest.raises(InputError, match="target must be normal"):
            spectral.spectrum(moved)


def test_real_eigenvalues_side_by_side_are_no_pair() -> None:
    found = spectral.nearest_normal(np.array([[1.0, 1e-9], [0.0, 2.0]]))
    assert sorted(found.eigenvalues.real) == [1, 2]
    assert found.weights.tolist() == [1, 1]
    assert found.departure == pytest.approx(1e-9)


EXACT = {
    "symmetric": ([[2.0, 0.1], [0.1, -3.0]], True),
    "pair beside a real eigenvalue": ([[1.0, -2.0, 0.0], [2.0, 1.0, 0.0], [0.0, 0.0, -1.0]], True),
    "a tiny pair": ([[1.0, -1e-300], [1e-300, 1.0]], True),
    "triangular": ([[1.0, 1e-300], [0.0, 1.0]], False),
    "unequal diagonal": ([[1.0, -2.0], [2.0, 1.0 + 2**-52]], False),
    "unequal corners": ([[1.0, -2.0], [2.0 + 2**-51, 1.0]], False),
    "blocks that overlap": ([[1.0, -2.0, 0.0], [2.0, 1.0, -2.0], [0.0, 2.0, 1.0]], False),
    "an entry far away": ([[1.0, 0.0, 1e-300], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]], False),
}


@pytest.mark.parametrize("name", EXACT)
def test_exact_forms_are_exact_to_the_last_bit(name: str) -> None:
    matrix, exact = EXACT[name]
    target = np.array(matrix)
    assert bool(spectral.have_blocks(target)) is exact
    assert bool(spectral.have_blocks(target.T)) is exact
    turn = np.eye(len(target), k=-1) - np.eye(len(target), k=1)
    turn[2:] = turn[:, 2:] = 0
    assert spectral.have_blocks(np.stack([turn, target])).tolist() == [True, exact]
    assert spectral.have_blocks(np.stack([np.eye(len(target)), target, 1e150 * target])).tolist() == [
        True,
        exact,
        exact,
    ]
    batch = np.broadcast_to(target, (2, 4, *target.shape))
    assert spectral.have_blocks(batch).tolist() == [[exact] * 4] * 2
    assert spectral.commute(batch).shape == (2, 4)
    found = spectral.nearest_normal(target)
    assert (found.departure == 0) is exact
    if exact:
        np.testing.assert_allclose(found.matrix(found.eigenvalues), target, rtol=0, atol=1e-15)


@pytest.mark.parametrize("end", [4.0, 0.25, 1j, -1 + 0.5j, -1 + 1e-4j, 2 - 3j])
def test_amplification_is_the_logarithmic_length_of_the_path(end: complex) -> None:
    t = np.linspace(0, 1, 400_001)
    path = 1 + t * (end - 1)
    length = np.sum(np.abs(np.diff(path)) / np.abs((path[1:] + path[:-1]) / 2))
    assert spectral.amplification(np.array([1.0, end])) == pytest.approx(np.exp(2 * length), rel=1e-3)


def test_amplification_is_infinite_at_a_saddle_alone() -> None:
    for end in (-1.0, -1e-9, 0.0, -1 + 1e-200j):
        assert spectral.amplification(np.array([2.0, end])) == np.inf
    assert spectral.amplification(np.array([1.0 + 0j])) == 1


@pytest.mark.parametrize("scale", [1e200, 1e-200])
@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_the_commutator_neither_overflows_nor_underflows(sign: float, scale: float) -> None:
    stack = sign * scale * np.array([[[1.0, 0.0], [0.0, 2.0]], [[0.0, 1.0], [0.0, 0.0]]])
    assert spectral.commute(stack).tolist() == [True, False]


def test_single_precision_is_looked_at_in_double() -> None:
    """A circulant matrix is normal whatever its entries, which single precision would not see."""
    circulant = scipy.linalg.circulant([0.1, 0.7, 0.3, 0.9])
    rounded = strict.asarray(circulant, dtype=strict.float32)
    assert spectral.commute(rounded)
    assert not spectral.have_blocks(rounded)
    assert spectral.have_blocks(strict.asarray(np.eye(2), dtype=strict.float32))


@pytest.mark.parametrize("dimension", [2, 5, 9])
def test_a_departure_of_as_many_roundings_as_are_allowed_commutes_and_a_larger_one_does_not(dimension: int) -> None:
    """``|[A, A^T]| <= 4 |N| |E| + 2 |E|^2`` for ``A = N + E`` with N normal, here symmetric and of no small entry."""
    normal = np.ones((dimension, dimension)) + np.diag(np.arange(dimension))
    skew = np.triu(np.ones_like(normal), 1) - np.tril(np.ones_like(normal), -1)
    size = matrix_rounding(dimension, spectral.DEPARTURE) * np.linalg.norm(normal) / np.linalg.norm(skew)
    assert spectral.commute(normal + 0.9 * size * skew)
    assert not spectral.commute(normal + 40 * size * skew)


@pytest.mark.parametrize(
    ("eigenvalues", "weights", "message"),
    [
        ([1.0], [1.0, 1.0], "weights must be one for each eigenvalue"),
        ([[1.0, 1.0]], [[1.0, 1.0]], "weights must be one for each eigenvalue"),
        ([1.0, 1.0, 1.0], [1.0, 1.0, 1.0], "weights must be 1 or 2 and add up to 2"),
        ([1.0, 1.0], [0.5, 1.5], "weights must be 1 or 2 and add up to 2"),
        ([1.0, 1.0, 1.0], [2.0, 1.0, -1.0], "weights must be 1 or 2 and add up to 2"),
    ],
)
def test_a_spectrum_has_a_weight_for_each_eigenvalue(eigenvalues: list, weights: list, message: str) -> None:
    with pytest.raises(InputError, match=message):
        spectral.Spectrum(np.array(eigenvalues, dtype=complex), np.array(weights), np.eye(2), 0.0)


def test_values_are_split_into_those_of_real_eigenvalues_and_those_of_pairs() -> None:
    found = spectral.nearest_normal(scipy.linalg.block_diag([[3.0]], [[0.5, -2.0], [2.0, 0.5]]))
    singles, pairs = found.split(np.array([1.0 + 0j, 2.0 - 1j]))
    assert (singles.tolist(), pairs.tolist()) == ([1.0], [2.0 - 1j])
    assert singles.dtype == np.float64
    np.testing.assert_array_equal(
        found.matrix(np.array([1.0 + 0j, 2.0 - 1j])), [[1.0, 0.0, 0.0], [0.0, 2.0, 1.0], [0.0, -1.0, 2.0]]
    )
