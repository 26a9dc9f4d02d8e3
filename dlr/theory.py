r"""Step sizes, iteration bounds and loss floors of the theorems, as functions.

Bartlett, Helmbold and Long (ICML 2018, arXiv 1802.06093; BHL) state polynomials with unspecified constants.
The explicit constants here are derived in this project; each proof stands in the claim of the same name in
``catalog.claims``. Losses are excess losses, ``D = |Phi - I|_F``, L is the depth.

These are formulas: where a theorem's hypotheses fail they still give a number, with no theorem behind it.
`dlr.promise` says which theorem covers a run.
"""

import math

import numpy as np

from dlr.arguments import InputError, integer, number, square_matrix
from dlr.matrices import distance_to_identity, margin
from dlr.types import Matrix

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
    return 1 / (depth * math.pow(b, 2 - 2 / depth))


def positive_definite_iteration_bound(target: Matrix, depth: int, tol: float, step_size: float | None = None) -> int:
    """Steps to excess loss ``tol`` for a symmetric positive definite target.

    ``ln(sqrt(d) max(b ln b, ln(1/c)) / sqrt(2 tol)) / (eta L c^{2 - 2/L})``; parameters as in
    `near_identity_iteration_bound`, ``step_size`` at most `positive_definite_step_size`.
    """
    c, b = positive_definite_range(target)
    step_size = positive_definite_step_size(target, depth) if step_size is None else step_size
    start = math.sqrt(len(target)) * max(b * math.log(b), -math.log(c))
    return steps_to(tol, start=start, rate=step_size * depth * math.pow(c, 2 - 2 / depth))


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
    eigenvalues = np.linalg.eigvalsh((target + target.T) / 2)
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
    first = 1 / (depth * math.pow(reach, 2 - 2 / depth))
    if distance == 0:
        return first
    return min(first, math.pow(margin, 2 - 2 / depth) / (3 * depth * math.pow(reach, 3 - 4 / depth) * distance))


def margin_iteration_bound(
    target: Matrix, depth: int, tol: float, margin: float, step_size: float | None = None
) -> int:
    """Steps of power projection to excess loss ``tol``: ``ln(D / sqrt(2 tol)) / ((4/5) eta L gamma^{2 - 2/L})``."""
    step_size = margin_step_size(target, depth, margin) if step_size is None else step_size
    rate = 0.8 * step_size * depth * margin ** (2 - 2 / depth)
    return steps_to(tol, start=distance_to_identity(target), rate=rate)


def checked_margin(target: Matrix, value: float) -> float:
    """``value`` as a margin that the power-projection theorem allows for ``target``."""
    value = number("margin", value, above=0, maximum=1)
    own = margin(target)
    if value > own * (1 + ROUNDING):
        raise InputError(f"margin must be at most the target's own {own:.6g}, got {value:g}: lower it")
    return value


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
    error = epsilon * (max(math.pow(c, exponent), math.pow(b, exponent)) / (2 * step_size) + 2 * depth * b)
    return len(target) * error**2 / 2


def steps_to(tol: float, *, start: float, rate: float) -> int:
    """Least t with ``start (1 - rate)^t <= sqrt(2 tol)`` guaranteed: ``ceil(ln(start / sqrt(2 tol)) / rate)``."""
    tol = number("tol", tol, above=0)
    goal = math.sqrt(2 * tol)
    return 0 if start <= goal else math.ceil(math.log(start / goal) / rate)
