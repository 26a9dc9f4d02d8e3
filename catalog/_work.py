"""Limits the steps that a check follows a run, by what they cost."""

from dlr.types import Matrix

WORK = 6_000
"""Largest number of steps times layers of a run that is checked step by step."""

LARGE = 100
"""Dimension beyond which a layer counts as ``(d / 100)^3`` of them, as products cost more."""


def horizon(most: int, target: Matrix, depth: int, cost: int = 1) -> int:
    """How many steps a run is followed: at most ``most``, and as many as `WORK` allows at this size.

    ``cost`` compares a large layer's step with a plain one, where it takes decompositions.
    """
    layer = cost * (len(target) / LARGE) ** 3 if len(target) > LARGE else 1.0
    return max(1, min(most, int(WORK / (depth * layer))))
