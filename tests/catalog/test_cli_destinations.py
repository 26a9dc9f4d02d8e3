"""Results are written whole or not at all, through links and to devices, and kept where they can't be written."""

import json
import math
import os
import socket
import stat
import sys
import threading
from pathlib import Path

import pytest

from catalog.app import destinations, output
from dlr.arguments import InputError

ASKED = "validate", "--claim", "P3", "--target", "lehmer", "--json"


def full_disk(*_: object, **__: object) -> None:
    raise OSError(28, "No space left on device")


def test_failed_write_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "out.json"
    path.write_text("old", encoding="utf-8")
    monkeypatch.setattr(Path, "replace", full_disk)
    with pytest.raises(InputError, match="No space left"):
        destinations.write_text(str(path), "new")
    assert [entry.read_text(encoding="utf-8") for entry in tmp_path.iterdir()] == ["old"]


def test_an_interrupt_right_after_the_write_is_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, replace = tmp_path / "out.json", Path.replace

    def interrupted(self: Path, other: Path) -> None:
        replace(self, other)
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        destinations.write_text(str(path), "new")
    assert [entry.read_text(encoding="utf-8") for entry in tmp_path.iterdir()] == ["new"]


def test_a_link_stays_and_its_target_is_written(run, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    link, target = tmp_path / "link.json", tmp_path / "folder" / "out.json"
    link.symlink_to("folder/out.json")
    for _ in range(2):  # a link to nothing yet, then to a file
        assert run(*ASKED, str(link))[0] == 0
        assert link.is_symlink()
        assert json.loads(target.read_text(encoding="utf-8"))
    assert [path.name for path in target.parent.iterdir()] == ["out.json"]


def test_permissions_of_a_file_that_exists_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "out.json"
    for mode in (0o600, 0o664, 0o755):
        path.touch()
        path.chmod(mode)
        destinations.write_text(str(path), "new")
        assert stat.S_IMODE(path.stat().st_mode) == mode
        assert path.read_text(encoding="utf-8") == "new"


def test_owner_of_a_file_that_exists_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "out.json"
    path.touch()
    owner = (1234, 4321) if os.geteuid() == 0 else (os.geteuid(), os.getegid())
    os.chown(path, *owner)
    destinations.write_text(str(path), "new")
    assert (path.stat().st_uid, path.stat().st_gid) == owner


@pytest.fixture
def device(tmp_path: Path):
    """A device by its name: a node of our own where we may make one, so that no fault takes it from the machine."""

    def node(name: str) -> str:
        path, known = tmp_path / name, Path("/dev", name)
        try:
            os.mknod(path, stat.S_IFCHR | 0o666, known.stat().st_rdev)
            path.chmod(0o666)
            path.open("rb").close()
        except PermissionError:
            return str(known)
        return str(path)

    return node


def test_devices_and_pipes_are_written_to(run, tmp_path: Path, device) -> None:
    null = device("null")
    assert run(*ASKED, null)[0] == 0
    assert stat.S_ISCHR(Path(null).stat().st_mode)
    pipe, read = tmp_path / "pipe", []
    os.mkfifo(pipe)
    reader = threading.Thread(target=lambda: read.append(pipe.read_text(encoding="utf-8")))
    reader.start()
    assert run(*ASKED, str(pipe))[0] == 0
    reader.join()
    assert json.loads(read[0])
    assert stat.S_ISFIFO(pipe.stat().st_mode)


def test_an_open_descriptor_is_written_to(tmp_path: Path) -> None:
    with (tmp_path / "out").open("w") as file:
        file.write("before ")
        file.flush()
        name = f"/dev/fd/{file.fileno()}"
        assert destinations.checked_destination(name) == name
        destinations.write_text(name, "and after")
    assert (tmp_path / "out").read_text(encoding="utf-8") == "before and after"


def test_stdout_by_any_name_is_stdout() -> None:
    (number,) = {os.dup(1)}
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        names = ["-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"]
        assert [destinations.checked_destination(name) for name in names] == ["-"] * 4
    finally:
        os.dup2(number, 1)


def make(folder: Path, kind: str) -> str:
    """Something in the folder that can't be written."""
    path = folder / "out.json"
    if kind == "read-only file":
        path.touch(0o444)
        path.chmod(0o444)
    elif kind == "link to a read-only file":
        (folder / "other").touch(0o444)
        path.symlink_to("other")
    elif kind == "read-only folder":
        (folder / "closed").mkdir()
        (folder / "closed").chmod(0o555)
        path = folder / "closed" / "out.json"
    elif kind == "folder":
        path.mkdir()
    elif kind == "no folder":
        path = folder / "missing" / "out.json"
    elif kind == "file for a folder":
        (folder / "file").touch()
        path = folder / "file" / "out.json"
    elif kind == "link to itself":
        path.symlink_to("out.json")
    elif kind == "long name":
        path = folder / f"{'x' * 300}.json"
    elif kind == "closed descriptor":
        path = Path("/dev/fd/987")
    elif kind == "nowhere to write":
        path = Path("/proc/out.json")
    return f"{path}/" if kind == "slash" else str(path)


@pytest.mark.parametrize(
    "kind",
    [
        "read-only file",
        "link to a read-only file",
        "read-only folder",
        "folder",
        "slash",
        "no folder",
        "file for a folder",
        "link to itself",
        "long name",
        "closed descriptor",
        "nowhere to write",
    ],
)
def test_what_cant_be_written_is_refused_before_the_work(
    run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setattr("catalog.app.validate.tasks_for", None)  # the work would fail
    monkeypatch.setattr("dlr.solver.run", None)
    name = make(tmp_path, kind)
    for arguments in ([*ASKED, name], ["solve", "rotation", "--depth", "2", "--plot", name]):
        code, out, err = run(*arguments)
        assert code == 2
        assert out == ""
        assert len(err.splitlines()) == 1
        assert err.startswith(f"dlr: error: file {name} can't be written"), err


def test_a_result_that_cant_be_written_is_printed_and_kept(
    run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, device
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    code, out, err = run(*ASKED, device("full"))
    assert code == 2
    assert "P3" in out
    assert "all hold" in out
    kept = Path(err.rstrip().rpartition("kept in ")[2])
    assert {record["claim"] for record in json.loads(kept.read_text(encoding="utf-8"))} == {"P3"}


def test_a_plot_that_cant_be_written_follows_the_outcome(
    run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, device
) -> None:
    pytest.importorskip("vl_convert")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    code, out, err = run("solve", "rotation", "--depth", "2", "--plot", device("full"))
    assert code == 2
    assert "CONVERGED" in out
    assert "<svg" in Path(err.rstrip().rpartition("kept in ")[2]).read_text(encoding="utf-8")


def test_where_nothing_can_be_kept_the_error_says_so(run, monkeypatch: pytest.MonkeyPatch, device) -> None:
    monkeypatch.setattr("tempfile.mkstemp", full_disk)
    full = device("full")
    code, out, err = run(*ASKED, full)
    assert code == 2
    assert "all hold" in out
    assert err == f"dlr: error: file {full} can't be written (No space left on device): choose a writable path\n"


def test_a_library_that_is_missing_is_missed_before_the_work(run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    monkeypatch.setattr("dlr.solver.run", None)
    code, out, err = run("solve", "rotation", "--depth", "2", "--plot", "out.svg")
    assert (code, out) == (2, "")
    assert "plot needs vl-convert: pip install" in err


def test_a_plot_is_written_also_where_no_one_reads_the_rest(run, tmp_path: Path, monkeypatch) -> None:
    pytest.importorskip("vl_convert")

    def closed(content: object) -> None:
        raise BrokenPipeError

    monkeypatch.setattr("catalog.app.output.show", closed)
    monkeypatch.setattr("catalog.app.process.silence", lambda stream: None)
    assert run("solve", "rotation", "--depth", "2", "--plot", str(tmp_path / "out.svg")) == (0, "", "")
    assert "<svg" in (tmp_path / "out.svg").read_text(encoding="utf-8")


def test_a_plot_to_stdout_is_alone_there(run) -> None:
    pytest.importorskip("vl_convert")
    code, out, _ = run("solve", "rotation", "--depth", "2", "--plot", "-")
    assert code == 0
    assert out.startswith("<svg")
    assert out.rstrip().endswith("</svg>")
    assert run("solve", "rotation", "--depth", "2", "--plot", "-", "--json")[0] == 2


@pytest.mark.parametrize("name", ["a$b.json", "$\\frac$.json", "[bold]x[b].json", "x\ny.json", "\udcff.json"])
def test_any_name_of_a_file_is_shown(run, tmp_path: Path, name: str) -> None:
    pytest.importorskip("vl_convert")
    path = tmp_path / name
    path.write_text("[[2, 0.5], [0.5, 1]]", encoding="utf-8")
    code, _, err = run("solve", str(path), "--depth", "2", "--plot", str(tmp_path / "out.svg"))
    assert (code, err) == (0, "")


def test_a_name_is_as_long_as_the_folder_takes(tmp_path: Path) -> None:
    longest = os.pathconf(tmp_path, "PC_NAME_MAX")
    name = str(tmp_path / ("x" * longest))
    assert destinations.checked_destination(name) == name
    with pytest.raises(InputError, match=r"its name is too long|File name too long"):
        destinations.checked_destination(f"{name}x")


def test_a_descriptor_is_written_to_whatever_it_is() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        name = f"/dev/fd/{ours.fileno()}"
        assert destinations.checked_destination(name) == name


def test_a_descriptor_of_this_process_is_told_from_others() -> None:
    names = (f"/proc/{os.getpid()}/fd/2", f"/proc/{os.getpid()}/task/1/fd/2", "/dev/fd/2", "/proc/1/fd/2", "/dev/fd/x")
    assert [destinations._descriptor(Path(name)) for name in names] == [2, 2, 2, None, None]


def test_records_are_written_one_a_line_or_not_at_all(tmp_path: Path) -> None:
    file = tmp_path / "records.json"
    destinations.write_records(file, [{"a": [1.5, None]}, {"b": "x"}])
    assert file.read_text(encoding="utf-8") == '[\n{"a": [1.5, null]},\n{"b": "x"}\n]\n'
    for number in (math.inf, math.nan):
        with pytest.raises(ValueError, match="not JSON compliant"):
            destinations.write_records(file, [{"a": number}])
    assert file.read_text(encoding="utf-8").startswith('[\n{"a": [1.5, null]}')


def test_a_note_that_no_one_takes_stops_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    silenced: list[object] = []
    monkeypatch.setattr("catalog.app.process.silence", silenced.append)
    monkeypatch.setattr(sys, "stderr", open("/dev/full", "w", encoding="utf-8"))  # noqa: SIM115, closed below
    with sys.stderr as stream:
        output.note("a word")
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
    assert silenced == [stream]


def test_a_closed_pipe_ends_what_prints_unless_the_result_goes_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    silenced: list[object] = []
    monkeypatch.setattr("catalog.app.process.silence", silenced.append)
    for printing in (output.optional(also_elsewhere=False), output._writing()):
        with pytest.raises(BrokenPipeError), printing:
            raise BrokenPipeError
    assert silenced == []
    with output.optional(also_elsewhere=True):
        raise BrokenPipeError
    assert silenced == [sys.stdout]
