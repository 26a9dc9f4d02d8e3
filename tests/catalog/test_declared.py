"""What claims and families declare is on record: what one says less of itself, no check of it can miss.

Where it is meant, run again with ``DLR_RECORD_SCREENS=1`` and read the difference.
"""

import json
import os
from pathlib import Path

import numpy as np
import pytest

from catalog import registry
from catalog.claim import Claim
from catalog.family import Family

FILE = Path(__file__).parents[1] / "data" / "declared.json"
RECORDED = json.loads(FILE.read_text(encoding="utf-8"))

CLAIMS = {name: claim for name, claim in registry.all_claims().items() if "." not in name}
FAMILIES = {name: family for name, family in registry.all_families().items() if "." not in name}


def of_claim(claim: Claim) -> dict[str, object]:
    """Beyond what ``dlr claims`` shows of it, and its proof, which is on record elsewhere."""
    return {
        "source": str(claim.source),
        "hypotheses": [f"{h.name}{' (practical)' * getattr(h, 'practical', False)}" for h in claim.hypotheses],
        "controls": {control.name: control.drops.name for control in claim.controls},
        "confined": list(claim.confined),
        "artefacts": [artefact.drops.name for artefact in claim.proof_only],
        "steps of the proof": len(claim.proof),
        "partner": claim.partner,
    }


def of_family(family: Family) -> dict[str, object]:
    """Parameters, outcomes, and of some members, each with another parameter changed, a weighted sum of the entries."""
    members = [family()]
    for name, own in family.parameters.items():
        other = own.maximum if own.default == own.minimum else own.minimum
        members.append(family(**{name: other if own.integral else own.default / 4 + 3 * other / 4}))
    entries = [member.matrix.ravel() for member in members]
    return {
        "source": family.source,
        "traits": sorted(trait.name for trait in family.traits),
        "parameters": {name: [own.default, own.minimum, own.maximum] for name, own in family.parameters.items()},
        "expected": {name: [expected.outcome, expected.because] for name, expected in family.expected.items()},
        "revision": family.revision,
        "members": [float(f"{flat @ np.cos(1 + np.arange(flat.size)):.9g}") for flat in entries],
    }


def record(name: str, found: dict[str, object]) -> None:
    if os.environ.get("DLR_RECORD_SCREENS"):
        RECORDED[name] = found
        lines = [f"{json.dumps(key)}: {json.dumps(value)}" for key, value in sorted(RECORDED.items())]
        FILE.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


@pytest.mark.parametrize("name", [name for name in CLAIMS if name in RECORDED or os.environ.get("DLR_RECORD_SCREENS")])
def test_what_a_claim_declares_is_on_record(name: str) -> None:
    found = of_claim(CLAIMS[name])
    record(name, found)
    assert found == RECORDED[name]


@pytest.mark.parametrize(
    "name", [name for name in FAMILIES if name in RECORDED or os.environ.get("DLR_RECORD_SCREENS")]
)
def test_what_a_family_declares_is_on_record(name: str) -> None:
    found = of_family(FAMILIES[name])
    record(name, found)
    recorded = RECORDED[name]
    assert found["members"] == pytest.approx(recorded["members"], rel=1e-8, abs=1e-12)
    assert found | {"members": None} == recorded | {"members": None}


def test_all_that_is_on_record_is_there() -> None:
    """A module that cannot be imported, say, has no claim and no family."""
    assert RECORDED.keys() <= {*CLAIMS, *FAMILIES}
