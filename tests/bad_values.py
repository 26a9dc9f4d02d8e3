"""Values that may be passed where they don't belong, by name; each call makes fresh ones."""

import math
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import array_api_strict as strict
import numpy as np
from scipy import sparse

M = np.array([[2.0, 0.5], [0.5, 1.0]])


class Raises:
    """An object that raises whatever one asks of it."""

    def __repr__(self) -> str:
        raise RuntimeError("no repr")

    def __array__(self, *_: object, **__: object) -> np.ndarray:
        raise RuntimeError("no array")

    def __float__(self) -> float:
        raise RuntimeError("no float")

    def __index__(self) -> int:
        raise RuntimeError("no index")

    def __len__(self) -> int:
        raise RuntimeError("no length")

    def __iter__(self) -> None:
        raise RuntimeError("no iterator")

    def __bool__(self) -> bool:
        raise RuntimeError("no bool")


def nested(copies: int) -> list[Any]:
    """A list that holds itself."""
    items: list[Any] = []
    items.extend([items] * copies)
    return items


NUMBERS: dict[str, Callable[[], Any]] = {
    "zero": lambda: 0,
    "negative": lambda: -1,
    "float": lambda: 2.5,
    "negative-float": lambda: -0.5,
    "true": lambda: True,
    "numpy-bool": lambda: np.bool_(True),
    "nan": lambda: math.nan,
    "inf": lambda: math.inf,
    "minus-inf": lambda: -math.inf,
    "complex": lambda: 1j,
    "huge": lambda: 10**19,
    "negative-huge": lambda: -(10**19),
    "2**63": lambda: 2**63,
    "10**400": lambda: 10**400,
    "10**5000": lambda: 10**5000,
    "-10**5000": lambda: -(10**5000),
    "denormal": lambda: 5e-324,
    "1e-320": lambda: 1e-320,
    "1e-300": lambda: 1e-300,
    "1e300": lambda: 1e300,
    "1e308": lambda: 1e308,
    "-1e308": lambda: -1e308,
    "fraction": lambda: Fraction(1, 3),
    "huge-fraction": lambda: Fraction(10**5000, 3),
    "decimal": lambda: Decimal("0.5"),
    "decimal-nan": lambda: Decimal("NaN"),
    "float32": lambda: np.float32(0.5),
    "longdouble": lambda: np.longdouble("1e4000"),
    "int8": lambda: np.int8(-3),
    "0-d": lambda: np.array(0.5),
    "datetime": lambda: np.datetime64("2020-01-01"),
}
OBJECTS: dict[str, Callable[[], Any]] = {
    "none": lambda: None,
    "empty-text": lambda: "",
    "text": lambda: "a",
    "newline": lambda: "a\nb",
    "long-text": lambda: "a" * 100_000,
    "bytes": lambda: b"1",
    "object": object,
    "class": lambda: int,
    "lambda": lambda: lambda *_, **__: None,
    "generator": lambda: (x for x in (1.0, 2.0)),
    "dict": lambda: {"a": 1},
    "set": lambda: {1.0},
    "huge-range": lambda: range(10**11),
    "raises": Raises,
    "nested": lambda: nested(1),
    "twice-nested": lambda: nested(2),
    "empty-tuple": lambda: (),
    "tuple": lambda: (1, "a"),
}
ARRAYS: dict[str, Callable[[], Any]] = {
    "empty-list": lambda: [],
    "empty": lambda: np.empty((0, 0)),
    "empty-row": lambda: [[]],
    "vector": lambda: np.ones(2),
    "3x3": lambda: np.eye(3),
    "wide": lambda: np.ones((2, 3)),
    "3-d": lambda: np.ones((3, 2, 2)),
    "4-d": lambda: np.ones((2, 3, 2, 2)),
    "ragged": lambda: [[1.0], [2.0, 3.0]],
    "zeros": lambda: np.zeros((2, 2)),
    "singular": lambda: np.ones((2, 2)),
    "reflection": lambda: np.diag([1.0, -1.0]),
    "nan-matrix": lambda: np.full((2, 2), math.nan),
    "inf-matrix": lambda: np.array([[math.inf, 0.0], [0.0, 1.0]]),
    "complex-matrix": lambda: M * 1j,
    "bool-matrix": lambda: np.eye(2, dtype=bool),
    "object-matrix": lambda: np.array([[object(), 1.0], [1.0, 1.0]]),
    "object-bool": lambda: np.array([[True, 1.0], [1.0, 1j]], dtype=object),
    "huge-integers": lambda: [[10**400, 0], [0, 1]],
    "text-matrix": lambda: np.array([["1", "0"], ["0", "1"]]),
    "structured": lambda: np.zeros((2, 2), dtype=[("x", float)]),
    "dates": lambda: np.zeros((2, 2), dtype="datetime64[s]"),
    "integers": lambda: np.array([[2, 1], [1, 2]]),
    "single": lambda: M.astype(np.float32),
    "longdouble-matrix": lambda: np.full((2, 2), np.longdouble("1e4000")),
    "swapped-bytes": lambda: M.astype(">f8"),
    "masked": lambda: np.ma.array(M, mask=[[True, False], [False, False]]),
    "unmasked": lambda: np.ma.array(M),
    "masked-3-d": lambda: np.ma.array(np.ones((3, 2, 2)), mask=True),
    "masked-rows": lambda: [np.ma.array([1.0, 2.0], mask=[True, False]), [0.0, 1.0]],
    "masked-entry": lambda: [[np.ma.masked, 0.0], [0.0, 1.0]],
    "sparse": lambda: sparse.csr_array(M),
    "matrix-class": lambda: M.view(np.matrix),
    "read-only": lambda: np.broadcast_to(1.5, (2, 2)),
    "broadcast-huge": lambda: np.broadcast_to(1.0, (10**6, 10**6)),
    "broadcast-stack": lambda: np.broadcast_to(1.0, (10**12, 2, 2)),
    "denormals": lambda: M * 1e-320,
    "tiny": lambda: M * 1e-300,
    "large": lambda: M * 1e300,
    "largest": lambda: np.full((2, 2), 1.7e308),
    "mixed-scales": lambda: np.array([[1e308, 1e-320], [-1e308, 1.0]]),
    "strict": lambda: strict.asarray(M),
    "strict-integers": lambda: strict.asarray([[1, 2], [3, 4]]),
    "strict-complex": lambda: strict.asarray(M * 1j),
    "strict-single": lambda: strict.asarray(M, dtype=strict.float32),
    "memoryview": lambda: memoryview(M),
}
ZOO = {**NUMBERS, **OBJECTS, **ARRAYS}

NOT_ARRAYS = {
    "none",
    "text",
    "newline",
    "bytes",
    "object",
    "class",
    "lambda",
    "generator",
    "dict",
    "set",
    "raises",
    "nested",
    "twice-nested",
    "huge-range",
    "true",
    "datetime",
    "ragged",
    "bool-matrix",
    "object-matrix",
    "object-bool",
    "huge-integers",
    "text-matrix",
    "structured",
    "dates",
    "sparse",
    "strict-integers",
    "masked",
    "unmasked",
    "masked-3-d",
    "masked-rows",
    "broadcast-huge",
    "broadcast-stack",
}
NOT_NUMBERS = {*OBJECTS, *ARRAYS, "true", "numpy-bool", "complex", "decimal", "decimal-nan", "0-d", "datetime"}
NOT_INTEGERS = {
    "float",
    "negative-float",
    "nan",
    "inf",
    "minus-inf",
    "denormal",
    "fraction",
    "huge-fraction",
    "float32",
    "longdouble",
}

REFUSED: dict[str, set[str]] = {
    "array": NOT_ARRAYS,
    "finite array": {
        *NOT_ARRAYS,
        "nan",
        "inf",
        "complex",
        "complex-matrix",
        "nan-matrix",
        "inf-matrix",
        "masked-entry",
    },
    "int": NOT_NUMBERS | NOT_INTEGERS,
    "float": {*NOT_NUMBERS, "10**400", "10**5000", "-10**5000", "huge-fraction"},
    "bool": set(ZOO) - {"true"},
    "function": set(ZOO) - {"class", "lambda"},
    "instance": set(ZOO),
    "tuple": set(ZOO) - {"empty-tuple"},
    "mapping": set(ZOO) - {"dict"},
    "str": set(ZOO) - {"empty-text", "text", "newline", "long-text"},
}
"""What must be refused where a parameter is annotated so, since it would be taken for something that it isn't."""
