"""Docstrings become reStructuredText: formulas as roles, with their punctuation, and names of claims as links."""

import pytest

from markup import NO_BREAK, typeset


@pytest.mark.parametrize(
    ("text", "markup"),
    [
        ("Let L >= 2\nand d = 1", "Let :f:`L >= 2`\nand :f:`d = 1`"),
        ("If ``s > 0``,\nthen t.", rf"If :f:`s > 0{NO_BREAK},`" + "\n" + rf"then :f:`t{NO_BREAK}.`"),
        ("a gamma-positive one", r"a :f:`gamma`\ -positive one"),
        ("see normal-dichotomy", "see :ref:`normal-dichotomy <claim-normal-dichotomy>`"),
        ("in `near_identity` and `solve`", "in :ref:`module-near_identity` and `solve`"),
        ("with\n\n    ``1 / L``\n\nand", "with\n\n    :display:`1 / L`\n\nand"),
    ],
)
def test_docstring_becomes_markup(text, markup):
    assert typeset(text, escaped=False) == markup


def test_plain_text_is_escaped():
    assert typeset("gamma <= margin of x_0 * |none|") == r":f:`gamma` ≤ margin of :f:`x_0` \* \|none\|"
