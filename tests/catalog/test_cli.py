"""The ``dlr`` command, as a user runs it."""

import json
import os
import re
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
    elif suffix == ".mtx":
        path.write_text("%%MatrixMarket matrix coordinate real symmetric\n2 2 3\n1 1 2\n2 1 0.5\n2 2 1\n")
    else:
        path.write_text(json.dumps(matrix.tolist()))
    code, out, _ = run("solve", str(path), "--depth", "3", "--json")
    assert code == 0
    np.testing.assert_allclose(json.loads(out)["product"], matrix, atol=1e-4)


def test_dense_matrix_market_file(tmp_path: Path) -> None:
    path = tmp_path / "dense.mtx"
    path.write_text("%%MatrixMarket matrix array real general\n2 2\n1\n2\n3\n4\n")
    np.testing.assert_array_equal(files.read_matrix(str(path)), [[1, 3], [2, 4]])


@pytest.fixture
def own(tmp_path: Path) -> str:
    """A symmetric positive definite matrix file."""
    path = tmp_path / "own.csv"
    path.write_text("2,0.5\n0.5,1\n")
    return str(path)


def test_solve_says_why_each_trait_holds_and_what_is_promised_before_it_runs(run, own: str) -> None:
    code, out, _ = run("solve", own, "--depth", "4")
    assert code == 0
    assert re.search(r"symmetric +yes +relative asymmetry 0 <= 1e-12", out)
    assert re.search(r"orthogonal +no +rms of Phi\^T Phi - I .* > 1e-12", out)
    claims = re.search(r"claims +(.*) \(", out)
    assert claims is not None
    assert {"P3", "P5"} <= set(claims[1].split(", "))
    promised = re.search(r"promised +P3 positive-definite-converges: step size (.*), .* within ([\d,]+) steps", out)
    took = re.search(r"CONVERGED after (\d+) steps", out)
    assert promised is not None
    assert took is not None
    assert promised.end() < took.start()
    assert int(took[1]) <= int(promised[2])
    assert f"step size  {promised[1]} (" in out


def test_solve_says_when_nothing_is_promised(run, own: str) -> None:
    out = run("solve", own, "--depth", "4", "--step-size", "0.9", "--max-steps", "2")[1]
    assert re.search(r"promised +nothing at step size 0.9: P3 positive-definite-converges needs at most 0\.", out)
    assert "nothing: no theorem covers" in run("solve", "shear", "--depth", "4", "--max-steps", "2")[1]


def test_solve_json_has_traits_and_promises(run, own: str) -> None:
    record = json.loads(run("solve", own, "--depth", "4", "--json")[1])
    assert record["traits"]["symmetric"] == {"holds": True, "evidence": "relative asymmetry 0 <= 1e-12"}
    assert record["promises"][0].startswith("P3 positive-definite-converges: step size")


def test_validate_a_file_says_what_is_promised_before_it_runs(run, own: str) -> None:
    code, out, _ = run("validate", "--target-file", own)
    assert code == 0
    assert re.search(r"positive-definite +yes +least eigenvalue / \|Phi\|", out)
    promised = re.search(r"P3 +1 2 8 64 +.* positive-definite-converges, .* within (\d+) to (\d+) steps", out)
    assert promised is not None
    rows = re.findall(r"P3 +\S+ +\d+ +gradient-descent +(\d+) +(\d+) .* holds", out)
    assert [min(int(bound) for _, bound in rows), max(int(bound) for _, bound in rows)] == [
        int(promised[1]),
        int(promised[2]),
    ]
    assert out.index(rows[0][0], promised.end())
    assert re.search(r"P3c +2 5 8 .* positive-definite-loss-never-rises, .*: invariant on largest rise", out)
    records = json.loads(run("validate", "--target-file", own, "--target", "householder", "--json")[1])
    assert {record["target"] for record in records} == {own, "householder"}


def test_validate_a_file_outside_every_theorem(run, tmp_path: Path) -> None:
    path = tmp_path / "shear.json"
    path.write_text("[[1, 5], [0, -1]]")
    code, out, err = run("validate", "--target-file", str(path), "--claim", "P3")
    assert code == 2
    assert re.search(r"symmetric +no +relative asymmetry 1.*> 1e-12", out)
    assert "no claim applies" in err


TEMPLATE = "catalog.app.templates.algorithm:NewAlgorithm"


def test_validate_with_another_algorithm_shows_what_survives(run) -> None:
    code, out, err = run("validate", "--algorithm", TEMPLATE)
    assert code == 1
    assert re.search(r"P3 positive-definite-converges .* violated", out)
    assert re.search(r"P4 negative-eigenvalue-fails .* holds", out)
    assert "new-algorithm" in out
    assert "left out P5 margin-converges: about power-projection, not gradient descent" in err
    assert "P5" not in out


def test_the_same_algorithm_as_a_variant_changes_nothing(run) -> None:
    plain = json.loads(run("validate", "--claim", "P3", "--json")[1])
    code, out, _ = run("validate", "--claim", "P3", "--algorithm", "dlr:GradientDescent", "--json")
    assert code == 0
    variant = json.loads(out)
    assert [{**record, "seconds": 0} for record in variant] == [{**record, "seconds": 0} for record in plain]


def test_claims_that_run_no_algorithm_are_left_out(run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(claim("P3c").__dict__, "check", lambda problem: Evidence(observed=2.0, bound=1.0))
    asked = "--claim", "P3", "--claim", "P3c", "--target", "lehmer"
    code, out, err = run("validate", "--algorithm", "dlr:GradientDescent", *asked)
    assert code == 0
    assert "P3c" not in out
    assert err == "dlr: left out P3c positive-definite-loss-never-rises: runs no algorithm\n"


VARIANTS = """
class Plain:
    name = "plain-object"
    step_size = None

    def step(self, layers, gradients, step_size):
        return layers - step_size * gradients


class Broken(Plain):
    def step(self, layers, gradients, step_size):
        return layers[0, 0, 0, 0]


class Nothing(Plain):
    def step(self, layers, gradients, step_size):
        return None


class Reducible(Plain):
    def reduced_step(self, z, gradients, step_size, depth):
        return z - step_size * gradients


class Positional:
    name, step_size = "positional", None

    def __init__(self, size):
        self.size = size

    step = Plain.step


plain = Plain()
number = 3
"""


@pytest.fixture
def variants(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A folder with a module of algorithms, as the working folder."""
    (tmp_path / "my_variants.py").write_text(VARIANTS)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    yield
    sys.modules.pop("my_variants", None)


@pytest.mark.usefixtures("variants")
@pytest.mark.parametrize("name", ["my_variants:plain", "my_variants:Plain"])
def test_any_object_with_the_protocol_runs(run, name: str) -> None:
    code, out, err = run("validate", "--algorithm", name, "--claim", "P3", "--claim", "P3d", "--target", "lehmer")
    assert code == 0
    assert "P3 positive-definite-converges" in out
    assert "left out P3d positive-definite-never-overshoots: algorithm plain-object must have reduced_step" in err
    assert run("solve", "lehmer", "--depth", "2", "--algorithm", name, "--step-size", "0.1")[0] == 0


@pytest.mark.usefixtures("variants")
def test_an_object_with_a_reduced_step_runs_on_the_exact_reduction(run) -> None:
    arguments = "validate", "--algorithm", "my_variants:Reducible", "--claim", "P3d", "--claim", "P4"
    code, out, err = run(*arguments, "--json")
    assert code == 0
    assert {record["engine"] for record in json.loads(out)} == {"spectral"}
    assert err == ""


@pytest.mark.usefixtures("variants")
@pytest.mark.parametrize(
    ("name", "fragment"),
    [
        ("my_variants:Broken", "algorithm plain-object failed on"),
        ("my_variants:Nothing", "step must return layers of shape (L, d, d)"),
        ("my_variants:Positional", "size must be given for positional"),
        ("my_variants:number", "must have name, step_size and step, got 3"),
        ("my_variants:plane", "did you mean plain"),
        ("my_variants:", "object of my_variants '' is unknown"),
        ("no_such_module:x", "can't be imported (ModuleNotFoundError"),
        (":x", "write package.module:object"),
        ("weigth-decay", "algorithm 'weigth-decay' is unknown"),
    ],
)
def test_bad_algorithm_is_one_line(run, name: str, fragment: str) -> None:
    code, out, err = run("validate", "--algorithm", name, "--claim", "P3", "--target", "lehmer")
    assert code == 2
    assert out == ""
    assert fragment in err.splitlines()[-1], err


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
    (["solve", "missing.mtx", "--depth", "2"], ["missing.mtx", "does not exist"]),
    (["validate", "--target-file", "missing.npy"], ["missing.npy", "does not exist"]),
    (["validate", "--target-file", "rotation"], ["rotation", "no known kind", "*.npy"]),
    (["validate", "--algorithm", "adam"], ["algorithm", "adam"]),
    (["validate", "--algorithm", "penalized"], ["strength", "penalized"]),
    (["validate", "--algorithm", TEMPLATE, "--claim", "P5"], ["no claim asked for runs", TEMPLATE]),
    (["new", "theorem", "x"], ["theorem"]),
    (["new", "family"], ["NAME"]),
    (["new", "family", "rotation"], ["rotation", "exists already"]),
    (["new", "family", "My Family"], ["My Family", "my_family"]),
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
        ("text.mtx", b"not a matrix market file", "text.mtx"),
        ("empty.mtx", b"", "empty.mtx"),
        ("short.mtx", b"%%MatrixMarket matrix coordinate real general\n2 2 3\n1 1 2\n", "short.mtx"),
        ("wide.mtx", b"%%MatrixMarket matrix coordinate real general\n2 3 1\n1 1 2\n", "square"),
        ("complex.mtx", b"%%MatrixMarket matrix coordinate complex general\n1 1 1\n1 1 2 1\n", "real"),
        ("huge.mtx", b"%%MatrixMarket matrix coordinate real general\n99999 99999 1\n1 1 2\n", "10000 rows"),
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
