"""The catalog: named targets, and the claims of the theory about them.

`target`, `targets` and `families` find matrices, `claims` finds theorems, `traits` is the glossary and
`strategies` publishes the Hypothesis strategies. A new family or claim is one new file in its folder.
"""

import importlib
from typing import TYPE_CHECKING

import catalog.claims
import catalog.families  # noqa: F401 - first, or importing a folder later replaces the function of its name
from catalog import traits
from catalog.claim import Claim, Evidence, Kind, Problem
from catalog.family import Family, Target
from catalog.registry import claims, families, target, targets

if TYPE_CHECKING:
    from catalog import strategies

__all__ = [
    "Claim",
    "Evidence",
    "Family",
    "Kind",
    "Problem",
    "Target",
    "claims",
    "families",
    "strategies",
    "target",
    "targets",
    "traits",
]


def __getattr__(name: str) -> object:
    if name == "strategies":  # loaded on first use: Hypothesis takes 0.3 s
        return importlib.import_module("catalog.strategies")
    raise AttributeError(f"module 'catalog' has no attribute {name!r}")
