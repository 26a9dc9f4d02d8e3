"""Every example of the site runs without a warning, and prints what the site shows."""

import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"
SITE = "\n".join(path.read_text(encoding="utf-8") for path in EXAMPLES.parent.glob("*.md"))


@pytest.mark.parametrize("example", sorted(path.stem for path in EXAMPLES.glob("*.py")))
def test_example_prints_what_is_shown(example, tmp_path):
    command = [sys.executable, "-W", "error", str(EXAMPLES / f"{example}.py")]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, encoding="utf-8", check=False)
    assert done.stderr == ""
    assert done.stdout == (EXAMPLES / f"{example}.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("file", sorted(path.name for path in EXAMPLES.glob("*.*") if path.suffix != ".svg"))
def test_the_site_shows_it(file):
    assert f"{{literalinclude}} examples/{file}\n" in SITE


def test_there_are_examples():
    assert len(list(EXAMPLES.glob("*.py"))) >= 4
