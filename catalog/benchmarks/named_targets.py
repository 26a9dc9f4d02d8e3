"""The named targets of the benchmarks, each with the revision that its series measure.

Each target has benchmark classes of its own, because asv versions benchmarks and not their parameters: a new
definition of one target starts new series for that target alone.
"""

from typing import Any

from catalog import registry
from dlr.types import Matrix

all_families: Any = getattr(registry, "all_families", None) or vars(registry)["families"]  # older name

REVISIONS = {
    "geometric-spectrum": 1,
    "clustered-diagonal": 1,
    "path-laplacian": 1,
    "hilbert": 1,
    "identity-perturbation": 1,
    "rotation": 1,
    "cayley": 1,
    "skew-shift": 1,
    "definite-plus-skew": 1,
    "grcar": 1,
    "jordan-without-margin": 1,
    "householder": 1,
}


def matrix(name: str) -> Matrix:
    """The target of this name, in the revision that the series measure.

    Raises
    ------
    NotImplementedError
        Where the commit measured lacks the target, or defines it in another revision.
    """
    family = all_families().get(name)
    if family is None or family.revision != REVISIONS[name]:
        raise NotImplementedError(f"no target {name} of revision {REVISIONS[name]}")
    found: Matrix = family().matrix
    return found


def camel_case(name: str) -> str:
    """``"skew-shift"`` as ``"SkewShift"``."""
    return name.title().replace("-", "")


def benchmark_class(module: str, name: str, base: type, target: str, measure: int, **attributes: Any) -> type:
    """A benchmark class on one target, for asv to find in ``module``.

    Parameters
    ----------
    module, name : str
    base : type
        Has the ``track_`` methods.
    target : str
    measure : int
        Raised when what the methods measure changes, apart from the target.
    **attributes
        Further attributes of the class.
    """
    version = f"{measure}.{REVISIONS[target]}"
    return type(name, (base,), {"__module__": module, "version": version, "target": target, **attributes})
