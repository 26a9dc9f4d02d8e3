"""Discovery and queries: families and claims exist by being in their folder."""

import importlib
import pkgutil
import re
from functools import cache
from typing import TypeVar

from catalog import traits as glossary
from catalog.claim import Claim
from catalog.family import Family, Target
from dlr.arguments import InputError, brief, one_of

Entry = TypeVar("Entry", Family, Claim)

# Loaded here, before `catalog` binds its functions of the same names, which a later import would replace.
PACKAGES = {
    kind: importlib.import_module(name) for kind, name in ((Family, "catalog.families"), (Claim, "catalog.claims"))
}


@cache
def families() -> dict[str, Family]:
    """All families by name, alphabetically."""
    return _discover(Family)


@cache
def claims() -> dict[str, Claim]:
    """All claims by name, in the order of their identifiers."""
    found = _discover(Claim)
    return dict(sorted(found.items(), key=lambda item: item[1].order))


def claim(name: str) -> Claim:
    """The claim with this name or identifier.

    Raises
    ------
    InputError
        If there is none, with the nearest names.
    """
    by_identifier = {known.identifier: known for known in claims().values()}
    return by_identifier[name] if name in by_identifier else claims()[one_of("claim", name, claims())]


def target(name: str, **parameters: float) -> Target:
    """The target of a family, at its defaults but for ``parameters``.

    Parameters
    ----------
    name : str
        A family's name, or a target's whole name: ``"rotation"`` or ``"rotation(angle=1.5)"``.
    **parameters : int or float
        See the family's ``parameters``.

    Raises
    ------
    InputError
        If family or parameter is unknown (with the nearest names) or a value is out of range.

    Examples
    --------
    >>> import catalog
    >>> catalog.target("rotation", angle=1.0).matrix.shape
    (4, 4)
    """
    family_name, _, written = name.partition("(")
    family = families()[one_of("target", family_name, families())]
    return family(**{**_parse_parameters(name, written), **parameters})


def targets(*trait_names: str) -> list[Target]:
    """Every family's default target that has all the traits named.

    Parameters
    ----------
    *trait_names : str
        Names from `catalog.traits`; ``not-`` in front asks for targets without the trait.

    Raises
    ------
    InputError
        If a trait is unknown, with the nearest names.
    """
    wanted = [(glossary.named(name.removeprefix("not-")).name, not name.startswith("not-")) for name in trait_names]
    everything = (family() for family in families().values())
    return [target for target in everything if all((name in target.traits) == has for name, has in wanted)]


def _discover(kind: type[Entry]) -> dict[str, Entry]:
    found: dict[str, Entry] = {}
    package = PACKAGES[kind]
    for info in sorted(pkgutil.iter_modules(package.__path__), key=lambda info: info.name):
        module = importlib.import_module(f"{package.__name__}.{info.name}")
        for entry in vars(module).values():
            if isinstance(entry, kind) and entry.origin == module.__name__:
                if entry.name in found:
                    first = found[entry.name].origin
                    raise InputError(f"name {entry.name!r} is taken by {first} and {entry.origin}: rename one")
                found[entry.name] = entry
    return found


def _parse_parameters(name: str, written: str) -> dict[str, float]:
    """``angle=1.5, planes=2)`` as a dict."""
    if not written:
        return {}
    parameters: dict[str, float] = {}
    for part in written.removesuffix(")").split(","):
        match = re.fullmatch(r"\s*(\w+)\s*=\s*(\S+)\s*", part)
        try:
            if match is None or not name.endswith(")"):
                raise ValueError
            text = match[2]
            parameters[match[1]] = int(text) if re.fullmatch(r"[+-]?\d+", text) else float(text)
        except ValueError:
            raise InputError(f"target {brief(name)} can't be read: write it like rotation(angle=1.5)") from None
    return parameters
