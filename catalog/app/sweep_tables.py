"""Shows the runs of a store in the terminal: what there is, or a value and the share of successes by two columns."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rich.text import Text

from catalog.app.layout import Column, Content, Fields, Paragraph, Rows, literal
from catalog.app.tables import counted, rounded
from catalog.sweeps.maps import Entry, Map
from catalog.sweeps.selection import Selection, labels, shown
from catalog.sweeps.spec_file import SHIPPED, read_spec

MOST_LISTED = 12
"""Values of a column that are listed in full."""


def overview(runs: Selection) -> list[Content]:
    """What there is: how runs ended, and the columns that runs can be laid out by, where they have values."""
    ends = {outcome: count for outcome, count in runs.query("SELECT outcome, count(*)", "GROUP BY outcome ORDER BY 1")}
    listed = ", ".join(f"{count:,} {outcome}" for outcome, count in ends.items())
    columns = {name: runs.values(name) for name in runs.axes}
    columns = {name: values for name, values in columns.items() if values != [None]}
    return [
        Paragraph("\n".join([f"{counted(len(runs), 'run')}: {listed}", *map(literal, _refusals(runs)), ""])),
        Rows(
            (
                Column("column", [f"[bold]{literal(name)}[/]" for name in columns]),
                Column("values", [f"{len(values):,}" for values in columns.values()], right=True),
                Column("which", [literal(_listed(values)) for values in columns.values()], flows=True),
            )
        ),
    ]


def _refusals(runs: Selection) -> list[str]:
    """Why runs can't be made, one line: the reason of most of them, and how many others there are."""
    tail = "AND refusal IS NOT NULL GROUP BY refusal ORDER BY count(*) DESC, refusal"
    reasons = list(runs.query("SELECT refusal, count(*)", tail))
    if not reasons:
        return []
    (reason, count), *others = reasons
    more = f"; and {counted(len(others), 'other reason')}" if others else ""
    return [f"{count:,} can't be run: {' '.join(reason.split())}{more}"]


def spec_table() -> Rows:
    """One row for each spec that comes with the package: its name, how many runs it makes, what it asks."""
    specs = {name: read_spec(name) for name in SHIPPED}
    return Rows(
        (
            Column("spec", [f"[bold]{name}[/]" for name in specs]),
            Column("cells", [f"{len(spec):,}" for spec in specs.values()], right=True),
            Column("asks", [literal(spec.title) for spec in specs.values()], flows=True),
        )
    )


def _listed(values: Sequence[object]) -> str:
    """The values, or where they are many, the first and the last ones."""
    if len(values) <= MOST_LISTED:
        return ", ".join(map(shown, values))
    first, last = values[: MOST_LISTED // 2], values[-1:]
    return f"{', '.join(map(shown, first))}, ..., {', '.join(map(shown, last))}"


def map_tables(found: Map, runs: Selection, where: Sequence[str]) -> list[Content]:
    """A map: what each cell tells, and the cells, of runs."""
    refused = f", {found.refused:,} can't be run" if found.refused else ""
    reached = f"{found.converged:,} of {counted(found.runs, 'run')} reached the tolerance{refused}"
    alike = ", ".join(f"{name} {shown(value)}" for name, value in found.constant.items())
    fields = (
        *(("shown", found.taken), ("success", reached), ("refused", "".join(_refusals(runs)))),
        *(("where", ", ".join(where)), ("alike", alike)),
    )
    return [
        Fields(tuple((name, literal(text)) for name, text in fields)),
        Paragraph(""),
        Grid(found),
    ]


@dataclass(frozen=True)
class Grid(Content):
    """The cells of a map, each with its value and how many of its runs reached the tolerance.

    They are laid out by both columns where that fits, else one on a line.
    """

    found: Map

    def lines(self, width: int) -> Iterator[Text]:
        """The table that fits."""
        tables = [_crossed(self.found), _crossed(self.found, turned=True)] if self.found.y else []
        fitting = (table for table in tables if max(line.cell_len for line in table.lines(width)) <= width)
        yield from next(fitting, _listing(self.found)).lines(width)


def _crossed(found: Map, turned: bool = False) -> Rows:
    """One row for each value of one column, one column for each of the other's."""
    rows, columns = (found.across, found.down) if turned else (found.down, found.across)
    names = (found.x, found.y) if turned else (found.y, found.x)

    def cell(row: object, column: object) -> str:
        entry = found.entries.get((row, column) if turned else (column, row))
        return "" if entry is None else _cell(found, entry)

    first = Column(f"{names[0]} \\ {names[1]}", [f"[bold]{literal(label)}[/]" for label in labels(rows)], right=True)
    others = [
        Column(literal(label), [cell(row, column) for row in rows], right=True)
        for label, column in zip(labels(columns), columns, strict=True)
    ]
    return Rows((first, *others))


def _cell(found: Map, entry: Entry) -> str:
    if not entry.runs:
        return "refused"
    return f"{_value(found, entry)} {_successes(entry)}"


def _value(found: Map, entry: Entry) -> str:
    """The value for people; shares in percent."""
    if entry.value is None:
        return "-"
    return f"{entry.value:.0%}" if found.value == "success" else rounded(entry.value)


def _successes(entry: Entry) -> str:
    return f"{entry.converged:,}/{entry.runs:,}"


def _listing(found: Map) -> Rows:
    """One row for each cell."""
    places = [(x, y) for y in found.down for x in found.across if (x, y) in found.entries]
    entries = [found.entries[place] for place in places]
    across, down = (
        dict(zip(values, map(literal, labels(values)), strict=True)) for values in (found.across, found.down)
    )
    names = [Column(found.x, [f"[bold]{across[x]}[/]" for x, _ in places], right=True)]
    if found.y:
        names.insert(0, Column(found.y, [f"[bold]{down[y]}[/]" for _, y in places], right=True))
    refused = [f"{entry.refused:,}" for entry in entries]
    return Rows(
        (
            *names,
            Column(found.value, [_value(found, entry) for entry in entries], right=True),
            Column("reached", [_successes(entry) for entry in entries], right=True),
            *([Column("refused", refused, right=True)] if found.refused else []),
        )
    )
