"""What the loops share: compiler settings, status and rule codes, matrix products."""

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba
import numpy as np
from llvmlite import ir
from numba.extending import intrinsic

from dlr.types import Matrix

CONVERGED, STALLED, DIVERGED, RUNNING = range(4)
"""Status: the loss is at most the tolerance; a step changed nothing; the next loss is not finite; steps ran out."""

PULL, CLIP, POWER = range(3)
"""A step beside the gradient: pull to the identity (strength 0: nothing), clip to a ball, power projection."""

SMALL, LARGER = 4, 8
"""Products of these dimensions are unrolled vector instructions, all others BLAS calls (`size_for`)."""

F = TypeVar("F", bound=Callable[..., Any])


def compiled(function: F) -> F:
    """`numba.njit` with this module's settings (numba's decorators have no types of their own)."""
    return cast(F, numba.njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract"})(function))


def summing(function: F) -> F:
    """`compiled`, with sums in any order."""
    return cast(F, numba.njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract", "reassoc"})(function))


def size_for(dimension: int) -> int:
    """Dimension to compute in: targets up to `LARGER` get an identity block, ``diag(Phi, I)``, up to the next size.

    The block starts at the identity with error zero, and zeros and ones multiply exactly, so it stays.
    Measured crossover: a BLAS product of dimension 5 to 8 takes 2 to 4 times an unrolled one of
    dimension 8; at 9 and above BLAS wins over every loop tried.
    """
    return next((size for size in (SMALL, LARGER) if dimension <= size), dimension)


def unrolled(size: int, turned: bool) -> Any:
    """Compiled ``out = left @ right``, or its transpose where ``turned``, for ``size`` x ``size`` matrices.

    One vector register a row and fused multiply-adds: LLVM vectorizes no loop this short by itself.
    """
    row = ir.VectorType(ir.DoubleType(), size)

    def entry(builder: Any, pointer: Any, index: int) -> Any:
        return builder.gep(pointer, [ir.Constant(ir.IntType(64), index)])

    def vector(builder: Any, pointer: Any, index: int) -> Any:
        return builder.bitcast(entry(builder, pointer, size * index), row.as_pointer())

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        left, right, out = (
            context.make_array(kind)(context, builder, value=value).data
            for kind, value in zip(signature.args, arguments, strict=True)
        )
        lanes = [ir.Constant(ir.IntType(32), i) for i in range(size)]
        undefined = ir.Constant(row, ir.Undefined)
        everywhere = ir.Constant(ir.VectorType(ir.IntType(32), size), [0] * size)
        rows = [builder.load(vector(builder, right, k), align=8) for k in range(size)]
        results = [ir.Constant(row, [0.0] * size)] * size
        for i in range(size):
            for k in range(size):
                factor = builder.load(entry(builder, left, size * i + k))
                factor = builder.insert_element(undefined, factor, lanes[0])
                factor = builder.shuffle_vector(factor, undefined, everywhere)
                term = builder.fmul(factor, rows[k], flags=("contract",))
                results[i] = builder.fadd(results[i], term, flags=("contract",))
        if turned:
            columns = [undefined] * size
            for i in range(size):
                for j in range(size):
                    value = builder.extract_element(results[i], lanes[j])
                    columns[j] = builder.insert_element(columns[j], value, lanes[i])
            results = columns
        for i in range(size):
            builder.store(results[i], vector(builder, out, i), align=8)
        return context.get_dummy_value()

    def product(typing: Any, left: Any, right: Any, out: Any) -> Any:
        return numba.types.void(left, right, out), generate

    return intrinsic(product)


multiply_small, multiply_small_turned = unrolled(SMALL, False), unrolled(SMALL, True)
multiply_larger, multiply_larger_turned = unrolled(LARGER, False), unrolled(LARGER, True)


@compiled
def multiply(left: Matrix, right: Matrix, out: Matrix) -> None:
    """``out = left @ right``."""
    if len(out) == SMALL:
        multiply_small(left, right, out)
    elif len(out) == LARGER:
        multiply_larger(left, right, out)
    else:
        np.dot(left, right, out)


@compiled
def multiply_turned(left: Matrix, right: Matrix, out: Matrix) -> None:
    """``out = (left @ right)^T``."""
    if len(out) == SMALL:
        multiply_small_turned(left, right, out)
    elif len(out) == LARGER:
        multiply_larger_turned(left, right, out)
    else:
        np.dot(right.T, left.T, out)
