"""Makes the sweeps of the specs that come with the package, and puts their maps on record.

``python -m catalog.app.remeasure FOLDER`` keeps a store for each spec in a folder, where it goes on if stopped, and
rewrites ``catalog/measured.json``, which the report and the site draw. It takes a few minutes.
"""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import catalog
from catalog.app.figures.sweep_maps import FIGURES, FILE, Figure, to_record
from catalog.sweeps.maps import Map, map_of
from catalog.sweeps.selection import selected
from catalog.sweeps.store import reading


def main(arguments: Sequence[str]) -> int:
    """Make what the stores in a folder lack, and write the record."""
    if len(arguments) != 1:
        print("usage: python -m catalog.app.remeasure FOLDER", file=sys.stderr)
        return 2
    folder = Path(arguments[0])
    folder.mkdir(exist_ok=True)
    record = {}
    for figure in FIGURES:
        store = folder / f"{figure.spec}.sqlite"
        print(f"{figure.name}: {catalog.sweep(figure.spec, store)}")
        record[figure.name] = to_record(figure, measured(figure, store))
    FILE.write_text(written(record), encoding="utf-8")
    return 0


def measured(figure: Figure, store: Path) -> Map:
    """The map of a figure."""
    with reading(store) as runs:
        return map_of(selected(runs, figure.where), figure.x, figure.y, figure.value, figure.take)


def written(record: dict[str, Any]) -> str:
    """The record as JSON, one figure a line."""
    lines = ",\n".join(f"{json.dumps(name)}: {json.dumps(one)}" for name, one in record.items())
    return f"{{\n{lines}\n}}\n"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
