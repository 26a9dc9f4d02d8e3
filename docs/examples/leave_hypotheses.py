"""Walk out of a theorem: P1b bounds every step near the identity.

The target ``diag(1 - D, 1)`` is at distance D from the identity. The theorem allows D up
to 1/12, at step size ``eta = 1 / (2 L)``. It holds where observed / bound is at most 1.
"""

import numpy as np

import catalog
from dlr import GradientDescent, Problem

claim = catalog.all_claims()["near-identity-error-shrinks"]
depth = 8
for distance in (0.04, 0.08, 0.2, 0.4, 0.6, 0.8, 1.2):
    target = np.diag([1 - distance, 1.0])
    problem = Problem(target, depth, GradientDescent(1 / (2 * depth)), max_steps=1000)
    evidence = claim(problem)
    verdict = "holds" if evidence.holds(claim.kind) else "violated"
    missing = ", ".join(claim.dropped(problem))
    where = f"outside the theorem: not {missing}" if missing else "inside the theorem"
    print(f"D = {distance:.2f}: {evidence.ratio:<8.3g} {verdict:8} {where}")
