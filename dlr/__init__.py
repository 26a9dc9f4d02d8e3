"""Deep linear residual networks: train ``h(x) = Theta_L ... Theta_1 x`` to a target, and know what theory promises.

The executable form of Bartlett, Helmbold and Long (ICML 2018). `solve` runs an algorithm, `theory` holds the
step sizes and bounds, `network` and `matrices` the mathematics underneath.
"""

from dlr import matrices, network, spectral, theory
from dlr.algorithms import Algorithm, GradientDescent, Penalized, PowerProjection, StepAndProject
from dlr.arguments import InputError
from dlr.coverage import Promise, promise
from dlr.engines import Outcome
from dlr.solve import Solution, solve

__version__ = "0.1.0"

__all__ = [
    "Algorithm",
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
    "spectral",
    "theory",
]
