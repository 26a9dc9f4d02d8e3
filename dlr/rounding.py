"""Where floating point lies: what rounding may add to a loss, a chain of matrix operations or a contracting run.

Allowances are derived from machine epsilon, dimension, depth and step size; none is tuned.
"""

import math

from dlr.theory import positive_definite_range, power
from dlr.types import Matrix


def rounding_floor(target: Matrix, depth: int, step_size: float, epsilon: float = 2.0**-52) -> float:
    """Excess loss below which rounding may stop a positive definite run.

    Per eigenvalue, ``theta`` stops moving once its update ``eta theta^{L-1} |theta^L - lambda|`` is below
    half an ulp of ``theta``, that is at an error of ``epsilon theta^{2-L} / (2 eta)``; and evaluating
    ``theta^L`` errs by at most ``2 L epsilon theta^L``, with theta between ``c^{1/L}`` and ``b^{1/L}``. The
    floor is the loss with both errors in every eigenvalue; rounding in the target's own eigenvalues moves
    the target, not the floor.
    """
    c, b = positive_definite_range(target)
    exponent = 2 / depth - 1
    error = epsilon * (max(power(c, exponent), power(b, exponent)) / (2 * step_size) + 2 * depth * b)
    return len(target) * error**2 / 2


def matrix_rounding(dimension: int, operations: int, epsilon: float = 2.0**-52) -> float:
    """Rounding allowance for a chain of matrix operations: ``operations d^2 epsilon``.

    A product of two d x d matrices errs by at most ``d u |A| |B|`` entry by entry, with ``u = epsilon / 2``
    and absolute values of the entries on the right, hence by ``d u |A|_F |B|_F <= d^2 u |A|_2 |B|_2`` in
    Frobenius norm. An orthogonal factorization (SVD, Schur, symmetric eigenvalues) is backward stable and is
    granted twice that, ``d^2 epsilon |A|_2``; here every operation is.

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
    return operations * dimension**2 * epsilon


def contraction_rounding(dimension: int, depth: int, reach: float, step_size: float, rate: float) -> float:
    """Bound on what rounding adds to ``|E|_F`` in a run that shrinks it by the factor ``1 - rate`` a step.

    With all layer norms at most ``y = reach^{1/L}``: a gradient is a chain of at most 2 L matrix products
    and errs by `matrix_rounding` of them times ``y^{2 L - 1}``; storing a layer errs by ``epsilon sqrt(d) y``.
    Either moves the product ``L y^{L - 1}`` times as far, and a contraction adds a step's errors up to
    ``1 / rate`` of them. Reading the loss adds the error of the product once.

    Parameters
    ----------
    dimension, depth : int
    reach : float
        Bound on the product of the layers' norms.
    step_size : float
    rate : float
        In (0, 1].
    """
    gradient = step_size * matrix_rounding(dimension, 2 * depth) * power(reach, 2 - 2 / depth)
    step = depth * reach * (2.0**-52 * math.sqrt(dimension) + gradient)
    return step / rate + matrix_rounding(dimension, depth) * reach if rate > 0 else math.inf
