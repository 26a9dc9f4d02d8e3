"""Calls of the compiled loops: what they work in is allocated here, once per call, and what they write is returned."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dlr.kernels.eigenvalue_loop import iterate_eigenvalues
from dlr.kernels.layer_loop import iterate_layers
from dlr.kernels.projections import SCRATCH
from dlr.kernels.settings import PULL
from dlr.types import Complex, Flag, Matrix

NO_HISTORY = np.empty(0)


class Ends(NamedTuple):
    """How n runs ended: status, steps, last finite loss and lowest loss, each of shape (n,)."""

    statuses: NDArray[np.int64]
    steps: NDArray[np.int64]
    losses: Matrix
    lowest: Matrix


def _ends(count: int) -> Ends:
    return Ends(np.zeros(count, np.int64), np.empty(count, np.int64), np.empty(count), np.empty(count))


def run_layers(
    targets: Matrix,
    layers: Matrix,
    dimension: int,
    rule: int,
    parameters: Matrix,
    step_sizes: Matrix,
    max_steps: NDArray[np.int64],
    tol: float,
    stop: Flag,
    history: Matrix = NO_HISTORY,
) -> Ends:
    """Run `iterate_layers`, which describes the parameters."""
    ends, (depth, p) = _ends(len(targets)), layers.shape[1:3]
    others, buffers = np.empty((depth, p, p)), np.empty((depth + 2, p, p))
    scratch = np.empty((0 if rule == PULL else SCRATCH, dimension, dimension))
    iterate_layers(
        targets,
        layers,
        dimension,
        rule,
        parameters,
        step_sizes,
        max_steps,
        tol,
        *ends,
        history,
        others,
        buffers,
        scratch,
        stop,
    )
    return ends


def run_eigenvalues(
    real: Matrix,
    pairs: Complex,
    x: Matrix,
    z: Complex,
    depth: int,
    rule: int,
    parameters: Matrix,
    step_sizes: Matrix,
    max_steps: NDArray[np.int64],
    tol: float,
    stop: Flag,
    history: Matrix = NO_HISTORY,
) -> Ends:
    """Run `iterate_eigenvalues`, which describes the parameters."""
    ends = _ends(len(real))
    work_x, work_z = np.empty((3, x.shape[1])), np.empty((3, z.shape[1]), dtype=np.complex128)
    iterate_eigenvalues(
        real,
        pairs,
        x,
        z,
        depth,
        rule,
        parameters,
        step_sizes,
        max_steps,
        tol,
        *ends,
        history,
        work_x,
        work_z,
        stop,
    )
    return ends
