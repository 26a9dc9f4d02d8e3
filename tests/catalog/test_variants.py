"""Conformance of every algorithm, the paper's and the catalog's variants."""

import pytest

from catalog import registry, testing
from dlr import PowerProjection, StepAndProject
from dlr.algorithms import Penalized

READY = {"step-and-project": StepAndProject(0.5), "penalized": Penalized(0.1), "power-projection": PowerProjection(0.5)}
ALGORITHMS = {name: READY.get(name, found) for name, found in registry.all_algorithms().items() if "." not in name}


@pytest.mark.parametrize("name", ALGORITHMS)
def test_algorithm_conforms(name: str) -> None:
    testing.check_algorithm(ALGORITHMS[name])
