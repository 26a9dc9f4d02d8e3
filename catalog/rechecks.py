r"""Decides the statements of a certificate again: with integers alone, and no code in common with what made it.

`catalog.integer_runs` follows the run, for which this asks of every step.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from catalog.certificate_form import (
    FEWEST_BITS,
    FORMAT,
    LARGEST,
    LEAST,
    MOST_DEPTH,
    MOST_STEPS,
    MOST_WORK,
    NEAR,
    NEGLIGIBLE,
    signed,
)
from catalog.integer_runs import Matrix, blocks_within, losses_within, turned
from catalog.intervals import Interval
from dlr.arguments import brief, mapping

__all__ = ["recheck"]

MOST_BITS = 2**15


class _RefusedError(Exception):
    """A certificate does not say what is so; the message says where."""


class _UnclearError(Exception):
    """The intervals are too wide to decide."""


def recheck(certificate: Mapping[str, Any]) -> str:
    """Why a certificate is refused; empty where every statement is confirmed.

    Refused is whatever is not exactly as `catalog.certificates.certify` writes it, a statement that is not so, and one
    that is inconclusive. Text, digest and all numbers are checked; of the latter only the precision that was needed,
    and a ``tol`` or ``floor`` for which the statement is as true, could be replaced, by someone who renews the digest.

    Parameters
    ----------
    certificate : mapping
        As ``json.load`` reads it.

    Raises
    ------
    InputError
        If it is no mapping with texts as keys.
    """
    certificate = mapping("certificate", certificate, object)
    try:
        certificate = json.loads(json.dumps(dict(certificate)))
    except Exception as error:  # objects may raise anything
        return f"it is not what JSON can hold ({brief(error)})"
    try:
        stated = _read(certificate)
        _require(certificate["digest"] == signed(dict(certificate))["digest"], "digest is of something else")
        bits = stated.precision + FEWEST_BITS
        while bits <= MOST_BITS:
            try:
                _confirm(stated, bits)
            except _UnclearError:
                bits *= 2
            else:
                return ""
        return f"its statements are not confirmed with {MOST_BITS:,} bits"
    except _RefusedError as reason:
        return str(reason)


@dataclass(frozen=True)
class _Stated:
    """What a certificate says, read."""

    target: Matrix
    depth: int
    step_size: Fraction
    steps: int
    tol: Fraction | None
    floor: Fraction | None
    precision: int
    zones: dict[int, tuple[Fraction | float, Fraction]]
    reached: int | None
    crossed: int | None


def _read(certificate: Mapping[str, Any]) -> _Stated:
    """The statements; refuses what is not written as it must be."""
    fields = "certificate target depth step_size tol floor method precision steps checkpoints reached crossed verdicts"
    _require(set(certificate) == {*fields.split(), "digest"}, f"its fields must be {fields} digest")
    _require(certificate["certificate"] == FORMAT, f"certificate is not {FORMAT!r}")
    rows = certificate["target"]
    _require(isinstance(rows, list) and all(isinstance(row, list) and len(row) == len(rows) for row in rows), "target")
    target = [[_rational("target", x) for x in row] for row in rows]
    depth, steps = _count("depth", certificate["depth"], MOST_DEPTH), _count("steps", certificate["steps"], MOST_STEPS)
    _require(target != [] and depth > 0, "target or depth is empty")
    blocks = blocks_within(target)
    method = "eigenvalues" if blocks or target == turned(target) else "layers"
    if method == "layers" and depth % 2 == 0:
        flipped = [[-x if row[i] < 0 else x for x in row] for i, row in enumerate(target)]
        method = "half layers" if flipped == turned(flipped) else method
    _require(certificate["method"] == method, f"method is not {method!r}")
    work = 16 * len(target) * depth.bit_length() if method == "eigenvalues" else depth * len(target) ** 3
    _require(steps * work <= 2 * MOST_WORK and (bool(blocks) or len(target) <= 16), "it is too long to be followed")
    levels = {
        name: None if certificate[name] is None else _rational(name, certificate[name]) for name in ("tol", "floor")
    }
    precision = _count("precision", certificate["precision"], MOST_BITS)
    _require(precision in [FEWEST_BITS << k for k in range(20)], "precision is none that is tried")
    firsts = {
        name: None if certificate[name] is None else _count(name, certificate[name], steps)
        for name in ("reached", "crossed")
    }
    verdicts = {"loss": "certified"}
    if levels["tol"] is not None:
        verdicts["reach"] = "refuted" if firsts["reached"] is None else "certified"
    if levels["floor"] is not None:
        verdicts["floor"] = "certified" if firsts["crossed"] is None else "refuted"
    _require(certificate["verdicts"] == verdicts, f"verdicts are {brief(certificate['verdicts'])}, not {verdicts}")
    return _Stated(
        target=target,
        depth=depth,
        step_size=_rational("step_size", certificate["step_size"]),
        steps=steps,
        precision=precision,
        zones=_zones(certificate["checkpoints"], steps),
        tol=levels["tol"],
        floor=levels["floor"],
        reached=firsts["reached"],
        crossed=firsts["crossed"],
    )


def _zones(checkpoints: Any, steps: int) -> dict[int, tuple[Fraction | float, Fraction]]:
    """Where the excess loss of each checkpoint must be, so that its interval is the one that is stated."""
    wanted = sorted({0, *(1 << k for k in range(steps.bit_length())), steps})
    form = isinstance(checkpoints, list) and all(
        isinstance(point, dict) and set(point) == {"step", "loss"} for point in checkpoints
    )
    _require(
        form and [repr(point["step"]) for point in checkpoints] == [*map(repr, wanted)],
        "checkpoints are not 0, 1, 2, 4, ... and last",
    )
    zones: dict[int, tuple[Fraction | float, Fraction]] = {}
    for point in checkpoints:
        where, texts = f"loss at step {point['step']}", point["loss"]
        _require(isinstance(texts, list) and len(texts) == 2, where)
        if texts == [*NEGLIGIBLE]:
            zones[point["step"]] = (-math.inf, LEAST)
            continue
        matches = [re.fullmatch(r"([1-9])\.(\d{15,17})e(0|-?[1-9]\d{0,2})", str(text), re.ASCII) for text in texts]
        _require(all(matches), f"{where} is not written as two decimals")
        units, exponents = zip(*((int(m[1] + m[2]), int(m[3]) - len(m[2])) for m in matches if m), strict=True)
        unit, width = Fraction(10) ** exponents[1], units[1] - units[0]
        tight = exponents[0] == exponents[1] and 10**16 <= units[1] <= 10**17 + 1 and width in (1, 2)
        _require(tight, f"{where} is no interval of one or two units")
        if width == 1:
            zones[point["step"]] = ((units[0] + NEAR) * unit, (units[1] - NEAR) * unit)
        else:
            zones[point["step"]] = ((units[0] + 1 - NEAR) * unit, (units[1] - 1 + NEAR) * unit)
    return zones


def _confirm(stated: _Stated, bits: int) -> None:
    """Follow the run and compare."""
    levels = {"reached": stated.tol, "crossed": stated.floor}
    bounds = {name: None if level is None else Interval.of(level, bits) for name, level in levels.items()}
    firsts: dict[str, int | None] = {"reached": None, "crossed": None}
    found = losses_within(stated.target, stated.depth, stated.step_size, bits)
    for step, loss in zip(range(stated.steps + 1), found, strict=False):
        _require(loss.low <= LARGEST << bits, f"the excess loss exceeds 1e300 at step {step}")
        _decided(loss.high <= LARGEST << bits)
        for name, bound in bounds.items():
            if bound is not None and firsts[name] is None:
                above = loss.low > bound.high or (name == "crossed" and loss.low == bound.high)
                _decided(above or loss.high < bound.low or (name == "reached" and loss.high == bound.low))
                firsts[name] = None if above else step
        if step in stated.zones:
            (low, high), (least, most) = loss.ends, stated.zones[step]
            _require(low <= most and high >= least, f"loss at step {step} is {float(low):.17g}, not in its interval")
            _decided(least <= low and high <= most)
    for name in ("reached", "crossed"):
        _require(firsts[name] == getattr(stated, name), f"{name} is {getattr(stated, name)}, not {firsts[name]}")


def _rational(name: str, text: object) -> Fraction:
    """A number in lowest terms, as `Fraction` writes it."""
    form = isinstance(text, str) and len(text) < 2000 and re.fullmatch(r"-?\d+(/\d+)?", text)
    _require(bool(form) and not str(text).endswith("/0"), f"{name} holds {brief(text)}, no rational number")
    value = Fraction(str(text))
    _require(str(value) == text, f"{name} holds {brief(text)}, which is not in lowest terms")
    _require(value > 0 or name == "target", f"{name} is {brief(text)}, not above 0")
    return value


def _count(name: str, value: object, most: int) -> int:
    _require(type(value) is int and 0 <= value <= most, f"{name} is {brief(value)}, not an integer from 0 to {most:,}")
    assert isinstance(value, int)
    return value


def _require(fulfilled: bool, reason: str) -> None:
    if not fulfilled:
        raise _RefusedError(reason)


def _decided(is_so: bool) -> None:
    if not is_so:
        raise _UnclearError
