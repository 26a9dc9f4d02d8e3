"""The command as a process: exit codes, streams closed or full, the width of a terminal, signals at any moment."""

import fcntl
import json
import os
import pty
import re
import signal
import struct
import subprocess
import sys
import termios
from collections.abc import Iterator
from contextlib import suppress

import pytest

from catalog.app import command_line, output, process, validate
from catalog.app.command_line import EXIT_CODES

DLR = f"{sys.executable} -m catalog.app.cli"

INTERRUPTED_IMPORT = """
import os, signal, sys
from catalog.app import cli, process

class Finder:
    def find_spec(name, path=None, target=None):
        if name == MODULE:
            signal.raise_signal(signal.SIGINT)

sys.meta_path.insert(0, Finder)
sys.argv = ["dlr", "solve", "grcar", "--depth", "2"]
cli.script()
"""
STOPPED_CHECKS = """
import signal, sys
from catalog.app import cli, process
process.prepare()
from catalog.app import validate
checked = validate.checked

def stopping(tasks):
    for number, record in enumerate(checked(tasks)):
        if number == 3:
            signal.raise_signal(signal.SIGTERM)
        yield record

validate.checked = stopping
sys.exit(cli.main(["validate", "--claim", "P2", "--json", FILE]))
"""
SHELL = {  # code, lines on stderr
    "targets | head -1": (0, 0),
    "targets --json | true": (0, 0),
    "--help | true": (0, 0),
    "targets > /dev/full": (2, 1),
    "targets --json > /dev/full": (2, 1),
    "--help > /dev/full": (2, 1),
    "targets >&-": (0, 0),
    "nonsense >&- 2>&-": (2, 0),
    "solve rotatoin --depth 2 2> /dev/full": (2, 0),
    "targets 2> /dev/full": (0, 0),
    "--traceback solve \udcff --depth 2": (2, 1),
}


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory):
    """All processes of this module, run side by side: exit code, stdout, stderr, by name."""
    folder = tmp_path_factory.mktemp("kept")
    commands = {line: ["bash", "-c", f"set -o pipefail; exec 3>&1; {DLR} {line}"] for line in SHELL}
    for module in ("numpy", "numba", "rich"):
        commands[module] = [sys.executable, "-c", f"MODULE = {module!r}{INTERRUPTED_IMPORT}"]
    commands["checks"] = [sys.executable, "-c", f"FILE = {str(folder / 'out.json')!r}{STOPPED_CHECKS}"]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, "errors": "surrogateescape"}
    running = {
        name: subprocess.Popen([part.encode(errors="surrogateescape") for part in command], cwd=folder, **pipes)
        for name, command in commands.items()
    }
    ended = {name: (*one.communicate(), one.returncode) for name, one in running.items()}
    return {name: (code, out, err) for name, (out, err, code) in ended.items()} | {"folder": folder}


@pytest.mark.parametrize("line", SHELL)
def test_streams(done, line: str) -> None:
    code, _, err = done[line]
    wanted, lines = SHELL[line]
    assert (code, len(err.splitlines())) == (wanted, lines), err


@pytest.mark.parametrize("module", ["numpy", "numba", "rich"])
def test_interrupt_while_a_module_is_imported(done, module: str) -> None:
    code, _, err = done[module]
    assert (code, err) == (130, "dlr: interrupted\n")


def test_checks_done_before_a_signal_are_printed_and_written(done) -> None:
    code, out, err = done["checks"]
    assert code == 143
    total = re.fullmatch(r"dlr: terminated, 3 of (\d+) checks done", err.splitlines()[-1])
    assert total is not None, err
    assert f"partial, 3 of {total[1]} checks done" in out
    records = json.loads((done["folder"] / "out.json").read_text(encoding="utf-8"))
    assert [record["partial"] for record in records] == [True] * 3


@pytest.fixture
def prepared():
    """Signals as the command sets them."""
    before = {number: signal.getsignal(number) for number in process.ENDING}
    for number in process.ENDING:
        signal.signal(number, process._end_at_once)
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.usefixtures("prepared")
def test_a_signal_is_noted_or_raised_and_not_lost_in_a_finalizer(capsys: pytest.CaptureFixture[str]) -> None:
    class Swallows:
        def __del__(self) -> None:
            signal.raise_signal(signal.SIGTERM)

    with process.Interrupts() as interrupts:
        signal.raise_signal(signal.SIGINT)
        with pytest.raises(process.Stopped):
            interrupts.check()
    with process.Interrupts() as interrupts, pytest.raises(process.Stopped) as stop, interrupts.raising():
        signal.raise_signal(signal.SIGTERM)
    assert process.ending(stop.value) == ("terminated", 143)
    with process.Interrupts() as interrupts:
        with interrupts.raising():
            pass
        signal.raise_signal(signal.SIGTERM)
        with pytest.raises(process.Stopped):
            interrupts.check()
    with process.Interrupts() as interrupts, interrupts.raising():
        swallows = Swallows()
        del swallows
        with pytest.raises(process.Stopped):
            interrupts.check()
    assert capsys.readouterr().err == ""
    assert signal.getsignal(signal.SIGINT) is process._end_at_once


def test_an_interrupt_of_a_command_is_one_word(run, monkeypatch: pytest.MonkeyPatch) -> None:
    for error, ended in ((KeyboardInterrupt(), (130, "", "dlr: interrupted\n")), (BrokenPipeError(), (0, "", ""))):

        def stopped(arguments: list[str], error: BaseException = error) -> int:
            raise error

        monkeypatch.setattr("catalog.app.command_line._run", stopped)
        monkeypatch.setattr("catalog.app.process.silence", lambda stream: None)
        assert run("claims") == ended


def test_an_interrupted_command_says_what_is_done(run, monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    def interrupted(*arguments: object, **options: object) -> None:
        raise KeyboardInterrupt

    checked = validate.checked

    def one_and_no_more(tasks: list[validate.Task]) -> Iterator[validate.Record]:
        yield next(checked(tasks))
        raise KeyboardInterrupt

    monkeypatch.setattr("catalog.sweeps.runner.sweep", interrupted)
    monkeypatch.setattr("catalog.app.validate.checked", one_and_no_more)
    monkeypatch.setattr("catalog.app.falsification.Search._steps", lambda search: interrupted())
    store, page = str(tmp_path / "a.sqlite"), str(tmp_path / "a.html")
    lines = {
        ("sweep", "rotations", "--store", store): "nothing looked at; the same command goes on from there",
        ("falsify", "P3"): "after 0 tries",
        ("validate", "--claim", "P3", "--target", "lehmer"): r"1 of \d+ checks done",
        ("validate", "--claim", "P3", "--target", "lehmer", "--html", page): r"1 of \d+ checks done, no page written",
    }
    for arguments, line in lines.items():
        code, _, err = run(*arguments)
        assert (code, re.fullmatch(f"dlr: interrupted,? {line}\n", err) is not None) == (130, True), err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("number", "word", "code"), [(2, "interrupted", 130), (15, "terminated", 143)])
def test_a_signal_ends_the_process_with_one_line(number: int, word: str, code: int, monkeypatch, capfd) -> None:
    def end(code: int) -> None:
        raise SystemExit(code)

    monkeypatch.setattr(os, "_exit", end)
    for terminal, before in ((True, "\r\x1b[K"), (False, "")):
        monkeypatch.setattr(os, "isatty", lambda stream, terminal=terminal: terminal and stream == 2)
        with pytest.raises(SystemExit) as stop:
            process._end_at_once(number, None)
        assert (stop.value.code, capfd.readouterr().err) == (code, f"{before}dlr: {word}\n")


def test_a_message_is_cut_where_it_is_too_long(capsys: pytest.CaptureFixture[str]) -> None:
    for length, told in ((command_line.LONGEST, "x" * 400), (command_line.LONGEST + 1, "x" * 400 + "...")):
        with pytest.raises(SystemExit) as stop:
            command_line._Parser(prog="dlr").error("x" * length)
        assert (stop.value.code, capsys.readouterr().err) == (2, f"dlr: error: {told} (see dlr --help)\n")


def test_interrupts_of_another_program_stay_its_own() -> None:
    before = signal.getsignal(signal.SIGINT)
    with process.Interrupts() as interrupts, interrupts.raising():
        assert signal.getsignal(signal.SIGINT) is before


LEAVES_A_CLAIM = "catalog.app.templates.algorithm:NewAlgorithm"
TABLE = [
    (0, ["validate", "--claim", "P3", "--target", "lehmer"]),
    (0, ["solve", "rotation", "--depth", "2"]),
    (0, ["falsify", "P3", "--tries", "5"]),
    (0, ["claims", "P3"]),
    (0, ["--help"]),
    (1, ["validate", "--algorithm", LEAVES_A_CLAIM, "--claim", "P3", "--target", "lehmer"]),
    (1, ["solve", "rotation", "--depth", "2", "--max-steps", "3"]),
    (1, ["solve", "householder", "--depth", "2", "--max-steps", "10", "--json"]),
    (1, ["solve", "rotation", "--depth", "2", "--step-size", "900"]),
    (1, ["falsify", "P4", "--without", "identity start", "--tries", "200"]),
    (2, []),
    (2, ["solve", "rotation", "--depth", "0"]),
    (2, ["validate", "--claim", "P99"]),
    (2, ["validate", "--claim", "P3", "--target", "householder"]),
    (2, ["solve", "rotation", "--depth", "9" * 5000]),
    (2, ["solve", "a\nb", "--depth", "2"]),
]


@pytest.mark.parametrize(("code", "arguments"), TABLE, ids=[" ".join(row)[:60] for _, row in TABLE])
def test_exit_code(run, code: int, arguments: list[str]) -> None:
    seen, _, err = run(*arguments)
    assert seen == code
    assert len(err.splitlines()) == (code == 2)


@pytest.mark.parametrize("where", [[], ["first"], ["last"]])
def test_an_internal_error_is_one_line_and_exit_code_3(run, monkeypatch: pytest.MonkeyPatch, where: list[str]) -> None:
    monkeypatch.setattr("catalog.app.tables.target_table", lambda targets: 1 / 0)
    option = ["--traceback"]
    code, _, err = run(*(option if where == ["first"] else []), "targets", *(option if where == ["last"] else []))
    assert code == 3
    if where:
        assert "Traceback (most recent call last)" in err
    else:
        place = r"dlr: internal error: ZeroDivisionError: division by zero (test_cli_process.py, line "
        assert err.startswith(place)
        assert len(err.splitlines()) == 1


def test_too_little_memory_is_bad_input(run, monkeypatch: pytest.MonkeyPatch) -> None:
    def too_large(problem: object) -> None:
        raise MemoryError("Unable to allocate 671. GiB")

    monkeypatch.setattr("dlr.solver.run", too_large)
    code, _, err = run("solve", "rotation", "--depth", "2")
    assert code == 2
    assert err == "dlr: error: not enough memory (Unable to allocate 671. GiB): lower depth or dimension\n"


def test_exit_codes_are_documented(run) -> None:
    out = run("--help")[1]
    for code, meaning in EXIT_CODES.items():
        assert f"{code:<4} {meaning}" in re.sub(r"\n {7}", " ", out)


def test_the_width_is_that_of_the_terminal() -> None:
    width = 90
    ours, its = pty.openpty()
    fcntl.ioctl(its, termios.TIOCSWINSZ, struct.pack("HHHH", 40, width, 0, 0))
    environment = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES", "NO_COLOR")}
    command = [sys.executable, "-m", "catalog.app.cli", "claims", "--catches"]
    with subprocess.Popen(command, stdin=its, stdout=its, stderr=its, env={**environment, "TERM": "xterm"}) as process:
        os.close(its)
        text = b""
        with suppress(OSError):  # the other end is closed
            while read := os.read(ours, 65536):
                text += read
    os.close(ours)
    assert process.returncode == 0
    assert b"\x1b[1m" in text
    lines = re.sub(r"\x1b\[[0-9;]*m", "", text.decode()).splitlines()
    assert width - 12 < max(map(len, lines)) <= width


def test_a_closed_stream_is_opened_under_its_own_number(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = os.dup(1), os.dup(2)
    for name in ("stdout", "stderr"):
        monkeypatch.setattr(sys, name, None)
    process._open_closed_streams()
    opened = sys.stdout.fileno(), sys.stderr.fileno()
    for number, (stream, copy) in enumerate(zip((sys.stdout, sys.stderr), kept, strict=True), start=1):
        stream.close()
        os.dup2(copy, number)
        os.close(copy)
    assert opened == (1, 2)


def test_a_word_longer_than_the_terminal_is_left_to_it(monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    monkeypatch.setenv("COLUMNS", "30")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    output.show(f"{'x' * 60} y")
    assert capsys.readouterr().out == f"{'x' * 60}\ny\n"
