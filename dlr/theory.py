r"""Step sizes, iteration bounds and loss floors of the theorems, as functions.

Bartlett, Helmbold and Long (ICML 2018, arXiv 1802.06093; BHL) state polynomials with unspecified constants.
The explicit constants here are derived in this project; each proof stands in the claim of the same name in
``catalog.claims``. Losses are excess losses, ``D = |Phi - I|_F``, L is the depth.

These are formulas: where a theorem's hypotheses fail they still give a number, with no theorem behind it.
`dlr.promise` says which theorem covers a run.
"""

import math
import sys
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from dlr.arguments import InputError, integer, number, square_matrix
from dlr.matrices import distance_to_identity, margin, symmetric_part
from dlr.types import Matrix

Complex: TypeAlias = NDArray[np.complex128]

ROUNDING = 1e-12
"""Relative deviation up to which a computed matrix counts as having a structure (about 5000 ulp in float64)."""

NEAR_IDENTITY_DISTANCE = 1 / 12


def near_identity_step_size(depth: int) -> float:
    """Largest step size of the near-identity theorem: ``1 / (2 L)``."""
    return 1 / (2 * integer("depth", depth))


def near_identity_iteration_bound(target: Matrix, depth: int, tol: float, step_size: float | None = None) -> int:
    """Steps to excess loss ``tol`` when ``|Phi - I|_F <= 1/12``: ``(5 / (2 eta L)) ln(D / sqrt(2 tol))``.

    Parameters
    ----------
    target : array, shape (d, d)
    depth : int
    tol : float
        Excess loss to reach, > 0.
    step_size : float, optional
        At most `near_identity_step_size`, the default.
    """
    step_size = near_identity_step_size(depth) if step_size is None else step_size
    return steps_to(tol, start=distance_to_identity(square_matrix("target", target)), rate=0.4 * step_size * depth)


def positive_definite_range(target: Matrix) -> tuple[float, float]:
    """``(c, b) = (min(1, lambda_min), max(1, lambda_max))`` of a symmetric positive definite target.

    Computed from the singular values, which are the eigenvalues there.

    Raises
    ------
    InputError
        If the target is not a finite square matrix or is singular.
    """
    values = np.linalg.svd(square_matrix("target", target), compute_uv=False)
    if values[-1] == 0:
        raise InputError("target must be nonsingular, got least singular value 0: shift it by a multiple of I")
    return min(1.0, float(values[-1])), max(1.0, float(values[0]))


def positive_definite_step_size(target: Matrix, depth: int) -> float:
    """Largest step size of the positive definite theorem: ``1 / (L b^{2 - 2/L})``."""
    depth = integer("depth", depth)
    _, b = positive_definite_range(target)
    return 1 / (depth * power(b, 2 - 2 / depth))


def positive_definite_iteration_bound(target: Matrix, depth: int, tol: float, step_size: float | None = None) -> int:
    """Steps to excess loss ``tol`` for a symmetric positive definite target.

    ``ln(sqrt(d) max(b ln b, ln(1/c)) / sqrt(2 tol)) / (eta L c^{2 - 2/L})``; parameters as in
    `near_identity_iteration_bound`, ``step_size`` at most `positive_definite_step_size`.
    """
    c, b = positive_definite_range(target)
    step_size = positive_definite_step_size(target, depth) if step_size is None else step_size
    start = math.sqrt(len(target)) * max(b * math.log(b), -math.log(c))
    return steps_to(tol, start=start, rate=step_size * depth * power(c, 2 - 2 / depth))


def negative_eigenvalue_step_size(target: Matrix, depth: int, strength: float = 0.0) -> float:
    """Largest step size for which the negative-eigenvalue theorem covers an odd depth.

    ``min(1 / (1 + |lambda_min|), 1 / kappa)`` with kappa = ``strength``. Even depths need no limit.
    """
    integer("depth", depth)
    return 1 / max(1 - min(0.0, margin(square_matrix("target", target))), strength)


def negative_eigenvalue_floor(target: Matrix) -> float:
    """Excess loss that no symmetric trajectory gets below: half the sum of squared negative eigenvalues.

    Of the symmetric part, in general; half the square of the least eigenvalue where none is negative, so
    that the statement without its hypothesis is still a statement, and a false one.
    """
    target = square_matrix("target", target)
    eigenvalues = np.linalg.eigvalsh(symmetric_part(target))
    return float(np.sum(eigenvalues[eigenvalues <= max(0.0, eigenvalues[0])] ** 2)) / 2


def margin_step_size(target: Matrix, depth: int, margin: float) -> float:
    """Largest step size of the power-projection theorem.

    ``min(1 / (L M^{2 - 2/L}), gamma^{2 - 2/L} / (3 L M^{3 - 4/L} D))`` with ``M = |Phi| + D``.

    Parameters
    ----------
    target : array, shape (d, d)
        gamma-positive.
    depth : int
    margin : float
        gamma, in (0, 1] and at most the target's margin.
    """
    target = square_matrix("target", target)
    depth = integer("depth", depth)
    distance = distance_to_identity(target)
    reach = float(np.linalg.norm(target, 2)) + distance
    first = 1 / (depth * power(reach, 2 - 2 / depth))
    if distance == 0:
        return first
    return min(first, power(margin, 2 - 2 / depth) / (3 * depth * power(reach, 3 - 4 / depth) * distance))


def margin_iteration_bound(
    target: Matrix, depth: int, tol: float, margin: float, step_size: float | None = None
) -> int:
    """Steps of power projection to excess loss ``tol``: ``ln(D / sqrt(2 tol)) / ((4/5) eta L gamma^{2 - 2/L})``."""
    step_size = margin_step_size(target, depth, margin) if step_size is None else step_size
    rate = 0.8 * step_size * depth * power(margin, 2 - 2 / depth)
    return steps_to(tol, start=distance_to_identity(target), rate=rate)


def checked_margin(target: Matrix, value: float) -> float:
    """``value`` as a margin that the power-projection theorem allows for ``target``."""
    value = number("margin", value, above=0, maximum=1)
    own = margin(target)
    if value > own * (1 + ROUNDING):
        raise InputError(f"margin must be at most the target's own {own:.6g}, got {value:g}: lower it")
    return value


def log_spread(matrix: Matrix) -> float:
    """``g = max |ln sigma_j|`` over the singular values of ``matrix``, infinite for a singular one."""
    values = np.linalg.svd(square_matrix("matrix", matrix), compute_uv=False)
    return max(math.log(values[0]), -math.log(values[-1])) if values[-1] > 0 else math.inf


def near_identity_factorization_bound(matrix: Matrix, depth: int) -> float:
    """Largest ``|Theta_i - I|`` in `dlr.matrices.near_identity_factorization`: ``e^{g/L} - 1 + 2 sin(pi / (2 L))``."""
    depth = integer("depth", depth)
    spread = log_spread(matrix) / depth
    return (math.expm1(spread) if spread < 700 else math.inf) + 2 * math.sin(math.pi / (2 * depth))


def near_identity_factorization_linear_bound(matrix: Matrix, depth: int) -> float:
    """The same bound for ``L >= 3 g`` without the exponential: ``(pi + 6 g / 5) / L``."""
    return (math.pi + 1.2 * log_spread(matrix)) / integer("depth", depth)


def steep_gradient_floor(loss: float, depth: int, radius: float) -> float:
    """Least squared gradient norm at excess loss ``loss``: ``2 L (1 - tau)^{2 (L - 1)} l``.

    Parameters
    ----------
    loss : float
        Excess loss l.
    depth : int
    radius : float
        tau < 1, with ``|Theta_i - I| <= tau`` for every layer.
    """
    return 2 * depth * (1 - radius) ** (2 * (depth - 1)) * loss


def path_clearances(eigenvalues: Complex) -> Matrix:
    """Distances from 0 to the segments ``[1, lambda]``, along which gradient flow carries the product's eigenvalues."""
    direction = np.asarray(eigenvalues, dtype=np.complex128) - 1
    length = np.abs(direction) ** 2
    nearest = np.clip(-direction.real / np.where(length > 0, length, 1), 0, 1)
    return np.asarray(np.abs(1 + nearest * direction))


def normal_dichotomy_step_size(target: Matrix, depth: int) -> float:
    """Largest step size of the normal dichotomy, the least over the eigenvalues.

    ``eta L = min(M^{-(2 - 2/L)}, 0.35 / (M^{1 - 2/L} D), 1.4 h / (M^{1 - 2/L} D^2))`` with ``D = |lambda - 1|``,
    ``M = max(1, |lambda|) + h`` and h half the distance from 0 to the segment ``[1, lambda]``; where the
    segment passes through 0, outside the theorem, h is half the distance to its nearer end.

    Parameters
    ----------
    target : array, shape (d, d)
        Normal, no eigenvalue on the closed negative real axis.
    depth : int
    """
    depth = integer("depth", depth)
    eigenvalues, clearance = _straight_paths(target)
    distance = np.abs(eigenvalues - 1)
    reach = np.maximum(1, np.abs(eigenvalues)) + clearance
    with np.errstate(divide="ignore"):
        drift = np.minimum(0.35 / distance, 1.4 * clearance / distance**2) / reach ** (1 - 2 / depth)
    return float(np.min(np.minimum(reach ** (2 / depth - 2), drift))) / depth


def normal_dichotomy_rate(target: Matrix, depth: int, step_size: float) -> float:
    """``(4/5) eta L h^{2 - 2/L}``, by which ``|E|_F`` shrinks a step, with the least h of all eigenvalues."""
    return 0.8 * step_size * depth * power(float(np.min(_straight_paths(target)[1])), 2 - 2 / depth)


def normal_dichotomy_iteration_bound(target: Matrix, depth: int, tol: float, step_size: float | None = None) -> int:
    """Steps to excess loss ``tol`` for a normal target: ``ln(D / sqrt(2 tol)) / ((4/5) eta L h^{2 - 2/L})``.

    Parameters as in `near_identity_iteration_bound`, ``step_size`` at most `normal_dichotomy_step_size`.
    """
    step_size = normal_dichotomy_step_size(target, depth) if step_size is None else step_size
    rate = normal_dichotomy_rate(target, depth, step_size)
    return steps_to(tol, start=distance_to_identity(square_matrix("target", target)), rate=rate)


def negative_axis_eigenvalues(target: Matrix) -> Matrix:
    """Negative real eigenvalues, ascending: those below ``-ROUNDING |Phi|`` whose imaginary part is exactly 0."""
    target = square_matrix("target", target)
    eigenvalues = np.linalg.eigvals(target).astype(np.complex128)
    real = eigenvalues.real[eigenvalues.imag == 0]
    return np.sort(real[real < -ROUNDING * np.linalg.norm(target, 2)])


def negative_axis_step_size(target: Matrix, depth: int, strength: float = 0.0) -> float:
    """`negative_eigenvalue_step_size` for a normal target, whose negative real eigenvalues alone count."""
    integer("depth", depth)
    return 1 / max(1 - float(np.min(negative_axis_eigenvalues(target), initial=0.0)), strength)


def negative_axis_floor(target: Matrix) -> float:
    """Half the sum of the squared negative real eigenvalues; of the least squared modulus where there are none."""
    negative = negative_axis_eigenvalues(target)
    return float(np.sum(negative**2) if len(negative) else np.min(np.abs(np.linalg.eigvals(target))) ** 2) / 2


def deficiency_margin(target: Matrix) -> float:
    """``c = sigma_min(Phi) - |Phi - I|_F``; the theorem of that name needs it positive."""
    target = square_matrix("target", target)
    return float(np.linalg.norm(target, -2)) - distance_to_identity(target)


def deficiency_margin_step_size(target: Matrix, depth: int) -> float:
    """Largest step size of the deficiency margin theorem.

    ``eta L = min(0.76 / M^{2 - 2/L}, 0.26 c^{2 - 2/L} / (M^{3 - 4/L} D), 0.09 c^2 / (M^{2 - 2/L} D^2))`` with
    ``M = |Phi| + D``. Where `deficiency_margin` is negative, outside the theorem, c is its magnitude.
    """
    target, depth = square_matrix("target", target), integer("depth", depth)
    c, distance = abs(deficiency_margin(target)), distance_to_identity(target)
    reach = float(np.linalg.norm(target, 2)) + distance
    curvature = power(reach, 2 - 2 / depth)
    largest = 0.76 / curvature
    if distance > 0:
        largest = min(largest, 0.26 * power(c, 2 - 2 / depth) / (power(reach, 3 - 4 / depth) * distance))
        largest = min(largest, 0.09 * c**2 / (curvature * distance**2))
    return largest / depth


def deficiency_margin_rate(target: Matrix, depth: int, step_size: float) -> float:
    """``(3/5) eta L c^{2 - 2/L}``, by which ``|E|_F`` shrinks a step."""
    return 0.6 * step_size * depth * power(abs(deficiency_margin(target)), 2 - 2 / depth)


def deficiency_margin_iteration_bound(target: Matrix, depth: int, tol: float, step_size: float | None = None) -> int:
    """Steps to excess loss ``tol`` with a deficiency margin: ``ln(D / sqrt(2 tol)) / ((3/5) eta L c^{2 - 2/L})``.

    Parameters as in `near_identity_iteration_bound`, ``step_size`` at most `deficiency_margin_step_size`.
    """
    step_size = deficiency_margin_step_size(target, depth) if step_size is None else step_size
    rate = deficiency_margin_rate(target, depth, step_size)
    return steps_to(tol, start=distance_to_identity(square_matrix("target", target)), rate=rate)


def zero_asymmetric_norms(target: Matrix, depth: int) -> tuple[float, float]:
    """``(v, y)``: bounds on ``|Theta_L|`` and on every layer's norm after the zero-asymmetric start.

    v solves ``v (1 + v^2)^{(L - 1)/2} = 1.06 (|Phi| + |Phi|_F)``; ``y^2 = 1 + v^2 + 1 / (10 (L - 1))``.
    """
    target, depth = square_matrix("target", target), integer("depth", depth)
    reach = 1.06 * float(np.linalg.norm(target, 2) + np.linalg.norm(target))
    low, high = 0.0, reach
    while high - low > 1e-9 * high:
        middle = (low + high) / 2
        low, high = (low, middle) if middle * power(1 + middle**2, (depth - 1) / 2) > reach else (middle, high)
    return high, math.sqrt(1 + high**2 + 0.1 / max(depth - 1, 1))


def zero_asymmetric_step_size(target: Matrix, depth: int) -> float:
    """Largest step size of the zero-asymmetric theorem, for any target.

    ``min(1 / K, 0.2 / (n v y^{3 L - 7} (1.11 y^2 + 0.54 n v^2) |Phi|_F), 0.09 / (n K |Phi|_F^2))`` with
    ``n = L - 1``, ``K = y^{2 L - 2} + n v^2 y^{2 L - 4}`` and v, y from `zero_asymmetric_norms`; 1 for one layer.
    """
    v, y = zero_asymmetric_norms(target, depth)
    n, start = depth - 1, float(np.linalg.norm(target))
    curvature = power(y, 2 * n) + n * v**2 * power(y, 2 * n - 2)
    if n == 0 or start == 0:
        return 1 / curvature
    remainder = n * v * power(y, 3 * depth - 7) * (1.11 * y**2 + 0.54 * n * v**2)
    return min(1 / curvature, 0.2 / (remainder * start), 0.09 / (n * curvature * start**2))


def zero_asymmetric_iteration_bound(target: Matrix, depth: int, tol: float, step_size: float | None = None) -> int:
    """Steps to excess loss ``tol`` from the zero-asymmetric start: ``ln(|Phi|_F / sqrt(2 tol)) / ((7/10) eta)``.

    Parameters as in `near_identity_iteration_bound`, ``step_size`` at most `zero_asymmetric_step_size`.
    """
    step_size = zero_asymmetric_step_size(target, depth) if step_size is None else step_size
    return steps_to(tol, start=float(np.linalg.norm(square_matrix("target", target))), rate=0.7 * step_size)


def _straight_paths(target: Matrix) -> tuple[Complex, Matrix]:
    """Eigenvalues of a normal target, and half the distances from 0 to the segments from 1 to them."""
    eigenvalues = np.linalg.eigvals(square_matrix("target", target)).astype(np.complex128)
    clearances = path_clearances(eigenvalues)
    return eigenvalues, np.where(clearances > ROUNDING, clearances, np.minimum(1, np.abs(eigenvalues))) / 2


def steps_to(tol: float, *, start: float, rate: float) -> int:
    """Least t with ``start (1 - rate)^t <= sqrt(2 tol)`` guaranteed: ``ceil(ln(start / sqrt(2 tol)) / rate)``.

    At most the largest float: a rate that underflows gives a bound that no run reaches, not an error.
    """
    goal = math.sqrt(2 * number("tol", tol, above=0))
    if start <= goal:
        return 0
    return math.ceil(min(math.log(start / goal) / rate, sys.float_info.max) if rate > 0 else sys.float_info.max)


def power(base: float, exponent: float) -> float:
    """``base ** exponent``, infinite where it overflows: the step size of such a target is then 0, not an error."""
    try:
        return math.pow(base, exponent)
    except OverflowError:
        return math.inf
