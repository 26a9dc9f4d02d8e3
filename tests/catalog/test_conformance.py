"""Every check that is written is one that is made."""

import inspect

import pytest

from catalog import claim_checks, conformance
from catalog.claim import Claim
from catalog.family import Family


@pytest.mark.parametrize(
    ("module", "made", "kind"),
    [(conformance, conformance.FAMILY_CHECKS, Family), (claim_checks, claim_checks.CLAIM_CHECKS, Claim)],
)
def test_all_checks_of_a_module_are_made_in_their_order(module, made, kind: type) -> None:
    written = [
        function
        for name, function in vars(module).items()
        if inspect.isfunction(function)
        and function.__module__ == module.__name__
        and not name.startswith("_")
        and [parameter.annotation for parameter in inspect.signature(function).parameters.values()] == [kind.__name__]
    ]
    assert list(made) == written
