"""The hardest instance of each claim that a search has found, on record in ``catalog/records.json``."""

import importlib
import json
from pathlib import Path
from typing import Any

import numpy as np

from catalog import registry
from catalog.app import destinations
from catalog.app.attempt import Try
from catalog.app.falsification import Search
from catalog.app.perturbation import STARTS, has_own_start, named_start, parameters_of
from catalog.claim import Claim, Evidence
from catalog.claims._points import PairProblem
from dlr import Problem
from dlr.arguments import InputError

FILE = Path(__file__).parent.parent / "records.json"


def hardest_instances(min_depth: int = 1) -> dict[str, dict[str, Any]]:
    """The records of searches from this depth on, by the claims' identifiers."""
    return {record["claim"]: record for record in all_records() if record["min_depth"] == min_depth}


def all_records() -> list[dict[str, Any]]:
    """The records; none where there is no file."""
    records: list[dict[str, Any]] = json.loads(FILE.read_text(encoding="utf-8")) if FILE.exists() else []
    return records


def check_savable(claim: Claim) -> None:
    """Fail before the search rather than after it.

    Raises
    ------
    InputError
        If the claim is another package's, the catalog is installed, or the file can't be written.
    """
    if "." in claim.identifier:
        raise InputError(f"claim {claim.identifier} is of another package: --save is for the catalog's own")
    if not (FILE.parent.parent / "pyproject.toml").is_file():
        raise InputError(f"catalog in {FILE.parent} is installed, not a checkout: run this in a clone to keep a record")
    destinations.checked_destination(str(FILE))


def save(search: Search) -> bool:
    """Put the hardest problem of a search on record unless a harder one is; returns whether it was put there.

    A claim has a record of any depth, and one for each least depth that was searched from. The file is written whole
    or not at all.
    """
    assert search.hardest is not None, "a search that is saved has found something"
    claim = search.claim
    records = {(record["claim"], record["min_depth"]): record for record in all_records()}
    beaten = [
        (claim.identifier, min_depth)
        for min_depth in {1, search.min_depth}
        if (claim.identifier, min_depth) not in records
        or search.hardest.harder_than(recorded_try(claim, records[claim.identifier, min_depth]))
    ]
    if not beaten:
        return False
    for key in beaten:
        records[key] = {
            "claim": claim.identifier,
            "name": claim.name,
            "min_depth": key[1],
            **described(search.hardest),
            "seed": search.seed,
            "tries": search.tries,
            "seconds": round(search.seconds, 1),
        }
    order = [known.identifier for known in registry.all_claims().values()]
    kept = sorted((key for key in records if key[0] in order), key=lambda key: (order.index(key[0]), key[1]))
    destinations.write_records(FILE, [records[key] for key in kept])
    return True


def described(tried: Try) -> dict[str, Any]:
    """A problem and what was seen of it, as JSON can hold them, numbers to the last bit."""
    problem, evidence = tried.problem, tried.evidence
    start: Any = named_start(problem)
    if has_own_start(problem):
        distinct, order = np.unique(problem.start, axis=0, return_inverse=True)
        start = {"layers": distinct.tolist(), "order": order.ravel().tolist()}
    second = getattr(problem, "second", None)
    return {
        "ratio": None if tried.ratio is None else float(tried.ratio),
        "observed": float(evidence.observed),
        "bound": float(evidence.bound),
        "slack": float(evidence.slack),
        "depth": problem.depth,
        "algorithm": problem.algorithm.name,
        "parameters": {name: float(value) for name, value in parameters_of(problem).items()},
        "step_size": float(problem.step_size),
        "tol": float(problem.tol),
        "max_steps": problem.max_steps,
        "engine": problem.engine,
        "target": problem.target.tolist(),
        "start": start,
        **({} if second is None else {"second": second.tolist()}),
    }


def recorded_problem(record: dict[str, Any]) -> Problem:
    """The problem on record, whose algorithm is one of the registry or says its ``algorithm_class``."""
    target, depth, start = np.array(record["target"]), record["depth"], record["start"]
    layers = None
    if isinstance(start, str):
        layers = STARTS[start](target, depth)
    elif start is not None:
        layers = np.array(start["layers"])[start["order"]]
    algorithm: Any
    if "algorithm_class" in record:
        module, _, name = record["algorithm_class"].partition(":")
        algorithm = getattr(importlib.import_module(module), name)
    else:
        algorithm = registry.all_algorithms()[record["algorithm"]]
    arguments: dict[str, Any] = {
        "target": target,
        "depth": depth,
        "algorithm": algorithm(**record["parameters"], step_size=record["step_size"]),
        "tol": record["tol"],
        "max_steps": record["max_steps"],
        "initial_layers": layers,
        "engine": record["engine"],
    }
    if "second" in record:
        return PairProblem(**arguments, second=np.array(record["second"]))
    return Problem(**arguments)


def recorded_try(claim: Claim, record: dict[str, Any]) -> Try:
    """The problem on record with what was seen of it then."""
    evidence = Evidence(record["observed"], record["bound"], record["slack"])
    return Try(claim, recorded_problem(record), evidence)
