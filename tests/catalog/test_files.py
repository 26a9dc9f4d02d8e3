"""Which names mean files, and what a file of a result must hold."""

import json
import os
from pathlib import Path

import numpy as np
import pytest

from catalog.files import is_matrix_file, read_matrix, read_record
from dlr import InputError


@pytest.mark.parametrize(
    ("name", "is_file"),
    [
        ("matrix.npy", True),
        ("matrix.CSV", True),
        ("matrix.mtx", True),
        ("matrix.json", True),
        ("matrix.xlsx", True),
        (f"folder{os.sep}matrix", True),
        ("rotation", False),
        ("rotation(angle=1.5)", False),
        (f"rotation(angle=1{os.sep}2)", False),
        ("lab.spiral", False),
    ],
)
def test_a_file_is_told_from_a_target_by_its_name(name: str, is_file: bool) -> None:
    assert is_matrix_file(name) is is_file


@pytest.mark.parametrize("suffix", ["npy", "csv", "mtx", "json"])
def test_a_matrix_is_the_same_in_every_kind_of_file(suffix: str, tmp_path: Path) -> None:
    matrix, path = np.array([[2.0, 0.5], [-0.25, 1.0]]), tmp_path / f"matrix.{suffix}"
    if suffix == "npy":
        np.save(path, matrix)
    elif suffix == "csv":
        path.write_text("2,0.5\n-0.25,1\n")
    elif suffix == "json":
        path.write_text(json.dumps(matrix.tolist()))
    else:
        path.write_text("%%MatrixMarket matrix array real general\n2 2\n2\n-0.25\n0.5\n1\n")
    np.testing.assert_array_equal(read_matrix(str(path)), matrix)


def test_a_sparse_matrix_is_made_dense(tmp_path: Path) -> None:
    path = tmp_path / "matrix.mtx"
    path.write_text("%%MatrixMarket matrix coordinate real general\n2 2 2\n1 1 2.0\n2 1 -0.25\n")
    found = read_matrix(str(path))
    assert type(found) is np.ndarray
    np.testing.assert_array_equal(found, [[2.0, 0.0], [-0.25, 0.0]])


def test_a_record_is_a_mapping(tmp_path: Path) -> None:
    path = tmp_path / "record.json"
    path.write_text('\ufeff{"holds": true}', encoding="utf-8")
    assert read_record(str(path)) == {"holds": True}
    for wrong in ("[1]", "3", "{", "[" * 100_000):
        path.write_text(wrong)
        with pytest.raises(InputError, match="holds no JSON object: pass one that --json wrote"):
            read_record(str(path))
    with pytest.raises(InputError, match="does not exist: check the path"):
        read_record(str(tmp_path / "other.json"))
    with pytest.raises(InputError, match="can't be read"):
        read_record(str(tmp_path))
