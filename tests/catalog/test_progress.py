"""Progress is one changing line on a terminal, and lines from time to time elsewhere."""

import io
import re
import sys
import time

import pytest

from catalog.app import progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("stream", [Terminal(), io.StringIO()])
def test_progress_counts_and_tells_the_time_left(stream: io.StringIO, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setattr(progress, "OFTEN" if stream.isatty() else "SELDOM", 0.01)
    with progress.shown("checked", 1200) as shown:
        shown.done = 1100
        while stream.getvalue().count("left") < 2:
            time.sleep(0.01)
    text = stream.getvalue()
    before = re.escape("\r\x1b[K" if stream.isatty() else "dlr: ")
    assert len(re.findall(before + r"checked 1,100 of 1,200, about \d+ s left", text)) >= 2
    assert text.endswith("\r\x1b[K" if stream.isatty() else "\n")


def test_a_stream_that_takes_nothing_stops_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", Terminal())
    with progress.shown("checked") as shown:
        sys.stderr.close()
        assert shown.line() == "checked, 0 s so far"


@pytest.mark.parametrize(("seconds", "text"), [(7.2, "7 s"), (600, "10 min"), (9000, "2.5 h")])
def test_durations_are_for_people(seconds: float, text: str) -> None:
    assert progress.duration(seconds) == text


def test_what_is_gone_over_is_counted() -> None:
    counted = progress.Progress("looked at", 3)
    assert [(item, counted.done) for item in counted.over("abc")] == [("a", 0), ("b", 1), ("c", 2)]
    assert counted.done == 3
