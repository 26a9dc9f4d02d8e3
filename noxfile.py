#!/usr/bin/env python3
# /// script
# dependencies = ["nox>=2024.10.9"]
# ///
"""Everything that a machine can differ in: ``nox`` runs the tests on each Python found, with each kind of dependencies.

Where pyenv is installed, its Pythons count as found. ``nox --list`` shows the sessions.
"""

import os
import shutil
import subprocess
from pathlib import Path

import nox
from packaging.requirements import Requirement

nox.needs_version = ">=2024.10.9"
nox.options.default_venv_backend = "venv"
nox.options.error_on_missing_interpreters = False

SETTINGS = nox.project.load_toml("pyproject.toml")
PROJECT, EXTRAS = SETTINGS["project"], SETTINGS["project"]["optional-dependencies"]
PYTHONS = nox.project.python_versions(SETTINGS, max_version="3.14")
KERNELS = {"Nehalem": "1", "Haswell": "2", "Zen": "1", "SkylakeX": "2", "generic": "2"}
"""Processors whose BLAS kernels, or for generic whose compiled loops, are run, with the number of BLAS threads."""

ROUNDING = ("tests/dlr", *(f"tests/catalog/test_{name}.py" for name in ("claims", "ledger", "promises", "records")))
"""Tests whose outcome could depend on the last bits."""

if shutil.which("pyenv"):
    pyenv = subprocess.run(["pyenv", "root"], capture_output=True, text=True, check=True).stdout.strip()
    folders = [str(folder) for folder in sorted(Path(pyenv, "versions").glob("3.*/bin"))]
    os.environ["PATH"] = os.pathsep.join([os.environ["PATH"], *folders])

NEWEST = next((version for version in reversed(PYTHONS) if shutil.which(f"python{version}")), PYTHONS[-1])


@nox.session(python=PYTHONS)
def tests(session: nox.Session) -> None:
    """The README's two commands on each Python, with the newest dependencies."""
    readme_commands(session, "--upgrade", "--upgrade-strategy=eager")


@nox.session(python=PYTHONS[0])
def oldest(session: nox.Session) -> None:
    """The same on the oldest Python, with the lowest version that `pyproject.toml` allows of each package."""
    wanted = [Requirement(line) for lines in (PROJECT["dependencies"], *EXTRAS.values()) for line in lines]
    lowest = {one.name: bound.version for one in wanted for bound in one.specifier if bound.operator == ">="}
    file = Path(session.create_tmp(), "oldest.txt")
    file.write_text("".join(f"{name}=={version}\n" for name, version in lowest.items()), encoding="utf-8")
    readme_commands(session, "--constraint", str(file))


def readme_commands(session: nox.Session, *options: str) -> None:
    """Install with these options, validate, and run the tests."""
    session.install(*options, "--editable", ".[test]")
    session.run("dlr", "validate")
    session.run("pytest", "-n", "auto", *session.posargs)


@nox.session(python=NEWEST)
@nox.parametrize("processor", list(KERNELS))
def kernels(session: nox.Session, processor: str) -> None:
    """The tests whose outcome could depend on the last bits, with the kernels of another processor."""
    session.install("--editable", ".[test]", "threadpoolctl")
    processors = Path("/proc/cpuinfo")
    threads = {"OPENBLAS_NUM_THREADS": KERNELS[processor], "OMP_NUM_THREADS": KERNELS[processor]}
    if processor == "generic":
        kernel = {"NUMBA_CPU_NAME": "generic"}
    elif processor == "SkylakeX" and not (processors.exists() and "avx512f" in processors.read_text(encoding="utf-8")):
        session.skip("this processor lacks AVX-512")
    else:
        kernel = {"OPENBLAS_CORETYPE": processor}
        check = "import numpy, threadpoolctl; print({b['architecture'] for b in threadpoolctl.threadpool_info()})"
        found = session.run("python", "-c", check, env=kernel, silent=True)
        if repr(processor) not in str(found):
            session.skip(f"NumPy's BLAS here runs the kernels of {found}")
    session.run("pytest", "-n", "auto", *(session.posargs or ROUNDING), env={**threads, **kernel})


@nox.session(python=NEWEST)
def wheel(session: nox.Session) -> None:
    """Wheel and source distribution, each in an environment of its own, away from the clone."""
    root, folder = Path.cwd(), Path(session.create_tmp()).resolve()
    shutil.rmtree(folder, ignore_errors=True)
    session.install("build")
    session.run("python", "-m", "build", "--outdir", str(folder / "dist"), silent=True)
    for sort in ("*.tar.gz", "*.whl"):
        [file] = (folder / "dist").glob(sort)
        work = folder / sort[2:]
        work.mkdir()
        session.install("--force-reinstall", str(file))
        with session.chdir(work):
            session.run("python", str(root / "tests" / "data" / "installed.py"), str(root))
            session.run("dlr", "validate")
            for word in ("family", "claim", "algorithm"):
                session.run("dlr", "new", word, f"my_{word}", "--directory", ".", silent=True)
            session.run("python", "-m", "compileall", "-q", ".")
            session.run("dlr", "new", "family", "my_own", success_codes=[2])
            session.run("python", "-m", "catalog.app.ledger", success_codes=[1])
            session.run("python", str(root / "tests" / "data" / "installed.py"), str(root))


@nox.session
def lint(session: nox.Session) -> None:
    """Linters, formatter and types, on every file."""
    session.install("--editable", ".[dev]")
    session.run("pre-commit", "run", "--all-files", "--show-diff-on-failure")
    session.run("repo-review", ".")


@nox.session(python=NEWEST)
def docs(session: nox.Session) -> None:
    """The site, with warnings as errors."""
    session.install("--editable", ".[docs]")
    session.run("sphinx-build", "-EnW", "docs", "docs/_build")


@nox.session(python=NEWEST, default=False)
def warnings(session: nox.Session) -> None:
    """The tests with every warning an error, other packages' too, on their newest versions, pre-releases included."""
    session.install("--upgrade", "--pre", "--editable", ".[test]")
    session.run("pytest", "-n", "auto", "-W", "error", *session.posargs)


if __name__ == "__main__":
    nox.main()
