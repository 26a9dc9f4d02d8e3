"""The mutants compile and differ, the tests chosen for one run its code, and a fault that no test sees is reported."""

import ast
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from mutants import __main__ as command
from mutants.edits import Mutant, mutants_of
from mutants.selection import PROCESS, Selection
from mutants.trial import Verdict

SOURCE = '''
"""Docstring, 1 < 2."""
LIMIT = 0.5


@decorated(order=1, least=LIMIT)
def clipped(value: Literal[3], low=0):
    """Text, 1 + 1."""
    if value < low and not value.done:
        raise ValueError(f"{value + 1}")
    value.total += abs(value.x - low)
    return min(value @ low.T, -value)
'''
EDITS = {
    ("LIMIT", "LIMIT = 0.55"),
    ("LIMIT", "LIMIT = 0.45"),
    ("clipped", "@decorated(least=LIMIT)"),
    ("clipped", "@decorated(order=2, least=LIMIT)"),
    ("clipped", "@decorated(order=0, least=LIMIT)"),
    ("clipped", "@decorated(order=1)"),
    ("clipped", "def clipped(value: Literal[3], low=1):"),
    ("clipped", "def clipped(value: Literal[3], low=(-1)):"),
    ("clipped", "if not (value < low and not value.done):"),
    ("clipped", "if value < low or not value.done:"),
    ("clipped", "if True and not value.done:"),
    ("clipped", "if value < low and True:"),
    ("clipped", "if value <= low and not value.done:"),
    ("clipped", "if value >= low and not value.done:"),
    ("clipped", "if value < low and value.done:"),
    ("clipped", "pass"),
    ("clipped", "value.total -= abs(value.x - low)"),
    ("clipped", "value.total += (value.x - low)"),
    ("clipped", "value.total += abs(value.x + low)"),
    ("clipped", "return max(value @ low.T, -value)"),
    ("clipped", "return min(low.T @ value, -value)"),
    ("clipped", "return min(value @ low, -value)"),
    ("clipped", "return min(value @ low.T, value)"),
}


def test_every_kind_of_edit() -> None:
    found = mutants_of("dlr/made_up.py", SOURCE)
    assert {(mutant.function, mutant.after) for mutant in found} == EDITS
    assert {mutant.code_line for mutant in found} == {None, 6}
    assert len({mutant.key for mutant in found}) == len(found)


DRAWN = """
SHARES = st.sampled_from([1.0, 0.5])
long_draws = draws_of(lambda: 7)


def drawn() -> st.SearchStrategy[Problem]:
    return st.builds(made, st.floats(-1, 2), st.integers(3, 4)).filter(lambda x: x < 5)


@Claim.define("P9", depths=(2, 3), draws=lambda: drawn(6), proof_only=(Artefact(deep, tries=9, seconds=10),))
def claim(problem):
    pass
"""


def test_what_a_claim_draws_and_tells_of_a_search_is_left_alone() -> None:
    edits = {(mutant.function, mutant.after) for mutant in mutants_of("catalog/claims/a.py", DRAWN)}
    assert edits == {
        ("drawn", "return st.builds(made, st.floats(-1, 2), st.integers(3, 4)).filter(lambda x: x <= 5)"),
        ("drawn", "return st.builds(made, st.floats(-1, 2), st.integers(3, 4)).filter(lambda x: x >= 5)"),
        ("claim", '@Claim.define("P9", depths=(2, 3), draws=lambda: drawn(6))'),
    }
    assert len(mutants_of("catalog/a.py", DRAWN)) > 30


def test_mutants_compile_and_differ() -> None:
    for mutant in command.drawn(["dlr", "catalog/app"], seed="0", count=60):
        original = (command.ROOT / mutant.module).read_text(encoding="utf-8")
        compile(mutant.text, mutant.module, "exec")
        assert ast.dump(ast.parse(mutant.text)) != ast.dump(ast.parse(original)), mutant
        assert original.splitlines()[: mutant.line - 1] == mutant.text.splitlines()[: mutant.line - 1]


def test_draw_is_the_same_for_a_seed_and_keeps_to_its_places() -> None:
    first, again, other = (command.drawn(["dlr/kernels"], seed, 5) for seed in ("1", "1", "2"))
    assert first == again != other
    assert {mutant.module.rpartition("/")[0] for mutant in first} == {"dlr/kernels"}
    one_line = command.drawn([f"{first[0].module}:{first[0].line}"], "0", None)
    assert first[0] in one_line
    assert {mutant.line for mutant in one_line} == {first[0].line}
    assert command.drawn(["dlr/kernel"], "0", None) == []


def test_listed_mutants_are_mutants_with_a_reason() -> None:
    entries = command.equivalent()
    made = command.drawn(sorted({entry["module"] for entry in entries}), "0", None)
    gone = [entry for entry in entries if not any(command.is_listed(entry, mutant) for mutant in made)]
    assert gone == [], "remove or renew these in tests/mutants/equivalent.toml"
    assert all(entry["reason"].endswith(".") for entry in entries)


def test_an_entry_is_about_one_mutant_or_a_line_or_a_function() -> None:
    source = "class A:\n    def f(self):\n        return 1\n\n    def ff(self):\n        return 2\n"
    made = mutants_of("dlr/a.py", source)

    def listed(module: str, function: str, **lines: str) -> list[str]:
        entry = {"module": module, "function": function, **lines}
        return [mutant.after for mutant in made if command.is_listed(entry, mutant)]

    assert listed("dlr/a.py", "A") == ["return 2", "return 0", "return 3", "return 1"]
    assert listed("dlr/a.py", "A.f") == ["return 2", "return 0"]
    assert listed("dlr/a.py", "A", before="return 2") == ["return 3", "return 1"]
    assert listed("dlr/a.py", "A.f", before="return 1", after="return 0") == ["return 0"]
    assert listed("dlr/b.py", "A") == []


@pytest.fixture
def planted(tmp_path: Path) -> Path:
    """A package with one test, which does not look at zero."""
    base = tmp_path / "base"
    (base / "planted").mkdir(parents=True)
    (base / "planted" / "__init__.py").write_text(
        "def sign(x):\n    while x > 9:\n        x -= 1\n    return 1 if x > 0 else -1\n",
        encoding="utf-8",
    )
    (base / "test_planted.py").write_text(
        "import mmap\nfrom planted import sign\n\n"
        "mmap.mmap(-1, 2**37, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, prot=0)  # reserved, not used\n\n\n"
        "def test_sign():\n    assert (sign(2), sign(-2), sign(10)) == (1, -1, 1)\n",
        encoding="utf-8",
    )
    (base / "pyproject.toml").write_text("[tool.pytest.ini_options]\n")
    return base


TRY_EACH = """
import sys
from pathlib import Path
from tests.mutants import trial
from tests.mutants.edits import mutants_of

trial.PATIENCE = 3.0
base = Path(sys.argv[1])
mutants = mutants_of("planted/__init__.py", (base / "planted" / "__init__.py").read_text(encoding="utf-8"))
for mutant in mutants:
    if mutant.after in sys.argv[2:]:
        verdict = trial.Trials(base, base.with_name("trial"))(mutant, {"test_planted.py::test_sign": 0.01})
        print(mutant.after, verdict.killed, verdict.test, sep="|")
"""


def test_planted_survivor_is_noticed(planted: Path, tmp_path: Path) -> None:
    """In a process of its own, since one with threads must not fork."""
    verdicts = {
        "pass": "True|test_planted.py::test_sign (hangs)",
        "return 1 if x >= 0 else -1": "False|",
        "return 1 if x <= 0 else -1": "True|test_planted.py::test_sign",
    }
    command_line = [sys.executable, "-c", TRY_EACH, str(planted), *verdicts]
    done = subprocess.run(command_line, cwd=command.ROOT, capture_output=True, text=True, check=True)
    assert sorted(done.stdout.splitlines()) == sorted(f"{after}|{verdict}" for after, verdict in verdicts.items())
    assert not (tmp_path / "trial").exists()


@pytest.mark.skipif(sys.version_info < (3, 12), reason="recording which test runs what takes Python 3.12")
def test_recording_counts_caches_and_fixtures_for_every_test_that_uses_them(tmp_path: Path) -> None:
    (tmp_path / "dlr").mkdir()
    (tmp_path / "dlr" / "__init__.py").write_text(
        "from functools import cache\n\n\n@cache\ndef kept():\n    return inner()\n\n\ndef inner():\n    return 1\n",
        encoding="utf-8",
    )
    (tmp_path / "test_it.py").write_text(
        "import subprocess, sys\nimport pytest\nimport dlr\n\n\n"
        "@pytest.fixture(scope='module')\ndef made():\n    return dlr.inner()\n\n\n"
        "def test_first(tmp_path, monkeypatch):\n    monkeypatch.chdir(tmp_path)\n    dlr.kept()\n\n\n"
        "def test_second():\n    dlr.kept()\n\n\n"
        "def test_third(made):\n    pass\n\n\ndef test_fourth(made):\n    pass\n\n\n"
        "def test_nothing():\n    subprocess.run([sys.executable, '-c', ''])\n\n\n"
        "def test_fails():\n    assert False\n",
        encoding="utf-8",
    )
    record = tmp_path / "record"
    subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "tests.mutants.recording", "--record", str(record), "-q"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), str(command.ROOT)])},
        check=False,
        capture_output=True,
    )
    recorded = json.loads(record.read_text(encoding="utf-8"))["tests"]
    tests = {name.partition("::")[2]: test for name, test in recorded.items()}
    for name in ("test_first", "test_second"):
        assert tests[name]["ran"] == ["dlr/__init__.py:4", "dlr/__init__.py:9"], name
    for name in ("test_third", "test_fourth"):
        assert tests[name]["ran"] == ["dlr/__init__.py:9"], name
    assert tests["test_nothing"]["ran"] == [PROCESS]
    assert [name for name, test in tests.items() if not test["passed"]] == ["test_fails"]


def test_tests_that_run_the_code_come_first_and_others_do_not_run(tmp_path: Path) -> None:
    (tmp_path / "dlr").mkdir()
    source = "LIMIT = 2\n\n\ndef used():\n    return LIMIT + 1\n\n\n"
    source += "def compiled():\n    return 1\n\n\ndef calls():\n    compiled()\n"
    (tmp_path / "dlr" / "a.py").write_text(source)
    (tmp_path / "dlr" / "b.py").write_text("def another():\n    return LIMIT\n")
    ran = {
        "test_b.py::test_wide": ["dlr/a.py:4", "dlr/a.py:12", "dlr/b.py:1"],
        "test_b.py::test_focused": ["dlr/a.py:4"],
        "tests/test_a.py::test_mirrored": ["dlr/a.py:4", "dlr/b.py:1"],
        "test_b.py::test_other": ["dlr/b.py:1"],
        "test_b.py::test_process": ["dlr/a.py:4", PROCESS],
    }
    tests = {name: {"passed": True, "seconds": 0.1, "ran": codes} for name, codes in ran.items()}
    tests["test_b.py::test_broken"] = {"passed": False, "seconds": 0.1, "ran": ["dlr/a.py:4"]}
    selection = Selection({"tests": tests, "files": {}}, tmp_path)
    assert selection.failing == {"test_b.py::test_broken"}
    by_line: dict[int, Mutant] = {mutant.line: mutant for mutant in mutants_of("dlr/a.py", source)}
    in_order = ["tests/test_a.py::test_mirrored", "test_b.py::test_focused", "test_b.py::test_wide"]
    assert selection.tests_for(by_line[5]) == in_order
    assert selection.tests_for(by_line[1]) == in_order, "what uses a constant runs it"
    assert selection.tests_for(by_line[9])[0] == "test_b.py::test_wide", "what calls a compiled function runs it"
    tests["test_b.py::test_argument[dlr.a.used]"] = {
        "passed": True,
        "seconds": 0.1,
        "ran": [*ran["test_b.py::test_wide"], "c:1"],
    }
    tests |= {f"test_c.py::test_{k}[x]": {"passed": True, "seconds": 0.1, "ran": []} for k in range(2)}
    statement = mutants_of("dlr/a.py", f"{source}\n\nif __name__ == '__main__':\n    used()\n")[-1]
    assert statement.function == ""
    first, *others = Selection({"tests": tests, "files": {}}, tmp_path).tests_for(statement)
    assert first == in_order[0], "what a module does as a command"
    assert {*others} >= {"test_c.py::test_0[x]", "test_c.py::test_1[x]"}
    by_name = Selection({"tests": tests, "files": {}}, tmp_path).tests_for(by_line[5])
    assert by_name == ["test_b.py::test_argument[dlr.a.used]", *in_order]


def test_compiled_code_is_tried_by_tests_that_run_what_calls_it(tmp_path: Path) -> None:
    """A call of its Python form, which is seen, is not all that runs it."""
    loops = "LARGEST = 3\n\n\ndef power():\n    return LARGEST\n\n\ncube = [power]\n\n\ndef iterate():\n    cube()\n"
    engine = (
        "def run():\n    kernels.iterate()\n\n\ndef power():\n    iterate()\n\n\ndef other():\n    kernels.clip()\n"
    )
    for module, source in (("kernels/loops", loops), ("engines", engine)):
        (tmp_path / "dlr" / module).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "dlr" / f"{module}.py").write_text(source, encoding="utf-8")
    ran = {
        "tests/dlr/test_a.py::test_power": ["dlr/kernels/loops.py:4"],
        "tests/dlr/test_b.py::test_run": ["dlr/engines.py:1"],
        "tests/dlr/test_engines_agree.py::test_run": ["dlr/engines.py:1", "dlr/a.py:2"],
        "tests/dlr/test_b.py::test_power": ["dlr/engines.py:5"],
        "tests/dlr/test_b.py::test_other": ["dlr/engines.py:9"],
    }
    tests = {name: {"passed": True, "seconds": 0.1, "ran": codes} for name, codes in ran.items()}
    selection = Selection({"tests": tests, "files": {}}, tmp_path)
    constant, returned = mutants_of("dlr/kernels/loops.py", "LARGEST = 3\n\n\ndef power():\n    return -LARGEST\n")[::2]
    in_order = ["tests/dlr/test_engines_agree.py::test_run", "tests/dlr/test_b.py::test_run"]
    assert selection.tests_for(constant) == [*in_order, "tests/dlr/test_a.py::test_power"]
    assert selection.tests_for(returned) == [in_order[0], "tests/dlr/test_a.py::test_power", in_order[1]]


@pytest.mark.parametrize(
    ("killed", "survived", "equivalent", "late", "least", "code"),
    [
        (20, 0, 1, 0, 1.0, 0),
        (20, 1, 0, 0, 1.0, 1),
        (0, 1, 0, 0, 1.0, 1),
        (0, 0, 3, 0, 1.0, 0),
        (20, 4, 0, 0, 0.95, 0),  # as many or more: 1 in 34
        (19, 5, 0, 0, 0.95, 1),  # 1 in 167
        (0, 1, 0, 0, 0.95, 0),
        (0, 2, 0, 0, 0.95, 1),
        (0, 0, 2, 5, 0.95, 1),
        (1, 0, 2, 5, 0.95, 0),
    ],
)
def test_report_fails_for_too_many_survivors(
    capsys, killed: int, survived: int, equivalent: int, late: int, least: float, code: int
) -> None:
    mutant = mutants_of("dlr/a.py", "x = 1\n")[0]
    results = [Verdict(True, "test_a", 1, 0.0)] * killed + [Verdict(False, "", 1, 0.0)] * survived
    results += ["Speed only."] * equivalent + [None] * late
    assert command.report(iter([(mutant, result) for result in results]), least) == code
    out = capsys.readouterr().out
    assert out.splitlines()[-1].startswith(f"{killed} of {killed + survived} mutants")
    assert out.count("survived   dlr/a.py:1 x: x = 1  ->  x = 2") == survived
