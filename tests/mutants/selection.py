"""Which tests to run for a mutant, and in which order.

Those that run the edited code, first the ones named after its module, then quick ones that run little else; for what
is set at import or run by none, those that look at data or text alone too. Compiled code runs unseen: what runs its
callers runs it. Tests that start processes, where nobody sees what runs, only if they are named after the module or
there are no others.
"""

import ast
import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from .edits import Function, Mutant, first_line

PROCESS = "a process"
COMPILED = "dlr/kernels"
"""Folder of the code that is compiled."""
SLOW = 2.0
"""Seconds from which a test waits for the others."""
FEW = 3
"""Of a test with many parameters so many run before those of other tests of the same rank."""


class Selection:
    """The tests, by what they run.

    Parameters
    ----------
    recorded : mapping
        What `tests.mutants.recording` wrote.
    root : Path
        The repository.
    """

    def __init__(self, recorded: dict[str, Any], root: Path) -> None:
        self.tests = {name: test for name, test in recorded["tests"].items() if test["passed"]}
        self.failing = set(recorded["tests"]) - set(self.tests)
        self.by_code: defaultdict[str, set[str]] = defaultdict(set)
        self.by_module: defaultdict[str, set[str]] = defaultdict(set)
        for name, test in self.tests.items():
            for code in test["ran"]:
                self.by_code[code].add(name)
                self.by_module[code.rpartition(":")[0]].add(name)
        self.collected = {code for ran in recorded["files"].values() for code in ran}
        self.silent = {name for name, test in self.tests.items() if not test["ran"]}
        self.mentions = mentions(root)
        self.words = {
            path.relative_to(root).as_posix(): {path.stem, *re.findall(r"\w+", path.read_text(encoding="utf-8"))}
            for package in ("dlr", "catalog")
            for path in (root / package).rglob("*.py")
        }
        self.compiled = compiled(root)

    def tests_for(self, mutant: Mutant) -> list[str]:
        """Names of the tests that could notice a mutant, in the order in which to run them."""
        runs = self._direct(mutant) if mutant.function else set()
        direct = set(runs)
        code = f"{mutant.module}:{mutant.code_line}"
        if mutant.code_line is None or code in self.collected or not self.by_code[code]:
            direct |= self.silent
            runs |= direct | self.by_module[mutant.module]
        files = {name.partition("::")[0] for name in self.by_module[mutant.module]}
        runs |= {name for name in self.silent if name.partition("::")[0] in files}
        if not runs:
            runs = set(self.tests)
        modules = {mutant.module, *(user.rpartition(":")[0] for user in self._callers(mutant))}
        stems = "|".join(sorted(Path(module).stem.strip("_") for module in modules))
        named, variants = re.compile(rf"/test_(\w+_)?({stems})(_\w+)?\."), Counter[str]()
        mirrored = {name for name in self.tests if named.search(name.partition("::")[0])}
        runs = {name for name in runs if PROCESS not in self.tests[name]["ran"]} | mirrored or runs

        dotted = mutant.module.removesuffix(".py").replace("/", ".")
        own = f"[{mutant.function.replace('_', '-')}", f"[{dotted}.{mutant.function.removesuffix('.__post_init__')}"
        if not mutant.function:  # what a module does when it is run is for its own tests to see
            direct, own = mirrored, (f"[{dotted}]",)

        def focus(name: str) -> tuple[Any, ...]:
            return name not in direct, len(self.tests[name]["ran"]), self.tests[name]["seconds"], name

        def rank(name: str) -> tuple[Any, ...]:
            variant = name.partition("[")[0]
            variants[variant] += 1
            return (
                name not in direct,
                not any(part in name for part in own),
                name not in mirrored,
                self.tests[name]["seconds"] > SLOW,
                variants[variant] > FEW,
                *focus(name),
            )

        return sorted(sorted(runs, key=focus), key=rank)

    def _direct(self, mutant: Mutant) -> set[str]:
        """Tests that run the edited function, or functions that use what is edited, however indirectly."""
        seen = self.by_code[f"{mutant.module}:{mutant.code_line}"]
        if mutant.module.startswith(COMPILED):
            return seen.union(*(self.by_code[code] for code in self._callers(mutant)))
        if mutant.code_line is not None and seen:
            return set(seen)
        names, known, own = {mutant.function.rpartition(".")[2]}, set[str](), Path(mutant.module).stem
        found = {test for test in self.tests if f"[{mutant.function.replace('_', '-')}" in test}
        while names - known:
            known |= names
            users = [
                code
                for code, mentioned in self.mentions.items()
                if mentioned[1] & names and own in self.words[code.rpartition(":")[0]]
            ]
            found |= {test for code in users for test in self.by_code[code]}
            names = {self.mentions[code][0] for code in users if not self.by_code[code]}
        return found

    def _callers(self, mutant: Mutant) -> list[str]:
        """Functions elsewhere that call compiled code of which the edited function, or constant, becomes a part."""
        if not mutant.module.startswith(COMPILED):
            return []
        parts = {mutant.function.partition(".")[0]}
        while more := {name for name, inside in self.compiled.items() if inside & parts} - parts:
            parts |= more
        outside = [code for code in self.mentions if not code.startswith(COMPILED)]
        return [code for code in outside if "kernels" in self.mentions[code][1] and self.mentions[code][1] & parts]


def compiled(root: Path) -> dict[str, set[str]]:
    """Of every name that the compiled code defines, the names in its definition."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for path in sorted((root / COMPILED).glob("*.py")):
        for node in ast.parse(path.read_bytes()).body:
            inside = {getattr(part, "id", getattr(part, "attr", "")) for part in ast.walk(node)}
            stored = [
                part.id for part in ast.walk(node) if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)
            ]
            for name in [node.name] if hasattr(node, "name") else stored:
                found[name] |= inside
    return found


def mentions(root: Path) -> dict[str, tuple[str, set[str]]]:
    """Of every function, by file and first line: its name, and the names in it."""
    found = {}
    for package in ("dlr", "catalog"):
        for path in sorted((root / package).rglob("*.py")):
            for name, function in functions(ast.parse(path.read_bytes()), ""):
                inside = {getattr(node, "id", getattr(node, "attr", "")) for node in ast.walk(function)}
                found[f"{path.relative_to(root)}:{first_line(function)}"] = (name, inside | {name})
    return found


def functions(node: ast.AST, name: str) -> Iterable[tuple[str, ast.AST]]:
    """All functions in a tree, lambdas under the name of what is around them."""
    for child in ast.iter_child_nodes(node):
        own = getattr(child, "name", name) or name
        if isinstance(child, Function):
            yield own, child
        yield from functions(child, own)
