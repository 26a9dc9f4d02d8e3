"""Checks of array arguments, as `dlr.arguments` checks numbers.

Arrays of another array-API namespace stay what they are; everything else becomes a NumPy array. Refused are masked and
sparse arrays, whose meaning a conversion would change, and what does not fit in memory.
"""

import math
import warnings
from typing import Any, cast

import numpy as np
from array_api_compat import array_namespace, is_array_api_obj

from dlr.arguments import InputError, brief, fits, integer
from dlr.types import Array, ArrayInput, Complex, Matrix

LARGEST_DEPTH = int(np.iinfo(np.int64).max)
"""Largest depth of a formula, which unlike a run holds no layers."""

STACKS, LAYER = 12, 1000
"""What a run takes at most: memory of 12 stacks of its layers and of the target, and 1000 bytes for each layer. At most
11 stacks were measured, of step-and-project on the reference engine, and 600 bytes."""

DEEPEST = 32
"""Largest number of lists in each other."""

LARGE = 10_000
"""Length of an axis from which an array is asked whether it fits in memory; shorter ones are there already."""


def namespace(array: Array) -> Any:
    """The namespace of an array; for NumPy's own arrays NumPy, which from 2.0 on has all that is called here.

    So the wrappers of `array_api_compat` take no time at small d.
    """
    return np if type(array) is np.ndarray else array_namespace(array)


def square_matrices(name: str, value: ArrayInput) -> Array:
    """``value`` as a real floating array of shape ``(..., d, d)``, finite, d >= 1, in its own namespace.

    Lists and NumPy arrays become float64 NumPy arrays; arrays of another array-API namespace are returned unchanged.

    Raises
    ------
    InputError
        If ``value`` is ragged, not numeric, complex, masked, sparse, empty or not square, has fewer than two
        dimensions, does not fit in memory, or holds NaN, infinity or an integer too large for float64.
    """
    if type(value) is not np.ndarray or value.dtype != np.float64:
        value = _real(name, value)
    array = cast(Array, value)
    _check_square(name, array, 2, "(d, d)")
    _check_finite(name, array)
    return array


def square_matrix(name: str, value: ArrayInput) -> Matrix:
    """``value`` as one finite float64 matrix of shape (d, d): `square_matrices` without batch axes."""
    array = square_matrices(name, value)
    if array.ndim != 2:
        raise InputError(f"{name} must be one matrix, got {array.ndim} dimensions: pass shape (d, d)")
    return np.asarray(array, dtype=np.float64)


def real_array(name: str, value: ArrayInput) -> Matrix:
    """``value`` as a float64 NumPy array of any shape."""
    array = _real(name, value)
    if not isinstance(array, np.ndarray):
        raise InputError(f"{name} must be a NumPy array or nested lists, got {type(array).__name__}: convert it")
    return array


def finite_array(name: str, value: ArrayInput) -> Matrix:
    """``value`` as a finite float64 NumPy array of any shape."""
    array = real_array(name, value)
    _check_finite(name, array)
    return array


def matrix_stack(name: str, value: ArrayInput) -> Any:
    """``value`` as a floating array (..., d, d) of single or double precision, in its own namespace.

    NaN and infinities are let through, and complex arrays, which derivatives by a complex step need. Lists, integers
    and other precisions become float64.
    """
    array = _floating(name, value)
    _check_square(name, array, 2, "(..., d, d)")
    return array


def layer_stack(name: str, value: ArrayInput) -> Any:
    """`matrix_stack` of the layers of a network, shape (..., L, d, d)."""
    array = _floating(name, value)
    _check_square(name, array, 3, "(..., L, d, d)")
    return array


def like(name: str, value: ArrayInput, layers: Array) -> Any:
    """`matrix_stack` of targets for ``layers``: the same namespace and d, and batch axes that fit."""
    array = matrix_stack(name, value)
    if array.shape[-1] != layers.shape[-1]:
        raise InputError(
            f"{name} must have the layers' dimension {layers.shape[-1]}, got shape {tuple(array.shape)}: "
            f"pass shape (..., {layers.shape[-1]}, {layers.shape[-1]})"
        )
    if type(array) is not type(layers) and array_namespace(array) is not array_namespace(layers):
        raise InputError(f"{name} must be of the layers' array namespace, got {type(array)}: convert one of them")
    try:
        np.broadcast_shapes(array.shape[:-2], layers.shape[:-3])
    except ValueError:
        raise InputError(
            f"{name} must have the layers' batch shape {tuple(layers.shape[:-3])}, got {tuple(array.shape[:-2])}: "
            "pass one target for each network, or one for all"
        ) from None
    return array


def complex_vector(name: str, value: ArrayInput, length: int | None = None) -> Complex:
    """``value`` as a complex128 NumPy array of any shape, or of shape ``(length,)``."""
    if type(value) is not np.ndarray or value.dtype != np.complex128:
        value = _floating(name, value)
        if not isinstance(value, np.ndarray):
            raise InputError(f"{name} must be a NumPy array, got {type(value).__name__}: convert it")
        value = np.asarray(value, dtype=np.complex128)
    if length is not None and value.shape != (length,):
        raise InputError(f"{name} must have shape ({length},), got {value.shape}: pass one for each eigenvalue")
    return value


def target_matrix(name: str, value: ArrayInput) -> Array:
    """``value`` as a finite float64 matrix of shape (d, d), in its own namespace."""
    array = double_precision(name, square_matrices(name, value))
    if array.ndim != 2:
        raise InputError(f"{name} must be one matrix, got {array.ndim} dimensions: pass shape (d, d)")
    return array


def start_for(name: str, value: ArrayInput, target: Array, depth: int) -> Array:
    """``value`` as the layers of a start, shape (L, d, d), finite float64 in the namespace of ``target``."""
    layers = double_precision(name, square_matrices(name, value))
    if layers.shape != (depth, *target.shape):
        raise InputError(
            f"{name} must have shape {(depth, *target.shape)}, got {tuple(layers.shape)}: pass L layers (d, d)"
        )
    if type(layers) is not type(target) and array_namespace(layers) is not array_namespace(target):
        raise InputError(f"{name} must be of the target's array namespace: convert one of them")
    return layers


def double_precision(name: str, array: Array) -> Array:
    """``array`` if it is of float64."""
    if array.dtype != namespace(array).float64:
        raise InputError(
            f"{name} must be float64, got {array.dtype}: convert it (torch: .double(), jax: set jax_enable_x64)"
        )
    return array


def depth_for(depth: int, target: Array) -> int:
    """``depth`` as the number of layers of a run to ``target``, or to each of a stack, which must fit in memory."""
    depth = integer("depth", depth)
    entries = math.prod(target.shape)
    size = 8 * STACKS * (depth + 1) * entries + LAYER * depth
    fits("depth", depth, size, f"lower it or the dimension {target.shape[-1]}")
    return depth


def _check_square(name: str, array: Array, axes: int, wanted: str) -> None:
    if array.ndim < axes:
        what = "a square matrix" if axes == 2 else "a stack of layers"
        raise InputError(f"{name} must be {what}, got {array.ndim} dimension(s): pass shape {wanted}")
    shape = tuple(array.shape)
    if 0 in shape:
        raise InputError(f"{name} must not be empty, got shape {shape}: pass shape {wanted} with d >= 1")
    _check_size(name, array)
    if shape[-2] != shape[-1]:
        raise InputError(f"{name} must be square, got shape {shape}: pass shape {wanted}")


def _check_size(name: str, array: Array) -> None:
    if max(array.shape, default=0) >= LARGE:  # a broadcast array takes no memory until it is used
        fits(name, tuple(array.shape), 8 * math.prod(array.shape), "pass a smaller one")


def _check_finite(name: str, array: Array) -> None:
    if type(array) is np.ndarray:
        finite = np.isfinite(array).all()
    else:
        xp = array_namespace(array)
        finite = xp.all(xp.isfinite(array))
    if not bool(finite):
        raise InputError(f"{name} must be finite, got NaN or infinity in {brief(array)}: remove or replace them")


def _real(name: str, value: ArrayInput) -> Array:
    """A real floating array of a namespace, or a float64 NumPy array."""
    array: Array = _floating(name, value)
    if not isinstance(array, np.ndarray):
        if not array_namespace(array).isdtype(array.dtype, "real floating"):
            raise InputError(f"{name} must hold real floating numbers, got dtype {array.dtype}: convert it first")
        return array
    if array.dtype.kind == "c":
        raise InputError(f"{name} must be real, got complex {brief(value)}: pass its real part if that is meant")
    return np.asarray(array, dtype=np.float64)


def _floating(name: str, value: ArrayInput) -> Any:
    """A real or complex floating array in its own namespace; a NumPy array of single or double precision."""
    if type(value) is np.ndarray and value.dtype.char in "dDfF":
        _check_size(name, value)
        return value
    if is_array_api_obj(value) and not isinstance(value, np.ndarray | np.generic):
        if not array_namespace(value).isdtype(value.dtype, ("real floating", "complex floating")):
            raise InputError(f"{name} must hold real floating numbers, got dtype {value.dtype}: convert it first")
        return value
    array = _numpy(name, value)
    _check_size(name, array)
    if array.dtype.char in "dDfF":
        return array
    if array.dtype.kind in "fc":  # half, or more than double: LAPACK has no routines for these
        with np.errstate(over="ignore"):
            return array.astype(np.complex128 if array.dtype.kind == "c" else np.float64)
    wrong = array.dtype.kind not in "iuO"
    if wrong or (array.dtype.kind == "O" and any(isinstance(item, bool | complex | None) for item in array.flat)):
        raise InputError(f"{name} must be numeric, got {brief(value)}: pass real numbers")
    try:
        return np.asarray(array, dtype=np.float64)
    except OverflowError:
        raise InputError(f"{name} must fit in float64, got {brief(value)}: scale it down") from None
    except Exception:  # objects may raise anything when converted
        raise InputError(f"{name} must be numeric, got {brief(value)}: pass real numbers") from None


def _numpy(name: str, value: ArrayInput) -> np.ndarray[Any, Any]:
    """A NumPy array of any type; of subclasses only those that keep all three axes of a stack of layers."""
    if _is_masked(name, value):
        raise InputError(f"{name} must not be masked, got {brief(value)}: fill it in with .filled()")
    if isinstance(value, np.ndarray):
        return np.asarray(value) if isinstance(value, np.matrix) else value
    if hasattr(value, "toarray"):
        raise InputError(f"{name} must be dense, got {brief(value)}: pass .toarray()")
    fits(name, value, 8 * _length(value), "pass a smaller one")
    try:
        with warnings.catch_warnings(action="ignore"):
            return np.asarray(value)
    except ValueError:
        raise InputError(f"{name} must be a rectangular array, got {brief(value)}: make every row as long") from None
    except Exception as error:  # objects may raise anything when converted
        raise InputError(f"{name} must be an array, got {brief(value)} ({brief(error)}): pass numbers") from None


def _length(value: Any) -> int:
    """Number of entries as far as it is known before a conversion."""
    try:
        return math.prod(value.shape) if hasattr(value, "shape") else len(value)
    except Exception:  # objects may raise anything here too
        return 1


def _is_masked(name: str, value: object, level: int = 0) -> bool:
    """Whether a masked array is given, alone or in lists, where a conversion would drop its mask."""
    if not isinstance(value, list | tuple):
        return isinstance(value, np.ndarray) and hasattr(value, "mask")
    if level > DEEPEST:
        raise InputError(f"{name} must be an array, got lists nested more than {DEEPEST} deep: pass shape (d, d)")
    return any(_is_masked(name, item, level + 1) for item in value if type(item) is not float)
