"""``dlr validate``: check every claim on every target it applies to."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from typing import TYPE_CHECKING

from catalog.app.commands import add_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from catalog.app.commands import Commands
    from catalog.app.validate import Found, LeftOut, Record, Task
    from catalog.family import Target


def add_to(commands: Commands) -> None:
    """Declare the command."""
    parser = commands.add_parser("validate", help="check every claim on every target it applies to")
    add_choice(parser)
    parser.add_argument("--verbose", "-v", action="store_true", help="one row a check instead of one a claim")
    parser.add_argument("--html", metavar="FILE", help="write all that was found as a page, as dlr report does")
    add_json(parser, "FILE")
    parser.set_defaults(command=run)


def add_choice(parser: argparse.ArgumentParser) -> None:
    """Declare what is checked."""
    parser.add_argument("--claim", action="append", default=[], metavar="ID", help="only this claim (repeatable)")
    parser.add_argument("--target", action="append", default=[], metavar="NAME", help="only this target (repeatable)")
    parser.add_argument(
        "--target-file", action="append", default=[], metavar="FILE", help="a matrix of yours (repeatable)"
    )
    parser.add_argument(
        "--algorithm", metavar="A", help="put A, or package.module:object, in place of plain gradient descent"
    )
    parser.add_argument(
        "--workers",
        type=int,
        metavar="N",
        help="processes, at most; default: one for each processor, where all have enough to do (one for --algorithm)",
    )


def run(options: argparse.Namespace) -> int:
    """Validate, and return 1 if a claim is violated."""
    from catalog import registry
    from catalog.algorithm_choice import chosen
    from catalog.app import destinations, output, progress, validate
    from catalog.app.process import Interrupts, ending
    from catalog.app.variant import Variant
    from catalog.sweeps import executors
    from dlr.arguments import InputError

    destination = destinations.checked_destination(options.json)
    page = destinations.checked_destination(options.html)
    if page is not None:
        from catalog.app.report.page import require_libraries

        require_libraries()
    if page == destination == "-":
        raise InputError("html must be a file beside --json -, got '-': both would go to stdout")
    quiet = "-" in (page, destination)
    variant = Variant(chosen(options.algorithm)) if options.algorithm else None
    asked = {claim.name: claim for claim in map(registry.claim_named, options.claim)}
    claims = list((asked or registry.all_claims()).values())
    named, own = _chosen_targets(options)
    targets = [*named, *own] or registry.targets()
    workers = validate.workers_for(len(claims) * len(targets), options.workers)
    if variant:
        workers = 1  # its objects stay in this process
    left_out: LeftOut = {}
    with progress.shown("claims looked at", len(claims)) as shown:
        tasks = validate.tasks_for(shown.over(claims), targets if workers == 1 else own, left_out)
    if tasks and variant:
        unmet = f"no claim asked for runs {options.algorithm}: see dlr claims for those about gradient descent"
        tasks = variant.tasks_about(tasks)
    else:
        unmet = "no claim applies to these targets: see dlr claims for the hypotheses"
    output.note_broken("dlr.targets", "dlr.claims", *(["dlr.algorithms"] if variant else []))
    if not quiet:
        with output.optional(destination is not None or page is not None):
            _preview(own, tasks)
    records: list[Record] = []
    found: dict[int, Found] = {}
    stop: KeyboardInterrupt | None = None
    with Interrupts() as interrupts:
        try:
            if workers == 1:
                with interrupts.raising(), progress.shown("checked", len(tasks)) as shown:
                    for record in shown.over(variant.checked(tasks) if variant else validate.checked(tasks)):
                        records.append(record)
                        interrupts.check()
            else:
                others = workers - 1
                with (
                    executors.processes(others, executors.quickest()) as executor,
                    interrupts.raising(),
                    progress.shown("targets checked", len(targets)) as shown,
                ):
                    for _ in shown.over(validate.check_with(executor, others, claims, targets, found)):
                        interrupts.check()
        except KeyboardInterrupt as error:
            stop = error
        if workers == 1:
            partial = f"{len(records):,} of {len(tasks):,} checks done"
        else:
            records, left_out = validate.in_order(found, claims)
            partial = f"{len(records):,} checks done, on {len(found)} of {len(targets)} targets"
        if not records and stop is None:
            _note(left_out)
            reasons = list(variant.left_out.values()) if variant else []
            # that the algorithm failed tells most
            why = min(reasons, key=lambda reason: not reason.startswith("algorithm "), default="")
            raise InputError(f"{unmet} ({why})" if why else unmet)
        if records:
            detailed = options.verbose or bool(not variant and (options.claim or named or own))
            with output.optional(page is not None):
                _emit(records, destination, detailed, partial if stop else None, quiet)
        left_out |= variant.left_out if variant else {}
        _note(left_out)
        if stop is not None:
            word, code = ending(stop)
            output.note(f"{word}, {partial}{', no page written' if page else ''}")
            return code
        if page is not None:
            from catalog.app.report.page import Findings, html

            findings = Findings(
                claims, targets, records, frozenset(options.target_file), options.algorithm or "", left_out
            )
            with progress.shown("writing the page"), interrupts.raising():
                text = html(findings)
            output.save(text, page, ".html")
        interrupts.check()
    return 0 if all(record.holds for record in records) else 1


def _chosen_targets(options: argparse.Namespace) -> tuple[list[Target], list[Target]]:
    """Targets that are given by name, and those that are given as files."""
    from catalog import files, registry
    from catalog.family import Target
    from dlr.arguments import InputError

    own = [Target.of(name, files.read_matrix(name)) for name in options.target_file]
    for name in options.target:
        if files.is_matrix_file(name):
            raise InputError(f"target {name} is a file: pass --target-file {name}")
    return [registry.target(name) for name in options.target], own


def _emit(records: Sequence[Record], destination: str | None, detailed: bool, partial: str | None, quiet: bool) -> None:
    """Write JSON and print the table unless quiet, each also where the other fails."""
    from catalog.app import output

    try:
        if destination is not None:
            output.emit_json([{**asdict(record), "partial": bool(partial)} for record in records], destination)
    finally:
        if not quiet:
            _report(records, detailed, partial)


def _note(left_out: LeftOut) -> None:
    from catalog.app import output

    for claim, why in left_out.items():
        output.note(f"left out {claim}: {why}")


def _preview(own: Sequence[Target], tasks: Sequence[Task]) -> None:
    """For each matrix of the user's: traits, and what the claims promise before they are checked."""
    from catalog.app import output, preview
    from catalog.app.layout import literal

    for target in own:
        output.show(f"[bold]{literal(target.name)}[/], {len(target.matrix)} x {len(target.matrix)}\n")
        output.show(preview.trait_table(target.matrix))
        output.show("")
        if applying := [task for task in tasks if task.target == target]:
            output.show(preview.claim_table(applying))
            output.show("")


def _report(records: Sequence[Record], detailed: bool, partial: str | None) -> None:
    """Print the verdict, the violations, and the rows."""
    from catalog.app import output, tables

    violated = [record for record in records if not record.holds]
    verdict = f"[bold red]{len(violated):,} violated[/]" if violated else "[bold green]all hold[/]"
    counts = [tables.counted(len(records), "check")]
    counts += [tables.counted(len({record.claim for record in records}), "claim")]
    counts += [tables.counted(len({record.target for record in records}), "target")]
    cut = f"; partial, {partial}" if partial else ""
    output.show(f"{verdict}: {counts[0]} of {counts[1]} on {counts[2]}{cut}")
    if violated and not detailed:
        claims = dict.fromkeys(record.claim for record in violated)
        _show_rows([tables.nearest_record([row for row in violated if row.claim == claim]) for claim in claims])
    for record in violated:
        if record.engine.startswith("raised"):
            output.note(f"{record.claim} {record.engine} on {record.target}, L = {record.depth}")
    if detailed:
        _show_rows(sorted(records, key=lambda record: record.holds))
    else:
        output.show("")
        output.show(tables.summary_table(records))
    if apart := [record for record in records if record.distance]:
        output.show(
            f"\n{len(apart):,} checks are of the exactly structured matrix next to the target, at most "
            f"{tables.readable(max(record.distance for record in apart))} away"
        )
    if not detailed:
        output.show(f"\n{verdict}{cut}; dlr validate -v shows every check")


def _show_rows(records: Sequence[Record]) -> None:
    """A row for each record, below what all of them share."""
    from catalog.app import output, tables
    from catalog.app.layout import literal

    if shared := tables.shared_columns(records):
        first, *_ = records
        observed = [first.quantity] if "claim" in shared else []
        output.show(literal(", ".join([*shared.values(), *observed])))
    output.show("")
    output.show(tables.record_table(records))
