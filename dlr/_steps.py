"""Steps of algorithms that may be anyone's: what they are given stays as it is, and what they return is checked."""

from collections.abc import Callable
from typing import Any

import numpy as np
from array_api_compat import array_namespace, is_array_api_obj, is_numpy_array, is_writeable_array

from dlr import network
from dlr.algorithms import PAPER_KINDS, Algorithm, ReducibleAlgorithm
from dlr.arguments import InputError, brief
from dlr.spectral import integer_power
from dlr.types import Array, Complex


def next_layers(algorithm: Algorithm, layers: Array, gradients: Array, step_size: float) -> Array:
    """Next layers of any algorithm, of the layers' shape and dtype; NaN where the step overflows.

    Raises
    ------
    InputError
        If the algorithm fails, changes what it is given, or returns something else.
    """
    if type(algorithm) in PAPER_KINDS:
        return algorithm.step(layers, gradients, step_size)

    def overflows() -> bool:
        return not _finite(network.product(layers - step_size * gradients))

    taken: Array = _taken(algorithm, "step", layers, gradients, lambda x, g: algorithm.step(x, g, step_size), overflows)
    return taken


def next_eigenvalues(
    algorithm: ReducibleAlgorithm, z: Complex, gradients: Complex, step_size: float, depth: int
) -> Complex:
    """Next layer eigenvalues of any algorithm; as `next_layers`."""
    if type(algorithm) in PAPER_KINDS:
        return algorithm.reduced_step(z, gradients, step_size, depth)

    def overflows() -> bool:
        return not _finite(integer_power(z - step_size * gradients, depth))

    taken: Complex = _taken(
        algorithm, "reduced_step", z, gradients, lambda x, g: algorithm.reduced_step(x, g, step_size, depth), overflows
    )
    return taken


def check_divergence(algorithm: Algorithm, following: Any, plain: Any) -> None:
    """Refuse NaN from an algorithm where the plain gradient step, of which this is the product, is finite."""
    xp = array_namespace(following)
    if type(algorithm) not in PAPER_KINDS and bool(xp.any(xp.isnan(following))) and _finite(plain):
        raise InputError(f"algorithm {algorithm.name} must return numbers, got NaN from finite layers: see its step")


def _taken(
    algorithm: Algorithm,
    method: str,
    state: Any,
    gradients: Any,
    step: Callable[[Any, Any], Any],
    overflows: Callable[[], bool],
) -> Any:
    """What the step returns, as an array of its own."""
    xp = array_namespace(state)
    try:
        result = step(_lent(state), _lent(gradients))
    except Exception as error:
        if overflows():  # an algorithm may refuse what is not finite
            return xp.full_like(state, xp.nan)
        raise InputError(
            f"algorithm {algorithm.name} raised {brief(error, 100)}: {method} must return new arrays, and not change "
            "those it is given"
        ) from error
    wanted = f"algorithm {algorithm.name} must return {state.dtype} of shape {tuple(state.shape)}"
    if not is_array_api_obj(result) or isinstance(result, np.ma.MaskedArray) or array_namespace(result) is not xp:
        raise InputError(f"{wanted}, got {brief(result)}: see its {method}")
    if result.shape != state.shape or result.dtype != state.dtype:
        raise InputError(f"{wanted}, got {result.dtype} of shape {tuple(result.shape)}: see its {method}")
    return np.array(result) if is_numpy_array(result) else result  # it may return a buffer that it will use again


def _lent(array: Any) -> Any:
    """The array for reading only: where that can't be had, a copy."""
    if is_numpy_array(array):
        view = array.view()
        view.flags.writeable = False
        return view
    return array_namespace(array).asarray(array, copy=True) if is_writeable_array(array) else array


def _finite(array: Any) -> bool:
    xp = array_namespace(array)
    return bool(xp.all(xp.isfinite(array)))
