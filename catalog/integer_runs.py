r"""Encloses the excess losses of gradient descent from the identity by intervals of integers, to recheck certificates.

Nothing is in common with `catalog.exact_runs`, which has floating balls; intervals are in fixed point. Eigenvalues of a
symmetric target are found by bisection: since all are real, as many are above x as the coefficients of ``det(x + t -
Phi)`` in t change signs (Descartes), which integers decide exactly. A target that is neither symmetric nor of real
Schur blocks is followed on all of its layers. A step on one eigenvalue, ``f(z) = z - eta conj(z)^{L-1} (z^L -
lambda)``, is evaluated in a point m of a rectangle; by the mean value theorem the rest is

    ``f(z) - f(m) = a (z - m) + b conj(z - m)``,
    ``a = 1 - eta L |z|^{2L-2}``,  ``b = -eta (L - 1) conj(z)^{L-2} (z^L - lambda)``

with a and b over the rectangle, so that a step that contracts does not widen it.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise
from math import lcm

from catalog.intervals import Grid, Interval, minus, times, transposed

__all__: list[str] = []

Matrix = list[list[Fraction]]

Pair = tuple[Interval, Interval]
"""Real and imaginary part."""


def losses_within(target: Matrix, depth: int, step_size: Fraction, bits: int) -> Iterator[Interval]:
    """Intervals around the excess losses of the start and of every iterate, without end."""
    eta = Interval.of(step_size, bits)
    if blocks := blocks_within(target):
        found = [((Interval.of(a, bits), Interval.of(b, bits)), 1 if b == 0 else 2) for a, b in blocks]
        return _by_eigenvalues(found, depth, eta)
    if target == turned(target):
        return _by_eigenvalues(_bisected(target, bits), depth, eta)
    return _by_layers(target, depth, eta)


def turned(target: Matrix) -> Matrix:
    """Rows and columns exchanged."""
    return [list(column) for column in zip(*target, strict=True)]


def blocks_within(target: Matrix) -> list[tuple[Fraction, Fraction]]:
    """Real and imaginary parts of the blocks ``[a]`` and ``[[a, -b], [b, a]]``, [] if the target is not of these."""
    blocks, i, rebuilt = [], 0, [[Fraction(0)] * len(target) for _ in target]
    while i < len(target):
        a, b = target[i][i], target[i + 1][i] if i + 1 < len(target) else Fraction(0)
        rebuilt[i][i] = a
        if b:
            rebuilt[i][i + 1], rebuilt[i + 1][i], rebuilt[i + 1][i + 1] = -b, b, a
        blocks.append((a, b))
        i += 2 if b else 1
    return blocks if rebuilt == target else []


def _bisected(target: Matrix, bits: int) -> list[tuple[Pair, int]]:
    """Intervals of one unit around the eigenvalues of a symmetric matrix, with multiplicities."""
    scale = lcm(*(x.denominator for row in target for x in row))
    N = [[int(x * scale) for x in row] for row in target]
    d = len(N)
    coefficients, M = [1], [[0] * d for _ in N]
    for k in range(1, d + 1):  # Faddeev and LeVerrier: of det(s - N), the leading one first
        M = [[M[i][j] + (coefficients[-1] if i == j else 0) for j in range(d)] for i in range(d)]
        M = [[sum(x * y for x, y in zip(row, column, strict=True)) for column in zip(*M, strict=True)] for row in N]
        coefficients.append(-sum(M[i][i] for i in range(d)) // k)
    scaled = [c * scale ** (d - k) << bits * k for k, c in enumerate(coefficients)]  # in n, for s = n scale / 2^bits

    def above(n: int) -> int:
        """How many eigenvalues are above ``n / 2^bits``."""
        shifted = list(scaled)
        for end in range(d, 0, -1):
            for k in range(1, end + 1):
                shifted[k] += n * shifted[k - 1]
        signs = [c > 0 for c in shifted if c]
        return sum(one != other for one, other in pairwise(signs))

    size = int(max(sum(map(abs, row)) for row in target)) + 1 << bits
    found, open_ = [], [(-size, size, above(-size), above(size))]
    while open_:
        low, high, more, fewer = open_.pop()
        if more == fewer:
            continue
        if high - low == 1:
            found.append(((Interval(low, high, bits), Interval(0, 0, bits)), more - fewer))
            continue
        middle = (low + high) // 2
        between = above(middle)
        open_ += [(low, middle, more, between), (middle, high, between, fewer)]
    return found


def _by_eigenvalues(found: list[tuple[Pair, int]], L: int, eta: Interval) -> Iterator[Interval]:
    bits = eta.bits
    one, zero, half = (Interval.of(x, bits) for x in (1, 0, Fraction(1, 2)))
    state: list[Pair] = [(one, zero)] * len(found)
    while True:
        loss = zero
        for (value, weight), z in zip(found, state, strict=True):
            x, y = _minus(_power(z, L, one), value)
            loss = loss + Interval.of(weight, bits) * (x * x + y * y)
        yield half * loss
        state = [_moved(z, value, L, eta, one) for (value, _), z in zip(found, state, strict=True)]


def _moved(z: Pair, value: Pair, L: int, eta: Interval, one: Interval) -> Pair:
    """A step on one eigenvalue."""
    m = (z[0].middle, z[1].middle)
    pull = _times(_power((m[0], -m[1]), L - 1, one), _minus(_power(m, L, one), value))
    x, y = _minus(z, m)
    size = (z[0] * z[0] + z[1] * z[1], one - one)
    a = one - eta * Interval.of(L, one.bits) * _power(size, L - 1, one)[0]
    factor = eta * Interval.of(1 - L, one.bits)  # 0 where b has no power
    p, q = _times(_power((z[0], -z[1]), max(0, L - 2), one), _minus(_power(z, L, one), value))
    b = (factor * p, factor * q)
    return (
        m[0] - eta * pull[0] + (a + b[0]) * x + b[1] * y,
        m[1] - eta * pull[1] + b[1] * x + (a - b[0]) * y,
    )


def _times(p: Pair, q: Pair) -> Pair:
    return p[0] * q[0] - p[1] * q[1], p[0] * q[1] + p[1] * q[0]


def _minus(p: Pair, q: Pair) -> Pair:
    return p[0] - q[0], p[1] - q[1]


def _power(p: Pair, exponent: int, one: Interval) -> Pair:
    result = (one, one - one)
    for digit in f"{exponent:b}":
        result = _times(result, result)
        result = _times(result, p) if digit == "1" else result
    return result


def _by_layers(Phi: Matrix, L: int, eta: Interval) -> Iterator[Interval]:
    d, bits = len(Phi), eta.bits
    target = [[Interval.of(x, bits) for x in row] for row in Phi]
    identity: Grid = [[Interval.of(int(i == j), bits) for j in range(d)] for i in range(d)]
    layers, half = [identity] * L, Interval.of(Fraction(1, 2), bits)
    while True:
        above = [identity]  # Theta_L ... Theta_{i+1} from the last layer down
        for layer in reversed(layers):
            above.append(times(above[-1], layer))
        error = minus(above.pop(), target)
        loss = Interval.of(0, bits)
        for x in (x for row in error for x in row):
            loss = loss + x * x
        yield half * loss
        forward, moved = transposed(error), []  # (Theta_{i-1} ... Theta_1 E^T)^T is what is left of the gradient
        for layer in layers:
            gradient = times(transposed(above.pop()), transposed(forward))
            moved.append(minus(layer, gradient, eta))
            forward = times(layer, forward)
        layers = moved
