"""Runs a sweep: all cells of a spec that a store lacks."""

import os
from array import array
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import nullcontext

from catalog.sweeps import executors
from catalog.sweeps.dispatch import UNKNOWN_WORKERS, Dispatch
from catalog.sweeps.spec_file import read_spec
from catalog.sweeps.specification import Spec
from catalog.sweeps.store import Store, opened
from catalog.sweeps.tally import Tally
from dlr.arguments import InputError, brief, instance, integer
from dlr.workers import processors

__all__ = ["sweep"]


def sweep(
    spec: Spec | str | os.PathLike[str],
    store: str | os.PathLike[str],
    executor: Executor | None = None,
    *,
    workers: int | None = None,
    progress: Callable[[Tally], object] | None = None,
) -> Tally:
    """Run every cell of a spec that the store lacks, and keep its result there.

    What is computed is kept, whatever ends the sweep: the next one goes on from there. Several sweeps may share a
    store. Results do not depend on the executor.

    Parameters
    ----------
    spec : Spec or path
        What to run, or the TOML file that says it.
    store : path
        An SQLite file, made where there is none.
    executor : concurrent.futures.Executor, optional
        Runs the work; of it only ``submit`` is used, which must return a ``concurrent.futures.Future``. By default
        processes on this machine.
    workers : int, optional
        How many processes: by default one for each processor, but no more than cells. A single one is this process.
    progress : callable, optional
        Called with the `Tally` after the store was looked through, and after each change.

    Returns
    -------
    Tally

    Raises
    ------
    InputError
        For any argument that can't be used, and where the store can't be written or a worker is lost, in one line.

    Examples
    --------
    >>> import tempfile, catalog
    >>> spec = catalog.Spec("rotation", depth=[2, 4], parameters={"angle": [0.5, 1.0]})
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     print(catalog.sweep(spec, f"{folder}/angles.sqlite", workers=1))
    4 cells: 4 computed, 0 known
    """
    spec = instance("spec", spec if isinstance(spec, Spec) else read_spec(_path("spec", spec)), Spec)
    if executor is not None:
        instance("executor", executor, Executor)
    if workers is not None:
        workers = integer("workers", workers, maximum=executors.MOST_WORKERS)
        if executor is not None:
            raise InputError(f"workers must be left out beside an executor, got {workers}: drop one of them")
    if progress is not None and not callable(progress):
        raise InputError(f"progress must be a function, got {brief(progress)}: pass a callable")

    def tell(tally: Tally) -> None:
        try:
            if progress is not None:
                progress(tally)
        except Exception as error:  # another's function may raise anything
            raise InputError(
                f"progress must take a tally, got {brief(progress)}, which raised {brief(error)}"
            ) from error

    with opened(_path("store", store)) as kept:
        places, parts, left = _lacking(spec, kept)
        tally = Tally(len(spec), known=len(spec) - left)
        tell(tally)
        if not left:
            return tally
        count = min(workers or processors(), left, executors.MOST_WORKERS)
        ready = executors.local(count) if executor is None else nullcontext(executor)
        if executor is not None:
            count = getattr(executor, "_max_workers", UNKNOWN_WORKERS)  # those of concurrent.futures say it there
        return Dispatch(spec, kept, parts, tally, tell).over(places, ready, count)


def _path(name: str, value: object) -> str:
    """A file's name."""
    if not isinstance(value, str | os.PathLike) or not str(value):
        raise InputError(f"{name} must be a file's name, got {brief(value)}: pass text or a path")
    return os.fspath(value) if isinstance(os.fspath(value), str) else os.fsdecode(value)


def _lacking(spec: Spec, store: Store) -> tuple[Sequence[int], Mapping[int, int], int]:
    """The blocks of which the store lacks a cell, how many each lacks that has others, and how many all lack."""
    if not len(store):
        return range(spec.block_count), {}, len(spec)
    places, parts, left = array("q"), {}, 0
    for place in range(spec.block_count):
        block = spec.block(place)
        lacking = len(block) - len(store.known(block.keys()))
        if lacking:
            places.append(place)
            left += lacking
            if lacking < len(block):
                parts[place] = lacking
    return places, parts, left
