r"""The compiled loops (Numba). Nothing else is compiled; the package is imported only where a loop is run.

There are three: `iterate_layers`; `iterate_folded`, for gradient descent at dimension 2; and `iterate_eigenvalues`, for
the eigenvalues of normal targets. `run_layers` and `run_eigenvalues` call them. Each is compiled once for all
dimensions and depths, runs one target after the other, allocates nothing, and releases Python's global lock.

Calling again with the state at the end of a run gives bitwise the same as one longer run, so memory need not grow with
the number of steps.

Multiplications and additions may be fused, and the terms of a loss reordered. No other freedom is given to the
compiler: NaN and infinity are seen, and real eigenvalues, which are float arrays here, stay real.

Compiling is most of a first run. `python -m catalog.benchmarks.compilation` shows what takes how much of it. The more
loops, calls and kinds of arguments there are, the longer it takes, and what is inside another function is optimized
again there; so arrays are allocated outside, and BLAS and LAPACK called without the checks and copies of Numba's
``np.linalg``. With ``NUMBA_OPT=0``, where LLVM optimizes nothing, compiling takes about two thirds of the time: that
is mostly Numba's own passes, which take the longer the more statements there are.
"""

from dlr.kernels.calls import run_eigenvalues as run_eigenvalues
from dlr.kernels.calls import run_layers as run_layers
from dlr.kernels.registers import size_for as size_for
from dlr.kernels.settings import CLIP as CLIP
from dlr.kernels.settings import CONVERGED as CONVERGED
from dlr.kernels.settings import DIVERGED as DIVERGED
from dlr.kernels.settings import POWER as POWER
from dlr.kernels.settings import PULL as PULL
from dlr.kernels.settings import RUNNING as RUNNING
from dlr.kernels.settings import STALLED as STALLED

__all__: list[str] = []
