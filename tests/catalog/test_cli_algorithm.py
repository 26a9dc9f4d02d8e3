"""``dlr validate --algorithm`` puts any object with the protocol in the place of gradient descent."""

import json
import re
import sys
from pathlib import Path

import pytest

from catalog.claim import Evidence
from catalog.registry import claim_named

TEMPLATE = "catalog.app.templates.algorithm:NewAlgorithm"


def test_validate_with_another_algorithm_shows_what_survives(run) -> None:
    on = [argument for name in ("lehmer", "householder", "identity-perturbation") for argument in ("--target", name)]
    code, out, err = run("validate", "--algorithm", TEMPLATE, *on)
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
    monkeypatch.setitem(claim_named("P3c").__dict__, "check", lambda problem: Evidence(observed=2.0, bound=1.0))
    asked = "--claim", "P3", "--claim", "P3c", "--target", "lehmer"
    code, out, err = run("validate", "--algorithm", "dlr:GradientDescent", *asked)
    assert code == 0
    assert "P3c" not in out
    assert err == "dlr: left out P3c symmetric-loss-never-rises: runs no algorithm\n"


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
    (tmp_path / "my_variants.py").write_text(VARIANTS, encoding="utf-8")
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
        (
            "my_variants:Broken",
            "algorithm plain-object raised IndexError(",
        ),
        (
            "my_variants:Nothing",
            "must return float64 of shape (1, 4, 4), got None: see its step",
        ),
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


@pytest.mark.usefixtures("variants")
def test_its_own_failure_is_told_before_what_claims_are_about(run) -> None:
    code, _, err = run("validate", "--algorithm", "my_variants:Broken", "--claim", "H1a", "--claim", "P3")
    assert code == 2
    assert "algorithm plain-object raised IndexError(" in err.splitlines()[-1]
