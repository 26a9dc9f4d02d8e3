"""``dlr sweep``: make all the runs that a spec asks for, and keep them in a store."""

from __future__ import annotations

import argparse
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from concurrent.futures import Executor
    from contextlib import AbstractContextManager

    from catalog.app.commands import Commands
    from catalog.app.progress import Progress
    from catalog.sweeps.tally import Tally

EXAMPLE = """\
A spec is a TOML file; its runs are all combinations of the values it lists:

  target = "definite-plus-skew"   # or rotation(angle=1), a matrix file, a list
  depth = [2, 4, 8]
  step_size = ["default", "0.9 cap", 0.01, "proved"]
  seeds = 10                      # members that a random family draws
  # algorithm, tol, max_steps, engine as in dlr solve

  [parameters]                    # of the family; [options] of the algorithm
  margin = { from = 0.05, to = 1, count = 20, scale = "log" }
  skew = [0, 1, 5]

The store is an SQLite file with the table cells, one row a run. Runs that are
there already are not made again: the same command goes on where one ended.
dlr sweep show FILE shows them; a spec file that is called show, or like one of
those that --list shows, is ./show.
"""


class _Listing(argparse.Action):
    """Prints the specs that come with the package."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object, **__: object) -> None:
        """Print them, and end."""
        from catalog.app import output
        from catalog.app.sweep_tables import spec_table

        output.show(spec_table())
        parser.exit()


def add_to(commands: Commands) -> None:
    """Declare the command."""
    parser = commands.add_parser(
        "sweep",
        help="make the runs of a spec, and keep them in a store",
        epilog=EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("spec", metavar="SPEC.toml", help="what to run: a file, or a name that --list shows")
    parser.add_argument("--list", action=_Listing, nargs=0, help="show the specs that come with the package, and exit")
    parser.add_argument("--store", required=True, metavar="FILE", help="where the results are kept; made if need be")
    parser.add_argument("--workers", type=int, metavar="N", help="processes; default: one for each processor")
    parser.add_argument("--dask", metavar="ADDRESS", help="run on the workers of this Dask scheduler instead")
    parser.set_defaults(command=run)


def run(options: argparse.Namespace) -> int:
    """Run the sweep."""
    from contextlib import nullcontext

    from catalog.app import output, progress
    from catalog.app.process import Interrupts, ending
    from catalog.sweeps import executors, runner
    from catalog.sweeps.spec_file import read_spec
    from dlr.arguments import InputError

    if options.dask is not None and options.workers is not None:
        raise InputError(f"workers must be left out beside --dask, got {options.workers}: Dask has its own")
    spec = read_spec(options.spec)
    ready: AbstractContextManager[Executor | None]
    ready = nullcontext(None) if options.dask is None else executors.cluster(options.dask)
    stop: KeyboardInterrupt | None = None
    with Interrupts() as interrupts, ready as executor:
        with progress.shown("looking into the store") as shown:
            told = _Told(shown)
            try:
                with interrupts.raising():
                    runner.sweep(spec, options.store, executor, workers=options.workers, progress=told)
            except KeyboardInterrupt as error:
                stop = error
        if stop is not None:
            word, code = ending(stop)
            output.note(f"{word}, {told.tally or 'nothing looked at'}; the same command goes on from there")
            return code
        output.show(f"{told.tally}")
        interrupts.check()
    return 0


class _Told:
    """Says how far a sweep is, its rate, and the time left at that rate."""

    def __init__(self, shown: Progress) -> None:
        self.shown = shown
        self.tally: Tally | None = None

    def __call__(self, tally: Tally) -> None:
        """Note the next tally."""
        if self.tally is None:
            self.start = time.monotonic()
            self.shown.line = self._line
        self.tally = tally

    def _line(self) -> str:
        from catalog.app.progress import duration

        assert self.tally is not None
        computed, wanted = self.tally.computed, self.tally.computed + self.tally.left
        rate = computed / max(time.monotonic() - self.start, 1e-9)
        pace = f"{rate:,.0f}" if rate >= 10 else f"{rate:.2g}"
        left = f", {pace} a second, about {duration(self.tally.left / rate)} left" if computed else ""
        return f"computed {computed:,} of {wanted:,} cells{left}"
