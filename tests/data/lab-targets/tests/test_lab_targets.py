"""Every claim that applies to the lab's targets, and the conformance of what the lab adds."""

from lab_targets.damped_rotation import damped_rotation
from lab_targets.weight_decay import WeightDecay

from catalog.testing import check_algorithm, check_family, parametrize_with_claims


@parametrize_with_claims([damped_rotation, damped_rotation(angle=0.5), damped_rotation(angle=0.0, damping=0.95)])
def test_claims_hold(target, check):
    check(target)


def test_family_conforms():
    check_family(damped_rotation)


def test_algorithm_conforms():
    check_algorithm(WeightDecay)
