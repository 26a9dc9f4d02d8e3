"""The options of every command are those on record, but for the words about them."""

import argparse
import importlib
import json
import os
import pkgutil
from pathlib import Path
from typing import Any

import pytest

from catalog.app import commands

FILE = Path(__file__).parents[1] / "data" / "options.json"
RECORDED = json.loads(FILE.read_text(encoding="utf-8"))
MODULES = sorted(module.name for module in pkgutil.iter_modules(commands.__path__))


def options(module: str) -> dict[str, Any]:
    """What each option of a command takes, by its spellings, and where nothing is given."""
    parsers = argparse.ArgumentParser().add_subparsers()
    importlib.import_module(f"{commands.__name__}.{module}").add_to(parsers)
    [parser] = parsers.choices.values()
    found = {}
    for action in parser._actions:
        kind = getattr(action.type, "__name__", None)
        known = {"type": kind, **{name: getattr(action, name) for name in ("nargs", "const", "default", "choices")}}
        known |= {"required": action.required, "does": type(action).__name__}
        found[" ".join(action.option_strings) or action.dest] = {
            name: value for name, value in known.items() if value is not None
        }
    defaults = {name: getattr(value, "__module__", value) for name, value in parser._defaults.items()}
    return json.loads(json.dumps({parser.prog.split()[-1]: found, "defaults": defaults}))


@pytest.mark.parametrize("module", MODULES)
def test_options_are_as_on_record(module: str) -> None:
    found = options(module)
    if os.environ.get("DLR_RECORD_SCREENS"):
        RECORDED[module] = found
        FILE.write_text(json.dumps(RECORDED, indent=1) + "\n", encoding="utf-8")
    assert found == RECORDED.get(module), "if they should be, run again with DLR_RECORD_SCREENS=1"
