"""Finds families, claims and algorithms, in the catalog's folders and in plug-ins, and selects them by name."""

import importlib
import pkgutil
import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from catalog import plugins as outside
from catalog import traits as glossary
from catalog.claim import Claim
from catalog.family import Family, Target
from catalog.plugins import Entry, Plugin
from dlr.algorithms import PAPER_ALGORITHMS, Algorithm
from dlr.arguments import InputError, brief, one_of, text

__all__ = [
    "all_algorithms",
    "all_claims",
    "all_families",
    "all_plugins",
    "broken",
    "claim_named",
    "parsed",
    "target",
    "targets",
]

LONGEST_IDENTIFIER = 4
"""Letters up to which what no claim is called is taken for an identifier."""


@cache
def all_families() -> dict[str, Family]:
    """All families by name, alphabetically; plug-ins' last."""
    return {**_discover("dlr.targets").entries, **_plugged("dlr.targets")}


@cache
def all_claims() -> dict[str, Claim]:
    """All claims by name, in the order of their identifiers; plug-ins' last."""
    found: dict[str, Claim] = {**_discover("dlr.claims").entries, **_plugged("dlr.claims")}
    return dict(sorted(found.items(), key=lambda item: item[1].order))


@cache
def all_algorithms() -> dict[str, Algorithm | type[Algorithm]]:
    """All algorithms by name, the paper's first and plug-ins' last: classes, or instances ready to run."""
    return {**PAPER_ALGORITHMS, **_discover("dlr.algorithms").entries, **_plugged("dlr.algorithms")}


def all_plugins(*groups: str) -> list[Plugin]:
    """Every plug-in, broken or not, of these entry point groups; of all groups if none is given."""
    for group in groups:
        one_of("groups", group, outside.EXTENSIONS)
    return [plugin for group in groups or outside.EXTENSIONS for plugin in outside.loaded(group, _verify)]


def claim_named(name: str) -> Claim:
    """The claim with this name or identifier, in upper or lower case.

    Raises
    ------
    InputError
        If there is none, with the nearest names.
    """
    name = text("name", name)
    known = {alias.lower(): claim for claim in all_claims().values() for alias in (claim.identifier, claim.name)}
    if name.lower() not in known:
        aliases = [claim.identifier for claim in all_claims().values()]
        one_of("claim", name, aliases if len(name) <= LONGEST_IDENTIFIER else [*aliases, *all_claims()])
    return known[name.lower()]


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
    """Every family's default target that has all the traits named; a family that can't build it is left out.

    Parameters
    ----------
    *trait_names : str
        Names from `catalog.traits`; ``not-`` in front asks for targets without the trait.

    Raises
    ------
    InputError
        If a trait is unknown, with the nearest names.
    """
    trait_names = tuple(text("trait_names", name) for name in trait_names)
    wanted = [(glossary.named(name.removeprefix("not-")).name, not name.startswith("not-")) for name in trait_names]
    return [
        target for target in _defaults(all_families())[0] if all((name in target.traits) == has for name, has in wanted)
    ]


def broken(*groups: str) -> dict[str, str]:
    """What is broken in the catalog's own folders for these groups, and why: modules, and families without a default.

    Everything else works without them.
    """
    found: dict[str, str] = {}
    for group in groups:
        one_of("groups", group, outside.EXTENSIONS)
        found |= _discover(group).reasons
        if group == "dlr.targets":
            found |= _defaults(_discover(group).entries)[1]
    return found


def parsed(name: str) -> tuple[str, dict[str, float]]:
    """Family name and parameters of a target's whole name, such as ``rotation(angle=1.5, planes=2)``.

    Raises
    ------
    InputError
        If it can't be read.
    """
    family_name, _, written = text("name", name).partition("(")
    parameters: dict[str, float] = {}
    for part in written.removesuffix(")").split(",") if written else ():
        match = re.fullmatch(r"\s*(\w+)\s*=\s*(\S+)\s*", part)
        try:
            if match is None or not name.endswith(")"):
                raise ValueError
            figures = match[2]
            parameters[match[1]] = int(figures) if re.fullmatch(r"[+-]?\d+", figures) else float(figures)
        except ValueError:
            raise InputError(f"target {brief(name)} can't be read: write it like rotation(angle=1.5)") from None
    return family_name, parameters


@dataclass(frozen=True)
class _Found:
    """Objects in one of the catalog's own folders, by name, and what is broken there, with the reason."""

    entries: dict[str, Any]
    reasons: dict[str, str]


@cache
def _discover(group: str) -> _Found:
    """Objects in the catalog's own folder for the group; a name that two of them use is refused in both."""
    package = importlib.import_module(f"catalog.{outside.EXTENSIONS[group].folder}")
    found: list[Entry] = []
    reasons: dict[str, str] = {}
    for info in sorted(pkgutil.iter_modules(package.__path__), key=lambda info: info.name):
        module = f"{package.__name__}.{info.name}"
        try:
            found += outside.defined_in(importlib.import_module(module), group)
        except (Exception, SystemExit) as error:  # a module may raise anything when imported
            reasons[module] = outside.reason(error)
    owners: dict[str, list[str]] = defaultdict(list)
    for entry in found:
        for name in outside.called(str(entry.name), entry):
            owners[name].append(outside.origin(entry))
    entries = {}
    for entry in found:
        if shared := outside.taken(outside.called(str(entry.name), entry), owners):
            reasons[outside.origin(entry)] = f"{shared}: rename one"
        else:
            entries[str(entry.name)] = entry
    return _Found(entries, reasons)


def _defaults(families: Mapping[str, Family]) -> tuple[list[Target], dict[str, str]]:
    """The families' default targets, and why some have none."""
    made = {name: _default(family) for name, family in families.items()}
    targets = [target for target in made.values() if isinstance(target, Target)]
    return targets, {f"family {name}": reason for name, reason in made.items() if isinstance(reason, str)}


@cache
def _default(family: Family) -> Target | str:
    """A family's default target, or why there is none."""
    try:
        return family()
    except Exception as error:
        return outside.reason(error)


def _plugged(group: str) -> dict[str, Any]:
    """Objects of the group's plug-ins, by prefixed name."""
    return {name: entry for plugin in outside.loaded(group, _verify) for name, entry in plugin.entries.items()}


def _verify(entry: Entry) -> None:
    """Raise if the commands could not list a plug-in's object.

    A family must build its default target; a claim must accept every target.
    """
    if isinstance(entry, Family):
        entry()
    elif isinstance(entry, Claim):
        for target in _defaults(_discover("dlr.targets").entries)[0]:
            entry.applies_to(target.matrix)
