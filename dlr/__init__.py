"""Deep linear residual networks: train ``h(x) = Theta_L ... Theta_1 x`` to a target, and know what theory promises.

The executable form of Bartlett, Helmbold and Long (ICML 2018). `solve` runs an algorithm, `solve_batch` runs it
for a stack of targets, `theory` holds the step sizes and bounds, `network` and `matrices` the mathematics.
"""

from dlr import matrices, network, spectral, theory
from dlr.algorithms import Algorithm, GradientDescent, Penalized, PowerProjection, StepAndProject
from dlr.arguments import InputError
from dlr.batch import BatchSolution, solve_batch
from dlr.coverage import Promise, promise
from dlr.engines import Outcome
from dlr.solve import Solution, solve

__version__ = "0.1.0"

__all__ = [
    "Algorithm",
    "BatchSolution",
    "GradientDescent",
    "InputError",
    "Outcome",
    "Penalized",
    "PowerProjection",
    "Promise",
    "Solution",
    "StepAndProject",
    "matrices",
    "network",
    "promise",
    "solve",
    "solve_batch",
    "spectral",
    "theory",
]
