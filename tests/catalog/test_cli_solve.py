"""``dlr solve`` prints what the claims promise, then runs and prints the result."""

import json
import re
from pathlib import Path

import pytest


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
    answer = json.loads(out)
    assert code == (0 if answer["outcome"] == "CONVERGED" else 1)
    assert answer["algorithm"] == algorithm
    assert answer["step_size"] == 0.01
    assert answer["step_size_source"] == "given"


def test_solve_at_the_proved_step_size_says_so_and_takes_at_most_the_proved_steps(run) -> None:
    answer = json.loads(run("solve", "lehmer", "--depth", "2", "--step-size", "proved", "--json")[1])
    assert answer["step_size_source"] == "proved"
    assert 0 < answer["steps"] <= answer["proved_steps"]


def test_solve_says_why_each_trait_holds_and_what_is_promised_before_it_runs(run, own: str) -> None:
    code, out, _ = run("solve", own, "--depth", "4")
    assert code == 0
    assert re.search(r"symmetric +yes +relative asymmetry 0 <= 0", out)
    assert re.search(r"orthogonal +no +rms of Phi\^T Phi - I .* > 1e-12", out)
    claims = re.search(r"claims +(.*) \(", out)
    assert claims is not None
    assert {"P3", "P5"} <= set(claims[1].split(", "))
    promised = re.search(r"promised +P3 positive-\S+: step size (\S+) of at most .* within ([\d,]+) steps", out)
    took = re.search(r"CONVERGED after (\d+) steps", out)
    assert promised is not None
    assert took is not None
    assert promised.end() < took.start()
    assert int(took[1]) <= int(promised[2])
    assert f"step size  {promised[1]} (" in out


def test_solve_says_when_nothing_is_promised(run, own: str) -> None:
    out = run("solve", own, "--depth", "4", "--step-size", "0.9", "--max-steps", "2")[1]
    assert re.search(r"promised +nothing at step size 0.9: P3 positive-definite-converges needs at most 0\.", out)
    assert "nothing: no claim covers" in run("solve", "shear", "--depth", "4", "--max-steps", "2")[1]


def test_solve_json_has_traits_and_promises(run, own: str) -> None:
    record = json.loads(run("solve", own, "--depth", "4", "--json")[1])
    assert record["traits"]["symmetric"] == {
        "meaning": "Phi = Phi^T",
        "holds": True,
        "evidence": "relative asymmetry 0 <= 0",
    }
    assert record["promises"][0].startswith("P3 positive-definite-converges: step size")


def test_solve_writes_a_plot(run, tmp_path: Path) -> None:
    pytest.importorskip("vl_convert")
    path = tmp_path / "loss.svg"
    assert run("solve", "householder", "--depth", "4", "--max-steps", "50", "--plot", str(path))[0] == 1
    assert "<svg" in path.read_text(encoding="utf-8")
