"""The ``dlr`` command and a matrix file, for every test of the command line."""

from pathlib import Path

import pytest

from catalog.app import cli, progress


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch):
    """Run ``dlr ARGUMENTS``: exit code, stdout, stderr without lines of progress, which depend on the machine."""
    monkeypatch.setenv("COLUMNS", "160")
    monkeypatch.setattr(progress, "SELDOM", 1e6)

    def command(*arguments: str) -> tuple[int, str, str]:
        try:
            code = cli.main(arguments)
        except SystemExit as stop:
            code = stop.code
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return command


@pytest.fixture
def own(tmp_path: Path) -> str:
    """A symmetric positive definite matrix file."""
    path = tmp_path / "own.csv"
    path.write_text("2,0.5\n0.5,1\n")
    return str(path)
