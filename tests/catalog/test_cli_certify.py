"""``dlr certify`` tells what is certified, writes certificates and checks them."""

import json
import sys
from pathlib import Path

import pytest

import dlr
from catalog.app.commands import certify_target
from catalog.claim import Promise

pytest.importorskip("flint")


def test_a_learned_target_is_certified_to_reach_its_tolerance(run) -> None:
    code, out, _ = run("certify", "rotation", "--depth", "8")
    assert code == 0
    assert "rotation, 4 x 4, as it is to the last bit" in out
    assert "loss       certified: excess loss after " in out
    assert "reach      certified: excess loss at most 1e-09 first at step " in out
    assert "floor" not in out


@pytest.mark.parametrize(("target", "claim"), [("householder", ""), ("polar-reflection", " (N6)")])
def test_the_floor_that_a_claim_proves_is_certified(run, target: str, claim: str) -> None:
    code, out, _ = run("certify", target, "--depth", "4", "--steps", "60")
    assert code == 0
    assert "floor      certified: excess loss below 0." in out
    assert claim in out
    assert "reach" not in out


def test_of_several_floors_the_highest_is_certified(monkeypatch: pytest.MonkeyPatch) -> None:
    made = [Promise("P8", "low", 0.1, 0.2, None, 0.01), Promise("P9", "high", 0.1, 0.2, None, 0.02)]
    problem = dlr.Problem([[2.0]], 2, dlr.GradientDescent(0.1))
    for several in (made, made[::-1]):
        monkeypatch.setattr("catalog.guarantees.promises_for", lambda problem, several=several: several)
        assert certify_target._proved_floor(problem) == ("P9", 0.02)
    monkeypatch.setattr("catalog.guarantees.promises_for", lambda problem: [])
    assert certify_target._proved_floor(problem) == (None, None)


def test_a_floor_too_high_is_refuted(run) -> None:
    code, out, _ = run("certify", "householder", "--depth", "4", "--steps", "60", "--floor", "0.55")
    assert code == 1
    assert "floor      refuted: excess loss below 0.55 first at step " in out


def test_a_precision_too_low_is_inconclusive(run) -> None:
    code, out, _ = run("certify", "shear", "--depth", "4", "--steps", "300", "--tol", "1e-9", "--max-bits", "64")
    assert code == 1
    assert "reach      inconclusive: excess loss at most 1e-09\n" in out
    assert "64 bits" in out


def test_the_matrix_next_to_a_target_is_certified_where_asked_for(run) -> None:
    assert "layers" in run("certify", "circulant-shift", "--depth", "2", "--steps", "9")[1]
    code, out, _ = run("certify", "circulant-shift", "--depth", "2", "--steps", "9", "--nearest")
    assert code == 0
    assert "not it, but the exactly structured matrix at most " in out
    assert "eigenvalues" in out
    assert "to the last bit" in run("certify", "lehmer", "--depth", "2", "--steps", "9", "--nearest")[1]


def test_rational_eigenvalues_are_taken_as_written(run) -> None:
    code, out, _ = run("certify", "diag(1/3, -1/7)", "--depth", "3", "--steps", "9", "--json")
    assert code == 0
    assert json.loads(out)["target"] == [["1/3", "0"], ["0", "-1/7"]]
    assert "every symmetric target of these" in run("certify", "diag(2)", "--depth", "3")[1]


def test_the_proved_step_size_reaches_the_tolerance(run) -> None:
    certificate = json.loads(run("certify", "lehmer", "--depth", "2", "--step-size", "proved", "--json")[1])
    assert certificate["verdicts"] == {"loss": "certified", "reach": "certified"}


def test_a_certificate_is_written_checked_and_refused_when_changed(run, tmp_path: Path, own: str) -> None:
    file = tmp_path / "certificate.json"
    code, out, _ = run("certify", own, "--depth", "3", "--json", str(file))
    assert code == 0
    assert "own.csv" in out
    code, out, _ = run("certify", "--check", str(file))
    assert code == 0
    assert "confirmed  every statement" in out
    content = json.loads(file.read_text(encoding="utf-8"))
    file.write_text(json.dumps({**content, "reached": content["reached"] + 1}), encoding="utf-8")
    code, out, _ = run("certify", "--check", str(file))
    assert (code, out.partition(" ")[0]) == (1, "refused")


def test_without_python_flint_certifying_is_refused_and_checking_is_not(
    run, tmp_path: Path, own: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "certificate.json"
    run("certify", own, "--depth", "3", "--json", str(file))
    monkeypatch.setitem(sys.modules, "flint", None)
    code, out, err = run("certify", own, "--depth", "3")
    assert (code, out) == (2, "")
    assert "pip install 'deep-linear-residual[proofs]'" in err
    assert len(err.splitlines()) == 1
    assert run("certify", "--check", str(file))[0] == 0
