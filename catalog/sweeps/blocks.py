"""The cells of a sweep: one run each, with a key that is made of all that determines its result.

A key depends on what a cell is alone, not on the spec that asks for it, so that specs share cells, and a value added to
an axis changes no other cell. Where a family draws its members at random, the seed is made of the family, its revision,
the other parameters and a number from the spec's ``seeds``: runs at several depths, or by several algorithms, have
the same targets.

Keys begin with where a cell lies, setting, parameters and seed: those of a block are side by side in the store's index,
and a batch changes few of its pages, however many rows there are.
"""

import hashlib
import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import dlr
from catalog.sweeps.sources import Source
from catalog.sweeps.step_rules import StepRule

__all__: list[str] = []

OPTIONS = ("radius", "strength", "margin")
"""Options of algorithms."""

OF_SETTING, OF_NUMBER, OF_CELL = 4, 6, 24
"""Hexadecimal digits of a key: of the setting's SHA-256, of each parameter and the seed as binary64 (12 bits of it are
sign and exponent, and as many of the significand), and of the cell's SHA-256, which tells it from all others."""


@dataclass(frozen=True)
class Setting:
    """What the cells of a block share: all but parameters, seed and step size."""

    source: Source
    depth: int
    algorithm: str
    options: Mapping[str, float]
    tol: float
    max_steps: int
    engine: str

    def lines(self) -> list[str]:
        """What determines the setting, the source's parameters apart."""
        own = ("depth", "algorithm", "tol", "max_steps", "engine")
        written = [f"{name}={getattr(self, name)}" for name in own]
        written += [f"algorithm.{name}={value!r}" for name, value in sorted(self.options.items())]
        return [*written, *self.source.lines(), f"version={dlr.__version__}"]


@dataclass(frozen=True)
class Cell:
    """One run.

    Attributes
    ----------
    key : str
    setting : Setting
    parameters : mapping of str to int or float
        Parameters of the family that are axes, and the seed that is made for it where ``seed`` is given.
    seed : int or None
        Number from the spec's ``seeds``.
    step_size : StepRule
    """

    key: str
    setting: Setting
    parameters: Mapping[str, float]
    seed: int | None
    step_size: StepRule


@dataclass(frozen=True)
class Block:
    """Cells that share a setting.

    Attributes
    ----------
    setting : Setting
    names : tuple of str
        Parameters that are axes.
    rows : sequence of tuple
        For each cell the parameters' values, the number from ``seeds`` or None, and the `StepRule`.
    """

    setting: Setting
    names: tuple[str, ...]
    rows: Sequence[tuple[Any, ...]]

    def __len__(self) -> int:
        return len(self.rows)

    def between(self, start: int, stop: int | None = None) -> "Block":
        """The cells from ``start`` to below ``stop``."""
        return replace(self, rows=self.rows[start:stop])

    def without(self, known: set[str]) -> "Block":
        """The cells whose keys are not ``known``."""
        if not known:
            return self
        left = [row for row, key in zip(self.rows, self.keys(), strict=True) if key not in known]
        return replace(self, rows=left)

    def keys(self) -> list[str]:
        """The key of each cell: where it lies, and the start of its inputs' SHA-256, one ``name=value`` a line."""
        shared = hashlib.sha256("\n".join(sorted(self.setting.lines())).encode())
        setting = shared.hexdigest()[:OF_SETTING]
        found = []
        for (values, lines), (*_, seed, rule) in zip(self._parameters(), self.rows, strict=True):
            place = "".join([_start(value) for value in (*values, seed or 0)])
            digest = shared.copy()
            digest.update(f"\n{lines}\nseed={seed}\nstep_size={rule}".encode())
            found.append(f"{setting}{place}{digest.hexdigest()[:OF_CELL]}")
        return found

    def cells(self) -> Iterator[Cell]:
        """Each cell."""
        source = "\n".join(self.setting.source.lines())
        for key, (_, lines), row in zip(self.keys(), self._parameters(), self.rows, strict=True):
            *values, seed, rule = row
            parameters = dict(zip(self.names, values, strict=True))
            if seed is not None:
                content = hashlib.sha256(f"{source}\n{lines}\nseed={seed}".encode()).digest()
                parameters["seed"] = int.from_bytes(content[:4], "big")
            yield Cell(key, self.setting, parameters, seed, rule)

    def _parameters(self) -> Iterator[tuple[list[float], str]]:
        """All parameters of each cell's family, by name, a seed that is made apart: the values, and a line for each."""
        fixed = self.setting.source.parameters
        order = sorted({*fixed, *self.names})
        for row in self.rows:
            own = {**fixed, **dict(zip(self.names, row, strict=False))}
            yield [own[name] for name in order], "\n".join([f"{name}={own[name]!r}" for name in order])


def _start(value: float) -> str:
    """The leading digits of a number: near numbers of one sign share some, and are in order by them."""
    return struct.pack(">d", value).hex()[:OF_NUMBER]
