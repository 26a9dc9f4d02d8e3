"""Runs on a named engine, and the algorithms that the tests of the engines run."""

import numpy as np

import dlr

ALGORITHMS = (
    dlr.GradientDescent(),
    dlr.StepAndProject(radius=0.05),
    dlr.StepAndProject(radius=0.5),
    dlr.Penalized(strength=0.3),
)
SHEAR = np.array([[1.0, 2.0], [0.0, 1.0]])


def run_on(target, depth, algorithm, *, engine, **options):
    return dlr.solve(target, depth, algorithm, engine=engine, **{"tol": 1e-12, "max_steps": 200, **options})


class InPython:
    """An algorithm that the compiled loops don't know, with the numbers of one they know."""

    def __init__(self, algorithm):
        self.algorithm = algorithm
        self.name, self.step_size = algorithm.name, algorithm.step_size

    def step(self, layers, gradients, step_size):
        return self.algorithm.step(layers, gradients, step_size)

    def reduced_step(self, z, gradients, step_size, depth):
        return self.algorithm.reduced_step(z, gradients, step_size, depth)
