"""Processor time of the two longest jobs, each as a whole: `dlr validate` and the tests."""

import subprocess
import sys
from pathlib import Path

from .processor import processor_time

ON_ONE = "import os; hasattr(os, 'sched_setaffinity') and os.sched_setaffinity(0, [min(os.sched_getaffinity(0))])"
"""Leaves the process one processor, where the system can, and so no other processes to start."""


class _Whole:
    """Run once a round: it is long, and in a process of its own."""

    version = "1"
    timeout = 3600
    timer = staticmethod(processor_time)
    number = repeat = 1
    warmup_time = 0

    def _run(self, *arguments: str, folder: Path | None = None) -> None:
        subprocess.run([sys.executable, *arguments], cwd=folder, check=True, stdout=subprocess.DEVNULL)


class ValidateAll(_Whole):
    """``dlr validate``: every claim on every target."""

    def time_validate(self) -> None:
        """Time on one processor, imports included."""
        self._run("-c", f"{ON_ONE}; from catalog.app.cli import main; raise SystemExit(main(['validate']))")


class Tests(_Whole):
    """Every test of the commit, the same draws every time; the more tests, the longer."""

    rounds = 1

    def setup(self) -> None:
        """Find the tests of the commit, which asv has beside the package; n/a in an environment of others."""
        self.folder = Path(sys.prefix, "project")
        if not Path(self.folder, "tests").is_dir():
            raise NotImplementedError("no tests here")

    def time_tests(self) -> None:
        """Time, on one processor."""
        self._run("-m", "pytest", "-q", "-n", "0", "--hypothesis-seed=0", folder=self.folder)
