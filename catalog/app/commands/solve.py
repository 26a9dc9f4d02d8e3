"""``dlr solve``: train to one target, and say beforehand what theory promises."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from catalog.app.commands import add_json

if TYPE_CHECKING:
    from catalog.app.commands import Commands


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
    parser.add_argument("--step-size", type=float, metavar="X", help="default: the covering theorem's")
    parser.add_argument("--radius", type=float, metavar="R", help="of step-and-project")
    parser.add_argument("--strength", type=float, metavar="K", help="of penalized")
    parser.add_argument("--margin", type=float, metavar="G", help="of power-projection; default: the target's own")
    parser.add_argument("--tol", type=float, default=1e-9, metavar="X", help="excess loss to reach (default 1e-9)")
    parser.add_argument("--max-steps", type=int, metavar="N", help="default: the proved bound, or 100,000")
    parser.add_argument("--engine", default="auto", metavar="E", help="auto (default), reference, compiled or spectral")
    parser.add_argument("--plot", metavar="FILE.svg", help="write the loss curve")
    add_json(parser)
    parser.set_defaults(command=run)


def run(options: argparse.Namespace) -> int:
    """Solve one target."""
    from rich.markup import escape

    from catalog import registry
    from catalog.app import files, output, plot, preview
    from catalog.app.algorithms import chosen
    from catalog.app.tables import number
    from dlr import promise, solve
    from dlr.solve import for_target

    files.check_destination(options.plot)
    is_file = files.is_matrix_file(options.target)
    matrix = files.read_matrix(options.target) if is_file else registry.target(options.target).matrix
    given = {name: getattr(options, name) for name in ("radius", "strength", "margin")}
    algorithm = for_target(chosen(options.algorithm, options.step_size, **given), matrix)
    settings = {"tol": options.tol, "engine": options.engine}
    solve(matrix, options.depth, algorithm, max_steps=min(options.max_steps or 0, 0), **settings)  # checks arguments
    lines = preview.promise_lines(matrix, options.depth, algorithm, options.tol)
    if not options.json:
        if is_file:
            output.show(preview.trait_table(options.target, matrix))
            names = [claim.identifier for claim in registry.claims().values() if claim.applies_to(matrix)]
            output.show(f"claims     {', '.join(names) or 'none'} (dlr validate --target-file checks them)")
        for line in lines:
            output.show(f"promised   {line}")
    solution = solve(matrix, options.depth, algorithm, max_steps=options.max_steps, **settings)
    promised = promise(matrix, options.depth, solution.algorithm, options.tol)
    if options.plot:
        files.write_text(options.plot, plot.loss_svg(solution, promised, f"{options.target}, L = {options.depth}"))
    if options.json:
        record = {
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
            "traits": preview.trait_records(matrix),
            "promises": lines,
            "product": solution.product.tolist(),
        }
        output.emit_json(record, options.json)
    else:
        ran = f"{options.target}, L = {options.depth}, {solution.algorithm.name}, {solution.engine} engine"
        output.show(f"ran        {escape(ran)}")
        output.show(f"step size  {number(solution.step_size)} ({solution.step_size_source})")
        output.show(f"outcome    {solution.message}")
    return 0
