"""Iterates of a run one by one, for claims about every step."""

import math
from collections.abc import Iterator
from contextlib import suppress

import numpy as np

from dlr import Problem, _passes, spectral
from dlr._arrays import finite_array, square_matrix
from dlr._steps import next_eigenvalues, next_layers
from dlr.algorithms import ReducibleAlgorithm
from dlr.arguments import InputError, brief, fits, instance, integer
from dlr.rounding import ROUNDING
from dlr.spectral import Spectrum
from dlr.types import Complex, LikeTarget, Matrix

__all__ = ["eigenvalue_iterates", "flow_of_the_product", "layer_iterates", "mirrored_iterates"]


def layer_iterates(problem: Problem, steps: int) -> Iterator[tuple[float, LikeTarget]]:
    """Excess loss and layers, shape (L, d, d), of the start and each of ``steps`` iterates."""
    instance("problem", problem, Problem)
    integer("steps", steps, minimum=0)
    layers = problem.start
    with np.errstate(all="ignore"):  # divergence is for the claim to judge, and a start whose loss overflows
        loss, gradients = _passes.loss_and_gradients(layers, problem.target)
    yield float(loss), layers
    for _ in range(steps):
        with np.errstate(all="ignore"):
            layers = next_layers(problem.algorithm, layers, gradients, problem.step_size)
            loss, gradients = _passes.loss_and_gradients(layers, problem.target)
        yield float(loss), layers


def eigenvalue_iterates(problem: Problem, spectrum: Spectrum, steps: int) -> Iterator[tuple[float, Complex]]:
    """Excess loss and layer eigenvalues, shape (k,), of the start and each of ``steps`` iterates."""
    integer("steps", steps, minimum=0)
    instance("spectrum", spectrum, Spectrum)
    algorithm = instance("problem", problem, Problem).algorithm
    if not isinstance(algorithm, ReducibleAlgorithm):
        raise InputError(f"algorithm {algorithm.name} must have reduced_step here, got none: add it")
    z = np.ones_like(spectrum.eigenvalues)
    loss, gradients = spectral.loss_and_gradients(z, spectrum, problem.depth)
    yield loss, z
    for _ in range(steps):
        with np.errstate(all="ignore"):  # divergence is for the claim to judge
            z = next_eigenvalues(algorithm, z, gradients, problem.step_size, problem.depth)
            loss, gradients = spectral.loss_and_gradients(z, spectrum, problem.depth)
        yield loss, z


def mirrored_iterates(problem: Problem, steps: int) -> Iterator[tuple[float, LikeTarget]]:
    """`layer_iterates` with the symmetry that a target ``diag(+-1) A``, A symmetric, has in exact arithmetic.

    There ``Theta_i = Q Theta_{L+1-i}^T Q`` with ``Q = diag(+-1)``, the signs of the target's diagonal, for all iterates
    if it holds for the start. So each layer is set to the mean of itself and its mirror image, wherever a step took
    them apart by no more than rounding: relative to the layers before it and after it, and to the identity, the
    distance from which a projection rounds.
    """
    instance("problem", problem, Problem)
    integer("steps", steps, minimum=0)
    signs = np.where(np.diag(problem.target) < 0, -1.0, 1.0)
    layers, before = problem.start, 1.0
    for _ in range(steps + 1):
        with np.errstate(all="ignore"):  # divergence is for the claim to judge
            image = signs[:, None] * layers[::-1].mT * signs
            size = float(np.abs(layers).max())
            if np.abs(layers - image).max() <= ROUNDING * problem.depth * max(before, size):
                layers = (layers + image) / 2
            loss, gradients = _passes.loss_and_gradients(layers, problem.target)
            following = next_layers(problem.algorithm, layers, gradients, problem.step_size)
        yield float(loss), layers
        before, layers = max(1.0, size), following


def flow_of_the_product(target: Matrix, depth: int, times: Matrix) -> tuple[Matrix, float]:
    """The product along gradient flow from the identity, and the error of the integration.

    From balanced layers it obeys ``W' = -sum_j (W W^T)^{(L-j)/L} (W - Phi) (W^T W)^{(j-1)/L}``.

    Parameters
    ----------
    target : ndarray, shape (d, d)
    depth : int
    times : ndarray, shape (n,)
        Ascending, the first one 0.

    Returns
    -------
    products : ndarray, shape (n, d, d)
        NaN where the integration fails.
    error : float
        Largest difference, in Frobenius norm, from a coarser integration (relative tolerance 1e-8, not 1e-10), and
        1e-10 of the product in any case.
    """
    from scipy.integrate import solve_ivp  # 0.2 s to import: only where a flow is integrated
    from scipy.linalg.lapack import dgesvd

    target, depth, times = square_matrix("target", target), integer("depth", depth), finite_array("times", times)
    fits("depth", depth, 8 * depth * len(target), "lower it")
    if times.ndim != 1 or len(times) == 0 or times[0] != 0 or not np.all(times[1:] > times[:-1]):
        raise InputError(f"times must be ascending numbers from 0 on, got {brief(times)}: pass shape (n,)")
    d = len(target)
    if len(times) == 1:
        return np.eye(d)[None], 1e-10 * math.sqrt(d)
    powers = 2 * np.arange(depth) / depth

    def velocity(_: float, flat: Matrix) -> Matrix:
        if not np.isfinite(flat).all():
            raise np.linalg.LinAlgError
        left, values, right, failed = dgesvd(flat.reshape(d, d))  # a third of the time of NumPy's svd, at small d
        if failed:
            raise np.linalg.LinAlgError
        scaled = values[:, None] ** powers
        error = left.T @ (flat.reshape(d, d) - target) @ right.T
        return np.asarray(-(left @ ((scaled[:, ::-1] @ scaled.T) * error) @ right).ravel())

    found = []
    for tolerance in (1e-10, 1e-8):
        products = np.full((len(times), d, d), np.nan)
        with suppress(np.linalg.LinAlgError), np.errstate(all="ignore"):
            run = solve_ivp(
                velocity,
                (times[0], times[-1]),
                np.eye(d).ravel(),
                method="DOP853",
                t_eval=times,
                rtol=tolerance,
                atol=1e-3 * tolerance,
            )
            products = run.y.T.reshape(-1, d, d) if run.success else products
        found.append(products)
    sizes = np.linalg.norm(found[0], axis=(-2, -1))
    return found[0], float(np.max(np.linalg.norm(found[0] - found[1], axis=(-2, -1)) + 1e-10 * sizes))
