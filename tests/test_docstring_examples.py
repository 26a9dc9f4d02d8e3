"""Every example in a docstring of the packages prints what it shows.

Only modules with an example are imported: others may need extras. An example that ``doctest`` doesn't find, such as one
of a compiled function, fails the count.
"""

import doctest
import importlib
import re
from pathlib import Path

import pytest

import catalog
import dlr

PROMPT = re.compile(r"^ *>>> ", re.MULTILINE)
EXAMPLES = {  # by module
    ".".join((package.__name__, *source.relative_to(root).with_suffix("").parts)).removesuffix(".__init__"): count
    for package in (dlr, catalog)
    for root in map(Path, package.__path__)
    for source in sorted(root.rglob("*.py"))
    if (count := len(PROMPT.findall(source.read_text(encoding="utf-8"))))
}


@pytest.mark.parametrize("module", EXAMPLES)
def test_examples(module: str) -> None:
    assert doctest.testmod(importlib.import_module(module)) == (0, EXAMPLES[module])


def test_there_are_examples_in_both_packages() -> None:
    assert {"dlr.solver", "catalog.registry"} <= set(EXAMPLES)
