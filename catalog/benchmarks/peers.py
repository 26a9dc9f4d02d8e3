"""Compares the engines with other libraries: ``python -m catalog.benchmarks.peers``.

Every solver gets the same targets, step size and stopping rule: gradient descent from the identity until the
excess loss is at most the tolerance or the step limit is reached, with the loss read after every step. Each solver
has its own process, which imports only what it needs. The solvers take turns, and the least time of each counts. Times
are reported only if the final losses, steps and products of all solvers agree. The tables hold ratios: how many times
as long a solver takes as this project's engine.

``gemm`` computes only the ``3L - 3`` matrix products of each step, with the BLAS of NumPy. At large dimension no
iteration on the layers is faster; at small dimension it is slowed down by calling BLAS from Python. Every solver has
one processor and one BLAS thread; a batch may use all processors. What a run takes before its first step and after its
last must not count as time of a step: a solver whose run is shorter than `LEAST` seconds runs as many more, smaller
steps when it is timed. Solvers that are not installed (extra ``peers``) are listed as such.
"""

import argparse
import math
import os
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from multiprocessing import get_context
from typing import Any

from catalog.benchmarks.solvers import CASES, SOLVERS, Case, Solver, solvers_of

THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
AGREEMENT = 1e-8
LEAST = 0.02
"""Seconds that a timed run takes at least, if a run of the case ends at its step limit."""

PARALLEL = ("batch", "one at a time", "jax vmap")
"""Solvers that may use all processors."""


def serve(name: str, pipe: Any) -> None:
    """A solver's process: for a `Case`, run it and send the results; for any other message, send the time of a step."""
    if name not in PARALLEL and hasattr(os, "sched_setaffinity"):  # before threads start: JAX ignores thread counts
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    solver: Solver | None = None
    while (message := _receive(pipe)) is not None:
        try:
            if isinstance(message, Case):
                solver = SOLVERS[name](message)
                result = solver()
                longer = lengthened(message, _seconds(solver))
                solver = SOLVERS[name](longer)
                solver()
                pipe.send(result)
            else:
                assert solver is not None
                start = time.perf_counter()
                steps = solver()[1]
                pipe.send((time.perf_counter() - start) / (longer.max_steps if steps is None else steps.sum()))
        except ImportError:
            pipe.send("not installed")
        except Exception as error:
            pipe.send(f"failed ({type(error).__name__})")


def lengthened(case: Case, seconds: float) -> Case:
    """The case with so many more steps that a run takes `LEAST`, if it takes so many seconds as it is."""
    return case if case.tol else replace(case, max_steps=case.max_steps * math.ceil(LEAST / seconds))


def _receive(pipe: Any) -> Any:
    try:
        return pipe.recv()
    except EOFError:  # the main process has ended
        return None


def measure(case: Case, ask: Callable[[str, Any], Any], rounds: int) -> dict[str, Any]:
    """Least seconds per step of each solver of a case, or why there is no time; stops if results disagree."""
    import numpy as np

    names = solvers_of(case)
    results = {name: ask(name, case) for name in names}
    ours = results[names[0]]
    if isinstance(ours, str):
        raise SystemExit(f"{names[0]} {ours} on {case}")
    for name, result in results.items():
        if name == "gemm" or isinstance(result, str):
            continue
        for mine, other in zip(ours, result, strict=True):
            if not np.allclose(mine, other, rtol=AGREEMENT, atol=AGREEMENT):
                raise SystemExit(f"{name} disagrees with {names[0]} on {case}, no times are reported: {other}, {mine}")
    times = {name: result if isinstance(result, str) else float("inf") for name, result in results.items()}
    for _ in range(rounds):
        for name, least in times.items():
            if not isinstance(least, str):
                time_of_step = ask(name, "run")
                times[name] = time_of_step if isinstance(time_of_step, str) else min(least, time_of_step)
    return times


def exponents(rounds: int) -> list[tuple[str, float]]:
    """Measured exponents of the cost of a step: of L and d on the dense engine, of d on the spectral loop."""
    import numpy as np

    from dlr import kernels

    def dense(d: int, depth: int, steps: int) -> float:
        run = SOLVERS["compiled"](Case("general", d, depth, steps))
        return min(_seconds(run) for _ in range(rounds + 1)) / steps

    def reduced(d: int, steps: int = 3000) -> float:
        def run() -> tuple[Any, Any, Any]:
            eigenvalues, never = np.linspace(0.5, 1.5, d)[None], np.zeros((), dtype=np.bool_)
            none, one, limit = np.empty((1, 0), dtype=np.complex128), np.ones(1), np.array([steps])
            start = np.ones((1, d)), none.copy()
            kernels.run_eigenvalues(eigenvalues, none, *start, 16, 0, 0 * one, 1e-5 * one, limit, 0.0, never)
            return None, None, None

        return min(_seconds(run) for _ in range(rounds + 1))

    return [
        ("dense, L from 16 to 64 at d = 4", math.log(dense(4, 64, 2000) / dense(4, 16, 8000), 4)),
        ("dense, d from 64 to 256 at L = 8", math.log(dense(256, 8, 20) / dense(64, 8, 200), 4)),
        ("spectral, d from 256 to 1024", math.log(reduced(1024) / reduced(256), 4)),
    ]


def _seconds(run: Solver) -> float:
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def main(arguments: list[str] | None = None) -> int:
    """Print the table of ratios; exit status 0."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rounds", type=int, default=7, metavar="N", help="turns of each solver per case (7)")
    parser.add_argument("--only", choices=("general", "normal", "batch", "exponents"), help="one kind of case")
    options = parser.parse_args(arguments)
    if options.rounds < 1:
        parser.error(f"argument --rounds: must be at least 1, got {options.rounds}")
    for variable in THREADS:
        os.environ[variable] = "1"
    pipes: dict[str, Any] = {}
    processes: list[Any] = []

    def ask(name: str, message: Any) -> Any:
        if name not in pipes:
            context = get_context("spawn")
            pipes[name], theirs = context.Pipe()
            processes.append(context.Process(target=serve, args=(name, theirs), daemon=True))
            processes[-1].start()
        pipes[name].send(message)
        return pipes[name].recv()

    header: list[str] = []
    for case in CASES:
        if options.only not in (None, case.kind):
            continue
        if solvers_of(case) != header:
            header = solvers_of(case)
            print(f"\n{case.kind:<8}    d   L " + "".join(f"{name:>15}" for name in header), flush=True)
        times = measure(case, ask, options.rounds)
        ours = times[header[0]]
        cells = [f"{time / ours:.3g}" if isinstance(time, float) else time for time in map(times.get, header)]
        print(f"{'':8} {case.dimension:>4} {case.depth:>3} " + "".join(f"{cell:>15}" for cell in cells), flush=True)
    if options.only in (None, "exponents"):
        print("\nexponents of the cost of a step")
        for label, exponent in exponents(options.rounds):
            print(f"{label:<35} {exponent:.2f}", flush=True)
    for pipe in pipes.values():
        pipe.send(None)
    for process in processes:
        process.join()
    return 0


if __name__ == "__main__":
    sys.exit(main())
