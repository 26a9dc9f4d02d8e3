"""The two passes over the layers for small dimensions, with the running product in vector registers.

A pass carries one matrix from layer to layer, with each row in a register. All products have the form ``A @ running``:
row r of the result is the sum of ``A[r, k]`` times row k. The entries of A are loaded from memory and do not depend on
the layer before. LLVM does not generate such loops by itself: it does not vectorize loops this short, and if the
running matrix goes through memory, each layer waits until the one before is stored.
"""

from dataclasses import dataclass
from typing import Any

import numba
from llvmlite import ir
from numba.core import cgutils
from numba.extending import intrinsic

from dlr.kernels.settings import compiled
from dlr.types import Matrix

SIZES = (2, 4, 8)
"""Dimensions that have a compiled pass in registers."""

LARGEST = SIZES[-1]

NUMBER = ir.IntType(32)
"""Type of a lane's number."""

Rows = list[Any]


def size_for(dimension: int) -> int:
    """Dimension to compute in: targets of dimension up to `LARGEST` become ``diag(Phi, I)`` of the next size.

    The layers' added block is the identity and its error is zero; zeros and ones multiply exactly, so it stays so.
    Larger targets keep their dimension and are computed on BLAS. Measured on an AMD EPYC at L = 8, in alternation: at d
    from 5 to 8 a step on BLAS takes 3.4 to 4.2 times as long as in registers; at d from 9 to 16 a step in registers of
    size 16 takes 1.1 to 1.9 times as long as on BLAS.
    """
    return next((size for size in SIZES if dimension <= size), dimension)


@compiled
def forward(layers: Matrix, target: Matrix, buffers: Matrix) -> float:
    """Excess loss; writes ``Theta_i ... Theta_1``, i from 1 to L, and the error ``W - Phi`` to ``buffers``."""
    if len(target) == 2:
        return float(forward_2(layers, target, buffers))
    if len(target) == 4:
        return float(forward_4(layers, target, buffers))
    return float(forward_8(layers, target, buffers))


@compiled
def descend(layers: Matrix, buffers: Matrix, strength: float, step_size: float, following: Matrix) -> None:
    """Write the gradient step, with the pull to the identity, to ``following``."""
    if layers.shape[1] == 2:
        descend_2(layers, buffers, strength, step_size, following)
    elif layers.shape[1] == 4:
        descend_4(layers, buffers, strength, step_size, following)
    else:
        descend_8(layers, buffers, strength, step_size, following)


@dataclass(frozen=True)
class Emitter:
    """Writes the instructions of a pass over stacks of ``size`` x ``size`` matrices."""

    size: int
    builder: Any

    @property
    def kind(self) -> ir.Type:
        """Type of a row."""
        return ir.VectorType(ir.DoubleType(), self.size)

    def entry(self, stack: Any, i: Any, place: int) -> Any:
        """Pointer to an entry of matrix ``i``."""
        start = self.builder.mul(i, ir.Constant(i.type, self.size**2))
        return self.builder.gep(stack, [self.builder.add(start, ir.Constant(i.type, place))])

    def row(self, stack: Any, i: Any, r: int) -> Any:
        """Pointer to row ``r`` of matrix ``i``."""
        return self.builder.bitcast(self.entry(stack, i, self.size * r), self.kind.as_pointer())

    def load(self, stack: Any, i: Any) -> Rows:
        """Rows of matrix ``i``."""
        return [self.builder.load(self.row(stack, i, r), align=8) for r in range(self.size)]

    def store(self, rows: Rows, stack: Any, i: Any) -> None:
        """Write ``rows`` to matrix ``i``."""
        for r in range(self.size):
            self.builder.store(rows[r], self.row(stack, i, r), align=8)

    def shuffle(self, first: Any, second: Any, lanes: list[int]) -> Any:
        """Row of the given lanes of two rows; lanes of the second row count from the length of the first."""
        return self.builder.shuffle_vector(first, second, ir.Constant(ir.VectorType(NUMBER, len(lanes)), lanes))

    def everywhere(self, number: Any) -> Any:
        """Row with the same number in every lane."""
        undefined = ir.Constant(self.kind, ir.Undefined)
        single = self.builder.insert_element(undefined, number, ir.Constant(NUMBER, 0))
        return self.shuffle(single, undefined, [0] * self.size)

    def add_product(self, total: Any, x: Any, y: Any) -> Any:
        """``total + x y``, fused."""
        return self.builder.fadd(total, self.builder.fmul(x, y, flags=("contract",)), flags=("contract",))

    def product(self, stack: Any, i: Any, rows: Rows, *, turned: bool = False) -> Rows:
        """Matrix ``i``, or its transpose where ``turned``, times the matrix of ``rows``."""
        results = [ir.Constant(self.kind, [-0.0] * self.size)] * self.size
        for r in range(self.size):
            for k in range(self.size):
                place = k * self.size + r if turned else r * self.size + k
                factor = self.everywhere(self.builder.load(self.entry(stack, i, place)))
                results[r] = self.add_product(results[r], factor, rows[k])
        return results

    def transpose(self, rows: Rows) -> Rows:
        """Exchange the off-diagonal entries of all 2 x 2 blocks, then of all blocks of blocks, and so on."""
        rows, lanes, block = list(rows), range(self.size), 1
        while block < self.size:
            for r in range(self.size):
                if not r & block:
                    upper, lower = rows[r], rows[r | block]
                    rows[r] = self.shuffle(upper, lower, [self.size + c - block if c & block else c for c in lanes])
                    rows[r | block] = self.shuffle(
                        upper, lower, [self.size + c if c & block else c + block for c in lanes]
                    )
            block *= 2
        return rows


def _forward(emitter: Emitter, depth: Any, layers: Any, target: Any, buffers: Any) -> Any:
    builder, zero = emitter.builder, ir.Constant(depth.type, 0)
    first = emitter.transpose(emitter.load(layers, zero))
    emitter.store(first, buffers, zero)
    running = [cgutils.alloca_once_value(builder, row) for row in first]
    with cgutils.for_range(builder, depth, start=ir.Constant(depth.type, 1)) as loop:
        rows = emitter.product(layers, loop.index, [builder.load(row) for row in running], turned=True)
        emitter.store(rows, buffers, loop.index)
        for row, place in zip(rows, running, strict=True):
            builder.store(row, place)
    squares = ir.Constant(emitter.kind, [0.0] * emitter.size)
    errors = []
    for row, wanted in zip(running, emitter.load(target, zero), strict=True):
        errors.append(builder.fsub(builder.load(row), wanted))
        squares = emitter.add_product(squares, errors[-1], errors[-1])
    emitter.store(errors, buffers, depth)
    parts = [builder.extract_element(squares, ir.Constant(NUMBER, lane)) for lane in range(emitter.size)]
    while len(parts) > 1:
        parts = [builder.fadd(*pair) for pair in zip(parts[::2], parts[1::2], strict=True)]
    return builder.fmul(parts[0], ir.Constant(ir.DoubleType(), 0.5))


def _descend(
    emitter: Emitter, depth: Any, layers: Any, buffers: Any, strength: Any, step_size: Any, following: Any
) -> None:
    builder, zero, one = emitter.builder, ir.Constant(depth.type, 0), ir.Constant(depth.type, 1)
    strength, negative = emitter.everywhere(strength), emitter.everywhere(builder.fneg(step_size))

    def update(i: Any, gradient: Rows) -> None:
        rows = emitter.load(layers, i)
        for r in range(emitter.size):
            identity = ir.Constant(emitter.kind, [float(r == c) for c in range(emitter.size)])
            slope = emitter.add_product(gradient[r], strength, builder.fsub(rows[r], identity))
            rows[r] = emitter.add_product(rows[r], negative, slope)
        emitter.store(rows, following, i)

    running = [cgutils.alloca_once_value(builder, row) for row in emitter.load(buffers, depth)]
    with cgutils.for_range(builder, builder.sub(depth, one)) as loop:
        above = builder.sub(builder.sub(depth, one), loop.index)
        backward = [builder.load(row) for row in running]
        for row, place in zip(emitter.product(layers, above, backward), running, strict=True):
            builder.store(row, place)
        update(above, emitter.product(buffers, builder.sub(above, one), emitter.transpose(backward)))
    update(zero, emitter.transpose([builder.load(row) for row in running]))


def _operands(context: Any, builder: Any, signature: Any, arguments: Any) -> tuple[Any, list[Any]]:
    """The depth (the length of the first array), and the arguments with arrays replaced by pointers."""
    operands, depths = [], []
    for kind, value in zip(signature.args, arguments, strict=True):
        if isinstance(kind, numba.types.Array):
            array = context.make_array(kind)(context, builder, value=value)
            depths.append(cgutils.unpack_tuple(builder, array.shape)[0])
            operands.append(array.data)
        else:
            operands.append(value)
    return depths[0], operands


def _forward_of(size: int) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        depth, operands = _operands(context, builder, signature, arguments)
        return _forward(Emitter(size, builder), depth, *operands)

    def forward(typing: Any, layers: Any, target: Any, buffers: Any) -> Any:
        return numba.types.float64(layers, target, buffers), generate

    return intrinsic(forward)


def _descend_of(size: int) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        depth, operands = _operands(context, builder, signature, arguments)
        _descend(Emitter(size, builder), depth, *operands)
        return context.get_dummy_value()

    def descend(typing: Any, layers: Any, buffers: Any, strength: Any, step_size: Any, following: Any) -> Any:
        return numba.types.void(layers, buffers, strength, step_size, following), generate

    return intrinsic(descend)


forward_2, forward_4, forward_8 = map(_forward_of, SIZES)
descend_2, descend_4, descend_8 = map(_descend_of, SIZES)
