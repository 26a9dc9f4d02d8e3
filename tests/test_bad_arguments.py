"""Every public function, constructor and method against every bad value: an `InputError` on one line or a result."""

import inspect
import json
import os
import signal
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import is_dataclass
from itertools import combinations, product
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from bad_values import REFUSED, ZOO
from good_values import argument, receiver
from hypothesis import settings
from public_surface import Entry, entries, kind_of, modules, own

from dlr import InputError
from dlr.arguments import brief

ENTRIES = entries()

ANY_KEYWORD = "angle"
"""A name for parameters that are passed on by name."""

LONGEST = 5.0
"""Seconds for one call."""


class Hangs(BaseException):
    """A call took longer than `LONGEST`."""


@contextmanager
def limited() -> Iterator[None]:
    """Interrupt what takes too long, where there are alarms."""
    if not hasattr(signal, "SIGALRM"):
        yield
        return

    def stop(*_: object) -> None:
        raise Hangs

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, LONGEST)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def most_memory() -> int:
    """Most memory that the process had, in bytes; 0 where the system does not say."""
    if sys.platform == "win32":
        return 0
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def call(entry: Entry, given: dict[str, Any]) -> object:
    """Call with the values given, and good ones for the rest."""
    positional, keywords = [], {}
    variable = any(parameter.kind is parameter.VAR_POSITIONAL for parameter in entry.parameters.values())
    for name, parameter in entry.parameters.items():
        if name not in given and parameter.default is not parameter.empty:
            continue
        value = given[name] if name in given else argument(entry.name, name)
        if parameter.kind is parameter.VAR_KEYWORD:
            keywords[ANY_KEYWORD] = value
        elif variable and parameter.kind is not parameter.KEYWORD_ONLY:
            positional.append(value)
        else:
            keywords[name] = value
    function = entry.function
    if entry.owner is not None:
        function = getattr(receiver(entry.owner), entry.function.__name__)
    result = function(*positional, **keywords)
    return list(zip(range(3), result, strict=False)) if inspect.isgenerator(result) else result


def is_finite(result: object) -> bool:
    """Whether no number in a result is NaN or infinite."""
    if isinstance(result, tuple | list):
        return all(is_finite(item) for item in result)
    if is_dataclass(result):
        return all(is_finite(value) for value in vars(result).values())
    array = np.asarray(result)
    return array.dtype.kind not in "fc" or bool(np.all(np.isfinite(array)))


def names_argument(entry: Entry, message: str) -> bool:
    """Whether a message names a parameter, or says what is unknown."""
    return " is unknown: " in message or any(name in message for name in (*entry.parameters, ANY_KEYWORD))


def complaint(entry: Entry, given: dict[str, Any]) -> str:
    """What is wrong with the answer to these values; empty if it is a result or a good refusal."""
    try:
        with limited(), warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("error")
            warnings.simplefilter("always", RuntimeWarning)  # what NumPy says of floating point
            result = call(entry, given)
            if told and is_finite(result):
                return f"{told[0].message}, with a finite result"
    except InputError as error:
        message = str(error)
        if "\n" in message or len(message) > 1500:
            return f"message of {len(message)} characters, {message.count(chr(10)) + 1} lines"
        return "" if names_argument(entry, message) else f"names no argument: {message}"
    except AssertionError as error:
        return "" if "AssertionError" in str(inspect.getdoc(entry.function)) else brief(error, 120)
    except Hangs:
        return f"takes more than {LONGEST:g} s"
    except Exception as error:
        return brief(error, 120)
    return "accepted"


def faults_of_pairs(entry: Entry) -> Iterator[str]:
    """Each pair of bad values of two parameters that is answered wrongly."""
    for first, second in combinations(entry.varied, 2):
        for (label, make), (other, make_other) in product(ZOO.items(), ZOO.items()):
            found = complaint(entry, {first: make(), second: make_other()})
            if found not in ("", "accepted"):
                yield f"{first}={label}, {second}={other}: {found}"


def faults(entry: Entry) -> Iterator[str]:
    """Each bad value of each parameter that is answered wrongly."""
    for name, parameter in entry.varied.items():
        refused = REFUSED.get(kind_of(parameter), set())
        for label, make in ZOO.items():
            found = complaint(entry, {name: make()})
            optional = label == "none" and "None" in str(parameter.annotation)
            if found and (found != "accepted" or (label in refused and not optional)):
                yield f"{name}={label}: {found}"


@pytest.mark.parametrize("module", list(modules()), ids=lambda module: module.__name__)
def test_a_module_publishes_all_that_has_no_underscore_or_nothing(module: ModuleType) -> None:
    assert hasattr(module, "__all__"), f"{module.__name__} must say in __all__ what it publishes, [] for nothing"
    assert [name for name in module.__all__ if not hasattr(module, name)] == []
    if module.__all__:
        assert set(own(module)) <= set(module.__all__), "give what is not meant to be public an underscore"


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What takes a text for a file's name makes it in a folder of the test's own."""
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("name", ENTRIES)
def test_good_arguments_are_accepted(name: str) -> None:
    call(ENTRIES[name], {})


@pytest.mark.parametrize("name", ENTRIES)
def test_bad_argument_is_refused_in_one_line_or_has_a_result(name: str) -> None:
    before = most_memory()
    assert list(faults(ENTRIES[name])) == []
    if settings.default.max_examples >= 1000:
        assert list(faults_of_pairs(ENTRIES[name])) == []
    assert most_memory() - before < 2**30


LIMITS = Path(__file__).parent / "data" / "limits.json"
PROBES = {"int": (-1, 0, 1, 2**63), "float": (-1.0, -1e-12, 0.0, 1e-12, 0.5, 1.0)}
"""Around the numbers at which what is allowed usually ends."""


def admitted(entry: Entry, name: str) -> list[float]:
    """The probes that a parameter takes."""
    found = []
    for value in PROBES["float" if "float" in str(entry.varied[name].annotation) else "int"]:
        with suppress(InputError), limited(), np.errstate(all="ignore"):
            call(entry, {name: value})
            found.append(value)
    return found


def numbers_of(entry: Entry) -> list[str]:
    """The parameters that are numbers."""
    return [
        name
        for name, parameter in entry.varied.items()
        if kind_of(parameter) in PROBES or "float | None" in str(parameter.annotation)
    ]


NUMBERS = {name: numbers_of(entry) for name, entry in ENTRIES.items() if numbers_of(entry)}
KEYS = [f"{name}.{parameter}" for name, parameters in NUMBERS.items() for parameter in parameters]


@pytest.mark.parametrize("name", NUMBERS)
def test_numbers_are_admitted_as_on_record(name: str) -> None:
    found = {f"{name}.{parameter}": admitted(ENTRIES[name], parameter) for parameter in NUMBERS[name]}
    recorded = json.loads(LIMITS.read_text(encoding="utf-8"))
    if os.environ.get("DLR_RECORD_SCREENS"):
        recorded = {key: (recorded | found)[key] for key in KEYS if key in recorded | found}
        lines = ",\n".join(f"{json.dumps(key)}: {recorded[key]}" for key in recorded)
        LIMITS.write_text(f"{{\n{lines}\n}}\n", encoding="utf-8")
    assert found == {key: recorded.get(key) for key in found}, (
        "tell of it in CHANGELOG.md, and run again with DLR_RECORD_SCREENS=1"
    )


def test_numbers_on_record_are_parameters() -> None:
    assert list(json.loads(LIMITS.read_text(encoding="utf-8"))) == KEYS
