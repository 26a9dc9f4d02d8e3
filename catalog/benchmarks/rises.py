"""Fail when a count of steps rose without a note in the changelog: ``python -m catalog.benchmarks.rises``.

Compares the last results of one machine with those of another, by default ``ci`` with ``reference``. A rise is
accepted when the changelog has a line that names the commit of the reference and the series, such as

    Count rises against 1a2b3c4d: `iterations.Hilbert.track_iterations(8, 'gradient-descent')`, because ...

where ``*`` stands for any text. The line expires when the reference has newer results.
"""

import argparse
import itertools
import json
import math
import re
import sys
from collections.abc import Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

RESULTS = Path(".asv/results")
CHANGELOG = Path("CHANGELOG.md")
COUNTS = ".track_iterations"
THRESHOLD = 1.001

Counts = dict[str, tuple[str, float]]
"""Version and value by series; NaN stands for no result."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; exit code 0 when no count rose without a note, 1 otherwise."""
    parser = argparse.ArgumentParser(prog="python -m catalog.benchmarks.rises")
    parser.add_argument("--machine", default="ci")
    parser.add_argument("--reference", default="reference")
    options = parser.parse_args(arguments)
    commit, before = latest(RESULTS / options.reference)
    _, after = latest(RESULTS / options.machine)
    compared = [name for name in before if name in after and before[name][0] == after[name][0]]
    if not compared:
        print("nothing to compare: no count has results of the same version on both machines")
        return 1
    accepted = notes(CHANGELOG.read_text(encoding="utf-8") if CHANGELOG.exists() else "", commit)
    failures = 0
    for name in compared:
        old, new = before[name][1], after[name][1]
        if math.isnan(old) or new <= old * THRESHOLD:
            continue
        noted = any(fnmatchcase(name, pattern) for pattern in accepted)
        failures += not noted
        print(f"{name}: {old:g} -> {'no result' if math.isnan(new) else f'{new:g}'}{', noted' if noted else ''}")
    if failures:
        print(f"{failures} of {len(compared)} counts rose: undo it, or say why in {CHANGELOG}, with lines like")
        print(f"Count rises against {commit}: `NAME`, because ...")
        return 1
    print(f"{len(compared)} counts compared with {commit}: none rose without a note")
    return 0


def latest(folder: Path) -> tuple[str, Counts]:
    """Short commit and counts of a machine's newest results that have any."""
    best: tuple[int, str, Counts] = (0, "none", {})
    for path in folder.glob("*-*.json"):
        content = json.loads(path.read_text(encoding="utf-8"))
        counts = {key: value for name, row in content["results"].items() for key, value in series(name, row)}
        if counts and content["date"] >= best[0]:
            best = (content["date"], content["commit_hash"][:8], counts)
    return best[1:]


def series(name: str, row: list[Any]) -> list[tuple[str, tuple[str, float]]]:
    """One benchmark's row (values, parameters, version, ...) as series; none unless it is a count."""
    if not name.endswith(COUNTS):
        return []
    names = [f"{name}({', '.join(values)})" for values in itertools.product(*row[1])]
    values = row[0] or [None] * len(names)
    return [(key, (row[2], math.nan if value is None else value)) for key, value in zip(names, values, strict=True)]


def notes(changelog: str, commit: str) -> list[str]:
    """Patterns of the rises that the changelog accepts against this commit of the reference."""
    text = re.findall(rf"Count rises against {commit}: `([^`]+)`", changelog)
    return [pattern.replace("[", "[[]") for pattern in text]


if __name__ == "__main__":
    sys.exit(main())
