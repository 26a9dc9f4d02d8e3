"""A clone of thirty commits with results as asv stores them: planted changes among noise, and nothing measured."""

import json
import random
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from statistics import median

COUNT = 30
FIRST = 1_790_000_000
DAY = 86_400
NOISE = 0.025
"""Relative standard deviation of the runs of a commit, all together; single samples spread as much again."""

ENVIRONMENT = "virtualenv-py3.13"
STEPS, FILL, PEAK = "speed.Steps.time_steps", "speed.Fill.time_fill", "speed.Steps.peakmem_steps"
ROTATION, REACHED, RATIO = (
    "iterations.Rotation.track_iterations",
    "iterations.Rotation.track_success",
    "bounds.P3.track_bound_ratio",
)
ENGINES = (["'compiled'", "'spectral'"], ["4", "16"])
RUNS = (["2", "8"], ["'gradient-descent'", "'penalized'"])


@dataclass(frozen=True)
class Planted:
    """A factor from the commit of this number on, counted from 1."""

    name: str
    number: int
    factor: float


PLANTED = (
    Planted(f"{STEPS}('compiled', 4)", 12, 1.1),
    Planted(f"{STEPS}('compiled', 16)", 20, 1.4),
    Planted(f"{STEPS}('spectral', 4)", 8, 3.0),
    Planted(f"{ROTATION}(2, 'gradient-descent')", 16, 1.5),
)

BENCHMARKS = {
    STEPS: ("time", "seconds", ["engine", "dimension"], ENGINES),
    FILL: ("time", "seconds", ["case"], ([str(case) for case in range(16)],)),
    PEAK: ("memory", "bytes", ["engine", "dimension"], ENGINES),
    ROTATION: ("track", "steps", ["depth", "algorithm"], RUNS),
    REACHED: ("track", "reached", ["depth", "algorithm"], RUNS),
    RATIO: ("track", "observed / proved", [], ()),
}

COLUMNS = ["result", "params", "version", "started_at", "duration", "stats_ci_99_a", "stats_ci_99_b"]
COLUMNS += ["stats_q_25", "stats_q_75", "stats_number", "stats_repeat"]


@dataclass(frozen=True)
class Clone:
    """The folder, and its commits' hashes, oldest first."""

    folder: Path
    hashes: list[str]
    planted: Sequence[Planted] = field(default=PLANTED)


def git(folder: Path, *arguments: str, stdin: str | None = None) -> str:
    done = subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True, text=True, input=stdin)
    return done.stdout


def write_commits(folder: Path, count: int = COUNT) -> list[str]:
    """Commits a day apart, the last of them HEAD."""
    git(folder, "init", "--quiet", "--initial-branch=main")
    stream = "".join(
        f"commit refs/heads/main\ncommitter A <a@example.com> {FIRST + DAY * number} +0000\n"
        f"data {len(subject)}\n{subject}\nM 644 inline file\ndata {len(str(number))}\n{number}\n"
        for number in range(1, count + 1)
        if (subject := f"Subject of commit {number} & <b>more</b>")
    )
    git(folder, "fast-import", "--quiet", stdin=stream)
    git(folder, "reset", "--quiet")
    return git(folder, "rev-list", "--reverse", "HEAD").split()


def value_of(name: str, values: tuple[str, ...]) -> float:
    """What a benchmark has before anything is planted."""
    if name == ROTATION:
        return 5000.0 if "'penalized'" in values else 14.0
    if name == REACHED:
        return float("'penalized'" not in values)
    return {STEPS: 0.002, FILL: 0.1, PEAK: 5e7, RATIO: 0.4}[name]


def write_results(
    folder: Path,
    hashes: Sequence[str],
    planted: Sequence[Planted] = PLANTED,
    *,
    seed: int = 1,
    noise: float = NOISE,
    machine: str = "reference",
    left_out: Callable[[int], bool] = lambda number: False,
) -> None:
    """Results of every commit that is not left out, by its number from 1."""
    from asv_runner.statistics import compute_stats

    drawn = random.Random(seed)
    results = folder / ".asv" / "results"
    (results / machine).mkdir(parents=True, exist_ok=True)
    about = {
        name: {
            "name": name,
            "type": kind,
            "unit": unit,
            "version": "1",
            "param_names": names,
            "params": list(params),
            "code": "",
            "timeout": 60.0,
        }
        for name, (kind, unit, names, params) in BENCHMARKS.items()
    }
    (results / "benchmarks.json").write_text(json.dumps({**about, "version": 2}), encoding="utf-8")
    host = {
        "machine": machine,
        "cpu": "Abacus",
        "os": "Linux 1.2",
        "arch": "x86_64",
        "num_cpu": "2",
        "ram": str(2**33),
    }
    (results / machine / "machine.json").write_text(json.dumps({**host, "version": 1}), encoding="utf-8")
    for number, commit in enumerate(hashes, start=1):
        rows = {}
        for name, (kind, _, _, params) in BENCHMARKS.items():
            values, stats = [], []
            for combination in product(*params):
                full = f"{name}({', '.join(combination)})" if combination else name
                value = value_of(name, combination)
                for change in planted:
                    value *= change.factor if change.name == full and number >= change.number else 1
                if kind == "time":
                    middle = value * (1 + drawn.gauss(0, noise))
                    samples = [middle * (1 + abs(drawn.gauss(0, noise))) for _ in range(10)]
                    stats.append(compute_stats(samples, 1)[1])
                    value = median(samples)
                elif kind == "memory":
                    value *= 1 + drawn.gauss(0, noise / 5)
                values.append(value)
            row = [values, list(params), "1", 1000 * (FIRST + DAY * number + 3600), 1.0]
            for key in ("ci_99_a", "ci_99_b", "q_25", "q_75", "number", "repeat") if stats else ():
                row.append([one[key] for one in stats])
            rows[name] = row
        content = {
            "commit_hash": commit,
            "env_name": ENVIRONMENT,
            "date": 1000 * (FIRST + DAY * number),
            "params": {**host, "python": "3.13", "numpy": "2.4.6"},
            "python": "3.13",
            "requirements": {"numpy": "2.4.6"},
            "env_vars": {},
            "result_columns": COLUMNS,
            "results": rows,
            "durations": {},
            "version": 2,
        }
        if not left_out(number):
            path = results / machine / f"{commit[:8]}-{ENVIRONMENT}.json"
            path.write_text(json.dumps(content), encoding="utf-8")


def write_clone(folder: Path, **options) -> Clone:
    """Commits and results, with this project's thresholds, in a folder that exists."""
    root = Path(__file__).parents[2]
    (folder / "asv.conf.json").write_text((root / "asv.conf.json").read_text(encoding="utf-8"), encoding="utf-8")
    hashes = write_commits(folder)
    write_results(folder, hashes, **options)
    return Clone(folder, hashes, options.get("planted", PLANTED))
