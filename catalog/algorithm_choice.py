"""Algorithms from the command line: a name from the catalog or ``package.module:object``, with options."""

import importlib
import inspect
import os
import sys
from typing import Any

from catalog import registry
from catalog.plugins import is_entry, reason
from dlr.algorithms import Algorithm
from dlr.arguments import InputError, brief, one_of
from dlr.solver import at_step_size

__all__: list[str] = []


def chosen(written: str, step_size: float | None = None, **options: float | None) -> Algorithm:
    """The algorithm that ``written`` names, with this step size and the options that are not None.

    Raises
    ------
    InputError
        If there is no such algorithm, or an option is missing, does not apply or is out of range.
    """
    kind: Any = _imported(written) if ":" in written else _named(written)
    given = {name: value for name, value in options.items() if value is not None}
    parameters = inspect.signature(kind).parameters if isinstance(kind, type) else {}
    for name, value in given.items():
        if name not in parameters:
            raise InputError(f"{name} does not apply to {kind.name}, got {value:g}: drop it")
    for name, parameter in parameters.items():
        if parameter.default is parameter.empty and name not in given:
            fix = (
                f"pass a {name}, --{name} in dlr solve"
                if name in options
                else "name an instance, package.module:object"
            )
            raise InputError(f"{name} must be given for {kind.name}, got none: {fix}")
    algorithm: Algorithm = kind(**given) if isinstance(kind, type) else kind
    return algorithm if step_size is None else at_step_size(algorithm, step_size)


def _named(name: str) -> Any:
    known = registry.all_algorithms()
    return known[one_of("algorithm", name, known)]


def _imported(written: str) -> Any:
    """The object that ``package.module:object`` names; modules in the working folder are found too."""
    module_name, _, path = written.partition(":")
    if os.getcwd() not in sys.path:
        sys.path.insert(0, os.getcwd())
    try:
        found = importlib.import_module(module_name)
    except (Exception, SystemExit) as error:  # another package's module may raise anything when imported
        raise InputError(
            f"algorithm {brief(written)} can't be imported ({reason(error)}): write package.module:object"
        ) from None
    for name in path.split("."):
        found = getattr(found, one_of(f"object of {module_name}", name, [*vars(found), *dir(type(found))]))
    if not is_entry("dlr.algorithms", found) or not isinstance(found, type | Algorithm):
        raise InputError(
            f"algorithm {written} must have name, step_size and step, got {brief(found)}: add what it lacks"
        )
    return found
