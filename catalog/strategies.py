"""Hypothesis strategies for structured real matrices, float64 of shape (d, d).

Every draw has the promised structure by construction: nothing is filtered or rejected. Ranges also hold
after rounding, unless the strategy says "up to rounding" (a few ``d^2 eps`` times the norm).
Spectra are small rationals, scaled by powers of ten where the range allows it, and hit both ends of the
range often, since theorems are tight there. An orthogonal factor is a list of Givens rotations with
rational ``tan(angle / 2)``; the empty list is the identity, so minimal examples read like diag(1, 1, 3).
In all strategies arguments are keyword-only, ``min_dimension`` and ``max_dimension`` are the range of d, at most
256 (90 in `general` and `near_the_identity`), arrays are fresh and writable, and a bad argument
raises `dlr.arguments.InputError` as soon as the strategy is made.
"""

import math
from functools import cache

import numpy as np
from hypothesis import strategies as st

from catalog._draws import (
    DYADIC,
    LARGEST_DENSE,
    Matrices,
    Spectra,
    checked_lists,
    dense_matrices,
    kept_strategy,
    led_lists,
    lists_of,
    plane_lists,
    rotated,
    signs_of,
    simple_numbers,
    size_range,
    small_entries,
    value_range,
)
from catalog._givens import ALL_TURNS, EPS, Rotations, eigenvalue_rounding, frame, symmetric_with, turns
from dlr.arguments import flag, number
from dlr.types import Matrix

__all__ = [
    "dimensions",
    "general",
    "margin_positive",
    "near_the_identity",
    "negative_eigenvalue",
    "normal",
    "orthogonal",
    "positive_definite",
    "spectra",
    "symmetric",
    "with_singular_values",
    "with_spectrum",
]


@kept_strategy
def dimensions(*, min_dimension: int = 1, max_dimension: int = 8) -> st.SearchStrategy[int]:
    """Dimensions d; shrinks to `min_dimension`."""
    return st.integers(*size_range(min_dimension, max_dimension))


@kept_strategy
def spectra(
    *, min_dimension: int = 1, max_dimension: int = 8, min_eigenvalue: float = -10.0, max_eigenvalue: float = 10.0
) -> Spectra:
    """Lists of d eigenvalues (or singular values); shrinks to all ones where 1 is allowed.

    Parameters
    ----------
    min_eigenvalue, max_eigenvalue : float
        Range of every entry.
    """
    return lists_of(value_range("eigenvalue", min_eigenvalue, max_eigenvalue), size_range(min_dimension, max_dimension))


@kept_strategy
def orthogonal(*, min_dimension: int = 1, max_dimension: int = 8, reflections: bool = True) -> Matrices:
    """Orthogonal matrices, up to rounding; shrinks to the identity.

    Parameters
    ----------
    reflections : bool
        Whether determinant -1 may occur; False draws rotations only.
    """
    sizes, signs = dimensions(min_dimension=min_dimension, max_dimension=max_dimension), signs_of(reflections)
    diagonals = st.builds(lambda size, sign: np.array([sign] + [1.0] * (size - 1)), sizes, signs)
    return rotated(diagonals, lambda values, rotations: frame(len(values), rotations) * values + 0.0)


@kept_strategy
def with_spectrum(*, eigenvalues: Spectra) -> Matrices:
    """Bitwise symmetric matrices of drawn spectra, up to rounding; shrinks to diagonal.

    Parameters
    ----------
    eigenvalues : strategy of non-empty lists of finite numbers
        The spectra, for example `spectra()`.
    """
    return rotated(checked_lists("eigenvalues", eigenvalues), symmetric_with)


@kept_strategy
def with_singular_values(*, singular_values: Spectra, reflections: bool = True) -> Matrices:
    """Matrices ``U diag(s) V^T`` of drawn singular values s, up to rounding; shrinks to diag(s).

    Parameters
    ----------
    singular_values : strategy of non-empty lists of finite numbers >= 0
        The lists s, for example ``spectra(min_eigenvalue=0.1)``.
    reflections : bool
        Whether the determinant may be negative; False makes it the product of s, up to rounding.
    """
    spectrum, signs = checked_lists("singular_values", singular_values, minimum=0.0), signs_of(reflections)

    @st.composite
    def matrices(draw: st.DrawFn) -> Matrix:
        values = draw(spectrum)
        left, right = (frame(len(values), draw(plane_lists(len(values), ALL_TURNS))) for _ in range(2))
        values[0] *= draw(signs)
        return np.asarray((left * values) @ right.T + 0.0)

    return matrices()


@kept_strategy
def symmetric(
    *, min_dimension: int = 1, max_dimension: int = 8, min_eigenvalue: float = -10.0, max_eigenvalue: float = 10.0
) -> Matrices:
    """Bitwise symmetric matrices; shrinks to the identity where 1 is an allowed eigenvalue.

    Parameters
    ----------
    min_eigenvalue, max_eigenvalue : float
        Range of the eigenvalues, up to rounding.
    """
    bounds = value_range("eigenvalue", min_eigenvalue, max_eigenvalue)
    return with_spectrum(eigenvalues=lists_of(bounds, size_range(min_dimension, max_dimension)))


@kept_strategy
def positive_definite(
    *,
    min_dimension: int = 1,
    max_dimension: int = 8,
    min_eigenvalue: float = 1e-3,
    max_eigenvalue: float = 1e3,
    min_condition: float = 1.0,
    max_condition: float = 1e6,
) -> Matrices:
    """Bitwise symmetric positive definite matrices; shrinks to the identity where 1 is allowed.

    Parameters
    ----------
    min_eigenvalue, max_eigenvalue : float
        Range of the eigenvalues, positive, up to rounding.
    min_condition, max_condition : float
        Range of the condition number, from 1 to 1e12; the lower limit up to rounding. A lower limit above 1 implies
        two dimensions or more.
    """
    floor, limit = value_range("condition", min_condition, max_condition, minimum=1.0, maximum=1e12)
    shortest, longest = size_range(max(min_dimension, 2) if floor > 1 else min_dimension, max_dimension)
    low, high = value_range("eigenvalue", min_eigenvalue, max_eigenvalue, above=0.0)
    number("min_condition", floor, maximum=max(high / low, 1.0))

    @cache
    def spectrum(least: float) -> Matrices:
        bounds = (1.0, min(limit, high / least))
        if floor > 1:
            ratios = led_lists((min(floor, bounds[1]), bounds[1]), bounds, (shortest - 1, longest - 1))
        else:
            ratios = lists_of(bounds, (shortest - 1, longest - 1))
        return ratios.map(lambda rest: np.minimum(least * np.array([1.0, *rest]), high))

    def matrix(values: Matrix, rotations: Rotations) -> Matrix:
        error = eigenvalue_rounding(values, rotations)
        return symmetric_with(np.minimum(values, max(values[0], limit * (values[0] - error) - error)), rotations)

    return rotated(simple_numbers(low, max(low, high / floor)).flatmap(spectrum), matrix)


@kept_strategy
def negative_eigenvalue(
    *, min_dimension: int = 1, max_dimension: int = 8, min_magnitude: float = 0.01, max_magnitude: float = 10.0
) -> Matrices:
    """Bitwise symmetric matrices with a negative eigenvalue; shrinks to diag(-1, 1, ..., 1) where allowed.

    Parameters
    ----------
    min_magnitude, max_magnitude : float
        Positive. One eigenvalue or more is ``<= -min_magnitude``; none exceeds `max_magnitude` in
        magnitude, up to rounding.
    """
    low, high = value_range("magnitude", min_magnitude, max_magnitude, above=0.0)
    spectrum = led_lists((low, high), (-high, high), size_range(min_dimension, max_dimension))

    def matrix(values: Matrix, rotations: Rotations) -> Matrix:
        values[0] = min(-values[0], -low - eigenvalue_rounding(values, rotations))
        return symmetric_with(values, rotations)

    return rotated(spectrum.map(np.array), matrix)


@kept_strategy
def margin_positive(
    *,
    min_dimension: int = 1,
    max_dimension: int = 8,
    min_margin: float = 0.1,
    max_margin: float | None = None,
    max_eigenvalue: float = 10.0,
    max_skew: float = 10.0,
) -> Matrices:
    """Gamma-positive matrices, a positive definite plus a skew part; shrinks to the identity where allowed.

    Parameters
    ----------
    min_margin, max_margin : float
        Range of the margin, positive; the upper limit, by default `max_eigenvalue`, up to rounding.
    max_eigenvalue : float
        Largest eigenvalue of the symmetric part, up to rounding.
    max_skew : float
        Largest magnitude of an entry of the skew part; 0 draws symmetric matrices.
    """
    margin = number("min_margin", min_margin, above=0.0)
    high = number("max_eigenvalue", max_eigenvalue, minimum=margin)
    top = high if max_margin is None else number("max_margin", max_margin, minimum=margin, maximum=high)
    peak = number("max_skew", max_skew, minimum=0.0)
    spectrum = led_lists((margin, top), (margin, high), size_range(min_dimension, max_dimension))

    @st.composite
    def matrices(draw: st.DrawFn) -> Matrix:
        values = np.array(draw(spectrum))
        rotations, skew = draw(plane_lists(len(values), ALL_TURNS)), np.zeros((len(values), len(values)))
        for i, j, entry in draw(plane_lists(len(values), small_entries(peak))):
            skew[i, j], skew[j, i] = entry, -entry
        error = eigenvalue_rounding(np.append(values, np.max(skew)), rotations)
        return symmetric_with(np.maximum(values, margin + error), rotations) + skew

    return matrices()


@kept_strategy
def near_the_identity(
    *, min_dimension: int = 1, max_dimension: int = 8, min_distance: float = 0.0, max_distance: float = 1 / 12
) -> Matrices:
    """Matrices Phi with distance ``|Phi - I|_F`` in a range; shrinks to the identity, or as near as allowed.

    Parameters
    ----------
    min_distance, max_distance : float
        Range of the distance, ``>= 0``; the lower limit up to rounding.
    """
    sizes = st.integers(*size_range(min_dimension, max_dimension, LARGEST_DENSE))
    distances = simple_numbers(*value_range("distance", min_distance, max_distance, minimum=0.0))

    def matrix(size: int, distance: float, full: Matrix) -> Matrix:
        direction, identity = full[:size, :size], np.eye(size)
        direction[0, 0] += not direction.any()
        if np.count_nonzero(direction) > 1:  # the norm is rounded, so stay below the limit
            distance *= 1 - 2 * size * size * EPS
        change = direction / np.linalg.norm(direction) * distance
        Phi = identity + change
        return np.where(abs(Phi - identity) > abs(change), np.nextafter(Phi, identity), Phi)

    return st.builds(matrix, sizes, distances, dense_matrices(max_dimension, DYADIC))


@kept_strategy
def normal(
    *,
    min_dimension: int = 1,
    max_dimension: int = 8,
    min_modulus: float = 0.0,
    max_modulus: float = 10.0,
    max_angle: float = math.pi,
) -> Matrices:
    """Normal matrices, up to rounding; shrinks to the identity where 1 is an allowed modulus.

    Parameters
    ----------
    min_modulus, max_modulus : float
        Range of the eigenvalues' moduli, ``>= 0``, up to rounding.
    max_angle : float
        Largest ``|arg|`` of an eigenvalue, from 0 to pi, inclusive, up to rounding. The default pi allows negative
        eigenvalues; a smaller value keeps nonzero eigenvalues off the negative real axis.
    """
    shortest, longest = size_range(min_dimension, max_dimension)
    moduli = simple_numbers(*value_range("modulus", min_modulus, max_modulus, minimum=0.0))
    options = turns(number("max_angle", max_angle, minimum=0.0, maximum=math.pi))
    options = ((1.0, 0.0), *options, *options[-2:] * 2, *[(1.0, 0.0)] * 5)  # real and extreme ones more often
    spectrum = st.lists(st.tuples(moduli, st.sampled_from(options)), min_size=shortest, max_size=longest)

    @st.composite
    def matrices(draw: st.DrawFn) -> Matrix:
        blocks, size = np.zeros((longest, longest)), 0
        for modulus, (cosine, sine) in draw(spectrum):
            if sine and size + 2 <= longest:
                blocks[size : size + 2, size : size + 2] = modulus * np.array([[cosine, -sine], [sine, cosine]])
                size += 2
            elif size < longest:  # no room for a rotation: take its modulus instead
                blocks[size, size] = modulus if sine else modulus * cosine
                size += 1
        Q = frame(size, draw(plane_lists(size, ALL_TURNS)))
        return np.asarray(Q @ blocks[:size, :size] @ Q.T + 0.0)

    return matrices()


@kept_strategy
def general(
    *, min_dimension: int = 1, max_dimension: int = 8, max_entry: float = 5.0, positive_determinant: bool = False
) -> Matrices:
    """Real matrices of small rational entries, singular ones included; shrinks to the zero matrix.

    Parameters
    ----------
    max_entry : float
        Positive; largest magnitude of an entry.
    positive_determinant : bool
        True draws products ``P L U`` free of rounding, so that the determinant is exactly positive;
        they shrink to the identity (halved until it fits `max_entry`).
    """
    sizes = st.integers(*size_range(min_dimension, max_dimension, LARGEST_DENSE))
    peak = number("max_entry", max_entry, above=0.0)
    if not flag("positive_determinant", positive_determinant):
        return st.builds(
            lambda size, full: full[:size, :size].copy(), sizes, dense_matrices(max_dimension, small_entries(peak))
        )

    def matrix(size: int, full: Matrix, order: list[int]) -> Matrix:
        factors, identity = full[:size, :size], np.eye(size)
        diagonal = np.where(np.diag(factors) == 0, 1.0, np.diag(factors))
        P = identity[[k for k in order if k < size]]
        A = P @ (np.tril(factors, -1) + identity) @ (np.triu(factors, 1) + np.diag(diagonal))
        A[0] *= np.prod(np.sign(diagonal)) * np.linalg.det(P)
        while np.max(abs(A)) > peak:
            A /= 2
        return np.asarray(A + 0.0)

    return st.builds(matrix, sizes, dense_matrices(max_dimension, DYADIC), st.permutations(range(max_dimension)))
