"""``dlr solve``: show what theory promises for one target, then train to it."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from catalog.app.commands import PROVED, add_json, add_step_size

if TYPE_CHECKING:
    from collections.abc import Sequence

    from catalog.app.commands import Commands
    from catalog.app.validate import LeftOut
    from catalog.claim import Promise
    from catalog.family import Target
    from dlr.solution import Solution


def add_to(commands: Commands) -> None:
    """Declare the command."""
    parser = commands.add_parser("solve", help="train to one target, after saying what theory promises")
    parser.add_argument(
        "target", metavar="TARGET|FILE", help="a target such as rotation(angle=1), or .npy .csv .mtx .json"
    )
    parser.add_argument("--depth", type=int, required=True, metavar="L", help="number of layers")
    parser.add_argument(
        "--algorithm",
        default="gradient-descent",
        metavar="A",
        help="gradient-descent (default), step-and-project, penalized, power-projection, or package.module:object",
    )
    add_step_size(parser)
    parser.add_argument("--radius", type=float, metavar="R", help="of step-and-project")
    parser.add_argument("--strength", type=float, metavar="K", help="of penalized")
    parser.add_argument("--margin", type=float, metavar="G", help="of power-projection; default: the target's own")
    parser.add_argument("--start", default="identity", choices=("identity", "zero-asymmetric"), help="initial layers")
    parser.add_argument("--tol", type=float, default=1e-9, metavar="X", help="excess loss to reach (default 1e-9)")
    parser.add_argument("--max-steps", type=int, metavar="N", help="default: 100,000")
    parser.add_argument(
        "--engine",
        default="auto",
        metavar="E",
        help="auto (default), reference, single (precision), compiled or spectral",
    )
    parser.add_argument("--plot", metavar="FILE", help="draw the loss, as .svg or .png")
    add_json(parser)
    parser.set_defaults(command=run)


def run(options: argparse.Namespace) -> int:
    """Solve one target, and return 1 if the tolerance is not reached."""
    from dataclasses import replace

    from catalog import files, registry
    from catalog.algorithm_choice import chosen
    from catalog.app import destinations, outcome, output, preview, progress
    from catalog.app.figures import drawing
    from catalog.app.figures.loss_curve import LossFigure
    from catalog.family import Target
    from catalog.guarantees import promises_for, proved_step_size
    from dlr import network, solver
    from dlr.arguments import InputError
    from dlr.engine_choice import chosen_engine

    plot_file = destinations.checked_destination(options.plot)
    if plot_file is not None:
        image = drawing.format_of(plot_file)
        drawing.require_library()
    if plot_file == "-" and options.json:
        raise InputError("plot must be a file beside --json, got '-': both would go to stdout")
    is_file = files.is_matrix_file(options.target)
    matrix = files.read_matrix(options.target) if is_file else registry.target(options.target).matrix
    left_out: LeftOut = {}
    given = {name: getattr(options, name) for name in ("radius", "strength", "margin")}
    proved = options.step_size == PROVED
    problem = solver.problem_for(
        matrix,
        options.depth,
        chosen(options.algorithm, None if proved else options.step_size, **given),
        tol=options.tol,
        max_steps=options.max_steps,
        engine=options.engine,
    )
    if options.start != "identity":
        problem = replace(problem, initial_layers=network.zero_asymmetric_layers(matrix, problem.depth))
    if proved:
        algorithm = solver.at_step_size(problem.algorithm, proved_step_size(problem, left_out))
        problem = replace(problem, algorithm=algorithm, step_size_source=PROVED)
    engine = chosen_engine(problem)  # refuses an engine that can't run this, before anything is printed
    promised = promises_for(problem, left_out)
    lines = preview.promise_lines(problem, promised, left_out)
    told = not options.json and plot_file != "-"
    if told:
        with output.optional(plot_file is not None):
            own = Target.of(options.target, matrix) if is_file else None
            _say_what_is_known(own, lines, outcome.forbidding(promised, problem.tol), left_out)
    output.note_broken("dlr.claims")
    for claim, why in left_out.items():
        output.note(f"left out {claim}: {why}")
    with progress.shown(f"training to {options.target}"):
        solution = solver.run(problem)
    try:
        if told:
            with output.optional(plot_file is not None):
                _say_what_happened(options, solution, promised, engine)
        if options.json:
            record = {
                "target": options.target,
                "depth": options.depth,
                "algorithm": solution.algorithm.name,
                "outcome": solution.outcome.name,
                "message": outcome.ending(solution, promised),
                "contradicts": outcome.contradictions(solution, promised),
                "steps": solution.steps,
                "loss": solution.loss,
                "lowest_loss": solution.lowest_loss,
                "step_size": solution.step_size,
                "step_size_source": solution.step_size_source,
                "proved_steps": min((made.steps for made in promised if made.steps is not None), default=None),
                "proved_floor": max((made.floor for made in promised if made.floor is not None), default=0.0),
                "engine": engine,
                "traits": preview.trait_records(matrix),
                "promises": lines,
                "product": solution.product.tolist(),
            }
            output.emit_json(record, options.json)
    finally:
        if plot_file is not None:
            figure = LossFigure(solution, promised, f"{options.target}, L = {options.depth}")
            output.save(figure.drawn(image), plot_file, image)
    return 0 if solution.converged and not outcome.contradictions(solution, promised) else 1


LABEL = len("step size")
"""Width of the labels: the longest one's."""


def _say_what_is_known(
    own: Target | None, promises: Sequence[str], forbidding: Promise | None, left_out: LeftOut
) -> None:
    """What is known before the run: traits and claims of a matrix of the user's ``own``, promises, and a floor."""
    from catalog import registry
    from catalog.app import output, preview
    from catalog.app.layout import Fields, literal
    from catalog.app.tables import readable
    from catalog.app.validate import covered

    rows: list[tuple[str, str | Sequence[str]]] = []
    if own is not None:
        output.show(f"[bold]{literal(own.name)}[/], {len(own.matrix)} x {len(own.matrix)}\n")
        output.show(preview.trait_table(own.matrix))
        output.show("")
        claims = registry.all_claims()
        names = [claims[name].identifier for name, on in covered(claims.values(), [own], left_out).items() if on]
        rows.append(("claims", f"{', '.join(names) or 'none'} (dlr validate --target-file checks them)"))
    if forbidding is not None:
        floor = readable(forbidding.floor)
        rows.append(("forbidden", f"[bold]{forbidding.claim} {forbidding.name}: excess loss never below {floor}[/]"))
    rows.append(("promised", [literal(line) for line in promises]))
    output.show(Fields(tuple(rows), LABEL))


def _say_what_happened(
    options: argparse.Namespace, solution: Solution, promised: Sequence[Promise], engine: str
) -> None:
    from catalog.app import outcome, output
    from catalog.app.layout import Fields, literal
    from catalog.app.tables import readable

    start = "" if options.start == "identity" else f", {options.start} start"
    ran = f"{options.target}, L = {options.depth}, {solution.algorithm.name}{start}, {engine} engine"
    rows = (
        ("outcome", f"[bold]{literal(outcome.ending(solution, promised))}[/]"),
        ("against", [f"[bold red]{literal(line)}[/]" for line in outcome.contradictions(solution, promised)]),
        ("loss", outcome.sparkline(solution) if output.can_show(outcome.BLOCKS) else ""),
        ("ran", literal(ran)),
        ("step size", f"{readable(solution.step_size)} ({solution.step_size_source})"),
    )
    output.show(Fields(rows, LABEL))
