"""A family of targets of your own: its matrix, its traits, and what is expected of it."""

import numpy as np

import catalog
import dlr
from catalog import traits
from catalog.family import REFUSED, Family, learned, not_learned
from catalog.parameters import real
from catalog.testing import check_family


@Family.define(
    source="a spring with friction, after one unit of time",
    traits=(traits.normal, traits.positive_determinant),
    parameters={"angle": real(2.0, 0.0, 2.5), "decay": real(0.8, 0.5, 1.0)},
    expected={
        "gradient-descent": learned("normal-dichotomy"),
        "step-and-project": learned("observed"),
        "penalized": not_learned("observed"),
        "power-projection": REFUSED,
    },
)
def damped_spring(*, angle, decay):
    """Rotation of the plane by an angle, shrunk by a factor.

    Normal, with no eigenvalue on the negative real axis, so gradient descent learns it.
    The margin is negative beyond a quarter turn, so power projection refuses the default.
    """
    cos, sin = np.cos(angle), np.sin(angle)
    return decay * np.array([[cos, -sin], [sin, cos]])


check_family(damped_spring)  # raises where a trait or an expectation is wrong

for angle in (0.5, 1.5, 2.5):
    target = damped_spring(angle=angle)
    print(target.name)
    for promise in catalog.promises(target.matrix, depth=8):
        solution = dlr.solve(target.matrix, 8, dlr.GradientDescent(promise.step_size))
        needed = f"{solution.steps:,} are enough"
        print(f"  {promise.claim} proves {promise.steps:,} steps, {needed}")
