"""The ``dlr`` command, one run of ``dlr validate`` on everything, and a matrix file."""

import json
import runpy
import sys
import warnings
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, fields
from importlib.util import find_spec
from io import StringIO
from pathlib import Path
from types import SimpleNamespace

import asv_stand_in
import pytest

from catalog.app import cli, progress
from catalog.app.validate import Record


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch):
    """Run ``dlr ARGUMENTS``: exit code, stdout, stderr."""
    monkeypatch.setenv("COLUMNS", "160")

    def command(*arguments: str) -> tuple[int, str, str]:
        try:
            code = cli.main(arguments)
        except SystemExit as stop:
            code = stop.code
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return command


@pytest.fixture
def run_module(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch):
    """Run ``python -m MODULE ARGUMENTS``: exit code, stdout, stderr."""

    def command(module: str, *arguments: str) -> tuple[object, str, str]:
        code: object = None
        monkeypatch.setattr(sys, "argv", [module, *arguments])
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)  # that it is loaded already
            try:
                runpy.run_module(module, run_name="__main__")
            except SystemExit as stop:
                code = stop.code
        return code, *capsys.readouterr()

    return command


@dataclass(frozen=True)
class Validated:
    """What ``dlr validate --json FILE`` ended with: exit code, what it printed, and the file's records."""

    code: int
    out: str
    err: str
    records: list[Record]


@pytest.fixture(scope="session")
def validated(tmp_path_factory: pytest.TempPathFactory) -> Validated:
    """Every claim on every target, checked once for all tests that look at the result."""
    file = tmp_path_factory.mktemp("validated") / "records.json"
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(StringIO()) as out, redirect_stderr(StringIO()) as err:
        patch.setattr(progress, "SELDOM", 1e6)
        code = cli.main(["validate", "--json", str(file), "--workers", "1"])
    kept = json.loads(file.read_text(encoding="utf-8"))
    records = [Record(**{field.name: record[field.name] for field in fields(Record)}) for record in kept]
    return Validated(code, out.getvalue(), err.getvalue(), records)


@pytest.fixture(autouse=True)
def no_progress(monkeypatch: pytest.MonkeyPatch) -> None:
    """No lines of progress, which depend on the machine's speed."""
    monkeypatch.setattr(progress, "SELDOM", 1e6)


@pytest.fixture
def own(tmp_path: Path) -> str:
    """A symmetric positive definite matrix file."""
    path = tmp_path / "own.csv"
    path.write_text("2,0.5\n0.5,1\n", encoding="utf-8")
    return str(path)


@pytest.fixture
def fitting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fit levels by a stand-in where asv is not installed."""
    if find_spec("asv") is None:
        parts = {"step_detect": asv_stand_in.solve_potts, "_stats": asv_stand_in.is_different}
        for name, function in parts.items():
            monkeypatch.setitem(sys.modules, f"asv.{name}", SimpleNamespace(**{function.__name__: function}))
