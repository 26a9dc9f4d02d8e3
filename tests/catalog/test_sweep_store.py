"""The store of a sweep: the same bytes however it was filled, only what lacks is computed, and nothing is harmed."""

import os
import resource
import sqlite3
import sys
from concurrent.futures import CancelledError, Executor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing, nullcontext
from pathlib import Path

import numpy as np
import pytest

import catalog
import dlr
from catalog.sweeps import databases, dispatch, executors, runner, store, table, work
from catalog.sweeps.spec_file import read_spec

SPEC = {
    "target": "definite-plus-skew",
    "depth": [1, 2, 4],
    "step_size": ["default", "cap"],
    "seeds": 8,
    "tol": 1e-4,
    "parameters": {"margin": {"from": 0.1, "to": 1.0, "count": 3}},
}
CELLS = 144


@pytest.fixture
def spec() -> catalog.Spec:
    return catalog.Spec(**SPEC)


def csv_of(file: Path) -> str:
    with store.opened(file) as kept:
        return "".join(table.csv_pieces(kept))


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The CSV of the spec, computed in this process."""
    file = tmp_path_factory.mktemp("expected") / "store.sqlite"
    tally = catalog.sweep(catalog.Spec(**SPEC), file, workers=1)
    assert (tally.total, tally.computed, tally.known, tally.left) == (CELLS, CELLS, 0, 0)
    return csv_of(file)


class Losing(Executor):
    """Computes each call at once, and loses its workers in one of them."""

    def __init__(self, error: Exception, call: int) -> None:
        self.inner, self.error, self.left = executors.ThisProcess(), error, call

    def submit(self, *call):
        self.left -= 1
        return self.inner.submit(*call) if self.left > 0 else self.inner.submit(self._lose)

    def _lose(self) -> None:
        raise self.error


@pytest.mark.parametrize(
    ("error", "call", "told"),
    [
        (BrokenProcessPool("A process\nended"), 3, r"\(A process ended\): start again to go on, 4 cells more are st"),
        (BrokenProcessPool(""), 1, r"\(BrokenProcessPool\): start again, in a script below if __name__ == '__main__'$"),
        (CancelledError(), 1, r"\(CancelledError\): start again to go on, 0 cells more are stored$"),
        (type("Gone", (Exception,), {"__module__": "distributed.client"})("left"), 1, r"\(left\): start again to go"),
    ],
)
def test_a_lost_worker_is_told_in_one_line(spec, expected, tmp_path, monkeypatch, error, call, told):
    monkeypatch.setattr(dispatch, "SECONDS", 0.0)
    file = tmp_path / "lost.sqlite"
    with pytest.raises(dlr.InputError, match=rf"^executor lost a worker, or its scheduler {told}") as raised:
        catalog.sweep(spec, file, Losing(error, call))
    assert "\n" not in str(raised.value)
    catalog.sweep(spec, file, workers=1)
    assert csv_of(file) == expected


def test_threads_write_the_same_bytes(spec, expected, tmp_path, monkeypatch):
    monkeypatch.setattr(dispatch, "SECONDS", 0.005)  # many calls
    with ThreadPoolExecutor(3) as threads:
        assert catalog.sweep(spec, tmp_path / "threads.sqlite", threads).computed == CELLS
    assert csv_of(tmp_path / "threads.sqlite") == expected


def test_the_order_of_two_sweeps_changes_nothing(expected, tmp_path, monkeypatch):
    monkeypatch.setattr(os, "getpid", lambda: 123_456_789)
    file = tmp_path / "parts.sqlite"
    for depth, lacking in ((4, 48), ([1, 2, 4], 96), (2, 0)):
        assert catalog.sweep(catalog.Spec(**{**SPEC, "depth": depth}), file, workers=1).computed == lacking
    assert csv_of(file) == expected


def test_only_what_lacks_is_computed(spec, expected, tmp_path, monkeypatch):
    file = tmp_path / "some.sqlite"
    catalog.sweep(spec, file, workers=1)
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("DELETE FROM cells WHERE rowid % 7 = 0")
    ran = []
    compute = dispatch.compute

    def noted(work, seconds, first):
        assert ran == [], "in this process all that is left is one call"
        ran.extend(cell.key for block in work for cell in block.cells())
        return compute(work, 60.0)

    monkeypatch.setattr(dispatch, "compute", noted)
    told = []
    tally = catalog.sweep(spec, file, workers=1, progress=told.append)
    assert len(ran) == len(set(ran)) == tally.computed == CELLS // 7
    assert told[0] == catalog.Tally(CELLS, known=CELLS - CELLS // 7)
    assert told[-1] == tally
    assert csv_of(file) == expected
    assert catalog.sweep(spec, file, workers=1).computed == 0


def test_places_of_another_process_begin_elsewhere():
    orders = [list(dispatch._scattered(range(16), number)) for number in range(3)]
    assert [order[0] for order in orders] == [0, 8, 4]
    assert [orders[0][number:] + orders[0][:number] for number in range(3)] == orders


@pytest.mark.parametrize("count", [1, 2, 7, 30, 1000])
def test_scattered_places_are_all_places(count):
    assert sorted(dispatch._scattered(range(count), 12345)) == list(range(count))


def test_scattered_places_begin_everywhere():
    """What is done early is like the whole, so that the rate tells the time left."""
    for first in (0, 12345):
        early = sorted(list(dispatch._scattered(range(1000), first))[:100])
        assert max(np.diff(early)) <= 32
        assert early[0] <= 32
        assert early[-1] >= 1000 - 32


def test_a_refused_cell_is_kept_and_counted(tmp_path):
    spec = catalog.Spec(["householder", "lehmer"], depth=2, algorithm="power-projection")
    tally = catalog.sweep(spec, tmp_path / "refused.sqlite", workers=1)
    assert (tally.computed, tally.refused) == (2, 1)
    assert str(tally) == "2 cells: 2 computed, of which 1 can't be run, 0 known"
    assert catalog.sweep(spec, tmp_path / "refused.sqlite").known == 2


def test_two_sweeps_share_a_store(spec, expected, tmp_path, monkeypatch):
    monkeypatch.setattr(dispatch, "SECONDS", 0.005)
    file = tmp_path / "shared.sqlite"
    with ThreadPoolExecutor(2) as threads:
        sweeps = [threads.submit(catalog.sweep, spec, file, workers=1) for _ in range(2)]
        tallies = [one.result() for one in sweeps]
    assert sum(tally.computed for tally in tallies) == CELLS
    assert all(tally.computed + tally.known == CELLS for tally in tallies)
    assert csv_of(file) == expected


def test_what_another_sweep_puts_there_meanwhile_is_known(spec, expected, tmp_path):
    """Between a look at the whole store, after which progress is told first, and that at a block."""
    file, told = tmp_path / "shared.sqlite", []
    catalog.sweep(catalog.Spec(**{**SPEC, "depth": 1, "seeds": 3}), file, workers=1)

    def progress(tally: catalog.Tally) -> None:
        told.append(tally)
        if len(told) == 1:
            catalog.sweep(catalog.Spec(**{**SPEC, "depth": [1, 2]}), file, workers=1)

    tally = catalog.sweep(spec, file, workers=1, progress=progress)
    assert told[0] == catalog.Tally(CELLS, known=18)
    assert (tally, tally.left) == (catalog.Tally(CELLS, known=2 * CELLS // 3, computed=CELLS // 3), 0)
    assert csv_of(file) == expected


def test_cells_are_looked_up_where_some_are_there_or_others_write(tmp_path, monkeypatch):
    """A sweep that has its store to itself knows from its first look which blocks lack all their cells."""
    looked, known = [], store.Store.known
    monkeypatch.setattr(store.Store, "known", lambda self, keys: looked.append(len(keys)) or known(self, keys))
    file = tmp_path / "own.sqlite"
    blocks = catalog.Spec("cayley", depth=[1, 2, 3], seeds=4, tol=1e-2)
    catalog.sweep(catalog.Spec("cayley", depth=2, seeds=3, tol=1e-2), file, workers=1)
    assert looked == []
    catalog.sweep(blocks, file, workers=1)
    assert looked == [4, 4, 4, 4], "each block first, then the one that has some of its cells"

    def progress(tally: catalog.Tally) -> None:
        if not tally.computed:
            with closing(sqlite3.connect(shared, isolation_level=None)) as connection:
                connection.execute("INSERT INTO cells (key) VALUES ('of another sweep')")

    shared = tmp_path / "shared.sqlite"
    looked.clear()
    assert catalog.sweep(blocks, shared, workers=1, progress=progress).computed == len(blocks)
    assert looked == [4, 4, 4]


def test_many_make_one_store(tmp_path):
    with ThreadPoolExecutor(8) as threads:
        for number in range(8):
            file = tmp_path / f"{number}.sqlite"
            assert list(threads.map(_length, [file] * 8)) == [0] * 8


def _length(file: Path) -> int:
    with store.opened(file) as kept:
        return len(kept)


def test_an_error_of_a_worker_loses_nothing(spec, expected, tmp_path, monkeypatch):
    """The calls that are done are stored, and the error is passed on."""
    file, compute, calls = tmp_path / "error.sqlite", dispatch.compute, []

    def failing(work, seconds, first):
        calls.append(work)
        if len(calls) == 4:
            raise MemoryError("no more")
        return compute(work, 0.0)

    monkeypatch.setattr(dispatch, "compute", failing)
    with pytest.raises(MemoryError, match="no more"):
        catalog.sweep(spec, file, workers=1)
    assert _length(file) == 3 * 4
    monkeypatch.undo()
    assert catalog.sweep(spec, file, workers=1).known == 3 * 4
    assert csv_of(file) == expected


class Interrupted(Executor):
    """Computes each call at once, and is interrupted in one of them."""

    def __init__(self) -> None:
        self.inner, self.calls = executors.ThisProcess(), 0

    def submit(self, *call):
        self.calls += 1
        if self.calls == 5:
            raise KeyboardInterrupt
        return self.inner.submit(*call)


def test_an_interrupt_keeps_what_is_computed(spec, expected, tmp_path, monkeypatch):
    monkeypatch.setattr(dispatch, "SECONDS", 0.0)
    file = tmp_path / "stopped.sqlite"
    with pytest.raises(KeyboardInterrupt):
        catalog.sweep(spec, file, Interrupted())
    assert _length(file) == 4 * min(work.FIRST, -(-CELLS // 96))
    catalog.sweep(spec, file, workers=1)
    assert csv_of(file) == expected


def test_an_executor_that_takes_no_work(spec, tmp_path):
    threads = ThreadPoolExecutor(1)
    threads.shutdown()
    with pytest.raises(dlr.InputError, match=r"executor takes no work .* after shutdown"):
        catalog.sweep(spec, tmp_path / "none.sqlite", threads)


def test_a_cluster_needs_dask(monkeypatch):
    monkeypatch.setitem(sys.modules, "dask.distributed", None)
    with pytest.raises(dlr.InputError, match=r"dask must be installed .*\[cluster\]"), executors.cluster("localhost:1"):
        pass


def test_foreign_newer_older_damaged_and_unwritable_stores(spec, tmp_path):
    def refused(name: object, message: str) -> None:
        with pytest.raises(dlr.InputError, match=message) as told:
            catalog.sweep(spec, name, workers=1)
        assert "\n" not in str(told.value)

    text = tmp_path / "notes.txt"
    text.write_text("not a database, but long enough to be one" * 30, encoding="utf-8")
    refused(text, "is no SQLite file")
    assert text.read_text(encoding="utf-8").startswith("not a database")
    foreign = tmp_path / "foreign.sqlite"
    with closing(sqlite3.connect(foreign)) as connection, connection:
        connection.execute("CREATE TABLE cells (key)")
    refused(foreign, "is another program's database")
    newer = tmp_path / "newer.sqlite"
    catalog.sweep(catalog.Spec("lehmer", depth=1), newer)
    with closing(sqlite3.connect(newer)) as connection, connection:
        connection.execute("PRAGMA user_version = 3")
    refused(newer, "is of a newer version, got schema 3, this package knows 2: upgrade it")
    older = tmp_path / "older.sqlite"
    catalog.sweep(catalog.Spec("lehmer", depth=1), older)
    with closing(sqlite3.connect(older)) as connection, connection:
        connection.execute("PRAGMA user_version = 1")
    refused(older, "is of an older version, got schema 1, this package writes 2: choose another name")
    with store.reading(older) as kept:
        assert len(kept) == 1
    damaged = tmp_path / "damaged.sqlite"
    catalog.sweep(spec, damaged, workers=1)
    damaged.write_bytes(damaged.read_bytes()[:4096] + b"\xff" * 40_960)
    refused(damaged, "is damaged|can't be written")
    newer.chmod(0o444)
    refused(newer, "is read-only")
    refused(tmp_path, "is no file")
    refused(tmp_path / "absent" / "store.sqlite", "there is no folder")
    refused(tmp_path / ("x" * 300), "File name too long")
    refused("a\0b", "can't be opened")
    refused("/dev/null", "is no file")
    (tmp_path / "shut").mkdir(mode=0o555)
    refused(tmp_path / "shut" / "store.sqlite", "its folder is read-only")


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("SQLITE_NOTADB", "is no SQLite file: mend it"),
        ("SQLITE_CORRUPT_VTAB", r"is damaged \(why\): restore it, or sweep into a new one"),
        ("SQLITE_BUSY_SNAPSHOT", r"is locked by another program \(why\): close that, and start again"),
        ("SQLITE_LOCKED", r"is locked by another program \(why\): close that, and start again"),
        ("SQLITE_CANTOPEN", r"can't be opened \(why\): check its permissions"),
        ("SQLITE_FULL", r"can't be written \(why\): see to its disk and start again, what is stored stays"),
        (None, r"can't be written \(why\): see to its disk and start again, what is stored stays"),
    ],
)
def test_an_error_of_sqlite_is_one_line_with_what_to_do(code, told):
    error = sqlite3.OperationalError("why")
    if code:
        error.sqlite_errorname = code
    with pytest.raises(dlr.InputError, match=f"^store here {told}$"), databases.told("here", "mend it"):
        raise error
    with pytest.raises(sqlite3.ProgrammingError), databases.told("here"):
        raise sqlite3.ProgrammingError


class Locked:
    """A connection that is locked some times."""

    def __init__(self, times: int, message: str = "database is locked") -> None:
        self.times, self.message, self.asked = times, message, 0

    def execute(self, query: str) -> None:
        assert query == "PRAGMA journal_mode = WAL"
        self.asked += 1
        if self.asked <= self.times:
            raise sqlite3.OperationalError(self.message)


def test_a_locked_file_is_waited_for_and_nothing_else(monkeypatch):
    clock = iter(range(0, 10_000, 20))
    monkeypatch.setattr(databases.time, "sleep", lambda seconds: None)
    monkeypatch.setattr(databases.time, "monotonic", lambda: next(clock))
    databases.write_ahead(free := Locked(2))
    assert free.asked == 3
    for waiting, asked in ((Locked(10), 4), (Locked(1, "disk I/O error"), 1)):
        with pytest.raises(sqlite3.OperationalError):
            databases.write_ahead(waiting)
        assert waiting.asked == asked


@pytest.mark.parametrize("pages", [8, 12])
def test_a_full_disk_loses_nothing_that_was_stored(spec, expected, tmp_path, monkeypatch, pages):
    file, prepare = tmp_path / "full.sqlite", store._prepare

    def limited(connection: sqlite3.Connection, name: str) -> None:
        prepare(connection, name)
        connection.execute(f"PRAGMA max_page_count = {pages}")

    monkeypatch.setattr(dispatch, "SECONDS", 0.005)
    monkeypatch.setattr(store, "_prepare", limited)
    with pytest.raises(dlr.InputError, match=r"can't be written .*full.*: see to its disk and start again"):
        catalog.sweep(spec, file, workers=1)
    monkeypatch.undo()
    there = _length(file)
    assert 0 < there < CELLS or pages == 8
    assert catalog.sweep(spec, file, workers=1).computed == CELLS - there
    assert csv_of(file) == expected


def test_a_file_that_can_not_grow_keeps_what_it_has(spec, expected, tmp_path, monkeypatch):
    monkeypatch.setattr(dispatch, "SECONDS", 0.005)
    file, before = tmp_path / "small.sqlite", resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, before[1]))
    try:
        with pytest.raises(dlr.InputError, match=r"can't be written \(.*\): see to its disk and start again"):
            catalog.sweep(spec, file, workers=1)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    there = _length(file)
    assert 0 < there < CELLS
    assert catalog.sweep(spec, file, workers=1).computed == CELLS - there
    assert csv_of(file) == expected


def test_parameters_have_columns_of_their_own(tmp_path):
    file = tmp_path / "several.sqlite"
    catalog.sweep(catalog.Spec("rotation(angle=0.5)", depth=2), file)
    catalog.sweep(catalog.Spec(["wishart", "rotation"], depth=2, parameters={"dimension": 3}), file, workers=1)
    with store.opened(file) as kept:
        assert kept.parameters == ["angle", "planes", "ratio"]
        found = kept.connection.execute(
            "SELECT target, dimension, seed, angle, planes, ratio FROM cells ORDER BY target"
        )
        assert found.fetchall() == [
            ("rotation(angle=0.5)", 4, None, 0.5, 1, None),
            ("rotation(dimension=3)", 3, None, 2.0, 1, None),
            ("wishart", 3, 0, None, None, 6),
        ]
        with pytest.raises(dlr.InputError, match="parameter Angle differs from angle in case alone"):
            kept.add([(("key", "Angle"), [("k", 1.0)])])
        assert len(kept) == 3


def test_rows_are_added_all_or_none(tmp_path):
    with store.opened(tmp_path / "new.sqlite") as kept:
        with pytest.raises(sqlite3.ProgrammingError):
            kept.add([(("key", "depth"), [("a", 1)]), (("key", "depth"), [("b",)])])
        assert len(kept) == 0
        assert kept.add([(("key", "depth"), [("c", 1), ("c", 2)])]) == 1
        assert kept.connection.execute("SELECT key, depth FROM cells").fetchall() == [("c", 1)]


NO = "CREATE TRIGGER no BEFORE INSERT ON cells WHEN new.key = '{}' BEGIN SELECT RAISE(ABORT, 'no'); END"
TABLES = [
    (
        ("key", "target", "depth", "tol", "planes", "angle"),
        [("a", "x", 1, 0.1, 2, 1), ("b", None, 2, 1e-300, None, 0.5)],
    ),
    (("key", "depth", "ratio"), [("c", 3, 6), ("a", 4, 7)]),
]


def test_copying_rows_of_a_worker_is_adding_them(tmp_path):
    with store.opened(tmp_path / "copied.sqlite") as copied, store.opened(tmp_path / "added.sqlite") as added:
        for kept in (copied, added):
            kept.add([(("key", "depth"), [("b", 7)])])
        image = store.packed(TABLES)
        assert [copied.copy(image), copied.copy(image), added.add(TABLES)] == [2, 0, 2]
        assert copied.kinds == added.kinds
        assert {name: copied.kinds[name] for name in copied.parameters} == {
            "angle": "REAL",
            "planes": "INTEGER",
            "ratio": "INTEGER",
        }
        assert list(map(repr, copied.rows())) == list(map(repr, added.rows()))
        assert list(copied.found("SELECT key, depth, angle, ratio FROM cells ORDER BY key")) == [
            ("a", 1, 1.0, None),
            ("b", 7, None, None),
            ("c", 3, None, 6),
        ]


def test_rows_of_a_worker_are_copied_all_or_none(tmp_path):
    with store.opened(tmp_path / "new.sqlite") as kept:
        kept.copy(store.packed(TABLES))
        with pytest.raises(dlr.InputError, match="parameter Angle differs from angle in case alone"):
            kept.copy(store.packed([(("key", "Angle"), [("d", 1.0)])]))
        kept.connection.execute(NO.format("e"))
        with pytest.raises(dlr.InputError, match=r"can't be written \(no\)"):
            kept.copy(store.packed([(("key", "other"), [("d", 1), ("e", 2)])]))
        assert (len(kept), kept.parameters) == (3, ["angle", "planes", "ratio"])
        assert kept.copy(store.packed([(("key", "other"), [("d", 1)])])) == 1


def test_where_sqlite_makes_no_bytes_the_rows_come_themselves(spec, expected, tmp_path, monkeypatch):
    monkeypatch.setattr(dispatch, "PACKS", False)
    monkeypatch.setattr(store.Store, "copy", None)
    with ThreadPoolExecutor(1) as threads:
        assert catalog.sweep(spec, tmp_path / "rows.sqlite", threads).computed == CELLS
    assert csv_of(tmp_path / "rows.sqlite") == expected


class Counting(ThreadPoolExecutor):
    """Knows how many cells it was given."""

    given = 0

    def submit(self, function, blocks, *rest):
        self.given += sum(map(len, blocks))
        return super().submit(function, blocks, *rest)


def test_the_log_is_moved_into_the_file_while_the_last_calls_run(spec, tmp_path, monkeypatch):
    file, seen = tmp_path / "runs.sqlite", []
    monkeypatch.setattr(dispatch, "BLOCK", 16)
    monkeypatch.setattr(store.Store, "settle", lambda kept: seen.append((pool.given, len(kept) < CELLS)))
    with Counting(2) as pool:
        assert catalog.sweep(spec, file, pool).computed == CELLS
    assert seen == [(CELLS, True)]


def test_what_is_settled_needs_no_log(tmp_path):
    file, alone = tmp_path / "runs.sqlite", tmp_path / "alone.sqlite"
    with store.opened(file) as kept:
        kept.add([(("key", "depth"), [("a", 1)])])
        before = file.read_bytes()
        kept.settle()
        alone.write_bytes(file.read_bytes())
        assert alone.read_bytes() != before
        with store.reading(alone) as copy:
            assert list(copy.found("SELECT key, depth FROM cells")) == [("a", 1)]
        kept.connection.close()
        kept.settle()  # an error is left to what closes the store


def test_of_two_results_the_one_that_can_be_stored_is(tmp_path):
    told = []
    with store.opened(tmp_path / "new.sqlite") as kept:
        state = dispatch.Dispatch(None, kept, {}, catalog.Tally(9), told.append)
        kept.connection.execute(NO.format("c"))
        for key, image in (("a", b""), ("b", store.packed([(("key",), [("b",), ("a",)])])), ("c", b"")):
            state.unstored.append(work.Computed([(("key",), [(key,)])], (), 1 + (key == "b"), 1.0, key == "b", image))
        with pytest.raises(dlr.InputError, match=r"can't be written \(no\)"):
            state._store()
        assert [row[0] for row in kept.rows()] == ["a", "b"]
    assert told[-1] == catalog.Tally(9, known=1, computed=2, refused=1)
    assert len(state.unstored) == 1


def test_rows_are_in_the_order_of_one_column_after_the_other(tmp_path):
    columns = [
        *("family", "digest", "dimension", "algorithm", "algorithm_radius", "algorithm_strength", "algorithm_margin"),
        *("asked_engine", "max_steps", "tol", "depth", "angle", "planes", "seed", "step_factor", "step_rule"),
    ]
    with store.opened(tmp_path / "rows.sqlite") as kept:
        for place, column in enumerate(columns):
            pair = [[1] * place + [low] + [1 - low] * (len(columns) - place - 1) for low in (0, 1)]
            rows = [(f"{place:02}-{1 - low}", *values) for low, values in enumerate(pair)]
            assert kept.add([(("key", *columns), rows[::-1])]) == 2
            found = [row[0] for row in kept.rows("key LIKE ?", [f"{place:02}-%"])]
            assert found == [f"{place:02}-1", f"{place:02}-0"], column
        assert kept.add([(("key",), [("b",), ("a",)])]) == 2
        assert [row[0] for row in kept.rows("key < 'c' AND key >= 'a'")] == ["a", "b"]


def test_pieces_of_a_csv_are_parts_of_the_whole(spec, expected, tmp_path, monkeypatch):
    catalog.sweep(spec, tmp_path / "runs.sqlite", workers=1)
    monkeypatch.setattr(table, "TOGETHER", 50)
    with store.opened(tmp_path / "runs.sqlite") as kept:
        pieces = list(table.csv_pieces(kept))
    assert [piece.count("\n") for piece in pieces] == [51, 50, 44]
    assert "".join(pieces) == expected


def test_every_column_has_a_meaning(tmp_path):
    with store.opened(tmp_path / "new.sqlite") as kept:
        assert kept.columns == list(store.COLUMNS)


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        ((SPEC, "s.sqlite"), {}, "spec must be a file's name, got {"),
        (("absent.toml", "s.sqlite"), {}, "spec absent.toml does not exist"),
        ((catalog.Spec("lehmer", depth=1), ""), {}, "store must be a file's name, got ''"),
        ((catalog.Spec("lehmer", depth=1), "s.sqlite", 3), {}, "executor must be of type Executor, got 3"),
        ((catalog.Spec("lehmer", depth=1), "s.sqlite"), {"workers": 0}, "workers must be at least 1, got 0"),
        ((catalog.Spec("lehmer", depth=1), "s.sqlite"), {"workers": 10**9}, "workers must be at most"),
        ((catalog.Spec("lehmer", depth=1), "s.sqlite"), {"progress": 3}, "progress must be a function, got 3"),
        (
            (catalog.Spec("lehmer", depth=1), "s.sqlite", executors.ThisProcess()),
            {"workers": 2},
            "workers must be left out beside an executor",
        ),
    ],
)
def test_bad_arguments(arguments, options, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(dlr.InputError, match=message):
        catalog.sweep(*arguments, **options)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("workers", "count"), [(None, 3), (2, 2), (5, 5), (1000, 6)])
def test_workers_are_one_for_each_processor_and_no_more_than_cells(workers, count, tmp_path, monkeypatch):
    asked = []
    monkeypatch.setattr(runner, "processors", lambda: 3)
    monkeypatch.setattr(executors, "local", lambda count: asked.append(count) or nullcontext(executors.ThisProcess()))
    catalog.sweep(catalog.Spec("lehmer", depth={"from": 1, "to": 6}), tmp_path / "a.sqlite", workers=workers)
    assert asked == [count]


def test_an_executor_that_says_how_many_workers_it_has_is_believed(tmp_path, monkeypatch):
    told, over = [], dispatch.Dispatch.over
    monkeypatch.setattr(dispatch.Dispatch, "over", lambda *given: told.append(given[-1]) or over(*given))
    spec = catalog.Spec("lehmer", depth={"from": 1, "to": 6})
    with ThreadPoolExecutor(3) as threads:
        for number, executor in enumerate((threads, Losing(ArithmeticError("none"), 100))):
            assert catalog.sweep(spec, tmp_path / f"{number}.sqlite", executor).computed == 6
    assert told == [3, dispatch.UNKNOWN_WORKERS]


def test_progress_that_raises_is_told(tmp_path):
    def progress(tally):
        raise ArithmeticError("no")

    with pytest.raises(dlr.InputError, match=r"progress must take a tally, got .*, which raised ArithmeticError"):
        catalog.sweep(catalog.Spec("lehmer", depth=1), tmp_path / "a.sqlite", workers=1, progress=progress)


class Bytes(os.PathLike):
    """A path of bytes."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __fspath__(self) -> bytes:
        return os.fsencode(self.path)

    def __str__(self) -> str:
        return str(self.path)


def test_a_path_of_bytes_is_a_path(tmp_path):
    assert catalog.sweep(catalog.Spec("lehmer", depth=1), Bytes(tmp_path / "a.sqlite"), workers=1).computed == 1
    assert [path.name for path in tmp_path.iterdir()] == ["a.sqlite"]


def test_a_path_of_a_spec_is_a_spec(tmp_path):
    file = tmp_path / "spec.toml"
    file.write_text('target = "lehmer"\ndepth = [1, 2]\n', encoding="utf-8")
    assert runner.sweep(file, tmp_path / "store.sqlite", workers=1).computed == len(read_spec(str(file))) == 2
