"""Engines keep to exact arithmetic where rounding could lead a run astray."""

import numpy as np
import pytest
from engine_runs import ALGORITHMS

import dlr
from dlr.matrices import project_to_margin
from dlr.network import product

TURN = [[0.6, -0.8], [0.8, 0.6]]


@pytest.mark.parametrize("algorithm", [a for a in ALGORITHMS if a != ALGORITHMS[1]], ids=lambda a: a.name)
@pytest.mark.parametrize("depth", [2, 5])
def test_a_negative_eigenvalue_is_never_learned_over_1e5_steps(algorithm, depth):
    target = np.diag([-1.0, 2.0, 0.5, -0.3, 1.0, 1.0])
    target[4:, 4:] = TURN  # not symmetric, but its own real Schur form
    run = dlr.solve(target, depth, algorithm, tol=0.0, max_steps=100_000, history=False)
    assert run.engine == "spectral"
    assert run.lowest_loss >= 0.5 * (1.0 + 0.09) * (1 - 1e-12)
    values = np.linalg.eigvals(run.product)
    assert np.sum(abs(values.imag) < 1e-12) == 4


def test_a_double_negative_eigenvalue_is_no_pair():
    target = np.diag([-1.0, -1.0, -1.0, 1.0, 1.0])
    target[3:, 3:] = TURN
    found = dlr.spectral.spectrum(target)
    assert sorted(found.weights) == [1, 1, 1, 2]
    np.testing.assert_array_equal(found.matrix(found.eigenvalues)[np.ix_([0, 1, 2], [0, 1, 2])], target[:3, :3])


@pytest.mark.parametrize("engine", ["reference", "compiled"])
def test_a_margin_lost_to_rounding(engine):
    target = [[0.25, 0.35], [0.35, 0.74]]
    algorithm = dlr.PowerProjection(1e-14, step_size=5.0)
    once = dlr.solve(target, 3, algorithm, engine=engine, max_steps=1)
    stepped = product(np.eye(2) - 5.0 * dlr.network.gradients(np.array([np.eye(2)] * 3), np.array(target)))
    assert once.loss == pytest.approx(np.sum((project_to_margin(stepped, 1e-14) - target) ** 2) / 2, rel=1e-12)
