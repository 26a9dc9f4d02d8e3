"""Projections to a margin that do too little or too much are caught by the claims on the projection."""

from collections.abc import Callable

import pytest
from claim_draws import drawn

import catalog
from dlr import matrices
from dlr.types import Matrix

RIGHT = matrices.project_to_margin

WRONG: dict[str, Callable[[Matrix, float], Matrix]] = {
    "none": lambda matrix, margin: matrix,
    "half as far": lambda matrix, margin: (matrix + RIGHT(matrix, margin)) / 2,
    "a tenth further": lambda matrix, margin: matrix + 1.1 * (RIGHT(matrix, margin) - matrix),
    "reflection": lambda matrix, margin: 2 * RIGHT(matrix, margin) - matrix,
    "skew part left out": lambda matrix, margin: matrices.symmetric_part(RIGHT(matrix, margin)),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_projection_is_caught(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    claims = [catalog.all_claims()[f"margin-projection-{kind}"] for kind in ("idempotent", "non-expansive")]
    assert all(claim(problem).holds(claim.kind) for claim in claims for problem in drawn(claim.name))
    monkeypatch.setattr(matrices, "project_to_margin", WRONG[name])
    caught = [
        claim.identifier for claim in claims for problem in drawn(claim.name) if not claim(problem).holds(claim.kind)
    ]
    assert caught
