"""Measures sweeps; ``python -m catalog.benchmarks.sweeps`` compares them with a plain loop of `dlr.solve`.

The command prints how many cells a second each way makes, as a ratio to the loop: the sweep in one process, in two,
and on two workers of a Dask cluster (extra ``cluster``). Workers are started, and their loops compiled, before the
clock runs. The ways take turns, and the best turn of each counts. Beside it is the processor time that the sweep's own
process takes for each cell, to hand out and to store, as a share of what the loop takes for it.
"""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

from .processor import processor_time

CELLS = 2_000
REVISION = 1


def spec_of(cells: int, tol: float = 1e-9) -> Any:
    """A spec of so many cells, of dimension 4 at depth 8, that take some fifty steps each."""
    from catalog import Spec, all_families

    if all_families()["definite-plus-skew"].revision != REVISION:
        raise NotImplementedError(f"definite-plus-skew is not of revision {REVISION}")
    parameters = {"dimension": 4, "margin": [0.1, 0.2, 0.3, 0.4, 0.5], "skew": [0.5, 1.0]}
    return Spec(
        "definite-plus-skew",
        depth=8,
        step_size=["default", "0.5 cap"],
        tol=tol,
        seeds=cells // 20,
        parameters=parameters,
    )


def loop(spec: Any) -> None:
    """Every cell, one after the other, with nothing kept."""
    import dlr
    from catalog.sweeps.step_rules import sizes_for

    for cell in spec.cells():
        setting = cell.setting
        target = setting.source.member(cell.parameters)[2]
        rules = [cell.step_size]
        limits = {"tol": setting.tol, "max_steps": setting.max_steps, "engine": setting.engine}
        size = sizes_for(rules, target[None], setting.depth, dlr.GradientDescent(), **limits)[0]
        dlr.solve(target, setting.depth, dlr.GradientDescent(float(size)), tol=setting.tol, history=False)


def swept(spec: Any, executor: Any = None, workers: int | None = None) -> None:
    """Every cell, into a new store."""
    from catalog import sweep

    with tempfile.TemporaryDirectory() as folder:
        sweep(spec, os.path.join(folder, "store.sqlite"), executor, workers=workers)


class Sweep:
    """Two thousand cells, by a plain loop (0 workers), in this process (1), or in two that start and end with it."""

    version = "1"
    timer = staticmethod(processor_time)
    param_names = ("workers",)
    params = ([0, 1, 2],)
    number = 1

    def setup(self, workers: int) -> None:
        """Run some cells, so that compiling is not timed; n/a where the commit lacks sweeps."""
        try:
            self.spec = spec_of(CELLS)
        except ImportError as error:
            raise NotImplementedError(str(error)) from None
        swept(spec_of(20), workers=1)

    def time_sweep(self, workers: int) -> None:
        """Time of all processes."""
        if workers:
            swept(self.spec, workers=workers)
        else:
            loop(self.spec)


def main(arguments: list[str] | None = None) -> int:
    """Print the table; exit status 0."""
    from catalog.sweeps import executors

    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rounds", type=int, default=5, metavar="N", help="turns of each way (5)")
    parser.add_argument("--cells", type=int, default=10_000, metavar="N", help="cells of a sweep (10,000)")
    options = parser.parse_args(arguments)
    spec = spec_of(options.cells)
    with ExitStack() as stack:
        ways: dict[str, Callable[[], None]] = {
            "plain loop": lambda: loop(spec),
            "one process": lambda: swept(spec, workers=1),
        }
        two = stack.enter_context(executors.local(2))
        ways["two processes"] = lambda: swept(spec, two)
        cluster = _dask(stack)
        if cluster is not None:
            ways["Dask, two workers"] = lambda: swept(spec, cluster)
        for way in ways.values():
            way()
        rates, own = dict.fromkeys(ways, 0.0), dict.fromkeys(ways, float("inf"))
        for _ in range(options.rounds):
            for name, way in ways.items():
                start, before = time.perf_counter(), time.process_time()
                way()
                own[name] = min(own[name], time.process_time() - before)
                rates[name] = max(rates[name], len(spec) / (time.perf_counter() - start))
    print(f"{f'{len(spec):,} cells':<22} {'rate, as a ratio':>16} {'own processor time':>20}")
    for name, rate in rates.items():
        print(f"{name:<22} {rate / rates['plain loop']:>16.2f} {own[name] / own['plain loop']:>20.3f}")
    if cluster is None:
        print("Dask is not installed")
    return 0


def _dask(stack: ExitStack) -> Any:
    """An executor on two workers of a cluster on this machine, None where Dask is not installed."""
    import importlib

    try:
        distributed: Any = importlib.import_module("dask.distributed")
    except ImportError:
        return None
    cluster = stack.enter_context(distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None))
    return stack.enter_context(distributed.Client(cluster)).get_executor(pure=False)


if __name__ == "__main__":
    sys.exit(main())
