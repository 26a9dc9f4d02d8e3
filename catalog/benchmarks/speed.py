"""Runtime of a fixed number of steps, by engine."""

import numpy as np

import dlr


class Steps:
    """One thousand gradient-descent steps on a symmetric target, tolerance 0."""

    param_names = ("engine", "dimension")
    params = (["reference", "spectral"], [4, 16])

    def setup(self, engine: str, dimension: int) -> None:
        """Shifted path Laplacian, written out so that no catalog change moves the series."""
        off = np.eye(dimension, k=1)
        self.matrix = 3 * np.eye(dimension) - off - off.T
        self.algorithm = dlr.GradientDescent(step_size=1e-4)

    def time_steps(self, engine: str, dimension: int) -> None:
        """One thousand steps at depth 8."""
        dlr.solve(self.matrix, 8, self.algorithm, tol=0.0, max_steps=1000, engine=engine, history=False)

    time_steps.version = "1"  # type: ignore[attr-defined]
