"""The solvers that `peers` compares: the engines, and gradient descent as one would write it with each library.

Each function takes a `Case`, prepares it, and returns a function that runs it. Libraries are imported where used.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeAlias

Solver: TypeAlias = Callable[[], tuple[Any, Any, Any]]


@dataclass(frozen=True)
class Case:
    """One row of a table: the kind and size of the targets, and the number of steps."""

    kind: str
    dimension: int
    depth: int
    max_steps: int
    count: int = 1
    tol: float = 0.0

    @property
    def step_size(self) -> float:
        """Smaller for more steps, so that no run stalls before its limit; in a batch, so large that runs converge."""
        return (0.02 if self.kind == "batch" else 1.5 / max(self.max_steps, 3000)) / self.depth

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
    Case("general", 256, 8, 60),
    Case("general", 512, 4, 30),
    *(Case("normal", d, 16, 3000) for d in (4, 8)),
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
    """JAX: one jitted `scan` over the steps, which stands still once the tolerance is reached."""
    jax, network, value_and_gradient = _jax(case)

    def solve(target: Any) -> Any:
        def step(state: Any, _: Any) -> Any:
            layers, steps = state
            loss, gradient = value_and_gradient(layers, target)
            going = loss > case.tol
            return (jax.numpy.where(going, layers - case.step_size * gradient, layers), steps + going), loss

        (layers, steps), _ = jax.lax.scan(step, (_jax_identity(case), 0), None, length=case.max_steps)
        return value_and_gradient(layers, target)[0], steps, network(layers)

    return _on_host(jax.jit(solve), jax.numpy.asarray(case.targets()[0]))


def jax_vmap(case: Case) -> Solver:
    """JAX: a jitted `while_loop`, `vmap` over the batch."""
    jax, network, value_and_gradient = _jax(case)

    def solve(target: Any) -> Any:
        def going(state: Any) -> Any:
            return (state[1] > case.tol) & (state[3] < case.max_steps)

        def step(state: Any) -> Any:
            layers = state[0] - case.step_size * state[2]
            return (layers, *value_and_gradient(layers, target), state[3] + 1)

        start = _jax_identity(case)
        layers, loss, _, steps = jax.lax.while_loop(going, step, (start, *value_and_gradient(start, target), 0))
        return loss, steps, network(layers)

    return _on_host(jax.jit(jax.vmap(solve)), jax.numpy.asarray(case.targets()))


def _jax(case: Case) -> tuple[Any, Callable[[Any], Any], Callable[[Any, Any], Any]]:
    """JAX in double precision, the network's product, and loss with gradient."""
    import jax

    jax.config.update("jax_enable_x64", True)

    def network(layers: Any) -> Any:
        product = layers[0]
        for i in range(1, case.depth):
            product = layers[i] @ product
        return product

    return jax, network, jax.value_and_grad(lambda layers, target: ((network(layers) - target) ** 2).sum() / 2)


def _jax_identity(case: Case) -> Any:
    import jax.numpy as jnp

    return jnp.broadcast_to(jnp.eye(case.dimension), (case.depth, case.dimension, case.dimension))


def _on_host(train: Callable[[Any], Any], targets: Any) -> Solver:
    import numpy as np

    def run() -> tuple[Any, Any, Any]:
        loss, steps, product = map(np.asarray, train(targets))
        return loss, steps, product

    return run


def gemm(case: Case) -> Solver:
    """Only the matrix products: ``L - 1`` forward and ``2 (L - 1)`` backward in each step."""
    import numpy as np

    left = np.broadcast_to(np.eye(case.dimension), (case.depth, case.dimension, case.dimension)).copy()
    right, out, depth = left.copy(), left.copy(), case.depth

    def run() -> tuple[Any, Any, Any]:
        for k in range(case.max_steps * (3 * depth - 3)):
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
        return batch.loss, batch.steps, batch.product

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
    "jax vmap": jax_vmap,
    "gemm": gemm,
}
"""Every column; `solvers_of` says which of them run a case."""


def solvers_of(case: Case) -> list[str]:
    """Names of the solvers of a case, ours first."""
    if case.kind == "batch":
        return ["batch", "one at a time", "jax vmap"]
    ours = ["spectral", "compiled"] if case.kind == "normal" else ["compiled"]
    return [*ours, "reference", "numpy tuned", "torch eager", "torch.compile", "jax jit", "gemm"]
