"""The map in CONTRIBUTING.md lists the modules there are, and imports go one way: from catalog to dlr."""

import ast
import re
from pathlib import Path

from catalog import registry

ROOT = Path(__file__).parents[1]
ROW = re.compile(r"^\| `((?:dlr|catalog)/[\w./]+)` \| (.+) \|$", re.MULTILINE)
ROWS = ROW.findall((ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").partition("\n## Where things are\n")[2])
MODULES = [str(path.relative_to(ROOT)) for part in ("dlr", "catalog") for path in sorted((ROOT / part).rglob("*.py"))]


def imported(module: str) -> set[str]:
    """Top-level packages that a module imports, in functions too."""
    found = set()
    for node in ast.walk(ast.parse((ROOT / module).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {name.name.split(".")[0] for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add((node.module or "").split(".")[0])
    return found


def test_every_module_has_one_row():
    rows = {
        module: sum(place == module or (place.endswith("/") and module.startswith(place)) for place, _ in ROWS)
        for module in MODULES
    }
    claims = {module for module in MODULES if module.startswith("catalog/claims/")}  # a new one touches no other file
    wrong = {module: count for module, count in rows.items() if count != 1 and not (count == 0 and module in claims)}
    assert wrong == {}, "rows under 'Where things are' in CONTRIBUTING.md, by module; each has one"


def test_every_row_has_a_module():
    missing = [place for place, _ in ROWS if not (ROOT / place).exists()]
    assert missing == []


def test_every_row_is_one_sentence():
    assert [text for _, text in ROWS if not re.fullmatch(r"[A-Z][^.]*(\.\w[^.]*)*\.", text)] == []


def test_the_row_of_a_claim_names_it():
    proved: dict[str, list[str]] = {}
    for claim in registry.all_claims().values():
        proved.setdefault(claim.origin.replace(".", "/") + ".py", []).append(claim.identifier)
    rows = {place: text.partition(":")[0] for place, text in ROWS if place in proved}
    assert rows
    assert rows == {place: ", ".join(proved[place]) for place in rows}


def test_the_solver_knows_no_theorem_and_the_catalog_no_test():
    unwanted = {"dlr/": {"catalog", "hypothesis", "tests"}, "catalog/": {"tests"}}
    found = {
        module: imported(module) & names
        for start, names in unwanted.items()
        for module in MODULES
        if module.startswith(start) and imported(module) & names
    }
    assert found == {}
