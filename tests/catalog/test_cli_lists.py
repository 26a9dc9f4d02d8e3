"""``dlr targets`` and ``dlr claims`` list what there is, into a terminal, a file or a pipe."""

import json
import os
import re
import subprocess
import sys


def test_targets_by_trait(run) -> None:
    _, out, _ = run("targets", "--trait", "positive-definite", "--json")
    listed = json.loads(out)
    assert listed
    assert all("positive-definite" in target["traits"] for target in listed)
    _, out, _ = run("targets", "--trait", "not-positive-definite", "--json")
    assert not {target["name"] for target in listed} & {target["name"] for target in json.loads(out)}
    assert "traits" in run("targets")[1]


def test_a_targets_card_has_its_matrix_traits_claims_and_what_is_expected(run) -> None:
    code, out, _ = run("targets", "rotation(angle=1)")
    assert code == 0
    assert out.startswith("rotation(angle=1.0), 4 x 4: Rotation by one angle")
    assert "\n  0.54  -0.841       0       0\n" in out
    assert re.search(r"^margin-positive +yes +margin / \|Phi\| 0.54 > 1e-12$", out, re.MULTILINE)
    assert re.search(r"^claims +.*N2a normal-dichotomy", out, re.MULTILINE)
    assert "learned" not in out  # expectations are of the default
    assert re.search(r"^gradient-descent +learned: N2a normal-dichotomy$", run("targets", "rotation")[1], re.MULTILINE)
    assert re.search(r"^power-projection +refused: ", run("targets", "rotation")[1], re.MULTILINE)


def test_a_file_is_shown_as_a_target_is(run, own: str) -> None:
    code, out, _ = run("targets", own)
    assert (code, out.partition("\n")[0]) == (0, f"{own}, 2 x 2")
    assert re.search(r"^claims +P3 positive-definite-converges, ", out, re.MULTILINE)
    assert json.loads(run("targets", own, "--json")[1])[0]["matrix"] == [[2.0, 0.5], [0.5, 1.0]]


def test_targets_named_go_without_a_trait(run) -> None:
    code, _, err = run("targets", "rotation", "--trait", "normal")
    assert (code, err) == (
        2,
        "dlr: error: trait must be without targets, got 'normal': a target's card shows its traits\n",
    )
    assert "unknown" in run("targets", "rotatio")[2]


def test_a_claims_card_says_what_its_step_size_is_of_the_largest_possible(run) -> None:
    out = run("claims", "P3")[1]
    assert "share of the cap 0.5: proved step size over 2 / (L |Phi|^(2 - 2/L)), beyond which" in out
    record = json.loads(run("claims", "P3", "--json")[1])[0]
    assert record["share_of_cap"] == [0.5, 0.5]
    assert record["symbols"]["b"] == "``max(1, |Phi|)``"
    assert "share of the cap" not in run("claims", "P4")[1]


def test_claims_lists_hypotheses_and_sources(run) -> None:
    _, out, _ = run("claims", "--json")
    p3 = next(entry for entry in json.loads(out) if entry["claim"] == "P3")
    assert "positive-definite" in p3["hypotheses"]
    assert p3["link"].startswith("https://")
    assert p3["targets"]
    assert re.search(r"^P3 +upper bound +\S+ +Gradient descent learns every", run("claims")[1], re.MULTILINE)
    assert "Bartlett" in run("claims", "P3")[1]


def test_installed_command_needs_no_terminal_and_survives_a_closed_pipe() -> None:
    environment = {**os.environ, "COLUMNS": "100"}
    command = [sys.executable, "-m", "catalog.app.cli", "targets", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.read(10)
        process.stdout.close()
        assert process.stderr.read() == b""
