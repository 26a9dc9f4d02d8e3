"""How many cells are handed out at once: as many as fill a worker's time, and fewer toward the end."""

from types import SimpleNamespace

import pytest

import catalog
from catalog.sweeps import dispatch, work

SIZES = [  # cells left, those under way, seconds a cell takes, calls at most: cells of a call, cells it begins with
    (1_000, [], None, 6, (167, 4)),
    (10_000, [], None, 6, (256, 4)),
    (100, [40, 40], None, 2, (10, 4)),
    (21, [], None, 2, (11, 4)),
    (1_000_000, [], 1e-4, 6, (4_096, 2_500)),
    (1_000, [], 1e-4, 6, (1_000, 2_500)),
    (10_000, [], 0.01, 6, (100, 25)),
    (60, [], 0.01, 6, (50, 25)),
    (60, [], 0.001, 6, (256, 250)),
    (10_000, [], 0.003, 6, (334, 83)),
    (500, [], 0.003, 6, (166, 83)),
    (10_000, [], 1.0, 6, (1, 4)),
    (10_000, [], 0.0, 6, (4_096, 249_999_999)),
]


@pytest.mark.parametrize(("left", "flying", "pace", "most", "sizes"), SIZES)
def test_a_call_fills_the_time_of_a_worker(left, flying, pace, most, sizes, monkeypatch):
    for name, value in {"SECONDS": 0.5, "MOST": 4096, "LEAST": 0.2, "BLOCK": 256, "FIRST": 4}.items():
        monkeypatch.setattr(dispatch, name, value)
    state = dispatch.Dispatch(None, None, {}, catalog.Tally(left + 7, known=7), None)
    state.flying = dict(enumerate(flying))
    if pace is not None:
        state.cells, state.seconds = 200.0, 200 * pace
    assert (state._size(most), state._first()) == sizes


@pytest.mark.parametrize(("cells", "most", "calls"), [(0, 20, 8), (0, 3, 3), (1, 20, 20)])
def test_few_calls_are_submitted_before_one_has_told_how_long_a_cell_takes(cells, most, calls, monkeypatch):
    monkeypatch.setattr(dispatch, "AT_FIRST", 8)
    spec = catalog.Spec("lehmer", depth={"from": 1, "to": 100})
    state = dispatch.Dispatch(spec, SimpleNamespace(alone=True), {}, catalog.Tally(100), None)
    state.cells, state.seconds = cells, 1.0
    taken = []
    assert state._submit(SimpleNamespace(submit=lambda *call: taken.append(call) or object()), iter(range(100)), most)
    assert len(state.flying) == len(taken) == calls
    assert [call[0] for call in taken] == [work.compute] * calls
    assert sum(state.flying.values()) == sum(len(block) for _, blocks, *_ in taken for block in blocks) <= 100
    assert not state._submit(None, iter(()), 0) or state.flying


def test_the_last_calls_count_most():
    """The time of a cell is learned from calls, of which earlier ones count for less and less; rests come first."""
    spec, seen = catalog.Spec("lehmer", depth=[1, 2, 3]), []
    stand_in = SimpleNamespace(add=len)
    state = dispatch.Dispatch(spec, stand_in, {}, catalog.Tally(3), seen.append)
    for place, seconds in enumerate((1.0, 2.0, 4.0)):
        block = spec.block(place)
        state.unstored.append(work.Computed(work.compute([block], 60.0).tables, (block,), 1, seconds))
        state._store()
    weight = dispatch.MEMORY
    assert state.cells == pytest.approx(1 + weight + weight**2)
    assert state.seconds == pytest.approx(4 + 2 * weight + weight**2)
    assert [tally.computed for tally in seen] == [1, 2, 3]
    assert [block.setting.depth for block in state.waiting] == [3, 2, 1]
    assert state.unstored == []
