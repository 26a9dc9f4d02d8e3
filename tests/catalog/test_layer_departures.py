"""The claim that layers stay equal, symmetric and commuting with the target sees each of the three departures alone."""

import numpy as np
import pytest

from catalog.claims.symmetric_layers import deviation

SYMMETRIC = np.diag([1.0, 3.0])
TURNED = np.array([[0.0, 1.0], [-1.0, 0.0]])
EXCHANGE = np.array([[0.0, 1.0], [1.0, 0.0]])


@pytest.mark.parametrize(
    ("layers", "target", "seen"),
    [
        ([SYMMETRIC, SYMMETRIC], SYMMETRIC, 0.0),
        ([np.eye(2), np.eye(2) + SYMMETRIC], SYMMETRIC, np.sqrt(10)),
        ([TURNED, TURNED], np.eye(2), np.sqrt(8)),
        ([EXCHANGE, EXCHANGE], SYMMETRIC, np.sqrt(8) / 3),
    ],
    ids=["none", "unequal", "skew", "not commuting"],
)
def test_each_departure_is_seen(layers: list[np.ndarray], target: np.ndarray, seen: float) -> None:
    assert deviation(np.stack(layers), target, np.linalg.norm(target, 2)) == pytest.approx(seen)
