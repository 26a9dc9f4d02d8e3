"""Reads what asv stored, and the commits that it belongs to, into data that does not change any more."""

import json
import math
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from itertools import product
from pathlib import Path
from typing import Any, TypeAlias

from dlr import InputError

RESULTS = Path(".asv/results")

_Key: TypeAlias = tuple[str, tuple[str, ...]]
"""A benchmark with values of its parameters."""


@dataclass(frozen=True)
class Commit:
    """One commit of the history that leads to HEAD.

    Attributes
    ----------
    hash : str
    place : int
        Number of the commit, counted from the first.
    date : datetime
    subject : str
        First line of its message.
    """

    hash: str
    place: int
    date: datetime
    subject: str

    @property
    def short(self) -> str:
        """The hash as it is printed."""
        return self.hash[:8]

    def __str__(self) -> str:
        return f"{self.short} ({self.date:%Y-%m-%d}, {self.subject})"


@dataclass(frozen=True)
class Run:
    """One benchmark measured once, with one choice of parameters.

    Attributes
    ----------
    commit : Commit
    value : float
        In the benchmark's unit; NaN where it failed or does not apply.
    low, high : float
        Confidence interval of 99% that asv took from the samples; infinite where they are too few.
    stats : mapping
        All that asv stored of the samples; empty for a count.
    samples : tuple of float
        The samples, where they were kept.
    measured : datetime or None
        When the measurement began.
    """

    commit: Commit
    value: float
    low: float = -math.inf
    high: float = math.inf
    stats: Mapping[str, Any] = field(default_factory=dict)
    samples: tuple[float, ...] | None = None
    measured: datetime | None = None

    @property
    def failed(self) -> bool:
        """Whether there is no value."""
        return math.isnan(self.value)


@dataclass(frozen=True)
class Series:
    """All runs of one benchmark with one choice of parameters, on one machine with one set of versions.

    Attributes
    ----------
    benchmark : str
        Such as ``"speed.Batch.time_batch"``.
    parameters : tuple of (str, str)
        Names and values.
    unit : str
    kind : str
        As asv calls it: ``"time"``, ``"memory"`` or ``"track"``.
    runs : tuple of Run
        In the order of the commits, one for each; the benchmark is of one version in all.
    """

    benchmark: str
    parameters: tuple[tuple[str, str], ...]
    unit: str
    kind: str
    runs: tuple[Run, ...]

    @property
    def name(self) -> str:
        """As asv writes it: ``"speed.Batch.time_batch(8)"``."""
        values = ", ".join(value for _, value in self.parameters)
        return f"{self.benchmark}({values})" if values else self.benchmark

    @property
    def described(self) -> str:
        """With the names of the parameters: ``"speed.Batch.time_batch, dimension 8"``."""
        return ", ".join([self.benchmark, *(f"{name} {value.strip(chr(39))}" for name, value in self.parameters)])

    @property
    def counted(self) -> bool:
        """Whether the value is exact, so that measuring again gives it again."""
        return self.kind == "track"

    @property
    def higher_is_better(self) -> bool:
        """Whether the value is a rate, or says that something is reached."""
        return self.unit == "reached" or self.unit.endswith((" per second", "/second", "/s"))

    @cached_property
    def by_hash(self) -> dict[str, Run]:
        """The runs by commit."""
        return {run.commit.hash: run for run in self.runs}


@dataclass(frozen=True)
class Configuration:
    """One machine with one set of versions, and what was measured there.

    Attributes
    ----------
    machine, environment : str
        Names that asv gives them.
    facts : mapping of str to str
        Processor, system and versions.
    series : tuple of Series
    """

    machine: str
    environment: str
    facts: Mapping[str, str]
    series: tuple[Series, ...]

    @cached_property
    def commits(self) -> tuple[Commit, ...]:
        """Those with a result, oldest first."""
        found = {run.commit.place: run.commit for series in self.series for run in series.runs}
        return tuple(found[place] for place in sorted(found))

    @cached_property
    def measured(self) -> datetime | None:
        """When the newest commit's results were measured, as far as asv stored it."""
        runs = [series.by_hash.get(self.commits[-1].hash) for series in self.series]
        return max((run.measured for run in runs if run and run.measured), default=None)


@dataclass(frozen=True)
class History:
    """All that is known.

    Attributes
    ----------
    commits : tuple of Commit
        All that lead to HEAD, oldest first.
    configurations : tuple of Configuration
        Those with results; the one with most first.
    elsewhere : tuple of str
        Commits with results that do not lead to HEAD, which are left out.
    """

    commits: tuple[Commit, ...]
    configurations: tuple[Configuration, ...]
    elsewhere: tuple[str, ...] = ()

    def of_machine(self, machine: str) -> Configuration:
        """The configuration of a machine with the newest results.

        Raises
        ------
        InputError
            If there is none.
        """
        found = [one for one in self.configurations if one.machine == machine]
        if not found:
            names = ", ".join(sorted({one.machine for one in self.configurations})) or "no machine"
            raise InputError(f"machine must be one with results, {names}, got {machine!r}")
        return max(found, key=lambda one: (one.commits[-1].place, len(one.series)))


def read_commits(root: Path) -> tuple[Commit, ...]:
    """The commits that lead to HEAD, oldest first.

    Raises
    ------
    InputError
        If there is no git history.
    """
    form = "--format=%H%x00%ct%x00%s"
    command = ["git", "-C", str(root), "log", "--topo-order", "--reverse", form, "HEAD"]
    try:
        listed = subprocess.run(command, check=True, capture_output=True, encoding="utf-8").stdout
    except (OSError, subprocess.CalledProcessError):
        raise InputError(f"{root} has no git history: run from the root of a clone") from None
    rows = [line.split("\0") for line in listed.splitlines()]
    return tuple(
        Commit(hash_, place, datetime.fromtimestamp(int(seconds), UTC), subject)
        for place, (hash_, seconds, subject) in enumerate(rows, start=1)
    )


def read_history(root: Path) -> History:
    """Everything under ``.asv/results`` of a clone.

    A benchmark's runs of another version than the newest one on record are of another measurement, and left out.

    Raises
    ------
    InputError
        If there are no results or no commits.
    """
    from asv.results import iter_results
    from asv.util import UserError, load_json

    commits = read_commits(root)
    by_hash = {commit.hash: commit for commit in commits}
    try:
        benchmarks = load_json(str(root / RESULTS / "benchmarks.json"), api_version=2)
    except (OSError, UserError) as error:
        raise InputError(f"{RESULTS} has no benchmarks.json that can be read ({error}): measure first") from None
    found: dict[tuple[str, str], dict[_Key, list[Run]]] = {}
    facts: dict[tuple[str, str], dict[str, str]] = {}
    results = list(iter_results(str(root / RESULTS)))
    elsewhere = {result.commit_hash for result in results} - by_hash.keys()
    leading = [result for result in results if result.commit_hash in by_hash]
    for result in sorted(leading, key=lambda result: by_hash[result.commit_hash].place):
        key = result.params["machine"], result.env_name
        facts[key] = _facts(root, result)  # the newest stay
        for name in result.get_all_result_keys():
            benchmark = benchmarks.get(name)
            if benchmark is None or str(result.benchmark_version.get(name)) != str(benchmark["version"]):
                continue
            for values, run in _runs(result, name, by_hash[result.commit_hash]):
                found.setdefault(key, {}).setdefault((name, values), []).append(run)
    configurations = [Configuration(*key, facts[key], tuple(_series(benchmarks, rows))) for key, rows in found.items()]
    configurations.sort(key=lambda one: (-len(one.commits), one.machine, one.environment))
    return History(commits, tuple(configurations), tuple(sorted(elsewhere)))


def _runs(result: Any, name: str, commit: Commit) -> list[tuple[tuple[str, ...], Run]]:
    """Parameters and run, for each combination of them; what was not measured at all has none."""
    parameters = result.get_result_params(name)
    values, stats, samples = (
        get(name, parameters) for get in (result.get_result_value, result.get_result_stats, result.get_result_samples)
    )
    started = result.started_at.get(name)
    measured = None if started is None else datetime.fromtimestamp(started / 1000, UTC)
    combinations = list(product(*parameters))
    return [
        (combination, _run(commit, value, of_samples or {}, kept, measured))
        for combination, value, of_samples, kept in zip(
            combinations,
            values,
            stats,
            samples,
            strict=True,
        )
    ]


def _run(commit: Commit, value: float | None, stats: Mapping[str, Any], samples: Any, measured: datetime | None) -> Run:
    low, high = (stats.get(end) for end in ("ci_99_a", "ci_99_b"))
    return Run(
        commit,
        math.nan if value is None else float(value),
        -math.inf if low is None else low,
        math.inf if high is None else high,
        stats,
        None if samples is None else tuple(samples),
        measured,
    )


def _series(benchmarks: Mapping[str, Any], rows: Mapping[_Key, list[Run]]) -> list[Series]:
    """By name, and in the order in which a benchmark lists its parameters."""
    listed = {name: list(product(*benchmarks[name]["params"])) for name, _ in rows}
    made = []
    for name, values in sorted(rows, key=lambda key: (key[0], _place(listed[key[0]], key[1]))):
        about = benchmarks[name]
        parameters = tuple(zip(about["param_names"], values, strict=True))
        made.append(Series(name, parameters, about["unit"], about["type"], tuple(rows[name, values])))
    return made


def _place(listed: list[tuple[str, ...]], values: tuple[str, ...]) -> tuple[int, tuple[str, ...]]:
    return (listed.index(values) if values in listed else len(listed)), values


def _facts(root: Path, result: Any) -> dict[str, str]:
    """Processor, system and versions of one file of results."""
    path = root / RESULTS / result.params["machine"] / "machine.json"
    machine = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    machine |= result.params
    processors = f"{machine['num_cpu']} processors" if machine.get("num_cpu") else ""
    memory = f"{int(machine['ram']) / 2**30:.0f} GiB" if str(machine.get("ram", "")).isdigit() else ""
    named = {
        "processor": ", ".join(filter(None, (machine.get("cpu", ""), machine.get("arch", ""), processors, memory))),
        "system": machine.get("os", ""),
        "Python": machine.get("python", ""),
        **{name: machine.get(name.lower(), "") for name in ("NumPy", "SciPy", "Numba", "Hypothesis")},
    }
    return {name: value for name, value in named.items() if value and "/" not in value}  # a path to a Python
