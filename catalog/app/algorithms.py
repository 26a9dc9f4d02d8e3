"""Which algorithm a command line means: a name from the catalog or ``package.module:object``, with its options."""

import importlib
import inspect
import os
import sys
from dataclasses import fields, is_dataclass, replace
from types import SimpleNamespace
from typing import Any, cast

from catalog import registry
from catalog.plugins import is_entry, reason
from dlr.algorithms import Algorithm, ReducibleAlgorithm
from dlr.arguments import InputError, brief, number, one_of


def chosen(written: str, step_size: float | None = None, **options: float | None) -> Algorithm:
    """The algorithm ``written`` means, at this step size and with the options that are not None.

    Raises
    ------
    InputError
        If there is none, it is no algorithm, or an option is missing, does not apply or is out of range.
    """
    kind: Any = _imported(written) if ":" in written else _named(written)
    given = {name: value for name, value in options.items() if value is not None}
    parameters = inspect.signature(kind).parameters if isinstance(kind, type) else {}
    for name, value in given.items():
        if name not in parameters:
            raise InputError(f"{name} does not apply to {kind.name}, got {value:g}: drop --{name}")
    for name, parameter in parameters.items():
        if parameter.default is parameter.empty and name not in given:
            fix = f"pass --{name} X" if name in options else "name an instance, package.module:object"
            raise InputError(f"{name} must be given for {kind.name}, got none: {fix}")
    algorithm: Algorithm = kind(**given) if isinstance(kind, type) else kind
    return algorithm if step_size is None else at_step_size(algorithm, step_size)


def at_step_size(algorithm: Algorithm, step_size: float) -> Algorithm:
    """``algorithm`` with its step size given, whatever kind of object it is."""
    if is_dataclass(algorithm) and any(field.init and field.name == "step_size" for field in fields(algorithm)):
        return cast(Algorithm, replace(cast(Any, algorithm), step_size=step_size))
    number("step_size", step_size, above=0)
    reduced = {"reduced_step": algorithm.reduced_step} if isinstance(algorithm, ReducibleAlgorithm) else {}
    return cast(Algorithm, SimpleNamespace(name=algorithm.name, step_size=step_size, step=algorithm.step, **reduced))


def _named(name: str) -> Any:
    known = registry.algorithms()
    return known[one_of("algorithm", name, known)]


def _imported(written: str) -> Any:
    """What ``package.module:object`` names, importable from the working folder too."""
    module_name, _, path = written.partition(":")
    if os.getcwd() not in sys.path:
        sys.path.insert(0, os.getcwd())
    try:
        found = importlib.import_module(module_name)
    except (Exception, SystemExit) as error:  # whatever a stranger's module does when imported
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
