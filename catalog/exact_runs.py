r"""Encloses the excess losses of gradient descent from the identity in exact arithmetic, by balls (``flint.arb``).

Targets have rational entries: those of a float64 matrix are dyadic. Three methods, of which `method_of` chooses:

``eigenvalues``
    For symmetric targets, and for diagonals of blocks ``[a]`` and ``[[a, -b], [b, a]]``. All layers are equal, with one
    complex number z for each eigenvalue lambda, and a step is ``f(z) = z - eta conj(z)^{L-1} (z^L - lambda)``.
    Evaluated on a ball it would widen in every step, also where f contracts. So it is evaluated in the midpoint m, and

        ``f(z) - f(m) = a (z - m) + b conj(z - m)``,
        ``a = 1 - eta L |z|^{2L-2}``,  ``b = -eta (L - 1) conj(z)^{L-2} (z^L - lambda)``

    holds with a and b, the derivatives in z and conj(z), enclosed over the whole rectangle around m: the mean value
    theorem for the real and for the imaginary part. Eigenvalues of a symmetric target are isolated as the roots of its
    characteristic polynomial, which is computed exactly.
``half layers``
    For even L = 2k and targets with ``Phi^T = Q Phi Q``, ``Q = diag(+-1)``: they keep ``Theta_i = Q Theta_{L+1-i}^T Q``
    (`catalog.claims.reflections`). With ``V = Theta_k ... Theta_1`` the product is ``Q V^T Q V``.
``layers``
    For any target: the steps on all layers, in ball matrices. They widen by a bit or so in every step.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from flint import acb, arb, arb_mat

__all__: list[str] = []

Rational: TypeAlias = "tuple[tuple[Fraction, ...], ...]"
"""A square matrix of rational numbers, row by row."""


@dataclass(frozen=True)
class ExactRun:
    """A run of gradient descent from the identity in exact arithmetic."""

    target: Rational
    depth: int
    step_size: Fraction


def method_of(run: ExactRun) -> str:
    """The method that encloses a run."""
    if is_symmetric(run.target) or blocks_of(run.target) is not None:
        return "eigenvalues"
    return "half layers" if run.depth % 2 == 0 and is_mirrored(run.target) else "layers"


def is_symmetric(target: Rational) -> bool:
    """Whether ``Phi = Phi^T``."""
    return target == tuple(zip(*target, strict=True))


def is_mirrored(target: Rational) -> bool:
    """Whether ``Q Phi`` is symmetric, Q being the signs of Phi's diagonal."""
    return is_symmetric(tuple(tuple(sign * x for x in row) for sign, row in zip(signs_of(target), target, strict=True)))


def signs_of(target: Rational) -> list[int]:
    """The diagonal of Q: -1 where Phi's is negative, else 1."""
    return [-1 if row[i] < 0 else 1 for i, row in enumerate(target)]


def blocks_of(target: Rational) -> list[tuple[Fraction, Fraction]] | None:
    """Real and imaginary part of each ``[a]`` and ``[[a, -b], [b, a]]`` on the diagonal; None if there is more."""
    d, i = len(target), 0
    blocks, rest = [], {(i, j): x for i, row in enumerate(target) for j, x in enumerate(row) if x != 0}
    while i < d:
        a, b = target[i][i], target[i + 1][i] if i + 1 < d else Fraction(0)
        rest.pop((i, i), None)
        if b != 0 and (rest.pop((i + 1, i)), rest.pop((i, i + 1), 0), rest.pop((i + 1, i + 1), 0)) != (b, -b, a):
            return None
        blocks.append((a, b))
        i += 1 if b == 0 else 2
    return None if rest else blocks


def enclosed_losses(run: ExactRun) -> Iterator[arb]:
    """Balls that hold the excess loss of the start and of every iterate, without end.

    The precision is that of ``flint.ctx`` whenever the next one is asked for.
    """
    return {"eigenvalues": _by_eigenvalues, "half layers": _by_half_layers, "layers": _by_layers}[method_of(run)](run)


def _by_eigenvalues(run: ExactRun) -> Iterator[arb]:
    from flint import acb, arb

    L, eta = run.depth, _ball(run.step_size)
    found = list(_eigenvalues(run.target))
    state = [acb(1) for _ in found]
    while True:
        loss = arb(0)
        for (value, weight), z in zip(found, state, strict=True):
            error = _power(z, L) - value
            loss += (error.real * error.real + error.imag * error.imag) * weight
        yield loss / 2
        state = [_moved(z, value, L, eta) for (value, _), z in zip(found, state, strict=True)]


def _moved(z: acb, value: acb, L: int, eta: arb) -> acb:
    """A step on one eigenvalue, by the mean value theorem."""
    from flint import acb

    m = acb(z.real.mid(), z.imag.mid())
    start = m - _power(_conjugate(m), L - 1) * (_power(m, L) - value) * eta
    x, y = z.real - m.real, z.imag - m.imag
    a = 1 - eta * L * _power(z.real * z.real + z.imag * z.imag, L - 1)
    b = -(eta * (L - 1)) * _power(_conjugate(z), max(0, L - 2)) * (_power(z, L) - value)  # 0 for L = 1
    moved: acb = start + acb((a + b.real) * x + b.imag * y, b.imag * x + (a - b.real) * y)
    return moved


def _eigenvalues(target: Rational) -> Iterator[tuple[acb, int]]:
    """Balls around the eigenvalues, of a pair around the one below the real axis or above, and their weights."""
    from flint import acb, fmpq, fmpq_mat

    blocks = blocks_of(target)
    if blocks is not None:
        yield from ((acb(_ball(a), _ball(b)), 1 if b == 0 else 2) for a, b in blocks)
        return
    entries = [fmpq(x.numerator, x.denominator) for row in target for x in row]
    polynomial: Any = fmpq_mat(len(target), len(target), entries).charpoly().numer()
    for value, multiplicity in polynomial.complex_roots():
        yield acb(value.real), multiplicity  # all are real


def _by_layers(run: ExactRun) -> Iterator[arb]:
    eta, target, identity = _ball(run.step_size), _ball_matrix(run.target), _diagonal([1] * len(run.target))
    theta = [identity] * run.depth
    while True:
        below = _partial_products(theta, identity)
        error = theta[-1] * below[-1] - target
        yield _half_square(error)
        theta = _descended(theta, below, error, eta)


def _by_half_layers(run: ExactRun) -> Iterator[arb]:
    eta, target, identity = _ball(run.step_size), _ball_matrix(run.target), _diagonal([1] * len(run.target))
    Q, theta = _diagonal(signs_of(run.target)), [identity] * (run.depth // 2)
    while True:
        below = _partial_products(theta, identity)
        V = theta[-1] * below[-1]
        above = Q * V.transpose() * Q
        error = above * V - target
        yield _half_square(error)
        theta = _descended(theta, below, above.transpose() * error, eta)


def _partial_products(theta: list[arb_mat], identity: arb_mat) -> list[arb_mat]:
    """``Theta_{i-1} ... Theta_1`` for each layer i, the identity for the first."""
    below = [identity]
    for layer in theta[:-1]:
        below.append(layer * below[-1])
    return below


def _descended(theta: list[arb_mat], below: list[arb_mat], backward: arb_mat, eta: Any) -> list[arb_mat]:
    """The layers after a step; ``backward`` is the error, times what is above the last layer transposed."""
    moved = []
    for layer, product in zip(reversed(theta), reversed(below), strict=True):
        moved.append(layer - backward * product.transpose() * eta)
        backward = layer.transpose() * backward
    return moved[::-1]


def _half_square(error: arb_mat) -> arb:
    from flint import arb

    return sum((x * x for x in error.entries()), arb(0)) / 2


def _ball(x: Fraction) -> arb:
    from flint import arb, fmpq

    return arb(fmpq(x.numerator, x.denominator))


def _ball_matrix(matrix: Rational) -> arb_mat:
    from flint import arb_mat

    return arb_mat([[_ball(x) for x in row] for row in matrix])


def _diagonal(entries: list[int]) -> arb_mat:
    from flint import arb_mat

    return arb_mat([[x if i == j else 0 for j in range(len(entries))] for i, x in enumerate(entries)])


def _conjugate(z: acb) -> acb:
    from flint import acb

    return acb(z.real, -z.imag)


def _power(z: Any, exponent: int) -> Any:
    """By repeated squaring; the library's own power takes a logarithm, which a ball around 0 has not."""
    result = type(z)(1)
    while exponent:
        if exponent & 1:
            result = result * z
        exponent >>= 1
        z = z * z if exponent else z
    return result
