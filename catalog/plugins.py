"""Plug-ins: target families, claims and algorithms that other packages declare as entry points.

An entry point names a module (with all that it defines), one object, or a list of objects. Each object gets the entry
point's name as prefix: entry point ``lab`` turns family ``spiral`` into ``lab.spiral``. A plug-in that can't be used is
listed with the reason, and the rest of the catalog works without it.
"""

import inspect
import math
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache, wraps
from importlib.metadata import EntryPoint, entry_points
from types import ModuleType
from typing import TypeAlias

from catalog.claim import Claim, Evidence
from catalog.family import Family
from dlr import Problem
from dlr.algorithms import Algorithm
from dlr.arguments import brief

__all__: list[str] = []

Entry: TypeAlias = Family | Claim | Algorithm | type[Algorithm]


@dataclass(frozen=True)
class Extension:
    """A kind of object that plug-ins add: its name, and the catalog's own folder for it."""

    word: str
    folder: str


EXTENSIONS = {
    "dlr.targets": Extension("family", "families"),
    "dlr.claims": Extension("claim", "claims"),
    "dlr.algorithms": Extension("algorithm", "algorithms"),
}
"""Extensions by entry point group."""


@dataclass(frozen=True)
class Plugin:
    """One entry point.

    Attributes
    ----------
    group : str
        One of `EXTENSIONS`.
    name : str
        The entry point's name, and the prefix of its objects' names.
    value : str
        The object reference, ``package.module`` or ``package.module:object``.
    distribution, version : str
        The package that declares it.
    entries : mapping of str to Family, Claim or Algorithm
        Its objects by prefixed name.
    reasons : tuple of str
        Why it, or part of it, can't be used; empty if all of it can.
    """

    group: str
    name: str
    value: str
    distribution: str
    version: str
    entries: Mapping[str, Entry]
    reasons: tuple[str, ...] = ()

    @property
    def origin(self) -> str:
        """Distribution, version and object."""
        return f"{self.distribution} {self.version} ({self.value})"

    def record(self) -> dict[str, object]:
        """Fields as values that JSON can hold."""
        return {**vars(self), "entries": list(self.entries)}


def is_entry(group: str, value: object) -> bool:
    """Whether ``value`` fits the group: a `Family`, a `Claim`, or an algorithm or its class."""
    if group == "dlr.targets":
        return isinstance(value, Family)
    if group == "dlr.claims":
        return isinstance(value, Claim)
    return isinstance(getattr(value, "name", None), str) and hasattr(value, "step") and not isinstance(value, Claim)


def defined_in(module: ModuleType, group: str) -> list[Entry]:
    """Objects for a group that a module or its submodules define; of algorithms only the classes."""
    found = [value for value in vars(module).values() if is_entry(group, value)]
    if group == "dlr.algorithms":
        found = [value for value in found if isinstance(value, type)]
    return [value for value in found if f"{origin(value)}.".startswith(f"{module.__name__}.")]


def origin(entry: Entry) -> str:
    """The module that defines ``entry``."""
    return entry.origin if isinstance(entry, Family | Claim) else str(entry.__module__)


@cache
def loaded(group: str, verify: Callable[[Entry], object]) -> tuple[Plugin, ...]:
    """All plug-ins of one of `EXTENSIONS`, loaded once; an entry on which ``verify`` raises counts as broken."""
    found = [_load(point, verify) for point in entry_points(group=group)]
    return _refuse_duplicates(sorted(found, key=lambda plugin: (plugin.name, plugin.distribution)))


def _load(point: EntryPoint, verify: Callable[[Entry], object]) -> Plugin:
    distribution, version = (point.dist.name, point.dist.version) if point.dist else ("unknown", "unknown")
    entries: dict[str, Entry] = {}
    reasons: list[str] = []
    try:
        if not re.fullmatch(r"[A-Za-z0-9][\w-]*", point.name):
            raise ValueError(f"entry point name {brief(point.name)} must be letters, digits, - and _")
        for entry in _entries(point):
            try:
                verify(entry)
                prefixed = _prefixed(entry, point.name)
                if prefixed in entries:
                    raise ValueError("its name is taken by another of this plug-in")
                entries[prefixed] = _renamed(entry, point.name)
            except (Exception, SystemExit) as error:
                reasons.append(f"{entry.name}: {reason(error)}")
    except (Exception, SystemExit) as error:  # another package's module may raise anything when imported
        reasons.append(reason(error))
    return Plugin(point.group, point.name, point.value, distribution, version, entries, tuple(reasons))


def _entries(point: EntryPoint) -> list[Entry]:
    """The objects of an entry point, as a list."""
    loaded, wanted = point.load(), EXTENSIONS[point.group].word
    if inspect.ismodule(loaded):
        entries = defined_in(loaded, point.group)
        if not entries:
            raise TypeError(f"module {loaded.__name__} defines no {wanted}")
        return entries
    if isinstance(loaded, Mapping):
        loaded = list(loaded.values())
    listed = list(loaded) if isinstance(loaded, Iterable) and not isinstance(loaded, type | str) else [loaded]
    for value in listed:
        if not is_entry(point.group, value):
            raise TypeError(f"{brief(value)} is no {wanted}")
    return listed


def _prefixed(entry: Entry, prefix: str) -> str:
    return f"{prefix}.{entry.name}"


def _renamed(entry: Entry, prefix: str) -> Entry:
    if isinstance(entry, Family):
        return replace(entry, name=_prefixed(entry, prefix))
    if isinstance(entry, Claim):
        return replace(
            entry,
            name=_prefixed(entry, prefix),
            identifier=f"{prefix}.{entry.identifier}",
            check=_guarded(entry.check),
        )
    return entry


def _guarded(check: Callable[[Problem], Evidence]) -> Callable[[Problem], Evidence]:
    """Wrap the check of another package: an exception becomes evidence that the claim is violated."""

    @wraps(check)
    def guarded(problem: Problem) -> Evidence:
        try:
            return check(problem)
        except Exception as error:
            return Evidence(math.nan, 0.0, engine=f"raised {reason(error)}")

    return guarded


def _refuse_duplicates(found: list[Plugin]) -> tuple[Plugin, ...]:
    """Refuse a name that two plug-ins use in both of them, so that it never has the wrong meaning."""
    owners: dict[str, list[str]] = defaultdict(list)
    for plugin in found:
        for name, entry in plugin.entries.items():
            for alias in called(name, entry):
                owners[alias].append(plugin.origin)
    return tuple(_without_shared(plugin, owners) for plugin in found)


def _without_shared(plugin: Plugin, owners: Mapping[str, list[str]]) -> Plugin:
    kept, reasons = {}, list(plugin.reasons)
    for name, entry in plugin.entries.items():
        shared = taken(called(name, entry), owners)
        if shared:
            reasons.append(shared)
        else:
            kept[name] = entry
    return replace(plugin, entries=kept, reasons=tuple(reasons))


def taken(names: list[str], owners: Mapping[str, list[str]]) -> str:
    """Which of an entry's names several owners have, in words; empty if none is."""
    for name in names:
        if len(owners[name]) > 1:
            return f"name {name!r} is taken by {' and '.join(dict.fromkeys(owners[name]))}"
    return ""


def called(name: str, entry: Entry) -> list[str]:
    """Names under which an entry is found: its prefixed name, and for a claim its identifier."""
    return [name, entry.identifier] if isinstance(entry, Claim) else [name]


def reason(error: BaseException) -> str:
    """An exception on one line."""
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
