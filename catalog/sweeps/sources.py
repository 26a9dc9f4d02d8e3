"""Where the targets of a sweep come from: families, members of them, and matrices."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from catalog import files, registry
from dlr._arrays import square_matrix
from dlr.arguments import one_of
from dlr.types import Matrix

__all__: list[str] = []

DIGITS = 32
"""Hexadecimal digits of a matrix's digest."""


@dataclass(frozen=True)
class Source:
    """Where the targets of cells come from: a family, or one matrix.

    Attributes
    ----------
    label : str
        As it is written in the spec.
    family : str
        Empty for a matrix.
    revision : int
        Of the family; 0 for a matrix.
    parameters : mapping of str to int or float
        The family's parameters, those that are axes apart.
    matrix : ndarray, shape (d, d), or None
    digest : str
        Of the matrix; empty for a family.
    """

    label: str
    family: str = ""
    revision: int = 0
    parameters: Mapping[str, float] = field(default_factory=dict, hash=False)
    matrix: Matrix | None = field(default=None, compare=False)
    digest: str = ""

    @classmethod
    def of_matrix(cls, label: str, matrix: Matrix) -> "Source":
        """The source that is a matrix, with the digest of its shape and entries."""
        content = f"{matrix.shape}".encode() + np.ascontiguousarray(matrix, dtype="<f8").tobytes()
        digest = hashlib.sha256(content).hexdigest()[:DIGITS]
        return cls(label or f"matrix {digest[:8]}", matrix=matrix, digest=digest)

    def lines(self) -> list[str]:
        """What determines the source, the family's parameters apart."""
        return [f"family={self.family}", f"revision={self.revision}"] if self.family else [f"matrix={self.digest}"]

    def member(self, parameters: Mapping[str, float]) -> tuple[str, Mapping[str, float], Matrix]:
        """Name, parameters and matrix of the target with these parameters and the source's own.

        Raises
        ------
        InputError
            If the family has no such member.
        """
        if self.matrix is not None:
            return self.label, {}, self.matrix
        return registry.all_families()[self.family].member(**{**self.parameters, **parameters})


def source_named(name: str, value: object, folder: Path = Path()) -> Source:
    """A family, a member or a matrix; files are relative to a folder."""
    if isinstance(value, Source):
        return value
    if not isinstance(value, str):
        return Source.of_matrix("", square_matrix(name, value))  # type: ignore[arg-type]
    if files.is_matrix_file(value):
        return Source.of_matrix(value, files.read_matrix(str(folder / value)))
    family_name, written = registry.parsed(value)
    family = registry.all_families()[one_of(name, family_name, registry.all_families())]
    for key in written:
        one_of(f"parameter of {family.name}", key, family.parameters)
    checked = {key: family.parameters[key].checked(key, number) for key, number in written.items()}
    return Source(value, family.name, family.revision, checked)
