"""Processor time and memory: engines by size, validation, drawing, import."""

import contextlib
import io
import subprocess
import sys
import time

import numpy as np
from hypothesis import HealthCheck, Phase, given, settings

import dlr
from catalog import registry, strategies
from catalog.app import cli

from .named_targets import matrix
from .processor import processor_time


class Steps:
    """One thousand steps of gradient descent at depth 8, tolerance 0, by engine and dimension."""

    version = "2"
    timer = time.process_time
    param_names = ("engine", "dimension")
    params = (["reference", "compiled", "spectral"], [4, 16, 64])

    def setup(self, engine: str, dimension: int) -> None:
        """One step, so that compiling is not timed; n/a where the commit lacks the engine."""
        off = np.eye(dimension, k=1)
        self.target = 3 * np.eye(dimension) - off - off.T  # written out: independent of the catalog
        self.algorithm = dlr.GradientDescent(step_size=1e-4)
        try:
            self._run(engine, 1)
        except dlr.InputError as error:
            if f"engine {engine!r} is unknown" not in str(error):
                raise
            raise NotImplementedError(str(error)) from None
        self.number = {"compiled": 10, "spectral": 50}.get(engine, 1)  # a sample is no shorter than 10 ms

    def _run(self, engine: str, steps: int) -> None:
        dlr.solve(self.target, 8, self.algorithm, tol=0.0, max_steps=steps, engine=engine, history=False)

    def time_steps(self, engine: str, dimension: int) -> None:
        """Time."""
        self._run(engine, 1000)

    def peakmem_steps(self, engine: str, dimension: int) -> None:
        """Peak memory of the process."""
        self._run(engine, 1000)


class Batch:
    """One thousand targets at depth 8, each until it converges, after about a hundred steps of given size."""

    version = "2"
    timer = time.process_time
    param_names = ("dimension",)
    params = ([2, 4, 8],)

    def setup(self, dimension: int) -> None:
        """Run two targets, so that compiling is not timed; n/a where the commit lacks batches."""
        if not hasattr(dlr, "solve_batch"):
            raise NotImplementedError("no solve_batch")
        noise = np.random.default_rng(dimension).standard_normal((1000, dimension, dimension))
        self.targets = np.eye(dimension) + 0.3 * noise / np.sqrt(dimension)
        self._run(self.targets[:2])

    def _run(self, targets: np.ndarray) -> None:
        dlr.solve_batch(targets, 8, dlr.GradientDescent(step_size=0.0025), tol=1e-3, max_steps=1000)

    def time_batch(self, dimension: int) -> None:
        """Time."""
        self._run(self.targets)


class BatchDefaults:
    """One thousand targets of dimension 4 at depth 8, default step sizes: a few steps each, so planning counts."""

    version = "2"
    timer = time.process_time
    param_names = ("kind",)
    params = (["general", "symmetric"],)

    def setup(self, kind: str) -> None:
        """Run two targets, so that compiling is not timed; n/a where the commit lacks batches."""
        if not hasattr(dlr, "solve_batch"):
            raise NotImplementedError("no solve_batch")
        self.targets = np.eye(4) + np.random.default_rng(4).uniform(-0.2, 0.2, (1000, 4, 4))
        if kind == "symmetric":
            self.targets = (self.targets + np.swapaxes(self.targets, -1, -2)) / 2
        self._run(self.targets[:2])

    def _run(self, targets: np.ndarray) -> None:
        dlr.solve_batch(targets, 8, tol=1e-3)

    def time_batch(self, kind: str) -> None:
        """Time."""
        self._run(self.targets)


class Validate:
    """``dlr validate`` on listed claims and targets, each claim with a target it applies to."""

    version = "2.1"  # the second number is the revision of the targets
    timer = time.process_time
    arguments = (
        *("validate", "--json", "--claim", "P1", "--claim", "P3", "--claim", "P4"),
        *("--target", "identity-perturbation", "--target", "hilbert", "--target", "householder"),
    )

    def setup(self) -> None:
        """See that the claims and targets are there."""
        for name in ("identity-perturbation", "hilbert", "householder"):
            matrix(name)
        if not {"P1", "P3", "P4"} <= {claim.identifier for claim in registry.all_claims().values()}:
            raise NotImplementedError("no such claims")

    def time_validate(self) -> None:
        """Time of the whole command, imports apart."""
        with contextlib.redirect_stdout(io.StringIO()):
            code = cli.main(self.arguments)
        if code != 0:
            raise RuntimeError(f"dlr validate failed with exit code {code}")

    def peakmem_validate(self) -> None:
        """Peak memory of the process."""
        self.time_validate()


class Strategies:
    """One hundred draws from a strategy at its default arguments, the same ones every time."""

    version = "2"
    timer = time.process_time
    param_names = ("strategy",)
    params = (
        [
            *("orthogonal", "positive_definite", "negative_eigenvalue", "margin_positive", "near_identity", "normal"),
            *("symmetric", "general", "with_spectrum", "with_singular_values", "spectra", "dimensions"),
        ],
    )

    def setup(self, name: str) -> None:
        """Look the strategy up; n/a where the commit lacks it."""
        today = {"near_identity": "near_the_identity"}.get(name, name)
        found = getattr(strategies, today, None) or getattr(strategies, name, None)  # the latter in older commits
        if found is None:
            raise NotImplementedError(f"no strategy {name}")
        of_spectra = {"with_spectrum": "eigenvalues", "with_singular_values": "singular_values"}
        drawn = {of_spectra[name]: strategies.spectra(min_eigenvalue=0.1)} if name in of_spectra else {}
        self.strategy = found(**drawn)

    def time_strategies(self, name: str) -> None:
        """Time."""

        @settings(
            max_examples=100,
            database=None,
            deadline=None,
            derandomize=True,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(self.strategy)
        def draw(_: object) -> None:
            pass

        draw()


class Import:
    """Import in a fresh interpreter, whose own start is counted, too."""

    version = "1"
    timer = staticmethod(processor_time)
    param_names = ("package",)
    params = (["dlr", "catalog"],)

    def time_import(self, package: str) -> None:
        """Time."""
        subprocess.run([sys.executable, "-c", f"import {package}"], check=True)


class ValidateLarge:
    """Every check of step-by-step claims on one dense target of dimension 100, where decompositions dominate."""

    version = "2"
    timeout = 600
    timer = time.process_time

    def setup(self) -> None:
        """The target and its tasks' claims; n/a where the commit lacks a claim."""
        noise = np.random.default_rng(0).standard_normal((100, 100)) / 10
        self.target = 2 * np.eye(100) + 0.2 * (noise + noise.T)  # written out: independent of the catalog
        try:
            self.claims = [registry.claim_named(identifier) for identifier in ("I4", "P5b", "P5c", "P5d", "H2")]
        except dlr.InputError as error:
            raise NotImplementedError(str(error)) from None

    def time_checks(self) -> None:
        """Time."""
        for claim in self.claims:
            for problem in claim.problems_for(self.target):
                claim(problem)
