"""Glossary of the letters in statements and hypotheses: each means one thing.

`SHARED` holds those that mean the same everywhere. What else a claim writes, it defines itself, as its ``symbols``.
Meanings are written as docstrings are, formulas between double backquotes.
"""

import re

from catalog.claim import Claim
from dlr.arguments import instance, text

__all__ = ["SHARED", "symbols_in", "symbols_of"]

SHARED: dict[str, str] = {
    "Phi": "the target, a real ``d x d`` matrix",
    "d": "dimension of the target",
    "L": "depth: the number of layers, at least 1",
    "Theta": "``Theta_i`` is layer i, a ``d x d`` matrix; ``Theta_1`` is next to the input",
    "I": "the identity; all layers start there unless a statement says otherwise",
    "W": "the end-to-end product ``Theta_L ... Theta_1``",
    "E": "the error ``W - Phi``",
    "l": "excess loss ``1/2 |E|_F^2``: what the loss has above its minimum",
    "t": "step, from 0, or the time of gradient flow; as an index, the value then",
    "eta": "step size of gradient descent",
    "kappa": "strength of the penalty ``1/2 kappa sum_i |Theta_i - I|_F^2`` on the layers",
    "gamma": "margin: ``u^T A u >= gamma |u|^2`` for all u; the margin of a matrix is the largest such number, the "
    "least eigenvalue of its symmetric part",
    "lambda": "an eigenvalue of Phi; ``lambda_min`` and ``lambda_max`` are the least and the largest",
    "sigma": "a singular value, ``sigma_min`` the least one",
    "D": "distance ``|Phi - I|_F`` of the target to the identity",
    "b": "``max(1, |Phi|)``",
    "Q": "an orthogonal matrix; where ``Phi = Q A``, the polar factor of the target",
    "A": "any matrix; where ``Phi = Q A``, the symmetric positive definite factor of the target",
    "u": "a vector, mostly a unit vector",
    "eps": "in a statement the excess loss to reach, ``tol`` in the program; in a proof what the proof says",
    "epsilon": "spacing of floating-point numbers at 1, ``2^{-52}``",
}
"""Meaning of each letter that means the same in every statement, in the order of the page of symbols."""

GREEK = "delta|epsilon|eps|eta|gamma|kappa|lambda|phi|rho|sigma|tau|theta|Phi|Theta"
LETTER = re.compile(rf"(?<![A-Za-z'])({GREEK}|[A-Za-z])(?![A-Za-z])")
NO_LETTER = re.compile(
    r"_\{[^}]*\}|_\w+|\^T\b|(?<=\b[dn]) x (?=[dn]\b)|\d+e\d+|\be\^|\ba(?= (?:[a-z]{2}|`))|^A(?= [a-z-]{2})"
)
"""Subscripts, the sign of a transpose, the x of a shape, numbers, the base of the natural logarithm, articles."""


def symbols_in(written: str) -> list[str]:
    """The letters of a statement or formula written as in docstrings, each once."""
    return list(dict.fromkeys(LETTER.findall(NO_LETTER.sub(" ", text("written", written)))))


def symbols_of(claim: Claim) -> dict[str, str]:
    """The letters of a claim's statement, quantity and hypotheses that are defined, with their meaning.

    With them come those in the meanings of letters that the claim defines itself.
    """
    own = dict(instance("claim", claim, Claim).symbols)
    meanings = SHARED | own
    written = (claim.statement, claim.quantity, *(hypothesis.name for hypothesis in claim.hypotheses), *own.values())
    letters = dict.fromkeys(letter for part in written for letter in symbols_in(part))
    return {letter: meanings[letter] for letter in letters if letter in meanings}
