"""``dlr new``: what it writes passes as it is, and it overwrites nothing."""

import importlib.util
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from forks import PYTEST, Done, forking

from catalog import registry
from catalog.app import cli, new
from dlr.arguments import InputError

ROOT = Path(__file__).parents[2]
SORTS = {"family": "families", "claim": "claims", "algorithm": "algorithms"}
NAMES = ("tried_by_tests", "qq", "a_name_as_long_as_names_may_ever_be_here")


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory, copy_parts) -> Path:
    """A copy of this checkout."""
    folder = tmp_path_factory.mktemp("checkout")
    copy_parts(folder, "catalog", "dlr", "tests", "pyproject.toml")
    return folder


@pytest.fixture(scope="module")
def within(checkout: Path):
    """Run Python in the copy, with one new module of each sort."""
    with forking(sys.executable, checkout, environment(checkout)) as parent:
        for sort in SORTS:
            done = parent.run("-m", "catalog.app.cli", "new", sort, "tried_by_tests", folder=checkout)
            assert done.returncode == 0, done.stderr
        yield lambda *arguments: parent.run(*arguments, folder=checkout)


def environment(folder: Path) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(folder), "COLUMNS": "140"}


def run(folder: Path, *arguments: str) -> Done:
    command = [sys.executable, *arguments]
    return subprocess.run(
        command, cwd=folder, env=environment(folder), capture_output=True, encoding="utf-8", check=False
    )


def test_new_modules_pass_every_test_with_no_other_file_touched(within: Callable[..., Done]) -> None:
    files = "tests/catalog/test_families.py", "tests/catalog/test_claims.py", "tests/catalog/test_variants.py"
    done = within(
        "-m",
        *PYTEST,
        "-q",
        *files,
        "-k",
        "tried_by_tests or tried-by-tests or Tried-by-tests",
    )
    assert done.returncode == 0, done.stdout
    assert "skipped" not in done.stdout
    passed = int(done.stdout.rsplit(" passed", 1)[0].split()[-1])
    assert passed > 25, done.stdout


def test_a_new_claim_has_the_next_number(monkeypatch: pytest.MonkeyPatch) -> None:
    for identifiers, following in (([], "N1"), (["lab.x"], "N1"), (["N12b", "P3", "lab.x"], "N13")):
        claims = {name: SimpleNamespace(identifier=name) for name in identifiers}
        monkeypatch.setattr(registry, "all_claims", lambda claims=claims: claims)
        assert new._next_identifier() == following


def test_new_family_is_listed(within: Callable[..., Done]) -> None:
    """The commands that CONTRIBUTING.md shows of new modules are run by test_documents.py."""
    assert "tried-by-tests" in within("-m", "catalog.app.cli", "targets").stdout


@pytest.mark.parametrize("name", NAMES)
def test_new_modules_are_clean(tmp_path: Path, name: str) -> None:
    if importlib.util.find_spec("ruff") is None:
        pytest.skip("ruff is not installed; .ci/run runs this test where it is")
    for sort, folder in SORTS.items():
        (tmp_path / folder).mkdir()
        new.write(sort, name, str(tmp_path / folder))
    ours = "--config", "lint.isort.known-first-party = ['catalog', 'dlr']"
    for command in (["check"], ["format", "--check"]):
        done = run(tmp_path, "-m", "ruff", *command, "--config", str(ROOT / "pyproject.toml"), *ours, str(tmp_path))
        assert done.returncode == 0, done.stdout


@pytest.mark.usefixtures("within")
def test_new_modules_have_sound_types(checkout: Path) -> None:
    if importlib.util.find_spec("mypy") is None:
        pytest.skip("mypy is not installed; .ci/run runs this test where it is")
    modules = [argument for folder in SORTS.values() for argument in ("-m", f"catalog.{folder}.tried_by_tests")]
    done = run(checkout, "-m", "mypy", "--config-file=", "--strict", "--ignore-missing-imports", *modules)
    assert done.returncode == 0, done.stdout


def test_claim_gets_the_next_free_number(tmp_path: Path) -> None:
    text = new.write("claim", "next_one", str(tmp_path)).path.read_text(encoding="utf-8")
    identifier = next(line for line in text.splitlines() if line.startswith('    "N')).strip(' ",')
    assert identifier not in {claim.identifier for claim in registry.all_claims().values()}


@pytest.mark.parametrize("sort", SORTS)
def test_every_spelling_of_the_name_is_the_new_one(tmp_path: Path, sort: str) -> None:
    written = new.write(sort, "my-own_thing", str(tmp_path))
    assert written == new.Written(tmp_path / "my_own_thing.py", "my-own-thing", new.GROUPS[sort], False)
    template = (Path(new.__file__).parent / "templates" / f"{sort}.py").read_text(encoding="utf-8")
    numbers = [int(re.sub(r"\D", "", claim.identifier) or 0) for claim in registry.all_claims().values()]
    spellings = {
        "New family": "My own thing",
        "New algorithm": "My own thing",
        "new_family": "my_own_thing",
        "new_claim": "my_own_thing",
        "new-algorithm": "my-own-thing",
        "NewAlgorithm": "MyOwnThing",
        '"N0"': f'"N{max(numbers) + 1}"',
    }
    for old, spelled in spellings.items():
        template = template.replace(old, spelled)
    assert written.path.read_text(encoding="utf-8") == template


def test_outside_it_says_what_to_declare(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["new", "family", "tried-by-tests", "--directory", str(tmp_path)]) == 0
    out = capsys.readouterr().out
    assert '[project.entry-points."dlr.targets"]' in out
    assert (tmp_path / "tried_by_tests.py").exists()


UNFIT = ["3d", "class", "My", "my family", "_my", "my__own", "", "a/b", "../up", "é", "x" * 41]
MEANT = [("family", "np"), ("family", "count"), ("claim", "problem"), ("algorithm", "step")]


@pytest.mark.parametrize(("sort", "name"), [("family", name) for name in UNFIT] + MEANT)
def test_unfit_names_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str], sort: str, name: str) -> None:
    assert cli.main(["new", sort, name, "--directory", str(tmp_path)]) == 2
    err = capsys.readouterr().err
    assert len(err.splitlines()) == 1
    assert repr(name) in err
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("sort", "name"),
    [("family", "rotation"), ("claim", "margin_converges"), ("algorithm", "gradient-descent")],
)
def test_taken_names_are_refused(tmp_path: Path, sort: str, name: str) -> None:
    with pytest.raises(InputError, match=f"{sort} .* exists already: choose another name"):
        new.write(sort, name, str(tmp_path))


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "tried_by_tests.py"
    path.write_text("mine", encoding="utf-8")
    with pytest.raises(
        InputError, match=r"tried_by_tests.py exists: choose another name than 'tried_by_tests', or edit it"
    ):
        new.write("family", "tried_by_tests", str(tmp_path))
    assert path.read_text(encoding="utf-8") == "mine"


def test_missing_folder_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["new", "family", "tried_by_tests", "--directory", "/no/such"]) == 2
    assert "can't be written" in capsys.readouterr().err


def test_installed_catalog_is_not_written_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("catalog.__file__", str(tmp_path / "catalog" / "__init__.py"))
    with pytest.raises(InputError, match=r"is installed, not a checkout: pass --directory"):
        new.write("family", "tried_by_tests")
