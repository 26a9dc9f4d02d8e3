"""The compiled loops, compiled in advance: each once, where several processes are about to need them."""

import numpy as np

import dlr

__all__: list[str] = []

LOOPS = ((3, "compiled"), (2, "spectral"), (2, "compiled"))
"""Dimension and engine of a run for each, the longest to compile first: over layers, eigenvalues, folded layers."""


def compile_loops(first: int = 0, apart: int = 1) -> None:
    """Compile, or load, all loops; or a share of them, those at ``first``, ``first + apart`` and so on."""
    for dimension, engine in LOOPS[first::apart]:
        dlr.solve(np.eye(dimension), 2, engine=engine)
