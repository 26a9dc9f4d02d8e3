"""Progress is one changing line on a terminal, and lines from time to time elsewhere."""

import io
import re
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from catalog.app import progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("stream", [Terminal(), io.StringIO()])
def test_progress_counts_and_tells_the_time_left(stream: io.StringIO, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setattr(progress, "OFTEN" if stream.isatty() else "SELDOM", 0.01)
    monkeypatch.setenv("COLUMNS", "30")
    with progress.shown("checked", 1200) as shown:
        shown.done = 1100
        while stream.getvalue().count("1,100 of") < 2:
            time.sleep(0.01)
    text = stream.getvalue()
    assert max(map(len, text.split("\r\x1b[K"))) == 29 or not stream.isatty()
    before = re.escape("\r\x1b[K" if stream.isatty() else "dlr: ")
    assert (
        len(
            re.findall(before + ("checked 1,100 of 1,200, about" if stream.isatty() else r".*, about \d+ s left"), text)
        )
        >= 2
    )
    assert text.endswith("\r\x1b[K" if stream.isatty() else "\n")


def test_a_stream_that_takes_nothing_stops_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", Terminal())
    with progress.shown("checked") as shown:
        sys.stderr.close()
        assert shown.line() == "checked, 0 s so far"


COMMANDS = {
    "falsify P1b --tries 20": [r"20 tries, [\d,]+ a second, \d+ starts?, ratio [\d.e-]+, about 0 s left"],
    "falsify P4 --without identity --seed 1 --tries 200 --json": [
        r"\d+ tries, .*, about \d+ .* left",
        "simplifying, .*",
    ],
    "validate --claim P1 --claim I9 --target hilbert": [
        "claims looked at 2 of 2, about 0 s left",
        r"checked (\d+) of \1, about 0 s left",
    ],
    "claims H1b P3 --proof": [r"proved (\d+) of \1, about 0 s left"],
    "claims I9": ["claims looked at 1 of 1, about 0 s left"],
    "solve lehmer --depth 2": [r"training to lehmer, \d+ s so far"],
    "certify diag(1/3) --depth 1 --steps 1": [r"certifying diag\(1/3\), \d+ s so far"],
    "sweep spec.toml --store runs.sqlite --workers 1": [r"computed 1 of 1 cells, [\d.]+ a second, about 0 s left"],
}


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_tells_how_far_it_is(command: str, run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    Path("spec.toml").write_text('target = "lehmer"\ndepth = 1\n', encoding="utf-8")
    lines: list[str] = []

    @contextmanager
    def shown(what: str, total: int = 0) -> Iterator[progress.Progress]:
        told = progress.Progress(what, total)
        yield told
        lines.append(told.line())

    monkeypatch.setattr(progress, "shown", shown)
    assert run(*command.split())[0] in (0, 1)
    assert len(lines) == len(COMMANDS[command])
    for line, pattern in zip(lines, COMMANDS[command], strict=True):
        assert re.fullmatch(pattern, line), line


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        *((7.2, "7 s"), (99.4, "99 s"), (100, "2 min"), (600, "10 min")),
        *((5999, "100 min"), (6000, "1.7 h"), (9000, "2.5 h"), (4_000_000, "1,111.1 h")),
    ],
)
def test_durations_are_for_people(seconds: float, text: str) -> None:
    assert progress.duration(seconds) == text


def test_what_is_gone_over_is_counted() -> None:
    counted = progress.Progress("looked at", 3)
    assert [(item, counted.done) for item in counted.over("abc")] == [("a", 0), ("b", 1), ("c", 2)]
    assert counted.done == 3
