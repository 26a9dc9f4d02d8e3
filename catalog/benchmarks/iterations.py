"""Steps to a fixed excess loss, and whether it is reached, by target, depth and algorithm."""

from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np

import dlr

from .named_targets import REVISIONS, benchmark_class, camel_case, matrix

TOL = 1e-6
"""Excess loss to reach."""

MAX_STEPS = 5_000

ALGORITHMS: dict[str, Callable[[], Any]] = {
    "gradient-descent": lambda: dlr.GradientDescent(),
    "step-and-project": lambda: dlr.StepAndProject(radius=1.0),
    "penalized": lambda: dlr.Penalized(strength=1e-4),
    "power-projection": lambda: dlr.PowerProjection(),
}


class _Iterations:
    """One run from the identity at the solver's own step size."""

    target: ClassVar[str]
    param_names = ("depth", "algorithm")
    params = ([2, 8], ["gradient-descent", "step-and-project", "penalized", "power-projection"])

    def setup(self, depth: int, algorithm: str) -> None:
        """Run; n/a where the commit lacks the target, or the algorithm does not apply to it."""
        target = matrix(self.target)
        if algorithm == "power-projection" and np.linalg.eigvalsh(target + target.T)[0] <= 0:
            raise NotImplementedError("power projection needs a positive margin")
        self.solution = dlr.solve(target, depth, ALGORITHMS[algorithm](), tol=TOL, max_steps=MAX_STEPS, history=False)

    def track_iterations(self, depth: int, algorithm: str) -> int:
        """Steps to excess loss 1e-6; 5,000 where it is not reached, so that losing convergence is a rise."""
        return self.solution.steps if self.solution.converged else MAX_STEPS

    def track_success(self, depth: int, algorithm: str) -> int:
        """1 where excess loss 1e-6 is reached within 5,000 steps, else 0."""
        return int(self.solution.converged)

    track_iterations.unit = "steps"  # type: ignore[attr-defined]
    track_success.unit = "reached"  # type: ignore[attr-defined]


for _target in REVISIONS:
    _name = camel_case(_target)
    globals()[_name] = benchmark_class(__name__, _name, _Iterations, _target, measure=1)
