"""Runs enclosed by integers, and by balls: steps, blocks and eigenvalues hold what is computed exactly."""

import itertools
from collections.abc import Iterator
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog import exact_runs, integer_runs
from catalog.intervals import Interval

flint = pytest.importorskip("flint")

WIDE = st.tuples(*[st.integers(-64, 96)] * 4, st.integers(1, 24), st.integers(1, 5), st.integers(1, 32))
"""Middle of a rectangle, eigenvalue, radius, depth and step size; numbers in units of 1/64."""


def points_around(x: float, y: float, radius: float) -> Iterator[complex]:
    """Corners and edges of a square, and points within."""
    for i in range(5):
        for j in range(5):
            yield complex(x + (i / 2 - 1) * radius, y + (j / 2 - 1) * radius)


@given(WIDE)
def test_a_step_on_a_wide_rectangle_holds_the_steps_from_all_its_points(numbers: tuple[int, ...]) -> None:
    """A derivative that is too small would not show in a run, whose rectangles are narrow."""
    x, y, a, b, radius, eta = (n / 64 for n in (*numbers[:5], numbers[6]))
    depth, bits = numbers[5], 60
    ball = exact_runs._moved(
        flint.acb(flint.arb(x, radius), flint.arb(y, radius)), flint.acb(a, b), depth, flint.arb(eta)
    )
    sides = [Interval(int((c - radius) * 2**bits), int((c + radius) * 2**bits), bits) for c in (x, y)]
    of = [Interval.of(Fraction(c), bits) for c in (a, b, eta, 1)]
    pair = integer_runs._moved((sides[0], sides[1]), (of[0], of[1]), depth, of[2], of[3])
    for z in points_around(x, y, radius):
        moved = z - eta * z.conjugate() ** (depth - 1) * (z**depth - complex(a, b))
        for part, enclosed, interval in zip((moved.real, moved.imag), (ball.real, ball.imag), pair, strict=True):
            low, high = (float(end) for end in interval.ends)
            slack = 1e-9 * (1 + abs(part))
            assert low - slack <= part <= high + slack
            assert float(enclosed.lower()) - slack <= part <= float(enclosed.upper()) + slack


@given(st.lists(st.integers(-3, 3), min_size=6, max_size=6))
def test_bisection_finds_every_eigenvalue_with_its_multiplicity(entries: list[int]) -> None:
    a, b, c, d, e, f = entries
    target = [[a, b, c], [b, d, e], [c, e, f]]
    found = integer_runs._bisected([[Fraction(x) for x in row] for row in target], 40)
    values = sorted(float(sum(pair[0].ends)) / 2 for pair, multiplicity in found for _ in range(multiplicity))
    np.testing.assert_allclose(values, np.linalg.eigvalsh(np.array(target, dtype=float)), atol=1e-9)


def exact_step(z: tuple[Fraction, Fraction], value: tuple[Fraction, Fraction], L: int, eta: Fraction) -> list[Fraction]:
    """``z - eta conj(z)^{L-1} (z^L - lambda)`` in rational arithmetic."""

    def times(p: tuple[Fraction, Fraction], q: tuple[Fraction, Fraction]) -> tuple[Fraction, Fraction]:
        return p[0] * q[0] - p[1] * q[1], p[0] * q[1] + p[1] * q[0]

    power = below = (Fraction(1), Fraction(0))
    for _ in range(L):
        below, power = power, times(power, z)
    pull = times((below[0], -below[1]), (power[0] - value[0], power[1] - value[1]))
    return [z[0] - eta * pull[0], z[1] - eta * pull[1]]


COARSE = [
    (x, y, width, height, L)
    for x, y, L in [(-5, 3, 1), (3, -2, 1), (8, 0, 2), (-3, -6, 2), (12, 12, 2), (6, 5, 3), (11, -12, 3), (9, -1, 4)]
    for width in range(4)
    for height in range(4)
]
"""Rectangles of a few units of 1/8, whose ends an error in the last bit would miss, and a depth."""


@pytest.mark.parametrize("eta", [Fraction(1, 4), Fraction(3, 8)])
@pytest.mark.parametrize("value", [(Fraction(1), Fraction(0)), (Fraction(-1, 2), Fraction(3, 4))])
def test_a_step_in_coarse_integers_holds_the_exact_steps(value: tuple[Fraction, Fraction], eta: Fraction) -> None:
    bits = 3
    of = [Interval.of(c, bits) for c in (*value, eta, 1)]
    for x, y, width, height, L in COARSE:
        sides = Interval(x, x + width, bits), Interval(y, y + height, bits)
        found = integer_runs._moved(sides, (of[0], of[1]), L, of[2], of[3])
        for i in range(3):
            for j in range(3):
                z = Fraction(2 * x + i * width, 2 << bits), Fraction(2 * y + j * height, 2 << bits)
                for part, interval in zip(exact_step(z, value, L, eta), found, strict=True):
                    assert interval.ends[0] <= part <= interval.ends[1], (x, y, width, height, L)


SIDES = [(Fraction(a), Fraction(b)) for a, b in ((2, 0), (0, 0), (1, 1), (-1, -1))]
ROWS = [list(blocks) for count in (1, 2, 3) for blocks in itertools.product(SIDES, repeat=count)]
"""Lists of blocks ``[a]`` and ``[[a, -b], [b, a]]``."""


def built(blocks: list[tuple[Fraction, Fraction]]) -> list[list[Fraction]]:
    """The matrix with these blocks."""
    d = sum(2 if b else 1 for _, b in blocks)
    matrix, i = [[Fraction(0)] * d for _ in range(d)], 0
    for a, b in blocks:
        matrix[i][i] = a
        if b:
            matrix[i][i + 1], matrix[i + 1][i], matrix[i + 1][i + 1] = -b, b, a
        i += 2 if b else 1
    return matrix


def found_blocks(matrix: list[list[Fraction]]) -> list[tuple[Fraction, Fraction]] | None:
    """What both methods say, which must be the same; None where there is more than blocks."""
    balls = exact_runs.blocks_of(tuple(map(tuple, matrix)))
    assert integer_runs.blocks_within(matrix) == (balls or [])
    return balls


def test_blocks_are_found_wherever_they_are() -> None:
    for blocks in ROWS:
        assert found_blocks(built(blocks)) == blocks


def test_a_matrix_of_blocks_with_another_entry_is_none() -> None:
    for blocks in ROWS:
        matrix = built(blocks)
        d = len(matrix)
        alone = {i for i in range(d) if not any(matrix[i][j] for j in range(d) if j != i)}
        for i in range(d):
            for j in range(d):
                entry = matrix[i][j]
                for other in {entry + 5, Fraction(0)} - {entry} if i != j or i not in alone else ():
                    matrix[i][j] = other
                    assert found_blocks(matrix) is None, (blocks, i, j)
                matrix[i][j] = entry


def test_bisection_ends_one_unit_around_each_eigenvalue() -> None:
    c, s = Fraction(3, 5), Fraction(4, 5)
    for first, second in ((Fraction(1, 3), Fraction(2)), (Fraction(-7, 5), Fraction(5, 8)), (Fraction(1), Fraction(1))):
        mixed = (first - second) * c * s
        target = [[c * c * first + s * s * second, mixed], [mixed, s * s * first + c * c * second]]
        found = integer_runs._bisected(target, 20)
        assert sum(multiplicity for _, multiplicity in found) == 2
        for (real, imaginary), _ in found:
            assert (real.bits, real.high - real.low) == (20, 1)
            assert imaginary == Interval(0, 0, 20)
        for value in (first, second):
            assert any(real.ends[0] <= value <= real.ends[1] for (real, _), _ in found)


WIDTHS = {
    "symmetric": ([["2", "1/2"], ["1/2", "1"]], 3, 4),
    "rotation": ([["5/8", "-7/8"], ["7/8", "5/8"]], 3, 6),
    "shear": ([["1", "2"], ["0", "1"]], 2, 10),
}
"""Target, depth, and bits of the largest width of a loss in 30 steps, in units of the last one: measured."""


@pytest.mark.parametrize("name", WIDTHS)
def test_intervals_are_as_narrow_as_their_precision(name: str) -> None:
    rows, depth, most = WIDTHS[name]
    target = [[Fraction(x) for x in row] for row in rows]
    found = integer_runs.losses_within(target, depth, Fraction(1, 16), 100)
    widths = [(loss.high - loss.low).bit_length() for loss, _ in zip(found, range(31), strict=False)]
    assert max(widths) <= most
