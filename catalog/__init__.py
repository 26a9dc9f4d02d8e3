"""The catalog: named targets, and the claims of the theory about them.

`target`, `targets` and `all_families` find target matrices, and `all_claims` finds theorems. `promises` lists what the
theorems prove of a run before it starts. `sweep` makes all the runs that a `Spec` asks for, and keeps them in a store.
`certify` encloses a run in exact arithmetic, and `recheck` checks what it wrote. `traits` is the glossary, and
`strategies` holds the Hypothesis strategies. A new family or claim is one new file in its folder.
"""

import importlib

TYPE_CHECKING = False  # the name is known to type checkers; `typing` itself takes longer to import than all of this

if TYPE_CHECKING:
    from catalog import strategies, traits
    from catalog.certificates import certify
    from catalog.claim import Claim, Contraction, Evidence, Kind, Promise
    from catalog.family import Family, Target
    from catalog.guarantees import promises
    from catalog.rechecks import recheck
    from catalog.registry import all_claims, all_families, target, targets
    from catalog.sweeps.runner import sweep
    from catalog.sweeps.specification import Spec
    from catalog.sweeps.tally import Tally

__all__ = [
    "Claim",
    "Contraction",
    "Evidence",
    "Family",
    "Kind",
    "Promise",
    "Spec",
    "Tally",
    "Target",
    "all_claims",
    "all_families",
    "certify",
    "promises",
    "recheck",
    "strategies",
    "sweep",
    "target",
    "targets",
    "traits",
]

_HOMES = {
    "catalog.certificates": ("certify",),
    "catalog.claim": ("Claim", "Contraction", "Evidence", "Kind", "Promise"),
    "catalog.family": ("Family", "Target"),
    "catalog.guarantees": ("promises",),
    "catalog.rechecks": ("recheck",),
    "catalog.registry": ("all_claims", "all_families", "target", "targets"),
    "catalog.sweeps.runner": ("sweep",),
    "catalog.sweeps.specification": ("Spec",),
    "catalog.sweeps.tally": ("Tally",),
}


def __getattr__(name: str) -> object:
    """Public names, loaded on first use, so that the command answers signals before NumPy is loaded."""
    if name in ("strategies", "traits"):
        return importlib.import_module(f"catalog.{name}")
    for home, names in _HOMES.items():
        if name in names:
            return getattr(importlib.import_module(home), name)
    raise AttributeError(f"module 'catalog' has no attribute {name!r}")


def __dir__() -> set[str]:
    return {*globals(), *__all__}
