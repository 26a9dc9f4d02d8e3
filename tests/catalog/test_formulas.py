"""Formulas of docstrings become LaTeX, and what is none stays text."""

import importlib
import json
import os
import re
from pathlib import Path

import pytest

from catalog import registry
from catalog.app.formulas import latex, mathml, parser

FILE = Path(__file__).parents[1] / "data" / "formulas.json"
RECORDED = json.loads(FILE.read_text(encoding="utf-8"))
"""Formulas and prose of docstrings, with what becomes of them."""

CLAIMS = registry.all_claims().values()
NAME = re.compile(r"[\w.]+")


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("eta <= 1 / (L b^{2 - 2/L})", r"\eta \le \frac{1}{L b^{2 - 2/L}}"),
        ("eta L <= 1/2", r"\eta L \le \frac{1}{2}"),
        ("|Phi - I|_F", r"\left\lvert \Phi - I \right\rvert_{F}"),
        ("|e| |A|^2", r"\left\lvert e \right\rvert \left\lvert A \right\rvert^{2}"),
        ("(1 + a/L)^(L - 1)", r"( 1 + a/L )^{L - 1}"),
        ("(2/5)^t (4/5) D", r"\left( \frac{2}{5} \right)^{t} \frac{4}{5} D"),
        ("theta+ = P(theta)", r"\theta^{+} = P ( \theta )"),
        ("z+ - r", r"z^{+} - r"),
        ("(a + b) (c + d) / 2", r"\frac{( a + b ) ( c + d )}{2}"),
        ("(a + (b + c)) / 2", r"\frac{a + ( b + c )}{2}"),
        ("|a| b |c|", r"\left\lvert a \right\rvert b \left\lvert c \right\rvert"),
        ("<A, B> c", r"\left\langle A, B \right\rangle c"),
        ("f( a + b ) [ 0, 1 )", "f ( a + b ) [ 0, 1 )"),
        ("a + |b|", r"a + \left\lvert b \right\rvert"),
        ("Theta_L ... Theta_1", r"\Theta_{L} \cdots \Theta_{1}"),
        ("diag(-s, 1, ..., 1)", r"\operatorname{diag} ( -s, 1, \ldots, 1 )"),
        ("[[a, -b], [b, a]]", r"\begin{pmatrix} a & -b \\ b & a \end{pmatrix}"),
        ("<A, B> <= 0", r"\left\langle A, B \right\rangle \le 0"),
        ("dl/dTheta_i", r"\partial l/\partial \Theta_{i}"),
        ("sum_k C(L, k) x^k", r"\sum_{k} \binom{L}{k} x^{k}"),
        ("sqrt(2 tol) <= 1e-6", r"\sqrt{2 \mathrm{tol}} \le 10^{-6}"),
        ("(-pi, pi]", r"( -\pi, \pi ]"),
        ("s_r' = F_jk R'", r"s_{r}^{\prime} = F_{j k} R^{\prime}"),
        ("e^-6", "e^{-6}"),
        ("ln b", r"\operatorname{ln} \, b"),
        ("exp(+-i angle)", r"\operatorname{exp} ( \pm i \text{ angle} )"),
        ("sigma_min(conj(z))", r"\sigma_{\min} ( \overline{z} )"),
        ("d x n", r"d \times n"),
        ("|B|_* r", r"\left\lvert B \right\rvert_{*} r"),
    ],
)
def test_formula_becomes_latex(formula, expected):
    assert " ".join(latex.pieces(formula)) == expected


def test_within_a_line_a_fraction_has_a_slash():
    assert latex.pieces("1 / (2 L) = 1/2", flat=True) == ["1/( 2 L ) =", "1/2"]
    assert latex.pieces("x^{1/2 L} < L / 2", flat=True) == ["x^{1/2 L} <", "L/2"]


def test_within_a_line_a_number_before_a_factor_keeps_its_bar():
    assert latex.pieces("1/2 (x + 1)", flat=True) == [r"\frac{1}{2} ( x + 1 )"]


def test_a_line_may_break_behind_relations_and_between_the_terms_of_a_minimum():
    assert latex.pieces("x <= min(a, b_{1, 2})", flat=True) == [r"x \le", r"\operatorname{min} ( a,", "b_{1, 2} )"]


@pytest.mark.parametrize("text", ["(a", "a)", "a +", "^2", "max_steps", "least", "dlr validate --json", "", "a = = b"])
def test_what_is_no_formula_is_refused(text):
    with pytest.raises(latex.NotAFormulaError):
        latex.pieces(text)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Let Phi be symmetric, L >= 2.", "Let {Phi} be symmetric, {L >= 2}."),
        ("a gamma-positive matrix, the L-th roots", "a {gamma}-positive matrix, the {L}-th roots"),
        ("A layer is 2 L operations (d x n), a tenth more", "A layer is {2 L} operations {(d x n)}, a tenth more"),
        ("with a = 0.13 in [0, 1] and lambda's own s", "with {a = 0.13} in [0, 1] and {lambda}'s own {s}"),
        ("``2 x`` and ``max_steps`` and `solve`", "{2 x} and ``max_steps`` and `solve`"),
        ("for lambda -1 is one", "for {lambda} -1 is one"),
        ("20,000 steps, 1/12 of them", "20,000 steps, 1/12 of them"),
        ("P1b, C1 or i.e. none", "P1b, C1 or i.e. none"),
    ],
)
def test_formulas_are_found_in_prose(text, found):
    assert latex.marked(text, "{{{}}}".format, str) == found


def test_a_fraction_has_a_slash_within_a_line_and_a_bar_on_a_line_of_its_own(monkeypatch):
    monkeypatch.setattr(mathml, "typeset", lambda written: f"[{written}]")
    assert mathml.within_line("Then ``a / b``") == "Then [a/b]"
    assert mathml.paragraphs("    a / b") == r'<p class="formula">[\frac{a}{b}]</p>'


def test_nearly_every_formula_of_the_claims_is_typeset():
    modules = [importlib.import_module(origin) for origin in {claim.origin for claim in CLAIMS}]
    documents = [*(module.__doc__ or "" for module in modules), *(claim.check.__doc__ or "" for claim in CLAIMS)]
    literals = [" ".join(found.split()) for text in documents for found in re.findall(r"``([^`]+)``", text)]
    left = [f for f in literals if not NAME.fullmatch(f) and latex.marked(f"``{f}``", str, str) != f]
    assert len(left) <= len(literals) / 50, left


def pieces(formula: str) -> str:
    """A formula in its pieces, on a line of its own and within one."""
    try:
        return " ~ ".join("|".join(latex.pieces(formula, flat)) for flat in (False, True))
    except latex.NotAFormulaError:
        return "refused"


READ = {
    "formulas": pieces,
    "prose": lambda text: latex.marked(text, lambda formula: f"{{{formula}}}", str.upper),
    "html": mathml.paragraphs,
}


@pytest.mark.parametrize("kind", READ)
def test_what_is_written_is_read_as_on_record(kind, monkeypatch):
    monkeypatch.setattr(mathml, "typeset", lambda written: f"[{written}]")
    found = {text: READ[kind](text) for text in RECORDED[kind]}
    if os.environ.get("DLR_RECORD_SCREENS"):
        RECORDED[kind] = found
        FILE.write_text(json.dumps(RECORDED, indent=0, ensure_ascii=False) + "\n", encoding="utf-8")
    assert found == RECORDED[kind], "if it should be, run again with DLR_RECORD_SCREENS=1"


@pytest.mark.parametrize(("written", "bare"), [("( (a) + b )", "(a) + b"), ("( (a) ) ( b )", "( (a) ) ( b )")])
def test_brackets_go_that_are_around_the_whole(written: str, bare: str) -> None:
    assert parser._bare(written) == bare
