"""Runs commands in processes of their own, forked from one that has the packages and compiled loops loaded.

So a command takes the time of its work, not the second that Python, the libraries and the packages take to load. What a
process does before that is tried by real ones, in test_cli_process.py and wherever a test starts Python itself.
"""

import importlib
import json
import os
import pkgutil
import runpy
import subprocess
import sys
import tempfile
import traceback
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

Done = subprocess.CompletedProcess[str]

PYTEST = ("pytest", "-p", "no:cacheprovider", "-W", "ignore::pytest.PytestAssertRewriteWarning")
"""The module and its options: some of what it would rewrite is loaded already."""


class Parent:
    """A process that forks for each command; where there is no fork, each command starts Python.

    Parameters
    ----------
    python : str or Path
    folder : Path
        Where it starts.
    environment : dict
    """

    def __init__(self, python: str | Path, folder: Path, environment: dict[str, str]) -> None:
        self._python, self._environment, self._process = str(python), environment, None
        if hasattr(os, "fork"):
            command = [self._python, str(Path(__file__).resolve())]
            pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "encoding": "utf-8"}
            self._process = subprocess.Popen(command, cwd=folder, env=environment, **pipes)

    def run(self, *arguments: str, folder: Path) -> Done:
        """What ``python ARGUMENTS`` does: ``-m MODULE``, ``-c TEXT`` or a file, after ``-W error`` or not."""
        if self._process is None:
            options = {"capture_output": True, "encoding": "utf-8", "check": False}
            return subprocess.run([self._python, *arguments], cwd=folder, env=self._environment, **options)
        with tempfile.TemporaryDirectory() as name:
            files = [Path(name, stream) for stream in ("stdout", "stderr")]
            request = {"arguments": arguments, "folder": str(folder), "files": list(map(str, files))}
            print(json.dumps(request), file=self._process.stdin, flush=True)
            code = int(self._process.stdout.readline())
            return Done(arguments, code, *(file.read_text(encoding="utf-8") for file in files))

    def close(self) -> None:
        """End the process."""
        if self._process is None:
            return
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()


@contextmanager
def forking(python: str | Path, folder: Path, environment: dict[str, str]) -> Iterator[Parent]:
    """A `Parent`, ended afterwards."""
    parent = Parent(python, folder, environment)
    try:
        yield parent
    finally:
        parent.close()


def load() -> None:
    """Import the packages and load the compiled loops, but look up no family, claim or plug-in."""
    import numpy as np

    import catalog.app.commands
    import catalog.claims
    import catalog.families
    import dlr

    for package in (catalog.app.commands, catalog.claims, catalog.families):
        for module in pkgutil.iter_modules(package.__path__):
            importlib.import_module(f"{package.__name__}.{module.name}")
    for engine in ("compiled", "spectral"):
        dlr.solve(np.eye(2), 2, engine=engine)


def serve() -> None:
    """Fork for each line of stdin, and print the exit code of each."""
    sys.path.pop(0)  # this file's folder
    load()
    requests, codes = os.fdopen(os.dup(0)), os.fdopen(os.dup(1), "w")
    for line in requests:
        child = os.fork()
        if child == 0:
            obey(json.loads(line))
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), file=codes, flush=True)


def obey(request: dict[str, str]) -> None:
    """Run a command as Python would, and end the process."""
    code: object = 1
    try:
        os.chdir(request["folder"])
        for number, name in enumerate((os.devnull, *request["files"])):
            opened = os.open(name, os.O_RDWR | os.O_CREAT)
            os.dup2(opened, number)
            os.close(opened)
        code = execute(list(request["arguments"]))
    except SystemExit as stop:
        code = stop.code
    except BaseException:
        traceback.print_exc()
    finally:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        os._exit(code if isinstance(code, int) else int(code is not None))


def execute(arguments: list[str]) -> int:
    """Run ``-m MODULE``, ``-c TEXT`` or a file, after ``-W error`` or not."""
    if arguments[:2] == ["-W", "error"]:
        warnings.simplefilter("error")
        arguments = arguments[2:]
    if arguments[0] == "-m":
        sys.path.insert(0, os.getcwd())
        sys.argv = arguments[1:]
        runpy.run_module(arguments[1], run_name="__main__", alter_sys=True)
    elif arguments[0] == "-c":
        sys.path.insert(0, "")
        sys.argv = ["-c", *arguments[2:]]
        exec(arguments[1], {"__name__": "__main__"})
    else:
        sys.path.insert(0, str(Path(arguments[0]).parent))
        sys.argv = arguments
        runpy.run_path(arguments[0], run_name="__main__")
    return 0


if __name__ == "__main__":
    serve()
