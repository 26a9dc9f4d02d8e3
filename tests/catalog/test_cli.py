"""The ``dlr`` command, as a user runs it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from catalog.app import cli, files
from catalog.claim import Evidence
from catalog.registry import claim


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


def test_validate_prints_a_row_a_claim_and_a_verdict(run) -> None:
    code, out, err = run("validate")
    assert code == 0
    assert err == ""
    assert "P3 positive-definite-converges" in out
    assert "P4 negative-eigenvalue-fails" in out
    assert out.rstrip().endswith("all hold")


def test_validate_json_has_every_field(run) -> None:
    code, out, _ = run("validate", "--claim", "P3", "--claim", "negative-eigenvalue-fails", "--json")
    assert code == 0
    records = json.loads(out)
    wanted = {"claim", "kind", "source", "target", "depth", "holds", "observed", "bound", "ratio", "steps", "engine"}
    assert all(wanted | {"seconds"} <= set(record) for record in records)
    assert {record["claim"] for record in records} == {"P3", "P4"}
    assert {record["algorithm"] for record in records} == {"gradient-descent", "step-and-project", "penalized"}
    assert all(record["ratio"] <= 1 for record in records if record["claim"] == "P3" and record["bound"])


def test_validate_json_to_a_file_also_prints_the_table(run, tmp_path: Path) -> None:
    destination = tmp_path / "records.json"
    code, out, _ = run("validate", "--target", "householder", "--claim", "P4", "--json", str(destination))
    assert code == 0
    assert "householder" in out
    assert len(json.loads(destination.read_text())) == out.count("householder")
    assert list(tmp_path.iterdir()) == [destination]


def test_violated_claim_is_exit_code_1_and_named(run, monkeypatch: pytest.MonkeyPatch) -> None:
    p4 = claim("P4")
    monkeypatch.setitem(p4.__dict__, "check", lambda problem: Evidence(observed=0.0, bound=1.0))
    code, out, _ = run("validate", "--claim", "P4")
    assert code == 1
    assert "violated" in out
    assert "all hold" not in out


def test_validate_refuses_when_nothing_applies(run) -> None:
    code, _, err = run("validate", "--claim", "P3", "--target", "householder")
    assert code == 2
    assert "no claim applies" in err


def test_targets_by_trait(run) -> None:
    _, out, _ = run("targets", "--trait", "positive-definite", "--json")
    listed = json.loads(out)
    assert listed
    assert all("positive-definite" in target["traits"] for target in listed)
    _, out, _ = run("targets", "--trait", "not-positive-definite", "--json")
    assert not {target["name"] for target in listed} & {target["name"] for target in json.loads(out)}
    assert "traits" in run("targets")[1]


def test_claims_lists_hypotheses_and_sources(run) -> None:
    _, out, _ = run("claims", "--json")
    p3 = next(entry for entry in json.loads(out) if entry["claim"] == "P3")
    assert "symmetric" in p3["hypotheses"]
    assert p3["link"].startswith("https://")
    assert p3["targets"]
    assert "Bartlett" in run("claims")[1]


def test_solve_says_what_was_promised_and_what_happened(run) -> None:
    code, out, _ = run("solve", "geometric-spectrum", "--depth", "4")
    assert code == 0
    assert "positive-definite-converges" in out
    assert "promised" in out
    assert "CONVERGED" in out
    _, out, _ = run("solve", "householder", "--depth", "4", "--max-steps", "50")
    assert "never below 0.5" in out


@pytest.mark.parametrize(
    ("algorithm", "extra"),
    [
        ("gradient-descent", []),
        ("step-and-project", ["--radius", "0.5"]),
        ("penalized", ["--strength", "0.1"]),
        ("power-projection", ["--margin", "0.01"]),
    ],
)
def test_solve_runs_each_algorithm(run, algorithm: str, extra: list[str]) -> None:
    arguments = ["--depth", "3", "--algorithm", algorithm, *extra, "--max-steps", "20", "--step-size", "0.01", "--json"]
    code, out, _ = run("solve", "geometric-spectrum", *arguments)
    assert code == 0
    answer = json.loads(out)
    assert answer["algorithm"] == algorithm
    assert answer["step_size"] == 0.01
    assert answer["step_size_source"] == "given"


@pytest.mark.parametrize("suffix", files.SUFFIXES)
def test_solve_reads_a_matrix_file(run, tmp_path: Path, suffix: str) -> None:
    matrix = np.array([[2.0, 0.5], [0.5, 1.0]])
    path = tmp_path / f"matrix{suffix}"
    if suffix == ".npy":
        np.save(path, matrix)
    elif suffix == ".csv":
        path.write_text("2,0.5\n0.5,1\n")
    else:
        path.write_text(json.dumps(matrix.tolist()))
    code, out, _ = run("solve", str(path), "--depth", "3", "--json")
    assert code == 0
    np.testing.assert_allclose(json.loads(out)["product"], matrix, atol=1e-4)


def test_solve_writes_a_plot(run, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    path = tmp_path / "loss.svg"
    assert run("solve", "householder", "--depth", "4", "--max-steps", "50", "--plot", str(path))[0] == 0
    assert "<svg" in path.read_text()


BAD = [
    (["validate", "--claim", "P99"], ["claim", "P99"]),
    (["validate", "--claim", "positive-definite-convergs"], ["did you mean positive-definite-converges"]),
    (["validate", "--target", "rotatio"], ["target", "rotatio", "did you mean rotation"]),
    (["validate", "--target", "rotation(angle=9)"], ["angle", "9"]),
    (["validate", "--target", "rotation(angel=1)"], ["angel", "did you mean angle"]),
    (["validate", "--target", "rotation(angle"], ["rotation(angle", "rotation(angle=1.5)"]),
    (["validate", "--json", "/no/such/folder/out.json"], ["/no/such/folder/out.json", "written"]),
    (["targets", "--trait", "symetric"], ["trait", "symetric", "did you mean symmetric"]),
    (["solve", "rotation"], ["--depth"]),
    (["solve", "rotation", "--depth", "0"], ["depth", "0"]),
    (["solve", "rotation", "--depth", "two"], ["--depth", "two"]),
    (["solve", "rotation", "--depth", "2", "--step-size", "-1"], ["step_size", "-1"]),
    (["solve", "rotation", "--depth", "2", "--step-size", "nan"], ["step_size", "nan"]),
    (["solve", "rotation", "--depth", "2", "--tol", "-1"], ["tol", "-1"]),
    (["solve", "rotation", "--depth", "2", "--max-steps", "-1"], ["max_steps", "-1"]),
    (["solve", "rotation", "--depth", "2", "--algorithm", "adam"], ["algorithm", "adam"]),
    (["solve", "rotation", "--depth", "2", "--engine", "spectrall"], ["engine", "did you mean spectral"]),
    (["solve", "rotation", "--depth", "2", "--radius", "1"], ["radius", "gradient-descent"]),
    (["solve", "rotation", "--depth", "2", "--algorithm", "penalized"], ["strength", "--strength"]),
    (["solve", "rotation", "--depth", "2", "--algorithm", "step-and-project", "--radius", "-1"], ["radius", "-1"]),
    (["solve", "rotation", "--depth", "2", "--algorithm", "power-projection"], ["margin"]),
    (["solve", "missing.npy", "--depth", "2"], ["missing.npy", "does not exist"]),
    (["nonsense"], ["nonsense"]),
]


@pytest.mark.parametrize(("arguments", "fragments"), BAD, ids=[" ".join(arguments) for arguments, _ in BAD])
def test_bad_input_is_one_line_and_exit_code_2(run, arguments: list[str], fragments: list[str]) -> None:
    code, out, err = run(*arguments)
    assert code == 2
    assert out == ""
    assert len(err.splitlines()) == 1
    assert all(fragment in err for fragment in fragments), err


@pytest.mark.parametrize(
    ("name", "content", "fragment"),
    [
        ("ragged.csv", b"1,2\n3\n", "rectangular"),
        ("words.csv", b"a,b\nc,d\n", "words.csv"),
        ("empty.csv", b"", "square"),
        ("wide.json", b"[[1, 2]]", "square"),
        ("broken.json", b"[[1, 2", "broken.json"),
        ("object.json", b'{"a": 1}', "numeric"),
        ("huge.json", b"[[1" + b"0" * 400 + b"]]", "float64"),
        ("nan.csv", b"nan,1\n1,1\n", "finite"),
        ("text.npy", b"not a numpy file", "text.npy"),
        ("empty.npy", b"", "empty.npy"),
    ],
)
def test_malformed_file_is_one_line(run, tmp_path: Path, name: str, content: bytes, fragment: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    code, _, err = run("solve", str(path), "--depth", "2")
    assert code == 2
    assert len(err.splitlines()) == 1
    assert fragment in err


def test_failed_write_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "out.json"
    path.write_text("old")

    def full_disk(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full_disk)
    with pytest.raises(files.InputError, match="No space left"):
        files.write_text(str(path), "new")
    assert [entry.read_text() for entry in tmp_path.iterdir()] == ["old"]


def test_installed_command_needs_no_terminal_and_survives_a_closed_pipe() -> None:
    environment = {**os.environ, "COLUMNS": "100"}
    command = [sys.executable, "-m", "catalog.app.cli", "targets", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.read(10)
        process.stdout.close()
        assert process.stderr.read() == b""
