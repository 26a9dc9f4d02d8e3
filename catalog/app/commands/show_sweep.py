"""``dlr sweep show``: what the runs in a store say, as a table, a heat map, JSON, CSV or Parquet."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from catalog.app.commands import Commands

NOTES = """\
Values to show:

  steps        to the tolerance: of the runs that reached it (default)
  time         the same times eta L
  success      share of runs that reached the tolerance
  rate         ln(|E_0| / |E_T|) / (eta L T), of T steps with errors E
  loss, lowest_loss, step_size

Beside each value stands how many runs reached the tolerance. Columns that are
neither x nor y nor picked by --where are taken together, which the table says,
by the median or as --take says.
Without --x it shows which columns there are.

A spec file that is called show is ./show.
"""


def add_to(commands: Commands) -> None:
    """Declare the command."""
    parser = commands.add_parser(
        "sweep show",
        help="show the runs of a sweep, as a table or a heat map",
        epilog=NOTES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("store", metavar="STORE", help="the file that dlr sweep wrote")
    parser.add_argument("--x", metavar="COLUMN", help="lay runs out by this column, depth, for one")
    parser.add_argument("--y", metavar="COLUMN", help="and by this one")
    parser.add_argument("--value", default="steps", metavar="V", help="what to show (default steps)")
    parser.add_argument(
        "--take", default="median", metavar="T", help="of several runs: median (default), least, largest"
    )
    parser.add_argument(
        "--where",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="only runs with this value of a column; may be repeated, for one column too",
    )
    parser.add_argument("--plot", metavar="FILE", help="draw the heat map, as .svg or .png")
    parser.add_argument("--csv", metavar="FILE", help="write the runs, each with all columns")
    parser.add_argument("--parquet", metavar="FILE", help="the same as Parquet (extra parquet)")
    parser.add_argument("--json", nargs="?", const="-", metavar="FILE", help="write the map as JSON, or print it")
    parser.set_defaults(command=run)


def run(options: argparse.Namespace) -> int:
    """Show the runs."""
    from catalog.app import destinations, output, sweep_tables
    from catalog.app.figures import drawing, heat_map
    from catalog.sweeps import maps, parquet, table
    from catalog.sweeps.selection import selected
    from catalog.sweeps.store import reading
    from dlr.arguments import InputError, brief

    files = {}
    for name in ("plot", "csv", "parquet", "json"):
        file = destinations.checked_destination(getattr(options, name))
        if file is None:
            continue
        if file != "-" and destinations.is_part_of_store(file, options.store):
            raise InputError(f"{name} must be another file than the store, got {brief(file)}: choose another name")
        files[name] = file
    if options.x is None:
        for name in ("y", "plot", "json"):
            if getattr(options, name) is not None:
                raise InputError(f"x must be given beside --{name}, got none: add --x depth, for one")
    if options.plot is not None and options.y is None:
        raise InputError("y must be given beside --plot, got none: a map has two columns, add --y angle, for one")
    printed = [name for name, file in files.items() if file == "-"]
    if len(printed) > 1:
        raise InputError(f"{printed[1]} must be a file beside --{printed[0]} -, got '-': both would go to stdout")
    if "plot" in files:
        image = drawing.format_of(files["plot"])
        drawing.require_library()
    if "parquet" in files:
        parquet.require_library()
        if files["parquet"] == "-":
            raise InputError("parquet must be a file, got '-': it is no text")
    with reading(options.store) as store:
        runs = selected(store, options.where)
        found = None
        if options.x is not None:
            found = maps.map_of(runs, options.x, options.y or "", options.value, options.take)
        if not printed:
            contents = (
                sweep_tables.overview(runs) if found is None else sweep_tables.map_tables(found, runs, options.where)
            )
            with output.optional(bool(files)):
                for content in contents:
                    output.show(content)
        condition, given = runs.condition
        if "json" in files:
            assert found is not None, "refused above"
            output.emit_json(found.record(), files["json"])
        if "csv" in files:
            output.save("".join(table.csv_pieces(store, condition, given)), files["csv"], ".csv")
        if "parquet" in files:
            output.save(parquet.parquet_bytes(store, condition, given), files["parquet"], ".parquet")
        if "plot" in files:
            assert found is not None, "refused above"
            output.save(heat_map.drawn(found, image, options.where), files["plot"], image)
    return 0
