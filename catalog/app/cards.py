"""Cards for the terminal: everything about one claim, or about one target."""

import importlib
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from catalog import glossary, registry, standard_trial
from catalog.app import preview
from catalog.app.layout import JOINT, Content, Fields, Matrix, Paragraph, literal
from catalog.app.tables import counted, named, plain, readable, recorded_ratio
from catalog.claim import Claim, Hypothesis, Kind
from catalog.family import Expectation, Target
from catalog.traits import Trait


def claim_card(
    claim: Claim,
    targets: Sequence[str],
    entry: Mapping[str, Any],
    hardest: Mapping[str, Any],
    deeper: Mapping[str, Any],
) -> Iterator[Content]:
    """A claim: what it says, its ratio in the ledger's ``entry``, hypotheses, letters, controls, source.

    ``hardest`` is its record of a search, ``deeper`` that of two layers or more; ``targets`` are those inside its
    hypotheses.
    """
    ratio = recorded_ratio(claim, entry)
    yield Paragraph(f"[bold]{claim.identifier} {claim.name}[/]: {claim.kind.value}, ratio {ratio}")
    yield Paragraph(plain(claim.statement))
    if text := statement_in_full(claim):
        yield Paragraph("\n".join(["", *map(plain, text.split("\n"))]))
    yield Paragraph("")
    yield Fields(
        (
            ("observed", plain(claim.quantity)),
            ("ratio", _ratio(claim, entry)),
            ("searched", _searched(claim, hardest, deeper)),
            ("step size", _share_of_cap(entry)),
            ("hypotheses", [_meaning(hypothesis) for hypothesis in claim.hypotheses]),
            ("letters", [plain(f"{name}: {meaning}") for name, meaning in glossary.symbols_of(claim).items()]),
            ("must fail", [f"{literal(c.name)}: without {literal(c.drops.name)}" for c in claim.controls]),
            ("proof only", [plain(f"{a.drops.name}: {a.finding}") for a in claim.proof_only]),
            ("targets", f"{len(targets)}: {', '.join(targets)}" if targets else "none of the catalog's"),
            ("other side", _named(claim.partner) if claim.partner else ""),
            ("proof", _numeric_steps(claim)),
            ("source", [literal(str(claim.source)), literal(claim.source.link)]),
        )
    )


def _ratio(claim: Claim, entry: Mapping[str, Any]) -> str:
    if claim.kind.bounds_rounding:
        return "the bound is what rounding may do; how much it does differs between machines"
    if "at" not in entry:
        return "not on record"
    extreme = "least" if claim.kind is Kind.LOWER_BOUND else "largest"
    at = entry["at"].replace(" = ", f"{JOINT}={JOINT}")
    return literal(f"observed / bound, {extreme} of {entry['checks']:,} checks: {at}")


def _searched(claim: Claim, hardest: Mapping[str, Any], deeper: Mapping[str, Any]) -> str:
    """What a search for a violation found, where the ratio means something."""
    if not hardest or claim.kind.bounds_rounding:
        return ""
    deep = f", of two layers or more at {readable(deeper['ratio'])}" if deeper and hardest["depth"] < 2 else ""
    return f"no violation; hardest problem on record at ratio {readable(hardest['ratio'])}{deep} (dlr falsify)"


def _share_of_cap(entry: Mapping[str, Any]) -> str:
    """The share of the cap on record, in words."""
    if "share_of_cap" not in entry:
        return ""
    low, high = (readable(share) for share in entry["share_of_cap"])
    share = low if low == high else f"{low} to {high}"
    cap = "``2 / (L |Phi|^(2 - 2/L))``, beyond which every minimum repels plain gradient descent (N9c)"
    return plain(f"share of the cap {share}: proved step size over {cap}; on targets with ``|Phi| >= 1``")


def _numeric_steps(claim: Claim) -> str:
    steps = counted(len(claim.proof), "numeric step")
    return f"{steps}: dlr claims {claim.identifier} --proof" if claim.proof else ""


def _meaning(hypothesis: Hypothesis) -> str:
    meaning = f": {hypothesis.meaning}" if isinstance(hypothesis, Trait) else ""
    return plain(f"{hypothesis.name}{meaning}")


def statement_in_full(claim: Claim) -> str:
    """The section Statement of the claim's module; empty where it has none."""
    written = importlib.import_module(claim.origin).__doc__ or ""
    section = re.search(r"^Statement\n-+\n(.*?)(?=^Proof|\Z)", written, re.DOTALL | re.MULTILINE)
    blocks = section[1].strip().split("\n\n") if section else []
    return "\n\n".join(re.sub(r"\n\s*(?!\*|\d+\. |\s)", " ", block.rstrip()) for block in blocks)


def target_card(target: Target, claims: Sequence[Claim]) -> Iterator[Content]:
    """A target: what each algorithm does with it and why, its matrix, traits with evidence, ``claims`` that apply."""
    family = registry.all_families().get(target.family)
    size = f"{len(target.matrix)} x {len(target.matrix)}"
    yield Paragraph(f"[bold]{literal(target.name)}[/], {size}{f': {plain(family.description)}' if family else ''}")
    yield Paragraph("")
    if family and dict(target.parameters) == {name: each.default for name, each in family.parameters.items()}:
        trial = f"to {standard_trial.TOL:g} at depth {standard_trial.DEPTH}"
        yield Fields(tuple((name, _expected(each, trial)) for name, each in family.expected.items()))
        yield Paragraph("")
    yield Matrix(np.asarray(target.matrix))
    yield Paragraph("")
    yield preview.trait_table(target.matrix)
    yield Paragraph("")
    yield Fields(
        (
            ("claims", ", ".join(_named(claim.identifier) for claim in claims) or "none applies"),
            ("parameters", [_parameter(target, name) for name in target.parameters]),
            ("source", literal(family.source) if family else ""),
        )
    )


def _expected(expectation: Expectation, trial: str) -> str:
    """What an algorithm does, and the claim that proves it."""
    if expectation.because == "observed":
        return f"{expectation.outcome} (observed {trial}, not proved)"
    claim = next((c for c in registry.all_claims().values() if c.name == expectation.because), None)
    return f"{expectation.outcome}: {_named(claim.identifier) if claim else literal(expectation.because)}"


def _parameter(target: Target, name: str) -> str:
    known = registry.all_families()[target.family].parameters[name]
    value, low, high = (readable(x) for x in (target.parameters[name], known.minimum, known.maximum))
    return f"{name} {value}, from {low} to {high}"


def _named(identifier: str) -> str:
    claim = registry.claim_named(identifier)
    return named(claim.identifier, claim.name)
