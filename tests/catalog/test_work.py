"""How many cells a worker runs together: few at first, then as many as the time and the memory allow."""

import sqlite3
from contextlib import closing

import numpy as np
import pytest

import catalog
from catalog.sweeps import store, work


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch):
    """Compute blocks by a clock on which a cell takes a 128th of a second: sizes of parts, and what is left."""

    def computed(seconds: float, dimension: int = 4, first: int = 4) -> tuple[list[int], work.Computed]:
        clock, sizes = [7.0], []

        def rows(block: work.Block) -> tuple[tuple[str, ...], list[work.Row], int]:
            clock[0] += len(block) / 128
            sizes.append(len(block))
            return ("key",), list(map(tuple, block.keys())), dimension

        spec = catalog.Spec("cayley", depth=[2, 3], seeds=200)
        with monkeypatch.context() as patch:
            patch.setattr(work, "_rows", rows)
            patch.setattr(work.time, "monotonic", lambda: clock[0])
            found = work.compute([spec.block(0), spec.block(1)], seconds, first)
        assert found.cells == sum(sizes) == sum(len(rows) for _, rows in found.tables)
        assert found.seconds == pytest.approx(clock[0] - 7)
        assert sum(map(len, found.rest)) == 400 - found.cells
        return sizes, found

    return computed


def test_parts_grow_until_the_time_is_over(run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work, "GROWTH", 8)
    sizes, found = run(1.0)
    assert sizes == [4, 32, 92]
    assert [(block.setting.depth, len(block)) for block in found.rest] == [(2, 72), (3, 200)]
    sizes, found = run(2.5)
    assert sizes == [4, 32, 164, 4, 32, 84]
    assert [(block.setting.depth, len(block)) for block in found.rest] == [(3, 80)]
    assert run(9.0)[0] == [4, 32, 164, 4, 32, 164]
    assert run(0.0)[0] == [4]
    assert run(1.0, first=90)[0] == [90, 38]


def test_parts_are_no_larger_than_the_memory(run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work, "MOST_ENTRIES", 2 * 9 * 20)
    monkeypatch.setattr(work, "USUAL_DIMENSION", 6)
    assert run(1.0, dimension=3, first=50)[0][:3] == [5, 20, 20]
    assert run(0.3, dimension=100)[0][:3] == [4, 1, 1]
    own = catalog.Spec(np.eye(2), depth=5).block(0).setting
    assert work._most_together(own, 99) == 2 * 9 * 20 // (5 * 4)


def test_the_largest_dimension_of_cells_is_told() -> None:
    several = catalog.Spec("lehmer", depth=1, parameters={"dimension": [2, 5, 3]}).block(0)
    none = catalog.Spec("householder", depth=1, algorithm="power-projection", parameters={"dimension": [2, 3]}).block(0)
    assert [work._rows(block)[2] for block in (several, none)] == [5, 3]


def test_what_a_row_says_of_its_source_is_nothing_where_there_is_none() -> None:
    family = catalog.Spec("cayley", depth=1).block(0).setting
    own = catalog.Spec(np.eye(2), depth=1).block(0).setting
    assert work._shared(family)[0] == ("cayley", 1, None)
    assert work._shared(own)[0] == (None, None, own.source.digest)
    assert len(own.source.digest) == 32


def test_packed_rows_are_the_rows() -> None:
    """Those with the same columns are one table; how many are refused is told."""
    spec = catalog.Spec(["householder", "lehmer"], depth=[1, 2], algorithm="power-projection")
    blocks = [spec.block(place) for place in range(4)]
    plain, packed = work.compute(blocks, 60.0), work.compute_packed(blocks, 60.0)
    assert (plain.image, packed.tables) == (b"", [])
    assert (plain.cells, plain.refused, plain.rest) == (packed.cells, packed.refused, packed.rest) == (4, 2, ())
    [(names, rows)] = plain.tables
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.deserialize(packed.image)
        assert connection.execute(f"SELECT {store.listed(names)} FROM cells").fetchall() == rows
    assert len(rows) == 4
