"""How the engines compare with what one would write instead: ``python -m catalog.benchmarks.peers``.

Every solver gets the same targets, step size and stopping rule: gradient descent from the identity until the
excess loss is at most the tolerance or the step limit is reached, looked at after every step. One process per
solver, which imports only what it needs; all take turns round by round, each keeps its least time, and a time is
reported only after final losses, steps and products were checked equal. The tables hold ratios, not seconds: how
many times as long a peer takes as this project's engine.

``gemm`` is the limit of dense iteration: ``3L - 2`` products of the same stacks by the BLAS of NumPy, per step. It
calls BLAS from Python, so at small dimension it is no limit. Every solver has one processor and one BLAS
thread; a batch may use all processors. Peers that are not installed (extra ``peers``) are listed as such.
"""

import argparse
import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from multiprocessing import get_context
from typing import Any

THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
AGREEMENT = 1e-8
LONGER = {"spectral": 50}
"""Solvers that are timed on this many times the steps, so that a step is not hidden by what comes before the first."""

Solver = Callable[[], tuple[Any, Any, Any]]


@dataclass(frozen=True)
class Case:
    """One row: targets of a kind, and how many steps of gradient descent they get."""

    kind: str
    dimension: int
    depth: int
    max_steps: int
    count: int = 1
    tol: float = 0.0

    @property
    def step_size(self) -> float:
        """Small enough that no run stands still before its limit; in a batch, large enough that targets finish."""
        return (0.02 if self.kind == "batch" else 0.0005) / self.depth

    def targets(self) -> Any:
        """Array of shape (count, d, d), well-conditioned: general or normal."""
        import numpy as np

        noise = np.random.default_rng(self.dimension).standard_normal((self.count, self.dimension, self.dimension))
        if self.kind == "normal":
            return _rotations(noise)
        return np.eye(self.dimension) + 0.3 * noise / np.sqrt(self.dimension)


CASES = (
    *(Case("general", d, depth, 3000) for d in (2, 4, 8) for depth in (8, 16)),
    Case("general", 16, 8, 1000),
    Case("general", 32, 8, 300),
    Case("general", 64, 8, 100),
    Case("general", 64, 16, 50),
    Case("general", 256, 8, 20),
    Case("general", 512, 4, 10),
    Case("normal", 64, 16, 1000),
    Case("batch", 4, 8, 1000, count=1000, tol=1e-3),
)


def _rotations(noise: Any) -> Any:
    """Normal targets: orthogonal similarities of rotations by angles up to 1.5 radians."""
    import numpy as np

    from dlr.matrices import plane_rotations

    d = noise.shape[-1]
    axes = np.linalg.qr(noise)[0]
    return axes @ plane_rotations(np.linspace(0.1, 1.5, d // 2), d) @ np.swapaxes(axes, -1, -2)


def numpy_tuned(case: Case) -> Solver:
    """NumPy with every buffer reused."""
    import numpy as np

    target, depth = case.targets()[0], case.depth

    def run() -> tuple[Any, Any, Any]:
        layers = np.broadcast_to(np.eye(len(target)), (depth, *target.shape)).copy()
        below, gradients = np.empty_like(layers), np.empty_like(layers)
        error, spare, steps = np.empty_like(target), np.empty_like(target), 0
        while True:
            below[0] = layers[0]
            for i in range(1, depth):
                np.dot(layers[i], below[i - 1], out=below[i])
            np.subtract(below[-1], target, out=error)
            loss = np.vdot(error, error) / 2
            if loss <= case.tol or steps == case.max_steps:
                return loss, np.int64(steps), below[-1]
            backward, other = error, spare
            for i in range(depth - 1, 0, -1):
                np.dot(backward, below[i - 1].T, out=gradients[i])
                np.dot(layers[i].T, backward, out=other)
                backward, other = other, backward
            gradients[0] = backward
            gradients *= case.step_size
            layers -= gradients
            steps += 1

    return run


def torch_eager(case: Case, compile_it: bool = False) -> Solver:
    """PyTorch: autograd through a loop over the layers, losses read every step."""
    import numpy as np
    import torch

    torch.set_num_threads(1)
    target, depth, size = torch.tensor(case.targets()[0]), case.depth, case.dimension

    def network(layers: Any) -> Any:
        product = layers[0]
        for i in range(1, depth):
            product = layers[i] @ product
        return product

    def objective(layers: Any) -> Any:
        return ((network(layers) - target) ** 2).sum() / 2

    value = torch.compile(objective) if compile_it else objective

    def run() -> tuple[Any, Any, Any]:
        layers, steps = torch.eye(size, dtype=torch.float64).repeat(depth, 1, 1).requires_grad_(), 0
        while True:
            loss = value(layers)
            if loss.item() <= case.tol or steps == case.max_steps:
                return loss.item(), np.int64(steps), network(layers).detach().numpy()
            (gradient,) = torch.autograd.grad(loss, layers)
            with torch.no_grad():
                layers -= case.step_size * gradient
            steps += 1

    return run


def jax_jit(case: Case) -> Solver:
    """JAX: one jitted `scan` over the steps, which stands still once the tolerance is reached; `vmap` for a batch."""
    import jax
    import jax.numpy as jnp
    import numpy as np

    jax.config.update("jax_enable_x64", True)

    def product(layers: Any) -> Any:
        result = layers[0]
        for i in range(1, case.depth):
            result = layers[i] @ result
        return result

    def solve(target: Any) -> Any:
        value_and_gradient = jax.value_and_grad(lambda layers: jnp.sum((product(layers) - target) ** 2) / 2)

        def step(state: Any, _: Any) -> Any:
            layers, steps = state
            loss, gradient = value_and_gradient(layers)
            going = loss > case.tol
            return (jnp.where(going, layers - case.step_size * gradient, layers), steps + going), loss

        start = jnp.broadcast_to(jnp.eye(case.dimension), (case.depth, case.dimension, case.dimension))
        (layers, steps), _ = jax.lax.scan(step, (start, 0), None, length=case.max_steps)
        return value_and_gradient(layers)[0], steps, product(layers)

    def solve_until_done(target: Any) -> Any:
        value_and_gradient = jax.value_and_grad(lambda layers: jnp.sum((product(layers) - target) ** 2) / 2)

        def going(state: Any) -> Any:
            return (state[1] > case.tol) & (state[3] < case.max_steps)

        def step(state: Any) -> Any:
            layers = state[0] - case.step_size * state[2]
            return (layers, *value_and_gradient(layers), state[3] + 1)

        start = jnp.broadcast_to(jnp.eye(case.dimension), (case.depth, case.dimension, case.dimension))
        layers, loss, _, steps = jax.lax.while_loop(going, step, (start, *value_and_gradient(start), 0))
        return loss, steps, product(layers)

    targets = jnp.asarray(case.targets())
    train = jax.jit(jax.vmap(solve_until_done) if case.kind == "batch" else solve)

    def run() -> tuple[Any, Any, Any]:
        loss, steps, products = train(targets if case.kind == "batch" else targets[0])
        return np.asarray(loss), np.asarray(steps), np.asarray(products)

    return run


def gemm(case: Case) -> Solver:
    """The products alone: ``3L - 2`` a step, of stacks of layers."""
    import numpy as np

    left = np.broadcast_to(np.eye(case.dimension), (case.depth, case.dimension, case.dimension)).copy()
    right, out, depth = left.copy(), left.copy(), case.depth

    def run() -> tuple[Any, Any, Any]:
        for k in range(case.max_steps * (3 * depth - 2)):
            np.dot(left[k % depth], right[k % depth], out=out[k % depth])
        return None, None, None

    return run


def engine(name: str) -> Callable[[Case], Solver]:
    """`dlr.solve` on one engine."""

    def prepare(case: Case) -> Solver:
        import numpy as np

        import dlr

        target, algorithm = case.targets()[0], dlr.GradientDescent(case.step_size)

        def run() -> tuple[Any, Any, Any]:
            solution = dlr.solve(
                target, case.depth, algorithm, tol=case.tol, max_steps=case.max_steps, engine=name, history=False
            )
            return solution.loss, np.int64(solution.steps), solution.product

        return run

    return prepare


def batched(case: Case) -> Solver:
    """`dlr.solve_batch`."""
    import dlr

    targets, algorithm = case.targets(), dlr.GradientDescent(case.step_size)

    def run() -> tuple[Any, Any, Any]:
        batch = dlr.solve_batch(targets, case.depth, algorithm, tol=case.tol, max_steps=case.max_steps)
        return batch.losses, batch.steps, batch.products

    return run


def one_at_a_time(case: Case) -> Solver:
    """`dlr.solve` for each target of a batch in turn."""
    import numpy as np

    import dlr

    targets, algorithm = case.targets(), dlr.GradientDescent(case.step_size)

    def run() -> tuple[Any, Any, Any]:
        solutions = [
            dlr.solve(target, case.depth, algorithm, tol=case.tol, max_steps=case.max_steps, history=False)
            for target in targets
        ]
        losses, steps, products = zip(*((one.loss, one.steps, one.product) for one in solutions), strict=True)
        return np.array(losses), np.array(steps), np.array(products)

    return run


SOLVERS: dict[str, Callable[[Case], Solver]] = {
    "compiled": engine("compiled"),
    "spectral": engine("spectral"),
    "batch": batched,
    "one at a time": one_at_a_time,
    "reference": engine("reference"),
    "numpy tuned": numpy_tuned,
    "torch eager": torch_eager,
    "torch.compile": partial(torch_eager, compile_it=True),
    "jax jit": jax_jit,
    "gemm": gemm,
}
"""Every column; `solvers_of` says which of them run a case."""


def solvers_of(case: Case) -> list[str]:
    """Names of the solvers of a case, ours first."""
    if case.kind == "batch":
        return ["batch", "one at a time", "jax jit"]
    ours = ["spectral", "compiled"] if case.kind == "normal" else ["compiled"]
    return [*ours, "reference", "numpy tuned", "torch eager", "torch.compile", "jax jit", "gemm"]


def serve(name: str, pipe: Any, batch: bool) -> None:
    """A solver's process: run a case for its results and prepare it, then time a step of it whenever asked."""
    if not batch and hasattr(os, "sched_setaffinity"):  # before threads start: JAX heeds no thread count
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    solver: Solver | None = None
    while (message := _receive(pipe)) is not None:
        try:
            if isinstance(message, Case):
                solver = SOLVERS[name](message)
                pipe.send(solver())
                longer = replace(message, max_steps=message.max_steps * LONGER.get(name, 1))
                solver = SOLVERS[name](longer)
                solver()
            else:
                assert solver is not None
                start = time.perf_counter()
                steps = solver()[1]
                pipe.send((time.perf_counter() - start) / (longer.max_steps if steps is None else steps.sum()))
        except ImportError as error:
            pipe.send(f"not installed ({error.name})")
        except Exception as error:
            pipe.send(f"failed ({type(error).__name__})")


def _receive(pipe: Any) -> Any:
    try:
        return pipe.recv()
    except EOFError:  # the table is done, or gave up
        return None


def measure(case: Case, ask: Callable[[str, Any], Any], rounds: int) -> dict[str, float | str]:
    """Least seconds a step of every solver of a case, or why there are none, after checking that results are equal."""
    import numpy as np

    names = solvers_of(case)
    results = {name: ask(name, case) for name in names}
    ours = results[names[0]]
    for name, result in results.items():
        if name == "gemm" or isinstance(result, str):
            continue
        for mine, other in zip(ours, result, strict=True):
            if not np.allclose(mine, other, rtol=AGREEMENT, atol=AGREEMENT):
                raise SystemExit(f"{name} disagrees with {names[0]} on {case}, no times are reported: {other}, {mine}")
    able = [name for name in names if not isinstance(results[name], str)]
    times: dict[str, float | str] = {name: result for name, result in results.items() if isinstance(result, str)}
    for _ in range(rounds):
        for name in able:
            times[name] = min(ask(name, "run"), times.get(name, float("inf")))
    return times


def exponents(rounds: int) -> list[tuple[str, float]]:
    """Measured exponents of the cost of a step: of L and d on the dense engine, of d on the spectral loop."""
    import math

    import numpy as np

    from dlr import kernels

    def dense(d: int, depth: int, steps: int) -> float:
        run = SOLVERS["compiled"](Case("general", d, depth, steps))
        return min(_seconds(run) for _ in range(rounds + 1)) / steps

    def reduced(d: int, steps: int = 3000) -> float:
        def run() -> tuple[Any, Any, Any]:
            x, losses = np.ones(d), np.empty(steps + 1)
            none = np.empty(0, dtype=np.complex128)
            kernels.reduced(np.linspace(0.5, 1.5, d), none, x, none.copy(), 16, 0, 0.0, 1e-5, 0.0, losses)
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
    for variable in THREADS:
        os.environ[variable] = "1"
    context = get_context("spawn")
    pipes: dict[str, Any] = {}
    processes: list[Any] = []

    def ask(name: str, message: Any) -> Any:
        key = f"{name}, batch" if batch else name
        if key not in pipes:
            pipes[key], theirs = context.Pipe()
            process = context.Process(target=serve, args=(name, theirs, batch), daemon=True)
            process.start()
            processes.append(process)
        pipes[key].send(message)
        return pipes[key].recv()

    for case in CASES:
        if options.only not in (None, case.kind):
            continue
        batch = case.kind == "batch"
        times = measure(case, ask, options.rounds)
        ours, *others = solvers_of(case)
        base = times[ours]
        columns = (
            [
                f"{name} {seconds / base:.3g}" if isinstance(seconds := times[name], float) else f"{name} {seconds}"
                for name in others
            ]
            if isinstance(base, float)
            else [str(base)]
        )
        print(f"{case.kind:8} d={case.dimension:<4} L={case.depth:<3} {ours} 1 | " + " | ".join(columns), flush=True)
    if options.only in (None, "exponents"):
        for label, exponent in exponents(options.rounds):
            print(f"exponent of cost: {label}: {exponent:.2f}", flush=True)
    for pipe in pipes.values():
        pipe.send(None)
    for process in processes:
        process.join()
    return 0


if __name__ == "__main__":
    sys.exit(main())
