"""Shows what a first run compiles, and where the time goes: ``python -m catalog.benchmarks.compilation``.

All loops are compiled anew, in a folder that is removed. A row a function, in the order in which they are done; what
another one calls is indented below it. The columns are shares of the processor time of all: of the function with what
it calls, and of itself, where it is optimized once more as a part of its caller.
"""

import argparse
import importlib
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple


class Part(NamedTuple):
    """A compiled function: how deep inside others, its name, processor time in seconds with and without its parts."""

    level: int
    name: str
    seconds: float
    own: float


@contextmanager
def recorded() -> Iterator[list[Part]]:
    """What is compiled meanwhile, in the order in which it is done."""
    compiler: Any = importlib.import_module("numba.core.dispatcher")._FunctionCompiler
    parts: list[Part] = []
    inside: list[float] = []
    compile_one = compiler._compile_core

    def timed(one: Any, *arguments: Any) -> Any:
        start = time.process_time()
        inside.append(0.0)
        try:
            return compile_one(one, *arguments)
        finally:
            seconds = time.process_time() - start
            parts.append(Part(len(inside) - 1, one.py_func.__name__, seconds, seconds - inside.pop()))
            if inside:
                inside[-1] += seconds

    compiler._compile_core = timed
    try:
        yield parts
    finally:
        compiler._compile_core = compile_one


def all_loops() -> None:
    """Compile all loops."""
    from catalog.loops import compile_loops
    from dlr.kernels import cache

    found = cache.folders
    with tempfile.TemporaryDirectory() as folder:
        cache.folders = lambda: iter([Path(folder)])
        try:
            compile_loops()
        finally:
            cache.folders = found


def profile(compile_all: Callable[[], None]) -> str:
    """The rows for what a function compiles."""
    with recorded() as parts:
        compile_all()
    total = sum(part.own for part in parts)
    rows = [
        f"{'  ' * part.level + part.name:<32}{part.seconds / total:>8.1%}{part.own / total:>8.1%}" for part in parts
    ]
    return "\n".join([f"{'':32}{'all':>8}{'itself':>8}", *rows, f"\n{total:.2f} s of processor time"])


def main(arguments: list[str] | None = None) -> int:
    """Print the table; exit status 0."""
    argparse.ArgumentParser(description=__doc__.split("\n")[0]).parse_args(arguments)
    print(profile(all_loops))
    return 0


if __name__ == "__main__":
    sys.exit(main())
