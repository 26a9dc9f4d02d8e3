"""Engines agree: with each other, with any array namespace, and with exact arithmetic where it matters."""

import subprocess
import sys
import tracemalloc

import numpy as np
import pytest
from array_api_compat import array_namespace, is_array_api_strict_namespace
from hypothesis import example, given
from hypothesis import strategies as st

import dlr
from catalog import strategies
from dlr.engines import CHECK_EVERY, ENGINES
from dlr.matrices import project_to_margin
from dlr.network import product

ALGORITHMS = (
    dlr.GradientDescent(),
    dlr.StepAndProject(radius=0.05),
    dlr.StepAndProject(radius=0.5),
    dlr.Penalized(strength=0.3),
)
algorithms = st.sampled_from(ALGORITHMS)
depths = st.integers(1, 12)
SHEAR = np.array([[1.0, 2.0], [0.0, 1.0]])


def run_on(target, depth, algorithm, *, engine, **options):
    return dlr.solve(target, depth, algorithm, engine=engine, **{"tol": 1e-12, "max_steps": 200, **options})


def assert_same_run(first, second, tolerance=1e-10):
    assert first.outcome is second.outcome
    assert first.steps == second.steps
    assert first.losses.shape == second.losses.shape
    np.testing.assert_allclose(first.losses, second.losses, rtol=1e-7, atol=tolerance)
    np.testing.assert_allclose(first.layers, second.layers, atol=tolerance)
    np.testing.assert_allclose(first.product, second.product, atol=tolerance)
    assert first.lowest_loss == pytest.approx(second.lowest_loss, rel=1e-7, abs=tolerance)


def assert_agree(first, second, tolerance=1e-10):
    """Up to the first end: where neither reaches the tolerance, rounding decides when a run stands still."""
    steps = min(first.steps, second.steps)
    np.testing.assert_allclose(first.losses[: steps + 1], second.losses[: steps + 1], rtol=1e-7, atol=tolerance)
    np.testing.assert_allclose(first.product, second.product, atol=tolerance)
    np.testing.assert_allclose(first.layers, second.layers, atol=tolerance)


@given(strategies.near_identity(max_dimension=12, max_distance=0.5), depths, algorithms)
def test_compiled_is_the_reference(target, depth, algorithm):
    assert_agree(*(run_on(target, depth, algorithm, engine=name, tol=0.0) for name in ("reference", "compiled")))


@pytest.mark.parametrize("dimension", [1, 3, 4, 5, 8, 9, 13, 40])
@pytest.mark.parametrize("depth", [1, 2, 3, 8])
@pytest.mark.parametrize("algorithm", [*ALGORITHMS, dlr.PowerProjection()], ids=lambda algorithm: algorithm.name)
def test_compiled_is_the_reference_at_every_size(dimension, depth, algorithm):
    noise = np.random.default_rng(dimension).standard_normal((dimension, dimension))
    target = np.eye(dimension) + 0.1 * noise / np.sqrt(dimension)
    runs = [run_on(target, depth, algorithm, engine=name) for name in ("reference", "compiled")]
    assert runs[0].converged == runs[1].converged
    (assert_same_run if runs[0].converged else assert_agree)(*runs)


@given(strategies.margin_positive(max_dimension=9, min_margin=0.3, max_eigenvalue=3.0, max_skew=2.0), depths)
def test_compiled_power_projection_is_the_reference(target, depth):
    runs = [
        run_on(target, depth, dlr.PowerProjection(), engine=name, tol=0.0, max_steps=60)
        for name in ("reference", "compiled")
    ]
    assert_agree(*runs, tolerance=1e-9)


@given(strategies.normal(min_modulus=0.2, max_modulus=2.0, max_angle=2.0), depths, algorithms)
def test_spectral_is_the_reference(target, depth, algorithm):
    assert_agree(*(run_on(target, depth, algorithm, engine=name, tol=0.0) for name in ("reference", "spectral")))


class InPython:
    """An algorithm that the compiled loops don't know, with the numbers of one they know."""

    def __init__(self, algorithm):
        self.algorithm = algorithm
        self.name, self.step_size = algorithm.name, algorithm.step_size

    def step(self, layers, gradients, step_size):
        return self.algorithm.step(layers, gradients, step_size)

    def reduced_step(self, z, gradients, step_size, depth):
        return self.algorithm.reduced_step(z, gradients, step_size, depth)


@given(
    strategies.normal(min_modulus=0.2, max_modulus=3.0),
    depths,
    st.sampled_from(
        (
            dlr.GradientDescent(0.02),
            dlr.StepAndProject(radius=0.2, step_size=0.02),
            dlr.Penalized(strength=0.3, step_size=0.02),
        )
    ),
)
def test_the_compiled_reduction_is_the_numpy_one(target, depth, algorithm):
    runs = [run_on(target, depth, a, engine="spectral", tol=1e-6) for a in (algorithm, InPython(algorithm))]
    assert_agree(*runs)


@given(strategies.positive_definite(min_eigenvalue=0.2, max_eigenvalue=3.0), depths)
def test_the_compiled_reduction_of_power_projection_is_the_numpy_one(target, depth):
    margin = min(1.0, dlr.matrices.margin(target))
    algorithm = dlr.PowerProjection(margin, 0.01)
    runs = [run_on(target, depth, a, engine="spectral", tol=1e-6) for a in (algorithm, InPython(algorithm))]
    assert_agree(*runs)


@pytest.mark.parametrize("engine", list(ENGINES))
@pytest.mark.parametrize(
    ("target", "depth", "algorithm", "options", "outcome"),
    [
        (np.diag([2.0, 0.5]), 4, dlr.GradientDescent(0.05), {"tol": 1e-9}, "CONVERGED"),
        (np.eye(3), 4, dlr.GradientDescent(0.05), {"tol": 0.0}, "CONVERGED"),
        (np.diag([2.0, 0.5]), 4, dlr.GradientDescent(0.05), {"max_steps": 7}, "STEP_LIMIT"),
        (np.diag([2.0, 0.5]), 4, dlr.GradientDescent(0.05), {"max_steps": 0}, "STEP_LIMIT"),
        (np.diag([2.0, 0.5]), 4, dlr.StepAndProject(0.0, step_size=0.05), {}, "STALLED"),
        (np.diag([2.0, 0.5]), 4, dlr.StepAndProject(0.01, step_size=0.05), {}, "STALLED"),
        (np.diag([50.0, 2.0]), 4, dlr.GradientDescent(1.0), {}, "DIVERGED"),
        (np.diag([50.0, 2.0]), 4, dlr.Penalized(1.0, step_size=1.0), {}, "DIVERGED"),
        (np.diag([1e200, 2.0]), 4, dlr.GradientDescent(1e-3), {}, "DIVERGED"),
        (np.diag([1e150, 1e149]), 4, dlr.PowerProjection(step_size=1e300), {}, "DIVERGED"),
        (np.diag([1e150, 2.0]), 4, dlr.StepAndProject(0.5, step_size=1e300), {}, "DIVERGED"),
        ([[1e150]], 1, dlr.StepAndProject(0.5, step_size=1e10), {}, "STALLED"),  # finite, but its square is not
        ([[1e150]], 1, dlr.PowerProjection(step_size=1e158), {}, "DIVERGED"),  # finite, but twice it is not
    ],
)
def test_outcomes_are_those_of_every_engine(engine, target, depth, algorithm, options, outcome):
    solution = run_on(target, depth, algorithm, engine=engine, **options)
    assert solution.outcome.name == outcome
    assert solution.steps == len(solution.losses) - 1
    assert np.isfinite(solution.layers).all()
    assert solution.steps == run_on(target, depth, algorithm, engine="reference", **options).steps


@pytest.mark.parametrize("engine", list(ENGINES))
@pytest.mark.parametrize("tol", [0.3, 1e-9, 0.0])
def test_history_changes_no_number(engine, tol):
    full, short = (
        run_on(np.diag([2.0, 0.5]), 4, dlr.Penalized(0.5), engine=engine, tol=tol, history=history)
        for history in (True, False)
    )
    np.testing.assert_array_equal(short.losses, full.losses[[0, -1]] if full.steps else full.losses)
    assert (short.steps, short.outcome, short.lowest_loss) == (full.steps, full.outcome, full.lowest_loss)
    np.testing.assert_array_equal(short.layers, full.layers)


@pytest.mark.parametrize("engine", ["compiled", "spectral"])
def test_blocks_leave_no_trace(engine, monkeypatch):
    def run():
        return run_on(np.diag([2.0, 0.3]), 5, dlr.GradientDescent(0.001), engine=engine, max_steps=500)

    whole = run()
    monkeypatch.setattr("dlr.engines.BLOCK_WORK", 1)  # blocks of 64 steps
    blocks = run()
    np.testing.assert_array_equal(blocks.losses, whole.losses)
    np.testing.assert_array_equal(blocks.layers, whole.layers)
    assert (blocks.steps, blocks.outcome, blocks.lowest_loss) == (whole.steps, whole.outcome, whole.lowest_loss)


@pytest.mark.parametrize("engine", ["compiled", "spectral"])
def test_memory_does_not_grow_with_the_steps(engine):
    def peak(steps, history):
        tracemalloc.start()
        run = dlr.solve([[2.0]], 3, dlr.GradientDescent(1e-9), tol=0.0, max_steps=steps, engine=engine, history=history)
        size = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert run.steps == steps
        return size

    peak(10, True)  # what is imported and compiled on the way
    few, many = peak(200_000, False), peak(1_000_000, False)
    assert many < 1.1 * few
    assert peak(1_000_000, True) > 8_000_000


@pytest.mark.parametrize("engine", ["reference", "compiled"])
def test_another_start(engine):
    start = dlr.network.zero_asymmetric_layers(SHEAR, 3)
    solution = dlr.solve(SHEAR, 3, dlr.GradientDescent(0.05), engine=engine, initial_layers=start, max_steps=1)
    expected = start - 0.05 * dlr.network.gradients(start, SHEAR)
    np.testing.assert_allclose(solution.layers, expected, atol=1e-15)
    np.testing.assert_array_equal(start, dlr.network.zero_asymmetric_layers(SHEAR, 3))


@pytest.mark.parametrize("algorithm", [a for a in ALGORITHMS if a != ALGORITHMS[1]], ids=lambda a: a.name)
@pytest.mark.parametrize("depth", [2, 5])
def test_a_negative_eigenvalue_is_never_learned_over_1e5_steps(algorithm, depth):
    axes = np.linalg.qr(np.random.default_rng(0).standard_normal((6, 6)))[0]
    blocks = np.diag([-1.0, 2.0, 0.5, -0.3, 1.0, 1.0])
    blocks[4:, 4:] = [[0.6, -0.8], [0.8, 0.6]]  # not symmetric: through the Schur form
    target = axes @ blocks @ axes.T
    run = dlr.solve(target, depth, algorithm, tol=0.0, max_steps=100_000, history=False)
    assert run.engine == "spectral"
    assert run.lowest_loss >= 0.5 * (1.0 + 0.09) * (1 - 1e-12)
    values = np.linalg.eigvals(run.product)
    assert np.sum(abs(values.imag) < 1e-12) == 4


def test_a_double_negative_eigenvalue_is_no_pair():
    axes = np.linalg.qr(np.random.default_rng(3).standard_normal((5, 5)))[0]
    blocks = np.diag([-1.0, -1.0, -1.0, 1.0, 1.0])
    blocks[3:, 3:] = [[0.6, -0.8], [0.8, 0.6]]
    found = dlr.spectral.spectrum(axes @ blocks @ axes.T)
    assert sorted(found.weights) == [1, 1, 1, 2]
    np.testing.assert_allclose(found.matrix(found.eigenvalues), axes @ blocks @ axes.T, atol=1e-14)


@pytest.mark.parametrize(
    ("target", "algorithm", "options", "engine"),
    [
        (np.diag([2.0, 1.0]), dlr.GradientDescent(), {}, "spectral"),
        (np.diag([2.0, 1.0]), dlr.PowerProjection(), {}, "spectral"),
        (np.diag([2.0, 1.0]), InPython(dlr.GradientDescent(0.1)), {}, "spectral"),
        (np.diag([2.0, 1.0]), dlr.GradientDescent(), {"initial_layers": np.stack([np.eye(2)] * 3)}, "compiled"),
        (SHEAR, dlr.GradientDescent(), {}, "compiled"),
        (SHEAR, dlr.StepAndProject(0.1), {}, "compiled"),
        (SHEAR, dlr.Penalized(0.1), {}, "compiled"),
        (np.array([[1.0, 0.5], [0.0, 1.0]]), dlr.PowerProjection(), {}, "compiled"),
        (SHEAR, InPython(dlr.GradientDescent(0.1)), {}, "reference"),
    ],
)
def test_the_rules_of_auto(target, algorithm, options, engine):
    assert dlr.solve(target, 3, algorithm, max_steps=3, **options).engine == engine


def test_a_namespace_of_its_own_stays_on_reference():
    import array_api_strict as xp

    assert dlr.solve(xp.eye(2) * 2, 3, max_steps=3).engine == "reference"
    for engine in ("compiled", "spectral"):
        with pytest.raises(dlr.InputError, match="NumPy target"):
            dlr.solve(xp.eye(2), 3, engine=engine)


def test_compiled_refuses_an_algorithm_it_does_not_know():
    with pytest.raises(dlr.InputError, match="use engine='reference'"):
        dlr.solve(SHEAR, 3, InPython(dlr.GradientDescent(0.1)), engine="compiled")


def from_strict(array):
    import array_api_strict

    if is_array_api_strict_namespace(array_namespace(array)):
        array = array.to_device(array_api_strict.Device("CPU_DEVICE"))
    return np.asarray(array)


def places():
    """Namespaces and devices to run on: strict ones always, torch and JAX where they are installed."""
    import array_api_strict

    yield pytest.param(array_api_strict, None, id="strict")
    yield pytest.param(array_api_strict, array_api_strict.Device("device1"), id="strict-device")
    try:
        import torch

        yield pytest.param(torch, None, id="torch")
        if torch.cuda.is_available():
            yield pytest.param(torch, torch.device("cuda:0"), id="torch-cuda")
    except ImportError:
        pass
    try:
        import jax

        jax.config.update("jax_enable_x64", True)
        yield pytest.param(jax.numpy, None, id="jax")
    except ImportError:
        pass


@pytest.mark.parametrize("algorithm", [*ALGORITHMS, dlr.PowerProjection()], ids=lambda algorithm: algorithm.name)
@pytest.mark.parametrize(("xp", "device"), list(places()))
def test_reference_runs_on_any_namespace_and_device(xp, device, algorithm, monkeypatch):
    if "strict" in xp.__name__:  # which refuses NumPy's reading of what is not on its host
        for module in ("dlr.engines", "dlr.solve"):
            monkeypatch.setattr(sys.modules[module], "to_host", from_strict)
    target = xp.asarray([[1.0, 0.5], [-0.2, 0.8]], dtype=xp.float64, device=device)
    there = dlr.solve(target, 4, algorithm, max_steps=150, tol=1e-9)
    host = sys.modules["dlr.solve"].to_host
    here = dlr.solve(host(target), 4, algorithm, engine="reference", max_steps=150, tol=1e-9)
    for array in (there.layers, there.product):
        assert array_namespace(array) is array_namespace(target)
        assert array.device == target.device
    assert (there.steps, there.outcome) == (here.steps, here.outcome)
    np.testing.assert_allclose(there.losses, here.losses, rtol=1e-9, atol=1e-15)
    np.testing.assert_allclose(host(there.layers), here.layers, atol=1e-12)


@pytest.mark.parametrize("check_every", [2, 7, CHECK_EVERY, 10_000])
@example(algorithm=dlr.GradientDescent(0.05), tol=1e-9, scale=1.0).via("converges between two looks")
@example(algorithm=dlr.StepAndProject(0.01, step_size=0.05), tol=0.0, scale=1.0).via("stalls")
@example(algorithm=dlr.GradientDescent(1.0), tol=1e-9, scale=50.0).via("diverges")
@example(algorithm=dlr.StepAndProject(0.5, step_size=1e300), tol=1e-9, scale=1e150).via("layers that are not finite")
@given(st.sampled_from(ALGORITHMS), st.sampled_from((1e-3, 1e-9)), st.sampled_from((1.0, 5.0)))
def test_how_often_losses_are_read_changes_nothing(check_every, algorithm, tol, scale):
    target = scale * np.array([[1.0, 0.5], [-0.2, 0.8]])
    every, seldom = (
        run_on(target, 4, algorithm, engine="reference", tol=tol, check_every=interval) for interval in (1, check_every)
    )
    assert (seldom.steps, seldom.outcome, seldom.lowest_loss) == (every.steps, every.outcome, every.lowest_loss)
    np.testing.assert_array_equal(seldom.losses, every.losses)
    np.testing.assert_array_equal(seldom.layers, every.layers)


def test_losses_are_read_once_in_a_block(monkeypatch):
    import array_api_strict as xp

    reads = []
    monkeypatch.setattr("dlr.engines.to_host", lambda array: reads.append(array) or np.asarray(array))
    dlr.solve(xp.asarray([[1.0, 0.5], [-0.2, 0.8]]), 3, dlr.GradientDescent(1e-3), max_steps=10 * CHECK_EVERY)
    assert len(reads) <= 2 * 10


@pytest.mark.parametrize(("xp", "device"), list(places()))
def test_single_precision_is_refused(xp, device):
    with pytest.raises(dlr.InputError, match=r"target must be float64, got .*float32.*: convert"):
        dlr.solve(xp.asarray([[1.0]], dtype=xp.float32, device=device), 2)


def test_errors_of_an_algorithm_are_not_taken_for_divergence():
    class Broken(InPython):
        def step(self, layers, gradients, step_size):
            raise ValueError("a mistake of its own")

    with pytest.raises(ValueError, match="a mistake of its own"):
        dlr.solve(SHEAR, 3, Broken(dlr.GradientDescent(0.1)), max_steps=3)


def test_an_algorithm_that_refuses_what_is_not_finite_has_diverged():
    class Refusing(InPython):
        def step(self, layers, gradients, step_size):
            following = layers - step_size * gradients
            project_to_margin(product(following), 1.0)
            return following

    solution = dlr.solve(SHEAR, 3, Refusing(dlr.GradientDescent(1e300)), max_steps=3)
    assert solution.outcome.name == "DIVERGED"
    assert np.isfinite(solution.layers).all()


@pytest.mark.parametrize("engine", ["reference", "compiled"])
def test_a_margin_lost_to_rounding(engine):
    target = [[0.25, 0.35], [0.35, 0.74]]
    algorithm = dlr.PowerProjection(1e-14, step_size=5.0)
    once = dlr.solve(target, 3, algorithm, engine=engine, max_steps=1)
    stepped = product(np.eye(2) - 5.0 * dlr.network.gradients(np.array([np.eye(2)] * 3), np.array(target)))
    assert once.loss == pytest.approx(np.sum((project_to_margin(stepped, 1e-14) - target) ** 2) / 2, rel=1e-12)


@pytest.mark.parametrize("value", [0, -1, 1.5, True])
def test_check_every_is_checked(value):
    with pytest.raises(dlr.InputError, match="check_every must be"):
        dlr.solve(SHEAR, 2, check_every=value)


def test_importing_dlr_imports_no_compiler():
    code = "import dlr, sys; print([m for m in ('numba', 'scipy', 'hypothesis', 'matplotlib') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "[]"
