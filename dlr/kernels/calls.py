"""Calls of the compiled loops: what they work in is allocated here, once per call, and what they write is returned."""

from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dlr.kernels import folded
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
    return Ends(np.zeros(count, np.int64), np.zeros(count, np.int64), np.zeros(count), np.zeros(count))


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
    """Run `iterate_layers`, which describes the parameters, or where that is faster `iterate_folded`."""
    if rule == PULL and layers.shape[-1] == folded.DIMENSION:
        return _run_folded(targets, layers, parameters, step_sizes, max_steps, tol, stop, history)
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


def _run_folded(
    targets: Matrix,
    layers: Matrix,
    strengths: Matrix,
    step_sizes: Matrix,
    max_steps: NDArray[np.int64],
    tol: float,
    stop: Flag,
    history: Matrix,
) -> Ends:
    """Fold the layers, run `iterate_folded`, and unfold them."""
    (count, depth), ends = layers.shape[:2], _ends(len(targets))
    places, mask = _folded_places(depth)
    entries = np.ones((count, 4 * depth + 2))
    entries[:, :-2], entries[:, -2] = layers.reshape(count, -1), 0.0
    lanes = np.empty((count + folded.SPARE, *places.shape))
    np.take(entries, places, axis=1, out=lanes[:count])
    folded.iterate_folded(targets, lanes, mask, strengths, step_sizes, max_steps, tol, *ends, history, stop)
    entries[:, places] = lanes[:count]
    layers[...] = entries[:, :-2].reshape(layers.shape)
    return ends


@cache
def _folded_places(depth: int) -> tuple[NDArray[np.int64], Matrix]:
    """Where the folded layers' entries are among those of the layers' transposes, a 0 and a 1; where there is a layer.

    Of shapes (m, 4, 4) and (m, 4).
    """
    m = -(-depth // folded.LANES)
    quarters = np.arange(folded.LANES * m).reshape(folded.LANES, m)
    numbers = np.stack([quarters[0], quarters[3, ::-1], quarters[1, ::-1], quarters[2]], axis=1)
    turned, straight = np.array([0, 1, 2, 3]), np.array([0, 2, 1, 3])  # the layers are transposed already
    entries = np.stack([straight, turned, turned, straight], axis=1)
    missing = 4 * depth + np.array([1, 0, 0, 1])
    present = numbers < depth
    places = np.where(present[:, None], 4 * numbers[:, None] + entries, missing[:, None])
    return places, present.astype(np.float64)


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
