"""Finds families, claims and algorithms, in the catalog's folders and in plug-ins, and selects them by name."""

import importlib
import pkgutil
import re
from functools import cache
from typing import Any

from catalog import plugins as outside
from catalog import traits as glossary
from catalog.claim import Claim
from catalog.family import Family, Target
from catalog.plugins import Entry, Plugin
from catalog.sources import bibliography
from dlr.algorithms import PAPER_ALGORITHMS, Algorithm
from dlr.arguments import InputError, brief, one_of


@cache
def all_families() -> dict[str, Family]:
    """All families by name, alphabetically; plug-ins' last."""
    return {**_discover("dlr.targets"), **_plugged("dlr.targets")}


@cache
def all_claims() -> dict[str, Claim]:
    """All claims by name, in the order of their identifiers; plug-ins' last."""
    found: dict[str, Claim] = {**_discover("dlr.claims"), **_plugged("dlr.claims")}
    return dict(sorted(found.items(), key=lambda item: item[1].order))


@cache
def all_algorithms() -> dict[str, Algorithm | type[Algorithm]]:
    """All algorithms by name, the paper's first and plug-ins' last: classes, or instances ready to run."""
    return {**PAPER_ALGORITHMS, **_discover("dlr.algorithms"), **_plugged("dlr.algorithms")}


def all_plugins(*groups: str) -> list[Plugin]:
    """Every plug-in, broken or not, of these entry point groups; of all groups if none is given."""
    return [plugin for group in groups or outside.EXTENSIONS for plugin in outside.loaded(group, _verify)]


def claim_named(name: str) -> Claim:
    """The claim with this name or identifier.

    Raises
    ------
    InputError
        If there is none, with the nearest names.
    """
    by_identifier = {known.identifier: known for known in all_claims().values()}
    return by_identifier[name] if name in by_identifier else all_claims()[one_of("claim", name, all_claims())]


def target(name: str, **parameters: float) -> Target:
    """The target of a family with the given ``parameters``, and defaults for the rest.

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
    family_name, written = parsed(name)
    family = all_families()[one_of("target", family_name, all_families())]
    return family(**{**written, **parameters})


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
    everything = (family() for family in all_families().values())
    return [target for target in everything if all((name in target.traits) == has for name, has in wanted)]


def parsed(name: str) -> tuple[str, dict[str, float]]:
    """Family name and parameters of a target's whole name, such as ``rotation(angle=1.5, planes=2)``.

    Raises
    ------
    InputError
        If it can't be read.
    """
    family_name, _, written = name.partition("(")
    parameters: dict[str, float] = {}
    for part in written.removesuffix(")").split(",") if written else ():
        match = re.fullmatch(r"\s*(\w+)\s*=\s*(\S+)\s*", part)
        try:
            if match is None or not name.endswith(")"):
                raise ValueError
            text = match[2]
            parameters[match[1]] = int(text) if re.fullmatch(r"[+-]?\d+", text) else float(text)
        except ValueError:
            raise InputError(f"target {brief(name)} can't be read: write it like rotation(angle=1.5)") from None
    return family_name, parameters


@cache
def _discover(group: str) -> dict[str, Any]:
    """Objects in the catalog's own folder for the group, by name."""
    found: dict[str, Entry] = {}
    taken: dict[str, Entry] = {}
    package = importlib.import_module(f"catalog.{outside.EXTENSIONS[group].folder}")
    for info in sorted(pkgutil.iter_modules(package.__path__), key=lambda info: info.name):
        for entry in outside.defined_in(importlib.import_module(f"{package.__name__}.{info.name}"), group):
            found[str(entry.name)] = entry
            for name in outside.called(str(entry.name), entry):
                if name in taken:
                    origins = f"{outside.origin(taken[name])} and {outside.origin(entry)}"
                    raise InputError(f"name {name!r} is taken by {origins}: rename one")
                taken[name] = entry
    return found


def _plugged(group: str) -> dict[str, Any]:
    """Objects of the group's plug-ins, by prefixed name."""
    return {name: entry for plugin in outside.loaded(group, _verify) for name, entry in plugin.entries.items()}


def _verify(entry: Entry) -> None:
    """Raise if the commands could not list a plug-in's object.

    A family must build its default target; a claim must cite its papers and accept every target.
    """
    if isinstance(entry, Family):
        entry()
    elif isinstance(entry, Claim):
        for paper in bibliography([entry.source]).values():
            paper.bibtex()
        for family in _discover("dlr.targets").values():
            entry.applies_to(family().matrix)
