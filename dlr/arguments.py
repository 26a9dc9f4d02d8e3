"""Checks of arguments; each error is one line with the argument's name, its value and the fix."""

import difflib
import math
import numbers
from collections.abc import Iterable

import numpy as np
from array_api_compat import array_namespace, is_array_api_obj

from dlr.types import Array, ArrayInput, Matrix


class InputError(ValueError):
    """Bad input; the message is one line that names the argument, its value and the fix."""


def brief(value: object, width: int = 60) -> str:
    """``repr(value)`` on one line, shortened to ``width`` characters."""
    text = " ".join(repr(value).split())
    return text if len(text) <= width else text[: width - 3] + "..."


def integer(name: str, value: object, *, minimum: int = 1) -> int:
    """``value`` as an int of at least ``minimum``.

    Raises
    ------
    InputError
        If ``value`` is not an integer (bools and floats are refused) or is below ``minimum``.
    """
    if isinstance(value, bool) or not isinstance(value, numbers.Integral):
        raise InputError(f"{name} must be an integer, got {brief(value)}: pass an int >= {minimum}")
    if value < minimum:
        raise InputError(f"{name} must be at least {minimum}, got {value}: pass an int >= {minimum}")
    return int(value)


def number(
    name: str, value: object, *, minimum: float = -math.inf, maximum: float = math.inf, above: float = -math.inf
) -> float:
    """``value`` as a finite float with ``minimum <= value <= maximum`` and ``value > above``.

    Raises
    ------
    InputError
        If ``value`` is not a real number, is NaN or infinite, or lies outside the range.
    """
    wanted = f"a number > {above:g}" if above > -math.inf else "a number"
    wanted += f" >= {minimum:g}" if minimum > -math.inf else ""
    wanted += f" <= {maximum:g}" if maximum < math.inf else ""
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        raise InputError(f"{name} must be {wanted}, got {brief(value)}: pass a real number")
    try:
        result = float(value)
    except OverflowError as error:
        raise InputError(f"{name} must fit in float64, got {brief(value)}: pass {wanted}") from error
    if not math.isfinite(result):
        raise InputError(f"{name} must be finite, got {result}: pass {wanted}")
    if not (minimum <= result <= maximum and result > above):
        raise InputError(f"{name} must be {wanted}, got {result:g}: pass a value in that range")
    return result


def square_matrices(name: str, value: ArrayInput) -> Array:
    """``value`` as a real floating array of shape ``(..., d, d)``, finite, d >= 1, in its own namespace.

    Lists and NumPy arrays become float64 NumPy arrays; arrays of another array-API namespace are returned unchanged.

    Raises
    ------
    InputError
        If ``value`` is ragged, not numeric, complex, empty or not square, has fewer than two dimensions, or holds
        NaN, infinity or an integer too large for float64.
    """
    if is_array_api_obj(value) and not isinstance(value, np.ndarray | np.generic):
        array: Array = value
        if not array_namespace(array).isdtype(array.dtype, "real floating"):
            raise InputError(f"{name} must hold real floating numbers, got dtype {array.dtype}: convert it first")
    else:
        array = _float64(name, value)
    if array.ndim < 2:
        raise InputError(f"{name} must be a square matrix, got {array.ndim} dimension(s): pass shape (d, d)")
    rows, columns = array.shape[-2:]
    if rows == 0 or columns == 0 or 0 in array.shape:
        raise InputError(f"{name} must not be empty, got shape {tuple(array.shape)}: pass shape (d, d) with d >= 1")
    if rows != columns:
        raise InputError(f"{name} must be square, got shape {tuple(array.shape)}: pass shape (d, d)")
    if not bool(array_namespace(array).all(array_namespace(array).isfinite(array))):
        raise InputError(f"{name} must be finite, got NaN or infinity in {brief(array)}: remove or replace them")
    return array


def square_matrix(name: str, value: ArrayInput) -> Matrix:
    """``value`` as one finite float64 matrix of shape (d, d): `square_matrices` without batch axes."""
    array = square_matrices(name, value)
    if array.ndim != 2:
        raise InputError(f"{name} must be one matrix, got {array.ndim} dimensions: pass shape (d, d)")
    return np.asarray(array, dtype=np.float64)


def one_of(name: str, value: str, options: Iterable[str]) -> str:
    """``value`` if it is among ``options``; otherwise an `InputError` with the nearest names."""
    known = sorted(options)
    if value in known:
        return value
    near = difflib.get_close_matches(str(value), known, n=3, cutoff=0.4)
    hint = f"did you mean {' or '.join(near)}?" if near else f"choose from {', '.join(known)}"
    raise InputError(f"{name} {brief(value)} is unknown: {hint}")


def _float64(name: str, value: ArrayInput) -> Matrix:
    try:
        array = np.asarray(value)
    except ValueError as error:
        raise InputError(f"{name} must be a rectangular array, got {brief(value)}: make every row as long") from error
    if array.dtype.kind == "c":
        raise InputError(f"{name} must be real, got complex {brief(value)}: pass its real part if that is meant")
    if array.dtype.kind not in "iufO":
        raise InputError(f"{name} must be numeric, got {brief(value)}: pass real numbers")
    try:
        with np.errstate(over="ignore"):  # a wider float may become infinite, and is refused as such
            return np.asarray(array, dtype=np.float64)
    except OverflowError as error:
        raise InputError(f"{name} must fit in float64, got {brief(value)}: scale it down") from error
    except (TypeError, ValueError) as error:
        raise InputError(f"{name} must be numeric, got {brief(value)}: pass real numbers") from error
