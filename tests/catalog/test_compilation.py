"""The profile of a first run tells of each function that is compiled, and compiles the loops anew."""

import importlib
import re

import numpy as np
from numba.core.caching import NullCache

import dlr
from catalog.benchmarks import compilation
from dlr.kernels import cache
from dlr.kernels.settings import compiled, entry


def test_a_row_for_each_function_and_what_is_inside_it() -> None:
    @compiled
    def inner(x: float) -> float:
        return 2 * x

    @compiled
    def middle(x: float) -> float:
        return inner(x) - 1

    @entry
    def outer(x: float) -> float:
        return middle(x) + 1

    outer._cache = NullCache()
    compiler = importlib.import_module("numba.core.dispatcher")._FunctionCompiler
    compile_one = compiler._compile_core
    header, *rows, _, total = compilation.profile(lambda: outer(1.5)).splitlines()
    names, shares = zip(*(re.fullmatch(r"( *\w+) +([\d.]+% +[\d.]+%)", row).groups() for row in rows), strict=True)
    assert header.split() == ["all", "itself"]
    assert names == ("    inner", "  middle", "outer")
    (inner_all, inner_own), (middle_all, middle_own), (outer_all, outer_own) = (
        [float(x[:-1]) for x in share.split()] for share in shares
    )
    assert outer_all == 100
    assert inner_all == inner_own
    assert abs(middle_all - inner_all - middle_own) < 0.2
    assert abs(middle_all + outer_own - 100) < 0.2
    assert compiler._compile_core is compile_one
    assert re.fullmatch(r"[\d.]+ s of processor time", total)


def test_the_loops_are_compiled_in_a_folder_of_their_own(monkeypatch) -> None:
    kept, engines, found = list(cache.folders()), [], []

    def solve(target, depth, engine):
        np.testing.assert_array_equal(target, np.eye(len(target)))
        assert depth == 2
        engines.append((len(target), engine))
        found.extend(cache.folders())

    monkeypatch.setattr(dlr, "solve", solve)
    compilation.all_loops()
    assert engines == [(3, "compiled"), (2, "spectral"), (2, "compiled")]
    assert not {*found} & {*kept}
    assert not any(folder.exists() for folder in found)
    assert list(cache.folders()) == kept


def test_the_module_is_a_command(run_module) -> None:
    code, out, _ = run_module("catalog.benchmarks.compilation", "--help")
    assert (code, out.split()[:2]) == (0, ["usage:", "catalog.benchmarks.compilation"])


def test_the_table_is_printed(monkeypatch, capsys) -> None:
    monkeypatch.setattr(compilation, "profile", lambda compile_all: f"of {compile_all.__name__}")
    assert compilation.main([]) == 0
    assert capsys.readouterr().out == "of all_loops\n"
