"""New family: say here in one line what is interesting about its targets."""

import numpy as np

from catalog import traits
from catalog.family import Family, learned
from catalog.parameters import count, real
from dlr.types import Matrix


@Family.define(
    source="textbook: a diagonal matrix with evenly spaced eigenvalues",
    traits=(traits.symmetric, traits.positive_definite),
    parameters={"dimension": count(3, 1, 12), "largest": real(2.0, 1.0, 10.0)},
    expected={
        "gradient-descent": learned("positive-definite-converges"),
        "step-and-project": learned("observed"),
        "penalized": learned("observed"),
        "power-projection": learned("margin-converges"),
    },
)
def new_family(*, dimension: int, largest: float) -> Matrix:
    """Diagonal matrix with eigenvalues evenly spaced from 1 to ``largest``.

    Say here what each algorithm does with the default target, and why. ``expected`` above says it to the tests:
    ``learned`` or ``not_learned``, by the claim that proves it or ``"observed"``; ``REFUSED`` where power projection
    finds no margin. ``traits`` are those that every member has, at all admissible parameters.
    """
    return np.diag(np.linspace(1.0, largest, dimension))
