"""``dlr certify``: enclose the exact run to one target and write a certificate, or check one."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from catalog.app.commands import PROVED, add_json, add_step_size

if TYPE_CHECKING:
    from fractions import Fraction

    from catalog.app.commands import Commands
    from catalog.certificate_form import Certificate
    from dlr.problem import Problem
    from dlr.types import Matrix


def add_to(commands: Commands) -> None:
    """Declare the command."""
    parser = commands.add_parser(
        "certify",
        help="enclose an exact run to a small target in ball arithmetic (python-flint)",
        description="Encloses gradient descent from the identity, in exact arithmetic, on a target of small dimension.",
    )
    parser.add_argument(
        "target", nargs="?", metavar="TARGET|FILE", help="as for dlr solve, to the last bit, or diag(1/3, -1)"
    )
    parser.add_argument("--depth", type=int, metavar="L", help="number of layers")
    parser.add_argument("--steps", type=int, metavar="T", help="default: to the tolerance, at most 1,000")
    add_step_size(parser)
    parser.add_argument("--tol", type=float, metavar="X", help="excess loss to reach (default 1e-9 without a floor)")
    parser.add_argument(
        "--floor", type=float, metavar="X", help="excess loss to stay above (default: as a claim proves)"
    )
    parser.add_argument("--max-bits", type=int, metavar="N", help="largest precision (default 8,192)")
    parser.add_argument("--nearest", action="store_true", help="take the exactly structured matrix next to the target")
    parser.add_argument("--check", metavar="FILE", help="check the certificate in a file instead")
    add_json(parser, "FILE")
    parser.set_defaults(command=run)


def run(options: argparse.Namespace) -> int:
    """Certify, and return 1 if a statement is not certified; or check, and return 1 if the certificate is refused."""
    from catalog.app import destinations, output, progress
    from catalog.certificates import MOST_BITS, certify
    from catalog.proofs import require_checker
    from dlr.arguments import InputError

    if options.check is not None:
        if options.target is not None:
            raise InputError(f"check must be without a target, got {options.target!r} too: drop one of them")
        return _check(options.check)
    for name, value in (("target", options.target), ("depth", options.depth)):
        if value is None:
            raise InputError(f"{name} must be given, got none: dlr certify TARGET --depth L, or --check FILE")
    require_checker()
    destination = destinations.checked_destination(options.json)
    exact, matrix, taken = _target(options.target, options.nearest)
    problem = _problem(matrix, options)
    by, floor = (None, options.floor) if options.floor is not None else _proved_floor(problem)
    with progress.shown(f"certifying {options.target}"):
        found = certify(
            exact,
            problem.depth,
            step_size=problem.step_size,
            steps=options.steps,
            tol=1e-9 if options.tol is None and floor is None else options.tol,
            floor=floor,
            most_bits=MOST_BITS if options.max_bits is None else options.max_bits,
        )
    try:
        if destination is not None:
            output.emit_json(found, destination)
    finally:
        if destination != "-":
            _show("target", f"{options.target}, {taken}")
            _report(found, by)
    return int(set(found["verdicts"].values()) != {"certified"})


def _target(name: str, nearest: bool) -> tuple[Matrix | list[Fraction], Matrix, str]:
    """What is certified, exactly and as a matrix of floats, and what it is."""
    import numpy as np

    from catalog import files, registry
    from catalog.app.tables import readable
    from catalog.neighbours import exact_neighbours

    if name.startswith("diag("):
        eigenvalues = _fractions(name)
        return eigenvalues, np.diag([float(x) for x in eigenvalues]), "and every symmetric target of these eigenvalues"
    matrix = files.read_matrix(name) if files.is_matrix_file(name) else registry.target(name).matrix
    size = f"{len(matrix)} x {len(matrix)}"
    *_, last = exact_neighbours(matrix)
    if nearest and last.distance:
        told = f"{size}: not it, but the exactly structured matrix at most {readable(last.distance)} away"
        return last.matrix, last.matrix, told
    return matrix, matrix, f"{size}, as it is to the last bit"


def _fractions(written: str) -> list[Fraction]:
    """The numbers of ``diag(1/3, -0.1)``."""
    from fractions import Fraction

    from dlr.arguments import InputError, brief, number

    try:
        eigenvalues = [Fraction(part.strip()) for part in written.removeprefix("diag(").removesuffix(")").split(",")]
    except (ValueError, ZeroDivisionError):
        raise InputError(f"target must be like diag(1/3, -0.1), got {brief(written)}: write rational numbers") from None
    for x in eigenvalues:
        number("target", x)  # refuses what is too large for a float
    return eigenvalues


def _problem(matrix: Matrix, options: argparse.Namespace) -> Problem:
    """The run, with its step size."""
    from catalog.guarantees import proved_step_size
    from dlr import GradientDescent, solver

    own = None if options.step_size == PROVED else options.step_size
    problem = solver.problem_for(matrix, options.depth, GradientDescent(own))
    if options.step_size != PROVED:
        return problem
    return solver.problem_for(matrix, options.depth, GradientDescent(proved_step_size(problem)))


def _proved_floor(problem: Problem) -> tuple[str | None, float | None]:
    """The largest floor that a claim proves for the run in exact arithmetic, and which claim."""
    from catalog import guarantees
    from catalog.claims import reflections

    found = {made.floor: made.claim for made in guarantees.promises_for(problem) if made.floor}
    if reflections.reflections_fail.covers(problem):
        found[reflections.promised_floor(problem.target)] = reflections.reflections_fail.identifier
    return (found[max(found)], max(found)) if found else (None, None)


def _check(name: str) -> int:
    from catalog import files
    from catalog.rechecks import recheck

    certificate = files.read_record(name)
    refused = recheck(certificate)
    if refused:
        _show("refused", refused)
        return 1
    _report(certificate, None)
    _show("confirmed", "every statement, in integer arithmetic")
    return 0


def _report(found: Certificate, by: str | None) -> None:
    """Each statement and its verdict."""
    from fractions import Fraction

    from catalog.app.tables import readable

    sizes = {name: readable(float(Fraction(found[name]))) for name in ("step_size", "tol", "floor") if found[name]}
    _show(
        "run",
        f"gradient descent from the identity in exact arithmetic, L = {found['depth']}, step size "
        f"{sizes['step_size']}, {found['steps']:,} steps",
    )
    interval = found["checkpoints"][-1]["loss"]
    between = f" from {interval[0]} to {interval[1]}" if interval else ""
    lines = {"loss": f"excess loss after {found['steps']:,} steps{between}"}
    for statement, what, first in (("reach", "at most", "reached"), ("floor", "below", "crossed")):
        verdict = found["verdicts"].get(statement)
        if verdict is not None:
            when = "in no step" if found[first] is None else f"first at step {found[first]:,}"
            level = sizes["tol" if statement == "reach" else "floor"]
            source = f" ({by})" if by and statement == "floor" else ""
            lines[statement] = f"excess loss {what} {level}{source}{'' if verdict == 'inconclusive' else f' {when}'}"
    for statement, verdict in found["verdicts"].items():
        _show(statement, f"{verdict}: {lines[statement]}")
    _show("method", f"{found['method']}, {found['precision']:,} bits")


def _show(label: str, text: str) -> None:
    from catalog.app import output
    from catalog.app.layout import Fields, literal

    output.show(Fields(((label, literal(text)),), len("confirmed")))
