"""Products and decompositions on BLAS and LAPACK, in place, for matrices in stacks.

They call the wrappers that Numba's own ``np.dot`` and ``np.linalg`` call, with nothing around them: no result is
allocated, nothing is checked or copied. So a loop that uses them compiles in a fraction of the time. A matrix is given
by a stack of shape (n, p, p), row-major, and its place in the stack; a function that is also given a dimension d works
on its leading d x d block.
"""

from typing import Any

import numba
from llvmlite import ir
from numba.core import cgutils
from numba.extending import intrinsic
from numba.np.linalg import ensure_blas, ensure_lapack

BYTE, CODE = ir.IntType(8), ir.IntType(32)
POINTER = BYTE.as_pointer()


def _place(context: Any, builder: Any, kind: Any, stack: Any, i: Any) -> tuple[Any, Any]:
    """Pointer to matrix ``i`` of a stack, and the length of its rows."""
    array = context.make_array(kind)(context, builder, value=stack)
    _, rows, columns = cgutils.unpack_tuple(builder, array.shape)
    start = builder.gep(array.data, [builder.mul(i, builder.mul(rows, columns))])
    return builder.bitcast(start, POINTER), columns


def _letter(letter: str) -> Any:
    return ir.Constant(BYTE, ord(letter))


def _call(builder: Any, name: str, arguments: list[Any]) -> Any:
    kinds = ir.FunctionType(CODE, [argument.type for argument in arguments])
    return builder.call(cgutils.get_or_insert_function(builder.module, kinds, name), arguments)


def _multiply(
    typing: Any,
    scale: Any,
    left: Any,
    i: Any,
    turn_left: Any,
    right: Any,
    j: Any,
    turn_right: Any,
    added: Any,
    out: Any,
    k: Any,
    dimension: Any,
) -> Any:
    """``scale left[i] right[j]``, with a factor transposed where its ``turn`` is True.

    Written to ``out[k]``, or added to what is there.
    """

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        scale, left, i, turn_left, right, j, turn_right, added, out, k, d = arguments
        a, a_row = _place(context, builder, signature.args[1], left, i)
        b, b_row = _place(context, builder, signature.args[4], right, j)
        c, c_row = _place(context, builder, signature.args[8], out, k)
        turns = [builder.select(turn, _letter("t"), _letter("n")) for turn in (turn_right, turn_left)]
        kept = builder.uitofp(added, ir.DoubleType())
        factors = [builder.bitcast(cgutils.alloca_once_value(builder, value), POINTER) for value in (scale, kept)]
        # BLAS is column-major, so it computes the transpose of the product from those of the factors
        _call(
            builder,
            "numba_xxgemm",
            [_letter("d"), *turns, d, d, d, factors[0], b, b_row, a, a_row, factors[1], c, c_row],
        )
        return context.get_dummy_value()

    ensure_blas()
    number, place, flag = numba.types.float64, numba.types.intp, numba.types.boolean
    return numba.types.void(number, left, place, flag, right, place, flag, flag, out, place, place), generate


def _decompose(typing: Any, stack: Any, i: Any, left: Any, values: Any, right: Any, dimension: Any) -> Any:
    """Singular value decomposition of the matrix whose transpose is ``stack[i]``, which is lost; 0 if it succeeds.

    Writes ``U^T`` to ``stack[left]``, ``V`` to ``stack[right]`` and the singular values to the first row of
    ``stack[values]``.
    """

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        stack, *places, d = arguments
        (a, row), (u, _), (s, _), (v, _) = (
            _place(context, builder, signature.args[0], stack, place) for place in places
        )
        return _call(builder, "numba_ez_gesdd", [_letter("d"), _letter("A"), d, d, a, row, s, u, row, v, row])

    ensure_lapack()
    place = numba.types.intp
    return numba.types.int32(stack, place, place, place, place, place), generate


def _diagonalize(typing: Any, stack: Any, i: Any, values: Any, dimension: Any) -> Any:
    """Eigendecomposition of the symmetric matrix ``stack[i]``; 0 if it succeeds.

    Writes the eigenvectors to the rows of ``stack[i]`` and the eigenvalues, ascending, to the first row of
    ``stack[values]``.
    """

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        stack, i, values, d = arguments
        (a, row), (w, _) = (_place(context, builder, signature.args[0], stack, place) for place in (i, values))
        return _call(builder, "numba_ez_xxxevd", [_letter("d"), _letter("V"), _letter("L"), d, a, row, w])

    ensure_lapack()
    return numba.types.int32(stack, numba.types.intp, numba.types.intp, numba.types.intp), generate


multiply: Any = intrinsic(_multiply)
decompose: Any = intrinsic(_decompose)
diagonalize: Any = intrinsic(_diagonalize)
