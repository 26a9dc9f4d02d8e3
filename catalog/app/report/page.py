"""Writes the report as one HTML page, which needs no network, and no script to be read."""

import platform
import shlex
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from catalog import glossary, registry, traits
from catalog.app import pages
from catalog.app.figures import ratios, sweep_maps
from catalog.app.formulas import mathml
from catalog.app.report import coverage, near_saddle, plane_data, theorem_cards, trials
from catalog.app.report.target_sections import target_section
from catalog.app.report.tick_checks import strip
from catalog.app.tables import nearest_record, readable
from catalog.app.validate import LeftOut, Record
from catalog.claim import Claim
from catalog.extras import require
from catalog.family import Target
from dlr import __version__

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Findings:
    """What was checked.

    Attributes
    ----------
    claims, targets, records : sequences
    files : set of str
        Names of the targets that are files.
    algorithm : str
        What takes the place of plain gradient descent, as it was asked for; empty for nothing.
    left_out : mapping of str to str
        Claims that can't be checked, and why.
    """

    claims: Sequence[Claim]
    targets: Sequence[Target]
    records: Sequence[Record]
    files: frozenset[str] = frozenset()
    algorithm: str = ""
    left_out: LeftOut = field(default_factory=dict)

    def command(self, claim: str, target: str = "") -> str:
        """The command that shows the checks of a claim, on one target or all, again."""
        return shlex.join(["dlr", "validate", "--claim", claim]) + self.suffix(target)

    def suffix(self, target: str) -> str:
        """What follows the claim in the command."""
        words = []
        if target:
            words += ["--target-file" if target in self.files else "--target", target]
        if self.algorithm:
            words += ["--algorithm", self.algorithm]
        if target:
            words.append("-v")
        return "".join(f" {shlex.quote(word)}" for word in words)


def require_libraries() -> None:
    """Raise before the work starts where a library that the page needs is missing.

    Raises
    ------
    InputError
        With what to install.
    """
    require("report", "report", "vl_convert", "jinja2", "docutils")


def html(findings: Findings) -> str:
    """The page; its libraries must be there."""
    from markupsafe import Markup

    filters = {
        "readable": readable,
        "math": lambda text: Markup(mathml.within_line(text)),
        "color": lambda kind: ratios.KIND_COLORS[kind],
    }
    return pages.filled(FOLDER, filters, contents(findings))


def contents(findings: Findings) -> dict[str, Any]:
    """What the template shows."""
    claims = [claim for claim in findings.claims if claim.identifier in {row.claim for row in findings.records}]
    condition = {target.name: _condition(target) for target in findings.targets}
    commands = {claim.identifier: findings.command(claim.identifier) for claim in claims}
    made = theorem_cards.theorems(claims, findings.records, condition, commands)
    cells = coverage.cells(claims, findings.targets, findings.records)
    reasons = list(dict.fromkeys(cell.missing for cell in cells.values() if cell.missing))
    sections = [
        target_section(target, [cells[claim.identifier, target.name] for claim in claims], families=_families())
        for target in findings.targets
    ]
    return {
        "findings": findings,
        "status": _status(findings),
        "violations": _violations(findings, cells),
        "phase": plane_data.phase(),
        "strip": strip(findings.records),
        "theorems": made,
        "claims": claims,
        "shown_targets": {target.name for target in findings.targets},
        "suffixes": {target.name: findings.suffix(target.name) for target in findings.targets},
        "names": {claim.name for claim in claims},
        "cells": cells,
        "reasons": {reason: number for number, reason in enumerate(reasons, start=1)},
        "escape": near_saddle.escape(),
        "swept": [
            {"figure": figure, "drawn": figure.drawn(found), "told": figure.told(found)}
            for figure, found in ((figure, sweep_maps.recorded()[figure.name]) for figure in sweep_maps.FIGURES)
        ],
        "targets": sections,
        "limits": (trials.TOL, trials.MAX_STEPS),
        "columns": next((section.trials for section in sections if section.trials), []),
        "symbols": glossary.SHARED,
        "traits": traits.ALL,
    }


def _families() -> Mapping[str, Any]:
    return registry.all_families()


def _condition(target: Target) -> float:
    with np.errstate(all="ignore"):
        return float(np.linalg.cond(target.matrix))


def _violations(findings: Findings, cells: Mapping[tuple[str, str], coverage.Cell]) -> list[dict[str, Any]]:
    """The worst violation of each claim."""
    found: dict[str, list[Record]] = {}
    for cell in cells.values():
        if cell.verdict == "violated" and cell.nearest is not None:
            found.setdefault(cell.claim, []).append(cell.nearest)
    worst = [nearest_record(rows) for rows in found.values()]
    counts = {name: sum(not row.holds for row in findings.records if row.claim == name) for name in found}
    return [
        {"record": row, "count": counts[row.claim], "command": findings.command(row.claim, row.target)} for row in worst
    ]


def _status(findings: Findings) -> dict[str, str]:
    """What was run, where and when."""
    failed = sum(not row.holds for row in findings.records)
    return {
        "checks": f"{len(findings.records):,}",
        "claims": f"{len({row.claim for row in findings.records}):,}",
        "targets": f"{len({row.target for row in findings.records}):,}",
        "verdict": f"{failed:,} violated" if failed else "all hold",
        "version": __version__,
        "commit": _commit(),
        "machine": f"{platform.machine()}, {platform.system()}, {_python()}",
        "date": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
    }


def _python() -> str:
    return f"Python {platform.python_version()}, NumPy {np.__version__}"


def _commit() -> str:
    """The checkout's commit, with a plus where files differ from it; empty where there is none."""
    root = FOLDER.parents[2]
    if not (root / ".git").exists():
        return ""
    git = ["git", "-C", str(root)]
    try:
        commit = subprocess.run([*git, "rev-parse", "--short=10", "HEAD"], capture_output=True, text=True, check=True)
        changed = subprocess.run([*git, "status", "--porcelain", "-uno"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return ""
    return commit.stdout.strip() + ("+" if changed.stdout.strip() else "")
