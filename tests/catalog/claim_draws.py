"""A few problems from the strategy of each claim, the same ones every time."""

from functools import cache

from hypothesis import HealthCheck, Phase, given, settings

import catalog
from dlr import Problem

DRAWS = 12


@cache
def drawn(name: str) -> list[Problem]:
    """Problems of the claim of this name."""
    found: list[Problem] = []

    @settings(
        max_examples=DRAWS,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),  # speed and rejections are counted in test_examples
    )
    @given(catalog.all_claims()[name].draws())
    def collect(problem: Problem) -> None:
        found.append(problem)

    collect()
    return found
