"""The catalog: named targets, and the claims of the theory about them.

`target`, `targets` and `all_families` find target matrices, and `all_claims` finds theorems. `promises` lists what the
theorems prove of a run before it starts. `traits` is the glossary, and `strategies` holds the Hypothesis strategies. A
new family or claim is one new file in its folder.
"""

import importlib
from typing import TYPE_CHECKING

from catalog import traits
from catalog.claim import Claim, Contraction, Evidence, Kind, Promise
from catalog.family import Family, Target
from catalog.guarantees import promises
from catalog.registry import all_claims, all_families, target, targets

if TYPE_CHECKING:
    from catalog import strategies

__all__ = [
    "Claim",
    "Contraction",
    "Evidence",
    "Family",
    "Kind",
    "Promise",
    "Target",
    "all_claims",
    "all_families",
    "promises",
    "strategies",
    "target",
    "targets",
    "traits",
]


def __getattr__(name: str) -> object:
    if name == "strategies":  # loaded on first use: Hypothesis takes 0.3 s
        return importlib.import_module("catalog.strategies")
    raise AttributeError(f"module 'catalog' has no attribute {name!r}")
