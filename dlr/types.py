"""The two array types in the public signatures."""

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Matrix: TypeAlias = NDArray[np.float64]
"""A NumPy float64 array; the docstring gives the shape."""

Array: TypeAlias = Any
"""An array of any array-API namespace (NumPy, array-api-strict, torch, jax)."""
