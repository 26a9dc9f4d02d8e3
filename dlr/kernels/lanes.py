"""The loop over a batch: `LANES` small targets side by side, one in each lane of a vector register.

Arrays are rows of ``d * d * LANES`` numbers: entry by entry, and of each entry one number a lane.
"""

from typing import Any

import numba
import numpy as np
from llvmlite import ir
from numba.core import cgutils
from numba.extending import intrinsic

from dlr.kernels.products import CONVERGED, DIVERGED, RUNNING, STALLED, compiled
from dlr.types import Array, Matrix

LANES = 8


@compiled
def lanes(
    targets: Matrix,
    step_sizes: Matrix,
    max_steps: Array,
    strength: float,
    tol: float,
    layers: Matrix,
    statuses: Array,
    steps: Array,
    losses: Matrix,
    lowest: Matrix,
) -> None:
    """Gradient descent from the identity for n targets; a lane whose target is finished takes the next one.

    Parameters
    ----------
    targets : ndarray, shape (n, d, d)
    step_sizes : ndarray, shape (n,)
    max_steps : ndarray of int64, shape (n,)
    strength, tol : float
        Penalty and tolerance of all.
    layers : ndarray, shape (n, L, d, d)
        Out: last finite layers, ``Theta_1`` first.
    statuses, steps : ndarray of int64, shape (n,)
        Out.
    losses, lowest : ndarray, shape (n,)
        Out: excess loss at the end, and the least one of all iterates.
    """
    _, depth, d, _ = layers.shape
    size = d * d * LANES
    current, following, below = np.empty((depth, size)), np.empty((depth, size)), np.empty((depth, size))
    target, error, spare, gradient = np.empty(size), np.empty(size), np.empty(size), np.empty(size)
    identity, rates = np.empty(size), np.empty(size)
    for entry in range(d * d):
        for lane in range(LANES):
            identity[entry * LANES + lane] = 1.0 if entry % (d + 1) == 0 else 0.0
    loss, job = np.empty(LANES), np.full(LANES, -1)
    upcoming = running = 0
    for lane in range(LANES):
        upcoming, job[lane] = first_unsolved(targets, max_steps, tol, upcoming, layers, statuses, steps, losses, lowest)
        load(targets, step_sizes, job[lane], lane, d, target, error, rates, current, below)
        running += job[lane] >= 0
    while running > 0:
        descend(current, below, error, spare, gradient, identity, strength, rates, d, following)
        evaluate(following, target, d, below, error, loss)
        for lane in range(LANES):
            this = job[lane]
            if this < 0:
                continue
            kept, status = current, RUNNING
            if not np.isfinite(loss[lane]):
                status = DIVERGED
            elif same(current, following, lane):
                status = STALLED
            else:
                kept = following
                steps[this] += 1
                losses[this] = loss[lane]
                lowest[this] = min(lowest[this], loss[lane])
                if loss[lane] <= tol:
                    status = CONVERGED
                elif steps[this] < max_steps[this]:
                    continue
            statuses[this] = status
            for i in range(depth):
                for j in range(d):
                    for k in range(d):
                        layers[this, i, j, k] = kept[i, (j * d + k) * LANES + lane]
            upcoming, job[lane] = first_unsolved(
                targets, max_steps, tol, upcoming, layers, statuses, steps, losses, lowest
            )
            load(targets, step_sizes, job[lane], lane, d, target, error, rates, following, below)
            running -= job[lane] < 0
        current, following = following, current


@compiled
def first_unsolved(
    targets: Matrix,
    max_steps: Array,
    tol: float,
    upcoming: int,
    layers: Matrix,
    statuses: Array,
    steps: Array,
    losses: Matrix,
    lowest: Matrix,
) -> tuple[int, int]:
    """Evaluate starts until one needs a step: the number after it, and its own or -1 for none left."""
    n, depth, d, _ = layers.shape
    for this in range(upcoming, n):
        loss = 0.0
        for j in range(d):
            for k in range(d):
                start = 1.0 if j == k else 0.0
                loss += (start - targets[this, j, k]) ** 2
                for i in range(depth):
                    layers[this, i, j, k] = start
        losses[this] = lowest[this] = loss / 2
        steps[this] = 0
        if not np.isfinite(loss):
            statuses[this] = DIVERGED
        elif losses[this] <= tol:
            statuses[this] = CONVERGED
        elif max_steps[this] == 0:
            statuses[this] = RUNNING
        else:
            return this + 1, this
    return n, -1


@compiled
def load(
    targets: Matrix,
    step_sizes: Matrix,
    this: int,
    lane: int,
    d: int,
    target: Matrix,
    error: Matrix,
    rates: Matrix,
    layers: Matrix,
    below: Matrix,
) -> None:
    """Put a target at its start into a lane; -1 stands for the identity, which stays where it is."""
    for j in range(d):
        for k in range(d):
            place = (j * d + k) * LANES + lane
            start = 1.0 if j == k else 0.0
            target[place] = start if this < 0 else targets[this, j, k]
            error[place] = start - target[place]
            rates[place] = 0.0 if this < 0 else step_sizes[this]
            for i in range(len(layers)):
                layers[i, place] = below[i, place] = start


@compiled
def descend(
    layers: Matrix,
    below: Matrix,
    backward: Matrix,
    spare: Matrix,
    gradient: Matrix,
    identity: Matrix,
    strength: float,
    rates: Matrix,
    d: int,
    following: Matrix,
) -> None:
    """Write the gradient step of every lane to ``following``; ``backward`` starts as the error."""
    for i in range(len(layers) - 1, -1, -1):
        if i > 0:
            multiply(backward, d, 1, below[i - 1], 1, d, d, gradient)
            multiply(layers[i], 1, d, backward, d, 1, d, spare)
        slope = gradient if i > 0 else backward
        old, new = layers[i], following[i]
        for place in range(len(new)):
            new[place] = old[place] - rates[place] * (slope[place] + strength * (old[place] - identity[place]))
        backward, spare = spare, backward


@compiled
def evaluate(layers: Matrix, target: Matrix, d: int, below: Matrix, error: Matrix, loss: Matrix) -> None:
    """Partial products ``below[i] = Theta_{i+1} ... Theta_1``, error and excess loss of every lane."""
    first, product = below[0], below[len(layers) - 1]
    for place in range(len(target)):
        first[place] = layers[0, place]
    for i in range(1, len(layers)):
        multiply(layers[i], d, 1, below[i - 1], d, 1, d, below[i])
    for place in range(len(target)):
        error[place] = product[place] - target[place]
    for lane in range(LANES):
        loss[lane] = 0.0
    for start in range(0, len(target), LANES):
        for lane in range(LANES):
            loss[lane] += error[start + lane] * error[start + lane]
    for lane in range(LANES):
        loss[lane] /= 2


@compiled
def multiply(left: Matrix, row: int, inner: int, right: Matrix, outer: int, column: int, d: int, out: Matrix) -> None:
    """Matrix product in every lane; strides in entries say which operand is transposed."""
    for i in range(d):
        for j in range(d):
            inner_product(left, i * row, inner, right, j * column, outer, d, out, i * d + j)


def _inner_product(
    typing: Any, left: Any, first: Any, inner: Any, right: Any, second: Any, outer: Any, d: Any, out: Any, place: Any
) -> Any:
    """``out[place] = sum over k < d of left[first + k inner] * right[second + k outer]`` in every lane."""
    vector = ir.VectorType(ir.DoubleType(), LANES)

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        _, first, inner, _, second, outer, d, _, place = arguments

        def entry(position: int, index: Any) -> Any:
            data = context.make_array(signature.args[position])(context, builder, value=arguments[position]).data
            pointer = builder.gep(data, [builder.mul(index, ir.Constant(index.type, LANES))])
            return builder.bitcast(pointer, vector.as_pointer())

        total = cgutils.alloca_once_value(builder, ir.Constant(vector, [0.0] * LANES))
        with cgutils.for_range(builder, d) as loop:
            x = builder.load(entry(0, builder.add(first, builder.mul(loop.index, inner))), align=8)
            y = builder.load(entry(3, builder.add(second, builder.mul(loop.index, outer))), align=8)
            term = builder.fmul(x, y, flags=("contract",))
            builder.store(builder.fadd(builder.load(total), term, flags=("contract",)), total)
        builder.store(builder.load(total), entry(7, place), align=8)
        return context.get_dummy_value()

    return numba.types.void(left, first, inner, right, second, outer, d, out, place), generate


inner_product: Any = intrinsic(_inner_product)


@compiled
def same(first: Matrix, second: Matrix, lane: int) -> bool:
    """Whether two stacks agree in every entry of a lane."""
    for i in range(first.shape[0]):
        for place in range(lane, first.shape[1], LANES):
            if first[i, place] != second[i, place]:
                return False
    return True
