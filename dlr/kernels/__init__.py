r"""The compiled loops (Numba). Nothing else is compiled; the package is imported only where a loop is run.

There are four entry points: `iterate_layers` for one target, `iterate_stack` for a batch of targets, and, for the
eigenvalues of normal targets, `iterate_eigenvalues` and `iterate_spectra`. Each is compiled once for all dimensions
and depths, allocates its buffers once per call (projections allocate in every step), and releases Python's global
lock.

`iterate_layers` and `iterate_eigenvalues` run a block of steps. They write the loss of the given state and of each next
one to ``losses``, leave the last finite state in the arrays they were given, and return ``(status, steps)``. Calling
again with that state gives bitwise the same run as one longer block, so memory need not grow with the number of steps.

Multiplications and additions may be fused, and the terms of a loss reordered. No other freedom is given to the
compiler: NaN and infinity are seen, and real eigenvalues, which are float arrays here, stay real.
"""

from dlr.kernels.eigenvalue_loop import iterate_eigenvalues as iterate_eigenvalues
from dlr.kernels.layer_loop import iterate_layers as iterate_layers
from dlr.kernels.registers import size_for as size_for
from dlr.kernels.settings import CLIP as CLIP
from dlr.kernels.settings import CONVERGED as CONVERGED
from dlr.kernels.settings import DIVERGED as DIVERGED
from dlr.kernels.settings import POWER as POWER
from dlr.kernels.settings import PULL as PULL
from dlr.kernels.settings import RUNNING as RUNNING
from dlr.kernels.settings import STALLED as STALLED
from dlr.kernels.stack_loop import iterate_spectra as iterate_spectra
from dlr.kernels.stack_loop import iterate_stack as iterate_stack

__all__: list[str] = []
