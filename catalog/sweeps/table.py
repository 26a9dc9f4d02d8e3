"""A store as CSV: the same cells give the same bytes, in whatever order they came."""

import csv
import io
from collections.abc import Iterator, Sequence

from catalog.sweeps.store import Store

__all__: list[str] = []

TOGETHER = 4096
"""Rows of a piece."""


def csv_pieces(store: Store, condition: str = "TRUE", given: Sequence[object] = ()) -> Iterator[str]:
    """The rows that fulfil a condition, a header first; numbers with all digits, nothing where there is no value."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(store.header())
    for number, row in enumerate(store.rows(condition, given), 1):
        writer.writerow(row)
        if number % TOGETHER == 0:
            yield text.getvalue()
            text.seek(0)
            text.truncate()
    yield text.getvalue()
