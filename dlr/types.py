"""The array types in the public signatures."""

from typing import Any, Protocol, Self, TypeAlias, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["AnyArray", "Array", "ArrayInput", "Complex", "Flag", "LikeTarget", "Matrix"]

Matrix: TypeAlias = NDArray[np.float64]
"""A NumPy float64 array; the docstring gives the shape."""

Complex: TypeAlias = NDArray[np.complex128]
"""A NumPy complex128 array; the docstring gives the shape."""

Flag: TypeAlias = NDArray[np.bool_]
"""A NumPy array of one bool, which one thread sets and others read."""


class Array(Protocol):
    """A floating array of any array-API namespace (NumPy, array-api-strict, torch, jax)."""

    @property
    def dtype(self) -> Any:
        """Type of the entries."""

    @property
    def shape(self) -> tuple[int, ...]:
        """Lengths of the axes."""

    @property
    def ndim(self) -> int:
        """Number of axes."""

    @property
    def mT(self) -> Self:  # noqa: N802 (the standard's name)
        """Transposes of the matrices in the last two axes."""

    def __getitem__(self, key: Any, /) -> Self: ...
    def __add__(self, other: Any, /) -> Self: ...
    def __sub__(self, other: Any, /) -> Self: ...
    def __mul__(self, other: Any, /) -> Self: ...
    def __rmul__(self, other: Any, /) -> Self: ...
    def __truediv__(self, other: Any, /) -> Self: ...
    def __matmul__(self, other: Any, /) -> Self: ...
    def __float__(self) -> float: ...
    def __array__(self) -> NDArray[Any]: ...


AnyArray = TypeVar("AnyArray", bound=Array)
"""The arrays in and out of a function are of one namespace."""

ArrayInput: TypeAlias = Array | ArrayLike
"""What is made an array first: an array or nested lists."""

LikeTarget: TypeAlias = Any
"""An array in the namespace of a run's target, which only the caller knows: NumPy's where the target was a list."""
