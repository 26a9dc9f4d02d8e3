"""What a worker computes: the rows of some cells, for about as long as it is told."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, TypeAlias

import numpy as np

import dlr
from catalog.algorithm_choice import chosen
from catalog.sweeps.blocks import OPTIONS, Block, Cell, Setting
from catalog.sweeps.step_rules import sizes_for
from catalog.sweeps.store import packed
from dlr import network
from dlr.algorithms import Algorithm
from dlr.arguments import InputError
from dlr.types import Matrix

__all__: list[str] = []

FIRST, GROWTH = 4, 8
"""Cells that are run together first where nothing is known of them, and how many times more may be so next."""

MOST_ENTRIES = 2**21
"""Most entries of the layers of cells that are run together."""

USUAL_DIMENSION = 12
"""What a family's members are taken to have before one is known: the largest in this catalog."""

REFUSED = "REFUSED"
"""Outcome of a cell that can't be run."""

Row: TypeAlias = tuple[Any, ...]


@dataclass(frozen=True)
class Computed:
    """What a worker returns.

    Attributes
    ----------
    tables : list of (names, rows)
        Rows as the store has them, with the names of their columns.
    rest : tuple of Block
        Cells for which the time was too short.
    cells : int
        Number of rows.
    seconds : float
    refused : int
        How many of the cells can't be run.
    image : bytes
        The rows as a database, where they come from another process: ``tables`` is empty then.
    """

    tables: list[tuple[tuple[str, ...], list[Row]]]
    rest: tuple[Block, ...]
    cells: int
    seconds: float
    refused: int = 0
    image: bytes = b""


def compute(blocks: Sequence[Block], seconds: float, first: int = FIRST) -> Computed:
    """Run cells in order until they are done or the time is over; at least one is run, and ``first`` together."""
    start = time.monotonic()
    tables: dict[tuple[str, ...], list[Row]] = {}
    cells = 0
    for number, block in enumerate(blocks):
        done, size = 0, min(first, _most_together(block.setting, USUAL_DIMENSION))
        while done < len(block):
            if cells and time.monotonic() - start >= seconds:
                return _ended(tables, (block.between(done), *blocks[number + 1 :]), start)
            before = time.monotonic()
            part = block.between(done, done + size)
            names, rows, dimension = _rows(part)
            tables.setdefault(names, []).extend(rows)
            done, cells = done + len(part), cells + len(part)
            now = time.monotonic()
            left = int((start + seconds - now) / max(now - before, 1e-6) * len(part))
            size = max(1, min(GROWTH * size, _most_together(block.setting, dimension), left))
    return _ended(tables, (), start)


def compute_packed(blocks: Sequence[Block], seconds: float, first: int = FIRST) -> Computed:
    """As `compute`, with the rows as a database: whoever stores them only copies it."""
    found = compute(blocks, seconds, first)
    return replace(found, tables=[], image=packed(found.tables))


def _ended(tables: Mapping[tuple[str, ...], list[Row]], rest: tuple[Block, ...], start: float) -> Computed:
    rows = [row for found in tables.values() for row in found]
    refused = sum(row[OUTCOME] == REFUSED for row in rows)
    return Computed(list(tables.items()), rest, len(rows), time.monotonic() - start, refused)


def _most_together(setting: Setting, dimension: int) -> int:
    """How many cells fit into memory together; the dimension is that of the setting's matrix, where it has one."""
    d = dimension if setting.source.matrix is None else len(setting.source.matrix)
    return max(1, MOST_ENTRIES // (setting.depth * d**2))


SHARED = (
    *("key", "target", "family", "revision", "digest", "dimension", "depth", "algorithm"),
    *("algorithm_radius", "algorithm_strength", "algorithm_margin", "step_rule", "step_factor"),
    *("tol", "max_steps", "asked_engine", "seed", "version"),
    *("outcome", "converged", "steps", "start_loss", "loss", "lowest_loss", "step_size", "engine", "refusal"),
)
"""Columns of every row; those of the family's parameters follow."""

OUTCOME = SHARED.index("outcome")

Ended: TypeAlias = tuple[
    str, int, int | None, float | None, float | None, float | None, float | None, str | None, str | None
]
"""Outcome, converged, steps, loss at the start, at the end and the lowest one, step size, engine, refusal."""

UNKNOWN: Ended = (REFUSED, 0, None, None, None, None, None, None, None)
"""Of a cell that is still to be run."""


def _rows(block: Block) -> tuple[tuple[str, ...], list[Row], int]:
    """Names of columns, a row for each cell, and the largest dimension."""
    setting, cells = block.setting, list(block.cells())
    members: list[tuple[str, Mapping[str, float]]] = []
    ends: list[Ended] = []
    matrices: dict[int, dict[int, Matrix]] = {}
    for place, cell in enumerate(cells):
        try:
            name, parameters, matrix = setting.source.member(cell.parameters)
            members.append((name, parameters))
            matrices.setdefault(len(matrix), {})[place] = matrix
            ends.append(UNKNOWN)
        except InputError as error:
            members.append((setting.source.label, {**setting.source.parameters, **cell.parameters}))
            ends.append(_refused(error))
    dimensions: dict[int, int] = {}
    for d, found in matrices.items():
        ran = _run([cells[place] for place in found], np.stack(list(found.values())))
        for place, end in zip(found, ran, strict=True):
            ends[place], dimensions[place] = end, d
    names = _parameter_names(block)
    source, run, limits = _shared(setting)
    rows = []
    for place, (cell, (name, parameters), end) in enumerate(zip(cells, members, ends, strict=True)):
        rule, seed = cell.step_size, parameters.get("seed") if cell.seed is None else cell.seed
        written = (str(rule), rule.factor if rule.unit else None)
        own = (parameters.get(parameter) for parameter in names)
        target = (cell.key, name, *source, dimensions.get(place))
        rows.append((*target, *run, *written, *limits, seed, dlr.__version__, *end, *own))
    return (*SHARED, *(column_of(parameter) for parameter in names)), rows, max(1, *matrices)


def _shared(setting: Setting) -> tuple[Row, Row, Row]:
    """The columns that all cells of a setting share: source, run, and how it is run."""
    source = setting.source
    own = (source.family or None, source.revision or None, source.digest or None)
    run = (setting.depth, setting.algorithm, *(setting.options.get(name) for name in OPTIONS))
    return own, run, (setting.tol, setting.max_steps, setting.engine)


def _parameter_names(block: Block) -> list[str]:
    """Parameters that have columns of their own: dimension and seed are columns of every cell."""
    names = {*block.setting.source.parameters, *block.names} - {"dimension", "seed"}
    return sorted(names)


def column_of(parameter: str) -> str:
    """The column of a family's parameter."""
    return f"parameter_{parameter}" if parameter != parameter.lower() or parameter in SHARED else parameter


def _refused(error: InputError) -> Ended:
    return REFUSED, 0, None, None, None, None, None, None, str(error)


def _run(cells: Sequence[Cell], targets: Matrix) -> list[Ended]:
    """Run cells that share a setting; one that can't be run is found by halving."""
    try:
        return _solved(cells, targets)
    except InputError as error:
        if len(cells) == 1:
            return [_refused(error)]
        half = len(cells) // 2
        return _run(cells[:half], targets[:half]) + _run(cells[half:], targets[half:])


@cache
def _algorithm(name: str, options: tuple[tuple[str, float], ...]) -> Algorithm:
    return chosen(name, **dict(options))


def _solved(cells: Sequence[Cell], targets: Matrix) -> list[Ended]:
    setting = next(iter(cells)).setting
    algorithm = _algorithm(setting.algorithm, tuple(setting.options.items()))
    tol, max_steps, engine = setting.tol, setting.max_steps, setting.engine
    rules = [cell.step_size for cell in cells]
    sizes = sizes_for(rules, targets, setting.depth, algorithm, tol=tol, max_steps=max_steps, engine=engine)
    found = dlr.solve_batch(
        *(targets, setting.depth, algorithm),
        step_sizes=sizes,
        tol=tol,
        max_steps=max_steps,
        engine=engine,
        threads=1,
    )
    _, d, _ = targets.shape
    with np.errstate(over="ignore"):
        start_loss = network.half_square(np.eye(d) - targets)
    columns = (found.steps, start_loss, found.loss, found.lowest_loss, found.step_size, found.engine)
    return [
        (outcome.name, int(outcome is dlr.Outcome.CONVERGED), *values, None)
        for outcome, *values in zip(found.outcome, *(column.tolist() for column in columns), strict=True)
    ]
