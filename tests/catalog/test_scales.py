"""Targets of every scale: each claim holds or does not apply, each command ends with a result or one line."""

import json
import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings

import catalog
from catalog.claim import Claim
from dlr import matrices
from dlr.types import Matrix

THOROUGH = settings.default.max_examples >= 1000
EXPONENTS = range(-320, 308, 5) if THOROUGH else (-320, -300, -200, -150, -100, -24, 24, 100, 150, 300)
SHAPES = {
    "definite": [[2.0, 0.5], [0.5, 1.0]],
    "negative": [[-1.0, 0.0], [0.0, 2.0]],
    "rotation": [[0.0, -1.0], [1.0, 0.0]],
    "general": [[3.0, 1.0, 0.0], [-2.0, 1.0, 0.5], [0.0, 0.1, -1.0]],
}
PROBLEMS = None if THOROUGH else 1
"""Problems of a claim that are checked on each target; all of them under ``thorough``."""


def scaled(shape: str) -> Iterator[Matrix]:
    """A matrix times powers of ten, down to denormal numbers and up to what is finite."""
    for exponent in EXPONENTS:
        matrix = np.array(SHAPES[shape]) * float(f"1e{exponent}")
        if np.all(np.isfinite(matrix)):
            yield matrix


@pytest.mark.parametrize("shape", SHAPES if THOROUGH else ["definite"])
@pytest.mark.parametrize("claim", catalog.all_claims().values(), ids=lambda claim: claim.name)
def test_claim_holds_at_every_scale_or_does_not_apply(claim: Claim, shape: str) -> None:
    for matrix in scaled(shape):
        for _, problem in zip(range(PROBLEMS or 10**6), claim.problems_for(matrix), strict=False):
            evidence = claim(problem)
            assert evidence.holds(claim.kind), (matrix.tolist(), problem.depth, evidence)


@pytest.mark.parametrize("shape", SHAPES)
def test_traits_do_not_depend_on_a_small_scale(shape: str) -> None:
    of_the_shape = {"symmetric", "schur-form", "normal", "margin-positive", "positive-definite", "negative-margin"}
    of_the_shape |= {"negative-eigenvalue", "nonsingular", "positive-determinant"}
    own = catalog.traits.of(np.array(SHAPES[shape])) & of_the_shape
    for matrix in scaled(shape):
        if np.min(np.abs(matrix), where=matrix != 0, initial=1.0) >= 1e-290:  # below, an entry has fewer digits
            assert catalog.traits.of(matrix) & of_the_shape == own, matrix.tolist()


def test_rescaled_has_its_largest_entry_from_one_half_to_one() -> None:
    for matrix in scaled("general"):
        other = matrices.rescaled(matrix)
        assert 0.5 <= np.max(np.abs(other)) < 1
        assert math.frexp(matrix[0, 0])[0] == math.frexp(other[0, 0])[0]


@pytest.mark.parametrize(
    "options",
    [
        ["--depth", "4"],
        ["--depth", "1", "--json"],
        ["--depth", "3", "--start", "zero-asymmetric"],
        ["--depth", "3", "--step-size", "proved"],
        ["--depth", "3", "--algorithm", "power-projection"],
        ["--depth", "3", "--algorithm", "penalized", "--strength", "0.1", "--engine", "reference"],
    ],
    ids=" ".join,
)
def test_solve_ends_with_an_outcome_or_one_line(run, tmp_path: Path, options: list[str]) -> None:
    path = tmp_path / "matrix.json"
    for shape in SHAPES if THOROUGH else ["general"]:
        for matrix in scaled(shape):
            path.write_text(json.dumps(matrix.tolist()))
            code, out, err = run("solve", str(path), "--max-steps", "100", *options)
            assert code in (0, 1, 2), (matrix.tolist(), err)
            assert len(err.splitlines()) == (code == 2), (matrix.tolist(), err)
            assert out or code == 2
