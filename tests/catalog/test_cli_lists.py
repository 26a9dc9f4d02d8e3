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
