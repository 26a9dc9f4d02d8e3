r"""The loop over layers of dimension 2 under gradient descent, several products at a time.

One after the other, the products of a step are a chain of ``2 L - 1``, each of which waits for the one before; of
matrices this small a processor could compute several at once. So the layers are folded twice, as one folds a strip of
paper: with ``m = ceil(L / 4)``, four lanes of a vector hold the quarters ``q_0, q_3^T, q_1^T, q_2`` of ``W = q_3 q_2
q_1 q_0``, each of m layers; those of a transposed quarter are transposed, and in reverse order. Let ``low`` and
``high`` be the two halves of the lanes, so that

1. ``X = high^T low = [A, B^T]`` with ``A = q_1 q_0`` and ``B = q_3 q_2``, and ``Y = [B^T, A]`` is X with its lanes
   exchanged;
2. ``F = Y^T X - [Phi, Phi^T] = [E, E^T]``, with the error ``E = W - Phi``.

The derivative of the loss by X is ``N = Y F``; by low it is ``high N`` and by high ``low N^T``; and of a quarter
``l_{m-1} ... l_0`` with derivative D that by ``l_k`` is ``(l_{m-1} ... l_{k+1})^T D (l_{k-1} ... l_0)^T``. This is a
chain of ``2 m + 2`` products. However they are associated, a gradient is made of as many products, so that rounding may
add no more (`dlr.rounding`). Layers that are missing in the last quarter are identities that no step moves; they
multiply exactly.

Measured on an AMD EPYC (Zen 5), a step at L = 8 takes 73 cycles. The latencies along that chain add up to 64: 10 to
load what the last step stored, 7 for each of four products, 8 for the one that the target is subtracted from, 11 for
the last one with the step, 7 to move lanes.
"""

from typing import Any

import numba
import numpy as np
from llvmlite import ir
from numba.core import cgutils
from numba.extending import intrinsic
from numpy.typing import NDArray

from dlr.kernels.registers import NUMBER, Emitter, Rows
from dlr.kernels.settings import CONVERGED, DIVERGED, RUNNING, STALLED, entry
from dlr.types import Flag, Matrix

DIMENSION = 2
"""Dimension of the layers."""

ENTRIES = LANES = 4
"""Entries of a matrix, row by row, and lanes of a vector: what is in one place of all quarters is a 4 x 4 matrix."""

SPARE = 3
"""Stacks of m such matrices that the loop works in, beside that of each network: two for the layers before and after a
step, one for the products below each place."""


@entry
def iterate_folded(
    targets: Matrix,
    lanes: Matrix,
    mask: Matrix,
    strengths: Matrix,
    step_sizes: Matrix,
    max_steps: NDArray[np.int64],
    tol: float,
    statuses: NDArray[np.int64],
    steps: NDArray[np.int64],
    losses: Matrix,
    lowest: Matrix,
    history: Matrix,
    stop: Flag,
) -> None:
    """Iterate the layers of n networks in place, one after the other.

    Parameters
    ----------
    targets : ndarray, shape (n, 2, 2)
    lanes : ndarray, shape (n + SPARE, m, 4, 4)
        The starts, folded: for each place in a quarter the entries of the four layers there, by lane; on return the
        last finite layers. After them is what the loop works in.
    mask : ndarray, shape (m, 4)
        1 where there is a layer, 0 where one is missing.
    strengths, step_sizes : ndarray, shape (n,)
        Strength of the penalty, 0 for none, and eta.
    max_steps, tol, statuses, steps, losses, lowest, history, stop
        As in `dlr.kernels.layer_loop.iterate_layers`.
    """
    count = len(targets)
    for n in range(count):
        before, now, after = count, n, count + 1
        status, taken, low, last = RUNNING, -1, np.inf, np.inf
        while status == RUNNING and not stop[()]:
            loss, moved = step(lanes, now, after, count + 2, mask, targets[n], strengths[n], step_sizes[n])
            if taken + 1 < len(history):
                history[taken + 1] = loss
            if loss - loss != 0.0:
                status = DIVERGED
                if taken < 0:
                    last = low = loss
                else:
                    now = before
                break
            taken += 1
            last, low = loss, min(low, loss)
            if loss <= tol:
                status = CONVERGED
                break
            if taken == max_steps[n]:
                break
            if moved:
                before, now, after = now, after, before
            else:
                status = STALLED
        if stop[()]:
            return
        if now != n:
            for k in range(lanes.shape[1]):
                for e in range(ENTRIES):
                    for lane in range(LANES):
                        lanes[n, k, e, lane] = lanes[now, k, e, lane]
        statuses[n], steps[n], losses[n], lowest[n] = status, max(taken, 0), last, low


def _step(
    typing: Any,
    lanes: Any,
    now: Any,
    after: Any,
    below: Any,
    mask: Any,
    target: Any,
    strength: Any,
    step_size: Any,
) -> Any:
    """Excess loss of the layers ``lanes[now]``, and whether a step moves them; writes where to ``lanes[after]``.

    Works in ``lanes[below]``.
    """

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        kinds = signature.args
        array, masks, wanted = (context.make_array(kinds[i])(context, builder, value=arguments[i]) for i in (0, 4, 5))
        length = cgutils.unpack_tuple(builder, array.shape)[1]
        now, after, below = (builder.mul(place, length) for place in arguments[1:4])
        strength, step_size = arguments[6:]
        emitter, data = Emitter(LANES, builder), (masks.data, wanted.data)
        results = _emit(emitter, length, array.data, now, after, below, *data, strength, step_size)
        return context.make_tuple(builder, signature.return_type, results)

    place, number = numba.types.intp, numba.types.float64
    result = numba.types.Tuple((number, numba.types.boolean))
    return result(lanes, place, place, place, mask, target, number, number), generate


step: Any = intrinsic(_step)


def _emit(
    emitter: Emitter,
    length: Any,
    lanes: Any,
    now: Any,
    after: Any,
    below: Any,
    mask: Any,
    target: Any,
    strength: Any,
    step_size: Any,
) -> tuple[Any, Any]:
    """The instructions of a step; places are those of the first matrix of each stack."""
    builder, zero, one = emitter.builder, ir.Constant(length.type, 0), ir.Constant(length.type, 1)
    eta = emitter.everywhere(builder.fneg(step_size))
    pull = emitter.everywhere(builder.fneg(builder.fmul(step_size, strength)))

    def masked_eta(k: Any) -> Any:
        start = builder.gep(mask, [builder.mul(k, ir.Constant(k.type, LANES))])
        return builder.fmul(eta, builder.load(builder.bitcast(start, emitter.kind.as_pointer()), align=8))

    def layers(k: Any) -> Rows:
        return emitter.load(lanes, builder.add(now, k))

    running = [cgutils.alloca_once_value(builder, entry) for entry in layers(zero)]
    with cgutils.for_range(builder, length, start=one) as loop:
        entries, factor = [builder.load(place) for place in running], masked_eta(loop.index)
        emitter.store([builder.fmul(entry, factor) for entry in entries], lanes, builder.add(below, loop.index))
        _put(builder, _product(emitter, layers(loop.index), entries), running)
    quarters = [builder.load(place) for place in running]
    low, high = ([emitter.shuffle(entry, entry, half) for entry in quarters] for half in ([0, 1], [2, 3]))
    x = _product(emitter, _turned(high), low)
    y = [emitter.shuffle(entry, entry, [1, 0]) for entry in x]
    error = _product(emitter, _turned(y), x, _less_target(emitter, target))
    slope = _product(emitter, y, error)
    other = [emitter.shuffle(quarter, quarter, [2, 3, 0, 1]) for quarter in quarters]
    turned = [emitter.shuffle(*pair, [0, 1, 2, 3]) for pair in zip(slope, _turned(slope), strict=True)]
    _put(builder, _product(emitter, other, turned), running)
    moved = cgutils.alloca_once_value(builder, ir.Constant(ir.VectorType(ir.IntType(1), LANES), [0] * LANES))

    def move(k: Any, factors: tuple[Rows, Rows] | None) -> None:
        """Subtract the gradient, a product or what is running, and the pull to the identity."""
        before, following, changed = layers(k), [], builder.load(moved)
        for place, number in enumerate(before):
            unit = ir.Constant(emitter.kind, [float(place in (0, 3))] * LANES)
            following.append(emitter.add_product(number, pull, builder.fsub(number, unit)))
        if factors:
            following = _product(emitter, *factors, following)
        else:
            factor = masked_eta(k)
            gradient = [builder.load(place) for place in running]
            following = [emitter.add_product(*pair, factor) for pair in zip(following, gradient, strict=True)]
        emitter.store(following, lanes, builder.add(after, k))
        for pair in zip(before, following, strict=True):
            changed = builder.or_(changed, builder.fcmp_unordered("!=", *pair))
        builder.store(changed, moved)

    with cgutils.for_range(builder, builder.sub(length, one)) as loop:
        k = builder.sub(builder.sub(length, one), loop.index)
        backward = [builder.load(place) for place in running]
        _put(builder, _product(emitter, _turned(layers(k)), backward), running)
        move(k, (backward, _turned(emitter.load(lanes, builder.add(below, k)))))
    move(zero, None)
    squares = builder.fmul(error[0], error[0])
    for number in error[1:]:
        squares = emitter.add_product(squares, number, number)
    loss = builder.fmul(builder.extract_element(squares, ir.Constant(NUMBER, 0)), ir.Constant(ir.DoubleType(), 0.5))
    bits = builder.bitcast(builder.load(moved), ir.IntType(LANES))
    return loss, builder.icmp_unsigned("!=", bits, ir.Constant(bits.type, 0))


def _turned(entries: Rows) -> Rows:
    """The transpose in every lane."""
    return [entries[place] for place in (0, 2, 1, 3)]


def _product(emitter: Emitter, x: Rows, y: Rows, start: Rows | None = None) -> Rows:
    """``x y`` in every lane, added to the entries of ``start``."""
    results = []
    for place in range(ENTRIES):
        r, c = divmod(place, DIMENSION)
        if start is None:
            total = emitter.builder.fmul(x[2 * r + 1], y[2 + c])
        else:
            total = emitter.add_product(start[place], x[2 * r + 1], y[2 + c])
        results.append(emitter.add_product(total, x[2 * r], y[c]))
    return results


def _less_target(emitter: Emitter, target: Any) -> Rows:
    """The entries of ``[-Phi, -Phi^T]``."""
    builder, results = emitter.builder, []
    numbers = [
        builder.fneg(builder.load(builder.gep(target, [ir.Constant(NUMBER, place)]))) for place in range(ENTRIES)
    ]
    for pair in zip(numbers, _turned(numbers), strict=True):
        row = ir.Constant(ir.VectorType(ir.DoubleType(), 2), ir.Undefined)
        for lane, number in enumerate(pair):
            row = builder.insert_element(row, number, ir.Constant(NUMBER, lane))
        results.append(row)
    return results


def _put(builder: Any, entries: Rows, places: Rows) -> None:
    """Store entries where they are kept."""
    for number, place in zip(entries, places, strict=True):
        builder.store(number, place)
