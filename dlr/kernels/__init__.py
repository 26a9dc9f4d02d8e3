r"""The compiled loops (numba). Nothing else in the package is compiled, and it is imported where a loop is run.

Three entry points: `dense` iterates layers, `many` does so for each of a batch, `reduced` iterates the eigenvalues
of a normal target. Each takes any dimension and depth in one compilation, allocates its buffers once a run and
nothing per step (projections apart), and holds no lock while it runs.

`dense` and `reduced` run a block of steps: they fill ``losses`` from its first entry, the loss of the state they
are given, leave the last finite state in that same array, and return ``(status, steps)``. Calling again
with that state continues bit for bit, so memory does not grow with the number of steps.

Rounding: multiplications and additions may be fused and the terms of a loss reordered; nothing else is relaxed,
so NaN and infinity are seen, and real eigenvalues, which are float arrays here, stay real.
"""

from dlr.kernels.dense import dense
from dlr.kernels.many import many
from dlr.kernels.reduced import reduced
from dlr.kernels.registers import size_for
from dlr.kernels.settings import CLIP, CONVERGED, DIVERGED, POWER, PULL, RUNNING, STALLED

__all__ = [
    "CLIP",
    "CONVERGED",
    "DIVERGED",
    "POWER",
    "PULL",
    "RUNNING",
    "STALLED",
    "dense",
    "many",
    "reduced",
    "size_for",
]
