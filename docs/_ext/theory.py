"""The pages of the theory, written from the registry and the docstrings of the claims' modules."""

import contextlib
import importlib
import re
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path
from types import ModuleType

from catalog import conditions, glossary, registry
from catalog.app import ledger
from catalog.app.formulas import latex
from catalog.app.hardest import hardest_instances
from catalog.app.tables import recorded_ratio
from catalog.claim import Claim, Kind
from markup import bullets, heading, listing, short, typeset

ROOT = Path(__file__).parents[2]


def theory_pages() -> Iterator[tuple[str, str]]:
    """Paths below ``docs`` and texts."""
    claims = list(registry.all_claims().values())
    modules = {claim.origin: importlib.import_module(claim.origin) for claim in claims}
    yield "theory/index.rst", theory_index(claims)
    for origin, module in modules.items():
        yield f"theory/{short(origin)}.rst", claims_page(module, [claim for claim in claims if claim.origin == origin])
        yield f"theory/{short(origin)}_source.rst", source_page(module)
    yield "theory/findings.rst", findings_page(claims)
    yield "theory/shared.rst", shared_letters()
    yield "theory/letters.rst", letters(modules)


def group(claim: Claim) -> str:
    """The heading under which a claim's module stands."""
    return "Open questions" if claim.kind is Kind.CONJECTURE else claim.source.reference


def theory_index(claims: list[Claim]) -> str:
    """The claims by source, each with its statement."""
    text = heading("Theory") + INTRODUCTION
    firsts = {claim.origin: claim for claim in reversed(claims)}
    modules = sorted(firsts.values(), key=lambda claim: claim.order)
    order = {name: place for place, name in reversed(list(enumerate(group(claim) for claim in modules)))}
    ordered = sorted(modules, key=lambda claim: order[group(claim)])
    for name, found in groupby(ordered, key=group):
        text += "\n" + heading(name, "-") + "\n"
        documents = []
        for claim in found:
            own = [other for other in claims if other.origin == claim.origin]
            identifiers = ", ".join(other.identifier for other in own)
            documents.append(
                f"{short(claim.origin).replace('_', ' ').capitalize()} ({identifiers}) <{short(claim.origin)}>"
            )
            for other in own:
                text += f"* :ref:`{other.identifier} <claim-{other.name}>` {typeset(other.statement, escaped=False)}\n"
        text += "\n.. toctree::\n   :hidden:\n\n" + "".join(f"   {name}\n" for name in documents)
    return text


INTRODUCTION = """
Every statement here is a claim of the catalog: a theorem with its hypotheses, a proof with explicit constants, and a
check that can fail. A page holds the statement and the proof as the module of the claim states them, then each claim
with what its check observes, and its negative controls: problems that drop exactly one hypothesis, among which the
claim must fail. :doc:`/symbols` lists the letters.

*Ratio* is observed / bound, over the catalog's targets inside the hypotheses at all depths checked; for a lower
bound the smallest. It is *rounding* where the bound itself is a rounding allowance.
"""


def claims_page(module: ModuleType, claims: list[Claim]) -> str:
    """Statement, proof and claims of a module."""
    title, _, rest = (module.__doc__ or "").strip().partition("\n\n")
    before, proof, after = rest.partition("\nProof")
    text = f".. py:currentmodule:: {module.__name__}\n\n.. _module-{short(module.__name__)}:\n\n"
    text += heading(" ".join(title.split()).rstrip(".")) + "\n" + typeset(before, escaped=False) + "\n"
    if proof:
        text += typeset(proof + after, escaped=False) + "\n\n"
    text += numeric_steps(claims)
    text += heading("Claims", "-") + "\n" + "\n".join(map(claim_entry, claims))
    return (
        f"{text}\n:doc:`The module in full <{short(module.__name__)}_source>`: formulas, draws, controls and check.\n"
    )


def claim_entry(claim: Claim) -> str:
    """A claim as its registry entry describes it."""
    recorded = ledger.recorded().get(claim.name, {})
    ratio = recorded_ratio(claim, recorded) if recorded else ""
    at = f", on {recorded['at']}" if recorded.get("at") else ""
    _, _, more = (claim.check.__doc__ or "").partition("\n\n")
    lines = [" ".join(part.split()) for part in more.split("\n\n") if part.strip()]
    rows = [
        ("Kind", claim.kind.value),
        ("Source", f"`{claim.source} <{claim.source.link}>`__; constants {claim.source.constants}"),
        ("Hypotheses", bullets(typeset(hypothesis.name) for hypothesis in claim.hypotheses)),
        ("Letters", bullets(f":f:`{name}`: {typeset(meaning, escaped=False)}" for name, meaning in claim.symbols)),
        ("Observed", typeset(claim.quantity)),
        ("Ratio", typeset(ratio + at) if ratio else ""),
        ("Must fail", bullets(f"{c.name}: without {typeset(c.drops.name)}" for c in claim.controls)),
        ("Only for the proof", bullets(f"{typeset(a.drops.name)}: {typeset(a.finding)}" for a in claim.proof_only)),
        ("Wrong solvers caught", ", ".join(recorded.get("catches", {}))),
        ("Other side", f":ref:`claim-{registry.claim_named(claim.partner).name}`" if claim.partner else ""),
    ]
    text = f".. _claim-{claim.name}:\n\n" + heading(f"{claim.identifier} {claim.name}", "~")
    return f"{text}\n{typeset(claim.statement, escaped=False)}\n\n{listing(rows)}" + "".join(
        f"{typeset(line, escaped=False)}\n\n" for line in lines
    )


def numeric_steps(claims: list[Claim]) -> str:
    """The steps of these claims' proofs that are inequalities between numbers."""
    steps = list({id(step): step for claim in claims for step in claim.proof}.values())
    if not steps:
        return ""
    text = heading("Numeric steps", "-") + "\nEach is proved on the whole range of its variables in ball arithmetic:\n"
    text += f"``dlr claims {claims[0].identifier} --proof``.\n\n"
    for step in steps:
        ranges = [f"{name} from {float(low):g} to {float(high):g}" for name, (low, high) in step.ranges.items()]
        text += f"* {typeset(step.text)}" + (f" (for {typeset(', '.join(ranges))})" if ranges else "") + "\n"
    return text + "\n"


def source_page(module: ModuleType) -> str:
    """The whole text of a module."""
    path = Path(str(module.__file__)).relative_to(ROOT)
    title = heading(str(path))
    return (
        f":orphan:\n:nosearch:\n\n{title}\n:ref:`module-{short(module.__name__)}`\n\n.. literalinclude:: ../../{path}\n"
    )


def findings_page(claims: list[Claim]) -> str:
    """What no cited paper states, each with the claim that checks it."""

    def section(title: str, rows: Iterable[tuple[Claim, str]]) -> str:
        listed = (f"* :ref:`claim-{claim.name}`{typeset(text, escaped=False)}\n" for claim, text in rows)
        return f"\n{heading(title, '-')}\n{''.join(listed)}"

    theorems = [claim for claim in claims if claim.kind is not Kind.CONJECTURE]
    own = [(claim, f": {claim.statement}") for claim in theorems if claim.source.after is not None]
    exact = [
        (claim, f": the control “{control.name}” finds runs below the floor")
        for claim in claims
        for control in claim.controls
        if control.drops is conditions.exact_arithmetic
    ]
    unneeded = [(claim, f", without “{a.drops.name}”: {a.finding}") for claim in claims for a in claim.proof_only]
    deeper = {name: f", from two layers on {r['ratio']:.2f}" for name, r in hardest_instances(min_depth=2).items()}
    ratios = {
        name: f"; the hardest instance on record has observed / bound {r['ratio']:.2f}{deeper.get(name, '')}"
        for name, r in hardest_instances().items()
    }
    conjectures = [
        (claim, f": {claim.statement.rstrip('.')}{ratios.get(claim.identifier, '')}")
        for claim in claims
        if claim.kind is Kind.CONJECTURE
    ]
    return (
        heading("What the suite found")
        + FINDINGS
        + section("Theorems beyond the papers", own)
        + section("True in exact arithmetic, not in floating point", exact)
        + section("Hypotheses that only a proof needs", unneeded)
        + section("Open, and searched without finding a violation", conjectures)
    )


FINDINGS = """
Findings that the papers do not state. The claim named with each checks it, and its page has the proof.
"""


def shared_letters() -> str:
    """A table of the letters that mean the same in every statement, to be included in the page of symbols."""
    text = ".. list-table::\n   :widths: auto\n   :header-rows: 1\n\n   * - symbol\n     - written\n     - meaning\n"
    for letter, meaning in glossary.SHARED.items():
        text += f"   * - :f:`{letter}`\n     - ``{letter}``\n     - {typeset(meaning, escaped=False)}\n"
    return text


def letters(modules: dict[str, ModuleType]) -> str:
    """A table of the letters that a statement defines for itself, to be included in the page of symbols."""
    text = ".. list-table::\n   :widths: auto\n\n"
    found: dict[tuple[str, str], list[str]] = {}
    for origin, module in modules.items():
        identifiers = ", ".join(claim.identifier for claim in registry.all_claims().values() if claim.origin == origin)
        for formula, letter in definitions(module).items():
            if letter not in glossary.SHARED:
                found.setdefault((letter, formula), []).append(f":doc:`{identifiers} </theory/{short(origin)}>`")
    for letter, formula in sorted(found, key=lambda key: (key[0].lower(), key)):
        text += f"   * - :f:`{formula}`\n     - {', '.join(found[letter, formula])}\n"
    return text


def definitions(module: ModuleType) -> dict[str, str]:
    """The equations of a module's statement that define the letter they begin with, with the letter."""
    found = {}
    for written in re.findall(r"``([^`]+)``", (module.__doc__ or "").partition("\nProof")[0]):
        formula = " ".join(written.split())
        match = re.match(r"([A-Za-z]+)\b[^<>=]* = ", formula)
        with contextlib.suppress(latex.NotAFormulaError):
            if match and latex.pieces(formula):
                found[formula] = match[1]
    return found
