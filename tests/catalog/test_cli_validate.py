"""``dlr validate`` prints what the claims promise, then which ones hold, on which problems and at what ratio."""

import json
import re
from pathlib import Path

import pytest

from catalog.claim import Evidence
from catalog.registry import claim_named


def test_validate_prints_a_row_a_claim_and_a_verdict(validated) -> None:
    assert validated.code == 0
    assert validated.err == ""
    assert "P3 positive-definite-converges" in validated.out
    assert "P4 negative-eigenvalue-fails" in validated.out
    assert re.match(r"all hold: [\d,]+ checks of \d+ claims on \d+ targets\n", validated.out)
    assert validated.out.endswith("\nall hold; dlr validate -v shows every check\n")


def test_validate_json_has_every_field(run) -> None:
    code, out, _ = run("validate", "--claim", "P3", "--claim", "negative-eigenvalue-fails", "--json")
    assert code == 0
    records = json.loads(out)
    wanted = {"claim", "kind", "source", "target", "depth", "holds", "observed", "bound", "ratio", "steps", "engine"}
    assert all(wanted | {"seconds"} <= set(record) for record in records)
    assert {record["claim"] for record in records} == {"P3", "P4"}
    assert {record["algorithm"] for record in records} == {"gradient-descent", "step-and-project", "penalized"}
    assert all(record["ratio"] <= 1 for record in records if record["claim"] == "P3" and record["bound"])


def test_a_claim_given_twice_is_checked_once(run) -> None:
    target = ("--target", "householder", "--json")
    _, out, _ = run("validate", "--claim", "P4", "--claim", "negative-eigenvalue-fails", *target)
    assert len(json.loads(out)) == len(json.loads(run("validate", "--claim", "P4", *target)[1])) > 0


def test_validate_json_to_a_file_also_prints_the_table(run, tmp_path: Path) -> None:
    destination = tmp_path / "records.json"
    code, out, _ = run("validate", "--target", "householder", "--claim", "P4", "--json", str(destination))
    assert code == 0
    assert "householder" in out
    assert len(json.loads(destination.read_text(encoding="utf-8"))) == out.count("\nholds")
    assert list(tmp_path.iterdir()) == [destination]


def test_violated_claim_is_exit_code_1_and_named(run, monkeypatch: pytest.MonkeyPatch) -> None:
    p4 = claim_named("P4")
    monkeypatch.setitem(p4.__dict__, "check", lambda problem: Evidence(observed=0.0, bound=1.0))
    code, out, _ = run("validate", "--claim", "P4")
    assert code == 1
    assert out.startswith("45 violated: 45 checks of 1 claim on 5 targets\n")
    assert "all hold" not in out


def test_validate_refuses_when_nothing_applies(run) -> None:
    code, _, err = run("validate", "--claim", "P3", "--target", "householder")
    assert code == 2
    assert "no claim applies" in err


def test_validate_a_file_says_what_is_promised_before_it_runs(run, own: str) -> None:
    code, out, _ = run("validate", "--target-file", own)
    assert code == 0
    assert re.search(r"positive-definite +yes +least eigenvalue / \|Phi\|", out)
    promised = re.search(r"P3 +1 2 8 64 +.* positive-definite-converges, .* within (\d+) to (\d+) steps", out)
    assert promised is not None
    rows = re.findall(r"P3 +holds +\d+ +gradient-descent +(\d+) +(\d+) ", out)
    assert [min(int(bound) for _, bound in rows), max(int(bound) for _, bound in rows)] == [
        int(promised[1]),
        int(promised[2]),
    ]
    assert out.index(rows[0][0], promised.end())
    assert re.search(r"P3c +2 5 8 .* symmetric-loss-never-rises, .*: invariant on largest rise", out)
    records = json.loads(run("validate", "--target-file", own, "--target", "householder", "--json")[1])
    assert {record["target"] for record in records} == {own, "householder"}


def test_validate_a_file_that_is_never_learned_says_so_before_it_runs(run, tmp_path: Path) -> None:
    path = tmp_path / "split.json"
    path.write_text("[[-1, 0], [0, 2]]")
    code, out, _ = run("validate", "--target-file", str(path), "--claim", "P4")
    assert code == 0
    promised = re.findall(r"P4 +2 3 8 .* negative-eigenvalue-fails, (\S+): excess loss never below 0\.5 *$", out, re.M)
    assert promised == ["gradient-descent", "step-and-project", "penalized"]


def test_validate_a_file_outside_every_theorem(run, tmp_path: Path) -> None:
    path = tmp_path / "shear.json"
    path.write_text("[[1, 5], [0, -1]]", encoding="utf-8")
    code, out, err = run("validate", "--target-file", str(path), "--claim", "P3")
    assert code == 2
    assert re.search(r"symmetric +no +relative asymmetry 1.*> 0", out)
    assert "no claim applies" in err
