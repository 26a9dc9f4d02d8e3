"""A few problems from the strategy of each claim, the same ones every time."""

from collections.abc import Callable
from functools import cache

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.strategies import SearchStrategy

import catalog
from dlr import Problem

DRAWS = 12


@cache
def strategy(draws: Callable[[], SearchStrategy[Problem]]) -> SearchStrategy[Problem]:
    """The strategy of a claim or a control, made once: Hypothesis prepares each for its first draw."""
    return draws()


def drawn(name: str) -> list[Problem]:
    """Problems of the claim of this name."""
    return drawn_from(catalog.all_claims()[name].draws)


@cache
def drawn_from(draws: Callable[[], SearchStrategy[Problem]]) -> list[Problem]:
    """Problems of a strategy, which several claims may share."""
    found: list[Problem] = []

    @settings(
        max_examples=DRAWS,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),  # speed and rejections are counted in test_examples
    )
    @given(strategy(draws))
    def collect(problem: Problem) -> None:
        found.append(problem)

    collect()
    return found
