"""The runs of a store that one asks for, by the values of its columns."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from catalog.sweeps.step_rules import UNITS
from catalog.sweeps.store import COLUMNS, Store, quoted
from dlr.arguments import InputError, brief, one_of

__all__: list[str] = []

RESULTS = (*("outcome", "converged", "steps", "start_loss", "loss", "lowest_loss", "step_size", "engine", "refusal"),)
"""Columns of what came of a run."""

INPUTS = tuple(name for name in COLUMNS if name not in ("key", *RESULTS))
"""Columns of what was run, those of families' parameters apart."""

DIGITS = range(4, 13)
"""Significant digits with which values are shown."""

FEW = 8
"""Values that a message lists."""


@dataclass(frozen=True)
class Selection:
    """Runs of a store.

    Attributes
    ----------
    store : Store
    picked : mapping of str to tuple
        Columns with the values of which each run has one; none for all runs.
    """

    store: Store
    picked: Mapping[str, tuple[Any, ...]]

    @cached_property
    def condition(self) -> tuple[str, list[object]]:
        """The condition in SQL, and what takes the places of its question marks."""
        parts = [f"{quoted(name)} IN ({', '.join('?' * len(values))})" for name, values in self.picked.items()]
        return " AND ".join(parts) or "TRUE", [value for values in self.picked.values() for value in values]

    def __len__(self) -> int:
        [(count,)] = self.query("SELECT count(*)")
        return int(count)

    def query(self, select: str, tail: str = "") -> Iterator[tuple[Any, ...]]:
        """What a query in SQL finds among these runs."""
        condition, given = self.condition
        return self.store.found(f"{select} FROM cells WHERE {condition} {tail}", given)

    @property
    def axes(self) -> list[str]:
        """Columns by whose values runs can be laid out."""
        return [*INPUTS, "engine", *self.store.parameters]

    def values(self, column: str) -> list[Any]:
        """The values in a column, none of them twice, in their order; None where a run has none."""
        found = [value for (value,) in self.query(f"SELECT DISTINCT {quoted(column)}")]
        return sorted(found, key=in_order)

    def constant(self) -> dict[str, Any]:
        """What was run alike in all runs: the value in each column that has but one."""
        ends = ", ".join(f"min({quoted(name)}), max({quoted(name)}), count({quoted(name)})" for name in self._inputs)
        total, *found = next(self.query(f"SELECT count(*), {ends}"))
        triples = zip(found[::3], found[1::3], found[2::3], strict=True)
        named = zip(self._inputs, triples, strict=True)
        return {name: low for name, (low, high, count) in named if count == total and low == high}

    def varying(self, within: Sequence[str]) -> dict[str, int]:
        """The columns of what was run that vary among runs alike in ``within``, with their numbers of values."""
        names = [name for name in self._inputs if name not in within]
        by = ", ".join(map(quoted, within))
        differ = ", ".join(
            f"count({name}) > 0 AND (count({name}) < count(*) OR min({name}) < max({name})) AS c{place}"
            for place, name in enumerate(map(quoted, names))
        )
        condition, given = self.condition
        most = ", ".join(f"max(c{place})" for place in range(len(names)))
        grouped = f"SELECT {differ} FROM cells WHERE {condition} GROUP BY {by}"
        [flags] = self.store.found(f"SELECT {most} FROM ({grouped})", given)
        return {name: len(self.values(name)) for name, differs in zip(names, flags, strict=True) if differs}

    @property
    def _inputs(self) -> list[str]:
        """Columns of what was run, without those that others tell, too: targets are named by their parameters."""
        told = {"target", "revision", "step_factor"}
        return [name for name in (*INPUTS, *self.store.parameters) if name not in told]


def in_order(value: Any) -> tuple[Any, ...]:
    """What values of a column are sorted by: numbers by size, multiples such as ``0.5 cap`` by unit and factor.

    Units of step sizes are in the order of `catalog.sweeps.step_rules.UNITS`, the smallest first.
    """
    if value is None:
        return (0,)
    if not isinstance(value, str):
        return (1, value)
    first, _, unit = value.rpartition(" ")
    try:
        unit, factor = (unit, float(first)) if first else ("", float(value))
    except ValueError:
        unit, factor = value, 1.0
    place = UNITS.index(unit) if unit in UNITS else -1 if not unit else len(UNITS)
    return (2, place, unit, factor, value)


def selected(store: Store, where: Iterable[str] = ()) -> Selection:
    """The runs with ``name=value``, the value as it is or is shown; of several values of one name, runs with any.

    Raises
    ------
    InputError
        If there is no such column or value, or no run is left.
    """
    picked: dict[str, tuple[Any, ...]] = {}
    everything = Selection(store, {})
    for written in where:
        name, _, value = written.partition("=")
        if not value:
            raise InputError(f"where must be name=value, got {brief(written)}: write depth=4, for one")
        one_of("column", name, store.header())
        wanted = _read(store, name, value)
        if not len(Selection(store, {name: (wanted,)})):
            wanted = _as_shown(name, value, wanted, everything.values(name))
        picked[name] = (*picked.get(name, ()), wanted)
    found = Selection(store, picked)
    if not len(found):
        raise InputError(f"where must leave a run, got {brief(list(where))}: no run has all of them, drop one")
    return found


def _read(store: Store, name: str, written: str) -> str | float:
    """A value of a column."""
    if store.kinds[name] == "TEXT":
        return written
    try:
        return int(written) if written.lstrip("+-").isdigit() else float(written)
    except ValueError:
        raise InputError(f"where {name} must be a number, got {brief(written)}: write {name}=1, for one") from None


def _as_shown(name: str, written: str, number: str | float, values: Sequence[Any]) -> float:
    """The one of a column's values that a table rounds to a number."""
    reals = [value for value in values if isinstance(value, float)]
    near = [value for value in reals if number in {float(f"{value:.{digits}g}") for digits in DIGITS}]
    if len(near) == 1:
        return near.pop()
    told = "must tell one of its values from others" if near else "must be one of its values"
    there = near or values
    listing = ", ".join(f"{one!r}" if near else shown(one) for one in there[:FEW]) + ", ..." * (len(there) > FEW)
    raise InputError(f"where {name} {told}, got {brief(written)}: choose from {listing}")


def labels(values: Sequence[object]) -> list[str]:
    """The values of a column for people, with as few digits, at least four, as tell them apart."""
    for digits in DIGITS:
        found = [f"{value:.{digits}g}" if isinstance(value, float) else shown(value) for value in values]
        if len(set(found)) == len(values):
            return found
    return [shown(value) for value in values]


def shown(value: object) -> str:
    """A value of a column, for people."""
    if value is None:
        return "none"
    return f"{value:.{DIGITS[-1]}g}" if isinstance(value, float) else str(value)
