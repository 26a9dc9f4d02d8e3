"""Traits measure what they say, at matrices where that is known by hand, and hold up to their thresholds."""

import math

import numpy as np
import pytest

from catalog import traits
from catalog.traits import ALL, Trait, path_clearances
from dlr import InputError

SHEAR = [[1.0, 2.0], [0.0, 1.0]]
QUARTER = [[0.0, -1.0], [1.0, 0.0]]


def diagonal(*entries: float) -> np.ndarray:
    return np.diag(np.array(entries))


MEASURED = [
    ("symmetric", diagonal(2.0, 1.0), 0.0, True),
    ("symmetric", SHEAR, math.sqrt(8 / 6), False),
    ("schur-form", QUARTER, 1.0, True),
    ("schur-form", SHEAR, 0.0, False),
    ("normal", QUARTER, 0.0, True),
    ("normal", np.zeros((2, 2)), 0.0, True),
    ("orthogonal", QUARTER, 0.0, True),
    ("orthogonal", diagonal(2.0, 2.0), 3.0, False),
    ("orthogonal", diagonal(1.0, 1.0, 2.0), math.sqrt(3), False),
    ("margin-positive", diagonal(4.0, 1.0), 0.25, True),
    ("margin-positive", SHEAR, 0.0, False),
    ("positive-definite", diagonal(4.0, 1.0), 0.25, True),
    ("positive-definite", diagonal(4.0, -1.0), -0.25, False),
    ("positive-definite", [[1.0, 0.5], [0.0, 1.0]], -math.inf, False),
    ("negative-margin", diagonal(-4.0, 1.0), 1.0, True),
    ("negative-margin", diagonal(4.0, 1.0), -0.25, False),
    ("negative-eigenvalue", diagonal(4.0, -1.0), 0.25, True),
    ("negative-eigenvalue", diagonal(4.0, 1.0), -0.25, False),
    ("negative-eigenvalue", [[-1.0, 0.5], [0.0, 1.0]], -math.inf, False),
    ("near-identity", diagonal(1.05, 1.0), 0.05, True),
    ("near-identity", diagonal(1.5, 1.0), 0.5, False),
    ("within-unit-distance", diagonal(1.25, 1.0), 0.75, True),
    ("within-unit-distance", diagonal(2.0, 1.0), 0.0, False),
    ("nonsingular", diagonal(-4.0, 1.0), 0.25, True),
    ("nonsingular", np.ones((1, 1)) * 0.0, 0.0, False),
    ("positive-determinant", diagonal(4.0, 1.0), 0.25, True),
    ("positive-determinant", diagonal(-4.0, 1.0), -0.25, False),
    ("positive-determinant", diagonal(-4.0, -1.0), 0.25, True),
    ("clear-of-negative-axis", QUARTER, math.sqrt(0.5), True),
    ("clear-of-negative-axis", diagonal(0.25, 4.0), 0.25, True),
    ("clear-of-negative-axis", diagonal(-0.25, 4.0), 0.0, False),
    ("clear-of-negative-axis", SHEAR, -math.inf, False),
]


@pytest.mark.parametrize(("name", "matrix", "value", "holds"), MEASURED)
def test_a_trait_measures_what_it_says(name: str, matrix, value: float, holds: bool) -> None:
    trait = traits.named(name)
    assert trait.measure(np.array(matrix)) == pytest.approx(value, abs=1e-15)
    assert trait.holds(matrix) is holds
    assert (name in traits.of(matrix)) is holds
    relation = "<=" if holds == trait.at_most else ">"
    assert trait.evidence(matrix).startswith(f"{trait.quantity} ")
    assert trait.evidence(matrix).endswith(f" {relation} {trait.threshold:.3g}")


def test_every_trait_is_measured_where_it_holds_and_where_it_does_not() -> None:
    seen = {(name, holds) for name, _, _, holds in MEASURED}
    assert {name for name, holds in seen if holds} == set(ALL)
    assert set(ALL) - {name for name, holds in seen if not holds} == {"normal"}
    assert not traits.normal.holds(SHEAR)
    assert traits.normal.measure(np.array(SHEAR)) > 1e10


AT_THRESHOLD = [
    ("near-identity", lambda t: diagonal(1 + t / 12, 1.0)),
    ("orthogonal", lambda t: (1 + t * 5e-13) * np.eye(3)),
    ("margin-positive", lambda t: diagonal(1.0, 1e-12 / t)),
    ("positive-definite", lambda t: diagonal(1.0, 1e-12 / t)),
    ("negative-margin", lambda t: diagonal(1.0, -1e-12 / t)),
    ("negative-eigenvalue", lambda t: diagonal(1.0, -1e-12 / t)),
    ("within-unit-distance", lambda t: diagonal(2 - 1e-12 / t, 1.0)),
    ("nonsingular", lambda t: diagonal(1.0, -1e-12 / t)),
    ("positive-determinant", lambda t: diagonal(1.0, 1e-12 / t)),
    ("clear-of-negative-axis", lambda t: diagonal(1.0, 1e-12 / t)),
]


@pytest.mark.parametrize(("name", "at"), AT_THRESHOLD)
def test_a_trait_holds_up_to_its_threshold(name: str, at) -> None:
    trait = traits.named(name)
    assert trait.holds(at(0.95))
    assert not trait.holds(at(1.05))


def test_symmetry_counts_to_the_last_bit() -> None:
    assert not traits.symmetric.holds([[1.0, 1.0], [1.0 + 2.0**-52, 1.0]])
    assert not traits.symmetric.holds([[1e300, 5e-324], [0.0, 1.0]])


def test_paths_of_eigenvalues_keep_their_distance_from_zero() -> None:
    ends = np.array([2.0, 0.5, -1.0, 0.0, 1j, 2j, -1 + 1j, 1 + 1j, 0.5 + 0.5j, 0.3 - 0.5j, 0.45 + 0.3j])
    t = np.linspace(0, 1, 200_001)[:, None]
    wanted = np.min(np.abs(1 + t * (ends - 1)), axis=0)
    np.testing.assert_allclose(path_clearances(ends), wanted, rtol=0, atol=1e-5)


def test_a_trait_of_ones_own_holds_above_or_up_to_its_threshold() -> None:
    def trace(matrix: np.ndarray) -> float:
        return float(np.trace(matrix))

    above = Trait("a", "trace > 3", "trace", trace, threshold=3.0)
    most = Trait("b", "trace <= 3", "trace", trace, threshold=3.0, at_most=True)
    for total, exceeds in ((2.9, False), (3.0, False), (3.1, True)):
        assert above.holds([[total]]) is exceeds
        assert most.holds([[total]]) is not exceeds
    assert above.evidence([[3.0]]) == most.evidence([[3.0]]) == "trace 3 <= 3"
    assert above.evidence([[3.25]]) == "trace 3.25 > 3"
    with pytest.raises(InputError, match="trait 'symetric' is unknown: did you mean symmetric"):
        traits.named("symetric")


SAID = {
    "symmetric": "relative asymmetry 0 <= 0",
    "schur-form": "exact 1, else 0: 1 > 0.5",
    "normal": "distance to normal / rounding 0 <= 1",
    "orthogonal": "rms of Phi^T Phi - I 2.12 > 1e-12",
    "margin-positive": "margin / |Phi| 0.5 > 1e-12",
    "positive-definite": "least eigenvalue / |Phi| 0.5 > 1e-12",
    "negative-margin": "-margin / |Phi| -0.5 <= 1e-12",
    "negative-eigenvalue": "-least eigenvalue / |Phi| -0.5 <= 1e-12",
    "near-identity": "distance to I 1 > 0.0833",
    "within-unit-distance": "1 - distance to I 0 <= 1e-12",
    "nonsingular": "least / largest singular value 0.5 > 1e-12",
    "positive-determinant": "sign(det) x least / largest singular value 0.5 > 1e-12",
    "clear-of-negative-axis": "least distance from 0 to a segment [1, eigenvalue] 1 > 1e-12",
}


def test_each_trait_says_what_it_measured_of_a_diagonal_matrix() -> None:
    assert {name: trait.evidence(diagonal(2.0, 1.0)) for name, trait in ALL.items()} == SAID
