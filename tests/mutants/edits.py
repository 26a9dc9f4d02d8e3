"""Small faults, each an edit of one place in the text of a module.

Texts, and with them messages, docstrings and annotations, are left alone, as is what only type checkers see. So are the
numbers and ranges of a claim's draws, and of the problems on which it is validated: those are inputs of tests, others
would do as well, and how far they reach is measured by tests of their own. So is what an artefact tells of the search
for it, which nobody can repeat with every test.
"""

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

COMPARISONS = {
    ast.Lt: ("<", "<=", ">="),
    ast.LtE: ("<=", "<", ">"),
    ast.Gt: (">", ">=", "<="),
    ast.GtE: (">=", ">", "<"),
    ast.Eq: ("==", "!="),
    ast.NotEq: ("!=", "=="),
    ast.Is: ("is", "is not"),
    ast.IsNot: ("is not", "is"),
    ast.In: ("in", "not in"),
    ast.NotIn: ("not in", "in"),
}
"""Text of each operator, and what it becomes."""
OPERATORS = {
    ast.Add: ("+", "-"),
    ast.Sub: ("-", "+"),
    ast.Mult: ("*", "/"),
    ast.Div: ("/", "*"),
    ast.FloorDiv: ("//", "/"),
    ast.Mod: ("%", "//"),
    ast.Pow: ("**", "*"),
    ast.BitAnd: ("&", "|"),
}
SWAPPED = [("min", "max"), ("minimum", "maximum"), ("floor", "ceil"), ("any", "all"), ("sin", "cos")]
RENAMED = {old: new for pair in SWAPPED for old, new in (pair, pair[::-1])}
DROPPED = {"abs", "sqrt", "conj", "sorted"}
COMMUTING = {"add", "mul", "fadd", "fmul", "_times", "_product", "hypot", "swapaxes", "broadcast_shapes", "array_equal"}
SYMMETRIC = {*RENAMED, *COMMUTING, "isinstance", "range", "one_of"}
"""Functions of which another mutant, or none that could go unnoticed, comes from swapping the arguments."""

TESTED = ("catalog/claims/", "catalog/ingredients.py")
"""Where strategies are draws of a claim."""

LEFT_ALONE = {"help", "metavar", "description", "epilog", "prog", "strict"}
"""Arguments that hold a text, or assert what the lines around them have made so."""

LARGE = 100
"""From here on a whole number is changed by a tenth, not by one."""

Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda


@dataclass(frozen=True)
class Mutant:
    """One edit of one module.

    Attributes
    ----------
    module : str
        Path from the root of the repository.
    function : str
        Qualified name of the enclosing function or class; of what is being defined, for what runs at import.
    code_line : int or None
        First line of the innermost function that runs the edited code; None where it runs at import.
    line : int
        Where the edit starts.
    before, after : str
        The lines edited, on one line.
    text : str
        The module with the edit.
    """

    module: str
    function: str
    code_line: int | None
    line: int
    before: str
    after: str
    text: str

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What names the mutant whatever else changes in the module."""
        return self.module, self.function, self.before, self.after


def mutants_of(module: str, source: str) -> list[Mutant]:
    """Every mutant of a module, in the order of the text."""
    return list(Editor(module, source).mutants())


def first_line(function: ast.AST) -> int:
    """Line that Python gives as the first of a function's code: that of its first decorator."""
    return min([function.lineno, *(decorator.lineno for decorator in getattr(function, "decorator_list", ()))])


class Editor:
    """Proposes edits of one module's text."""

    def __init__(self, module: str, source: str) -> None:
        self.module, self.source = module, source.encode()
        lines = self.source.splitlines(keepends=True)
        self.starts = [sum(len(line) for line in lines[:i]) for i in range(len(lines) + 1)]

    def mutants(self) -> Iterator[Mutant]:
        yield from self._within(ast.parse(self.source), (), None)

    def _within(
        self, node: ast.AST, names: tuple[str, ...], code_line: int | None, drawn: bool = False
    ) -> Iterator[Mutant]:
        """Mutants of ``node`` and all in it: an enclosing definition has ``names``, a function starts at a line."""
        if not names and isinstance(node, ast.Assign | ast.AnnAssign):
            target = node.targets[0] if isinstance(node, ast.Assign) else node.target
            names = (ast.unparse(target),)
        drawn = drawn or self._draws(node)
        for start, end, replacement in self._edits(node, code_line is None, drawn):
            yield self._mutant(start, end, replacement, names, code_line)
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            names = (*names, node.name)
        for field, value in ast.iter_fields(node):
            for child in value if isinstance(value, list) else [value]:
                if isinstance(child, ast.AST) and not skipped(node, field, child):
                    inside = isinstance(node, Function) and field == "body"
                    yield from self._within(child, names, first_line(node) if inside else code_line, drawn)

    def _draws(self, node: ast.AST) -> bool:
        return self.module.startswith(TESTED) and draws(node)

    def _mutant(self, start: int, end: int, new: str, names: tuple[str, ...], code_line: int | None) -> Mutant:
        text = self.source[:start] + new.encode() + self.source[end:]
        first = self.source.rfind(b"\n", 0, start) + 1
        last = self.source.find(b"\n", end)
        last = len(self.source) if last < 0 else last
        before, after = self.source[first:last].decode(), text[first : last + len(text) - len(self.source)].decode()
        line = self.source.count(b"\n", 0, start) + 1
        one_line = [" ".join(part.split()) for part in (before, after)]
        return Mutant(self.module, ".".join(names), code_line, line, *one_line, text.decode())

    def _span(self, node: ast.AST) -> tuple[int, int]:
        return (
            self.starts[node.lineno - 1] + node.col_offset,
            self.starts[node.end_lineno - 1] + node.end_col_offset,
        )

    def _segment(self, node: ast.AST) -> str:
        start, end = self._span(node)
        return self.source[start:end].decode()

    def _operator(self, left: ast.AST, right: ast.AST, old: str, new: str) -> tuple[int, int, str]:
        """Replace the operator between two operands."""
        start, end = self._span(left)[1], self._span(right)[0]
        words = r"\b" if old.isalpha() else ""
        pattern = words + r"\s+".join(map(re.escape, old.split())) + words
        found = re.search(pattern.encode(), self.source[start:end])
        return start + found.start(), start + found.end(), new

    def _edits(self, node: ast.AST, at_import: bool, drawn: bool) -> Iterator[tuple[int, int, str]]:
        match node:
            case ast.Compare():
                for (left, right), operator in zip(pairwise([node.left, *node.comparators]), node.ops, strict=True):
                    old, *others = COMPARISONS[type(operator)]
                    for new in others:
                        yield self._operator(left, right, old, new)
            case ast.BinOp(op=ast.MatMult()):
                yield from self._exchanged(node.left, node.right)
            case ast.BinOp() if type(node.op) in OPERATORS:
                yield self._operator(node.left, node.right, *OPERATORS[type(node.op)])
            case ast.AugAssign():
                if type(node.op) in OPERATORS:
                    old, new = OPERATORS[type(node.op)]
                    yield self._operator(node.target, node.value, f"{old}=", f"{new}=")
                yield *self._span(node), "pass"
            case ast.BoolOp():
                old, new = ("and", "or") if isinstance(node.op, ast.And) else ("or", "and")
                for left, right in pairwise(node.values):
                    yield self._operator(left, right, old, new)
                for value in node.values:
                    yield *self._span(value), "True" if old == "and" else "False"
            case ast.UnaryOp(op=ast.USub() | ast.Not()) if not (drawn and isinstance(node.operand, ast.Constant)):
                yield self._span(node)[0], self._span(node.operand)[0], "(" * self._opened(node)
            case ast.Constant() if not drawn:
                for new in other_constants(node.value):
                    yield *self._span(node), new
            case ast.If() | ast.While() | ast.IfExp():
                yield *self._span(node.test), f"not ({self._segment(node.test)})"
            case ast.comprehension():
                for test in node.ifs:
                    yield *self._span(test), f"not ({self._segment(test)})"
            case ast.Call():
                yield from self._calls(node, drawn)
            case ast.Attribute(attr="T" | "mT" | "real" | "imag"):
                yield self._span(node.value)[1], self._span(node)[1], ""
            case ast.Expr(value=ast.Call()) | ast.Raise() | ast.Continue() | ast.Break() if not at_import:
                yield *self._span(node), "pass"
            case ast.Assign(targets=[ast.Attribute() | ast.Subscript()]) if not at_import:
                yield *self._span(node), "pass"
            case ast.Tuple(ctx=ast.Load()) | ast.List(ctx=ast.Load()) if at_import and not drawn and len(node.elts) > 1:
                yield from self._without_each(node.elts)

    def _opened(self, node: ast.UnaryOp) -> int:
        """Parentheses opened between the operator and its operand."""
        start, end = self._span(node)[0], self._span(node.operand)[0]
        return self.source[start:end].count(b"(")

    def _exchanged(self, first: ast.AST, second: ast.AST) -> Iterator[tuple[int, int, str]]:
        """Two expressions in each other's place."""
        (start, middle), (after, end) = self._span(first), self._span(second)
        if self._segment(first) != self._segment(second):
            between = self.source[middle:after].decode()
            if between.count("(") == between.count(")") == 0:
                yield start, end, self._segment(second) + between + self._segment(first)

    def _without_each(self, elements: list[ast.expr]) -> Iterator[tuple[int, int, str]]:
        """One element fewer."""
        for i, element in enumerate(elements):
            start, end = self._span(element)
            if i + 1 < len(elements):
                yield start, self._span(elements[i + 1])[0], ""
            else:
                yield self._span(elements[i - 1])[1], end, "," if i == 1 else ""

    def _calls(self, node: ast.Call, drawn: bool) -> Iterator[tuple[int, int, str]]:
        called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if called in RENAMED:
            end = self._span(node.func)[1]
            yield end - len(called), end, RENAMED[called]
        if called in DROPPED and len(node.args) == 1:
            yield *self._span(node), f"({self._segment(node.args[0])})"
        elif called in DROPPED and not node.args:
            yield self._span(node.func.value)[1], self._span(node)[1], ""
        plain = [argument for argument in node.args if not isinstance(argument, ast.Starred)]
        chosen = drawn and ast.unparse(node.func).startswith("st.")
        if called not in SYMMETRIC and not chosen and len(plain) == len(node.args):
            for first, second in pairwise(plain):
                yield from self._exchanged(first, second)
        for keyword in node.keywords:
            if drawn or not keyword.arg or keyword.arg in LEFT_ALONE or self._draws(keyword):
                continue
            start, end = self._span(keyword)
            following = re.match(rb"\s*,\s*", self.source[end:])
            if following:
                yield start, end + following.end(), ""
            else:
                preceding = re.search(rb",?\s*$", self.source[:start])
                yield preceding.start(), end, ""


def other_constants(value: object) -> Iterable[str]:
    """What a constant becomes: a tenth more and less, or its neighbours."""
    if isinstance(value, bool):
        return (str(not value),)
    if isinstance(value, int):
        step = max(1, value // 10) if value >= LARGE else 1
        return (str(value + step), str(value - step) if value else "(-1)")
    if isinstance(value, float):
        return tuple(repr(new) for new in (value * 1.1, value * 0.9) if new != value) if value else ("1.0",)
    return ()


def draws(node: ast.AST) -> bool:
    """Whether a part of the tree chooses inputs: a strategy, the depths and problems that are validated, a search."""
    if isinstance(node, ast.FunctionDef):
        decorators = [ast.unparse(decorator) for decorator in node.decorator_list]
        returns = ast.unparse(node.returns or ast.Constant(""))
        return "st.composite" in decorators or "SearchStrategy" in returns or returns == "Iterator[Problem]"
    if isinstance(node, ast.Assign):
        return ast.unparse(node.value).startswith(("st.", "(st.")) or ast.unparse(node.targets[0]).endswith("draws")
    return isinstance(node, ast.keyword) and node.arg in ("depths", "draws", "tries", "seconds", "seed")


def skipped(parent: ast.AST, field: str, child: ast.AST) -> bool:
    """Whether a part of the tree is no part of what runs, or a text."""
    return (
        field in ("annotation", "returns", "type_params", "bases")
        or isinstance(child, ast.JoinedStr)
        or (isinstance(child, ast.keyword) and child.arg in LEFT_ALONE)
        or (isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING")
        or (isinstance(child, ast.Assign) and ast.unparse(child.targets[0]) == "__all__")
        or (isinstance(child, ast.AnnAssign) and "TypeAlias" in ast.unparse(child.annotation))
        or (isinstance(child, ast.Call) and ast.unparse(child.func) in ("TypeVar", "cast", "brief"))
    )
