"""A good value for every parameter of the public functions, by its name, and an instance of every public class."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from hypothesis import strategies as st

import catalog
import dlr
from catalog import strategies, testing, traits
from catalog.claim_parts import Contraction, Evidence, Kind
from catalog.parameters import Parameter, count
from catalog.proofs import Step
from catalog.sources import bhl
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
    "most_bits": lambda: 128,
    "certificate": lambda: catalog.certify(M, 2, steps=2),
    "engine": lambda: "spectral",
    "outcome": lambda: dlr.Outcome.CONVERGED,
    "steps": lambda: 3,
    "losses": lambda: np.ones(4),
    "lowest_loss": lambda: 1.0,
    "product": M.copy,
    "loss": lambda: np.ones(3),
    "dlr.rounding.power.exponent": lambda: 0.5,
    **{f"dlr.solution.BatchSolution.{name}": partial(getattr, BATCH, name) for name in vars(BATCH)},
    "identifier": lambda: "C9",
    "check": lambda: lambda problem: Evidence(0.0, 1.0),
    "source": lambda: bhl("theorem 1"),
    "hypotheses": lambda: (traits.symmetric,),
    "quantity": lambda: "value",
    "problems": lambda: lambda matrix, depth: (),
    "draws": lambda: lambda: None,
    "depths": lambda: (2,),
    "controls": lambda: (),
    "confined": lambda: (),
    "proof_only": lambda: (),
    "symbols": lambda: (),
    "written": lambda: "value",
    "origin": lambda: "value",
    "observed": lambda: 0.5,
    "bound": lambda: 1.0,
    "start": lambda: 1.0,
    "rounding": lambda: 1e-12,
    "tol": lambda: 1e-6,
    "largest_step_size": lambda: 0.5,
    "drops": lambda: traits.symmetric,
    "holds": lambda: lambda *_, **__: True,
    "build": lambda: lambda: M,
    "traits": lambda: (traits.symmetric,),
    "parameters": dict,
    "expected": dict,
    "revision": lambda: 1,
    "because": lambda: "observed",
    "default": lambda: 2,
    "minimum": lambda: 1,
    "maximum": lambda: 3,
    "integral": lambda: True,
    "meaning": lambda: "value",
    "measure": lambda: lambda matrix: 0.0,
    "trait_names": lambda: "symmetric",
    "groups": lambda: "dlr.targets",
    "key": lambda: "wu2019",
    "authors": lambda: ("Wu, Lei",),
    "title": lambda: "value",
    "year": lambda: 2019,
    "venue": lambda: "value",
    "paper": lambda: bhl("theorem 1").paper,
    "theorem": lambda: "theorem 1",
    "statement": lambda: "theorem 1",
    "sources": lambda: [bhl("theorem 1")],
    "says": lambda: "value",
    "step": lambda: Step("x <= 1", lambda c, x: (x, 1.0), variables={"x": (0.0, 0.5)}),
    "slack": lambda: (0.1, 0.2),
    "boxes": lambda: 1,
    "singular_values": strategies.spectra,
    "catalog.strategies.with_spectrum.eigenvalues": strategies.spectra,
    "catalog.claim.Claim.kind": lambda: Kind.UPPER_BOUND,
    "catalog.claim.Claim.define.kind": lambda: Kind.UPPER_BOUND,
    "catalog.claim_parts.Evidence.holds.kind": lambda: Kind.UPPER_BOUND,
    "catalog.claim_parts.Promise.claim": lambda: "P3",
    "catalog.family.Target.traits": frozenset,
    "catalog.family.Target.family": lambda: "value",
    "catalog.family.Expectation.outcome": lambda: "learned",
    "catalog.family.Family.__call__.parameters": lambda: 1.0,
    "catalog.family.Family.member.parameters": lambda: 1.0,
    "catalog.registry.target.parameters": lambda: 1.0,
    "catalog.registry.target.name": lambda: "rotation",
    "catalog.registry.parsed.name": lambda: "rotation(angle=1.0)",
    "catalog.registry.claim_named.name": lambda: "P3",
    "catalog.traits.named.name": lambda: "symmetric",
    "catalog.proofs.Step.with_constant.name": lambda: "c",
    "catalog.proofs.Checked.holds": lambda: True,
    "largest": lambda: lambda problem: 1.0,
    "contraction": lambda: lambda problem: Contraction(1.0, 0.1, 1e-12),
    "catalog.conditions.raised.contraction": lambda: Contraction(1.0, 0.1, 1e-12),
    "catalog.decay.decay_ratio.bound": lambda: Contraction(1.0, 0.1, 1e-12),
    "catalog.decay.step_decay_ratio.bound": lambda: Contraction(1.0, 0.1, 1e-12),
    "catalog.decay.decay_over_run.bound": lambda: Contraction(1.0, 0.1, 1e-12),
    "catalog.decay.decay_in_each_step.bound": lambda: Contraction(1.0, 0.1, 1e-12),
    "catalog.ingredients.with_longer_steps.problems": st.nothing,
    "catalog.ingredients.with_penalty.problems": st.nothing,
    "catalog.ingredients.from_zero.problems": st.nothing,
    "catalog.ingredients.from_zero_asymmetric.problems": st.nothing,
    "catalog.ingredients.with_the_first_layer_faster.problems": st.nothing,
    "catalog.family.Family.source": lambda: "value",
    "catalog.family.Family.define.source": lambda: "value",
    "x": lambda: 0.5,
    "like": lambda: 0.5,
    "catalog.enclosures.power.exponent": lambda: 0.5,
    "allowed": lambda: 10,
    "solution": lambda: dlr.solve(M, 2, max_steps=3),
    "horizon": lambda: 3,
    "times": lambda: np.array([0.0, 0.5]),
    "low": lambda: 0.5,
    "high": lambda: 2.0,
    "seed": lambda: 0,
    "s": lambda: 1.0,
    "ratio": lambda: 0.5,
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
    Contraction: lambda: Contraction(1.0, 0.1, 1e-12),
    Evidence: lambda: Evidence(0.5, 1.0),
    Parameter: lambda: count(2, 1, 3),
    Step: lambda: Step("x <= c", lambda c, x: (x, c.c), {"c": 1.0}, {"x": (0.0, 0.5)}),
    traits.Trait: lambda: traits.symmetric,
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
