"""One BLAS thread, set before NumPy loads; the Hypothesis profiles: dev, ci, thorough; the order of modules."""

import gc
import io
import os
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import pytest
from hypothesis import settings

from catalog.loops import compile_loops

ROOT = Path(__file__).parents[1]

collect_ignore = ["data"]  # a package of its own, which test_outside_package installs and tests
if sys.platform != "linux":  # about signals, devices, FIFOs and /proc as Linux has them
    collect_ignore += ["test_bad_arguments.py", "dlr/test_interrupts.py"]
    collect_ignore += ["catalog/test_cli_destinations.py", "catalog/test_cli_process.py"]

if not os.environ.get("CI"):  # asv measures a history of commits
    collect_ignore += ["catalog/test_planted_regressions.py"]
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background commands begin with interrupts ignored

text_encoding = io.text_encoding


def stated_encoding(encoding: str | None, stacklevel: int = 2) -> str:
    """What `pathlib` asks for the encoding of a text, which our packages must say: UTF-8, whatever the locale."""
    caller = sys._getframe(2).f_globals.get("__name__", "")
    assert encoding is not None or not caller.startswith(("dlr", "catalog")), f"{caller} gives no encoding"
    return text_encoding(encoding, stacklevel + 1)


io.text_encoding = stated_encoding

settings.register_profile("dev", parent=settings.get_profile("default"), max_examples=50, deadline=None)
settings.register_profile(
    "ci",
    parent=settings.get_profile("ci"),
    max_examples=100,
    deadline=None,
    derandomize=True,
    database=None,
    print_blob=True,
)
settings.register_profile(
    "thorough", parent=settings.get_profile("default"), max_examples=3000, deadline=None, derandomize=False
)
settings.load_profile("ci" if os.environ.get("CI") else "dev")  # --hypothesis-profile overrides it

LONG = (
    "test_documents",
    "test_planted_regressions",
    "test_new",
    "test_outside_package",
    "test_ledger",
    "test_cli_validate",
)
"""Modules to begin with, so that no worker is left alone with one of them at the end."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the long modules first."""
    place = {module: order for order, module in enumerate(LONG)}
    items.sort(key=lambda item: place.get(item.path.stem, len(LONG)))


def pytest_sessionstart(session: pytest.Session) -> None:
    """Compile each loop in one of the workers only, while others collect."""
    worker = getattr(session.config, "workerinput", None)
    if worker is not None:
        compile_loops(int(worker["workerid"][2:]), worker["workercount"])


@pytest.hookimpl(tryfirst=True)
def pytest_collection() -> None:
    """Collect no garbage while tests are collected, which makes little of it."""
    gc.disable()


def pytest_collection_finish() -> None:
    """Leave what collecting made out of later garbage collections, which would look through all of it again."""
    gc.enable()
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def copy_parts() -> Callable[..., None]:
    """Copy folders and files of this checkout, with all that is compiled, which takes seconds."""
    from dlr.kernels.cache import SOURCES

    compile_loops()

    def unwanted(folder: str, names: list[str]) -> list[str]:
        cached = Path(folder).name == "__pycache__"
        return [
            name for name in names if name == "_build" or (cached and not name.endswith((".pyc", f"{SOURCES}.nbc")))
        ]

    def copy(folder: Path, *parts: str) -> None:
        for part in parts:
            if (ROOT / part).is_dir():
                shutil.copytree(ROOT / part, folder / part, ignore=unwanted)
            else:
                shutil.copy(ROOT / part, folder)

    return copy
