"""The choice of the engine that runs a problem."""

import math

import numpy as np
from array_api_compat import array_namespace, is_numpy_array

from dlr import spectral
from dlr.algorithms import GradientDescent, has_its_reduction
from dlr.arguments import InputError
from dlr.engines import COMPILED_RULES
from dlr.problem import Problem
from dlr.rounding import power
from dlr.types import Array

__all__: list[str] = []


def chosen_engine(problem: Problem) -> str:
    """The engine that runs a problem: the one it names, or the one that ``auto`` chooses for it.

    ``auto`` follows the first of these rules that matches. The measurements are from ``python -m
    catalog.benchmarks.peers`` on an AMD EPYC: least of 2 or 3 turns, at depths 8 and 16.

    1. A target that is not a NumPy array runs on ``reference``, so that it stays on its device.
    2. A target whose reduction is exact, or nearly so (`reduces`), runs on ``spectral``.
       A step on ``compiled`` took 1.2 times as long at d = 4, 3.3 times at d = 8, 740 times at d = 64.
    3. An algorithm of the paper runs on ``compiled``.
       A step on ``reference`` took 240 to 1,200 times as long at d <= 4, 3.2 times at d = 32, 1.2 times at d = 256.
    4. Any other algorithm runs on ``reference``.

    Raises
    ------
    InputError
        If the problem names an engine that can't run it.
    """
    engine = problem.engine
    on_host = is_numpy_array(problem.target)
    known = on_host and type(problem.algorithm) in COMPILED_RULES
    reducible = on_host and problem.initial_layers is None and has_its_reduction(problem.algorithm)
    if engine == "spectral":
        if not reducible:
            raise InputError(
                "engine 'spectral' needs a NumPy target, the identity start and an algorithm with reduced_step: "
                "use engine='reference'"
            )
        spectral.spectrum(problem.target)  # refuses what is not normal
    if engine == "compiled" and not known:
        raise InputError(
            "engine 'compiled' needs a NumPy target and one of dlr's own algorithms: use engine='reference'"
        )
    if engine == "single":
        check_single("target", problem.target)
        check_single("initial_layers", problem.start)
    if engine != "auto":
        return engine
    if reducible and reduces(problem):
        return "spectral"
    return "compiled" if known else "reference"


def check_single(name: str, array: Array) -> None:
    """Refuse targets or a start that single precision can't hold."""
    xp = array_namespace(array)
    largest = float(xp.max(xp.abs(array)))
    if largest > LARGEST_SINGLE:
        raise InputError(
            f"engine 'single' needs entries of {name} up to {LARGEST_SINGLE:.2g}, got {largest:.2g}: scale it, or use "
            "engine='reference'"
        )


LARGEST_SINGLE = float(np.finfo(np.float32).max)

NEGLIGIBLE = 1e-8
"""Largest effect of a departure from the normal matrices that `reduces` allows, relative to ``sqrt(2 tol)``."""


def reduces(problem: Problem) -> bool:
    """Whether a run may use the exact reduction in place of the iteration on the layers.

    It may where the target's form is exact (`dlr.spectral.have_blocks`), also where gradient descent ends at a saddle.
    A target that is only near such a form may be reduced under plain gradient descent with steps that do not oscillate,
    if its departure from the form, times `dlr.spectral.amplification`, is at most `NEGLIGIBLE` times the error
    ``sqrt(2 tol)``. For most tolerances this admits departures of the size of rounding errors. At a saddle it admits
    none, since gradient descent leaves the saddle after any departure.
    """
    if spectral.have_blocks(problem.target):
        return True
    if type(problem.algorithm) is not GradientDescent or not spectral.commute(problem.target):
        return False
    found = spectral.nearest_normal(problem.target)
    largest = max(1.0, float(np.max(np.abs(found.eigenvalues))))
    return problem.step_size * problem.depth * power(
        largest, 2 - 2 / problem.depth
    ) <= 1 and found.departure * spectral.amplification(found.eigenvalues) <= NEGLIGIBLE * math.sqrt(2 * problem.tol)
