"""``dlr falsify``: search for a violation of a claim, by climbing toward its bound."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from catalog.app.commands import add_json

if TYPE_CHECKING:
    from catalog.app.attempt import Try
    from catalog.app.commands import Commands
    from catalog.app.falsification import Search

SECONDS = 10.0


def add_to(commands: Commands) -> None:
    """Declare the command."""
    parser = commands.add_parser("falsify", help="search for a violation of a claim")
    parser.add_argument("claim", metavar="CLAIM", help="identifier or name")
    parser.add_argument("--without", metavar="HYPOTHESIS", help="drop it: its name, or a part that no other has")
    parser.add_argument("--seconds", type=float, metavar="S", help="default: 10, or no limit with --tries")
    parser.add_argument("--tries", type=int, metavar="N", help="problems to check; the same seed finds the same")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="default: 0")
    parser.add_argument("--min-depth", type=int, default=1, metavar="L", help="least depth to look at; default: 1")
    parser.add_argument("--save", action="store_true", help="put the hardest problem on record if it is a new one")
    add_json(parser)
    parser.set_defaults(command=run)


def run(options: argparse.Namespace) -> int:
    """Search, and return 1 if a violation is found."""
    from catalog import registry
    from catalog.app import hardest, output, progress
    from catalog.app.falsification import Search, control_for
    from catalog.app.perturbation import MOST_LAYERS
    from catalog.app.process import Interrupts, ending
    from catalog.loops import compile_loops
    from dlr.arguments import InputError, integer, number

    claim = registry.claim_named(options.claim)
    without = None if options.without is None else control_for(claim, options.without)
    seconds = None if options.seconds is None else number("seconds", options.seconds, above=0)
    tries = None if options.tries is None else integer("tries", options.tries)
    if options.save and without is not None:
        raise InputError(f"save must be without --without, got {options.without!r}: records are inside all hypotheses")
    if options.save:
        hardest.check_savable(claim)
    min_depth = integer("min-depth", options.min_depth, maximum=MOST_LAYERS)
    search = Search(claim, without, integer("seed", options.seed, minimum=0), min_depth)
    limit = SECONDS if seconds is None and tries is None else seconds
    compile_loops()  # before the clock runs
    with Interrupts() as interrupts:
        with progress.shown("searching") as shown:
            shown.line = lambda: _so_far(search, _left(search, tries, limit))
            with interrupts.raising():
                search.run(tries, limit, lambda seen: interrupts.check())
        if search.hardest is None and search.stopped is None:
            raise InputError(f"seconds must let a problem of {claim.identifier} be checked, none was: raise --seconds")
        if search.hardest is not None:
            _finish(search, search.hardest, options)
        if search.stopped is not None:
            word, code = ending(search.stopped)
            output.note(f"{word} after {search.tries:,} tries")
            return code
        interrupts.check()
    return int(search.hardest is not None and search.hardest.violates)


def _finish(search: Search, hardest_try: Try, options: argparse.Namespace) -> None:
    """Print the hardest problem found, and put it on record."""
    from catalog.app import hardest, output, progress, simplification

    found, claim = hardest_try, hardest_try.claim
    if found.violates:
        with progress.shown("simplifying"):
            found = simplification.simplified(search, found)
    try:
        if options.json:
            record = {
                "claim": claim.identifier,
                "name": claim.name,
                "without": search.without,
                "violated": found.violates,
                "seed": search.seed,
                "min_depth": search.min_depth,
                "tries": search.tries,
                "outside": search.outside,
                "restarts": search.restarts,
                "seconds": search.seconds,
                "tries_per_second": search.tries / search.seconds,
                "interrupted": search.stopped is not None,
                **hardest.described(found),
                "script": simplification.script(found),
            }
            output.emit_json(record, options.json)
        else:
            _report(search, found)
    finally:
        if options.save and not found.violates:
            saved = hardest.save(search)
            output.note(f"{hardest.FILE.name} {'has this one now' if saved else 'keeps its own, which is as hard'}")


def _left(search: Search, tries: int | None, seconds: float | None) -> float | None:
    """Seconds left to the first limit."""
    by_tries = search.seconds / search.tries * (tries - search.tries) if tries and search.tries else None
    by_time = seconds - search.seconds if seconds is not None else None
    return min((left for left in (by_tries, by_time) if left is not None), default=None)


def _so_far(search: Search, left: float | None = None) -> str:
    """The search on one line, with the seconds ``left``."""
    from catalog.app.progress import duration
    from catalog.app.tables import counted, readable

    hardest = "-" if search.hardest is None else readable(search.hardest.ratio)
    rate = search.tries / search.seconds if search.seconds else 0
    starts = counted(search.restarts, "start")
    told = f"{search.tries:,} tries, {rate:,.0f} a second, {starts}, ratio {hardest}"
    return told if left is None else f"{told}, about {duration(max(left, 0))} left"


def _report(search: Search, found: Try) -> None:
    from catalog.app import output, simplification
    from catalog.app.layout import Fields, Matrix
    from catalog.app.tables import plain, readable

    claim, problem, seen = found.claim, found.problem, found.evidence
    dropped = "" if search.without is None else f" without {search.without}"
    verdict = "[bold red]violated[/]" if found.violates else "[bold green]no violation found[/]"
    cut = ", interrupted" if search.stopped else ""
    searched = f"{_so_far(search)}, {search.outside:,} outside the hypotheses, {search.seconds:.1f} s{cut}"
    compared = (
        f"observed {seen.observed:.6g}, bound {seen.bound:.6g}, rounding {readable(seen.slack)}; "
        f"``d = {len(problem.target)}``, ``L = {problem.depth}``, {problem.algorithm.name}, step size "
        f"{readable(problem.step_size)}"
    )
    rows = (
        ("claim", plain(f"{claim.identifier} {claim.name}{dropped}: {claim.statement}")),
        ("searched", searched),
        ("simplest" if found.violates else "hardest", plain(f"{claim.quantity}: {compared}; its target is")),
    )
    output.show(verdict)
    output.show(Fields(rows))
    output.show("")
    output.show(Matrix(problem.target, digits=5))
    if found.violates:
        output.show("\nThis shows it again:")
        output.write(f"{simplification.script(found)}\n")
