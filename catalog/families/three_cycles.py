"""Permutation made of 3-cycles: at distance sqrt(6) or more, without margin, and learned."""

import numpy as np

from catalog.families._ingredients import ROTATION
from catalog.family import REFUSED, Family, learned, not_learned
from catalog.parameters import count
from catalog.traits import clear_of_negative_axis, negative_margin
from dlr.types import Matrix


@Family.define(
    source="Even permutations; normal, so exactly reducible",
    traits=(*ROTATION, negative_margin, clear_of_negative_axis),
    parameters={"dimension": count(4, 3, 12), "cycles": count(1, 1, 4)},
    expected={
        "gradient-descent": learned("normal-dichotomy"),
        "step-and-project": learned("observed"),
        "penalized": not_learned("observed"),
        "power-projection": REFUSED,
    },
)
def three_cycles(*, dimension: int, cycles: int) -> Matrix:
    """Cycles of three neighboring coordinates each, as many as asked for and fit, the other coordinates fixed.

    Eigenvalues ``exp(+-2 pi i / 3)`` and 1: a rotation by 120 degrees about (1, 1, 1). The chord from 1 to the
    eigenvalue passes 0 at distance 1/2, so gradient descent and step-and-project get there in a few dozen steps. The
    penalty's bias exceeds the tolerance, and the margin is -1/2.
    """
    cycles = min(cycles, dimension // 3)
    image = np.arange(dimension)
    image[: 3 * cycles] = np.roll(image[: 3 * cycles].reshape(cycles, 3), 1, axis=1).ravel()
    return np.eye(dimension)[image]
