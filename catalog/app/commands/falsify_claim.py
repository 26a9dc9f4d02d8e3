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
    parser.add_argument("--save", action="store_true", help="put the hardest problem on record if it is a new one")
    add_json(parser)
    parser.set_defaults(command=run)


def run(options: argparse.Namespace) -> int:
    """Search, and return 1 if a violation is found."""
    from catalog import registry
    from catalog.app import hardest, output, simplification
    from catalog.app.falsification import Search, control_for
    from catalog.app.progress import watching
    from dlr.arguments import InputError, integer, number

    claim = registry.claim_named(options.claim)
    without = None if options.without is None else control_for(claim, options.without)
    seconds = None if options.seconds is None else number("seconds", options.seconds, above=0)
    tries = None if options.tries is None else integer("tries", options.tries)
    if options.save and without is not None:
        raise InputError(f"save must be without --without, got {options.without!r}: records are inside all hypotheses")
    if options.save:
        hardest.check_savable(claim)
    search = Search(claim, without, integer("seed", options.seed, minimum=0))
    with watching() as say:
        limit = SECONDS if seconds is None and tries is None else seconds
        search.run(tries, limit, lambda seen: say(lambda: _so_far(seen)))
    if search.hardest is None:
        raise InputError(f"seconds must be enough to check a problem of {claim.identifier}, none was: raise --seconds")
    found = simplification.simplified(search, search.hardest) if search.hardest.violates else search.hardest
    if options.json:
        record = {
            "claim": claim.identifier,
            "name": claim.name,
            "without": without,
            "violated": found.violates,
            "seed": search.seed,
            "tries": search.tries,
            "outside": search.outside,
            "restarts": search.restarts,
            "seconds": search.seconds,
            "tries_per_second": search.tries / search.seconds,
            "interrupted": search.interrupted,
            **hardest.described(found),
            "script": simplification.script(found),
        }
        output.emit_json(record, options.json)
    else:
        _report(search, found)
    if options.save and not found.violates:
        saved = hardest.save(search)
        output.note(f"{hardest.FILE.name} {'has this one now' if saved else 'keeps its own, which is as hard'}")
    return int(found.violates)


def _so_far(search: Search) -> str:
    """The search on one line."""
    from catalog.app.tables import readable

    worst = "-" if search.hardest is None else readable(search.hardest.ratio)
    rate = search.tries / search.seconds if search.seconds else 0
    return f"{search.tries:,} tries, {rate:,.0f} a second, {search.restarts:,} starts, worst ratio {worst}"


def _report(search: Search, found: Try) -> None:
    from rich.markup import escape

    from catalog.app import output, simplification
    from catalog.app.tables import readable

    claim, problem, seen = found.claim, found.problem, found.evidence
    dropped = "" if search.without is None else f" without {search.without}"
    output.show(escape(f"{claim.identifier} {claim.name}{dropped}: {claim.statement}"))
    cut = ", interrupted" if search.interrupted else ""
    output.show(f"searched   {_so_far(search)}, {search.outside:,} outside the hypotheses, {search.seconds:.1f} s{cut}")
    output.show(
        escape(
            f"{'simplest' if found.violates else 'hardest '}   {claim.quantity}: observed {seen.observed:.6g}, bound "
            f"{seen.bound:.6g}, rounding {readable(seen.slack)}; d = {len(problem.target)}, L = {problem.depth}, "
            f"{problem.algorithm.name}, step size {readable(problem.step_size)}"
        )
    )
    width = max(len(f"{x:.5g}") for x in problem.target.flat)
    for row in problem.target:
        print("          ", *(f"{x:{width}.5g}" for x in row))
    if not found.violates:
        output.show("[bold green]no violation found[/]")
        return
    output.show("[bold red]violated[/]: this shows it again")
    print(simplification.script(found))
