"""No function has the name of a module, and no attribute of a package hides one of its modules.

Otherwise ``from catalog import x`` means the module or the function, depending on what was imported before. A family or
a claim may have the name of its own module, since no package imports it. And what a call without an argument does is on
record.
"""

import ast
import dataclasses
import importlib
import inspect
import json
import pkgutil
import sys
from pathlib import Path

import pytest
from public_surface import entries

import catalog
import dlr

TEMPLATES = "catalog.app.templates."


def module_names() -> list[str]:
    """Full names of the packages and modules of both packages, without the templates of new files."""
    found = [dlr.__name__, catalog.__name__]
    for package in (dlr, catalog):
        found += [module.name for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")]
    return [name for name in found if not name.startswith(TEMPLATES)]


NAMES = module_names()


def is_function(value: object) -> bool:
    """Whether ``value`` is a function, a method or a compiled function."""
    return inspect.isroutine(value) or hasattr(value, "py_func")


def test_no_function_has_the_name_of_a_module():
    taken = {other.rpartition(".")[2] for other in NAMES}
    functions = {
        f"{name}.{own}"
        for name in NAMES
        for own, value in vars(importlib.import_module(name)).items()
        if not own.startswith("_") and is_function(value) and value.__module__.split(".")[0] in ("dlr", "catalog")
    }
    assert {name for name in functions if name.rpartition(".")[2] in taken} == set()


def test_no_attribute_hides_a_module():
    for name in NAMES:
        importlib.import_module(name)
    places = [name.rpartition(".") for name in NAMES if "." in name]
    hidden = [
        f"{package}.{own}"
        for package, _, own in places
        if getattr(sys.modules[package], own) is not sys.modules[f"{package}.{own}"]
    ]
    assert hidden == []


CHANGING = {"catalog.app.falsification.Search", "catalog.app.variant.Variant"}
"""Classes whose objects change on purpose."""

COMPARED_AS_OBJECTS = {
    *("dlr.solution.Solution", "dlr.solution.BatchSolution", "dlr.problem.Problem"),
    *("catalog.family.Family", "catalog.claims._points.PairProblem"),
}
"""Classes with arrays, of which no one equality follows, or of which there is one object each."""

ORDERED = {"catalog.proofs._Cell"}


def test_dataclasses_are_frozen_and_compare_where_that_means_something():
    found = {
        f"{name}.{own}": value
        for name in NAMES
        for own, value in vars(importlib.import_module(name)).items()
        if dataclasses.is_dataclass(value) and isinstance(value, type) and value.__module__ == name
    }
    options = {name: value.__dataclass_params__ for name, value in found.items()}
    assert {name for name, option in options.items() if not option.frozen} == CHANGING
    assert {name for name, option in options.items() if not option.eq} == COMPARED_AS_OBJECTS
    assert {name for name, option in options.items() if option.order} == ORDERED


DEFAULTS = {
    name: {
        f"{name}.{parameter.name}": repr(parameter.default)
        for parameter in entry.parameters.values()
        if isinstance(parameter.default, bool | int | float)
    }
    for name, entry in entries().items()
}
RECORDED = json.loads((Path(__file__).parent / "data" / "defaults.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", [name for name, defaults in DEFAULTS.items() if defaults])
def test_defaults_are_those_on_record(name: str) -> None:
    """Numbers and flags, by function and parameter: they are part of the interface as names are."""
    recorded = {parameter: RECORDED.get(parameter) for parameter in DEFAULTS[name]}
    assert DEFAULTS[name] == recorded, "tell of it in CHANGELOG.md, and record it in tests/data/defaults.json"


def test_defaults_on_record_are_of_parameters() -> None:
    assert set(RECORDED) == {parameter for defaults in DEFAULTS.values() for parameter in defaults}


def test_text_files_name_their_encoding() -> None:
    """Without it, the locale decides."""
    unnamed = []
    for name in NAMES:
        module = importlib.import_module(name)
        for node in ast.walk(ast.parse(Path(module.__file__).read_bytes())):
            text = isinstance(node, ast.Call) and ast.unparse(node.func).endswith((".read_text", "Path.write_text"))
            if text and "encoding" not in {keyword.arg for keyword in node.keywords}:
                unnamed.append(f"{name}:{node.lineno}")
    assert unnamed == []
