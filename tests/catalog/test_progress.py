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
        time.sleep(0.1)
    text = stream.getvalue()
    lines = re.split("\r\x1b\\[K|dlr: ", text)
    assert len(lines) > 2
    assert all(re.fullmatch(r"checked 1,100 of 1,200, about 0 s left\n?", line) for line in lines if line)
    assert text.endswith("\r\x1b[K" if stream.isatty() else "\n")


def test_a_stream_that_takes_nothing_stops_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", Terminal())
    with progress.shown("checked") as shown:
        sys.stderr.close()
        assert shown.line() == "checked"


@pytest.mark.parametrize(("seconds", "text"), [(7.2, "7 s"), (600, "10 min"), (9000, "2.5 h")])
def test_durations_are_for_people(seconds: float, text: str) -> None:
    assert progress.duration(seconds) == text
