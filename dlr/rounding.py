"""Bounds on the rounding error of a chain of matrix operations and of a contracting run; powers that may overflow.

Allowances are derived from machine epsilon, dimension, depth and step size; none is tuned.
"""

import math

from dlr._arrays import LARGEST_DEPTH, square_matrix
from dlr.arguments import integer, number
from dlr.matrices import frobenius_norm
from dlr.types import ArrayInput

__all__ = ["EPSILON", "ROUNDING", "contraction_rounding", "floor_rounding", "matrix_rounding", "power"]

EPSILON = 2.0**-52
"""Machine epsilon of float64."""

ROUNDING = 1e-12
"""Relative size up to which a computed number counts as rounding (about 5000 ulp in float64)."""


def matrix_rounding(dimension: int, operations: int, epsilon: float = EPSILON) -> float:
    """Rounding allowance for a chain of matrix operations: ``operations d^2 epsilon``.

    The rounding error of a product of two d x d matrices is at most ``d u |A| |B|`` entry by entry, with ``u = epsilon
    / 2`` and the absolute values of the entries; so in Frobenius norm it is at most ``d u |A|_F |B|_F <= d^2 u |A|_2
    |B|_2``. An orthogonal factorization (SVD, Schur, symmetric eigenvalues) is backward stable; its allowance is twice
    as large, ``d^2 epsilon |A|_2``. This function allows the larger amount for every operation.

    Parameters
    ----------
    dimension : int
        d.
    operations : int
        How many products and factorizations follow each other.
    epsilon : float
        Machine epsilon.

    Returns
    -------
    float
        Relative to the product of the spectral norms.
    """
    d = number("dimension", integer("dimension", dimension))
    chain = number("operations", integer("operations", operations, minimum=0))
    return chain * (d * d) * number("epsilon", epsilon, minimum=0)


def contraction_rounding(dimension: int, depth: int, reach: float, step_size: float, rate: float) -> float:
    """Bound on what rounding adds to ``|E|_F`` in a run that shrinks it by the factor ``1 - rate`` in each step.

    Let all layer norms be at most ``y = reach^{1/L}``. A gradient is made of at most 2 L matrix products; however they
    are associated, its rounding error is `matrix_rounding` of them times ``y^{2 L - 1}``. Storing a layer adds
    ``epsilon sqrt(d) y``. An error in a layer moves the product by up to ``L y^{L - 1}`` times as much. In a
    contraction the errors of all steps add up to at most ``1 / rate`` times the error of one step. Evaluating the loss
    adds the error of the product once.

    Parameters
    ----------
    dimension, depth : int
    reach : float
        Bound on the product of the layers' norms.
    step_size : float
    rate : float
        In (0, 1].
    """
    depth = integer("depth", depth, maximum=LARGEST_DEPTH)
    reach, step_size = number("reach", reach, finite=False), number("step_size", step_size, finite=False)
    rate = number("rate", rate, finite=False)
    gradient = step_size * matrix_rounding(dimension, 2 * depth) * power(reach, 2 - 2 / depth)
    step = depth * reach * (EPSILON * math.sqrt(dimension) + gradient)
    return step / rate + matrix_rounding(dimension, depth) * reach if rate > 0 else math.inf


def power(base: float, exponent: float) -> float:
    """``base ** exponent``; NaN where that is not real, infinite where it overflows, so that its inverse is 0."""
    base, exponent = number("base", base, finite=False), number("exponent", exponent, finite=False)
    try:
        return math.pow(base, exponent)
    except OverflowError:
        return math.inf
    except ValueError:
        return math.inf if base == 0 else math.nan


def floor_rounding(target: ArrayInput, floor: float) -> float:
    """What rounding may take from a proved lower bound on the excess loss of a run on the exact reduction.

    The loss sums d terms; each eigenvalue carries the solver's backward error ``d epsilon |Phi|``, twice.
    """
    target, floor = square_matrix("target", target), number("floor", floor, minimum=0, finite=False)
    dimension = len(target)
    spread = frobenius_norm(target) * math.sqrt(2 * floor * dimension)
    return dimension * EPSILON * (floor + 2 * spread)
