"""The command: ``python -m tests.mutants``."""

import argparse
import hashlib
import json
import math
import multiprocessing
import os
import re
import shutil
import subprocess
import sys
import time
import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from .edits import Mutant, mutants_of
from .selection import Selection
from .trial import Trials, Verdict, copy_repository, load_libraries

ROOT = Path(__file__).parents[2]
ROOM = ROOT / ".mutants"
LIST = Path(__file__).parent / "equivalent.toml"
CHANCE = 0.01
"""How likely a sample may be to have as many survivors as the least share allows, before that counts as too many."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description="Mutation testing of dlr and catalog.")
    parser.add_argument("places", nargs="*", help="modules or folders, dlr/spectral.py or dlr/spectral.py:57; else all")
    parser.add_argument("--count", type=int, help="how many mutants to draw; without, all")
    parser.add_argument("--seed", default="0", help="of the draw: any text, such as a commit")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="processes")
    parser.add_argument("--seconds", type=float, default=float("inf"), help="start no further mutant after this long")
    parser.add_argument("--budget", type=float, default=60.0, help="seconds of tests a mutant, as they take without it")
    parser.add_argument(
        "--least", type=float, default=1.0, metavar="SHARE", help="fail only if fewer are killed, beyond chance (1)"
    )
    parser.add_argument("--list", action="store_true", help="show the mutants, and run nothing")
    options = parser.parse_args()
    mutants = drawn(options.places, options.seed, options.count)
    if not mutants:
        parser.error(
            f"no mutant at {' '.join(options.places)}: name a module of dlr or catalog, with a line that has one"
        )
    if options.list:
        for mutant in mutants:
            print(described(mutant))
        return 0
    if sys.version_info < (3, 12):
        parser.error("recording which test runs what takes Python 3.12 or newer")
    return report(verdicts(mutants, options.jobs, options.seconds, options.budget), options.least)


def drawn(places: list[str], seed: str, count: int | None) -> list[Mutant]:
    """Mutants at these places; if only some are wanted, a draw that an edit elsewhere does not change."""
    paths = [path for package in ("dlr", "catalog") for path in sorted((ROOT / package).rglob("*.py"))]
    found = []
    for path in paths:
        module = path.relative_to(ROOT).as_posix()
        wanted = [re.fullmatch(r"(.*?)(?::(\d+))?", place) for place in places]
        lines = [int(match[2] or 0) for match in wanted if f"{module}/".startswith(match[1].rstrip("/") + "/")]
        if (lines or not places) and "templates" not in path.parts:
            of_module = mutants_of(module, path.read_text(encoding="utf-8"))
            found += [mutant for mutant in of_module if not lines or 0 in lines or mutant.line in lines]
    if count is None:
        return found
    return sorted(found, key=lambda mutant: hashlib.sha256(f"{seed}{mutant.key}".encode()).digest())[:count]


def described(mutant: Mutant) -> str:
    """Place and edit, on one line."""
    return f"{mutant.module}:{mutant.line} {mutant.function}: {mutant.before}  ->  {mutant.after}"


def equivalent() -> list[dict[str, str]]:
    """Entries of the list of mutants that change nothing that a test could be asked to notice, each with its reason.

    One that has several lines ``after`` is one for each.
    """
    listed = tomllib.loads(LIST.read_text(encoding="utf-8"))
    chosen = [
        {"module": module, "function": function, "reason": group["reason"]}
        for group in listed["choices"]
        for module, functions in group["places"].items()
        for function in functions
    ]
    for entry in listed["mutant"]:
        after = entry.get("after")
        chosen += [{**entry, "after": line} for line in after] if isinstance(after, list) else [entry]
    return chosen


def is_listed(entry: dict[str, str], mutant: Mutant) -> bool:
    """Whether an entry is about a mutant: in its function or one inside, and of its lines where it says which."""
    return (
        entry["module"] == mutant.module
        and f"{mutant.function}.".startswith(f"{entry['function']}.")
        and entry.get("before", mutant.before) == mutant.before
        and entry.get("after", mutant.after) == mutant.after
    )


def recording(jobs: int) -> dict[str, Any]:
    """What each test runs: recorded once for each state of the code, in a copy of the repository."""
    parts = [sorted((ROOT / part).rglob("*")) for part in ("dlr", "catalog", "tests")]
    files = [file for part in parts for file in part if file.suffix in SOURCES and file.parent.name != "mutants"]
    state = hashlib.sha256(b"".join(hashlib.sha256(file.read_bytes()).digest() for file in files)).hexdigest()
    kept = ROOM / "recorded.json"
    if kept.exists() and (recorded := json.loads(kept.read_text(encoding="utf-8")))["state"] == state:
        return recorded
    print("recording which functions each test runs", flush=True)
    shutil.rmtree(ROOM, ignore_errors=True)
    copy_repository(ROOT, ROOM / "base")
    options = ["-q", "-p", "tests.mutants.recording", "-p", "no:cacheprovider"]
    command = [sys.executable, "-m", "pytest", *options, "--hypothesis-profile=recording", "-n", str(jobs)]
    environment = {**os.environ, "PYTHONPATH": str(ROOM / "base"), "OPENBLAS_NUM_THREADS": "1"}
    run = [*command, "--record", str(ROOM / "part"), *(f"--ignore={name}" for name in SLOW)]
    subprocess.run(run, cwd=ROOM / "base", env=environment, stdout=subprocess.DEVNULL, check=False)
    recorded = {"state": state, "tests": {}, "files": {}}
    for part in ROOM.glob("part*"):
        found = json.loads(part.read_text(encoding="utf-8"))
        recorded["tests"] |= found["tests"]
        recorded["files"] |= found["files"]
    kept.write_text(json.dumps(recorded), encoding="utf-8")
    return recorded


SOURCES = {".py", ".json", ".toml"}
SLOW = [
    "tests/test_documents.py",
    "tests/test_mutants.py",
    "tests/test_outside_package.py",
    "tests/catalog/test_planted_regressions.py",
]
"""Tests that run whole programs in other processes, which nobody can wait for with every mutant."""


def verdicts(
    mutants: list[Mutant], jobs: int, seconds: float, budget: float
) -> Iterator[tuple[Mutant, Verdict | str | None]]:
    """Each mutant with its verdict, with the reason why it is equivalent, or with None where time is up."""
    selection = Selection(recording(jobs), ROOT)
    for name in sorted(selection.failing):
        print(f"fails without any mutant, left out: {name}")
    load_libraries()
    known, work = equivalent(), []
    for mutant in mutants:
        reasons = [entry["reason"] for entry in known if is_listed(entry, mutant)]
        if reasons:
            yield mutant, reasons[0]
        else:
            work.append(mutant)
    if work:
        unchanged = replace(work[0], text=(ROOT / work[0].module).read_text(encoding="utf-8"))
        verdict = attempt((unchanged, times(selection, unchanged, 5.0), float("inf")))[1]
        if verdict is None or verdict.killed:
            sys.exit(f"without any mutant the trial fails too: {verdict}")
    end = time.monotonic() + seconds
    with multiprocessing.get_context("fork").Pool(jobs) as pool:
        tasks = ((mutant, times(selection, mutant, budget), end) for mutant in work)
        yield from pool.imap_unordered(attempt, tasks)


def times(selection: Selection, mutant: Mutant, budget: float) -> dict[str, float]:
    """Tests to run for a mutant, with the seconds that each takes, as many as take the seconds given."""
    chosen, left = {}, budget
    for name in selection.tests_for(mutant):
        if left > 0:
            chosen[name] = selection.tests[name]["seconds"]
            left -= chosen[name]
    return chosen


def attempt(task: tuple[Mutant, dict[str, float], float]) -> tuple[Mutant, Verdict | None]:
    """One task of a worker; no verdict if it is too late to begin."""
    mutant, tests, end = task
    if time.monotonic() > end:
        return mutant, None
    return mutant, Trials(ROOM / "base", ROOM / f"trial-{os.getpid()}")(mutant, tests)


def report(results: Iterator[tuple[Mutant, Verdict | str | None]], least: float) -> int:
    """One line a mutant, a table by package, and the exit code: 1 where too many survive, or none could be tried."""
    counts: Counter[tuple[str, str]] = Counter()
    for mutant, verdict in results:
        package = mutant.module.rpartition("/")[0]
        if verdict is None:
            outcome, detail = "too late", ""
        elif isinstance(verdict, str):
            outcome, detail = "equivalent", verdict
        elif verdict.killed:
            outcome, detail = "killed", f"{verdict.seconds:.1f} s, {verdict.test}"
        else:
            outcome, detail = "survived", f"{verdict.seconds:.1f} s, {verdict.tests} tests"
        counts[package, outcome] += 1
        if verdict is not None:
            print(f"{outcome:10} {described(mutant)}  [{detail}]", flush=True)
    packages, outcomes = sorted({package for package, _ in counts}), ("killed", "survived", "equivalent", "too late")
    print(f"\n{'package':24} " + " ".join(f"{outcome:>10}" for outcome in outcomes))
    for package in packages:
        print(f"{package:24} " + " ".join(f"{counts[package, outcome]:10}" for outcome in outcomes))
    killed, survived, late = (
        sum(counts[p, outcome] for p in packages) for outcome in ("killed", "survived", "too late")
    )
    tried = killed + survived
    print(f"{killed} of {tried} mutants that are not known to be equivalent are killed")
    return int(late > tried == 0 or too_many(survived, tried, least))


def too_many(survived: int, tried: int, least: float) -> bool:
    """Whether so many survivors, or more, have a chance below `CHANCE` if the least share of all mutants is killed."""
    fewer = sum(math.comb(tried, n) * (1 - least) ** n * least ** (tried - n) for n in range(survived))
    return survived > 0 and 1 - fewer < CHANCE


if __name__ == "__main__":
    sys.exit(main())
