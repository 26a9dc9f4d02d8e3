"""What commands print, to a pipe, and with which exit code they end, is on record; times and rounding apart."""

import os
import re
from pathlib import Path

import pytest

import catalog
import dlr

FILE = Path(__file__).parents[1] / "data" / "sessions.txt"
COMMANDS = [
    "claims H1b P3 --proof",
    "claims H1b --proof --json",
    "claims P3 --catches",
    "targets uneven.json",
    "targets nearly.json --json",
    "targets rotation --trait symmetric",
    "validate --claim P2 --claim I9 --target householder --target lehmer",
    "validate --claim P3 --claim P5 --target-file own.json --target lehmer -v",
    "validate --claim P3 --target-file nearly.json",
    "validate --claim P3 --target lehmer --json",
    "validate --claim P3 --claim I6 --target lehmer --algorithm dlr:GradientDescent",
    "validate --claim P3 --target lehmer --algorithm idle:Idle",
    "solve householder --depth 4 --max-steps 500",
    "solve lehmer --depth 8 --step-size proved",
    "solve lehmer --depth 3 --step-size 0.125",
    "solve lehmer --depth 2 --algorithm penalized --strength 0.1 --tol 0.006",
    "solve lehmer --depth 2 --algorithm step-and-project --radius 0.75 --engine reference --tol 0.01",
    "solve skew-shift --depth 4 --algorithm power-projection --margin 0.5 --engine compiled",
    "solve householder --depth 4 --start zero-asymmetric --tol 1e-3",
    "solve lehmer --depth 4 --step-size 3",
    "solve rotation(angle=3.1) --depth 4 --max-steps 1200 --json",
    "solve lehmer --depth 2 --algorithm idle:Idle",
    "certify diag(1/3,-1) --depth 2 --steps 5",
    "certify lehmer --depth 2 --steps 3 --tol 0.25",
    "certify own.json --depth 1 --tol 1e-3 --json",
    "certify nearly.json --depth 2 --steps 2 --floor 0.5 --nearest",
    "certify householder --depth 2 --steps 4 --floor 0.75",
    "cite P3 N4",
    "cite P5 --json",
    "plugins",
    "new claim all_is_well --directory .",
    "new algorithm all_is_well --directory .",
    "new family absent --directory none",
    "sweep runs.toml --store runs.sqlite --workers 1",
    "sweep show runs.sqlite",
    "sweep show runs.sqlite --x depth",
    "sweep show runs.sqlite --x depth --y step_rule --where algorithm=gradient-descent --value rate --take least",
    "sweep show runs.sqlite --x algorithm --y target --value success",
    "sweep show runs.sqlite --x depth --y step_rule --value time --where target=rotation --json",
    "sweep show runs.sqlite --x depth --y step_rule --value lowest_loss --where algorithm=power-projection",
    "sweep show runs.sqlite --where depth=4 --where step_rule=default --csv -",
]
"""Of the catalog's lists nothing, since a new family or claim is in them, and of searches, whose draws are others with
another version of Hypothesis."""

SWEPT = """
target = ["rotation", "own.json", "rotation(planes=2)"]
depth = [2, 4]
algorithm = ["gradient-descent", "power-projection(margin=0.25)"]
step_size = ["default", "0.5 cap", 0.125]
tol = 1e-3
max_steps = 12
"""

FILES = {
    "runs.toml": SWEPT,
    "own.json": "[[2, 0.5], [0.5, 1]]",
    "nearly.json": "[[2, 0.5], [0.5000000001, 1]]",
    "uneven.json": "[[1e5, -2.5], [0.25, 1e-7]]",
    "idle.py": "class Idle:\n    name, step_size = 'idle', None\n    def __init__(self, step_size=None):\n"
    "        self.step_size = step_size\n    def step(self, layers, gradients, step_size):\n        return layers\n",
}


def without_times(text: str) -> str:
    """Seconds differ from run to run, what rounding does from machine to machine; new claims apply to own targets."""
    text = re.sub(r'(?<="seconds": )[^,\n]+', "#", text)
    text = re.sub(r"(?m)^claims  .*$", "claims  #", text)
    text = re.sub(r"(?<=T Phi - I )\S+", "#", text)
    return re.sub(r"(?<![\w.])-?\d+\.\d+(e[-+]\d+)?|(?<![\w.])\d+e-\d+", rounded, text)


def rounded(number: re.Match[str]) -> str:
    """To five digits; nothing of what is near the rounding of 1."""
    value = float(number[0])
    return "#" if 0 < abs(value) < 1e-11 else f"{value:.5g}"


@pytest.fixture(scope="module")
def swept(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The store of the spec, by a version of the package that stays."""
    folder = tmp_path_factory.mktemp("swept")
    for name, text in FILES.items():
        (folder / name).write_text(text, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dlr, "__version__", "0")
        catalog.sweep(folder / "runs.toml", folder / "runs.sqlite", workers=1)
    return (folder / "runs.sqlite").read_bytes()


@pytest.fixture
def printed(run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, swept: bytes):
    """The session of one command: what one types, sees and gets."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    for name, text in FILES.items():
        (tmp_path / name).write_text(text, encoding="utf-8")

    def session(command: str) -> str:
        if command.startswith("sweep show"):
            (tmp_path / "runs.sqlite").write_bytes(swept)
        code, out, err = run(*command.split())
        return without_times(f"$ dlr {command}\n{out}{err}exit code {code}\n".replace(str(tmp_path), "HERE"))

    return session


RECORDED = dict(re.findall(r"^\$ dlr (.*)\n((?:(?!\$ dlr ).*\n)*)", FILE.read_text(encoding="utf-8"), re.MULTILINE))


@pytest.mark.parametrize("command", COMMANDS)
def test_a_session_is_as_on_record(printed, command: str) -> None:
    _, _, found = printed(command).partition("\n")
    if os.environ.get("DLR_RECORD_SCREENS"):
        RECORDED[command] = found
        FILE.write_text("".join(f"$ dlr {known}\n{RECORDED.get(known, '')}" for known in COMMANDS), encoding="utf-8")
    assert found == RECORDED.get(command), "if it should be, run again with DLR_RECORD_SCREENS=1"
