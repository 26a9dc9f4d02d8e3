r"""The exact reduction for normal targets: one scalar recursion per eigenvalue.

If Phi is normal, gradient descent from the identity keeps all layers equal and in the algebra of Phi and
Phi^T. The real Schur form ``Phi = Q T Q^T`` has 1x1 blocks (real eigenvalues) and 2x2 blocks
``[[a, -b], [b, a]]`` (pairs ``a +- ib``), so each layer is Q times blocks of the same kind times Q^T and training is

    ``z+ = z - eta conj(z)^{L-1} (z^L - lambda)``,  ``z_0 = 1``

for each eigenvalue, at a cost of O(d) per step. For a real eigenvalue z stays exactly real, because a product of
complex numbers with imaginary part zero has imaginary part exactly zero. This makes statements about exact
arithmetic testable, such as "a saddle is never left"; in the iteration on the layers rounding breaks the symmetry.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from dlr._arrays import LARGEST_DEPTH, complex_vector, finite_array, square_matrices, square_matrix
from dlr._blocks import blocks_of, with_blocks
from dlr.arguments import InputError, brief, instance, integer, number, settle
from dlr.matrices import frobenius_norm
from dlr.rounding import matrix_rounding
from dlr.types import ArrayInput, Complex, Matrix

__all__ = [
    "DEPARTURE",
    "Spectrum",
    "amplification",
    "commute",
    "have_blocks",
    "integer_power",
    "loss_and_gradients",
    "nearest_normal",
    "spectrum",
]

DEPARTURE = 8
"""Matrix operations whose rounding a target may be away from a normal matrix: a basis and two products to build the
target, a Schur form and two products to decompose it, and two to spare."""


@dataclass(frozen=True)
class Spectrum:
    """Eigenvalues of a normal matrix, one of each conjugate pair, and the real basis of its blocks.

    Attributes
    ----------
    eigenvalues : ndarray of complex128, shape (k,)
        The real ones first, then one of each conjugate pair.
    weights : ndarray, shape (k,)
        1 for a real eigenvalue, 2 for a pair; they add up to d.
    basis : ndarray, shape (d, d)
        Orthogonal: first the columns of the real eigenvalues, then two for each pair.
    departure : float
        Frobenius distance from the target to the normal matrix described here; 0 where the target's form is exact.

    Raises
    ------
    InputError
        If the shapes do not fit together, or a weight is not 1 or 2.
    """

    eigenvalues: Complex
    weights: Matrix
    basis: Matrix
    departure: float

    def __post_init__(self) -> None:
        eigenvalues = complex_vector("eigenvalues", self.eigenvalues)
        weights, basis = finite_array("weights", self.weights), square_matrix("basis", self.basis)
        if eigenvalues.ndim != 1 or weights.shape != eigenvalues.shape:
            raise InputError(f"weights must be one for each eigenvalue, got {brief(weights)}: pass shape (k,)")
        if weights.sum() != len(basis) or not ((weights == 1) | (weights == 2)).all():
            raise InputError(f"weights must be 1 or 2 and add up to {len(basis)}, got {brief(weights)}: see Spectrum")
        departure = number("departure", self.departure, minimum=0)
        settle(self, eigenvalues=eigenvalues, weights=weights, basis=basis, departure=departure)

    def split(self, values: Complex) -> tuple[Matrix, Complex]:
        """Split ``values`` into those of the real eigenvalues, as floats, and those of the pairs."""
        values = complex_vector("values", values, len(self.weights))
        real = int(np.sum(self.weights == 1))
        return values[:real].real.copy(), values[real:].copy()

    def matrix(self, values: Complex) -> Matrix:
        """Real (d, d) matrix with ``values`` in place of the eigenvalues."""
        singles, pairs = self.split(values)
        return with_blocks(self.basis, singles, pairs)


def have_blocks(targets: ArrayInput) -> NDArray[np.bool_]:
    """Which matrices of a stack (..., d, d) have a form whose reduction is exact, to the last bit.

    These are the symmetric matrices, and the block-diagonal ones with blocks ``[a]`` and ``[[a, -b], [b, a]]``, which
    are their own real Schur forms. No other matrix of floating-point numbers can be relied on to be exactly normal: the
    rounding of ``Q T Q^T`` destroys normality, and only the distance to a normal matrix can be bounded.
    """
    targets = _host_matrices(targets)
    turned = np.swapaxes(targets, -1, -2)
    symmetric = np.all(targets == turned, axis=(-2, -1))
    if np.all(symmetric):
        return np.asarray(symmetric)
    below = np.diagonal(targets, -1, -2, -1)
    diagonal = np.diagonal(targets, 0, -2, -1)
    size = targets.shape[-1]
    banded = ~np.any(targets[..., ~np.tri(size, k=1, dtype=bool) | np.tri(size, k=-2, dtype=bool)], axis=-1)
    skew = np.all(below == -np.diagonal(targets, 1, -2, -1), axis=-1)
    level = np.all((below == 0) | (diagonal[..., 1:] == diagonal[..., :-1]), axis=-1)
    apart = ~np.any((below[..., 1:] != 0) & (below[..., :-1] != 0), axis=-1)
    return np.asarray(symmetric | (banded & skew & level & apart))


def commute(targets: ArrayInput) -> NDArray[np.bool_]:
    """Which matrices of a stack (..., d, d) commute with their transposes up to rounding.

    A matrix that does not is not normal up to rounding. A matrix that does may still not be: the commutator can be
    quadratic in the distance to the normal matrices, which `Spectrum.departure` measures.
    """
    targets = _host_matrices(targets)
    scaled = np.ldexp(targets, -np.frexp(np.max(np.abs(targets), axis=(-2, -1), keepdims=True))[1])
    turned = np.swapaxes(scaled, -1, -2)
    deviation = np.linalg.norm(scaled @ turned - turned @ scaled, axis=(-2, -1))
    size = np.linalg.norm(scaled, axis=(-2, -1))
    return np.asarray(deviation <= 4 * matrix_rounding(targets.shape[-1], DEPARTURE) * size**2)


def spectrum(target: ArrayInput) -> Spectrum:
    """`nearest_normal` of a matrix that is normal up to the rounding of its computation.

    Raises
    ------
    InputError
        If the target is not a finite square matrix, or not normal up to that rounding.
    """
    target = square_matrix("target", target)
    found = nearest_normal(target)
    size = frobenius_norm(target)
    if found.departure > matrix_rounding(len(target), DEPARTURE) * size:
        raise InputError(
            f"target must be normal, got one at distance {found.departure / size:.2g} |Phi|_F from the normal ones: "
            "use engine='auto' for it"
        )
    return found


def nearest_normal(target: ArrayInput) -> Spectrum:
    """Spectrum of a normal matrix near ``target``, shape (d, d).

    A symmetric matrix is decomposed by ``eigh``, and a matrix of exact form is its own Schur form (`have_blocks`); the
    departure is then 0. For any other matrix the real Schur form is computed, the entries outside its diagonal blocks
    are dropped, and each 2 x 2 block is replaced by the nearest ``[[a, -b], [b, a]]``. An eigenvalue is real only where
    its block is 1 x 1; none is rounded to the real axis.
    """
    target = square_matrix("target", target)
    if np.array_equal(target, target.T):
        values, basis = np.linalg.eigh(target)
        return Spectrum(values.astype(np.complex128), np.ones(len(values)), basis, 0.0)
    exact = bool(have_blocks(target))
    if exact:
        triangular, basis = target, np.eye(len(target))
    else:
        from scipy.linalg import schur  # 0.3 s to import: only where a Schur form is needed

        triangular, basis = schur(target)
    blocks = blocks_of(triangular[None], basis[None], np.diagonal(triangular, -1) != 0)
    singles, pairs, basis = (stack[0] for stack in blocks)
    weights = np.repeat([1.0, 2.0], [len(singles), len(pairs)])
    eigenvalues = np.concatenate([singles.astype(np.complex128), pairs])
    found = Spectrum(eigenvalues, weights, basis, 0.0)
    return found if exact else replace(found, departure=frobenius_norm(target - found.matrix(eigenvalues)))


def amplification(eigenvalues: Complex) -> float:
    """How much plain gradient descent may magnify a departure from the normal matrices, infinite at a saddle.

    Under small steps a product's eigenvalue w runs straight from 1 to lambda, and a change of the layers grows by at
    most ``(L - 1) |W|^{1 - 2/L} |E|`` per unit of time, hence by ``exp(l)`` in total, where l is the integral of
    ``|dw| / |w|`` along the segment. A departure couples two eigenvalues, hence the square of the largest ``exp(l)``.
    """
    eigenvalues = complex_vector("eigenvalues", eigenvalues)
    real, imaginary = eigenvalues.real, eigenvalues.imag
    length = np.hypot(real - 1, imaginary)
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
        start = (real - 1) / length  # position on the line, from its point nearest to 0
        end, aside = start + length, np.abs(imaginary) / length  # of the other end, distance of that point from 0
        growth = np.arcsinh(end / aside) - np.arcsinh(start / aside)
        straight = np.abs(np.log(np.maximum(real, 0.0)))
        return float(np.exp(2 * np.max(np.where(aside > 0, growth, straight), initial=0.0)))


def integer_power(z: Complex, exponent: int) -> Complex:
    """``z ** exponent`` by repeated squaring: exactly real where z is, which ``numpy.power`` does not promise."""
    return _power(complex_vector("z", z), integer("exponent", exponent, minimum=0, maximum=LARGEST_DEPTH))


def _power(z: Complex, exponent: int) -> Complex:
    result = np.ones_like(z)
    while exponent:
        if exponent & 1:
            result = result * z
        exponent >>= 1
        z = z * z if exponent else z  # the last square would be unused, and may overflow
    return result


def loss_and_gradients(z: Complex, spectrum: Spectrum, depth: int) -> tuple[float, Complex]:
    """Excess loss of layers with eigenvalues z, and ``conj(z)^{L-1} (z^L - lambda)`` per eigenvalue."""
    z = complex_vector("z", z, len(instance("spectrum", spectrum, Spectrum).weights))
    below = _power(z, integer("depth", depth, maximum=LARGEST_DEPTH) - 1)
    error = below * z - spectrum.eigenvalues
    loss = float((spectrum.weights * (error.real**2 + error.imag**2)).sum()) / 2
    return loss, np.conj(below) * error


def _host_matrices(targets: ArrayInput) -> Matrix:
    """Finite float64 NumPy matrices (..., d, d)."""
    return np.asarray(square_matrices("targets", targets), dtype=np.float64)
