"""Every letter of a statement, of a quantity and of a hypothesis is defined, once, and no other is."""

import importlib
from collections import Counter

import pytest

from catalog import glossary, registry
from catalog.glossary import SHARED, symbols_in, symbols_of

CLAIMS = registry.all_claims().values()


INDICES = {"i", "j"}
"""What meanings number layers by."""


def letters(claim):
    hypotheses = [hypothesis.name for hypothesis in claim.hypotheses]
    meant = {letter for _, meaning in claim.symbols for letter in symbols_in(meaning)} - INDICES
    return meant | {letter for text in (claim.statement, claim.quantity, *hypotheses) for letter in symbols_in(text)}


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.identifier)
def test_a_claims_letters_are_defined_once(claim):
    defined = Counter([*SHARED, *(name for name, _ in claim.symbols)])
    assert {letter: defined[letter] for letter in letters(claim)} == dict.fromkeys(letters(claim), 1)
    assert {name for name, _ in claim.symbols} <= letters(claim)
    assert set(symbols_of(claim)) == letters(claim)


def test_no_shared_letter_is_unused():
    used = {letter for claim in CLAIMS for letter in symbols_in(importlib.import_module(claim.origin).__doc__)}
    assert set(SHARED) <= used | {letter for claim in CLAIMS for letter in letters(claim)}


def test_meanings_use_defined_letters_only():
    for claim in [None, *CLAIMS]:
        known = SHARED | dict(claim.symbols if claim else ())
        for name, meaning in claim.symbols if claim else SHARED.items():
            assert set(symbols_in(meaning)) <= {*known, *INDICES}, (claim, name)


@pytest.mark.parametrize(
    ("written", "letters"),
    [
        ("A symmetric target is never learned", []),
        ("Phi = Q A, Q = diag(+-1) other than I, A symmetric", ["Phi", "Q", "A", "I"]),
        ("the largest eigenvalue is at least ``L |Phi|^(2 - 2/L)``", ["L", "Phi"]),
        ("once ``L >= 3g``, at a rate", ["L", "g"]),
        ("eta L max(1, |Phi|)^2 <= 1e4", ["eta", "L", "Phi"]),
        ("``e^(-t A) K e^(-t A)``, the target's K^T", ["t", "A", "K"]),
        ("u^T Phi u >= gamma |u|^2", ["u", "Phi", "gamma"]),
        ("``|E_{t+1}|_F <= |E_t|_F`` and a gamma-positive Theta_i", ["E", "gamma", "Theta"]),
    ],
)
def test_letters_are_found(written, letters):
    assert symbols_in(written) == letters


def test_a_letter_that_nothing_defines_is_left_out_of_the_claims_letters(monkeypatch):
    monkeypatch.setattr(glossary, "SHARED", {"L": "depth"})
    assert symbols_of(registry.claim_named("P3")) == {"L": "depth"}
