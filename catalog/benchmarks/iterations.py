"""Steps to a fixed excess loss: counts, exact across machines."""

import catalog
import dlr


class Iterations:
    """Plain gradient descent at the covering theorem's step size."""

    param_names = ("target", "depth")
    params = (["geometric-spectrum", "rotation", "path-laplacian"], [2, 8])

    def setup(self, name: str, depth: int) -> None:
        """Look the target up; n/a where this commit lacks it."""
        if name not in catalog.families():
            raise NotImplementedError(name)
        self.matrix = catalog.target(name).matrix

    def track_iterations(self, name: str, depth: int) -> int:
        """Steps to excess loss 1e-9."""
        return dlr.solve(self.matrix, depth, tol=1e-9, history=False).steps

    track_iterations.unit = "steps"  # type: ignore[attr-defined]
    track_iterations.version = "1"  # type: ignore[attr-defined]
