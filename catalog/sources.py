"""The papers behind the claims, with their BibTeX, and theorems of papers as sources.

A claim from a paper that is not here builds its own `Paper` and `Source`.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, replace

from dlr import __version__
from dlr.arguments import InputError, brief, instance, instances, integer, listed, one_of, text

__all__ = ["VENUE_FIELDS", "Paper", "Source", "achg", "bhl", "bibliography", "here", "hm", "wwm"]

VENUE_FIELDS = {
    "article": "journal",
    "book": "publisher",
    "inproceedings": "booktitle",
    "misc": "howpublished",
    "phdthesis": "school",
    "techreport": "institution",
}
"""Entry types, and the BibTeX field that holds the venue of each."""

_ACCENTS = dict(
    zip(
        "\u0300\u0301\u0302\u0303\u0304\u0306\u0307\u0308\u030a\u030b\u030c\u0327\u0328",
        "`'^~=u.\"rHvck",
        strict=True,
    )
)
_CHARACTERS = {
    **{character: f"\\{character}" for character in "&%$#_"},
    "\\": r"{\textbackslash}",
    "{": r"{\textbraceleft}",  # BibTeX counts braces even behind a backslash
    "}": r"{\textbraceright}",
    "~": r"{\textasciitilde}",
    "^": r"{\textasciicircum}",
    "ß": r"{\ss}",
    "ø": r"{\o}",
    "Ø": r"{\O}",
    "ł": r"{\l}",
    "Ł": r"{\L}",
    "æ": r"{\ae}",
    "Æ": r"{\AE}",
    "œ": r"{\oe}",
    "Œ": r"{\OE}",
    "ı": r"{\i}",
}


@dataclass(frozen=True)
class Paper:
    r"""A paper or another citable work. All fields are plain text; `bibtex` escapes LaTeX's special characters.

    Attributes
    ----------
    key : str
        Citation key, as in ``\cite{key}``.
    authors : tuple of str
        Each as ``"Family, Given"``; a name without comma is an organization's.
    title : str
    year : int
    venue : str
        Proceedings, journal, publisher, by `entry`; may be empty.
    identifier : str
        A DOI, an arXiv identifier, or an address where there is neither; may be empty.
    entry : str
        One of `VENUE_FIELDS`.
    details : tuple of (str, str)
        More BibTeX fields, such as ``("pages", "521--530")``.
    short : str
        Name in tables; by default the family names and the year.

    Raises
    ------
    InputError
        If BibTeX can't be made of key, authors, identifier or entry.
    """

    key: str
    authors: tuple[str, ...]
    title: str
    year: int
    venue: str
    identifier: str
    entry: str = "inproceedings"
    details: tuple[tuple[str, str], ...] = ()
    short: str = ""

    def __post_init__(self) -> None:
        for name in ("key", "title", "venue", "identifier", "short"):
            text(name, getattr(self, name))
        integer("year", self.year, maximum=9999)
        if not re.fullmatch(r"[\w:.+/-]+", self.key, re.ASCII):
            raise InputError(f"key {brief(self.key)} must be letters, digits and _:.+/-: pass one like 'wu2019global'")
        authors: object = self.authors
        if not isinstance(authors, tuple) or not all(isinstance(name, str) and name for name in authors or [""]):
            raise InputError(f"authors must be a tuple of names, got {brief(authors)}: pass ('Wu, Lei', ...)")
        if re.search(r"[\s{}\\]", self.identifier):
            raise InputError(f"identifier {brief(self.identifier)} must be a DOI, an arXiv identifier or an address")
        one_of("entry", self.entry, VENUE_FIELDS)
        for pair in instances("details", self.details, tuple):
            if len(instances("details", pair, str)) != 2:
                raise InputError(f"details must be pairs, got {brief(pair)}: pass (('pages', '521--530'), ...)")

    @property
    def reference(self) -> str:
        """Name in tables."""
        return self.short or f"{', '.join(name.partition(',')[0] for name in self.authors)} {self.year}"

    @property
    def link(self) -> str:
        """Address of the identifier; empty without one."""
        if not self.identifier or "://" in self.identifier:
            return self.identifier
        return f"https://{'doi.org' if self._has_doi else 'arxiv.org/abs'}/{self.identifier}"

    @property
    def _has_doi(self) -> bool:
        return re.match(r"10\.\d+/", self.identifier) is not None

    def bibtex(self) -> str:
        r"""BibTeX entry, in ASCII where LaTeX has a command for the character.

        Examples
        --------
        >>> paper = Paper("erdos1959random", ("Erdős, Paul",), "On random graphs", 1959, "", "10.5486/x", "article")
        >>> print(paper.bibtex())
        @article{erdos1959random,
          author = {Erd{\H{o}}s, Paul},
          title = {{On random graphs}},
          year = {1959},
          doi = {10.5486/x},
          url = {https://doi.org/10.5486/x},
        }
        """
        names = [_latex(name) if "," in name else f"{{{_latex(name)}}}" for name in self.authors]
        fields = {
            "author": " and ".join(names),
            "title": f"{{{_latex(self.title)}}}",  # braces keep its capitals in every style
            VENUE_FIELDS[self.entry]: _latex(self.venue),
            "year": str(self.year),
            **{name: _latex(value) for name, value in self.details},
        }
        if self._has_doi:
            fields["doi"] = self.identifier
        elif self.link != self.identifier:
            fields |= {"eprint": self.identifier, "archivePrefix": "arXiv"}
        fields["url"] = self.link
        lines = [f"  {name} = {{{value}}},\n" for name, value in fields.items() if value]
        return f"@{self.entry}{{{self.key},\n{''.join(lines)}}}"


@dataclass(frozen=True)
class Source:
    """Where a claim comes from, and who derived its constants.

    Attributes
    ----------
    paper : Paper
    theorem : str
        Which of its statements.
    constants : str
        Who derived the constants.
    after : Paper, optional
        An earlier paper whose results ``paper`` extends; cited as well.

    Raises
    ------
    InputError
        If a paper is not a `Paper`, or a text is not one.
    """

    paper: Paper
    theorem: str
    constants: str = "derived here"
    after: Paper | None = None

    def __post_init__(self) -> None:
        instance("paper", self.paper, Paper)
        text("theorem", self.theorem)
        text("constants", self.constants)
        if self.after is not None:
            instance("after", self.after, Paper)

    def __str__(self) -> str:
        return f"{self.reference}, {self.theorem}"

    @property
    def papers(self) -> tuple[Paper, ...]:
        """All papers cited."""
        return (self.paper, self.after) if self.after else (self.paper,)

    @property
    def reference(self) -> str:
        """Name of the papers in tables."""
        return ", after ".join(paper.reference for paper in self.papers)

    @property
    def link(self) -> str:
        """Address of the first paper that has one."""
        return next((paper.link for paper in self.papers if paper.link), "")


def bibliography(sources: Iterable[Source]) -> dict[Paper, Paper]:
    """Every paper cited, in the order of first mention, with its entry.

    The entry is the paper itself; if an earlier paper has the same key, its key gets an additional letter.
    """
    sources = instances("sources", listed("sources", sources), Source)
    entries: dict[Paper, Paper] = {}
    taken: set[str] = set()
    for paper in dict.fromkeys(paper for source in sources for paper in source.papers):
        key = paper.key
        while key.lower() in taken:  # BibTeX does not distinguish upper and lower case
            key += "a"
        taken.add(key.lower())
        entries[paper] = replace(paper, key=key)
    return entries


def _latex(plain: str) -> str:
    """Plain text, on one line, as LaTeX."""
    plain = unicodedata.normalize("NFC", " ".join(plain.split()))
    return "".join(_CHARACTERS.get(character) or _accented(character) for character in plain)


def _accented(character: str) -> str:
    parts = unicodedata.normalize("NFD", character)
    base, mark = parts[0], parts[1:]
    return f"{{\\{_ACCENTS[mark]}{{{base}}}}}" if mark in _ACCENTS else character


BHL = Paper(
    "bartlett2018gradient",
    ("Bartlett, Peter L.", "Helmbold, David P.", "Long, Philip M."),
    "Gradient descent with identity initialization efficiently learns positive definite linear transformations by "
    "deep residual networks",
    2018,
    "Proceedings of the 35th International Conference on Machine Learning",
    "1802.06093",
    details=(("series", "Proceedings of Machine Learning Research"), ("volume", "80"), ("pages", "521--530")),
)
HM = Paper(
    "hardt2017identity",
    ("Hardt, Moritz", "Ma, Tengyu"),
    "Identity matters in deep learning",
    2017,
    "International Conference on Learning Representations",
    "1611.04231",
)
ACHG = Paper(
    "arora2019convergence",
    ("Arora, Sanjeev", "Cohen, Nadav", "Golowich, Noah", "Hu, Wei"),
    "A convergence analysis of gradient descent for deep linear neural networks",
    2019,
    "International Conference on Learning Representations",
    "1810.02281",
)
WWM = Paper(
    "wu2019global",
    ("Wu, Lei", "Wang, Qingcan", "Ma, Chao"),
    "Global convergence of gradient descent for deep linear residual networks",
    2019,
    "Advances in Neural Information Processing Systems",
    "1911.00645",
)
PROJECT = Paper(
    "deep-linear-residual",
    ("The deep-linear-residual maintainers",),
    "deep-linear-residual",
    2026,
    f"Python package, version {__version__}",
    "",
    entry="misc",
    short="this project",
)
"""This package: the facts of ``CITATION.cff``, and the year of ``LICENSE``."""


def bhl(theorem: str) -> Source:
    """Bartlett, Helmbold, Long: identity initialization learns positive definite targets (ICML 2018)."""
    return Source(BHL, theorem)


def hm(theorem: str) -> Source:
    """Hardt, Ma: identity matters in deep learning (ICLR 2017)."""
    return Source(HM, theorem)


def here(theorem: str) -> Source:
    """Statements of this project, beyond the papers; the claim's module proves them."""
    return Source(PROJECT, theorem, after=BHL)


def achg(theorem: str) -> Source:
    """Arora, Cohen, Golowich, Hu: a convergence analysis for deep linear neural networks (ICLR 2019)."""
    return Source(ACHG, theorem)


def wwm(theorem: str) -> Source:
    """Wu, Wang, Ma: global convergence for deep linear residual networks (NeurIPS 2019)."""
    return Source(WWM, theorem)
