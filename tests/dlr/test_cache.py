"""Compiled loops run where nothing can be kept, and never run code that is damaged or out of date."""

import ast
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import llvmlite
import numba
import numpy as np
import pytest

from dlr.kernels import cache
from dlr.kernels.settings import entry

PACKAGE = Path(cache.__file__).parent


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder in which compiled loops are kept."""
    monkeypatch.setattr(cache, "folders", lambda: iter([tmp_path / "deep" / "kept"]))
    return tmp_path / "deep" / "kept"


def doubled(x: float) -> float:
    return 2 * x


def run() -> int:
    """Run a loop in what is a new process to the cache; returns how often it was compiled."""
    loop = entry(doubled)
    assert loop(1.5) == 3.0
    return sum(loop.stats.cache_misses.values())


def test_a_loop_is_compiled_once_for_each_kind_of_argument(folder: Path):
    assert [run(), run()] == [1, 0]
    assert entry(doubled)(2) == 4
    assert len(list(folder.iterdir())) == 2


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: b"",
        lambda data: data[: len(data) // 2],
        lambda data: bytes(1000),
        lambda data: data[:-1] + bytes([data[-1] ^ 1]),
        lambda data: data[cache.CHECKSUM :],
    ],
    ids=["emptied", "half written", "zeros", "one bit", "no checksum"],
)
def test_a_damaged_file_is_replaced(folder: Path, damage):
    run()
    (file,) = folder.iterdir()
    whole = file.read_bytes()
    file.write_bytes(damage(whole))
    assert [run(), run()] == [1, 0]
    assert len(list(folder.iterdir())) == 1


def test_what_can_be_read_but_not_loaded_is_replaced(folder: Path, monkeypatch: pytest.MonkeyPatch):
    run()
    with monkeypatch.context() as patch:
        patch.setattr(cache.CompileResult, "_rebuild", lambda *_: 1 / 0)
        assert run() == 1
    assert run() == 0


@pytest.mark.parametrize("changed", ["SOURCES", "VERSIONS"])
def test_other_sources_or_versions_are_other_code(folder: Path, monkeypatch: pytest.MonkeyPatch, changed: str):
    run()
    assert {sys.implementation.cache_tag, *(of.__version__ for of in (numba, llvmlite, np))} == set(cache.VERSIONS)
    monkeypatch.setattr(cache, changed, "other")
    assert [run(), run()] == [1, 0]
    # what other sources left is removed; what another version of Numba left may still be used by it
    assert len(list(folder.iterdir())) == {"SOURCES": 1, "VERSIONS": 2}[changed]


def test_the_digest_is_of_every_module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    for source in PACKAGE.glob("*.py"):
        (tmp_path / source.name).write_bytes(source.read_bytes())
    for order in (sorted, lambda files: sorted(files, reverse=True)):  # as a folder may have them
        folder = SimpleNamespace(joinpath=tmp_path.joinpath, iterdir=lambda of=order: of(tmp_path.iterdir()))
        monkeypatch.setattr(cache.resources, "files", lambda _, folder=folder: folder)
        assert cache.digest_of_sources() == cache.SOURCES
    for source in sorted(tmp_path.glob("*.py")):
        before = source.read_bytes()
        source.write_bytes(before + b"\n")
        assert cache.digest_of_sources() != cache.SOURCES, source.name
        source.write_bytes(before)


def test_what_a_loop_calls_is_known_before_it_is_read(folder: Path):
    """A loop on BLAS, read in a process that has compiled none, would end the process."""
    asked = []
    context = SimpleNamespace(
        refresh=lambda: asked.append("refresh"), codegen=lambda: asked.append("codegen") or SimpleNamespace()
    )
    assert cache.LoopCache("none").load_overload((), context) is None
    assert asked == ["refresh", "codegen"]


def test_no_compiled_code_comes_from_elsewhere():
    """What the loops import lies in the package, whose digest is taken, or has a version that counts."""
    for source in PACKAGE.glob("*.py"):
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module.split(".")[0] == "dlr":
                assert node.module.startswith("dlr.kernels") or node.module == "dlr.types", f"{source}: {node.module}"


def test_a_folder_that_cannot_be_written_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    occupied = tmp_path / "a file"
    occupied.touch()
    monkeypatch.setattr(cache, "folders", lambda: iter([occupied / "kept", tmp_path / "next"]))
    assert [run(), run()] == [1, 0]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a file", "next"]


def test_a_full_disk_leaves_nothing_half_written(folder: Path, monkeypatch: pytest.MonkeyPatch):
    def full(path: Path, data: bytes) -> None:
        with path.open("wb") as file:
            file.write(data[:100])
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_bytes", full)
        assert [run(), run()] == [1, 1]
    assert list(folder.iterdir()) == []
    assert run() == 1


def test_the_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(cache, "AppDirs", lambda **_: SimpleNamespace(user_cache_dir=str(tmp_path / "user")))
    monkeypatch.setattr(numba.config, "CACHE_DIR", str(tmp_path / "given"))
    given, own, user = cache.folders()
    assert own == PACKAGE / "__pycache__"
    assert (given.parent, user.parent, given.name) == (tmp_path / "given", tmp_path / "user", user.name)
    monkeypatch.setattr(numba.config, "CACHE_DIR", "")
    monkeypatch.setattr(cache, "AppDirs", lambda **_: SimpleNamespace(user_cache_dir="~/.cache/numba"))  # no home
    assert list(cache.folders()) == [own]


def test_a_run_where_nothing_can_be_kept(tmp_path: Path):
    occupied = tmp_path / "a file"
    occupied.touch()
    program = (
        "import numpy, dlr; from dlr.kernels import cache; found = cache.folders;"
        f"cache.__file__ = {str(occupied / 'kernels' / 'cache.py')!r};"
        f"assert all(str(folder).startswith({str(occupied)!r}) for folder in found()), list(found());"
        "print(dlr.solve(numpy.diag([2.0, 0.5]), 3).outcome.name)"
    )
    homeless = {"HOME": str(occupied), "XDG_CACHE_HOME": str(occupied), "NUMBA_CACHE_DIR": str(occupied)}
    ran = subprocess.run(
        [sys.executable, "-c", program], env={**os.environ, **homeless}, capture_output=True, encoding="utf-8"
    )
    assert (ran.stdout, ran.stderr) == ("CONVERGED\n", "")
