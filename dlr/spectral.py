r"""The exact reduction for normal targets: one scalar recursion per eigenvalue.

If Phi is normal, gradient descent from the identity keeps all layers equal and in the algebra of Phi and
Phi^T. The real Schur form ``Phi = Q T Q^T`` has 1x1 blocks (real eigenvalues) and 2x2 blocks
``[[a, -b], [b, a]]`` (pairs ``a +- ib``), so each layer is Q times blocks of the same kind times Q^T and training is

    ``z+ = z - eta conj(z)^{L-1} (z^L - lambda)``,  ``z_0 = 1``

per eigenvalue: O(d) a step. A real eigenvalue keeps an exactly real z, because every product of reals
carried as complex numbers has imaginary part exactly zero. That is what makes statements about exact
arithmetic (a saddle is never left) testable: the dense iteration loses the symmetry to rounding.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dlr.arguments import InputError, square_matrix
from dlr.matrices import asymmetry, non_normality, symmetric_part
from dlr.theory import ROUNDING
from dlr.types import Matrix

Complex = NDArray[np.complex128]


@dataclass(frozen=True)
class Spectrum:
    """Eigenvalues of a normal matrix, one of each conjugate pair, and the real basis of its blocks.

    Attributes
    ----------
    eigenvalues : ndarray of complex128, shape (k,)
        Real ones first; of a pair, one member.
    weights : ndarray, shape (k,)
        1 for a real eigenvalue, 2 for a pair; they add up to d.
    basis : ndarray, shape (d, d)
        Orthogonal: first the columns of the real eigenvalues, then two for each pair.
    """

    eigenvalues: Complex
    weights: Matrix
    basis: Matrix

    def split(self, values: Complex) -> tuple[Matrix, Complex]:
        """``values`` of the real eigenvalues, as floats, and of the pairs."""
        real = int(np.sum(self.weights == 1))
        return values[:real].real.copy(), values[real:].copy()

    def matrix(self, values: Complex) -> Matrix:
        """Real (d, d) matrix with ``values`` in place of the eigenvalues."""
        singles, pairs = self.split(values)
        real = len(singles)
        blocks = np.zeros_like(self.basis)
        blocks[np.arange(real), np.arange(real)] = singles
        first = np.arange(real, len(blocks), 2)
        blocks[first, first] = blocks[first + 1, first + 1] = pairs.real
        blocks[first + 1, first] = pairs.imag
        blocks[first, first + 1] = -pairs.imag
        return np.asarray(self.basis @ blocks @ self.basis.T)


def is_normal(target: Matrix) -> bool:
    """Whether ``target`` is normal up to rounding, so that the reduction applies."""
    return bool(are_normal(target))


def are_normal(targets: Matrix) -> NDArray[np.bool_]:
    """`is_normal` of each of a stack (..., d, d), whatever its scale."""
    scale = np.max(np.abs(targets), axis=(-2, -1), keepdims=True)
    scaled = targets / np.where(scale > 0, scale, 1.0)
    turned = np.swapaxes(scaled, -1, -2)
    deviation = np.linalg.norm(scaled @ turned - turned @ scaled, axis=(-2, -1))
    return np.asarray(deviation <= ROUNDING * np.linalg.norm(scaled, axis=(-2, -1)) ** 2)


def spectrum(target: Matrix) -> Spectrum:
    """Spectrum of a normal target, by `eigh` if it is symmetric and by the real Schur form if not.

    A Schur block whose eigenvalues are real up to rounding counts as two real ones: rounding would otherwise turn
    a negative eigenvalue, which gradient descent can't reach, into a pair, which it can.

    Raises
    ------
    InputError
        If the target is not a finite square matrix or not normal.
    """
    target = square_matrix("target", target)
    if not is_normal(target):
        raise InputError(
            f"target must be normal, got non-normality {non_normality(target):.2g}: use engine='auto' for it"
        )
    if asymmetry(target) <= ROUNDING:
        values, basis = np.linalg.eigh(symmetric_part(target))
        return Spectrum(values.astype(np.complex128), np.ones(len(values)), basis)
    from scipy.linalg import schur  # 0.3 s to import: only where a Schur form is needed

    triangular, basis = schur(target, output="real")
    singles: list[int] = []
    pairs: list[int] = []
    i, d = 0, len(target)
    smallest = ROUNDING * float(np.linalg.norm(target))
    while i < d:
        pair = i + 1 < d and abs(triangular[i + 1, i] - triangular[i, i + 1]) / 2 > smallest
        (pairs if pair else singles).append(i)
        i += 2 if pair else 1
    first = np.array(pairs, dtype=int)
    a = (triangular[first, first] + triangular[first + 1, first + 1]) / 2
    b = (triangular[first + 1, first] - triangular[first, first + 1]) / 2
    eigenvalues = np.concatenate([triangular[singles, singles].astype(np.complex128), a + 1j * b])
    weights = np.repeat([1.0, 2.0], [len(singles), len(pairs)])
    order = singles + [axis for i in pairs for axis in (i, i + 1)]
    return Spectrum(eigenvalues, weights, basis[:, order])


def integer_power(z: Complex, exponent: int) -> Complex:
    """``z ** exponent`` by repeated squaring: exactly real where z is, which `numpy.power` does not promise."""
    result = np.ones_like(z)
    while exponent:
        if exponent & 1:
            result = result * z
        exponent >>= 1
        z = z * z if exponent else z  # the last square would be unused, and may overflow
    return result


def loss_and_gradients(z: Complex, spectrum: Spectrum, depth: int) -> tuple[float, Complex]:
    """Excess loss of layers with eigenvalues z, and ``conj(z)^{L-1} (z^L - lambda)`` per eigenvalue."""
    below = integer_power(z, depth - 1)
    error = below * z - spectrum.eigenvalues
    loss = float(np.sum(spectrum.weights * (error.real**2 + error.imag**2))) / 2
    return loss, np.conj(below) * error
