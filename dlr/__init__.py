"""Deep linear residual networks: train ``h(x) = Theta_L ... Theta_1 x`` to a target.

A minimal solver for the setting of Bartlett, Helmbold and Long (ICML 2018). `solve` trains to one target, `solve_batch`
to a stack of targets; `network`, `matrices` and `spectral` hold the mathematics. The theorems are in the package
`catalog`.
"""

from dlr import matrices, network, spectral
from dlr.algorithms import Algorithm, GradientDescent, NoMarginError, Penalized, PowerProjection, StepAndProject
from dlr.arguments import InputError
from dlr.batch import solve_batch
from dlr.problem import Problem
from dlr.solution import BatchSolution, Outcome, Solution
from dlr.solver import run, solve

__version__ = "0.1.0"

__all__ = [
    "Algorithm",
    "BatchSolution",
    "GradientDescent",
    "InputError",
    "NoMarginError",
    "Outcome",
    "Penalized",
    "PowerProjection",
    "Problem",
    "Solution",
    "StepAndProject",
    "matrices",
    "network",
    "run",
    "solve",
    "solve_batch",
    "spectral",
]
