"""Any mistake on the command line gives one line that names it, and exit code 2."""

import pytest

TEMPLATE = "catalog.app.templates.algorithm:NewAlgorithm"
BAD = [
    (["validate", "--claim", "P99"], ["claim", "P99", "did you mean P"]),
    (["validate", "--claim", "xyz"], ["choose from", "P1, P1b"]),
    (["validate", "--target", "matrix.json"], ["matrix.json", "--target-file matrix.json"]),
    (["validate", "--target-file", "matrix.npz"], ["matrix.npz", "numpy.save as .npy"]),
    (["solve", "matrix.txt", "--depth", "2"], ["matrix.txt", "save it with commas as .csv"]),
    (["solve", "folder/matrix", "--depth", "2"], ["folder/matrix", "no known kind"]),
    (["validate", "--claim", "positive-definite-convergs"], ["did you mean positive-definite-converges"]),
    (["validate", "--target", "rotatio"], ["target", "rotatio", "did you mean rotation"]),
    (["validate", "--target", "rotation(angle=9)"], ["angle", "9"]),
    (["validate", "--target", "rotation(angel=1)"], ["angel", "did you mean angle"]),
    (["validate", "--target", "rotation(angle"], ["rotation(angle", "rotation(angle=1.5)"]),
    (["validate", "--json", "/no/such/folder/out.json"], ["/no/such/folder/out.json", "written"]),
    (["targets", "--trait", "symetric"], ["trait", "symetric", "did you mean symmetric"]),
    (["cite", "P99"], ["claim", "P99"]),
    (["cite", "P3", "positive-definite-convergs"], ["claim", "did you mean positive-definite-converges"]),
    (["solve", "rotation"], ["--depth"]),
    (["solve", "rotation", "--depth", "0"], ["depth", "0"]),
    (["solve", "rotation", "--depth", "two"], ["--depth", "two"]),
    (["solve", "rotation", "--depth", "2", "--step-size", "-1"], ["step_size", "-1"]),
    (["solve", "rotation", "--depth", "2", "--step-size", "nan"], ["step_size", "nan"]),
    (["solve", "rotation", "--depth", "2", "--tol", "-1"], ["tol", "-1"]),
    (["solve", "rotation", "--depth", "2", "--max-steps", "-1"], ["max_steps", "-1"]),
    (["solve", "rotation", "--depth", "2", "--algorithm", "adam"], ["algorithm", "adam"]),
    (["solve", "rotation", "--depth", "2", "--engine", "spectrall"], ["engine", "did you mean spectral"]),
    (["solve", "rotation", "--depth", "2", "--radius", "1"], ["radius", "gradient-descent"]),
    (["solve", "rotation", "--depth", "2", "--algorithm", "penalized"], ["strength", "--strength"]),
    (["solve", "rotation", "--depth", "2", "--algorithm", "step-and-project", "--radius", "-1"], ["radius", "-1"]),
    (["solve", "rotation", "--depth", "2", "--algorithm", "power-projection"], ["margin"]),
    (["solve", "missing.npy", "--depth", "2"], ["missing.npy", "does not exist"]),
    (["solve", "missing.mtx", "--depth", "2"], ["missing.mtx", "does not exist"]),
    (["validate", "--target-file", "missing.npy"], ["missing.npy", "does not exist"]),
    (["validate", "--target-file", "rotation"], ["rotation", "no known kind", "*.npy"]),
    (["validate", "--algorithm", "adam"], ["algorithm", "adam"]),
    (["validate", "--algorithm", "penalized"], ["strength", "penalized"]),
    (["validate", "--algorithm", TEMPLATE, "--claim", "P5"], ["no claim asked for runs", TEMPLATE]),
    (["falsify"], ["CLAIM"]),
    (["falsify", "P99"], ["claim", "P99"]),
    (["falsify", "P3", "--without", "identty start"], ["hypothesis", "did you mean identity start"]),
    (["falsify", "P3", "--without", "e"], ["hypothesis 'e' may be", "write more of it"]),
    (["falsify", "P3", "--without", ""], ["hypothesis ''"]),
    (["falsify", "P3", "--seconds", "0"], ["seconds", "0"]),
    (["falsify", "P3", "--seconds", "nan"], ["seconds", "nan"]),
    (["falsify", "P3", "--tries", "0"], ["tries", "0"]),
    (["falsify", "P3", "--seed", "-1"], ["seed", "-1"]),
    (["falsify", "P3", "--min-depth", "0"], ["min-depth", "0"]),
    (["falsify", "P3", "--min-depth", "101"], ["min-depth", "101"]),
    (["falsify", "P3", "--without", "identity start", "--save"], ["save", "--without"]),
    (["new", "theorem", "x"], ["theorem"]),
    (["new", "family"], ["NAME"]),
    (["new", "family", "rotation"], ["rotation", "exists already"]),
    (["new", "family", "My Family"], ["My Family", "my_family"]),
    (["nonsense"], ["nonsense"]),
]


@pytest.mark.parametrize(("arguments", "fragments"), BAD, ids=[" ".join(arguments) for arguments, _ in BAD])
def test_bad_input_is_one_line_and_exit_code_2(run, arguments: list[str], fragments: list[str]) -> None:
    code, out, err = run(*arguments)
    assert code == 2
    assert out == ""
    assert len(err.splitlines()) == 1
    assert all(fragment in err for fragment in fragments), err
