"""A good value for every parameter of the public functions, by its name, and an instance of every public class."""

from collections.abc import Callable
from typing import Any

import numpy as np

import catalog
import dlr
from catalog import testing
from dlr import network, spectral

M = np.array([[2.0, 0.5], [0.5, 1.0]])
BATCH = dlr.solve_batch([M], 1, max_steps=0)

VALUES: dict[str, Callable[[], Any]] = {
    "target": M.copy,
    "targets": lambda: np.array([M, 2 * M]),
    "matrix": M.copy,
    "matrices": lambda: np.array([M, 2 * M]),
    "rotation": lambda: np.eye(2),
    "layers": lambda: network.identity_layers(M, 3),
    "error": M.copy,
    "depth": lambda: 3,
    "margin": lambda: 0.5,
    "radius": lambda: 0.5,
    "strength": lambda: 0.1,
    "step_size": lambda: 0.1,
    "angles": lambda: np.array([0.5]),
    "dimension": lambda: 2,
    "algorithm": lambda: dlr.GradientDescent(0.1),
    "problem": lambda: dlr.Problem(M, 3, dlr.GradientDescent(0.1), max_steps=50),
    "z": lambda: np.ones(2, dtype=np.complex128),
    "values": lambda: np.ones(2, dtype=np.complex128),
    "eigenvalues": lambda: np.array([1.0, 2.0 + 0j]),
    "exponent": lambda: 3,
    "spectrum": lambda: spectral.spectrum(M),
    "weights": lambda: np.ones(2),
    "basis": lambda: np.eye(2),
    "departure": lambda: 0.0,
    "operations": lambda: 2,
    "reach": lambda: 2.0,
    "rate": lambda: 0.1,
    "base": lambda: 2.0,
    "floor": lambda: 0.5,
    "engine": lambda: "spectral",
    "outcome": lambda: dlr.Outcome.CONVERGED,
    "steps": lambda: 3,
    "losses": lambda: np.ones(4),
    "lowest_loss": lambda: 1.0,
    "product": M.copy,
    "loss": lambda: np.ones(3),
    "dlr.rounding.power.exponent": lambda: 0.5,
    **{f"dlr.solution.BatchSolution.{name}": lambda: np.ones(3) for name in vars(BATCH)},
    "claim": lambda: catalog.all_claims()["positive-definite-converges"],
    "family": lambda: catalog.all_families()["rotation"],
    "catalog.testing.parametrize_with_claims.targets": lambda: [catalog.target("lehmer")],
    "catalog.testing.ClaimCheck.__call__.target": lambda: catalog.target("lehmer"),
    "name": lambda: "value",
    "kind": lambda: str,
    "others": lambda: int,
    "options": lambda: ["a", "b"],
    "record": lambda: dlr.GradientDescent(0.1),
    "size": lambda: 100,
    "fix": lambda: "lower it",
    "value": lambda: 1,
    "dlr.arguments.flag.value": lambda: True,
    "dlr.arguments.text.value": lambda: "a",
    "dlr.arguments.one_of.value": lambda: "a",
    "dlr.arguments.function.value": lambda: len,
    "dlr.arguments.instance.value": lambda: "a",
    "dlr.arguments.instances.value": lambda: ("a",),
    "dlr.arguments.listed.value": lambda: ["a"],
    "dlr.arguments.mapping.value": lambda: {"a": "b"},
}
"""By parameter name, or by the qualified name of the function and its parameter."""

RECEIVERS: dict[type, Callable[[], Any]] = {
    testing.ClaimCheck: lambda: testing.ClaimCheck(argument("", "claim")),
}
"""Instances for methods of classes whose constructor needs more than `VALUES`."""


def argument(function: str, parameter: str) -> Any:
    """A good value for a function's parameter."""
    make = VALUES.get(f"{function}.{parameter}", VALUES.get(parameter))
    assert make is not None, f"give parameter {parameter!r} of {function} a good value in tests/good_values.py"
    return make()


def receiver(kind: type) -> Any:
    """An instance of a class."""
    return RECEIVERS[kind]() if kind in RECEIVERS else VALUES[kind.__name__.lower()]()
