"""Certificates: what gradient descent from the identity does in exact arithmetic, with proof by ball arithmetic.

A certificate is a record for JSON. Its numbers are texts of rational numbers, so that nothing is rounded on the way. It
makes up to three statements about one exact target:

``loss``
    The excess loss at each checkpoint lies in an interval that its value determines: between the two decimals of
    `DIGITS` digits next to it, or, within `NEAR` units of a decimal, this one's neighbours; below `LEAST`, from 0 on.
``reach``
    The excess loss is at most ``tol`` at step ``reached``, and at no step before.
``floor``
    At no step is the excess loss below ``floor``; if it is, ``crossed`` is the first such step.

Each is certified, refuted, or inconclusive at the precision that is the limit. Precision starts at `FEWEST_BITS` and is
doubled until every statement is decided. `catalog.rechecks.recheck` decides them again, with other arithmetic.
"""

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from catalog.certificate_form import (
    DIGITS,
    FEWEST_BITS,
    FORMAT,
    LARGEST,
    LEAST,
    MOST_DEPTH,
    MOST_STEPS,
    MOST_WORK,
    NEAR,
    NEGLIGIBLE,
    Certificate,
    decimal,
    decimal_exponent,
    signed,
)
from catalog.exact_runs import ExactRun, blocks_of, enclosed_losses, is_symmetric, method_of
from catalog.proofs import require_checker
from dlr._arrays import square_matrix
from dlr.algorithms import GradientDescent
from dlr.arguments import InputError, brief, integer, number
from dlr.solver import default_step_size
from dlr.types import ArrayInput

if TYPE_CHECKING:
    from flint import arb

__all__ = ["certify"]

MOST_BITS = 8192
DEFAULT_STEPS = 1000

WIDENING = 500
"""Steps on layers from which on the work of a step grows with their number: each takes about a bit more."""


def certify(
    target: ArrayInput | Sequence[Fraction],
    depth: int,
    *,
    step_size: float | None = None,
    steps: int | None = None,
    tol: float | None = None,
    floor: float | None = None,
    most_bits: int = MOST_BITS,
) -> Certificate:
    """Follow gradient descent from the identity in exact arithmetic, for targets of small dimension.

    Parameters
    ----------
    target : array, shape (d, d), or a list of fractions
        Every entry is the number that its float64 is. d is at most 16 for symmetric targets, at most 8 for others, and
        not limited for diagonals of real Schur blocks. Of a list of fractions, the symmetric targets that have them as
        eigenvalues, which all have the same losses; the certificate then has the diagonal one.
    depth : int
    step_size : float, optional
        The default step size of `dlr.solve` if it is None.
    steps : int, optional
        Length of the run; if it is None, to the step that reaches ``tol``, at most `DEFAULT_STEPS`.
    tol : float, optional
        Excess loss to reach, for the statement ``reach``.
    floor : float, optional
        For the statement ``floor``.
    most_bits : int
        Largest precision of a ball's centre.

    Returns
    -------
    dict
        The certificate, ready for ``json.dumps``.

    Raises
    ------
    InputError
        If python-flint is not installed, an argument is out of range, the run is too long, or its loss exceeds 1e300.

    Examples
    --------
    >>> import catalog
    >>> found = catalog.certify([[2.0]], depth=1, step_size=0.5, tol=0.01)
    >>> found["reached"], found["checkpoints"][-1]
    (3, {'step': 3, 'loss': ['7.8124999999999999e-3', '7.8125000000000001e-3']})
    """
    depth = integer("depth", depth, maximum=MOST_DEPTH)
    if isinstance(target, list | tuple) and target and all(isinstance(x, Fraction) for x in target):
        diagonal = [number("target", x, minimum=-1e150, maximum=1e150) for x in target]
        matrix = np.diag(diagonal)
        rows = tuple(tuple(x if i == j else Fraction(0) for j in range(len(target))) for i, x in enumerate(target))
    else:
        matrix = square_matrix("target", cast(ArrayInput, target))
        rows = tuple(tuple(map(Fraction, row)) for row in matrix.tolist())
    eta = default_step_size(matrix, depth, GradientDescent()) if step_size is None else step_size
    run = ExactRun(rows, depth, Fraction(number("step_size", eta, above=0)))
    levels = {"tol": tol, "floor": floor}
    return _certificate_of(
        run,
        None if steps is None else integer("steps", steps, minimum=0),
        **{
            name: None if level is None else Fraction(number(name, level, minimum=1e-299, maximum=1e300))
            for name, level in levels.items()
        },
        most_bits=integer("most_bits", most_bits, minimum=FEWEST_BITS, maximum=2**14),
    )


def _certificate_of(
    run: ExactRun, steps: int | None, tol: Fraction | None, floor: Fraction | None, most_bits: int = MOST_BITS
) -> Certificate:
    """`certify` for a target and numbers that may be any rationals."""
    require_checker()
    from flint import ctx

    longest = _longest_run(run)
    if steps is not None and steps > longest:
        raise InputError(f"steps must be at most {longest:,} for this target and depth, got {brief(steps)}: lower it")
    last = min(DEFAULT_STEPS, longest) if steps is None else steps
    bits = FEWEST_BITS
    while True:
        final = 2 * bits > most_bits
        with ctx.workprec(bits):
            found = _followed(run, last, steps is None, tol, floor, final)
        if found is not None:
            return signed(
                {
                    "certificate": FORMAT,
                    "target": [[str(x) for x in row] for row in run.target],
                    "depth": run.depth,
                    "step_size": str(run.step_size),
                    "tol": None if tol is None else str(tol),
                    "floor": None if floor is None else str(floor),
                    "method": method_of(run),
                    "precision": bits,
                    **found,
                }
            )
        bits *= 2


def _longest_run(run: ExactRun) -> int:
    """How many steps may be asked for.

    Raises
    ------
    InputError
        If the target is too large, or its layers are too many.
    """
    d, method, blocks = len(run.target), method_of(run), blocks_of(run.target)
    if blocks is None and d > (most := 16 if is_symmetric(run.target) else 8):
        kind = "symmetric" if most == 16 else "neither symmetric nor of real Schur blocks"
        raise InputError(f"target must be of dimension at most {most} where it is {kind}, got {d}: take a smaller one")
    numbers = d if blocks is None else len(blocks)
    work = 16 * numbers * run.depth.bit_length() if method == "eigenvalues" else run.depth * d**3
    if work > MOST_WORK:
        raise InputError(f"depth must allow a step in {MOST_WORK:,} multiplications, got {run.depth}: lower it")
    longest = min(MOST_WORK // work, MOST_STEPS)
    return longest if method == "eigenvalues" else min(longest, math.isqrt(longest * WIDENING))


def _is_checkpoint(step: int) -> bool:
    """Whether the loss of a step is stated: 0 and the powers of 2; that of the last step is, too."""
    return step & (step - 1) == 0


def _followed(
    run: ExactRun, last: int, until_reached: bool, tol: Fraction | None, floor: Fraction | None, final: bool
) -> dict[str, Any] | None:
    """The statements, or None if one can't be decided at this precision and a higher one may be tried."""
    checkpoints = []
    firsts: dict[str, int | None] = {}
    unsure = set()
    below = {"reached": None if tol is None else _ball(tol), "crossed": None if floor is None else _ball(floor)}
    for step, loss in enumerate(enclosed_losses(run)):
        if loss > LARGEST:
            raise InputError(
                f"step_size must keep the excess loss of the target below 1e300, got more after {step} steps: lower it"
            )
        for name, level in below.items():
            if level is None or name in firsts or name in unsure:
                continue
            if (loss <= level) if name == "reached" else (loss < level):
                firsts[name] = step
            elif not ((loss > level) if name == "reached" else (loss >= level)):
                unsure.add(name)
        lost = not loss < LARGEST  # a ball that holds about everything, and so will the next ones
        if lost:
            unsure.update(["loss", *(name for name in below if name not in firsts)])
        ends = lost or step == last or (until_reached and ("reached" in firsts or "reached" in unsure))
        if _is_checkpoint(step) or ends:
            checkpoints.append({"step": step, "loss": _interval(loss)})
            if checkpoints[-1]["loss"] is None:
                unsure.add("loss")
        if unsure and not final:
            return None
        if ends:
            break
    verdicts = {"loss": "inconclusive" if "loss" in unsure else "certified"}
    for statement, name, good in (("reach", "reached", True), ("floor", "crossed", False)):
        if below[name] is not None:
            told = "certified" if (name in firsts) == good else "refuted"
            verdicts[statement] = "inconclusive" if name in unsure else told
    return {
        "steps": step,
        "checkpoints": checkpoints,
        "reached": firsts.get("reached"),
        "crossed": firsts.get("crossed"),
        "verdicts": verdicts,
    }


def _interval(ball: "arb") -> list[str] | None:
    """The interval of the statement ``loss`` for all numbers in a ball; None if they have several."""
    least = _ball(LEAST)
    if ball < least:
        return [*NEGLIGIBLE]
    if not least < ball or not ball < LARGEST:
        return None
    low, high = (_exactly(end) for end in (ball.lower(), ball.upper()))
    exponent = decimal_exponent(low) - DIGITS + 1
    units = [end / Fraction(10) ** exponent for end in (low, high)]
    nearest = round(units[0])
    if all(abs(unit - nearest) < NEAR for unit in units):
        return [decimal(nearest - 1, exponent), decimal(nearest + 1, exponent)]
    whole = units[0].__floor__()
    if all(whole + NEAR <= unit <= whole + 1 - NEAR for unit in units):
        return [decimal(whole, exponent), decimal(whole + 1, exponent)]
    return None


def _exactly(point: "arb") -> Fraction:
    mantissa, exponent = (int(part) for part in point.man_exp())
    return mantissa * Fraction(2) ** exponent


def _ball(x: Fraction) -> "arb":
    from flint import arb, fmpq

    return arb(fmpq(x.numerator, x.denominator))
