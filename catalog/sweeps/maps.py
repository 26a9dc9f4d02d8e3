"""Lays out the runs of a store by two columns: in each cell how many reached the tolerance, and in how many steps."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import fmean, median
from typing import Any

from catalog.sweeps.selection import Selection
from catalog.sweeps.store import quoted
from catalog.sweeps.work import REFUSED
from dlr.arguments import InputError, brief, one_of

__all__: list[str] = []

MOST_VALUES = 400
"""Most values of a column that runs are laid out by."""


@dataclass(frozen=True)
class Value:
    """What a cell tells of its runs: the median of a function of each, or what `TAKES` has beside it.

    Attributes
    ----------
    meaning : str
    columns : tuple of str
        Of the table, the function's arguments.
    of : callable
        From these to a number, None where there is none.
    converged : bool
        Whether of the runs that reached the tolerance alone.
    rising : bool
        Whether more is better.
    """

    meaning: str
    columns: tuple[str, ...]
    of: Callable[..., float | None]
    converged: bool = False
    rising: bool = False


def _time(steps: float, step_size: float, depth: float) -> float:
    return steps * step_size * depth


def _rate(start_loss: float, loss: float, *times: float) -> float | None:
    """Mean rate at which the logarithm of the error fell."""
    time = _time(*times)
    if not (time > 0 and 0 < loss < math.inf and 0 < start_loss < math.inf):
        return None
    return (math.log(start_loss) - math.log(loss)) / (2 * time)


TIMES = ("steps", "step_size", "depth")

VALUES = {
    "steps": Value("steps to the tolerance", ("steps",), lambda steps: steps, converged=True),
    "time": Value("steps times eta L to the tolerance", TIMES, _time, converged=True),
    "success": Value("share of runs that reached the tolerance", ("converged",), lambda one: one, rising=True),
    "rate": Value(
        "rate at which the error fell, ln(|E_0| / |E_T|) / (eta L T)",
        ("start_loss", "loss", *TIMES),
        _rate,
        rising=True,
    ),
    "loss": Value("excess loss at the end", ("loss",), lambda loss: loss),
    "lowest_loss": Value("least excess loss on the way", ("lowest_loss",), lambda loss: loss),
    "step_size": Value("step size eta", ("step_size",), lambda eta: eta),
}
"""What can be shown, by name."""


TAKES: Mapping[str, Callable[[Sequence[float]], float]] = {"median": median, "least": min, "largest": max}
"""Which of the runs' values a cell has, by name; of a success, which is 1 or 0, it has the mean."""


@dataclass(frozen=True)
class Entry:
    """The runs with one value of each column.

    Attributes
    ----------
    value : float or None
        Of the runs that count; None where there are none.
    runs, converged, refused : int
        How many were made, how many of these reached the tolerance, and how many can't be made.
    """

    value: float | None
    runs: int
    converged: int
    refused: int

    @property
    def success(self) -> float:
        """Share of the runs that reached the tolerance; 0 where none was made."""
        return self.converged / self.runs if self.runs else 0.0


@dataclass(frozen=True)
class Map:
    """The runs of a selection by the values of one or two columns.

    Attributes
    ----------
    x, y : str
        The columns; ``y`` is empty for one alone.
    value : str
        One of `VALUES`.
    across, down : tuple
        The values of the columns in their order; down is ``(None,)`` without ``y``.
    entries : mapping of (across, down) to Entry
        None where there is no such run.
    over : mapping of str to int
        Columns that vary within an entry, with their numbers of values: what medians and shares are taken over.
    constant : mapping of str
        What was run alike everywhere.
    take : str
        One of `TAKES`.
    """

    x: str
    y: str
    value: str
    across: tuple[Any, ...]
    down: tuple[Any, ...]
    entries: Mapping[tuple[Any, Any], Entry]
    over: Mapping[str, int]
    constant: Mapping[str, Any]
    take: str = "median"

    @property
    def runs(self) -> int:
        """How many runs were made."""
        return sum(entry.runs for entry in self.entries.values())

    @property
    def converged(self) -> int:
        """How many of them reached the tolerance."""
        return sum(entry.converged for entry in self.entries.values())

    @property
    def refused(self) -> int:
        """How many can't be made."""
        return sum(entry.refused for entry in self.entries.values())

    @property
    def taken(self) -> str:
        """How an entry's value is made, in words."""
        if self.value == "success":
            return f"{VALUES[self.value].meaning}"
        of = "the runs that reached the tolerance" if VALUES[self.value].converged else "all runs"
        over = ", ".join(f"{name} ({count} values)" for name, count in self.over.items())
        return f"{VALUES[self.value].meaning}: " + (f"{self.take} of {of}, over {over}" if over else f"of {of}")

    def record(self) -> dict[str, Any]:
        """All of it as JSON."""
        placed = [
            {"x": x, "y": y, **asdict(self.entries[x, y])}
            for y in self.down
            for x in self.across
            if (x, y) in self.entries
        ]
        names = ("x", "y", "value", "take", "across", "down", "over", "constant")
        return {**{name: getattr(self, name) for name in names}, "taken": self.taken, "entries": placed}


def map_of(runs: Selection, x: str, y: str = "", value: str = "steps", take: str = "median") -> Map:
    """Lay out runs by columns.

    Raises
    ------
    InputError
        If there is no such column or value, or a column has too many values.
    """
    for column in (x, y) if y else (x,):
        one_of("column", column, runs.axes)
    if x == y:
        raise InputError(f"y must be another column than x, got {brief(y)}: leave it out for one column alone")
    shown = VALUES[one_of("value", value, VALUES)]
    one_of("take", take, TAKES)
    taken = fmean if value == "success" else TAKES[take]
    across, down = (tuple(_few(runs, name, column)) if column else (None,) for name, column in (("x", x), ("y", y)))
    places = [quoted(x), quoted(y) if y else "NULL"]
    columns = ", ".join([*places, "outcome", "converged", *map(quoted, shown.columns)])
    numbers: dict[tuple[Any, Any], list[float]] = {}
    counts: dict[tuple[Any, Any], list[int]] = {}
    for first, second, outcome, converged, *own in runs.query(f"SELECT {columns}"):
        made = counts.setdefault((first, second), [0, 0, 0])
        made[2 if outcome == REFUSED else 0] += 1
        made[1] += converged
        if outcome != REFUSED and (converged or not shown.converged) and None not in own:
            number = shown.of(*own)
            if number is not None:
                numbers.setdefault((first, second), []).append(number)
    entries = {
        place: Entry(taken(numbers[place]) if place in numbers else None, *made) for place, made in counts.items()
    }
    within = [x, y] if y else [x]
    constant = {name: one for name, one in runs.constant().items() if name not in within}
    return Map(x, y, value, across, down, entries, runs.varying(within), constant, take)


def _few(runs: Selection, name: str, column: str) -> list[Any]:
    values = runs.values(column)
    if len(values) > MOST_VALUES:
        raise InputError(
            f"{name} must have at most {MOST_VALUES} values, got {len(values):,} of {column}: pick some by --where"
        )
    return values
