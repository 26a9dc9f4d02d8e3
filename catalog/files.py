"""Reads matrices from files, with errors on one line, and lays out results as JSON."""

import io
import json
import math
import os
from inspect import signature
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dlr._arrays import square_matrix
from dlr.arguments import InputError
from dlr.types import ArrayInput, Matrix

__all__: list[str] = []

SUFFIXES = (".npy", ".csv", ".mtx", ".json")

OTHER_KINDS = {
    ".txt": "save it with commas as .csv",
    ".tsv": "save it with commas as .csv",
    ".dat": "save it with commas as .csv",
    ".npz": "it may hold several arrays, save one with numpy.save as .npy",
    ".mat": "load it with scipy.io.loadmat and save the matrix with numpy.save as .npy",
    ".pkl": "save the matrix with numpy.save as .npy",
    ".h5": "save the matrix with numpy.save as .npy",
    ".hdf5": "save the matrix with numpy.save as .npy",
    ".pt": "save the matrix with numpy.save as .npy",
    ".xlsx": "export it as .csv",
}
"""Kinds of files that hold matrices elsewhere, and what to do with one."""

MOST_ROWS = 10_000
"""Largest number of rows of a matrix in a file; it takes 800 MB."""

MOST_BYTES = 3 * 2**30
"""Largest file; 10,000 rows as text with all digits take about 2.5 GB."""


def is_matrix_file(name: str) -> bool:
    """Whether ``name`` means a file rather than a target."""
    suffix = Path(name).suffix.lower()
    return suffix in SUFFIXES or suffix in OTHER_KINDS or (os.sep in name and "(" not in name)


def read_matrix(name: str) -> Matrix:
    """A square matrix from a file.

    The suffix says how to read it: ``.npy``, ``.csv`` (commas, no header), ``.mtx`` (Matrix Market, sparse or
    dense) or ``.json`` (nested lists).

    Raises
    ------
    InputError
        If the file is missing, too large, can't be read as its kind, or does not hold a finite real square matrix.
    """
    path = Path(name)
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        fix = OTHER_KINDS.get(suffix, f"name it *{', *'.join(SUFFIXES)}")
        raise InputError(f"file {name} is of no known kind ({', '.join(SUFFIXES)}): {fix}")
    try:
        if path.stat().st_size > MOST_BYTES:
            raise ValueError(f"{path.stat().st_size:,} bytes, at most {MOST_BYTES:,} are read")
        if suffix == ".npy":
            content: ArrayInput = _numpy_array(path)
        elif suffix == ".csv":
            text = path.read_text(encoding="utf-8-sig")
            content = [[float(cell) for cell in line.split(",")] for line in text.splitlines() if line.strip()]
        elif suffix == ".mtx":
            content = _matrix_market(path)
        else:
            content = json.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise InputError(f"file {name} does not exist: check the path") from None
    except OSError as error:
        raise InputError(f"file {name} can't be read ({error.strerror}): check the path and its permissions") from None
    except RecursionError:
        raise InputError(f"file {name} is not a valid {suffix} matrix (nested too deeply): write it again") from None
    except (ValueError, EOFError, OverflowError, TypeError) as error:
        reason = str(error).split("\n")[0]
        raise InputError(f"file {name} is not a valid {suffix} matrix ({reason}): write it again") from None
    return square_matrix(f"matrix in {name}", content)


def read_record(name: str) -> dict[str, Any]:
    """What a JSON file holds, a mapping.

    Raises
    ------
    InputError
        If the file is missing or can't be read, or holds something else.
    """
    try:
        content = json.loads(Path(name).read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise InputError(f"file {name} does not exist: check the path") from None
    except OSError as error:
        raise InputError(f"file {name} can't be read ({error.strerror}): check the path and its permissions") from None
    except (ValueError, RecursionError):
        content = None
    if not isinstance(content, dict):
        raise InputError(f"file {name} holds no JSON object: pass one that --json wrote")
    return content


def _numpy_array(path: Path) -> NDArray[Any]:
    file = io.BytesIO(path.read_bytes())
    version = np.lib.format.read_magic(file)
    header = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    shape, _, _ = header(file)
    _refuse_rows(*shape)  # before memory is taken for what the header says
    file.seek(0)
    content: NDArray[Any] = np.load(file, allow_pickle=False)
    return content


def _matrix_market(path: Path) -> NDArray[Any]:
    from scipy.io import mminfo, mmread  # loaded where it is used: 0.1 s

    with path.open("rb"):  # SciPy reports a file it can't open as malformed
        rows, columns, entries, *_ = mminfo(path)
    _refuse_rows(rows, columns)
    least = 2 * entries  # a digit and a space or line feed for each
    if least > path.stat().st_size:
        raise ValueError(f"{entries:,} entries in {path.stat().st_size:,} bytes")
    form = {"spmatrix": False} if "spmatrix" in signature(mmread).parameters else {}  # SciPy 1.13 has no choice
    content = mmread(path, **form)
    dense: NDArray[Any] = content.toarray() if hasattr(content, "toarray") else content
    return dense


def _refuse_rows(*shape: int) -> None:
    entries = math.prod(shape)
    if max(shape, default=0) > MOST_ROWS or entries > MOST_ROWS**2:
        needed = f"{8 * entries / 1e9:,.3g} GB"
        raise ValueError(f"{' x '.join(map(str, shape))} entries take {needed}, at most {MOST_ROWS} rows are read")


def to_json(value: object) -> str:
    """``value`` as JSON text; numbers that JSON lacks (NaN, infinities) become null."""
    return json.dumps(_finite(value), indent=2, allow_nan=False) + "\n"


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    if isinstance(value, float) and not np.isfinite(value):
        return None
    return value
