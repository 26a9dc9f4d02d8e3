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


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    for name, read in (("matrix.npy", read_matrix), ("matrix.csv", read_matrix), ("record.json", read_record)):
        (tmp_path / name).mkdir()
        with pytest.raises(InputError, match=f"{name} can't be read"):
            read(str(tmp_path / name))


def test_objects_in_a_file_are_not_loaded_since_they_may_run_anything(tmp_path: Path) -> None:
    class Runs:
        def __reduce__(self):
            return os.mkdir, (str(tmp_path / "ran"),)

    np.save(tmp_path / "matrix.npy", np.array([[Runs()]], dtype=object), allow_pickle=True)
    with pytest.raises(InputError, match=r"not a valid \.npy matrix"):
        read_matrix(str(tmp_path / "matrix.npy"))
    assert not (tmp_path / "ran").exists()


def test_a_matrix_market_file_of_few_bytes_is_read_and_one_of_too_few_is_not(tmp_path: Path) -> None:
    path, head = tmp_path / "matrix.mtx", b"%%MatrixMarket matrix array real general\n12 12\n"
    path.write_bytes(head + b"1\n" * 144)
    np.testing.assert_array_equal(read_matrix(str(path)), np.ones((12, 12)))
    path.write_bytes(head + b"1\n" * 100)
    with pytest.raises(InputError, match=r"144 entries in 2\d\d bytes"):
        read_matrix(str(path))
    path.write_bytes(b"%%MatrixMarket matrix coordinate real general\n3 1000000 1\n1 1 1.0\n")
    with pytest.raises(InputError, match="3 x 1000000 entries"):
        read_matrix(str(path))


def test_a_file_of_more_bytes_than_are_read_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "matrix.csv"
    path.write_bytes(b"1,0\n0,1\n")
    for most in (8, 9):
        monkeypatch.setattr("catalog.files.MOST_BYTES", most)
        np.testing.assert_array_equal(read_matrix(str(path)), np.eye(2))
    monkeypatch.setattr("catalog.files.MOST_BYTES", 7)
    with pytest.raises(InputError, match="8 bytes, at most 7 are read"):
        read_matrix(str(path))
