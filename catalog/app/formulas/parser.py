"""Reads a formula as docstrings write it, and gives its LaTeX."""

import re
from collections.abc import Callable, Iterable
from functools import partial

GREEK = set(
    [
        "alpha",
        "beta",
        "gamma",
        "delta",
        "epsilon",
        "eps",
        "zeta",
        "eta",
        "theta",
        "kappa",
        "lambda",
        "mu",
        "rho",
        "sigma",
        "tau",
        "phi",
        "omega",
        "pi",
        "Delta",
        "Theta",
        "Phi",
        "Omega",
        "Lambda",
    ]
)
VARIANTS = {"eps": r"\varepsilon", "phi": r"\varphi"}
FUNCTIONS = {"ln", "log", "exp", "sin", "cos", "arctan", "det", "min", "max", "tr", "diag"}
NAMES = {"tol"}
SPACED = {"word", "number"}
WRAPPERS = {"sqrt": "sqrt", "conj": "overline"}
BIG = {"sum", "prod"}
RELATIONS = {"<=": r"\le", ">=": r"\ge", "<": "<", ">": ">", "=": "=", "->": r"\to", "~": r"\sim"}
SIGNS = {"-": "-", "+-": r"\pm "}
PAIRS = {"(": ")", "[": "]", "|": "|", "<": ">", "{": "}"}
DELIMITERS = {"|": (r"\lvert", r"\rvert"), "<": (r"\langle", r"\rangle")}
TOKEN = re.compile(
    r"(?P<times>(?<=\b[dnL0-9]) ?x ?(?=[dnL0-9]\b))"
    r"|(?P<space>\s+)"
    r"|(?P<number>\d{1,3}(?:,\d{3})+(?!\d)|\d+(?:\.\d+)?(?:e-?\d+)?)"
    r"|(?P<word>i\.e\.|e\.g\.|[A-Za-z][A-Za-z0-9]*)"
    r"|(?P<next>(?<=[A-Za-z])\+(?=[\s|=<>),]|$))"  # z+ is the z of the next step
    r"|(?P<sign>'[a-z]+|\.\.\.|<=|>=|->|\+-|.)",
    re.DOTALL,
)
THIN = r"\, "
FRACTION = re.compile(r"\\frac\{\d+\}\{\d+\}")


class NotAFormulaError(ValueError):
    """The text is no formula."""


class Parser:
    """Recursive descent over tokens. In prose, long words and a lone article end a formula."""

    def __init__(self, text: str, flat: bool = False, prose: bool = False) -> None:
        self.tokens = [(str(match.lastgroup), match[0], match.start()) for match in TOKEN.finditer(text)]
        self.tokens.append(("end", "", len(text)))
        self.at, self.flat, self.depth, self.prose = 0, int(flat), 0, prose
        self.least = self.flat
        self.symbols: set[str] = set()

    @property
    def kind(self) -> str:
        """Kind of the token here."""
        return self.tokens[self.at][0]

    @property
    def text(self) -> str:
        """Text of the token here."""
        return self.tokens[self.at][1]

    @property
    def position(self) -> int:
        """Where it begins."""
        return self.tokens[self.at][2]

    def index_at(self, position: int) -> int:
        """Index of the token that begins at a position."""
        return next(index for index, token in enumerate(self.tokens) if token[2] == position)

    def after_space(self) -> tuple[str, str]:
        """Kind and text of the token here, or of the one behind a space."""
        kind, text, _ = self.tokens[self.at + (self.kind == "space")]
        return kind, text

    def space(self) -> bool:
        """Pass a space; whether there was one."""
        found = self.kind == "space"
        self.at += found
        return found

    def take(self, wanted: Iterable[str]) -> str:
        """Pass the token here, if it is one of those wanted."""
        if self.kind == "end" or self.text not in wanted:
            raise NotAFormulaError
        self.at += 1
        return self.tokens[self.at - 1][1]

    def attempt(self, rule: Callable[[], str]) -> str | None:
        """What the rule reads; or None, and nothing is read."""
        before = self.at, self.flat, self.depth, set(self.symbols)
        try:
            return rule()
        except NotAFormulaError:
            self.at, self.flat, self.depth, self.symbols = before
            return None

    def grown(self, result: str, further: Callable[[str], str]) -> str:
        """``result`` with what the rule adds to it, as often as it can."""
        while (longer := self.attempt(partial(further, result))) is not None:
            result = longer
        return result

    def listed(self, closer: str = "") -> str:
        """Relations with commas between."""

        def further(result: str) -> str:
            self.space()
            self.take(",")
            self.space()
            return f"{result}, {' '.join(self.relations(closer))}"

        return self.grown(" ".join(self.relations(closer)), further)

    def relations(self, closer: str = "") -> list[str]:
        """Sums; all but the last with the relation behind it."""
        found = [self.sum(closer)]

        def further() -> str:
            self.space()
            relation = self.take(RELATIONS.keys() - {closer})
            self.space()
            right = self.sum(closer)
            found[-1] += f" {RELATIONS[relation]}"
            found.append(right)
            return right

        while self.attempt(further) is not None:
            pass
        return found

    def sum(self, closer: str) -> str:
        """Products with signs between."""

        def further(result: str) -> str:
            before = self.space()
            sign = self.take("+-")
            if before != self.space():  # a dash
                raise NotAFormulaError
            return f"{result} {sign} {self.product(closer)}"

        lead = SIGNS[self.take(SIGNS)] if self.text in SIGNS else ""
        return self.grown(lead + self.product(closer), further)

    def product(self, closer: str) -> str:
        """Runs with spaces between; a slash with spaces makes a fraction of all that is before it."""

        def further(result: str) -> str:
            if self.kind == "times":
                self.at += 1
                return rf"{result} \times {self.run(closer)}"
            if not self.space():
                raise NotAFormulaError
            if self.text not in ("/", "*"):
                right = self.run(closer)
                return f"{result} {THIN}{right}" if right.startswith(r"\operatorname") else f"{result} {right}"
            sign = self.take("/*")
            if not self.space():
                raise NotAFormulaError
            if sign == "*":
                return rf"{result} \cdot {self.run(closer)}"
            below = self.run(closer)
            return f"{result}/{below}" if self.flat else rf"\frac{{{_bare(result)}}}{{{_bare(below)}}}"

        return self.grown(self.run(closer), further)

    def run(self, closer: str) -> str:
        """Factors without spaces between."""

        def further(result: str) -> str:
            if self.text != "/":
                return f"{result} {self.factor(closer)}"
            self.take("/")
            below = self.factor(closer)
            if result.isdigit() and below.isdigit() and self.flat == self.least and self.stands_apart():
                return rf"\frac{{{result}}}{{{below}}}"
            slashed = f"{result}/{below}"
            return slashed.replace("d ", r"\partial ") if below.startswith("d ") else slashed

        return self.grown(self.factor(closer), further)

    def stands_apart(self) -> bool:
        """Whether a fraction needs its bar: on a line of its own, and before a factor, which could seem to be below."""
        kind, text = self.after_space()
        return not self.flat or (self.kind == "space" and (kind in SPACED or text in PAIRS))

    def factor(self, closer: str) -> str:
        """An atom with what stands above and below it."""
        base, scripts, prime = self.atom(closer), {}, ""
        self.flat, self.depth = self.flat + 1, self.depth + 1
        while self.text in ("_", "^", "'") and self.text not in scripts:
            mark = self.take("_^'")
            if mark == "'":
                prime = r"\prime "
            else:
                scripts[mark] = self.script()
        self.flat, self.depth = self.flat - 1, self.depth - 1
        if self.kind == "next":
            self.at += 1
            scripts["^"] = "+"
        if prime:
            scripts["^"] = (prime + scripts.get("^", "")).strip()
        return base + "".join(f"{mark}{{{script}}}" for mark, script in scripts.items())

    def script(self) -> str:
        """What stands above or below: in brackets, or one atom."""
        if self.text in ("{", "("):
            return self.bracket(bare=True)
        if self.text == "*":
            return self.take("*")
        if self.text == "-":
            return self.take("-") + self.atom("")
        if self.text in ("min", "max"):
            return rf"\{self.take(FUNCTIONS)}"
        if re.fullmatch("[i-nrs]{2}", self.text):
            self.at += 1
            return " ".join(self.tokens[self.at - 1][1])
        if self.kind == "word" and len(self.text) > 1 and self.text not in GREEK:  # the name of a variable
            raise NotAFormulaError
        return self.atom("")

    def atom(self, closer: str) -> str:
        """A number, a word, or what is in brackets."""
        kind, text = self.kind, self.text
        if text == closer:
            raise NotAFormulaError
        if text == "[" and self.tokens[self.at + 1][1] == "[":
            return self.matrix()
        if text in PAIRS and text != "{":
            return self.bracket()
        self.at += 1
        if kind == "number":
            mantissa, _, exponent = text.partition("e")
            power = f"10^{{{exponent}}}" if exponent else ""
            return power if power and mantissa == "1" else mantissa.replace(",", "{,}") + (power and rf" \cdot {power}")
        if text == "...":
            return r"\ldots" if self.text == "," else r"\cdots"
        if kind == "word":
            return self.word(text)
        raise NotAFormulaError

    def word(self, text: str) -> str:
        """A function, a symbol, or words."""
        if text in FUNCTIONS | BIG | WRAPPERS.keys():
            return self.function(text)
        if text == "C" and self.text == "(":
            return "".join(rf"\binom{{{above}}}{{{below}}}" for above, below in [self.bracket(bare=True).split(", ")])
        differential = text[0] == "d" and (text[1:] in GREEK or text in ("dl", "dW"))
        symbol = text[differential:]
        following, relation = self.after_space()
        if text in NAMES:
            self.symbols.add(text)
            return rf"\mathrm{{{text}}}"
        if symbol in GREEK or len(symbol) == 1:
            if self.prose and self.depth == 0 and symbol in "aA" and relation not in ("_", "^", "=", "<", "<=", "/"):
                raise NotAFormulaError  # an article
            self.symbols.add(symbol)
            shown = VARIANTS.get(symbol, rf"\{symbol}") if symbol in GREEK else symbol
            return f"d {shown}" if differential else shown
        if self.prose:
            raise NotAFormulaError
        while self.kind == "space" and following == "word" and len(relation) > 1 and relation not in GREEK | FUNCTIONS:
            self.at += 2
            text += f" {relation}"
            following, relation = self.after_space()
        first = self.at - 1 - 2 * text.count(" ")
        left = first > 1 and self.tokens[first - 1][0] == "space" and self.tokens[first - 2][0] in SPACED
        right = self.kind == "space" and following in SPACED
        return rf"\text{{{' ' * left}{text}{' ' * right}}}"

    def function(self, name: str) -> str:
        """A function, with its argument where no bracket follows."""
        if self.prose and self.depth == 0 and self.text != ("_" if name in BIG else "("):
            raise NotAFormulaError
        if name in WRAPPERS:
            return rf"\{WRAPPERS[name]}{{{self.bracket(bare=True)}}}"
        if name in BIG:
            return rf"\{name}"
        shown = rf"\operatorname{{{name}}}"
        return f"{shown} {THIN}{self.factor('')}" if self.space() else shown  # ln b, or ln(b)

    def bracket(self, bare: bool = False) -> str:
        """What is between brackets, with them or ``bare``; an interval may close with the other kind."""
        opener = self.take(PAIRS)
        self.depth += 1
        self.space()
        inner = self.listed(PAIRS[opener] if opener in "|<" else "")
        self.space()
        closer = self.take(")]" if opener in "([" else PAIRS[opener])
        self.depth -= 1
        left, right = ("", "") if bare else DELIMITERS.get(opener, (opener, closer))
        if opener == "(" and FRACTION.fullmatch(inner) and self.text not in ("^", "_"):
            return inner
        if left and (opener in "|<" or r"\frac" in inner):
            left, right = rf"\left{left}", rf"\right{right}"
        return f"{left} {inner} {right}".strip()

    def matrix(self) -> str:
        """Rows in brackets."""

        def further(result: str) -> str:
            self.take(",")
            self.space()
            return rf"{result} \\ {self.bracket(bare=True).replace(', ', ' & ')}"

        self.take("[")
        rows = self.grown(self.bracket(bare=True).replace(", ", " & "), further)
        self.take("]")
        return rf"\begin{{pmatrix}} {rows} \end{{pmatrix}}"


def _bare(latex: str) -> str:
    """Without the brackets around the whole."""
    match = re.fullmatch(r"(?:\\left)?\( (.*?) (?:\\right)?\)", latex)
    depth = 0
    for character in match[1] if match else ")":
        depth += {"(": 1, ")": -1}.get(character, 0)
        if depth < 0:
            return latex
    return match[1] if match else latex
