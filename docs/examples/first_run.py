"""Train 8 layers to a rotation, which they learn, and to a reflection: they can't."""

import catalog
import dlr

for name in ("rotation(angle=2)", "householder"):
    target = catalog.target(name).matrix
    solution = dlr.solve(target, depth=8, max_steps=1000)
    print(name, "-", solution.outcome.name, "after", solution.steps, "steps")
    print("  excess loss, every 8th step:", *(f"{loss:.3g}" for loss in solution.losses[:40:8]))
    for promise in catalog.promises(target, depth=8):
        if promise.floor is not None:
            print(f"  claim {promise.claim} proves: never below {promise.floor:.3g}")
