"""Entry points of other packages: found, prefixed and cached; broken ones are listed and stop nothing."""

import importlib
import json
import re
import sys
from pathlib import Path

import pytest

from catalog import plugins, registry
from catalog.app import cli

FAMILY = """
from catalog import traits
from catalog.family import Family, learned
from catalog.parameters import count
import numpy as np

@Family.define(source="", parameters={"dimension": count(2, 1, 4)}, expected={})
def doubled(*, dimension):
    return 2 * np.eye(dimension)
"""
CLAIM = """
from catalog.claim import Claim, Evidence, Kind
from catalog.sources import Paper, Source
from dlr import GradientDescent, Problem

PAPER = Paper("doe2027always", ("Doe, Jane",), "Always", 2027, "", "https://example.org")

def problems(target, depth):
    yield Problem(target, depth, GradientDescent(0.1))

@Claim.define("C1", source=Source(PAPER, "x"), kind=Kind.INVARIANT, hypotheses=(),
       quantity="nothing", problems=problems, draws=list, depths=(2,))
def always(problem):
    "Always."
    return Evidence(0.0, 1.0)
"""
ALGORITHM = """
class Halved:
    "Half of gradient descent."
    name = "halved"
    step_size = None
    def step(self, layers, gradients, step_size):
        return layers - step_size / 2 * gradients
"""


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Put a module, and a distribution that declares entry points into it, on the path."""
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setenv("COLUMNS", "200")
    caches = (plugins.loaded, registry.all_families, registry.all_claims, registry.all_algorithms)
    written = []

    def clear() -> None:
        for cached in caches:
            cached.cache_clear()

    def put(distribution: str, version: str, module: str, text: str, **declared: dict[str, str]) -> None:
        (tmp_path / f"{module}.py").write_text(text, encoding="utf-8")
        written.append(module)
        folder = tmp_path / f"{distribution.replace('-', '_')}-{version}.dist-info"
        folder.mkdir()
        (folder / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: {distribution}\nVersion: {version}\n", encoding="utf-8"
        )
        groups = [
            f"[dlr.{group}]\n" + "".join(f"{name} = {value}\n" for name, value in points.items())
            for group, points in declared.items()
        ]
        (folder / "entry_points.txt").write_text("\n".join(groups), encoding="utf-8")
        clear()

    clear()
    yield put
    monkeypatch.undo()
    for module in written:
        sys.modules.pop(module, None)
    clear()


def broken() -> dict[str, str]:
    """Reasons of the broken plug-ins, by entry point's name."""
    return {plugin.name: "; ".join(plugin.reasons) for plugin in registry.all_plugins() if plugin.reasons}


def test_no_plugins_here() -> None:
    assert registry.all_plugins() == []


def test_what_a_plugin_brings_is_prefixed_and_used_like_any_other(install, capsys: pytest.CaptureFixture[str]) -> None:
    install(
        "lab-targets",
        "1.2",
        "lab_all",
        FAMILY + CLAIM + ALGORITHM,
        targets={"lab": "lab_all"},
        claims={"lab": "lab_all:always"},
        algorithms={"lab": "lab_all:Halved"},
    )
    assert broken() == {}
    assert registry.target("lab.doubled(dimension=3)").matrix.shape == (3, 3)
    assert registry.target("lab.doubled").family == "lab.doubled"
    assert "lab.doubled" in {target.name for target in registry.targets("positive-definite")}
    assert registry.claim_named("lab.C1") is registry.claim_named("lab.always")
    assert list(registry.all_claims())[-1] == "lab.always"
    assert list(registry.all_algorithms())[-1] == "lab.halved"
    assert registry.all_families() is registry.all_families()
    assert cli.main(["validate", "--target", "lab.doubled", "--claim", "lab.C1", "--claim", "P3"]) == 0
    assert cli.main(["solve", "lab.doubled", "--depth", "2", "--algorithm", "lab.halved"]) == 0
    assert cli.main(["plugins", "--json"]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    listed = json.loads(out[out.index("\n[\n") :])
    assert [entry["entries"] for entry in listed] == [["lab.doubled"], ["lab.always"], ["lab.halved"]]


@pytest.mark.parametrize(
    ("text", "value", "reason"),
    [
        ("import missing_package", "bad", "ModuleNotFoundError: No module named 'missing_package'"),
        ("raise RuntimeError('first line\\nsecond line')", "bad", "RuntimeError: first line second line"),
        ("raise SystemExit(3)", "bad", "SystemExit: 3"),
        ("def f(:", "bad", "SyntaxError"),
        ("", "bad:missing", "AttributeError"),
        ("", "bad", "TypeError: module bad defines no family"),
        ("thing = 'three'", "bad:thing", "TypeError: 'three' is no family"),
        ("thing = [3]", "bad:thing", "TypeError: 3 is no family"),
        (FAMILY.replace("2 * np.eye(dimension)", "1 / 0"), "bad", "(ZeroDivisionError: division by zero)"),
        (FAMILY.replace("np.eye(dimension)", "np.ones(2)"), "bad", "doubled: InputError: matrix of doubled must be"),
        (FAMILY + "another = [doubled, doubled]", "bad:another", "doubled: ValueError: its name is taken"),
    ],
)
def test_broken_targets_are_listed_and_stop_nothing(
    install, capsys: pytest.CaptureFixture[str], text: str, value: str, reason: str
) -> None:
    install("lab-targets", "1.2", "bad", text, targets={"lab": value})
    install("sound", "2.0", "sound_module", FAMILY, targets={"sound": "sound_module"})
    assert cli.main(["targets"]) == 0
    out, err = capsys.readouterr()
    assert "rotation" in out
    assert "sound.doubled" in out
    assert len(err.splitlines()) == 1
    for part in ("plug-in lab", "lab-targets 1.2", value, reason):
        assert part in err
    assert cli.main(["plugins"]) == 0
    assert "lab-targets 1.2" in capsys.readouterr().out


def test_other_groups_are_not_imported_before_they_are_needed(install) -> None:
    install("lab-targets", "1.2", "lab_late", CLAIM, claims={"lab": "lab_late"})
    registry.targets()
    assert "lab_late" not in sys.modules
    registry.all_claims()
    assert "lab_late" in sys.modules


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (CLAIM.replace("yield Problem", "raise KeyError; yield Problem"), "always: KeyError"),
        (CLAIM.replace('"C1"', '"X1"'), "identifier 'X1' must be P, H, I, N or C and a number"),
        (CLAIM.replace('Source(PAPER, "x")', '"a paper"'), "source must be of type Source, got 'a paper'"),
        (CLAIM.replace("Source(PAPER", 'Source("a paper"'), "InputError: paper must be of type Paper, got 'a paper'"),
        (CLAIM.replace('"Always", 2027', "None, 2027"), "InputError: title must be a string, got None"),
        (CLAIM + "other = always", "its name is taken by another"),
    ],
)
def test_broken_claims_are_listed_and_stop_nothing(install, text: str, reason: str) -> None:
    install("lab-targets", "1.2", "bad", text, claims={"lab": "bad"})
    registry.all_claims()
    assert reason in broken()["lab"]


def test_papers_of_a_plugins_claim_are_cited(install, capsys: pytest.CaptureFixture[str]) -> None:
    install("lab", "1", "lab_claim", CLAIM, claims={"lab": "lab_claim"})
    install("bad", "1", "bad", CLAIM.replace("Source(PAPER", 'Source("a paper"'), claims={"bad": "bad"})
    assert cli.main(["cite", "lab.C1", "P3"]) == 0
    out, err = capsys.readouterr()
    assert re.findall(r"@\w+\{(.*),", out) == ["doe2027always", "bartlett2018gradient"]
    assert err.startswith("dlr: plug-in bad of bad 1 (bad) is broken: InputError: paper must be")
    assert cli.main(["cite"]) == 0
    assert capsys.readouterr().out.count("@inproceedings{doe2027always,") == 1


def test_claim_whose_check_raises_is_violated_and_stops_nothing(install, capsys: pytest.CaptureFixture[str]) -> None:
    install("lab", "1", "bad", CLAIM.replace("return Evidence", "1 / 0; return Evidence"), claims={"lab": "bad"})
    assert cli.main(["validate", "--target", "householder"]) == 1
    out, err = capsys.readouterr()
    assert "P4" in out
    assert "lab.C1 raised ZeroDivisionError: division by zero on householder, L = 2" in err


def test_algorithm_without_step_is_broken(install) -> None:
    install("lab", "1", "bad", ALGORITHM.replace("def step", "def stride"), algorithms={"lab": "bad:Halved"})
    registry.all_algorithms()
    assert "is no algorithm" in broken()["lab"]


def test_name_that_can_be_no_prefix_is_broken(install) -> None:
    install("lab", "1", "odd_name", FAMILY, targets={"lab(2)": "odd_name"})
    assert "must be letters, digits, - and _" in broken()["lab(2)"]


def test_duplicate_names_are_refused_with_both_origins(install) -> None:
    install("lab-a", "1.0", "lab_a", FAMILY + CLAIM, targets={"lab": "lab_a"}, claims={"lab": "lab_a"})
    install("lab-b", "2.0", "lab_b", FAMILY + CLAIM, targets={"lab": "lab_b"}, claims={"lab": "lab_b"})
    assert not [name for name in (*registry.all_families(), *registry.all_claims()) if "." in name]
    reasons = [reason for plugin in registry.all_plugins() for reason in plugin.reasons]
    assert len(reasons) == 4
    assert all("taken by lab-a 1.0 (lab_a) and lab-b 2.0 (lab_b)" in reason for reason in reasons)


@pytest.fixture
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Put modules into one of the catalog's own folders."""
    caches = (registry._discover, registry.all_families, registry.all_claims, registry.all_algorithms)
    written = []

    def clear() -> None:
        for cached in caches:
            cached.cache_clear()

    def put(folder: str, **modules: str) -> None:
        package = importlib.import_module(f"catalog.{folder}")
        monkeypatch.setattr(package, "__path__", [*package.__path__, str(tmp_path)])
        for name, text in modules.items():
            (tmp_path / f"{name}.py").write_text(text, encoding="utf-8")
            written.append((package, name))
        clear()

    yield put
    monkeypatch.undo()
    for package, name in written:
        sys.modules.pop(f"{package.__name__}.{name}", None)
        vars(package).pop(name, None)
    clear()


def test_duplicate_names_of_our_own_are_refused_with_both_origins(own_folder) -> None:
    text = CLAIM.replace('"C1"', '"C98"')
    own_folder("claims", zz_one=text.replace("always", "always_one"), zz_two=text.replace("always", "always_two"))
    found = registry.broken("dlr.claims")
    both = "name 'C98' is taken by catalog.claims.zz_one and catalog.claims.zz_two: rename one"
    assert found == {"catalog.claims.zz_one": both, "catalog.claims.zz_two": both}
    assert "always-one" not in registry.all_claims()
    assert "P3" in {claim.identifier for claim in registry.all_claims().values()}


@pytest.mark.parametrize(
    ("folder", "text", "reason"),
    [
        ("families", "def f(:", "catalog.families.zz_bad is broken: SyntaxError: invalid syntax"),
        ("families", "import nothing_like_it", "zz_bad is broken: ModuleNotFoundError: No module named"),
        ("families", "raise SystemExit(3)", "zz_bad is broken: SystemExit: 3"),
        ("families", FAMILY.replace('source=""', "source=3"), "InputError: source must be a string, got 3"),
        (
            "families",
            FAMILY.replace("count(2, 1, 4)", "2"),
            "InputError: parameters must map strings to Parameter, got {'dimension': 2}",
        ),
        ("families", FAMILY.replace("2 * np.eye(dimension)", "1 / 0"), "family doubled is broken: InputError: target"),
        ("families", FAMILY.replace("np.eye(dimension)", "None"), "family doubled is broken: InputError: target"),
        (
            "families",
            FAMILY.replace("2 * np.eye(dimension)", "None"),
            "doubled is broken: InputError: matrix of",
        ),
        ("claims", CLAIM + "1 / 0", "catalog.claims.zz_bad is broken: ZeroDivisionError: division by zero"),
        ("claims", CLAIM.replace("depths=(2,)", "depths=2"), "InputError: depths must be a tuple of int, got 2"),
        (
            "claims",
            CLAIM.replace("hypotheses=()", "hypotheses=('symmetric',)"),
            "InputError: hypotheses must be a tuple of",
        ),
        ("claims", CLAIM.replace('"C1"', "7"), "zz_bad is broken: "),
        ("algorithms", "raise KeyboardInterrupt from 3", "zz_bad is broken: TypeError"),
    ],
)
def test_one_broken_file_breaks_only_itself(run, own_folder, folder: str, text: str, reason: str) -> None:
    own_folder(folder, zz_bad=text)
    asked = ["validate", "--algorithm", "gradient-descent"] if folder == "algorithms" else ["validate"]
    code, out, err = run(*asked, "--claim", "I9", "--claim", "P3", "--target", "lehmer")
    assert code == 0
    assert "all hold" in out
    assert sum(reason in line for line in err.splitlines()) == 1, err
    assert all(line.startswith("dlr: ") for line in err.splitlines())
    if folder == "families":
        code, out, err = run("targets")
        assert "lehmer" in out
        assert "doubled" not in out
        assert [reason in line for line in err.splitlines()] == [True]
    elif folder == "claims":
        assert run("claims", "P3")[0] == 0


RAISES = {
    "hypotheses": CLAIM.replace("hypotheses=()", "hypotheses=(Condition('c', lambda problem: 1 // 0),)").replace(
        "import Claim,", "import Claim, Condition,"
    ),
    "problems": CLAIM.replace("    yield Problem", "    1 // (len(target) - 2)\n    yield Problem"),
    "floor": CLAIM.replace("draws=list", "draws=list, floor=lambda p: 1 // 0, largest_step_size=lambda p: 1 // 0"),
}


@pytest.mark.parametrize("part", RAISES)
def test_a_claim_that_raises_on_a_users_matrix_is_left_out(run, own_folder, own: str, part: str) -> None:
    own_folder("claims", zz_bad=RAISES[part].replace('"C1"', '"C98"'))
    said = "left out C98 always: "
    code, out, err = run("solve", own, "--depth", "2")
    assert code == 0
    assert "CONVERGED" in out
    assert [said in line and "ZeroDivisionError" in line for line in err.splitlines()] == [True], err
    code, out, err = run("validate", "--target-file", own)
    assert code == 0
    assert "P3" in out
    if part == "floor":
        assert "its promise raised ZeroDivisionError" in out
    else:
        assert [said in line and own in line for line in err.splitlines()] == [True], err
        assert run("validate", "--target-file", own, "--claim", "C98")[0] == 2
        assert run("claims")[0] == 0
        assert run("falsify", "C98", "--tries", "3")[0] == 2


def test_a_check_that_raises_is_violated_and_stops_nothing(run, own_folder) -> None:
    own_folder("claims", zz_bad=CLAIM.replace("return Evidence", "1 / 0; return Evidence").replace('"C1"', '"C98"'))
    code, out, err = run("validate", "--target", "lehmer", "--claim", "C98", "--claim", "P3")
    assert code == 1
    assert "P3" in out
    assert err == "dlr: C98 raised ZeroDivisionError: division by zero on lehmer, L = 2\n"


def test_nothing_of_our_own_is_broken() -> None:
    assert registry.broken("dlr.targets", "dlr.claims", "dlr.algorithms") == {}
