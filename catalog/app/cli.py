"""The ``dlr`` command: validate claims, list targets and claims, solve one target.

Exit codes: 0 all well, 1 a claim is violated, 2 bad input.
"""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import MISSING, asdict, fields
from typing import NoReturn

from rich.console import Console

from dlr.algorithms import ALGORITHMS, Algorithm
from dlr.arguments import InputError, one_of

PIPE_WIDTH = 140


class _Parser(argparse.ArgumentParser):
    """Errors on one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: error: {message} (see {self.prog} --help)\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns the exit code."""
    options = _parser().parse_args(arguments)
    command: Callable[[argparse.Namespace], int] = options.command
    try:
        return command(options)
    except InputError as error:
        print(f"dlr: error: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:  # the reader, such as head, has had enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        print("dlr: interrupted", file=sys.stderr)
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="dlr", description="Deep linear residual networks: the theorems, executable.")
    commands = parser.add_subparsers(metavar="COMMAND", required=True, parser_class=_Parser)

    validate = commands.add_parser("validate", help="check every claim on every target it applies to")
    validate.add_argument("--claim", action="append", default=[], metavar="ID", help="only this claim (repeatable)")
    validate.add_argument("--target", action="append", default=[], metavar="NAME", help="only this target (repeatable)")
    validate.add_argument("--verbose", "-v", action="store_true", help="one row a check instead of one a claim")
    _add_json(validate, "FILE")
    validate.set_defaults(command=_validate)

    targets = commands.add_parser("targets", help="list the catalog's targets")
    targets.add_argument(
        "--trait", action="append", default=[], metavar="T", help="only targets with it; not-T for without (repeatable)"
    )
    _add_json(targets)
    targets.set_defaults(command=_targets)

    claims = commands.add_parser("claims", help="list the claims and their hypotheses")
    _add_json(claims)
    claims.set_defaults(command=_claims)

    solve = commands.add_parser("solve", help="train to one target and say what theory promised")
    solve.add_argument("target", metavar="TARGET|FILE", help="a target such as rotation(angle=1), or .npy .csv .json")
    solve.add_argument("--depth", type=int, required=True, metavar="L", help="number of layers")
    solve.add_argument(
        "--algorithm",
        default="gradient-descent",
        metavar="A",
        help="gradient-descent (default), step-and-project, penalized or power-projection",
    )
    solve.add_argument("--step-size", type=float, metavar="X", help="default: the covering theorem's")
    solve.add_argument("--radius", type=float, metavar="R", help="of step-and-project")
    solve.add_argument("--strength", type=float, metavar="K", help="of penalized")
    solve.add_argument("--margin", type=float, metavar="G", help="of power-projection; default: the target's own")
    solve.add_argument("--tol", type=float, default=1e-9, metavar="X", help="excess loss to reach (default 1e-9)")
    solve.add_argument("--max-steps", type=int, metavar="N", help="default: the proved bound, or 100,000")
    solve.add_argument("--engine", default="auto", metavar="E", help="auto (default), reference or spectral")
    solve.add_argument("--plot", metavar="FILE.svg", help="write the loss curve")
    _add_json(solve)
    solve.set_defaults(command=_solve)
    return parser


def _add_json(parser: argparse.ArgumentParser, file: str | None = None) -> None:
    if file is None:
        parser.add_argument("--json", action="store_const", const="-", help="print JSON instead of a table")
    else:
        parser.add_argument("--json", nargs="?", const="-", metavar=file, help="write JSON there, or print it")


def _validate(options: argparse.Namespace) -> int:
    from catalog import registry
    from catalog.app import files
    from catalog.app.progress import tracked
    from catalog.app.validate import plan, validate

    files.check_destination(options.json)
    claims = [registry.claim(name) for name in options.claim] or list(registry.claims().values())
    targets = [registry.target(name) for name in options.target] or registry.targets()
    tasks = plan(claims, targets)
    if not tasks:
        raise InputError("no claim applies to these targets: see dlr claims for the hypotheses")
    records = list(tracked(validate(tasks), len(tasks)))
    violated = [record for record in records if not record.holds]
    if options.json:
        _emit_json([asdict(record) for record in records], options.json)
    if options.json != "-":
        from catalog.app import tables

        detailed = options.verbose or options.claim or options.target
        _print(tables.record_table(records) if detailed else tables.summary_table(records))
        if violated and not detailed:
            _print(tables.record_table(violated))
        count = f"{len(records):,} checks of {len({r.claim for r in records})} claims"
        verdict = f"[bold red]{len(violated)} violated[/]" if violated else "[bold green]all hold[/]"
        _print(f"{count} on {len({r.target for r in records})} targets: {verdict}")
    return 1 if violated else 0


def _targets(options: argparse.Namespace) -> int:
    from catalog import registry
    from catalog.app import tables

    targets = registry.targets(*options.trait)
    if options.json:
        _emit_json(
            [
                {
                    "name": target.name,
                    "parameters": dict(target.parameters),
                    "traits": sorted(target.traits),
                    "description": registry.families()[target.family].description,
                    "source": registry.families()[target.family].source,
                    "matrix": target.matrix.tolist(),
                }
                for target in targets
            ],
            options.json,
        )
    else:
        _print(tables.target_table(targets))
    return 0


def _claims(options: argparse.Namespace) -> int:
    from catalog import registry
    from catalog.app import ledger, tables

    claims, targets = list(registry.claims().values()), registry.targets()
    if options.json:
        _emit_json(
            [
                {
                    "claim": claim.identifier,
                    "name": claim.name,
                    "statement": claim.statement,
                    "source": str(claim.source),
                    "link": claim.source.link,
                    "constants": claim.source.constants,
                    "kind": claim.kind.value,
                    "quantity": claim.quantity,
                    "hypotheses": [hypothesis.name for hypothesis in claim.hypotheses],
                    "targets": [target.name for target in targets if claim.applies_to(target.matrix)],
                    "artefacts": dict(claim.artefacts),
                    "worst_ratio": ledger.recorded().get(claim.name, {}).get("ratio"),
                }
                for claim in claims
            ],
            options.json,
        )
    else:
        _print(tables.claim_table(claims, targets, ledger.recorded()))
    return 0


def _solve(options: argparse.Namespace) -> int:
    from catalog import registry
    from catalog.app import files, plot
    from catalog.app.tables import number
    from dlr import promise, solve

    files.check_destination(options.plot)
    matrix = (
        files.read_matrix(options.target)
        if files.is_matrix_file(options.target)
        else registry.target(options.target).matrix
    )
    solution = solve(
        matrix,
        options.depth,
        _algorithm(options),
        tol=options.tol,
        max_steps=options.max_steps,
        engine=options.engine,
    )
    promised = promise(matrix, options.depth, solution.algorithm, options.tol)
    if options.plot:
        files.write_text(options.plot, plot.loss_svg(solution, promised, f"{options.target}, L = {options.depth}"))
    if options.json:
        _emit_json(
            {
                "target": options.target,
                "depth": options.depth,
                "algorithm": solution.algorithm.name,
                "outcome": solution.outcome.name,
                "message": solution.message,
                "steps": solution.steps,
                "loss": solution.loss,
                "lowest_loss": solution.lowest_loss,
                "step_size": solution.step_size,
                "step_size_source": solution.step_size_source,
                "proved_steps": promised.steps,
                "proved_floor": promised.floor,
                "engine": solution.engine,
                "product": solution.product.tolist(),
            },
            options.json,
        )
    else:
        _print(f"[bold]{options.target}[/], L = {options.depth}, {solution.algorithm.name}, {solution.engine} engine")
        _print(f"step size  {number(solution.step_size)} ({solution.step_size_source})")
        if promised.steps is not None:
            _print(f"promised   excess loss {options.tol:g} within {promised.steps:,} steps")
        if promised.floor > 0:
            _print(f"promised   excess loss never below {number(promised.floor)}")
        _print(f"outcome    {solution.message}")
    return 0


def _algorithm(options: argparse.Namespace) -> Algorithm:
    """The algorithm asked for, with just the options it has."""
    kind = ALGORITHMS[one_of("algorithm", options.algorithm, ALGORITHMS)]
    given = {"step_size": options.step_size}
    own = {field.name: field for field in fields(kind)}
    for name in ("radius", "strength", "margin"):
        value = getattr(options, name)
        if value is not None and name not in own:
            raise InputError(f"{name} does not apply to {kind.name}, got {value:g}: drop --{name}")
        if value is None and name in own and own[name].default is MISSING:
            raise InputError(f"{name} must be given for {kind.name}, got none: pass --{name} X")
        if value is not None:
            given[name] = value
    return kind(**given)


def _emit_json(value: object, destination: str) -> None:
    from catalog.app import files

    text = files.to_json(value)
    if destination == "-":
        sys.stdout.write(text)
    else:
        files.write_text(destination, text)


def _print(content: object) -> None:
    """Print to the terminal's width; to a pipe or file, wide enough for every table."""
    width = None if sys.stdout.isatty() or "COLUMNS" in os.environ else PIPE_WIDTH
    Console(width=width, highlight=False).print(content)


if __name__ == "__main__":
    sys.exit(main())
