"""Files of every kind are read, malformed ones refused in one line."""

import io
import json
from pathlib import Path

import numpy as np
import pytest

from catalog import files


def header(kind: str, shape: tuple[int, ...]) -> bytes:
    """Header of a NumPy file."""
    file = io.BytesIO()
    np.lib.format.write_array_header_1_0(file, {"descr": kind, "fortran_order": False, "shape": shape})
    return file.getvalue()


@pytest.mark.parametrize("suffix", files.SUFFIXES)
def test_solve_reads_a_matrix_file(run, tmp_path: Path, suffix: str) -> None:
    matrix = np.array([[2.0, 0.5], [0.5, 1.0]])
    path = tmp_path / f"matrix{suffix}"
    if suffix == ".npy":
        np.save(path, matrix)
    elif suffix == ".csv":
        path.write_text("2,0.5\n0.5,1\n", encoding="utf-8")
    elif suffix == ".mtx":
        path.write_text(
            "%%MatrixMarket matrix coordinate real symmetric\n2 2 3\n1 1 2\n2 1 0.5\n2 2 1\n", encoding="utf-8"
        )
    else:
        path.write_text(json.dumps(matrix.tolist()), encoding="utf-8")
    code, out, _ = run("solve", str(path), "--depth", "3", "--json")
    assert code == 0
    np.testing.assert_allclose(json.loads(out)["product"], matrix, atol=1e-4)


def test_dense_matrix_market_file(tmp_path: Path) -> None:
    path = tmp_path / "dense.mtx"
    path.write_text("%%MatrixMarket matrix array real general\n2 2\n1\n2\n3\n4\n", encoding="utf-8")
    np.testing.assert_array_equal(files.read_matrix(str(path)), [[1, 3], [2, 4]])


@pytest.mark.parametrize(
    ("name", "content", "fragment"),
    [
        ("ragged.csv", b"1,2\n3\n", "rectangular"),
        ("words.csv", b"a,b\nc,d\n", "words.csv"),
        ("empty.csv", b"", "square"),
        ("wide.json", b"[[1, 2]]", "square"),
        ("broken.json", b"[[1, 2", "broken.json"),
        ("object.json", b'{"a": 1}', "numeric"),
        ("huge.json", b"[[1" + b"0" * 400 + b"]]", "float64"),
        ("nan.csv", b"nan,1\n1,1\n", "finite"),
        ("text.npy", b"not a numpy file", "text.npy"),
        ("empty.npy", b"", "empty.npy"),
        ("text.mtx", b"not a matrix market file", "text.mtx"),
        ("empty.mtx", b"", "empty.mtx"),
        ("short.mtx", b"%%MatrixMarket matrix coordinate real general\n2 2 3\n1 1 2\n", "short.mtx"),
        ("wide.mtx", b"%%MatrixMarket matrix coordinate real general\n2 3 1\n1 1 2\n", "square"),
        ("complex.mtx", b"%%MatrixMarket matrix coordinate complex general\n1 1 1\n1 1 2 1\n", "real"),
        ("many.mtx", b"%%MatrixMarket matrix coordinate real general\n99 99 1000000000000\n1 1 2\n", "entries in"),
        ("deep.json", b"[" * 100_000, "nested too deeply"),
        ("huge.npy", header("<f8", (999999, 999999)), "8e+03 GB"),
        ("objects.npy", header("|O", (1, 1)), "not a valid .npy matrix"),
        ("huge.mtx", b"%%MatrixMarket matrix coordinate real general\n99999 99999 1\n1 1 2\n", "10000 rows"),
    ],
)
def test_malformed_file_is_one_line(run, tmp_path: Path, name: str, content: bytes, fragment: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    code, _, err = run("solve", str(path), "--depth", "2")
    assert code == 2
    assert len(err.splitlines()) == 1
    assert fragment in err


@pytest.mark.parametrize("shape", [(files.MOST_ROWS + 1, 1), (1, files.MOST_ROWS + 1), (1_000, 1_000, 1_000)])
def test_what_would_take_too_much_memory_is_refused_before_it_is_read(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"entries take .* GB, at most 10000 rows are read"):
        files._refuse_rows(*shape)
    files._refuse_rows(files.MOST_ROWS, files.MOST_ROWS)
