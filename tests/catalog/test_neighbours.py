"""A matrix with a structure up to rounding is checked as the one that has it exactly, and its distance is reported."""

import json
from pathlib import Path

import numpy as np
import pytest

import catalog
from catalog.app.validate import bound_at, checked, tasks_for
from catalog.claim import Evidence
from catalog.family import Target
from catalog.neighbours import distance_between, exact_neighbours
from catalog.registry import claim_named
from dlr import matrices, spectral

SADDLE = np.array([[2.0, 0.1, 0.0], [0.1, -1.0, 0.3], [0.0, 0.3, 1.0]])


def moved(departure: float) -> np.ndarray:
    """`SADDLE` with one entry moved."""
    result = SADDLE.copy()
    result[1, 0] += departure
    return result


@pytest.mark.parametrize("departure", [2.0**-52, 1e-15])
def test_nearly_symmetric_has_its_symmetric_part_next_to_it(departure: float) -> None:
    itself, even, *_ = exact_neighbours(moved(departure))
    assert np.array_equal(itself.matrix, moved(departure))
    assert itself.distance == 0
    assert np.array_equal(even.matrix, even.matrix.T)
    off = float(moved(departure)[1, 0]) - 0.1
    assert even.distance == pytest.approx(off / np.sqrt(2), rel=0.5)
    assert distance_between(moved(departure), even.matrix) == even.distance


@pytest.mark.parametrize("departure", [1e-12, 1e-8, 1e-3])
def test_no_neighbour_beyond_rounding(departure: float) -> None:
    assert len(list(exact_neighbours(moved(departure)))) == 1
    assert not claim_named("P4").applies_to(moved(departure))


@pytest.mark.parametrize("scale", [1e-150, 1.0, 1e150])
@pytest.mark.parametrize("seed", range(5))
def test_distance_to_the_schur_blocks_is_a_bound(scale: float, seed: int) -> None:
    """Turned by an orthogonal matrix, which is one up to rounding only, the blocks are at least that near."""
    rng = np.random.default_rng(seed)
    blocks = scale * matrices.plane_rotations(rng.uniform(0.1, 3.0, 3), 7)
    Q = np.linalg.qr(rng.standard_normal((7, 7)))[0]
    turned = Q @ blocks @ Q.T
    _, *others = exact_neighbours(turned)
    (found,) = others
    assert spectral.have_blocks(found.matrix)
    assert 0 < found.distance <= 1e-12 * scale
    rounding = found.distance - spectral.nearest_normal(turned).departure
    # of the basis, on both sides, and of the two products that measure the departure
    assert rounding == pytest.approx((2 + 2) * 7**2 * 2.0**-52 * np.linalg.norm(blocks))
    angles = [np.sort(np.angle(np.linalg.eigvals(A))) for A in (blocks, found.matrix)]
    assert angles[0] == pytest.approx(angles[1], abs=1e-12)


def test_exact_forms_are_their_own() -> None:
    for matrix in (SADDLE, np.eye(2), matrices.plane_rotations(np.array([1.0]), 2)):
        assert len(list(exact_neighbours(matrix))) == 1


def test_record_has_the_distance_and_a_floor_lowered_by_it() -> None:
    target = Target.of("own", moved(1e-15))
    records = list(checked(tasks_for([claim_named("P4")], [target])))
    assert records
    even = list(exact_neighbours(target.matrix))[1]
    for record in records:
        assert record.distance == even.distance > 0
        assert record.holds
    exact = Target.of("exact", even.matrix)
    floors = [record.bound for record in checked(tasks_for([claim_named("P4")], [exact]))]
    assert all(record.bound <= floor for record, floor in zip(records, floors, strict=True))


@pytest.mark.parametrize(("claim", "bound"), [("P4", 0.405), ("P4b", 0.605), ("P3b", 0.5)])
def test_bound_on_a_loss_moves_with_the_distance(claim: str, bound: float) -> None:
    """``1/2 (1 -+ 0.1)^2``; a bound on something else stays."""
    assert bound_at(claim_named(claim), Evidence(1.0, 0.5), 0.1) == pytest.approx(bound)
    assert bound_at(claim_named(claim), Evidence(1.0, 0.5), 0.0) == 0.5


def test_a_floor_below_the_distance_is_none() -> None:
    assert bound_at(claim_named("P4"), Evidence(1.0, 0.5), 2.0) == 0.0


def test_zero_is_moved_too_and_a_negative_bound_stays() -> None:
    assert bound_at(claim_named("P4b"), Evidence(1.0, 0.0), 0.5) == 0.125
    assert bound_at(claim_named("P4b"), Evidence(1.0, -0.5), 0.5) == -0.5


def test_validate_shows_it(run, tmp_path: Path) -> None:
    path = tmp_path / "near.json"
    path.write_text(json.dumps(moved(1e-15).tolist()))
    code, out, _ = run("validate", "--target-file", str(path), "--claim", "P4")
    assert code == 0
    assert "distance" in out
    assert "for the matrix next to it" in out
    assert "9 checks are of the exactly structured matrix next to the target, at most" in out
    records = json.loads(run("validate", "--target-file", str(path), "--claim", "P4", "--json")[1])
    assert all(0 < record["distance"] < 1e-14 for record in records)


def test_named_targets_of_exact_form_are_checked_themselves() -> None:
    exact = [target for target in catalog.targets() if spectral.have_blocks(target.matrix)]
    assert len(exact) > 10
    for task in tasks_for([claim_named("N1"), claim_named("N2a")], exact):
        assert task.distance == 0
