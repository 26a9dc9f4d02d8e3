r"""The compiled loops (numba). Nothing else in the package is compiled, and only engines import this one.

Three entry points: `dense` iterates layers, `reduced` the eigenvalues of a normal target, `lanes` a batch of
small targets side by side. Each takes any dimension and depth in one compilation, allocates its buffers
once and nothing per step (LAPACK's workspace apart), and holds no lock while it runs.

`dense` and `reduced` run a block of steps: they fill ``losses`` from its first entry, the loss of the state they
are given, leave the last finite state in that same array, and return ``(status, steps)``. Calling again
with that state continues bit for bit, so memory does not grow with the number of steps.

Rounding: multiplications and additions may be fused and the terms of a loss reordered; nothing else is relaxed,
so NaN and infinity are seen, and real eigenvalues, which are float arrays here, stay real.
"""

from dlr.kernels.dense import dense
from dlr.kernels.lanes import lanes
from dlr.kernels.products import CLIP, CONVERGED, DIVERGED, POWER, PULL, RUNNING, STALLED, size_for
from dlr.kernels.reduced import reduced

__all__ = [
    "CLIP",
    "CONVERGED",
    "DIVERGED",
    "POWER",
    "PULL",
    "RUNNING",
    "STALLED",
    "dense",
    "lanes",
    "reduced",
    "size_for",
]
