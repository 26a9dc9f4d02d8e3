"""The public functions, classes and methods of both packages, found by what each module says of itself."""

import importlib
import inspect
import pkgutil
import typing
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from types import ModuleType
from typing import Any

import catalog
import dlr

STEPS = {"step", "reduced_step"}
"""Methods that the engines call in every step, after `dlr.solve` has checked what they work with."""


def modules() -> Iterator[ModuleType]:
    """Every module of both packages whose name has no underscore, outside packages that declare nothing public."""
    for package in (dlr, catalog):
        yield package
        yield from _inside(package)


def _inside(package: ModuleType) -> Iterator[ModuleType]:
    for info in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
        if not info.name.rpartition(".")[2].startswith("_"):
            module = importlib.import_module(info.name)
            yield module
            if info.ispkg and getattr(module, "__all__", None) != []:
                yield from _inside(module)


def own(module: ModuleType) -> dict[str, Any]:
    """Functions and classes that a module defines, those with an underscore left out."""
    return {
        name: value
        for name, value in vars(module).items()
        if not name.startswith("_")
        and (inspect.isroutine(value) or isinstance(value, type))
        and getattr(value, "__module__", None) == module.__name__
    }


@dataclass(frozen=True)
class Entry:
    """Something public that can be called: a function, a constructor or a method."""

    name: str
    function: Callable[..., Any]
    owner: type | None = None

    @cached_property
    def parameters(self) -> dict[str, inspect.Parameter]:
        """Parameters by name; of a method without ``self``."""
        found = dict(inspect.signature(self.function).parameters)
        if self.owner is not None:
            found.pop("self")
        return found

    @cached_property
    def varied(self) -> dict[str, inspect.Parameter]:
        """Parameters that are passed in; what else the checks of arguments take is written in code."""
        checks = self.function.__module__ == "dlr.arguments"
        return {name: kind for name, kind in self.parameters.items() if name == "value" or not checks}


def entries() -> dict[str, Entry]:
    """Everything that can be called, by the name of the module that defines it and its own."""
    found: dict[str, Entry] = {}
    for module in modules():
        for value in (getattr(module, name) for name in getattr(module, "__all__", ())):
            if not str(getattr(value, "__module__", "")).startswith(("dlr", "catalog")):
                continue
            if isinstance(value, type):
                if not (issubclass(value, Enum | Exception) or getattr(value, "_is_protocol", False)):
                    qualified = f"{value.__module__}.{value.__name__}"
                    found[qualified] = Entry(qualified, value)
                    found.update({entry.name: entry for entry in _methods(qualified, value)})
            elif inspect.isroutine(value):
                qualified = f"{value.__module__}.{value.__name__}"
                found[qualified] = Entry(qualified, value)
    return found


def _methods(qualified: str, kind: type) -> Iterator[Entry]:
    for name, value in vars(kind).items():
        if (name.startswith("_") and name != "__call__") or name in STEPS:
            continue
        if isinstance(value, classmethod | staticmethod):
            yield Entry(f"{qualified}.{name}", getattr(kind, name))
        elif inspect.isfunction(value) and len(inspect.signature(value).parameters) > 1:
            yield Entry(f"{qualified}.{name}", value, kind)


def kind_of(parameter: inspect.Parameter) -> str:
    """The kind of a parameter, as a key of `bad_values.REFUSED`; empty where nothing is known of it."""
    annotation = parameter.annotation
    written = annotation if isinstance(annotation, str) else inspect.formatannotation(annotation)
    if annotation is typing.get_type_hints(dlr.matrices.margin)["matrix"]:
        return "finite array"
    plain = written.removesuffix(" | None")
    if plain in ("ArrayInput", "Matrix"):
        return "finite array"
    if plain.endswith(("AnyArray", "Complex", "LikeTarget")):
        return "array"
    if "Callable[" in plain or plain == "Inequality":
        return "function"
    for start, kind in (("tuple[", "tuple"), ("Mapping[", "mapping"), ("collections.abc.Mapping[", "mapping")):
        if plain.startswith(start):
            return kind
    if plain.rpartition(".")[2] in CLASSES:
        return "instance"
    return plain if plain in ("int", "float", "bool", "str") else ""


CLASSES = {
    name for module in modules() for name in getattr(module, "__all__", ()) if isinstance(getattr(module, name), type)
}
"""Names of the public classes."""
